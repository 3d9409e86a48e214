import { describe, expect, it } from "vitest";
import { javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";

const sizes = [-800, -40, -1, 0, 0.5, 36, 800];
const rows = sizes.flatMap((a) => sizes.flatMap((b) => sizes.map((c) => [a, b, c] as const)));
const columns = [0, 1, 2].map((k) => rows.map((row) => row[k]!));
const labels = rows.map((_, i) => i % 3);

const declared = "param a: [n], b: [n], c: [n]\ndata label: int[n]";
const losses = {
  "a list of shares": "sum(i in 0..n: logSoftmax([a[i], b[i], c[i]])[label[i]])",
  "a list of unlike terms": "sum(i in 0..n: [a[i] * b[i], exp(-c[i]^2), sin(b[i])][label[i]])",
};
/** One row, with no list that a label reads. */
const asNumbers = {
  "a list of shares": [0, 1, 2].map((k) => `logSoftmax([a, b, c])[${k}]`),
  "a list of unlike terms": ["a * b", "exp(-c^2)", "sin(b)"],
};

describe("lookups in lists", () => {
  for (const [engineName, engine] of Object.entries({
    javaScriptEngine,
    webAssembly: webAssembly({ use: "always" }),
  })) {
    it.each(Object.keys(losses) as (keyof typeof losses)[])(`are what they name: %s, by ${engineName}`, (name) => {
      const [a, b, c] = columns as [number[], number[], number[]];
      const n = rows.length;
      const { flat } = compileText(`${declared}\nloss = ${losses[name]}`, { engine }).bind({ label: labels });
      const point = Float64Array.from([...a, ...b, ...c]);
      const direction = point.map((_, k) => (k % 5) - 2);
      const [gradient, product] = [new Float64Array(3 * n), new Float64Array(3 * n)];
      const loss = flat.lossAndGradient(point, gradient);
      flat.hvp(point, direction, product);
      const single = asNumbers[name].map((term) => compileText(`param a, b, c\nloss = ${term}`).bind({}).flat);
      let total = 0;
      for (const [i, row] of rows.entries()) {
        const one = single[labels[i]!]!;
        const [g, h] = [new Float64Array(3), new Float64Array(3)];
        const along = Float64Array.from([0, 1, 2], (k) => direction[k * n + i]!);
        total += one.lossAndGradient(Float64Array.from(row), g);
        one.hvp(Float64Array.from(row), along, h);
        for (const k of [0, 1, 2]) {
          // a few roundings of exponentials and their sum, and of products with a direction of size 2
          expect(Math.abs(gradient[k * n + i]! - g[k]!)).toBeLessThanOrEqual(1e-15 + 1e-13 * Math.abs(g[k]!));
          expect(Math.abs(product[k * n + i]! - h[k]!)).toBeLessThanOrEqual(1e-15 + 1e-13 * Math.abs(h[k]!));
        }
      }
      expect(Math.abs(loss - total)).toBeLessThanOrEqual(1e-13 * Math.abs(total));
    });
  }
});
