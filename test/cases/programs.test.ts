import { describe, expect, it, vi } from "vitest";
import { hvps } from "../../src/compile/batch.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { dataFor, deviation, packedFor } from "./program-rows.ts";
import { programs } from "./read-programs.ts";

vi.setConfig({ testTimeout: 60_000 });

const cases = programs.flatMap((row) =>
  row.texts.map((text, k) => [`${row.name}, as written ${k + 1}`, text, row] as const),
);

describe("tensor programs against mpmath", () => {
  it.each(cases)("%s", (_, text, row) => {
    const model = loadModel({ name: "program.nabla", text });
    const data = dataFor(
      row,
      model.data.map(({ name }) => name),
    );
    const bound = compileModel(model).bind(data);
    const x = bound.pack(row.params);
    const names = bound.layout().map(({ name }) => name);
    const { direction: v, gradient, hvp } = packedFor(row, names);
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
    const byMatrix = x.map((_, i) => v.reduce((sum, direction, j) => sum + H[i * n + j]! * direction, 0));
    expect(Math.abs(loss - row.loss), "loss").toBeLessThan(1e-12 * Math.max(1, Math.abs(row.loss)));
    expect(deviation(g, gradient), "gradient").toBeLessThan(1e-10);
    // of loops, matrices and derivatives of derivatives: sums of thousands of products
    expect(deviation(h, hvp), "HVP").toBeLessThan(1e-9);
    expect(deviation(byMatrix, hvp), "Hessian times direction").toBeLessThan(1e-9);
    expect(deviation(many.subarray(n), hvp), "one of two products").toBeLessThan(1e-9);
  });
});
