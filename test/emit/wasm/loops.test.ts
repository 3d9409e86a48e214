import { describe, expect, it } from "vitest";
import wabt from "wabt";
import { compileModel } from "../../../src/compile/compile.ts";
import { printWasm } from "../../../src/emit/wasm/module.ts";
import { loadModel } from "../../../src/model/load.ts";
import { webAssembly } from "../../../src/wasm.ts";
import { bothEngines, numbers } from "./both.ts";

/** Loops whose iterations meet in elements, look elements up, or hold under conditions. */
const losses = [
  "sum(i: (x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
  "sum(i: x[i+2] * x[i]^2 + sin(x[i+1]))",
  "sum(i: tanh(x[i+1] - 2*x[i] + x[i+3]))",
  "sum(i in 0..n: y[i] * x[k[i]]^2)",
  "sum(i in 0..n: exp(x[k[i]] * x[i]))",
  "sum(i in 0..n: pad(x, 1)[i]^2 * pad(x, 2)[i+3])",
  "sum(i in 0..n: if y[i] > 0.1 then log1p(x[i]^2) else x[i]^3)",
  "sum(i in 0..n: if c[i] then x[i] * y[i] else softplus(x[i]))",
  "sum(i in 0..n: sin(3*x[i]) * cos(3*x[i]) + sin(1e8*x[i]) * cos(1e8*x[i]))",
  "sum(i in 0..n: softplus(y[i] * sum(j in 0..n: x[j] * (i - j))))",
  "sum(i in 0..n: y[i] * tanh(sum(j in 0..n: x[j] * sin(x[i]))))",
  "max(i in 0..n: x[i] * y[i])",
  "sum(i in 0..n: x[i] * sum(j in 0..n: x[j] * y[j] * (i + 2*j)))",
  "sum(cumsum(x) * y)",
  "sum(i in 0..n//2+1: sum(j in 0..4: pad(x, 3)[2*i+j] * (1 + j))^2)",
  "sum(i in 0..n, j in 0..n: exp(-(x[i] - x[j])^2))",
  "prod(i in 0..n: 1.5 + x[i] / 8)",
  "sum(i in 0..n: erf(x[i]) * y[n-1-i])",
  "sum(i in 0..n: logsumexp([j in 0..3: x[i] * j]))",
  "sum(sort(x) * y)",
  // sine and cosine of one number, in loops around the ends of an array and within it
  "{ let p = flatten(sin(outer(pad(x, 1), [x[0], 2 * x[0]]))); return sum(j: p[j] * cos(j)) }",
];

describe.each(losses)("the loss %s", (loss) => {
  const engines = bothEngines(
    `param x: [n]\ndata y: [n], k: int[n] within 0..n, c: bool[n]\nloss = ${loss}\noutput twice = 2 * x`,
  );

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 30])("is the same in WebAssembly for n = %i", (n) => {
    const data = {
      y: numbers(n, 5),
      k: Int32Array.from({ length: n }, (_, i) => (i * i + 1) % n),
      c: Uint8Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    };
    if (n < 4 && loss.includes("x[i+")) return;
    engines.expectAgreement([["x", [n]]], data, { n });
  });
});

/** Loops over steps whose carried arrays lie in two halves that take turns. */
const carried = [
  "sum(scan(s in 0..n, z = x: z + 0.1 * (y - z^3)))",
  "sum(scan(s in 0..5, z = x: [i in 0..n: z[n-1-i] * y[i] + x[i]])^2)",
  "sum(scan(s in 0..4, z = x: [i in 0..n: pad(z, 1)[i] - 0.5 * z[i] + y[i] * pad(z, 1)[i+2]])^2)",
  "sum(scan(s in 0..3, z = x, u = y: {\n  z = tanh(z + u)\n  u = z * u\n}).z^2)",
];

describe.each(carried)("the loop over steps %s", (loss) => {
  const engines = bothEngines(`param x: [n]\ndata y: [n]\nloss = ${loss}\noutput twice = 2 * x`);

  it.each([1, 2, 3, 8, 9, 17])("is the same in WebAssembly for n = %i", (n) => {
    engines.expectAgreement([["x", [n]]], { y: numbers(n, 5) }, { n });
  });
});

/** Products, whose products with Hessians carry sums along that each element multiplies. */
const multiplied = [
  "sin(prod(x + y))",
  "sum(i in 0..4: sin(prod(j: x[j] - i * y[j])))",
  "sum(i in 0..n: sin(prod(j: if j < i then x[j] else y[j])))",
];

