import { describe, expect, it } from "vitest";
import { javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

const M = [
  [1, 2, 3],
  [4, 5, 7],
];
const flat = M.flat();

/** Reshapes in the sides of a choice, of what is computed where it is read; the loss and its slopes by hand. */
const choices: readonly (readonly [string, number, readonly number[]])[] = [
  ["sum((if p then reshape(M', [n, m]) else M)^2)", 104, flat.map((x) => 2 * x)],
  ["sum((if p then flatten(2 * M) else flatten(M'))^2)", 416, flat.map((x) => 8 * x)],
  ["sum(flatten(if p then reshape(M^2, [m, n]) else M')^2)", 3380, flat.map((x) => 4 * x ** 3)],
];

describe("a reshape of what has no array", () => {
  it.each(choices)("is a copy within a choice: %s", (text, value, slopes) => {
    const compiled = compileText(`param M: [n, m]\ndata p: bool\nloss = ${text}`);
    const { loss, gradient } = compiled.lossAndGradient({ M, p: true });
    expect(loss).toBeCloseTo(value, 9);
    expect([...gradient.M!]).toEqual(slopes.map((slope) => expect.closeTo(slope, 9)));
    expect([...compiled.hvp({ M, p: true }, { M }).M!]).toHaveLength(6);
  });

  it("is a copy where sizes of 1 make one of a diagonal", () => {
    const of = (engine: typeof javaScriptEngine) =>
      compileText("param M: [n, m]\nloss = trace(softsign(M @ M'))", { engine }).gradient({ M: [[1, 2]] }).M!;
    const [got, expected] = [of(webAssembly({ use: "always" })), of(javaScriptEngine)];
    expect([...got]).toEqual([...expected].map((slope) => expect.closeTo(slope, 14)));
  });
});
