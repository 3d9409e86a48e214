import { needs, requireArgument, requireThat } from "../ir/arguments/arguments.ts";
import { UsageError } from "../ir/errors.ts";
import { dot, type Vector } from "../numeric/vectors.ts";
import { type Curvature, type Dual, inCoordinates, type Metric, type Point, type Primal } from "./spaces.ts";

/** <g, v>: what the covector says of the displacement. The only canonical product: the same in all coordinates. */
export function pair<S>(g: Dual<S>, v: Primal<S>): number {
  return dot(...sameLength(g, v));
}

/** The point x + t v. */
export function move<S>(x: Point<S>, t: number, v: Primal<S>): Point<S> {
  return combined(x, t, v);
}

/** The displacement that leads from x to y. */
export function between<S>(x: Point<S>, y: Point<S>): Primal<S> {
  return combined<S, Primal<S>>(y, -1, x);
}

/** a + t b, of two displacements or of two covectors. */
export function plus<S>(a: Primal<S>, t: number, b: Primal<S>): Primal<S>;
export function plus<S>(a: Dual<S>, t: number, b: Dual<S>): Dual<S>;
export function plus<S>(a: Primal<S> | Dual<S>, t: number, b: Primal<S> | Dual<S>): Primal<S> | Dual<S> {
  return combined(a, t, b);
}

/** t a. */
export function times<S>(t: number, a: Primal<S>): Primal<S>;
export function times<S>(t: number, a: Dual<S>): Dual<S>;
export function times<S>(t: number, a: Primal<S> | Dual<S>): Primal<S> | Dual<S> {
  requireNumber("times", t);
  return inCoordinates(a).map((entry) => t * entry) as unknown as Primal<S>;
}

/** The metric of SGD: one rate for all coordinates. It is a choice: other units of a coordinate make another metric. */
export function rate<S>(eta: number): Metric<S> {
  requireNumber("rate", eta);
  return (g) => inCoordinates(g).map((entry) => eta * entry) as unknown as Primal<S>;
}

/** A rate for each coordinate, as in Adam's and Adagrad's steps. */
export function diagonal<S>(rates: ArrayLike<number>): Metric<S> {
  requireThat(Array.isArray(rates) || ArrayBuffer.isView(rates), "diagonal", "an array of rates", rates);
  return (g) => {
    const entries = inCoordinates(g);
    requireLength(entries.length, rates.length);
    return entries.map((entry, i) => rates[i]! * entry) as unknown as Primal<S>;
  };
}

/** sqrt(<g, M g>): how large a covector is to a metric. Only the sizes of displacements and covectors under a metric exist. */
export function dualNorm<S>(g: Dual<S>, metric: Metric<S>): number {
  requireArgument('"metric" of dualNorm', needs.callable, metric);
  return Math.sqrt(pair(g, metric(g)));
}

/** sqrt(<B v, v>): how long a displacement is to a curvature. */
export function primalNorm<S>(v: Primal<S>, curvature: Curvature<S>): number {
  requireArgument('"curvature" of primalNorm', needs.callable, curvature);
  return Math.sqrt(pair(curvature(v), v));
}

/** x + t y in coordinates; the callers' types say what kind it is. */
function combined<S, T>(x: Point<S> | Primal<S> | Dual<S>, t: number, y: Point<S> | Primal<S> | Dual<S>): T {
  requireNumber("a factor", t);
  const [a, b] = sameLength(x, y);
  return a.map((entry, i) => entry + t * b[i]!) as unknown as T;
}

function sameLength<S>(
  x: Point<S> | Primal<S> | Dual<S>,
  y: Point<S> | Primal<S> | Dual<S>,
): readonly [Vector, Vector] {
  const both = [inCoordinates(x), inCoordinates(y)] as const;
  requireLength(x.length, y.length);
  return both;
}

function requireNumber(what: string, value: unknown): void {
  requireThat(typeof value === "number", what, "a number", value);
}

function requireLength(needed: number, given: number): void {
  if (needed !== given) throw new UsageError(`both need one number of coordinates, got ${needed} and ${given}.`);
}