describe.each(multiplied)("the product %s", (loss) => {
  const engines = bothEngines(`param x: [n]\ndata y: [n]\nloss = ${loss}`);

  it.each([1, 2, 3, 8, 9, 17])("is the same in WebAssembly for n = %i", (n) => {
    engines.expectAgreement([["x", [n]]], { y: numbers(n, 5) }, { n });
  });
});

/** Lengths of which some are 0, too large or too small to square, and sums that conditions on lengths choose. */
const lengths = [
  "sum(i, j in 0..i: (norm(s[j] * (P[i] - P[j])) / s[j] - y[i])^2)",
  "sum(i, j in 0..i: norm(z[j] * (P[i] - P[j])) * y[j])",
  "sum(i, j in 0..i: 1 / (1 + norm(z[j] * s[i] * (P[i] - P[j]))))",
  "sum(i in 0..n: norm(P[a[i]] - P[b[i]]) * y[i])",
  "sum(i in 0..n: (norm(s[i] * (P[a[i]] - P[b[i]])) / s[i] - 0.5)^2)",
  "sum(i, j in 0..i: norm([k in 0..2: z[j] * (x[j] - (k + 0.5) * x[i])]) * y[j])",
  "sum(i: norm([k in 0..2: z[i] * (x[i+1] - (k + 0.5) * x[i])]))",
  "sum(i: norm(P[i])^3)",
  "sum(i, j in 0..i: { let d = norm(z[j] * (P[i] - P[j]))\n return if d < 0.7 then exp(-d) * d^2 else 0 })",
  "sum(i, j in 0..i: { let d = norm(P[i] - P[j])\n return if d < 0.4 then 1 / (1 + d) else if d < 0.9 then exp(-d) else d / 8 })",
  "sum(i, j in 0..i: max(0.8 - norm(P[i] - P[j]), 0)^2)",
];

const tools = await wabt();

describe.each(lengths)("the loss %s", (loss) => {
  const text = `param P: [n, 2], x: [n]
data y: [n], s: [n], z: [n], a: int[n] within 0..n, b: int[n] within 0..n
loss = ${loss}
output half = P / 2`;
  const engines = bothEngines(text);
  const dataOf = (n: number) => ({
    y: numbers(n, 5),
    s: Float64Array.from({ length: n }, (_, i) => [1, 1e100, 1, 1e-100, 1, 1, 1, 1][i % 8]!),
    z: Float64Array.from({ length: n }, (_, i) => (i % 5 === 2 ? 0 : 1)),
    a: Int32Array.from({ length: n }, (_, i) => (i * i + 1) % n),
    b: Int32Array.from({ length: n }, (_, i) => (3 * i + 1) % n),
  });

  it.each([1, 2, 3, 5, 8, 17, 40])("is the same in WebAssembly for n = %i", (n) => {
    if (n > 1 || !loss.includes("i+1")) {
      const shapes = [
        ["P", [n, 2]],
        ["x", [n]],
      ] as const;
      engines.expectAgreement(shapes, dataOf(n), { n });
    }
  });

  it("asks whether both of two iterations are on one side of a choice", () => {
    const compiled = compileModel(loadModel({ name: "lengths", text }), { engine: webAssembly({ use: "always" }) });
    const { functions } = compiled.bind(dataOf(8)).parts();
    const { whole, signature } = functions.get("hvp").forSizes([8]);
    const module = tools.readWasm(printWasm(whole(), signature).bytes, { readDebugNames: false });
    expect(module.toText({ foldExprs: false, inlineExport: false })).toContain("i64x2.all_true");
  });
});

describe("positions that tables hold", () => {
  it("are read as whole numbers, not by way of reals", () => {
    const text =
      "param x: [n]\ndata a: int[m] within 0..n, b: int[m] within 0..n\nloss = sum(k: (x[a[k]] - x[b[k]])^2)";
    const compiled = compileModel(loadModel({ name: "springs", text }), { engine: webAssembly({ use: "always" }) });
    const { functions } = compiled.bind({ a: [0, 1, 2], b: [1, 2, 0] }, { n: 3 }).parts();
    const { whole, signature } = functions.get("lossAndGradient").forSizes([3, 3]);
    const module = tools.readWasm(printWasm(whole(), signature).bytes, { readDebugNames: false });
    const instructions = module.toText({ foldExprs: false, inlineExport: false });
    expect(instructions).toContain("i32.load");
    expect(instructions).not.toMatch(/trunc|convert/);
  });
});
