import { describe, expect, it } from "vitest";
import {
  between,
  curvature,
  type Dual,
  diagonal,
  differential,
  dualNorm,
  inCoordinates,
  type Metric,
  move,
  type Primal,
  pair,
  plus,
  rate,
  space,
  times,
} from "../../src/geometry.ts";
import { rosenbrock } from "../optimize/problems.ts";

const theta = space("theta", 2);
const other = space("other", 2);
const x = theta.point([-1.2, 1]);
const { differential: g } = differential(theta, rosenbrock, x);
const v = theta.primal([0.5, -2]);

describe("the types of points, displacements and covectors", () => {
  it("let a metric turn a gradient into a step, and nothing else", () => {
    const step: Primal<"theta"> = times(-1, rate<"theta">(1e-3)(g));
    expect(Array.from(inCoordinates(move(x, 1, step)))).toEqual([
      -1.2 + 1e-3 * 215.59999999999997,
      1 + 1e-3 * 87.99999999999999,
    ]);
    // @ts-expect-error a covector is not a displacement: a metric is missing
    move(x, -0.1, g);
    // @ts-expect-error the same, with the rate in front
    move(x, 1, times(-0.1, g));
    // @ts-expect-error coordinates are not numbers
    expect(Number.isNaN(x - 0.1 * g)).toBe(true);
    // @ts-expect-error a displacement and a covector have no sum
    plus(v, 1, g);
    // @ts-expect-error two covectors have no product
    pair(g, g);
    // @ts-expect-error nor have two displacements
    pair(v, v);
    // @ts-expect-error points are not added
    plus(x, 1, x);
    // @ts-expect-error a bare array belongs to no space: theta.primal(...) says which
    move(x, 1, new Float64Array(2));
    // @ts-expect-error a gradient is not a metric's result
    const wrong: Metric<"theta"> = (covector) => covector;
    expect(wrong(g)).toBe(g);
  });

  it("keep spaces apart", () => {
    // @ts-expect-error a covector of one space says nothing of displacements of another
    pair(g, other.primal([1, 2]));
    // @ts-expect-error the tag is invariant: a wider one does not unify the two
    const wide: Dual<"theta" | "other"> = g;
    expect(inCoordinates(wide)).toBe(inCoordinates(g));
    // @ts-expect-error a point of one space is moved within it
    move(x, 1, other.primal([1, 2]));
  });

  it("refuse wrong lengths at run time", () => {
    expect(() => theta.point([1, 2, 3])).toThrow('the space "theta" has 2 coordinates, got 3.');
    expect(() => pair(g, space("theta", 3).primal([1, 2, 3]))).toThrow("one number of coordinates, got 2 and 3");
    expect(() => diagonal<"theta">([1])(g)).toThrow("got 2 and 1");
  });
});

describe("the pairing", () => {
  // x = T z: points and displacements take T^-1, covectors T'
  const T = [3, 1, -2, 0.5] as const;
  const determinant = T[0] * T[3] - T[1] * T[2];
  const toZ = (a: Float64Array) =>
    other.primal([(T[3] * a[0]! - T[1] * a[1]!) / determinant, (-T[2] * a[0]! + T[0] * a[1]!) / determinant]);
  const dualToZ = (a: Float64Array) => other.dual([T[0] * a[0]! + T[2] * a[1]!, T[1] * a[0]! + T[3] * a[1]!]);

  it("is the same number in every coordinate system, the sum of squares of a gradient is not", () => {
    const inZ = pair(dualToZ(inCoordinates(g)), toZ(inCoordinates(v)));
    expect(Math.abs(inZ - pair(g, v))).toBeLessThan(1e-12 * Math.abs(pair(g, v)));
    const squares = (a: Float64Array) => a.reduce((sum, entry) => sum + entry ** 2, 0);
    const ratio = squares(inCoordinates(dualToZ(inCoordinates(g)))) / squares(inCoordinates(g));
    expect(Math.abs(ratio - 1)).toBeGreaterThan(0.1);
  });

  it("gives the change of the loss along a small displacement", () => {
    const t = 2 ** -20;
    const change = rosenbrock.loss(inCoordinates(move(x, t, v))) - rosenbrock.loss(inCoordinates(x));
    const second = pair(curvature(theta, rosenbrock, x)(v), v);
    expect(Math.abs(change - t * pair(g, v) - 0.5 * t * t * second)).toBeLessThan(1e-12);
  });

  it("measures with a metric only", () => {
    expect(dualNorm(g, rate<"theta">(4))).toBeCloseTo(
      2 * Math.sqrt(inCoordinates(g).reduce((s, e) => s + e * e, 0)),
      9,
    );
    expect(Array.from(inCoordinates(between(x, move(x, 1, v))))).toEqual([0.5, -2]);
  });
});
