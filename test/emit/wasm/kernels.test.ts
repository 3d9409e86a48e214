import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { executable } from "../../../src/check/execute.ts";
import { forVectors } from "../../../src/emit/wasm/vector-loop.ts";
import { allExtensions } from "../../../src/extensions/all.ts";
import { type Expr, Graph } from "../../../src/ir/graph.ts";
import { Integer } from "../../../src/ir/integer.ts";
import type { Operation } from "../../../src/ops/define.ts";
import { sub } from "../../../src/ops/elementary/algebra.ts";
import { exp, expm1, log, log1p } from "../../../src/ops/elementary/exponential.ts";
import { cosh, sech2, sinh, tanh } from "../../../src/ops/elementary/hyperbolic.ts";
import { direction, directionSine, hypot, spaceDirections } from "../../../src/ops/elementary/lengths.ts";
import { pow } from "../../../src/ops/elementary/powers.ts";
import { cos, sin } from "../../../src/ops/elementary/trigonometric.ts";
import { sigmoid, sigmoidSlope, softplus } from "../../../src/ops/special/activation.ts";
import { erf, erfcHazard, erfcx, erfinv } from "../../../src/ops/special/erf.ts";
import { digamma, lgamma, trigamma } from "../../../src/ops/special/gamma.ts";
import { forms } from "./relaxed.ts";

/** Truth, as the nearest double and what is left in units of its last place; the exponent of a power. */
type Row = readonly [x: number, y: number, rest: number, exponent?: number];
const cases = JSON.parse(readFileSync(new URL("../../cases/kernels.json", import.meta.url), "utf8")) as Record<
  string,
  readonly Row[]
>;

/** Largest errors in units in the last place. */
const functions: readonly { readonly of: Operation; readonly name: string; readonly ulps: number }[] = [
  { of: exp, name: "exp", ulps: 1.5 },
  { of: expm1, name: "expm1", ulps: 3 },
  { of: log, name: "log", ulps: 1.5 },
  { of: log1p, name: "log1p", ulps: 1.5 },
  { of: sinh, name: "sinh", ulps: 3 },
  { of: cosh, name: "cosh", ulps: 3 },
  { of: tanh, name: "tanh", ulps: 3 },
  { of: sech2, name: "sech2", ulps: 3.5 },
  { of: sigmoid, name: "sigmoid", ulps: 3 },
  { of: softplus, name: "softplus", ulps: 3 },
  { of: sin, name: "sin", ulps: 1.5 },
  { of: cos, name: "cos", ulps: 1.5 },
  { of: erf, name: "erf", ulps: 5 },
  { of: sigmoidSlope, name: "sigmoidSlope", ulps: 3 },
];

/** Odd in number, so that vectors leave one over. */
const extremes = [
  0,
  -0,
  5e-324,
  -5e-324,
  1e-310,
  2.2250738585072014e-308,
  1e-20,
  0.5,
  1,
  -1,
  -1.5,
  20,
  -40,
  700,
  709.9,
  -745.2,
  -746,
  800,
  -800,
  1.6e6,
  1e22,
  -1e300,
  1.7e308,
  Infinity,
  -Infinity,
  NaN,
  2,
];

/** The distance to the next double. */
function ulp(y: number): number {
  if (!Number.isFinite(y)) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(y))));
  const unit = 2 ** (exponent - 52);
  return Math.max(Math.abs(y) < 2 ** exponent ? unit / 2 : unit, 5e-324);
}

