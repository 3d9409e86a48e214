import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { closureEngine, type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { compile, compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import { webAssembly } from "../../src/wasm.ts";
import { numbersFor } from "../emit/run.ts";

const [n, d] = [40, 6];

interface Case {
  readonly text: string;
  readonly data: () => Record<string, number | readonly number[] | Float64Array>;
  readonly length: number;
  /** What the function need not compute. */
  readonly absent: RegExp;
}

const columns = (count: number, name: string) => Array.from(numbersFor(name, count));
const counts = (count: number) => columns(count, "counts").map((value) => Math.floor(3 + 2 * value));

const cases: Record<string, Case> = {
  "a term of every row": {
    text: "param w: [d], b\ndata X: [n, d], y: [n]\nlet eta = X @ w + b\nloss = sum(exp(eta) - y*eta + lgamma(y + 1))",
    data: () => ({ X: numbersFor("X", n * d), y: counts(n) }),
    length: d + 1,
    absent: /lgamma/,
  },
  "a logarithm beside columns of any number": {
    text: "param w: [d], logk\ndata X: [n, d], t: [n], e: [n]\nlet z = exp(logk) * (log(t) - X @ w)\nloss = -sum(e*(logk + z - log(t)) - exp(z))",
    data: () => ({ X: numbersFor("X", n * d), t: columns(n, "t").map(Math.exp), e: counts(n) }),
    length: d + 1,
    absent: /Math\.log/,
  },
  "a factor": {
    text: "param m: [n]\ndata A: [n, n], y: [n]\nlet S = A @ A' + [i in 0..n, j in 0..n: if i == j then 3 else 0]\nlet L = cholesky(S)\nlet z = solve(L, y - m)\nloss = dot(z, z) + sum(log(diagonal(L)))",
    data: () => ({ A: numbersFor("A", 144), y: numbersFor("y", 12) }),
    length: 12,
    absent: /cholesky|sqrt/,
  },
  "waves of times": {
    text: "param a: [k], b: [k]\ndata t: [n], y: [n]\nloss = sum([i in 0..n: (sum([j in 0..k: a[j]*cos((j+1)*t[i]) + b[j]*sin((j+1)*t[i])]) - y[i])^2])",
    data: () => ({ t: numbersFor("t", n), y: numbersFor("y", n) }),
    length: 8,
    absent: /cos|sin/,
  },
  "a part within a part": {
    text: "param w: [n]\ndata x: [n], s\nlet u = exp(s*x)\nlet v = tanh(sum(log(1 + u))) * cosh(u)\nloss = sum(sin(w*u) + w^2*v)",
    data: () => ({ x: numbersFor("x", n), s: 0.25 }),
    length: n,
    absent: /cosh|tanh/,
  },
  "what steps of a loop need": {
    text: "param b, k\ndata t: [n]\nloss = (scan(at in t, s = 1: { s = s + b*s*(1 + 0.3*cos(3*at)) - k*exp(-at)*s }).s - 1)^2",
    data: () => ({ t: numbersFor("t", n) }),
    length: 2,
    absent: /cos|Math\.exp\(-/,
  },
  "what a search finds": {
    text: "param w: [n]\ndata c: [n]\nlet r = [i in 0..n: root(z = 1: z^3 + z - exp(c[i]))]\nloss = sum((w - r)^4)",
    data: () => ({ c: numbersFor("c", n) }),
    length: n,
    absent: /while/,
  },
};

const engines: Record<string, Engine> = {
  js: javaScriptEngine,
  closures: closureEngine,
  wasm: webAssembly({ use: "always" }),
};

type Inputs = ReturnType<Case["data"]>;

/** Loss, gradient and product of a bound model; of one in which the data vary too, what belongs to the parameters. */
function resultsOf({ text, data, length }: Case, engine: Engine = javaScriptEngine, areDataVaried = false): number[] {
  const inputs = data();
  const names = Object.keys(inputs);
  const own = compileText(text).bind(inputs);
  const [point, direction] = [own.unpack(numbersFor("x", length)), own.unpack(numbersFor("v", length))];
  const wrt = areDataVaried ? [...Object.keys(point), ...names] : Object.keys(point);
  const bound = compileText(text, { engine, wrt }).bind(areDataVaried ? {} : inputs, areDataVaried ? sizesOf(own) : {});
  const still = Object.fromEntries(names.map((name) => [name, zeros(inputs[name]!)]));
  const x = areDataVaried ? { ...point, ...inputs } : point;
  const v = areDataVaried ? { ...direction, ...still } : direction;
  const { loss, gradient } = bound.lossAndGradient(x as never);
  const product = bound.hvp(x as never, v as never) as typeof gradient;
  const packed = (values: Record<string, Float64Array>) =>
    Object.keys(point).flatMap((name) => Array.from(values[name]!));
  return [loss, bound.loss(x as never), ...packed(gradient), ...packed(product)];
}

const sizesOf = ({ sizes }: { readonly sizes: Readonly<Record<string, number>> }) => ({ ...sizes });

const zeros = (value: Inputs[string]) => (typeof value === "number" ? 0 : new Float64Array(value.length));

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got).toHaveLength(wanted.length);
  const largest = Math.max(...wanted.map(Math.abs));
  for (const [k, value] of wanted.entries()) expect(Math.abs(got[k]! - value) / largest).toBeLessThan(1e-12);
}

interface EmittedModel {
  loss(x: unknown): number;
  lossAndGradient(x: unknown): { loss: number; gradient: Record<string, Float64Array> };
  hvp(x: unknown, v: unknown): Record<string, Float64Array>;
}

function emitted(text: string, webAssembly = false): { bind(data: object): EmittedModel } {
  const { code } = transformSync(emitModule(loadModel({ name: "m.nabla", text }), { webAssembly }), {
    loader: "ts",
    format: "cjs",
  });
  const module = { exports: {} as ReturnType<typeof emitted> };
  new Function("module", "exports", code)(module, module.exports);
  return module.exports;
}

describe.each(Object.entries(cases))("what follows from data alone: %s", (_, given) => {
  const truth = resultsOf(given, javaScriptEngine, true);
  const { text, data, length } = given;

  it.each(Object.entries(engines))("is computed once and right (%s)", (_, engine) => {
    expectClose(resultsOf(given, engine), truth);
  });

  it("does not stand in the function", () => {
    const source = compileText(text).source("lossAndGradient");
    expect(source).toMatch(/\b(u|v|r|prepared|L)(_\d+)?\[/);
    expect(source).not.toMatch(given.absent);
  });

  it.each([false, true])("is kept by emitted files (WebAssembly: %s)", (webAssembly) => {
    const own = compileText(text).bind(data());
    const [point, direction] = [own.unpack(numbersFor("x", length)), own.unpack(numbersFor("v", length))];
    const bound = emitted(text, webAssembly).bind(data());
    const { loss, gradient } = bound.lossAndGradient(point);
    const product = bound.hvp(point, direction);
    const packed = (values: Record<string, Float64Array>) =>
      Object.keys(point).flatMap((name) => Array.from(values[name]!));
    expectClose([loss, bound.loss(point), ...packed(gradient), ...packed(product)], truth);
  });
});

describe("what follows from data alone", () => {
  const { text, data } = cases["a term of every row"]!;
  const x = numbersFor("x", d + 1);

  it.each(Object.entries(engines))("is computed again when data are filled in (%s)", (_, engine) => {
    const compiled = compileText(text, { engine });
    const bound = compiled.bind(data());
    const results = ({ flat }: typeof bound) => {
      const [g, h] = [new Float64Array(d + 1), new Float64Array(d + 1)];
      const losses = [flat.loss(x), flat.lossAndGradient(x, g)];
      flat.hvp(x, x, h);
      return [...losses, ...g, ...h];
    };
    const before = results(bound);
    const others = { y: counts(n).map((y) => y + 2) };
    bound.refill(others);
    expect(results(bound)).toEqual(results(compiled.bind({ ...data(), ...others })));
    expect(results(bound)).not.toEqual(before);
  });

  it("is computed again in calls that bring their data", () => {
    const compiled = compile(loadModel({ name: "m.nabla", text }));
    const point = compileText(text).bind(data()).unpack(x);
    const others = { ...data(), y: counts(n).map((y) => y + 2) };
    const first = compiled.loss({ ...data(), ...point });
    expect(compiled.loss({ ...others, ...point })).not.toBe(first);
    expect(compiled.loss({ ...data(), ...point })).toBe(first);
  });

  it("is computed at every call where it is too large to be kept", () => {
    const pairs = "param w: [n]\ndata t: [n]\nloss = sum([i in 0..n, j in 0..n: exp(-abs(t[i] - t[j]))*w[i]^2])";
    const size = 2200;
    const bound = compileText(pairs).bind({ t: numbersFor("t", size) });
    const before = process.memoryUsage().arrayBuffers;
    const loss = bound.flat.loss(new Float64Array(size).fill(1));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * size ** 2);
    const t = numbersFor("t", size);
    const row = (i: number) => t.reduce((sum, other) => sum + Math.exp(-Math.abs(t[i]! - other)), 0);
    expect(loss / t.reduce((sum, _, i) => sum + row(i), 0)).toBeCloseTo(1, 12);
    expect(
      emitted(pairs)
        .bind({ t })
        .loss({ w: new Float64Array(size).fill(1) }),
    ).toBe(loss);
  });

  it.each(Object.entries(engines))(
    "is computed by functions that have its sizes, where it is too large to be kept (%s)",
    (_, engine) => {
      const pairs =
        "param w: [n]\ndata t: [n], s: [m]\nloss = sum([i in 0..n, j in 0..n: (prod(k in 0..m: s[k]) + exp(-abs(t[i] - t[j])))*w[i]])";
      const size = 2100;
      const data = { t: numbersFor("t", size), s: [2, 0.5] };
      const bound = compileText(pairs, { engine }).bind(data);
      const [x, g] = [new Float64Array(size).fill(1), new Float64Array(size)];
      bound.flat.gradient(x, g);
      const row = data.t.reduce((sum, other) => sum + 1 + Math.exp(-Math.abs(data.t[7]! - other)), 0);
      expect(g[7]! / row).toBeCloseTo(1, 12);
    },
  );

  it("names data that are missing, as a function that computes all itself does", () => {
    const { w, b } = { w: new Float64Array(d), b: 0 };
    const bound = compileText(text).bind({ X: data().X! }, { n, d });
    expect(() => bound.loss({ w, b })).toThrow('"y" has no value');
  });

  it("has no elements over a range within a range that is empty", () => {
    const model = "param X: [n, d]\nloss = sum(i in 0..n, j in 0..i: max(sum(k in 0..n: X[j])))";
    const bound = compileText(model).bind({}, { n: 0, d: 3 });
    expect(bound.flat.lossAndGradient(new Float64Array(0), new Float64Array(0))).toBe(0);
  });

  it("is not looked for where it is small", () => {
    const source = compileText("param x: [3]\ndata s\nloss = sum(exp(x * exp(s)))").source("loss");
    expect(source).toContain("Math.exp(s");
  });
});
