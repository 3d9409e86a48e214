import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { hvps } from "../../src/compile/batch.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

vi.setConfig({ testTimeout: 60_000 });

type ByName = Readonly<Record<string, readonly number[]>>;

interface Row {
  readonly name: string;
  readonly texts: readonly string[];
  readonly params: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly data: Readonly<Record<string, never>>;
  readonly loss: number;
  readonly direction: ByName;
  readonly gradient: ByName;
  readonly hvp: ByName;
}

const programs = ["programs.json", "applied.json", "families.json"].flatMap((file) => {
  const read = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as { readonly programs: readonly Row[] };
  return read.programs;
});
const cases = programs.flatMap((row) =>
  row.texts.map((text, k) => [`${row.name}, as written ${k + 1}`, text, row] as const),
);

describe("tensor programs against mpmath", () => {
  it.each(cases)("%s", (_, text, row) => {
    const model = loadModel({ name: "program.nabla", text });
    const data = Object.fromEntries(
      Object.entries(row.data).filter(([name]) => model.data.some((leaf) => leaf.name === name)),
    );
    const bound = compileModel(model).bind(data);
    const x = bound.pack(row.params);
    const packed = (values: ByName) => Float64Array.from(bound.layout().flatMap(({ name }) => values[name]!));
    const [v, gradient, hvp] = [packed(row.direction), packed(row.gradient), packed(row.hvp)];
    const n = x.length;
    const [g, h, many, H] = [n, n, 2 * n, n * n].map((length) => new Float64Array(length).fill(Number.NaN)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    // an earlier call elsewhere leaves no trace
    bound.flat.lossGradientHvp(
      x.map((value, k) => 0.9 * value + 0.01 * Math.cos(k)),
      v,
      g,
      h,
    );
    const loss = bound.flat.lossGradientHvp(x, v, g, h);
    bound.flat.hessian(x, H);
    hvps(bound, 2)(x, Float64Array.of(...v, ...v), many);
    const off = (got: Float64Array, wanted: Float64Array) =>
      Math.max(...wanted.map((value, k) => Math.abs(got[k]! - value))) / Math.max(1, ...wanted.map(Math.abs));
    const byMatrix = x.map((_, i) => v.reduce((sum, direction, j) => sum + H[i * n + j]! * direction, 0));
    expect(Math.abs(loss - row.loss), "loss").toBeLessThan(1e-12 * Math.max(1, Math.abs(row.loss)));
    expect(off(g, gradient), "gradient").toBeLessThan(1e-10);
    // of loops, matrices and derivatives of derivatives: sums of thousands of products
    expect(off(h, hvp), "HVP").toBeLessThan(1e-9);
    expect(off(byMatrix, hvp), "Hessian times direction").toBeLessThan(1e-9);
    expect(off(many.subarray(n), hvp), "one of two products").toBeLessThan(1e-9);
  });
});
