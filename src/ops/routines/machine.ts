import { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { add, div, mul, neg, sub } from "../elementary/algebra.ts";
import {
  and,
  greater,
  greaterEqual,
  isNaNReal,
  less,
  min,
  not,
  notEqual,
  or,
  select,
} from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";

/** An array that a routine reads or writes, one index per axis. */
export interface MachineArray<T> {
  readonly shape: readonly Integer[];
  read(...index: readonly Integer[]): T;
  /** Results and work arrays only. */
  write(index: readonly Integer[], value: T): void;
}

/** A number that changes while a routine runs. */
export interface Variable<T> {
  /** The number that it holds now. */
  get(): T;
  set(value: T): void;
  add(value: T): void;
}

/**
 * What a routine runs on. A routine is one algorithm with loops and choices, written once: over the numbers of a field
 * it computes (see run-routine.ts), over loops it writes the statements that every printer prints (src/lower/bodies/stage.ts).
 * Real parts decide choices; indices are symbolic, so that a loop's body may be run once for all its turns.
 */
export abstract class Machine<T> {
  abstract number(value: number): T;
  /** An index as a number. */
  abstract whole(index: Integer): T;
  /** A whole number as an index. */
  abstract index(value: T): Integer;
  abstract apply(primitive: Primitive, ...operands: T[]): T;
  /** The value under a name: for what is used more than once. */
  abstract name(value: T): T;
  abstract variable(initial: T): Variable<T>;
  /** For i from `from` to `to` - 1. */
  abstract loop(from: Integer, to: Integer, body: (i: Integer) => void): void;
  /** For i from `to` - 1 down to `from`. */
  abstract descend(from: Integer, to: Integer, body: (i: Integer) => void): void;
  abstract choose(condition: T, body: () => void, otherwise?: () => void): void;
  /** While the variable, a condition, holds. */
  abstract repeat(condition: Variable<T>, body: () => void): void;

  /** The sum of the terms for i from `from` to `to` - 1. */
  sum(from: Integer, to: Integer, term: (i: Integer) => T): T {
    const total = this.variable(this.number(0));
    this.loop(from, to, (i) => total.add(term(i)));
    return total.get();
  }
  /**
   * As `loop`, with a few rounds at a time where that is faster: `body` gets their numbers, in order. What rounds have in common
   * is then loaded once, and what one of them waits for the others use.
   */
  inGroups(from: Integer, to: Integer, body: (group: readonly Integer[]) => void): void {
    this.loop(from, to, (i) => body([i]));
  }
  /** For i from 0 to `extent` - 1. */
  each(extent: Integer, body: (i: Integer) => void): void {
    this.loop(Integer.zero, extent, body);
  }

  add(x: T, y: T): T {
    return this.apply(add.primitive, x, y);
  }
  sub(x: T, y: T): T {
    return this.apply(sub.primitive, x, y);
  }
  mul(x: T, y: T): T {
    return this.apply(mul.primitive, x, y);
  }
  div(x: T, y: T): T {
    return this.apply(div.primitive, x, y);
  }
  neg(x: T): T {
    return this.apply(neg.primitive, x);
  }
  sqrt(x: T): T {
    return this.apply(sqrt.primitive, x);
  }
  log(x: T): T {
    return this.apply(log.primitive, x);
  }
  abs(x: T): T {
    return this.apply(abs.primitive, x);
  }
  smaller(x: T, y: T): T {
    return this.apply(min.primitive, x, y);
  }
  select(condition: T, yes: T, no: T): T {
    return this.apply(select.primitive, condition, yes, no);
  }
  less(x: T, y: T): T {
    return this.apply(less.primitive, x, y);
  }
  greater(x: T, y: T): T {
    return this.apply(greater.primitive, x, y);
  }
  atLeast(x: T, y: T): T {
    return this.apply(greaterEqual.primitive, x, y);
  }
  differs(x: T, y: T): T {
    return this.apply(notEqual.primitive, x, y);
  }
  isNaN(x: T): T {
    return this.apply(isNaNReal.primitive, x);
  }
  and(x: T, y: T): T {
    return this.apply(and.primitive, x, y);
  }
  or(x: T, y: T): T {
    return this.apply(or.primitive, x, y);
  }
  not(x: T): T {
    return this.apply(not.primitive, x);
  }
}

/** The arrays of one run: one matrix or vector each, whatever batch it belongs to. */
export interface Arrays<T> {
  readonly operands: readonly MachineArray<T>[];
  readonly results: readonly MachineArray<T>[];
  readonly work: readonly MachineArray<T>[];
}
