import type { Primitive } from "../../ir/primitive.ts";
import type { Operation } from "../../ops/define.ts";
import { exp, expm1, log, log1p } from "../../ops/elementary/exponential.ts";
import { atanh, cosh, sech2, sinh, tanh } from "../../ops/elementary/hyperbolic.ts";
import { cbrt, rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { acos, asin, cos, sin, tan } from "../../ops/elementary/trigonometric.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { sigmoid, softplus } from "../../ops/special/activation.ts";
import { gaussian } from "../../ops/special/gaussian.ts";
import type { Coefficients, PowerSeriesRing } from "./power-series.ts";

/** A function of a power series u. */
type Composition = (ring: PowerSeriesRing, u: Coefficients) => Coefficients;
type Row = readonly [Operation, Composition];

const valueAt = ({ primitive }: Operation, u: Coefficients) => Number(primitive.real(u[0] ?? 0));

/** A function by its slope in u. */
const bySlope = (f: Operation, slope: Composition): Row => [
  f,
  (ring, u) => ring.integrated(valueAt(f, u), u, slope(ring, u)),
];

/** A function z by its slope in u, of which it is part itself. */
const bySelf = (
  f: Operation,
  slope: (ring: PowerSeriesRing, z: Coefficients, u: Coefficients) => Coefficients,
): Row => [f, (ring, u) => ring.solved([valueAt(f, u)], u, (growing, [z]) => [slope(growing, z!, u)])[0]!];

/** Two functions that are each other's slopes, up to the sign of the second one's. */
const mutual = (f: Operation, g: Operation, sign: 1 | -1): readonly Row[] =>
  [f, g].map((each, k) => [
    each,
    (ring, u) =>
      ring.solved([valueAt(f, u), valueAt(g, u)], u, (growing, [a, b]) => [b!, growing.scaled(a!, sign)])[k]!,
  ]);

const one: Coefficients = [1];
const complement = (ring: PowerSeriesRing, u: Coefficients) => ring.sum(one, ring.scaled(u, -1));
const complementOfSquare = (ring: PowerSeriesRing, u: Coefficients) => complement(ring, ring.product(u, u));
const reciprocalRoot = (ring: PowerSeriesRing, u: Coefficients) => ring.power(u, -0.5);

/** What has Taylor series, where it is smooth. */
export const taylorSeries: ReadonlyMap<Primitive, Composition> = byPrimitive<Composition>([
  bySlope(log, (ring, u) => ring.quotient(one, u)),
  bySlope(log1p, (ring, u) => ring.quotient(one, ring.sum(u, one))),
  bySlope(softplus, (ring, u) => taylorSeries.get(sigmoid.primitive)!(ring, u)),
  bySlope(atanh, (ring, u) => ring.quotient(one, complementOfSquare(ring, u))),
  bySlope(asin, (ring, u) => reciprocalRoot(ring, complementOfSquare(ring, u))),
  bySlope(acos, (ring, u) => ring.scaled(reciprocalRoot(ring, complementOfSquare(ring, u)), -1)),
  bySelf(exp, (_, z) => z),
  bySelf(expm1, (ring, z) => ring.sum(z, one)),
  bySelf(tan, (ring, z) => ring.sum(one, ring.product(z, z))),
  bySelf(tanh, complementOfSquare),
  bySelf(sigmoid, (ring, z) => ring.product(z, complement(ring, z))),
  bySelf(gaussian, (ring, z, u) => ring.scaled(ring.product(u, z), -2)),
  ...mutual(sin, cos, -1),
  ...mutual(sinh, cosh, 1),
  [sqrt, (ring, u) => ring.power(u, 0.5)],
  [cbrt, (ring, u) => ring.power(u, 1 / 3)],
  [rsqrt, reciprocalRoot],
  [sech2, (ring, u) => complementOfSquare(ring, taylorSeries.get(tanh.primitive)!(ring, u))],
]);
