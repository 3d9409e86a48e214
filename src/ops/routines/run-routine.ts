import type { Field } from "../../ir/field.ts";
import { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { Machine, type MachineArray, type Variable } from "./machine.ts";

/** Runs a routine at once, over the numbers of a field. */
export class FieldMachine<T> extends Machine<T> {
  private readonly field: Field<T>;

  constructor(field: Field<T>) {
    super();
    this.field = field;
  }

  number(value: number): T {
    return this.field.of(value);
  }
  whole(index: Integer): T {
    return this.field.of(index.value!);
  }
  index(value: T): Integer {
    return Integer.constant(this.field.real(value));
  }
  apply(primitive: Primitive, ...operands: T[]): T {
    return this.field.apply(primitive, operands);
  }
  name(value: T): T {
    return value;
  }
  variable(initial: T): Variable<T> {
    let now = initial;
    return {
      get: () => now,
      set: (value) => {
        now = value;
      },
      add: (value) => {
        now = this.field.add(now, value);
      },
    };
  }
  loop(from: Integer, to: Integer, body: (i: Integer) => void): void {
    for (let i = from.value!; i < to.value!; i++) body(Integer.constant(i));
  }
  descend(from: Integer, to: Integer, body: (i: Integer) => void): void {
    for (let i = to.value! - 1; i >= from.value!; i--) body(Integer.constant(i));
  }
  choose(condition: T, body: () => void, otherwise?: () => void): void {
    if (this.field.real(condition) !== 0) body();
    else otherwise?.();
  }
  repeat(condition: Variable<T>, body: () => void): void {
    while (this.field.real(condition.get()) !== 0) body();
  }
}

/** The part of row-major values that begins at `offset`, as an array of a machine. */
export function arrayAt<T>(values: T[], shape: readonly number[], offset: number): MachineArray<T> {
  const position = (index: readonly Integer[]) =>
    index.reduce((at, i, axis) => at * shape[axis]! + i.value!, 0) + offset;
  return {
    shape: shape.map((size) => Integer.constant(size)),
    read: (...index) => values[position(index)]!,
    write: (index, value) => {
      values[position(index)] = value;
    },
  };
}
