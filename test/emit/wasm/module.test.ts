import { transformSync } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import wabt from "wabt";
import { compileModel } from "../../../src/compile/compile.ts";
import { base64 } from "../../../src/emit/base64.ts";
import { checkModule } from "../../../src/emit/module/typescript.ts";
import { emitModule } from "../../../src/emit.ts";
import { loadModel } from "../../../src/model/load.ts";
import { webAssembly } from "../../../src/wasm.ts";
import { countInstances } from "./count-instances.ts";
import "./relaxed.ts";

vi.setConfig({ testTimeout: 60_000 });

const model = loadModel({
  name: "network.nabla",
  text: `param W: [d, h], b: [h], p
data X: [n, d], label: int[n] within 0..h
let z = tanh(X @ W + b)
loss = mean(i: softplus(z[i, label[i]] * cosh(p) + sin(1e7 * p) + asinh(p)^1.5)) + [0.5, 0.25][1] * dot(b, b)`,
});
const text = emitModule(model, { webAssembly: true });

interface Bound {
  lossFlat(x: Float64Array): number;
  lossAndGradientFlat(x: Float64Array, g: Float64Array): number;
  hvpFlat(x: Float64Array, v: Float64Array, h: Float64Array): void;
}

interface BoundWithOutputs extends Bound {
  pack(params: object): Float64Array;
  outputs(params: object): Record<string, Float64Array>;
  gradient(params: object): Record<string, Float64Array>;
  hvp(params: object, direction: object): Record<string, Float64Array>;
  hessian(params: object): Record<string, Record<string, Float64Array>>;
  hessianFlat(x: Float64Array, H: Float64Array): void;
}

const inputs = (n: number) => ({
  X: { data: Float64Array.from({ length: n * 7 }, (_, k) => ((k * 7919) % 201) / 100 - 1), shape: [n, 7] },
  label: Int32Array.from({ length: n }, (_, k) => (k * k) % 5),
});

function load(source: string): { bind(data: object, sizes?: object): BoundWithOutputs } {
  const { code } = transformSync(source, { loader: "ts", format: "cjs", target: "es2022" });
  const module = { exports: {} };
  new Function("module", "exports", code)(module, module.exports);
  return module.exports as never;
}

function results(bound: Bound): number[] {
  const length = 7 * 5 + 5 + 1;
  const x = Float64Array.from({ length }, (_, k) => 0.05 + ((k * 37) % 101) / 101);
  const v = x.map((value) => 1 - value);
  const [g, h] = [new Float64Array(length), new Float64Array(length)];
  const losses = [bound.lossFlat(x), bound.lossAndGradientFlat(x, g)];
  bound.hvpFlat(x, v, h);
  return [...losses, ...g, ...h];
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  for (const [k, value] of got.entries()) {
    expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected[k]!)));
  }
}

const tools = await wabt();

/** How many instructions are a product and a sum in one. */
function countFused(bytes: Uint8Array<ArrayBuffer>): number {
  const module = tools.readWasm(bytes, { readDebugNames: false, relaxed_simd: true });
  return module.toText({ foldExprs: false, inlineExport: false }).split("f64x2.relaxed_madd").length - 1;
}

