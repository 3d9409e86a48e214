import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import type { EngineName } from "../../src/cli/eval/request.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { loadModel } from "../../src/model/load.ts";
import { webAssembly } from "../../src/wasm.ts";

interface Found {
  readonly loss: number;
  readonly gradient: Readonly<Record<string, ArrayLike<number>>>;
  readonly hvp: Readonly<Record<string, ArrayLike<number>>>;
}
interface Bound {
  lossGradientHvp(point: object, direction: object): Found;
}
type Bind = (text: string, data: object) => Bound;

const model = (text: string) => loadModel({ name: "bad.nabla", text });
const compiled = (text: string, options: object, data: object) =>
  compileModel(model(text), options).bind(data as never) as unknown as Bound;

/** As `nabla eval --engine` computes. */
const asked =
  (engine: EngineName): Bind =>
  (text, data) => ({
    lossGradientHvp(point, direction) {
      const asked = { wrt: undefined, want: undefined, engine };
      const inputs = { ...data, ...point };
      const { loss, gradient, hvp } = new Evaluation(model(text)).answer({
        ...asked,
        inputs,
        direction: { ...direction },
      });
      const values = (tensors: typeof gradient) =>
        Object.fromEntries(Object.entries(tensors!).map(([name, each]) => [name, each.values]));
      return { loss: loss!, gradient: values(gradient), hvp: values(hvp) };
    },
  });

const engines: Readonly<Record<string, Bind>> = {
  JavaScript: (text, data) => compiled(text, {}, data),
  closures: (text, data) => compiled(text, { engine: closureEngine }, data),
  WebAssembly: (text, data) => compiled(text, { engine: webAssembly({ use: "always", accurate: true }) }, data),
  "an emitted module": (text, data) => {
    const source = emitModule(model(text), { functions: ["loss", "gradient", "lossGradientHvp"] });
    const { code } = transformSync(source, { loader: "ts", format: "cjs", target: "es2022" });
    const module = { exports: {} as { bind: (data: object) => Bound } };
    new Function("module", "exports", code)(module, module.exports);
    return module.exports.bind(data);
  },
  "the interpreter": asked("interpreter"),
  "complex numbers": asked("complex"),
  "dual numbers": asked("dual"),
};

const rows = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const filter = [
  [[1], [1]],
  [[1], [1]],
  [[1], [1]],
];
const square = (a: number, b: number, c: number, d: number) => [
  [a, b],
  [c, d],
];
const lookup = "param X: [n, d]\ndata at: int[k]\nloss = sum(X[at]^2)";
const image = "param x: [h, c], f: [3, c, k]\nloss = ";
const matrix = "param A: [n, n]\nloss = ";
const vector = "param x: [n]\nloss = ";

