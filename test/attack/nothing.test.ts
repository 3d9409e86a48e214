import { describe, expect, it } from "vitest";
import type { CompileOptions } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

/** Functions of arrays without elements, with their values at a = 1.5; they do not vary with a where they hold elements only. */
const ofNothing: readonly (readonly [string, number])[] = [
  ["sum(a * x)", 0],
  ["prod(a * x)", 1],
  ["norm(a * x)", 0],
  ["logsumexp(a * x)", Number.NEGATIVE_INFINITY],
  ["logsumexp(i in 0..n: a + x[i])", Number.NEGATIVE_INFINITY],
  ["log(sum(exp(a * x)))", Number.NEGATIVE_INFINITY],
  ["exp(logsumexp(a * x))", 0],
  ["a * exp(logsumexp(x))", 0],
  ["sigmoid(logsumexp(x) - a)", 0],
  ["sum(i in 0..k: exp(logsumexp(j in 0..n: a * X[i, j])))", 0],
  ["sum(exp(logsumexp(a * X, axis = 1)))", 0],
  ["sum(exp(logcumsumexp(a * x)))", 0],
  ["logaddexp(0.25, logsumexp(a * x))", 0.25],
  ["scan(v in x, t in 0..n, s = 0.25: s + a * x[mod(t + 3, n)])", 0.25],
];

const modes: readonly (readonly [string, CompileOptions])[] = [
  ["all", {}],
  ["exact", { rewrites: "exact" }],
  ["none", { rewrites: "none" }],
  ["closures", { engine: closureEngine }],
  ["WebAssembly", { engine: webAssembly({ use: "always" }) }],
];

describe("a function of an array without elements", () => {
  it.each(modes.flatMap(([mode, options]) => ofNothing.map((row) => [mode, ...row, options] as const)))(
    "has the value that nothing has, and no slopes to the third order: %s, %s",
    (_, text, value, options) => {
      const { lossAndGradient, hvp, outputs } = compileText(
        `param x: [n], a, X: [k, n]\nloss = ${text} + 0 * (sum(x) + sum(X))\noutput third = grad(grad(grad(loss, a), a), a)`,
        options,
      );
      const inputs = { x: [], a: 1.5, X: [[], []] };
      const sizes = { n: 0, k: 2 };
      const { loss, gradient } = lossAndGradient(inputs, undefined, sizes);
      const product = hvp(inputs, { ...inputs, a: 1 }, undefined, sizes);
      const { third } = outputs(inputs, undefined, sizes);
      expect([loss, gradient.a![0], product.a![0], third![0]].map((x) => x! + 0)).toEqual([value, 0, 0, 0]);
    },
  );
});
