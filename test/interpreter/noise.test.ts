import { describe, expect, it } from "vitest";
import { lostAt } from "../../src/interpreter/noise.ts";
import { loadModel } from "../../src/language/all.ts";

const lost = (text: string, point: readonly number[]) => {
  const { graph, loss, parameters } = loadModel({ name: "f", text: `param x, y\nloss = ${text}` });
  const values = new Map(parameters.map(({ expr }, k) => [expr, [point[k]!]] as const));
  return lostAt([loss!], { sizes: new Map(), values: new Map([...values].filter(([{ graph: g }]) => g === graph)) })[0];
};

describe("digits are lost", () => {
  it.each([
    ["where a difference is rounded on the way", "1 - cos(x) + 0*y", [1e-4, 1], true],
    ["where nothing is left", "(1 + x) - 1 + 0*y", [1e-20, 1], true],
    ["where terms of a long sum cancel before the last", "exp(x) + exp(y) - exp(x) - exp(y) + 1e-9*x", [1, 2], true],
    ["where a product vanishes that is large at last", "sqrt(x*y)*exp(400)", [1e-200, 1e-200], true],
    ["where a slope vanishes", "x/(1 + y^2)", [1e300, 1e200], true],
    ["not where a difference is 0", "x + floor(y)", [1, 0.5], false],
    ["not where the numbers given are subtracted", "x - y", [1, 1 + 1e-12], false],
    ["not where the numbers given leave as much open", "log(x) - log(y)", [3, 3 + 1e-9], false],
    ["not where a choice leaves them out", "select(x < 1, x, 1 - cos(1e-5*x)) + 0*y", [0.5, 1], false],
    ["not where a large term covers them", "exp(y) + (1 - cos(x))", [1e-4, 1], false],
  ])("%s", (_, text, point, expected) => {
    expect(lost(text, point)).toBe(expected);
  });
});
