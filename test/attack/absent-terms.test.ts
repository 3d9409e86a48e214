import { describe, expect, it } from "vitest";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { emitModule, withoutTypes } from "../../src/emit.ts";
import { loadModel } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

/** Sums whose terms are infinite or NaN in the rows and columns that conditions on data leave out. */
const losses = [
  "sum(i, j: if c[i] > 0 then (v[j] - x[i])^2 / c[i] else 0)",
  "sum(i, j: select(c[i] > 0, (v[j] - x[i])^2 / sqrt(c[i]), 0))",
  "sum(i, j: if d[j] != 0 then (z[j] - x[i])^2 / d[j] + z[j] else 0)",
  "sum(i, j: if c[i] > 0 and d[j] > 0 then (z[j] - x[i])^2 / d[j] / c[i] else 0)",
  "sum(i, j: if c[i] == 0 then 0 else (v[j] - x[i])^2 * log(c[i]) + z[j] * x[i] / r[i])",
  "sum(i: if c[i] > 0 then sum(j: v[j] * x[i] * z[j]) / c[i] else 0)^2",
  "sum(i, j: if c[i] > 0 and seen[i] then (v[j] - x[i])^2 * log(r[i]) * sum(w) else 0)",
  "sum(i, j: if c[i] > 0 and j < c[i] then (v[j] - x[i] * z[j])^2 / c[i] * r[i] else 0)",
  "sum(i: if c[i] > 0 then (dot(X[i], w) - r[i])^2 / c[i] else 0)",
  "sum(i: if c[i] >= 1 then sin(x[i] - r[i]) * x[i] else 0)",
  "sum(i: if c[i] >= 1 then sin(x[i] * dot(X[i], w)) else 0)",
  "sum(i: select(c[i] >= 1, max(X[i] * w), 0))",
  "sum(i, j: if not seen[i] then 0 else (dot(X[i], w) * z[j] - v[j])^2)",
  "sum(i: if not (c[i] > 0) then 0 else r[i] * sum(j: if d[j] > 0 then x[i] + z[j] / d[j] else 0))",
  "sum([i: if c[i] >= 1 then log(c[i]) * (X @ w)[i] else 0]) + sum(i: if c[i] > 0 then (X @ w)[i]^2 else 0)",
];

const declarations =
  "param x: [n], z: [m], w: [2]\ndata c: int[n], r: [n], seen: bool[n], X: [n, 2], d: int[m], v: [m]\n";

/** Where a loss asks for c or seen the second row is left out, and where it asks for d the first column; they are not there without a number for them. */
function inputsOf(loss: string, hidden?: number) {
  const given = <T>(all: readonly T[], without: number) => all.filter((_, k) => hidden !== undefined || k !== without);
  const row = <T>(all: readonly T[]) => given(all, /c\[i\]|seen/.test(loss) ? 1 : all.length);
  const column = <T>(all: readonly T[]) => given(all, loss.includes("d[j]") ? 0 : all.length);
  const none = hidden ?? 0;
  const params = { x: row([0.6, -0.8, 1.1]), z: column([0.9, -0.7, 0.35]), w: [0.8, -0.45] };
  const along = { x: row([1, 0.5, -0.7]), z: column([0.4, -1, 0.8]), w: [0.6, 1] };
  const data = {
    c: row([2, 0, 3]),
    r: row([0.7, none, 1.9]),
    seen: row([true, false, true]),
    X: row([
      [0.5, 1],
      [none, none],
      [-1, 0.25],
    ]),
    d: column([0, 1, 2]),
    v: column([0.5, 1.1, -0.6]),
  };
  return { params, along, data };
}

type Inputs = ReturnType<typeof inputsOf>;
type Slopes = Readonly<Record<string, Float64Array>>;
interface Functions {
  lossAndGradient(params: Inputs["params"]): { readonly loss: number; readonly gradient: Slopes };
  hvp(params: Inputs["params"], along: Inputs["along"]): Slopes;
}

const compiled = (options: CompileOptions) => (text: string) => {
  const model = compileModel(loadModel({ name: "absent", text }), options);
  return (data: Inputs["data"]): Functions => model.bind(data);
};
const engines: Readonly<Record<string, (text: string) => Bind | Promise<Bind>>> = {
  JavaScript: compiled({}),
  "exact rewrites": compiled({ rewrites: "exact" }),
  "no rewrites": compiled({ rewrites: "none" }),
  closures: compiled({ engine: closureEngine }),
  WebAssembly: compiled({ engine: webAssembly({ use: "always" }) }),
  "an emitted file": async (text) => {
    const code = await withoutTypes(emitModule(loadModel({ name: "absent", text }), { webAssembly: false }));
    const { bind } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { bind: Bind };
    return bind;
  },
};
type Bind = (data: Inputs["data"]) => Functions;

describe("terms that conditions on data leave out", () => {
  it.each(Object.keys(engines).flatMap((engine) => losses.map((loss) => [engine, loss] as const)))(
    "add nothing to loss, gradient and Hessian: %s, %s",
    async (engine, loss) => {
      const bind = await engines[engine]!(`${declarations}loss = ${loss}`);
      const results = (hidden?: number) => {
        const { params, along, data } = inputsOf(loss, hidden);
        const functions = bind(data);
        const { loss: value, gradient } = functions.lossAndGradient(params);
        const product = functions.hvp(params, along);
        return [[value], ...Object.keys(params).flatMap((name) => [[...gradient[name]!], [...product[name]!]])];
      };
      const wanted = results().flat();
      const { x, z } = inputsOf(loss).params;
      for (const hidden of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
        const got = results(hidden).map((values, k) => {
          const isRow = (k === 1 || k === 2) && x.length < values.length;
          const isColumn = (k === 3 || k === 4) && z.length < values.length;
          const without = isRow ? 1 : isColumn ? 0 : -1;
          if (without >= 0) expect(Math.abs(values[without]!)).toBe(0);
          return values.filter((_, at) => at !== without);
        });
        // a few dozen operations on numbers of about 1
        for (const [k, value] of got.flat().entries()) expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-12);
      }
    },
  );
});
