import { describe, expect, it } from "vitest";
import { type Ast, derivatives } from "./cases.ts";

const infinity = Number.POSITIVE_INFINITY;

/** Expression, point, value, gradient and Hessian (row by row): what the records promise where limits differ. */
const conventions: readonly [Ast, Record<string, number>, number, number[], number[]][] = [
  // kinks: the subgradient in the middle, or the one the record names
  [["abs", "x"], { x: 0 }, 0, [0], [0]],
  [["relu", "x"], { x: 0 }, 0, [0], [0]],
  [["leakyRelu", "x", 0.1], { x: 0 }, 0, [0.1], [0]],
  [["elu", "x"], { x: 0 }, 0, [1], [1]],
  [["softsign", "x"], { x: 0 }, 0, [1], [0]],
  [["huber", "x", 1], { x: 1 }, 0.5, [1], [1]],
  [["huber", "x", "d"], { x: -2, d: 2 }, 2, [-2, 0], [1, 0, 0, 0]],
  // no quadratic side
  [["huber", "x", "d"], { x: -1.5, d: -2 }, -5, [2, 3.5], [0, -1, -1, -1]],
  [["clamp", "x", -1, 1], { x: 1 }, 1, [1], [0]],
  [["clamp", "x", "a", "b"], { x: 2, a: 2, b: 2 }, 2, [1, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  [["clamp", "x", "a", "b"], { x: 0, a: 3, b: 2 }, 2, [0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  [["hypot", "x", "y"], { x: 0, y: 0 }, 0, [0, 0], [0, 0, 0, 0]],
  // ties share
  [["max", "x", "y"], { x: 2, y: 2 }, 2, [0.5, 0.5], [0, 0, 0, 0]],
  [["min", "x", "y"], { x: 2, y: 2 }, 2, [0.5, 0.5], [0, 0, 0, 0]],
  [["logaddexp", "x", "y"], { x: 0, y: 0 }, Math.LN2, [0.5, 0.5], [0.25, -0.25, -0.25, 0.25]],
  // jumps
  [["sign", "x"], { x: 0 }, 0, [0], [0]],
  [["step", "x"], { x: 0 }, 0, [0], [0]],
  [["floor", "x"], { x: 2 }, 2, [0], [0]],
  [["round", "x"], { x: 2.5 }, 2, [0], [0]],
  [["round", "x"], { x: 0.49999999999999994 }, 0, [0], [0]],
  [["mod", "x", "y"], { x: 4, y: 2 }, 0, [1, -2], [0, 0, 0, 0]],
  [["mod", "x", 3], { x: -1 }, 2, [1], [0]],
  // powers: 0 * 0^-1 never appears, and slopes in the exponent survive at exponent 0
  [["pow", "x", 0], { x: 0 }, 1, [0], [0]],
  [["pow", "x", 1], { x: 0 }, 0, [1], [0]],
  [["pow", "x", 2], { x: 0 }, 0, [0], [2]],
  [["pow", "x", 3], { x: -2 }, -8, [12], [-12]],
  [["pow", "x", "y"], { x: 0, y: 2 }, 0, [0, 0], [2, 0, 0, 0]],
  [["pow", "x", "y"], { x: 0, y: 0 }, 1, [0, -infinity], [0, 1, 1, infinity]],
  [["pow", "x", "y"], { x: 2, y: 0 }, 1, [0, Math.LN2], [0, 0.5, 0.5, Math.LN2 ** 2]],
  [["pow", -2, "x"], { x: 3 }, -8, [Number.NaN], [Number.NaN]],
  [["pow", "x", 0.5], { x: 0 }, 0, [infinity], [-infinity]],
  // products with logarithms: 0 times infinity is 0, and the slopes at x = 0 survive
  [["xlogy", "x", "y"], { x: 0, y: 2 }, 0, [Math.LN2, 0], [0, 0.5, 0.5, 0]],
  [["xlogy", "x", "y"], { x: 0, y: 0 }, 0, [-infinity, 0], [0, infinity, 1, 0]],
  [["xlog1py", "x", "y"], { x: 0, y: -1 }, 0, [-infinity, 0], [0, infinity, 1, 0]],
  [["xlog1py", "x", "y"], { x: 0, y: 1 }, 0, [Math.LN2, 0], [0, 0.5, 0.5, 0]],
  // removable
  [["sinc", "x"], { x: 0 }, 1, [0], [-1 / 3]],
  // poles and vertical tangents
  [["log", "x"], { x: 0 }, -infinity, [infinity], [-infinity]],
  [["sqrt", "x"], { x: 0 }, 0, [infinity], [-infinity]],
  [["asin", "x"], { x: 1 }, Math.PI / 2, [infinity], [infinity]],
  [["acosh", "x"], { x: 1 }, 0, [infinity], [-infinity]],
  [["atanh", "x"], { x: -1 }, -infinity, [infinity], [-infinity]],
  [["cbrt", "x"], { x: 0 }, 0, [infinity], [Number.NaN]],
  [["lgamma", "x"], { x: -1 }, infinity, [-infinity], [infinity]],
  // the branch cut is no kink
  [["atan2", "y", "x"], { y: 0, x: -1 }, Math.PI, [-1, 0], [0, -1, -1, 0]],
  // ends of the line
  [["tanh", "x"], { x: infinity }, 1, [0], [0]],
  [["sigmoid", "x"], { x: -infinity }, 0, [0], [0]],
  [["softplus", "x"], { x: infinity }, infinity, [1], [0]],
  [["logaddexp", "x", "y"], { x: -infinity, y: 1 }, 1, [0, 1], [0, 0, 0, 0]],
  [["logaddexp", "x", "y"], { x: -infinity, y: -infinity }, -infinity, [0.5, 0.5], [0, 0, 0, 0]],
  // NaN does not pass through the side that a select did not take
  [["select", ["greater", "x", 0], ["log", "x"], 0], { x: -1 }, 0, [0], [0]],
  [["select", ["greater", "x", 0], ["sqrt", "x"], 0], { x: 0 }, 0, [0], [0]],
];

describe("where limits differ, a primitive", () => {
  it.each(conventions.map(([ast, at, ...outcome]) => ({ ast, at, outcome, title: `${ast} at ${Object.values(at)}` })))(
    "keeps its convention: $title",
    ({ ast, at, outcome: [value, gradient, hessian] }) => {
      const vars = Object.keys(at);
      const x = Object.values(at);
      const { value: f, first, second } = derivatives({ ast, vars });
      expectSame(f(...x), value);
      for (const [k, expected] of gradient.entries()) expectSame(first[k]!(...x), expected);
      for (const [k, expected] of hessian.entries()) expectSame(second.flat()[k]!(...x), expected);
    },
  );
});

/** The same number, -0 and 0 being one. */
function expectSame(got: number, expected: number): void {
  if (Number.isFinite(expected)) expect(got).toBeCloseTo(expected, 14);
  else expect(got).toBe(expected);
}
