import type { Combine, Guard } from "../../ir/contraction.ts";
import { operandType } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Apply, Buffer, Temporary, Value } from "../../lower/program/loops.ts";
import { dtypeOf } from "../../lower/program/values.ts";
import { mul, square } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { pow } from "../../ops/elementary/powers.ts";
import { arrayTypeOf } from "../signature.ts";
import type { Arithmetic, Term } from "./arithmetic.ts";
import type { Code } from "./encode.ts";
import type { PrimitiveFunctions } from "./functions.ts";
import { conditions } from "./operations.ts";

/** Where numbers come from: one at a time, or two. */
export interface Source {
  temporary(temporary: Temporary): Term;
  /** A whole number as a real. */
  integer(integer: Integer): Term;
  /** An element: a condition where the buffer holds conditions, else a real. */
  load(buffer: Buffer, address: Integer): Term;
  /** The value where the guards hold, else 0 or false; nothing is read elsewhere. */
  guarded(guards: readonly Guard[], value: () => Term, isCondition: boolean): Term;
  /** x where the condition holds, else y, when either is worth a branch. */
  branch(condition: Term, x: () => Term, y: () => Term, isCondition: boolean): Term;
  /** Whether a condition holds wherever this is computed; undefined, or absent, where that is open. */
  truth?(condition: Value): boolean | undefined;
}

/** Values as instructions. Conditions are i32 or masks, everything else is real. */
export class Values {
  readonly a: Arithmetic;
  private readonly source: Source;
  private readonly functions: PrimitiveFunctions;

  constructor(a: Arithmetic, source: Source, functions: PrimitiveFunctions) {
    this.a = a;
    this.source = source;
    this.functions = functions;
  }

  /** The value in its own type: a condition where its type is bool. */
  value(value: Value): Term {
    return dtypeOf(value) === "bool" ? this.condition(value) : this.real(value);
  }

  /** The value as a number: conditions become 1 and 0. */
  real(value: Value): Term {
    if (dtypeOf(value) === "bool") return this.a.choose(this.condition(value), this.a.constant(1), this.a.constant(0));
    switch (value.kind) {
      case "constant":
        return this.a.constant(value.value);
      case "integer":
        return this.source.integer(value.integer);
      case "temporary":
        return this.source.temporary(value);
      case "load":
        return this.source.load(value.buffer, value.address);
      case "guarded":
        return this.source.guarded(value.guards, () => this.real(value.value), false);
      case "apply":
        return this.apply(value);
    }
  }

  /** The value as a condition: numbers hold unless they are 0. */
  condition(value: Value): Term {
    if (dtypeOf(value) !== "bool") return this.isNotZero(this.real(value));
    switch (value.kind) {
      case "constant":
        return this.truth(value.value !== 0);
      case "temporary":
        return this.source.temporary(value);
      case "load":
        return this.source.load(value.buffer, value.address);
      case "guarded":
        return this.source.guarded(value.guards, () => this.condition(value.value), true);
      case "apply": {
        const { primitive, operands } = value;
        if (primitive === select.primitive) return this.choice(value);
        // arithmetic on conditions is arithmetic on 1 and 0
        if (!conditions.has(primitive)) return this.isNotZero(this.apply({ ...value, dtype: "int" }));
        return this.functions.apply(
          this.a,
          primitive,
          operands.map((operand, k) =>
            operandType(primitive, k) === "bool" ? this.condition(operand) : this.real(operand),
          ),
        );
      }
      default:
        throw new Error(`internal: a ${value.kind} is no condition`);
    }
  }

  /** A number combined with a value: where a product goes into a sum, in a way that may round both at once. */
  combineWith(how: Combine, target: Term, value: Value): Term {
    const { a } = this;
    const factors = how === "sum" ? factorsOf(value) : undefined;
    if (!factors) return this.combine(how, target, this.real(value));
    if (factors.length === 1) {
      const x = a.name(this.real(factors[0]!));
      return a.multiplyAdd(x, x, target);
    }
    const terms = factors.map((factor) => this.real(factor));
    const last = terms.pop()!;
    return a.multiplyAdd(
      terms.reduce((x, y) => a.mul(x, y)),
      last,
      target,
    );
  }

