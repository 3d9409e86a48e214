import { UsageError } from "../../ir/errors.ts";
import type { Vector } from "../../numeric/vectors.ts";

/** lower <= x <= upper in every coordinate; infinities are no bounds. */
export interface Box {
  readonly lower: Vector;
  readonly upper: Vector;
}

const free = Number.POSITIVE_INFINITY;

/** The box of two lists of n bounds; an empty list is none at all. Throws UsageError. */
export function boxOf(lower: ArrayLike<number>, upper: ArrayLike<number>, n: number): Box {
  const read = (name: string, given: ArrayLike<number>, none: number) => {
    if (given.length !== 0 && given.length !== n) {
      throw new UsageError(
        `${name} needs a bound for ${n === 1 ? "the parameter" : `each of the ${n} parameters`}, got ${given.length}.`,
      );
    }
    return given.length === 0 ? new Float64Array(n).fill(none) : Float64Array.from(given);
  };
  const box = {
    lower: read("lower", lower, -free),
    upper: read("upper", upper, free),
  };
  for (let i = 0; i < n; i++) {
    if (box.lower[i]! <= box.upper[i]! && box.lower[i]! < free && box.upper[i]! > -free) continue;
    throw new UsageError(`no number lies between the bounds ${box.lower[i]} and ${box.upper[i]} of parameter ${i}.`);
  }
  return box;
}

/** The nearest point of the box, in place. */
export function confine(x: Vector, { lower, upper }: Box): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(Math.max(x[i]!, lower[i]!), upper[i]!);
}

/** The norm of P(x - g) - x, P the projection to the box: 0 exactly where no bounded move lowers the loss. */
export function projectedNorm(x: Vector, g: Vector, { lower, upper }: Box): number {
  let sum = 0;
  let scale = 0;
  for (let i = 0; i < x.length; i++) {
    const wanted = x[i]! - g[i]!;
    // inside the box the difference is g itself, without the rounding of x - g
    const part = wanted < lower[i]! ? lower[i]! - x[i]! : wanted > upper[i]! ? upper[i]! - x[i]! : g[i]!;
    const size = Math.abs(part);
    if (Number.isNaN(size)) return size;
    if (size === 0) continue;
    if (size > scale) {
      sum = 1 + sum * (scale / size) ** 2;
      scale = size;
    } else {
      sum += (size / scale) ** 2;
    }
  }
  return Number.isFinite(scale) ? scale * Math.sqrt(sum) : scale;
}
