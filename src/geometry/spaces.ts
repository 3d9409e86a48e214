import { needs, requireArgument, requireThat } from "../ir/arguments/arguments.ts";
import { counted } from "../ir/counted.ts";
import { UsageError } from "../ir/errors.ts";
import type { Vector } from "../numeric/vectors.ts";

declare const kind: unique symbol;
declare const tag: unique symbol;

/**
 * Coordinates of something in the space `S`. The tag is invariant: two spaces are never one, and the three kinds are
 * three types, so that a covector cannot stand where a displacement is needed. At run time all are Float64Arrays.
 */
interface Coordinates<Kind extends "point" | "primal" | "dual", in out S> {
  readonly [kind]: Kind;
  readonly [tag]: (space: S) => S;
  readonly length: number;
}

/** A place: parameters of a model. Places are not added; their difference is a primal vector. */
export type Point<S> = Coordinates<"point", S>;
/** A displacement: what a place is moved by. */
export type Primal<S> = Coordinates<"primal", S>;
/** A covector: a linear function of displacements. Differentials of losses are covectors. */
export type Dual<S> = Coordinates<"dual", S>;

/** What turns covectors into displacements: a rate, the diagonal of Adam, the inverse Hessian. No metric is canonical. */
export type Metric<S> = (g: Dual<S>) => Primal<S>;
/** What turns displacements into covectors: the Hessian. */
export type Curvature<S> = (v: Primal<S>) => Dual<S>;

/** The space of the parameters of one model, n coordinates long; makes its points and vectors from numbers. */
export interface Space<S> {
  readonly name: S;
  readonly dimension: number;
  point(coordinates: ArrayLike<number>): Point<S>;
  primal(coordinates: ArrayLike<number>): Primal<S>;
  dual(coordinates: ArrayLike<number>): Dual<S>;
}

/** `const theta = space("theta", 3)`. Two spaces of different names never mix. Throws UsageError for wrong lengths. */
export function space<const S extends string>(name: S, dimension: number): Space<S> {
  requireArgument("the name of a space", needs.text, name);
  const isDimension = Number.isSafeInteger(dimension) && dimension >= 0;
  requireThat(isDimension, "the dimension of a space", "a whole number of at least 0", dimension);
  const take = <T>(coordinates: ArrayLike<number>): T => {
    requireThat(
      Array.isArray(coordinates) || ArrayBuffer.isView(coordinates),
      `the space "${name}"`,
      "an array of coordinates",
      coordinates,
    );
    if (coordinates.length !== dimension) {
      throw new UsageError(`the space "${name}" has ${counted(dimension, "coordinate")}, got ${coordinates.length}.`);
    }
    return Float64Array.from(coordinates) as unknown as T;
  };
  return { name, dimension, point: take, primal: take, dual: take };
}

/**
 * The escape: the bare coordinates, not a copy. What is computed from them depends on the choice of coordinates and
 * units, as Adam's squares of a gradient do; the name says so where it is read.
 */
export function inCoordinates<S>(x: Point<S> | Primal<S> | Dual<S>): Vector {
  requireThat(x instanceof Float64Array, "inCoordinates", "a point or a vector of a space", x);
  return x as unknown as Vector;
}
