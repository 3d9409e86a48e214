import type { Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { ValueType } from "../../ir/operation.ts";
import type { DType, Primitive } from "../../ir/primitive.ts";
import { Machine, type MachineArray, type Variable } from "../../ops/routines/machine.ts";
import { type RoutineRecord, ranksOf } from "../../ops/routines/routine.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import type { Buffer, Temporary, Value } from "../program/loops.ts";
import { dtypeOf } from "../program/values.ts";
import { emitForAll, emitLet, type KernelContext, type KernelEmitter } from "./kernels.ts";

/** The loops of a routine: its algorithm, run once on what writes statements. */
export function emitRoutine(record: RoutineRecord): KernelEmitter {
  return (context) => {
    const { builder, call } = context;
    const { operation, operands } = call;
    const leading = operands[0]!.shape.length - ranksOf(record, operation.parameters)[0]!;
    const batch = operands[0]!.shape.slice(0, leading);
    const inner = operation.operands.map(({ dtype, shape }) => ({ dtype, shape: shape.slice(leading) }));
    const work = (record.work?.(inner) ?? []).map((type) => ({ type, buffer: context.work(type) }));
    emitForAll(builder, batch, (element) => {
      const machine = new LoopMachine(builder);
      const arrays = {
        operands: inner.map((type, k) => operandArray(context, k, type, element)),
        results: operation.results.map(({ shape }, k) => bufferArray(builder, context.result(k), shape, element)),
        work: work.map(({ type, buffer }) => bufferArray(builder, buffer, type.shape, [])),
      };
      record.program(machine, arrays, operation.parameters);
    });
  };
}

function operandArray(
  { builder, operand }: KernelContext,
  position: number,
  { shape }: ValueType,
  element: readonly Integer[],
): MachineArray<Value> {
  return {
    shape,
    read: (...index) => emitLet(builder, operand(position, [...element, ...index])),
    write: () => {
      throw new Error("internal: a routine writes to an operand");
    },
  };
}

function bufferArray(
  builder: LoopBuilder,
  buffer: Buffer,
  shape: Shape,
  element: readonly Integer[],
): MachineArray<Value> {
  const address = (index: readonly Integer[]) => builder.address([...element, ...index], shape);
  return {
    shape: shape.slice(element.length),
    // read at once: later statements may write there
    read: (...index) => emitLet(builder, { kind: "load", buffer, address: address(index) }),
    write: (index, value) => builder.emit({ kind: "store", buffer, address: address(index), value }),
  };
}

/** A variable of the loops. */
class LoopVariable implements Variable<Value> {
  readonly temporary: Temporary;
  private readonly builder: LoopBuilder;

  constructor(builder: LoopBuilder, initial: Value) {
    this.builder = builder;
    this.temporary = builder.temporary(dtypeOf(initial));
    builder.emit({ kind: "start", temporary: this.temporary, value: initial });
  }

  /** A copy: the variable may have changed where the number is used. */
  get(): Value {
    const copy = this.builder.temporary(this.temporary.dtype);
    this.builder.emit({ kind: "let", temporary: copy, value: this.temporary });
    return copy;
  }
  set(value: Value): void {
    this.builder.emit({ kind: "assign", temporary: this.temporary, value });
  }
  add(value: Value): void {
    this.builder.emit({ kind: "combine", temporary: this.temporary, combine: "sum", value });
  }
}

/** Rounds of a loop that are written together: as many sums as hide the latency of an addition. */
const groupSize = 4;

/** Writes what a routine does as statements: each body once, for all turns of its loop. */
class LoopMachine extends Machine<Value> {
  private readonly builder: LoopBuilder;

  constructor(builder: LoopBuilder) {
    super();
    this.builder = builder;
  }

  number(value: number): Value {
    return { kind: "constant", value, dtype: "real" };
  }
  whole(integer: Integer): Value {
    return { kind: "integer", integer };
  }
  index(value: Value): Integer {
    return this.builder.index(value);
  }
  apply(primitive: Primitive, ...operands: Value[]): Value {
    return { kind: "apply", primitive, operands, dtype: resultType(primitive, operands) };
  }
  name(value: Value): Value {
    return emitLet(this.builder, value);
  }
  variable(initial: Value): Variable<Value> {
    return new LoopVariable(this.builder, initial);
  }

  loop(from: Integer, to: Integer, body: (i: Integer) => void): void {
    const turns = to.minus(from).value;
    if (turns === 1) body(from);
    else if (turns === undefined || turns > 1) this.emitLoop(from, to, false, body);
  }

  descend(from: Integer, to: Integer, body: (i: Integer) => void): void {
    const turns = to.minus(from).value;
    if (turns === 1) body(from);
    else if (turns === undefined || turns > 1) this.emitLoop(from, to, true, body);
  }

  override inGroups(from: Integer, to: Integer, body: (group: readonly Integer[]) => void): void {
    const { builder } = this;
    if ((to.value ?? groupSize * 2) < groupSize * 2) {
      super.inGroups(from, to, body);
      return;
    }
    const first = builder.fixed(from);
    const middle = builder.fixed(first.plus(to.minus(first).floorDiv(groupSize).times(groupSize)));
    const group = (i: Integer) => body(Array.from({ length: groupSize }, (_, k) => i.plus(k)));
    this.emitLoop(first, middle, false, group, groupSize);
    super.inGroups(middle, to, body);
  }

  private emitLoop(from: Integer, to: Integer, descending: boolean, body: (i: Integer) => void, step = 1): void {
    const { builder } = this;
    const variable = builder.openLoop(from.value === 0 ? to : undefined);
    body(Integer.iterator(variable));
    const statements = builder.close();
    builder.emit({ kind: "for", variable, from: [from], to: [to], step, descending, body: statements });
  }

  choose(condition: Value, body: () => void, otherwise?: () => void): void {
    const { builder } = this;
    const block = (write: (() => void) | undefined) => {
      builder.openCondition();
      write?.();
      return builder.close();
    };
    builder.emit({ kind: "if", condition, body: block(body), otherwise: block(otherwise) });
  }

  repeat(condition: Variable<Value>, body: () => void): void {
    const { builder } = this;
    const { temporary } = condition as LoopVariable;
    builder.openCondition();
    body();
    const statements = builder.close();
    builder.emit({ kind: "while", condition: temporary, body: statements });
  }
}

function resultType({ result = "real" }: Primitive, operands: readonly Value[]): DType {
  if (result !== "same") return result;
  return operands.every((operand) => dtypeOf(operand) === "int") ? "int" : "real";
}
