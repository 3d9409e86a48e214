import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

vi.setConfig({ testTimeout: 60_000 });

interface Row {
  readonly f: string;
  readonly gap: number;
  readonly kind: "two" | "three" | "small";
  readonly A: readonly (readonly number[])[];
  /** Third derivatives along V of sum(f(x)) and of sum(W * f(A)). */
  readonly trace: number;
  readonly weighted: number;
}

const { V, W, rows } = JSON.parse(readFileSync(new URL("spectral/spectral.json", import.meta.url), "utf8")) as {
  readonly V: readonly (readonly number[])[];
  readonly W: readonly (readonly number[])[];
  readonly rows: readonly Row[];
};

const third = "sum(grad(sum(hvp(s, A, V) * V), A) * V)";

/** Some thousand units; eigenvalues of 1/1000 beside 3 are known to 3000 times fewer. */
const tolerance = { two: 1e-12, three: 1e-12, small: 3e-10 };

describe.each([...new Set(rows.map(({ f }) => f))])("functions of a symmetric matrix with equal or near eigenvalues: %s", (f) => {
  const text = `data A: [3, 3], V: [3, 3], W: [3, 3]
    let e = eigh(A), x = e.values
    let F = e.vectors @ diag(${f}) @ e.vectors'
    output ofTrace = {\nlet s = sum(${f})\nreturn ${third}\n}
    output ofWeighted = {\nlet s = sum(W * F)\nreturn ${third}\n}`;
  const compiled = compileModel(loadModel({ name: "spectral.nabla", text }));

  it.each(rows.filter((row) => row.f === f))("$kind, $gap apart", (row) => {
    const { ofTrace, ofWeighted } = compiled.bind({ A: row.A, V, W }).outputs({});
    for (const [got, expected] of [
      [ofTrace![0]!, row.trace],
      [ofWeighted![0]!, row.weighted],
    ] as const) {
      expect(Math.abs(got - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(tolerance[row.kind]);
    }
  });
});