/** What is refused: a model, its point and data, and what the message has to say. */
const refused: readonly (readonly [text: string, point: object, data: object, message: RegExp])[] = [
  [lookup, { X: rows }, { at: [0, 3, 1] }, /"at" must lie in 0\.\.n: needed 0\.\.3, got 3 at (\[1\]|position 1)\./],
  [lookup, { X: rows }, { at: [0, 1, -1] }, /needed 0\.\.3, got -1 at (\[2\]|position 2)\./],
  [
    "param X: [n, d]\ndata at: int[k] within 0..n\nloss = sum(X[at])",
    { X: rows },
    { at: [0, 7] },
    /needed 0\.\.3, got 7 at (\[1\]|position 1)/,
  ],
  [
    "param X: [n, d]\ndata at: int[n, 1]\nloss = sum(takeAlongAxis(X, at)^2)",
    { X: rows },
    { at: [[0], [1], [2]] },
    /needed 0\.\.2, got 2 at (\[2, 0\]|position 2)/,
  ],
  ["param x: [n]\ndata at: int[n]\nloss = sum(scatterAdd(x, at, 2))", { x: [1, 2] }, { at: [0, 2] }, /got 2 at/],
  [`${vector}sum(x[0..n-2])`, { x: [1] }, {}, /needed 0 and above, got -1/],
  [
    "param x: [n-2]\ndata y: [n]\nloss = sum(x) + sum(y)",
    { x: [] },
    { y: [1] },
    /axis 0 of "x", n - 2, is -1: a size is 0 or more|"x" needs -1 along axis 0 \(n - 2; n = 1\b/,
  ],
  [
    "param x: [n-2, n-3]\ndata y: [n]\nloss = sum(x) + sum(y)",
    { x: new Float64Array(2) },
    { y: [1] },
    /axis 0 of "x", n - 2, is -1: a size is 0 or more/,
  ],
  [
    "param x\ndata y: [n], z: [n-2, n-3]\nloss = x + sum(z) + sum(y)",
    { x: 1 },
    { y: [1], z: new Float64Array(2) },
    /axis 0 of "z", n - 2, is -1: a size is 0 or more/,
  ],
  [`${vector}sum(i in 0..n-4: x[i]) + sum(x)`, { x: [1, 2] }, {}, /must not be negative: needed 0 and above, got -2/],
  [`${vector}sum(zeros(n - 3)) + sum(x)`, { x: [1, 2] }, {}, /a size of zeros: needed 0 and above, got -1/],
  [`${vector}max(x) + sum(x)`, { x: [] }, {}, /must not be empty/],
  [`${vector}sum(x * linspace(0, 1, n))`, { x: [1] }, {}, /linspace has both its ends: needed 2 and above, got 1/],
  [
    "param x: [n], h\nlet r = scan(v in x, s = h: { s = s * v; y = s })\nloss = r.y[n-1] + h",
    { x: [], h: 2 },
    {},
    /must lie in 0\.\.n: needed 0\.\.0, got -1/,
  ],
  ["param a\nloss = while(s = a, test = s > 0, limit = 0: s + 1)", { a: 1 }, {}, /a number of steps, got 0/],
  ["param a\nloss = while(s = a, test = s > 0: s + 1)", { a: 1 }, {}, /no reverse derivative without a limit/],
  [`${image}sum(conv1d(x, f, stride = 0))`, { x: rows, f: filter }, {}, /"stride" of conv1d is 1 or more, got 0/],
  [`${image}sum(conv1d(x, f, dilation = 0))`, { x: rows, f: filter }, {}, /"dilation" of conv1d is 1 or more, got 0/],
  [`${image}sum(conv1d(x, f, padding = -1))`, { x: rows, f: filter }, {}, /"padding" of conv1d is 0 or more, got -1/],
  [`${image}sum(conv1d(x, f, groups = 0))`, { x: rows, f: filter }, {}, /"groups" of conv1d is 1 or more, got 0/],
  [`${image}sum(conv1d(x, f))`, { x: [[1, 2]], f: filter }, {}, /H \+ 2p - F in H' = floor.*got -2/],
  [
    "param x: [h, c]\nloss = sum(maxPool1d(x, window = 0))",
    { x: rows },
    {},
    /"window" of maxPool1d is 1 or more, got 0/,
  ],
  ["param x: [h, c]\nloss = sum(avgPool1d(x, window = 2, stride = 0))", { x: rows }, {}, /"stride" of avgPool1d is 1/],
  [`${vector}sum(topK(x, 5))`, { x: [1, 2] }, {}, /topK takes.*got -3/],
  ["param X: [n, 3]\nloss = sum(X)", { X: [1, 2] }, {}, /"X" needs (the )?shape \[n, 3\], got (the shape )?\[2\]/],
  ["param X: [n, d]\nloss = sum(X)", { X: [] }, {}, /size "?d"? follows from no/],
  [`${vector}quantile(x, 1.5)`, { x: [1, 2] }, {}, /q from 0 to 1, got 1\.5/],
  [`${vector}sum(reshape(x, [2, 2]))`, { x: [1, 2, 3] }, {}, /as many elements/],
];

/** What has no value, and gives what is documented: a loss, and a slope; where that is NaN, changes of slopes are too. */
const given: readonly (readonly [text: string, point: object, loss: number, slope: number | undefined])[] = [
  [`${vector}logsumexp(x)`, { x: [] }, Number.NEGATIVE_INFINITY, undefined],
  [`${vector}mean(x)`, { x: [] }, Number.NaN, undefined],
  ["param x: [n], q\nloss = quantile(x, q)", { x: [1, 2], q: 1.25 }, Number.NaN, undefined],
  ["param x: [n], q\nloss = quantile(x, q)", { x: [1, 2], q: 0.75 }, 1.75, 0.25],
  ["param x: [n], h\nloss = scan(v in x, s = h: s * v + h)^2", { x: [], h: 2 }, 4, undefined],
  ["param w: [d], X: [n, d]\nloss = sum((X @ w)^2) + sum(w^2)", { w: [1, 2], X: [] }, 5, 2],
  ["param X: [n, d, 3], b\nloss = sum(X^2) + d + n + b^2", { X: [[], []], b: 2 }, 6, undefined],
  ["param a\nloss = root(s = 1: s^2 + a)", { a: 1 }, Number.NaN, Number.NaN],
  ["param a\nloss = root(s = 1, limit = 2: exp(s) - a)", { a: 100 }, Number.NaN, Number.NaN],
  ["param a\nloss = fixedPoint(s = 1: 2 * s + a^2)", { a: 1 }, Number.NaN, Number.NaN],
  ["param a\nloss = argmin(s = 1: -s^2 + a^2 * s)", { a: 1 }, Number.NaN, Number.NaN],
  ["param a\nloss = while(s = a, test = s > 0, limit = 10: s + 1)", { a: 1 }, 11, 1],
  [`${matrix}sum(inverse(A))`, { A: square(1, 2, 2, 4) }, Number.NaN, Number.NaN],
  [`${matrix}sum(cholesky(A))`, { A: square(1, 2, 2, 1) }, Number.NaN, Number.NaN],
  [`${matrix}logdet(A)`, { A: square(1, 2, 2, 4) }, Number.NEGATIVE_INFINITY, Number.NaN],
  [`${matrix}logdet(A, positiveDefinite = true)`, { A: square(1, 2, 2, 1) }, Number.NaN, Number.NaN],
  [`${matrix}sum(qr(A).r)`, { A: square(1, 1, 1, 1) }, Number.NaN, Number.NaN],
];

describe.each(Object.entries(engines))("bad input to %s", (_, bind) => {
  it.each(refused)("is refused: %s of %j with %j", (text, point, data, message) => {
    let error: unknown;
    try {
      bind(text, data).lossGradientHvp(point, point);
    } catch (thrown) {
      error = thrown;
    }
    expect((error as Error | undefined)?.message).toMatch(message);
    expect((error as Error).constructor.name).toMatch(/^(\w*Usage|Data|IndexRange|Shape|Differentiation)Error$/);
  });

  it.each(given)("gives what is documented: %s of %j is %d", (text, point, loss, slope) => {
    const { loss: found, gradient, hvp } = bind(text, {}).lossGradientHvp(point, point);
    expect(found).toBe(loss);
    if (slope === undefined) return;
    expect(Object.values(gradient)[0]![0]).toBe(slope);
    if (Number.isNaN(slope)) expect(Object.values(hvp)[0]![0]).toBeNaN();
  });
});
