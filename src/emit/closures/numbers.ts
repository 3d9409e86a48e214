import type { Combine } from "../../ir/contraction.ts";
import type { Apply, Buffer, Load, Program, Value } from "../../lower/program/loops.ts";
import { add, div, mul, neg, sub } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { hasSecond, type PairField } from "../pairs/arrays.ts";
import type { Signature } from "../signature.ts";
import type { Thunk } from "./integers.ts";
import { type Cell, type Run, StatementClosures } from "./statements.ts";

type Operands<T> = readonly [Thunk<T>, Thunk<T>, Thunk<T>];

/** Primitives that closures compute themselves; of a choice only the side taken. */
const inline = byPrimitive<(...operands: Operands<number>) => Thunk<number>>([
  [add, (x, y) => () => x() + y()],
  [sub, (x, y) => () => x() - y()],
  [mul, (x, y) => () => x() * y()],
  [div, (x, y) => () => x() / y()],
  [neg, (x) => () => -x()],
  [select, (c, x, y) => () => (c() !== 0 ? x() : y())],
]);

type OfSlots = (t: Float64Array, i: number, j: number) => Thunk<number>;
type OfSlotAndValue = (t: Float64Array, i: number, y: Thunk<number>) => Thunk<number>;

/** The same where operands are temporaries or constants, without a call for each. */
const ofSlots = byPrimitive<readonly [both: OfSlots, first: OfSlotAndValue, second: OfSlotAndValue]>([
  [add, [(t, i, j) => () => t[i]! + t[j]!, (t, i, y) => () => t[i]! + y(), (t, j, x) => () => x() + t[j]!]],
  [sub, [(t, i, j) => () => t[i]! - t[j]!, (t, i, y) => () => t[i]! - y(), (t, j, x) => () => x() - t[j]!]],
  [mul, [(t, i, j) => () => t[i]! * t[j]!, (t, i, y) => () => t[i]! * y(), (t, j, x) => () => x() * t[j]!]],
]);

/** Real numbers: plain doubles, nothing allocated by a call. */
export class RealClosures extends StatementClosures<number> {
  protected readonly temporaries: Float64Array;
  private constantsPlaced = 0;

  constructor(program: Program, signature: Signature, sizes: readonly number[], bound: readonly Cell[]) {
    super(program, signature, sizes, bound);
    this.temporaries = new Float64Array(this.temporaryCount + this.constantCount);
  }

  /** The slot of an operand that needs no computing: a temporary, or a constant behind them. */
  private slotOf(value: Value): number | undefined {
    if (value.kind === "temporary") return value.id;
    if (value.kind !== "constant") return undefined;
    const slot = this.temporaryCount + this.constantsPlaced++;
    this.temporaries[slot] = value.value;
    return slot;
  }

  protected readonly merge: Readonly<Record<Combine, (x: number, y: number) => number>> = {
    sum: (x, y) => x + y,
    prod: (x, y) => x * y,
    max: (x, y) => Math.max(x, y),
    min: (x, y) => Math.min(x, y),
  };

  protected real(x: number): number {
    return x;
  }

  protected value(value: Value): Thunk<number> {
    switch (value.kind) {
      case "constant": {
        const number = value.value;
        return () => number;
      }
      case "integer":
        return this.integers.thunk(value.integer);
      case "temporary": {
        const { temporaries } = this;
        const { id } = value;
        return () => temporaries[id]!;
      }
      case "load":
        return this.element(value.buffer, value.address);
      case "guarded": {
        const holds = this.integers.guards(value.guards);
        const inner = this.value(value.value);
        return () => (holds() ? inner() : 0);
      }
      case "apply":
        return this.apply(value);
    }
  }

  private apply(value: Apply): Thunk<number> {
    const { primitive } = value;
    const operands = value.operands.map((operand) => this.value(operand));
    const [x, y, w] = operands as unknown as Operands<number>;
    const direct = operands.length === 2 ? this.applyToSlots(value, x, y) : undefined;
    if (direct) return direct;
    const own = inline.get(primitive);
    if (own && operands.length <= 3 && !(operands.length === 3 && primitive === add.primitive)) return own(x, y, w);
    if (primitive === add.primitive) {
      return () => {
        let sum = operands[0]!();
        for (let k = 1; k < operands.length; k++) sum += operands[k]!();
        return sum;
      };
    }
    const f = primitive.real;
    if (operands.length === 1) return () => f(x());
    if (operands.length === 2) return () => f(x(), y());
    if (operands.length === 3) return () => f(x(), y(), w());
    const values = new Array<number>(operands.length).fill(0);
    return () => {
      for (let k = 0; k < operands.length; k++) values[k] = operands[k]!();
      return f(...values);
    };
  }

  private applyToSlots({ primitive, operands }: Apply, x: Thunk<number>, y: Thunk<number>): Thunk<number> | undefined {
    const forms = ofSlots.get(primitive);
    if (!forms) return undefined;
    const [i, j] = operands.map((operand) => this.slotOf(operand));
    const { temporaries } = this;
    if (i !== undefined && j !== undefined) return forms[0](temporaries, i, j);
    if (i !== undefined) return forms[1](temporaries, i, y);
    return j === undefined ? undefined : forms[2](temporaries, j, x);
  }

