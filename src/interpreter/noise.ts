import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { add, div, mul, square, sub } from "../ops/elementary/algebra.ts";
import { primitivesOf } from "../ops/maps.ts";
import { type Bindings, interpret } from "./interpret.ts";

/** By what part numbers are moved: far more than by rounding, and far less than by 1. */
const amplitude = 2 ** -40;
/** So many roundings a result may be off by, and so many times what it changes by when the numbers given are rounded. */
const [mostRoundings, mostOfGiven] = [1024, 8];

/** Whole numbers of 32 bits and either sign, one after the other, for errors at random (Numerical Recipes' quick generator). */
export function wholeNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state;
  };
}

/** Parts to move numbers by, of either sign and none of them nearly 0. */
function noise(seed: number): () => number {
  const next = wholeNumbers(seed);
  return () => {
    const whole = next();
    return amplitude * (whole / 2 ** 32 + (whole < 0 ? -0.5 : 0.5));
  };
}

/** Numbers below have fewer digits than others, or are about to. */
const leastNormal = 1e-300;
const products = primitivesOf(mul, div, square);

/** True of a result that has overflown or vanished, of numbers that have not. */
function isBeyond(value: number, primitive: Primitive | undefined, operands: readonly number[]): boolean {
  const size = Math.abs(value);
  // a difference may be 0, and so may a comparison
  const hasVanished = value !== 0 || !primitive || products.has(primitive) || primitive.cost > 1;
  const isTiny = size < leastNormal && hasVanished && !operands.includes(0);
  return (isTiny || size === Number.POSITIVE_INFINITY) && operands.every(Number.isFinite);
}

/** True of what gives operands as they are, now and then. */
const isPlain = (primitive: Primitive | undefined) =>
  !primitive || (primitive.cost <= 1 && primitive !== sub.primitive);

/** Numbers of which every rounded result is moved by some part. */
class NoisyField implements Field<number> {
  readonly name = "noisy";
  readonly of = (value: number) => value;
  readonly real = (x: number) => x;
  /** True once something on the way was too large or too small to have its digits. */
  hasLeft = false;
  private readonly next: () => number;

  constructor(next: () => number) {
    this.next = next;
  }

  add = (x: number, y: number) => this.moved(x + y);
  mul = (x: number, y: number) => this.apply(undefined, [x, y], x * y);

  apply(primitive: Primitive | undefined, operands: readonly number[], given?: number): number {
    if (primitive === add.primitive) return operands.reduce(this.add);
    const value = given ?? Number(primitive!.real(...operands));
    if (isBeyond(value, primitive, operands)) this.hasLeft = true;
    // a choice, or a product with 1, has not been rounded
    const isKept = isPlain(primitive) && operands.some((each) => Math.abs(each) === Math.abs(value));
    return isKept ? value : this.moved(value);
  }

  private moved(value: number): number {
    return value + value * this.next();
  }
}

/**
 * Which roots have lost digits at a point: they change more when results on the way to them are rounded than the numbers given let
 * them, found by random errors (Vignes, A stochastic arithmetic for reliable scientific computation, 1993); all may, where one overflows
 * or vanishes.
 */
export function lostAt(roots: readonly Expr[], { sizes, values }: Bindings<number>): boolean[] {
  const run = (next: () => number, given = values, field = new NoisyField(next)) =>
    interpret(roots, { sizes, values: given }, field).map(([value]) => value!);
  const still = () => 0;
  const plain = new NoisyField(still);
  const found = run(still, values, plain);
  if (plain.hasLeft) return found.map(() => true);
  const farthest = (runs: readonly number[][]) =>
    found.map((value, k) => Math.max(...runs.map((other) => Math.abs(other[k]! - value))));
  const own = farthest([1, 2, 3].map((seed) => run(noise(seed))));
  const isOff = own.map((change, k) => !(change <= mostRoundings * amplitude * Math.abs(found[k]!)));
  if (!isOff.includes(true)) return isOff;
  const ofGiven = farthest(
    [4, 5].map((seed) => {
      const next = noise(seed);
      return run(still, new Map([...values].map(([leaf, all]) => [leaf, all.map((x) => x + x * next())] as const)));
    }),
  );
  return isOff.map((is, k) => is && !(own[k]! <= mostOfGiven * ofGiven[k]!));
}