describe("a module with WebAssembly", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("passes the type-checker, and is the same every time", async () => {
    await expect(checkModule(text)).resolves.toContain("lossAndGradientBytes");
    const withHessian = emitModule(model, { webAssembly: true, functions: ["hessian"] });
    await expect(checkModule(withHessian)).resolves.toContain("hessianBytes");
    expect(emitModule(model, { webAssembly: true })).toBe(text);
  });

  it("computes what the engine in memory computes", () => {
    const names = ["loss", "lossAndGradient", "hvp"];
    expect(names.filter((name) => !text.includes(`${name}Bytes`))).toEqual([]);
    const { flat } = compileModel(model).bind(inputs(200), { h: 5 });
    const same = { lossFlat: flat.loss, lossAndGradientFlat: flat.lossAndGradient, hvpFlat: flat.hvp };
    const instances = countInstances();
    const bound = load(text).bind(inputs(200), { h: 5 });
    expectClose(results(bound), results(same));
    expect(instances.made).toBe(3);
  });

  it("computes outputs and the Hessian too, each instance made once", () => {
    const withOutputs = loadModel({
      name: "outputs.nabla",
      text: `param W: [d, h], b: [h]
data X: [n, d], label: int[n] within 0..h
let z = tanh(X @ W + b)
loss = mean(i: softplus(z[i, label[i]])) + dot(b, b)
output score = [i: z[i, label[i]] * b[label[i]]]
output isLarge = [i: z[i, 0] > 0.1]
output best = [i: argmax(z[i, :])]
output total = sum(z)`,
    });
    const options = { functions: ["loss", "hessian"], webAssembly: true } as const;
    const source = emitModule(withOutputs, options);
    const data = inputs(200);
    const params = {
      W: Float64Array.from({ length: 35 }, (_, k) => ((k * 37) % 101) / 101 - 0.5),
      b: Float64Array.of(0.1, -0.2, 0.3, 0, 0.5),
    };
    const wanted = compileModel(withOutputs).bind(data, { h: 5 });
    const instances = countInstances();
    const bound = load(source).bind(data, { h: 5 });
    const flatten = (blocks: Record<string, Record<string, Float64Array>>) =>
      Object.values(blocks).flatMap((row) => Object.values(row).flatMap((block) => [...block]));
    const x = bound.pack(params);
    const H = new Float64Array(x.length ** 2);
    for (let call = 0; call < 3; call++) {
      const outputs = bound.outputs(params);
      const expected = wanted.outputs(params);
      expect(Object.keys(outputs)).toEqual(Object.keys(expected));
      for (const [name, values] of Object.entries(outputs)) expectClose([...values], [...expected[name]!]);
      expectClose(flatten(bound.hessian(params)), flatten(wanted.hessian(params)));
      bound.hessianFlat(x, H);
      const flat = new Float64Array(H.length);
      wanted.flat.hessian(x, flat);
      expectClose([...H], [...flat]);
    }
    expect(instances.made).toBe(5);
  });

  it("keeps functions apart whose loops are the same, over other arrays", () => {
    const twins = loadModel({
      name: "twins.nabla",
      text: `param u: [n]
data A: [n, n], B: [n, n]
loss = sum(cumsum(u)^2)
output first = A @ u
output second = B @ u`,
    });
    const source = emitModule(twins, { functions: ["gradient", "hvp"], webAssembly: true });
    const n = 1000;
    const matrix = (step: number) => ({
      data: Float64Array.from({ length: n * n }, (_, k) => ((k * step) % 201) / 100 - 1),
      shape: [n, n],
    });
    const vector = (step: number) => Float64Array.from({ length: n }, (_, k) => ((k * step) % 101) / 101 - 0.5);
    const data = { A: matrix(7919), B: matrix(104_729) };
    const params = { u: vector(37) };
    const direction = { u: vector(43) };
    const instances = countInstances();
    const bound = load(source).bind(data, { n });
    const wanted = compileModel(twins).bind(data, { n });
    const flatten = (of: Record<string, Float64Array>) => Object.values(of).flatMap((values) => [...values]);
    expectClose(flatten(bound.gradient(params)), flatten(wanted.gradient(params)));
    expectClose(flatten(bound.hvp(params, direction)), flatten(wanted.hvp(params, direction)));
    expectClose(flatten(bound.outputs(params)), flatten(wanted.outputs(params)));
    expect(instances.made).toBe(4);
  });

  it("fuses products and sums where relaxed SIMD is there, and only there", () => {
    const asEmitted = (source: string, isRelaxed: boolean) => {
      const { compiled } = countInstances(isRelaxed);
      const got = results(load(source).bind(inputs(200), { h: 5 }));
      return { got, fused: compiled.map(countFused) };
    };
    const [once, twice] = [asEmitted(text, true), asEmitted(text, false)];
    const never = asEmitted(emitModule(model, { webAssembly: { fused: false } }), true);
    // more than one a vector loop: 12 in a tanh alone
    expect(once.fused.map((count) => count > 20)).toEqual([true, true, true]);
    expect([twice.fused, never.fused]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(never.got).toEqual(twice.got);
    expectClose(once.got, twice.got);
    for (const [fused, expected] of [
      [true, once],
      [false, twice],
    ] as const) {
      countInstances(true);
      const { flat } = compileModel(model, { engine: webAssembly({ fused }) }).bind(inputs(200), { h: 5 });
      const same = { lossFlat: flat.loss, lossAndGradientFlat: flat.lossAndGradient, hvpFlat: flat.hvp };
      expect(results(same)).toEqual(expected.got);
    }
  });

  it("leaves places without WebAssembly to the loops beside it", () => {
    const plain = load(emitModule(model));
    vi.stubGlobal("WebAssembly", undefined);
    expect(results(load(text).bind(inputs(200), { h: 5 }))).toEqual(results(plain.bind(inputs(200), { h: 5 })));
  });
});