describe.each(forms)("$form:", ({ compile }) => {
  function values(of: Operation, xs: readonly number[]): number[] {
    const graph = new Graph(allExtensions);
    const x = graph.variable([Integer.constant(xs.length)]);
    return executable([of(x)], { forVectors }, compile)({ sizes: new Map(), values: new Map([[x, xs]]) })[0]!;
  }

  describe.each(functions)("the polynomials of $name", ({ of, name, ulps }) => {
    const rows = cases[name]!;

    it(`are good to ${ulps} units in the last place`, () => {
      const got = values(
        of,
        rows.map(([x]) => x),
      );
      const errors = rows.map(([x, y, rest], k) => ({ x, error: Math.abs((got[k]! - y) / ulp(y) - rest) }));
      expect(errors.filter(({ error }) => !(error <= ulps))).toEqual([]);
    });

    it("give at the ends of the range what Math gives, signs of zeros included", () => {
      const got = values(of, extremes);
      const wrong = extremes.flatMap((x, k) => {
        const expected = of.primitive.real(x);
        const isNear = Math.abs(got[k]! - expected) <= 4 * ulp(expected) && (expected !== 0 || got[k] !== 0);
        return Object.is(got[k], expected) || isNear ? [] : [{ x, got: got[k], expected }];
      });
      expect(wrong).toEqual([]);
    });

    it("give one number the bits that they give two", () => {
      const xs = [...extremes, ...rows.map(([x]) => x)];
      const alone = xs.map((x) => values(of, [x])[0]!);
      expect(alone).toEqual(values(of, xs));
    });
  });

  describe.each([lgamma, digamma, trigamma, erfcx, erfinv, erfcHazard])("the choices of $primitive.name", (of) => {
    it("are those of each number, whatever its neighbour takes", () => {
      const xs = [-0.7, -2.5, -0.25, 0, 0.1, 0.75, 0.999, 1.5, 2.4, 3.5, 12, 40, 1e9, Infinity, NaN];
      const alone = new Map(xs.map((x) => [x, values(of, [x])[0]!]));
      const pairs = xs.flatMap((x) => xs.flatMap((y) => [x, y]));
      const got = values(of, pairs);
      // products and sums of pairs may be rounded once
      const isNear = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= 1e-13 * Math.max(1, Math.abs(b));
      expect(pairs.filter((x, k) => !isNear(got[k]!, alone.get(x)!))).toEqual([]);
    });
  });

  function powers(xs: readonly number[], ys: readonly number[]): number[] {
    return ofPairs(pow, xs, ys);
  }

  function ofPairs(of: Operation, xs: readonly number[], ys: readonly number[]): number[] {
    return ofLists(of, [xs, ys]);
  }

  function ofLists(of: (...operands: Expr[]) => Expr, lists: readonly (readonly number[])[]): number[] {
    const graph = new Graph(allExtensions);
    const values = new Map(lists.map((list) => [graph.variable([Integer.constant(list.length)]), list] as const));
    return executable([of(...values.keys())], { forVectors }, compile)({ sizes: new Map(), values })[0]!;
  }

  describe("the polynomials of pow", () => {
    const rows = cases.pow!;
    const [xs, ys] = [rows.map(([x]) => x), rows.map(([, , , exponent]) => exponent!)];

    it("are good to 1.5 units in the last place", () => {
      const got = powers(xs, ys);
      const errors = rows.map(([x, z, rest, y], k) => ({ x, y, error: Math.abs((got[k]! - z) / ulp(z) - rest) }));
      expect(errors.filter(({ error }) => !(error <= 1.5))).toEqual([]);
    });

    it("give Math's results at the ends of the ranges, and one number the bits that they give two", () => {
      const pairs = extremes.flatMap((x) => extremes.map((y) => [x, y] as const));
      const got = powers(
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      );
      const wrong = pairs.flatMap(([x, y], k) => {
        const expected = x ** y;
        const isNear = Math.abs(got[k]! - expected) <= 4 * ulp(expected) && (expected !== 0 || got[k] !== 0);
        return Object.is(got[k], expected) || isNear ? [] : [{ x, y, got: got[k], expected }];
      });
      expect(wrong).toEqual([]);
      expect(xs.map((x, k) => powers([x], [ys[k]!])[0])).toEqual(powers(xs, ys));
    });

    it("are products for small whole exponents, of negative numbers too", () => {
      const graph = new Graph(allExtensions);
      const x = graph.variable([Integer.constant(extremes.length)]);
      const roots = [2, 3, 4, 5, 6, 7, 8].map((n) => pow(x, n));
      const results = executable(
        roots,
        { forVectors },
        compile,
      )({ sizes: new Map(), values: new Map([[x, extremes]]) });
      const wrong = results.flatMap((list, k) =>
        list.flatMap((got, at) => {
          const expected = extremes[at]! ** (k + 2);
          const isNear = Object.is(got, expected) || Math.abs(got - expected) <= 5 * ulp(expected);
          return isNear ? [] : [{ x: extremes[at], n: k + 2, got, expected }];
        }),
      );
      expect(wrong).toEqual([]);
    });
  });

  describe("the length of pairs", () => {
    const rows = cases.hypot!;

    it("is good to 1.5 units in the last place", () => {
      const got = ofPairs(
        hypot,
        rows.map(([x]) => x),
        rows.map(([, , , y]) => y!),
      );
      const errors = rows.map(([x, z, rest, y], k) => ({ x, y, error: Math.abs((got[k]! - z) / ulp(z) - rest) }));
      expect(errors.filter(({ error }) => !(error <= 1.5))).toEqual([]);
    });

    it("is Math's at the ends of the ranges", () => {
      const pairs = extremes.flatMap((x) => extremes.map((y) => [x, y] as const));
      const got = ofPairs(
        hypot,
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      );
      const wrong = pairs.flatMap(([x, y], k) => {
        const expected = Math.hypot(x, y);
        return Object.is(got[k], expected) || Math.abs(got[k]! - expected) <= 2 * ulp(expected)
          ? []
          : [{ x, y, got: got[k], expected }];
      });
      expect(wrong).toEqual([]);
    });
  });

  it("lengths of points of the plane and of space have their own functions of the host in one program", () => {
    const points = [
      [3, 4, 12],
      [3e200, 4e200, 12e200],
      [3e-200, 4e-200, 12e-200],
    ];
    const both = (...[x, y, z]: Expr[]) => sub(hypot(x!, y!, z!), hypot(x!, y!));
    const got = ofLists(
      both,
      [0, 1, 2].map((axis) => points.map((point) => point[axis]!)),
    );
    for (const [k, scale] of [1, 1e200, 1e-200].entries()) expect(got[k]! / scale).toBeCloseTo(8, 12);
  });

  describe("coordinates over a length", () => {
    const rows = extremes.flatMap((x) => extremes.flatMap((y) => [-3, 0, 1e-200].map((z) => [x, y, z] as const)));

    it.each([direction, directionSine, ...spaceDirections])("are the record's at the ends of the ranges: %#", (of) => {
      const { primitive } = of;
      const points = rows.map((row) => row.slice(0, Number(primitive.arity)));
      const got = ofLists(
        of as (...operands: Expr[]) => Expr,
        points[0]!.map((_, k) => points.map((point) => point[k]!)),
      );
      const wrong = points.flatMap((point, k) => {
        const expected = primitive.real(...point);
        const isClose = Object.is(got[k]! + 0, expected + 0) || Math.abs(got[k]! - expected) <= 2 * ulp(expected);
        return isClose ? [] : [{ point, got: got[k], expected }];
      });
      expect(wrong).toEqual([]);
    });
  });
});
