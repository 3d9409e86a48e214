import { describe, expect, it } from "vitest";
import type { CompileOptions } from "../../src/compile/compile.ts";
import { compileText } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

/** Sums over groups, each about its own mean, length or spread: what an empty group has none of takes no part. */
const groups = [
  "sum(k in 0..len[i]: (x[k] - mean(j in 0..len[i]: x[j]))^2)",
  "sum(k in 0..len[i]: sin(x[k] * a[i]) / sum(j in 0..len[i]: x[j]^2))",
  "a[i] * sum(k in 0..len[i]: (x[k] - logsumexp(j in 0..len[i]: a[i] * x[j]))^2)",
  "sum(k in 0..len[i]: a[i] * x[k] * log(sum(j in 0..len[i]: x[j]^2)))",
  "sum((x[0..len[i]] - mean(x[0..len[i]]))^2) * a[i]",
  "sum(k in 0..len[i]: x[k]^2 / (1 + mean(j in 0..len[i]: x[j])^2))",
];

/** Products of what is about the group's own mean, spread or length: of nothing they are 1, whatever the mean of nothing is. */
const products = [
  "prod(k in 0..len[i]: 1 + (x[k] - mean(j in 0..len[i]: x[j]))^2)",
  "prod(k in 0..len[i]: a[i] * (x[k] - logsumexp(j in 0..len[i]: x[j])))",
  "prod(k in 0..len[i]: exp(x[k] - 0.5 * mean(j in 0..len[i]: x[j])))",
  "prod(x[0..len[i]] / norm(x[0..len[i]]))",
  "cos(a[i] * prod(k in 0..len[i]: x[k] * variance(x[0..len[i]])))",
  "sum(softmax((x[0..len[i]] - mean(x[0..len[i]])) / norm(x[0..len[i]])) * x[0..len[i]])",
];

describe("slopes to the third order", () => {
  for (const rewrites of ["all", "exact", "none"] as const)
    it.each(products)(`are not changed by a group without elements: %s, ${rewrites}`, (group) => {
      const { hvp, outputs } = compileText(
        `param x: [m], a: [n]\ndata v: [m], w: [m], len: int[n] within 0..m+1\nloss = sum(i in 0..n: ${group})\n` +
          "output slope = grad(loss, x), third = grad(dot(hvp(loss, x, v), w), x)",
        { rewrites },
      );
      const [among, alone] = [
        [0, 2, 0, 3],
        [2, 3],
      ].map((len) => {
        const a = len.map((length) => 0.4 * length);
        const inputs = { x: [0.3, -1.2, 0.7], a, v: [0.5, 1, 2], w: [1, -1, 0.3], len };
        const { slope, third } = outputs(inputs);
        return [...slope!, ...hvp(inputs, { x: inputs.v, a }).x!, ...third!];
      }) as [number[], number[]];
      // a few hundred operations on numbers of up to 100
      for (const [k, value] of alone.entries()) expect(Math.abs(among[k]! - value)).toBeLessThan(1e-10);
    });
});

describe("a sum over nothing", () => {
  it.each(["logsumexp(x)", "1 / sum(x)", "log(norm(x))"])("is 0 whatever its terms would be: %s", (term) => {
    const { loss, gradient } = compileText(`param x: [n], a\nloss = a + sum(i in 0..n: ${term})`);
    expect([loss({ x: [], a: 1 }), ...gradient({ x: [], a: 1 }).a!]).toEqual([1, 1]);
  });
});

describe("a group without elements", () => {
  for (const [name, options] of Object.entries<CompileOptions>({
    all: {},
    exact: { rewrites: "exact" },
    none: { rewrites: "none" },
    WebAssembly: { engine: webAssembly({ use: "always" }) },
  }))
    it.each(groups)(`adds nothing, slopes and curvature included: %s, ${name}`, (group) => {
      const compiled = compileText(
        `param x: [m], a: [n]\ndata len: int[n] within 0..m+1\nloss = sum(i in 0..n: ${group})`,
        options,
      );
      const x = [0.3, -1.2, 0.7];
      const v = [1, 0.5, -2];
      const [among, alone] = [
        [0, 2, 0, 3],
        [2, 3],
      ].map((len) => {
        const a = len.map((length) => 0.4 * length);
        const inputs = { x, a, len };
        const { loss, gradient } = compiled.lossAndGradient(inputs);
        const product = compiled.hvp(inputs, { x: v, a });
        const kept = (list: Float64Array) => [...list].filter((_, i) => len[i]! > 0);
        return [loss, ...gradient.x!, ...kept(gradient.a!), ...product.x!, ...kept(product.a!)];
      }) as [number[], number[]];
      // a few dozen operations on numbers of about 1
      for (const [k, value] of alone.entries()) expect(Math.abs(among[k]! - value)).toBeLessThan(1e-12);
    });
});

describe("a divisor of a group", () => {
  it.each([
    ["1 + s[i]^2", 1.25, 5],
    ["s[i]", 0.5, 2],
    ["exp(s[i])", Math.exp(0.5), Math.exp(2)],
  ])("is not looked at where the group has no elements: %s", (divisor, first, last) => {
    const text = `param x: [m]\ndata s: [n], len: int[n] within 0..m+1
loss = sum([i in 0..n: sum(j in 0..len[i]: x[j]^2 / (${divisor}))]^2)`;
    const compiled = compileText(text);
    const inputs = { x: [0.5, 2, 3], s: [0.5, Number.NaN, 2], len: [2, 0, 3] };
    const [one, other] = [4.25 / first, 13.25 / last];
    expect(compiled.loss(inputs)).toBeCloseTo(one ** 2 + other ** 2, 12);
    const slope = [0.5, 2, 3].map((x, j) => 4 * x * ((j < 2 ? one / first : 0) + other / last));
    const { x } = compiled.lossAndGradient(inputs).gradient;
    for (const [j, each] of slope.entries()) expect(x![j]).toBeCloseTo(each, 12);
  });
});

/** Sums over all rows, each about what there is of them only where there are rows. */
const rows = [
  "sum(i: b * x[i] / sum(x))",
  "sum(i: b^2 * x[i] * (1 / sum(x)))",
  "sum(i: b * (x[i] - mean(x))^2)",
  "sum(i: exp(b * x[i]) * x[i] / norm(x))",
  "sum(i: b^3 * x[i] * log(sum(x^2)))",
  "sum((A' @ (x / sum(x)))^2) * b^2",
  "sum(i: b * A[i, 0] * logsumexp(b * x))",
];

describe("data without rows", () => {
  for (const [name, options] of Object.entries<CompileOptions>({
    all: {},
    exact: { rewrites: "exact" },
    none: { rewrites: "none" },
    WebAssembly: { engine: webAssembly({ use: "always" }) },
  }))
    it.each(rows)(`add nothing, slopes and curvature included: %s, ${name}`, (sum) => {
      const compiled = compileText(`param b\ndata x: [n], A: [n, 2]\nloss = b^2 + ${sum}`, options);
      const inputs = { b: 3, x: [], A: { data: [], shape: [0, 2] } };
      expect(compiled.lossAndGradient(inputs)).toMatchObject({ loss: 9, gradient: { b: Float64Array.of(6) } });
      expect(compiled.hvp(inputs, { b: 1 }).b).toEqual(Float64Array.of(2));
    });
});