describe("a window as wide as a size says", () => {
  const filters = (w: string) => `size w${w}, k
param F: [w, w, 1, k]
data images: [n, 12, 12, 1]
loss = sum(conv2d(images, F, stride = 2)^2)`;
  const bound = (written: string, w: number) => {
    const images = { data: Float64Array.from({ length: 5 * 144 }, (_, k) => Math.sin(k)), shape: [5, 12, 12, 1] };
    return load(written).bind({ images }, { w, k: 4 });
  };
  const [open, expected] = ["", " ~ 3"].map((w) =>
    emitModule(loadModel({ name: "filters", text: filters(w) }), { webAssembly: true }),
  ) as [string, string];

  it("has a form of its own for the width to be expected, and for no other", () => {
    expect(open).not.toMatch(/\.size\(\d\) === 3/);
    expect(expected.split(/\.size\(\d\) === 3/)).toHaveLength(4);
    const instances = countInstances();
    for (const w of [3, 4]) {
      const x = Float64Array.from({ length: 4 * w * w }, (_, k) => Math.cos(k));
      const v = x.map((value) => 1 - value);
      const [one, other] = [open, expected].map((text) => {
        const { lossAndGradientFlat, hvpFlat } = bound(text, w);
        const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
        const loss = lossAndGradientFlat(x, g);
        hvpFlat(x, v, h);
        return [loss, ...g, ...h];
      }) as [number[], number[]];
      for (const [k, value] of one.entries()) expect(Math.abs(value - other[k]!)).toBeLessThan(1e-11);
    }
    expect(instances.made).toBe(8);
  });
});

describe("loops up to a size that is expected to be small", () => {
  it("are written out in a form of their own", () => {
    const distances = (k: string) => `size n, k${k}
param P: [n, k]
data D: [n, n]
loss = sum(i, j in 0..i: (norm(P[i] - P[j]) - D[i, j])^2)`;
    const [open, expected] = ["", " ~ 3"].map((k) =>
      emitModule(loadModel({ name: "distances", text: distances(k) }), { webAssembly: true }),
    ) as [string, string];
    expect(open).not.toMatch(/\.size\(\d\) === 3/);
    expect(expected).toMatch(/\.size\(\d\) === 3/);
    const n = 40;
    const D = { data: Float64Array.from({ length: n * n }, (_, k) => 1 + Math.sin(k) ** 2), shape: [n, n] };
    for (const k of [3, 2]) {
      const x = Float64Array.from({ length: n * k }, (_, at) => Math.cos(at));
      const [one, other] = [open, expected].map((text) => {
        const { lossAndGradientFlat, hvpFlat } = load(text).bind({ D }, { n, k });
        const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
        const loss = lossAndGradientFlat(x, g);
        hvpFlat(x, g, h);
        return [loss, ...g, ...h];
      }) as [number[], number[]];
      const scale = Math.max(...one.map(Math.abs));
      for (const [at, value] of one.entries()) expect(Math.abs(value - other[at]!)).toBeLessThan(1e-13 * scale);
    }
  });
});

describe("small functions, and vectors that no cache holds", () => {
  const squares = emitModule(loadModel({ name: "squares", text: "param x: [n]\nloss = sum(x^2)" }), {
    webAssembly: true,
  });

  it.each([
    [8, 0],
    [1000, 1],
    [400_000, 0],
  ])("are left to the loops where calls and copies cost more than is saved: %i numbers", (n, made) => {
    const instances = countInstances();
    const g = new Float64Array(n);
    load(squares).bind({}).lossAndGradientFlat(new Float64Array(n).fill(3), g);
    expect(instances.made).toBe(made);
    expect(g.every((value) => value === 6)).toBe(true);
  });
});

describe("base64", () => {
  it("is read back by atob", () => {
    for (const length of [0, 1, 2, 3, 4, 257]) {
      const bytes = Uint8Array.from({ length }, (_, k) => (k * 89) % 256);
      expect(Uint8Array.from(atob(base64(bytes)), (letter) => letter.charCodeAt(0))).toEqual(bytes);
    }
  });
});
