import { transformSync } from "esbuild";
import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { checkModules } from "../../src/emit/module/typescript.ts";
import { emitModule } from "../../src/emit.ts";
import { loadModel } from "../../src/model/load.ts";
import { webAssembly } from "../../src/wasm.ts";
import { example } from "../model/examples.ts";

vi.setConfig({ testTimeout: 60_000 });

interface Bound {
  lossAndGradient(params: object): { loss: number; gradient: Record<string, Float64Array> };
  hvp(params: object, direction: object): Record<string, Float64Array>;
}

const numbers = (count: number, phase: number) =>
  Array.from({ length: count }, (_, k) => Math.sin(phase + 3.7 * k) / 2);
const rows = (count: number, width: number, phase: number) =>
  Array.from({ length: count }, (_, i) => numbers(width, phase + i));

/** Models with loops of every kind, their data and a point. */
const models: readonly (readonly [string, string, object, Record<string, unknown>])[] = [
  [
    "lstm",
    example("lstm").text,
    { xs: rows(6, 3, 1), next: [0, 3, 1, 2, 4, 0] },
    { W: rows(16, 3, 2), U: rows(16, 4, 3), b: numbers(16, 4), V: rows(5, 4, 5) },
  ],
  [
    "solutions",
    `param a, c: [n]
    let z = root(z = [1, 1]: [z[0]^2 - a, z[0] * z[1] - 1])
    loss = sum(z) + sum(i: root(s = 1: exp(s) + s - c[i])) + argmin(s = 1: a * s^4 - s) + fixedPoint(y = 1: cos(a * y))`,
    {},
    { a: 0.8, c: [2, 3.5] },
  ],
  [
    "repetition",
    `param h: [2], x: [n]
    let run = while(s = h, k = 0, test = k < 3, limit = 5: { s = sin(s) * s[0]; k = k + 1 })
    let nested = reverseScan(v in x, i in 0..n, r = 1: scan(w in x, q = r: sin(q * w + i)) * v)
    loss = sum(run.s) + nested`,
    {},
    { h: [0.9, 0.4], x: [0.5, -1, 0.25] },
  ],
];

describe.each(models)("the loops of %s", (name, text, data, point) => {
  const model = () => loadModel({ name: `${name}.nabla`, text });
  const results = (bound: Bound) => {
    const { loss, gradient } = bound.lossAndGradient(point);
    const hvp = bound.hvp(point, point);
    return [loss, ...Object.values(gradient), ...Object.values(hvp)].flatMap((value) =>
      typeof value === "number" ? [value] : Array.from(value),
    );
  };
  const inMemory = results(compileModel(model()).bind(data as never) as unknown as Bound);

  it("compute every bit in an emitted module of what they compute in memory", async () => {
    const emitted = emitModule(model(), { functions: ["loss", "gradient", "lossAndGradient", "hvp"] });
    const file = `${name}.ts`;
    expect((await checkModules(new Map([[file, emitted]]))).get(file)).toBe(emitted);
    const { code } = transformSync(emitted, { loader: "ts", format: "cjs", target: "es2022" });
    const module = { exports: {} as { bind(data: object): Bound } };
    new Function("module", "exports", code)(module, module.exports);
    expect(results(module.exports.bind(data))).toEqual(inMemory);
    expect(inMemory.every(Number.isFinite)).toBe(true);
  });

  it("compute the same bits where code may not be generated", () => {
    const bound = compileModel(model(), { engine: closureEngine }).bind(data as never) as unknown as Bound;
    expect(results(bound)).toEqual(inMemory);
  });

  it("compute the same in WebAssembly", () => {
    const engine = webAssembly({ use: "always", accurate: true });
    const bound = compileModel(model(), { engine }).bind(data as never) as unknown as Bound;
    for (const [k, value] of results(bound).entries()) expect(value).toBeCloseTo(inMemory[k]!, 11);
  });
});
