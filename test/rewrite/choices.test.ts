import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { special } from "../../src/extensions/special.ts";
import { Graph } from "../../src/ir/graph.ts";
import { loadModel } from "../../src/model/load.ts";
import { less, lessEqual, or } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { truthWithin } from "../../src/rewrite/series/regions.ts";

const lossAt = (text: string, point: readonly number[], rewrites: "all" | "none") =>
  compileModel(
    loadModel({ name: "f", text: `param ${["x", "y"].slice(0, point.length).join(", ")}\nloss = ${text}\n` }),
    {
      rewrites,
    },
  )
    .bind()
    .flat.lossAndGradient(Float64Array.from(point), new Float64Array(point.length));

/** Sums that cancel on one side of a choice: a series of that side must not reach over to the other. */
const choices: readonly (readonly [text: string, points: readonly (readonly number[])[]])[] = [
  ["sqrt(x^2 + (if x > 1000 then 1 else 2)) - x", [[500], [999], [1001], [4000]]],
  ["sqrt(x^2 + (if x > 1e5 or x < -1 then 1 else x)) - x", [[500], [5000], [99999]]],
  ["x - 1 - (if x < 1.05 then log(x) else sin(x - 1))", [[1.06], [1.2], [0.9]]],
  ["x - (if x < 0.1 then sin(x) else tan(x))", [[0.11], [0.3], [0.05]]],
  [
    "x - y - (if x < 1.05*y then y*log(x/y) else y*sin((x - y)/y))",
    [
      [1.06, 1],
      [2.2, 2],
      [0.9, 1],
    ],
  ],
];

describe("series of choices", () => {
  it.each(choices)("%s keeps to its sides", (text, points) => {
    for (const point of points) {
      const [found, plain] = [lossAt(text, point, "all"), lossAt(text, point, "none")];
      expect(Math.abs(found / plain - 1)).toBeLessThan(1e-7);
    }
  });

  it("tells the truth of conditions throughout a region", () => {
    const graph = new Graph([special]);
    const [x, y] = [graph.param("x", []), graph.param("y", [])];
    const within = (low: number, high: number) => new Map([[x, [low, high] as const]]);
    expect(truthWithin(less(exp(x), 3), within(-1, 1))).toBe(true);
    expect(truthWithin(less(exp(x), 3), within(-1, 2))).toBe(undefined);
    expect(truthWithin(less(exp(x), 3), within(2, 3))).toBe(false);
    expect(truthWithin(or(less(x, 0), lessEqual(2, x)), within(0.5, 1))).toBe(false);
    expect(truthWithin(less(x, y), within(0.5, 1))).toBe(undefined);
  });
});
