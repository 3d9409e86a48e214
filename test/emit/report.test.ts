import { describe, expect, it } from "vitest";
import { reportModel } from "../../src/emit.ts";
import { loadModel } from "../../src/model/load.ts";

/** Operations of the loss, of the gradient with it and of a product with the Hessian. */
function operationsOf(text: string, sizes: Readonly<Record<string, number>>): readonly number[] {
  const { functions } = reportModel(loadModel({ name: "report.nabla", text }), { sizes });
  return functions.map(({ operations }) => operations);
}

describe("the report of loops that run as far as data say", () => {
  it("takes ranges of lengths from the data for half of what they can be", () => {
    const head = "param x: [n]\ndata l: int[3] within 0..n+1\n";
    const loss = (end: string) => `${head}loss = sum(k in 0..3: sin(prod(j in 0..${end}: x[j] - k)))`;
    const [some, all] = [loss("l[k]"), loss("n")].map((text) => operationsOf(text, { n: 1000 }));
    for (const [k, operations] of some!.entries()) {
      expect(operations / all![k]!).toBeGreaterThan(0.3);
      expect(operations / all![k]!).toBeLessThan(1.3);
    }
  });

  it("takes ranges between neighbouring places for short", () => {
    const text = `
      param x: [n]
      data start: int[m + 1] within 0..k+1, at: int[k] within 0..n
      loss = sum(i in 0..m: sin(sum(j in start[i]..start[i+1]: x[at[j]])))`;
    const [few, many] = [100, 200].map((m) => operationsOf(text, { n: 1000, k: 10_000, m }));
    for (const [k, operations] of few!.entries()) {
      expect(operations).toBeGreaterThan(1000);
      expect(many![k]! / operations).toBeLessThan(2.01);
    }
  });
});