  /** An element; most addresses are linear in one or two variables. */
  private element(buffer: Buffer, address: Load["address"]): Thunk<number> {
    const { cell, offset } = this.place(buffer);
    const { slots } = this.integers;
    const linear = this.integers.linear(address, offset);
    if (linear && linear.variables.length < 3) {
      const { constant } = linear;
      const [a, b] = linear.coefficients as [number, number];
      const [i, j] = linear.variables as [number, number];
      if (linear.variables.length === 0) return () => cell.first[constant]!;
      if (linear.variables.length === 1) return () => cell.first[constant + a * slots[i]!]!;
      return () => cell.first[constant + a * slots[i]! + b * slots[j]!]!;
    }
    return this.load(buffer, this.integers.thunk(address, offset));
  }

  protected load(buffer: Buffer, at: Thunk<number>): Thunk<number> {
    const { cell } = this.place(buffer);
    return () => cell.first[at()]!;
  }

  protected store(buffer: Buffer, at: Thunk<number>, value: Thunk<number>): Run {
    const { cell } = this.place(buffer);
    if (buffer.dtype === "bool") {
      return () => {
        cell.first[at()] = value() ? 1 : 0;
      };
    }
    return () => {
      cell.first[at()] = value();
    };
  }

  protected override combine(id: number, how: Combine, value: Thunk<number>): Run {
    if (how !== "sum") return super.combine(id, how, value);
    const { temporaries } = this;
    return () => {
      temporaries[id]! += value();
    };
  }

  protected fill(buffer: Buffer, value: number, length: number): Run {
    const { cell, offset } = this.place(buffer);
    return () => {
      cell.first.fill(value, offset, offset + length);
    };
  }
}

/** Numbers of any field of pairs, one object each. */
export class PairClosures<T> extends StatementClosures<T> {
  private readonly pairs: PairField<T>;
  protected readonly temporaries: T[];
  protected readonly merge: Readonly<Record<Combine, (x: T, y: T) => T>>;

  constructor(
    pairs: PairField<T>,
    program: Program,
    signature: Signature,
    sizes: readonly number[],
    bound: readonly Cell[],
  ) {
    super(program, signature, sizes, bound);
    const { field } = pairs;
    this.pairs = pairs;
    this.temporaries = new Array<T>(this.temporaryCount).fill(field.of(0));
    const isNaNReal = (x: T) => Number.isNaN(field.real(x));
    this.merge = {
      sum: (x, y) => field.add(x, y),
      prod: (x, y) => field.apply(mul.primitive, [x, y]),
      max: (x, y) => (field.real(y) > field.real(x) || isNaNReal(y) ? y : x),
      min: (x, y) => (field.real(y) < field.real(x) || isNaNReal(y) ? y : x),
    };
  }

  protected real(x: T): number {
    return this.pairs.field.real(x);
  }

  protected value(value: Value): Thunk<T> {
    const { field } = this.pairs;
    switch (value.kind) {
      case "constant": {
        const number = field.of(value.value);
        return () => number;
      }
      case "integer": {
        const integer = this.integers.thunk(value.integer);
        return () => field.of(integer());
      }
      case "temporary": {
        const { temporaries } = this;
        const { id } = value;
        return () => temporaries[id]!;
      }
      case "load":
        return this.load(value.buffer, this.integers.thunk(value.address, this.place(value.buffer).offset));
      case "guarded": {
        const holds = this.integers.guards(value.guards);
        const inner = this.value(value.value);
        const zero = field.of(0);
        return () => (holds() ? inner() : zero);
      }
      case "apply": {
        const { primitive } = value;
        const operands = value.operands.map((operand) => this.value(operand));
        const [c, x, y] = operands as unknown as Operands<T>;
        if (primitive === select.primitive) return () => (field.real(c()) !== 0 ? x() : y());
        return () =>
          field.apply(
            primitive,
            operands.map((operand) => operand()),
          );
      }
    }
  }

  protected load(buffer: Buffer, at: Thunk<number>): Thunk<T> {
    const { pairs } = this;
    const { cell } = this.place(buffer);
    if (!hasSecond(buffer)) return () => pairs.field.of(cell.first[at()]!);
    return () => {
      const i = at();
      return pairs.of(cell.first[i]!, cell.second[i]!);
    };
  }

  protected store(buffer: Buffer, at: Thunk<number>, value: Thunk<T>): Run {
    const { field, second } = this.pairs;
    const { cell } = this.place(buffer);
    const isPair = hasSecond(buffer);
    const isCondition = buffer.dtype === "bool";
    return () => {
      const i = at();
      const x = value();
      const first = field.real(x);
      cell.first[i] = isCondition && first ? 1 : first;
      if (isPair) cell.second[i] = second(x);
    };
  }

  protected fill(buffer: Buffer, value: number, length: number): Run {
    const { cell, offset } = this.place(buffer);
    return () => {
      cell.first.fill(value, offset, offset + length);
      if (hasSecond(buffer)) cell.second.fill(0, offset, offset + length);
    };
  }
}