  /** The combination of two numbers, as a sum, a product, or the larger or smaller where a NaN, once in, stays. */
  combine(how: Combine, target: Term, value: Term): Term {
    const { a } = this;
    if (how === "sum") return a.add(target, value);
    if (how === "prod") return a.mul(target, value);
    const x = a.name(value);
    const wins = a.or(a.of(how === "max" ? "gt" : "lt", x, target), a.of("ne", x, x));
    return a.choose(wins, x, target);
  }

  private truth(holds: boolean): Term {
    const { a } = this;
    return () => {
      if (a.isWide) a.code.i64x2(holds ? -1n : 0n);
      else a.code.i32(holds ? 1 : 0);
    };
  }

  private isNotZero(x: Term): Term {
    return this.a.of("ne", x, this.a.constant(0));
  }

  private apply(value: Apply): Term {
    const { primitive, operands } = value;
    if (primitive === select.primitive) return this.choice(value);
    const given = operands.map((operand, k) =>
      operandType(primitive, k) === "bool" ? this.condition(operand) : this.real(operand),
    );
    const power = this.functions.usesHostMath ? undefined : wholePower(value);
    if (power !== undefined) return this.power(this.a.name(given[0]!), power);
    // what is no instruction is a function of named operands
    return this.functions.apply(
      this.a,
      primitive,
      this.functions.isFunction(primitive) ? given.map((x) => this.a.name(x)) : given,
    );
  }

  /** x^n as a product: n - 1 roundings at most. */
  private power(x: Term, n: number): Term {
    if (n === 1) return x;
    const half = this.a.name(this.power(x, Math.floor(n / 2)));
    const even = this.a.mul(half, half);
    return n % 2 === 0 ? even : this.a.mul(even, x);
  }

  private choice({ operands, dtype }: Apply): Term {
    const [condition, x, y] = operands as [Value, Value, Value];
    const isCondition = dtype === "bool";
    const side = (value: Value) => (isCondition ? this.condition(value) : this.real(value));
    const truth = this.source.truth?.(condition);
    if (truth !== undefined) return side(truth ? x : y);
    const holds = this.condition(condition);
    if (this.a.isWide || (isCheap(x) && isCheap(y))) return this.a.choose(holds, side(x), side(y));
    return this.source.branch(
      holds,
      () => side(x),
      () => side(y),
      isCondition,
    );
  }
}

/** The factors of a product; the only one of a square. */
function factorsOf(value: Value): readonly Value[] | undefined {
  if (value.kind !== "apply" || value.dtype === "bool") return undefined;
  const { primitive, operands } = value;
  const isProduct = primitive === mul.primitive && operands.length > 1;
  return isProduct || primitive === square.primitive ? operands : undefined;
}

/** The exponent of a small whole power. */
function wholePower({ primitive, operands: [, exponent] }: Apply): number | undefined {
  if (primitive !== pow.primitive || exponent?.kind !== "constant") return undefined;
  const n = exponent.value;
  return Number.isInteger(n) && n >= 2 && n <= largestPower ? n : undefined;
}

/** As a product, larger powers would lose more than 4 units in the last place. */
const largestPower = 8;

/** Operations that cost no more than a branch that may be predicted wrongly. */
const cheapest = 8;

function isCheap(value: Value): boolean {
  return costOf(value) <= cheapest;
}

function costOf(value: Value): number {
  if (value.kind === "apply")
    return value.operands.reduce((sum, operand) => sum + costOf(operand), value.primitive.cost);
  return value.kind === "guarded" ? costOf(value.value) + value.guards.length : 0;
}

/** How whole numbers, and addresses of elements, are written. */
interface Whole {
  readonly integer: (integer: Integer) => void;
  /** Returns what is still to be added. */
  readonly address: (buffer: Buffer, address: Integer) => number;
}

/** Writes the value of an integer variable as an i32. */
export function writeIndex(code: Code, value: Value, values: Values, { integer, address }: Whole): void {
  if (value.kind === "integer") {
    integer(value.integer);
    return;
  }
  if (value.kind === "load" && arrayTypeOf(value.buffer) === "Int32Array") {
    const offset = address(value.buffer, value.address);
    code.access("i32.load", { align: 2, offset });
    return;
  }
  const x = values.a.name(values.real(value));
  x();
  code.op("i32.trunc_sat_f64_s");
  code.i32(-(2 ** 31));
  x();
  x();
  code.op("f64.eq");
  code.op("select");
}
