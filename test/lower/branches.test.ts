import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { withBranches } from "../../src/lower/passes/branches.ts";
import { onBoth, onNo, onYes, SidesOf } from "../../src/lower/passes/sides.ts";
import type { Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { and, less, not, or, select } from "../../src/ops/elementary/comparison.ts";
import { numbersFor } from "../emit/run.ts";

const pairs = (range: string, term: string) =>
  `param P: [n, 2]\ndata D: [n, n]\nloss = sum([i in 0..n, j in ${range}: ${term}])`;

const length = "sqrt(sum((P[i] - P[j])^2))";

/** Losses of pairs of points. Where two lie in one place, what a slope divides by is 0. */
const models: Record<string, string> = {
  "lengths below a diagonal": pairs("0..i", `(${length} - D[i, j])^2`),
  "lengths above a diagonal": pairs("i+1..n", `(${length} - D[i, j])^2`),
  "lengths that are scaled": pairs("0..i", "(norm(P[i] - P[j]) - D[i, j])^2 / D[i, j]^2"),
  "lengths of some pairs": pairs("0..n", `if i < j and D[i, j] > 1 then (${length} - D[i, j])^2 else 0`),
  "lengths one by one": pairs("0..i", "(sqrt((P[i, 0] - P[j, 0])^2 + (P[i, 1] - P[j, 1])^2) - D[i, j])^2"),
  "what is too near": pairs("0..i", "max(0, 2 - norm(P[i] - P[j]))^2"),
  "two conditions of one": pairs(
    "0..i",
    `{
  let s = sum((P[i] - P[j])^2)
  let far = s > 1
  let a = if far then log(s) * D[i, j] else s * sin(s)
  let b = if far then a * exp(-s) else cos(a)
  return a * b + (if s > 2 then b * tanh(s) else a)
}`,
  ),
  "a sum under a condition, and its opposite": pairs(
    "0..i",
    "{\n  let d = P[i, 0] * P[j, 1] - D[i, j]\n  return (if d > 0 then exp(-d) else 1 + sinh(d)) * (if d > 0 then 2 else d)\n}",
  ),
};

const engines: Record<string, CompileOptions> = {
  JavaScript: {},
  closures: { engine: closureEngine },
  WebAssembly: { engine: webAssembly({ use: "always" }) },
};

const [n, d] = [7, 2];
const D = numbersFor("D", n * n).map((value) => 1 + Math.abs(value));
const apart = numbersFor("P", n * d);
const direction = numbersFor("v", n * d);
/** Two of the points in one place. */
const together = apart.map((value, k) => (k === 8 ? apart[4]! : k === 9 ? apart[5]! : value));

const compiled = (text: string, options?: CompileOptions) => {
  const model = compileModel(loadModel({ name: "pairs.nabla", text }), options);
  return model.bind(text.includes("data D") ? { D: { data: D, shape: [n, n] } } : {}, { n });
};

function valuesAt(point: Float64Array, text: string, options?: CompileOptions): number[] {
  const { lossAndGradient, hvp } = compiled(text, options).flat;
  const [g, h] = [new Float64Array(n * d), new Float64Array(n * d)];
  const loss = lossAndGradient(point, g);
  hvp(point, direction, h);
  return [loss, ...g, ...h];
}

/** The same by the interpreter, of derivatives as they are built. */
function interpretedAt(point: Float64Array, text: string): number[] {
  const { loss, parameters, data } = loadModel({ name: "pairs.nabla", text });
  const P = parameters[0]!.expr;
  const v = loss!.graph.variable(P.shape);
  const roots = [loss!, gradient(loss!, [P])[0]!, hvp(loss!, [P], [v])[0]!];
  const values = new Map([[P, [...point]], [v, [...direction]], ...data.map(({ expr }) => [expr, [...D]] as const)]);
  return interpret(roots, { sizes: new Map([["n", n]]), values }, realField).flat();
}

function expectAlike(values: readonly number[], expected: readonly number[]): void {
  for (const [k, value] of values.entries()) {
    if (Number.isFinite(expected[k]))
      expect(Math.abs(value - expected[k]!), `${k}`).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(expected[k]!)));
    else expect(value, `${k}`).toBe(expected[k]);
  }
}

describe("what one side of a condition needs", () => {
  for (const [what, text] of Object.entries(models)) {
    const expected = interpretedAt(apart, text);
    for (const [engine, options] of Object.entries(engines)) {
      it(`is computed there, with the interpreter's values: ${what}, ${engine}`, () => {
        expectAlike(valuesAt(apart, text, options), expected);
      });
    }
  }

  for (const what of ["below a diagonal", "above a diagonal", "one by one"]) {
    for (const [engine, options] of Object.entries(engines)) {
      it(`has the slopes of norms where points lie in one place: lengths ${what}, ${engine}`, () => {
        const text = models[`lengths ${what}`]!;
        const norms = text.replace(length, "norm(P[i] - P[j])").replace(/sqrt\(.*\^2\)(?= - D)/, "norm(P[i] - P[j])");
        expect(norms).toMatch(/norm/);
        expectAlike(valuesAt(together, text, options), interpretedAt(together, norms));
      });
    }
  }

  for (const what of [
    "lengths below a diagonal",
    "lengths above a diagonal",
    "lengths one by one",
    "lengths that are scaled",
  ]) {
    for (const name of ["lossAndGradient", "hvp"] as const) {
      it(`stands behind one question, in one loop over pairs: ${what}, ${name}`, () => {
        const source = compileModel(loadModel({ name: "pairs.nabla", text: models[what]! })).source(name);
        const loops = [
          ...source.matchAll(/^( +)for \(let (i\d+) = .*; \2 < (?:i\d+|n); \2\+\+\) \{\n([\s\S]*?)\n\1\}/gm),
        ];
        const body = loops.map(([, , , text]) => text!).find((text) => /=== t\d+;|=== 0;/.test(text))!;
        const [, zero] = body.match(/const (t\d+) = (?:t\d+ === 0|0 === t\d+);/)!;
        expect(body.match(new RegExp(`!${zero}\\b`, "g"))).toHaveLength(1);
        expect(body).not.toMatch(new RegExp(`\\b${zero} \\?`));
      });
    }
  }

  for (const [engine, options] of Object.entries(engines)) {
    it(`leaves conditions as they are within what stays whole: ${engine}`, () => {
      const text = `param X: [m, 2], w
let n = [i in 0..m: norm(X[i])]
loss = sum(if n > 0.5 then atan2(n, w)^2 else n * sin(w * n))`;
      const model = loadModel({ name: "lengths.nabla", text });
      const [point, along] = [Float64Array.of(0.1, 0.2, 1, 0.5, 0.3, -0.2, 0.7), direction.slice(0, 7)];
      const h = new Float64Array(7);
      compileModel(model, options).bind({}, { m: 3 }).flat.hvp(point, along, h);
      const wrt = model.parameters.map(({ expr }) => expr);
      const v = wrt.map((x) => x.graph.variable(x.shape));
      const parts = (vector: Float64Array) => [[...vector.slice(0, 6)], [vector[6]!]];
      const at = [...parts(point), ...parts(along)];
      const values = new Map([...wrt, ...v].map((leaf, k) => [leaf, at[k]!]));
      expectAlike(
        [...h],
        interpret(hvp(model.loss!, wrt, v), { sizes: new Map([["m", 3]]), values }, realField).flat(),
      );
    });
  }

  for (const [engine, options] of Object.entries(engines)) {
    it(`begins outside where the other side writes it: ${engine}`, () => {
      const text = `param w, b: [n]
data u: [m]
loss = scan(t in 0..m, h = 0.5: tanh(if w > u[t] then sum(b) else 0.5))`;
      const bound = compileModel(loadModel({ name: "last.nabla", text }), options).bind({ u: [2, 0] }, { n: 2 });
      const g = new Float64Array(3);
      const slope = 1 / Math.cosh(0.5) ** 2;
      for (const [w, expected] of [
        [1, slope],
        [-1, 0],
      ] as const) {
        bound.flat.gradient(Float64Array.of(w, 0.2, 0.3), g);
        expectAlike([...g], [0, expected, expected]);
      }
    });
  }

  it("is known where one value stands for both sides", () => {
    const text = `param w, b: [n]
data s: bool[m]
loss = {
  let z = w
  return grad(scan(v in b, h = w: tanh(if s[0] then z else v)), z)
}`;
    const model = loadModel({ name: "slope.nabla", text });
    const bound = compileModel(model, { rewrites: "none" }).bind({ s: [true] }, { n: 2 });
    const h = new Float64Array(3);
    bound.flat.hvp(Float64Array.of(0.3, 1, 2), Float64Array.of(1, 0, 0), h);
    // the third derivative of tanh
    const [t, s] = [Math.tanh(0.3), 1 / Math.cosh(0.3) ** 2];
    expectAlike([...h], [s * (6 * t * t - 2), 0, 0]);
  });

  it("keeps no array of pairs", () => {
    for (const [what, text] of Object.entries(models)) {
      for (const name of ["lossAndGradient", "hvp"] as const) {
        const { buffers } = compiled(text).parts().functions.get(name).whole();
        const kept = buffers.filter(({ role, shape }) => role === "workspace" && shape.length > 1);
        const pairsOf = kept.filter(({ shape }) => shape[0]!.names().length > 0 && shape[1]!.names().length > 0);
        expect(
          pairsOf.map(({ shape }) => shape.join(", ")),
          `${what}, ${name}`,
        ).toEqual([]);
      }
    }
  });

  it("is asked again where what follows needs it", () => {
    // a waits for s, which waits for the first choice
    const text = `param P: [n, 2]
loss = sum([i in 0..n, j in 0..2: {
  let x = P[i, j]
  let c = x > 0
  let u = if c then exp(x) * sin(x) else x^2
  let s = cos(u) * u
  let a = if c then s * tanh(s) + u * s else u
  return a * u + (if c then a * s else 1)
}])`;
    for (const options of Object.values(engines))
      expectAlike(valuesAt(apart, text, options), interpretedAt(apart, text));
  });
});

describe("a step that solves a system", () => {
  // what a routine takes is laid down before its call, and conditions stand around it
  const text = `param a
data z: [n]
let u = [i in 0..3: a * (1 + 0.1 * i)]
loss = sum(scan(x in u, c = 0: {
  c = tanh(reverseScan(s in z, b = c: { return tanh(0.5 * b + x) }))
  y = max(jvp(solve(0.3 * tanh([i in 0..2: [j in 0..2: x]]) + 2 * identity(2), [i in 0..2: u[0]]) * a, a, atan(c))[::2])
}).y^2)`;

  for (const [engine, options] of Object.entries(engines)) {
    it(`has the interpreter's gradient: ${engine}`, () => {
      const { loss, parameters, data } = loadModel({ name: "solving.nabla", text });
      const a = parameters[0]!.expr;
      const values = new Map([
        [a, [-1.377]],
        [data[0]!.expr, [0.287]],
      ]);
      const [expected] = interpret(gradient(loss!, [a]), { sizes: new Map([["n", 1]]), values }, realField).flat();
      const bound = compileModel(loadModel({ name: "solving.nabla", text }), options).bind({ z: [0.287] });
      expect(bound.gradient({ a: -1.377 }).a![0]).toBeCloseTo(expected!, 11);
    });
  }
});

describe("comparisons of positions", () => {
  it("are not made where loops decide them", () => {
    const text = pairs("0..n", `if i < j then (${length} - D[i, j])^2 else 0`);
    const source = compileModel(loadModel({ name: "pairs.nabla", text })).source("lossAndGradient");
    expect(source).toMatch(/< i\d+; /);
    expect(source).not.toMatch(/\bi\d+ < i\d+(?!; )/);
  });
});

describe("what follows from a condition for others", () => {
  // 0 < x/c decides which form of the power holds, and conditions that combine it with others decide its slopes
  const text = `param a, b, c, d, g
data x: [n], y: [n]
loss = sum((d + (a - d) / (1 + (x / c)^b)^g - y)^2)`;
  const model = loadModel({ name: "logistic5.nabla", text });
  const x = [0.1, 0.5, 1, 2.5, 4, 7, 30, 0.002, 12];
  const y = x.map((each) => 1 + Math.sin(each));
  const v = [0.3, -1, 0.7, 0.2, -0.4];

  function expectInterpreted(data: readonly number[], point: readonly number[], options?: CompileOptions): void {
    const { loss, parameters } = model;
    const [x, ...wrt] = [model.data[0]!.expr, ...parameters.map(({ expr }) => expr)];
    const directions = wrt.map(() => loss!.graph.variable([]));
    const roots = [loss!, ...gradient(loss!, wrt), ...hvp(loss!, wrt, directions)];
    const values = new Map([
      ...wrt.map((each, k) => [each, [point[k]!]] as const),
      ...directions.map((each, k) => [each, [v[k]!]] as const),
      [x, [...data]] as const,
      [model.data[1]!.expr, y] as const,
    ]);
    const expected = interpret(roots, { sizes: new Map([["n", data.length]]), values }, realField).flat();
    const { flat } = compileModel(model, options).bind({ x: [...data], y });
    const [at, g, h] = [Float64Array.from(point), new Float64Array(5), new Float64Array(5)];
    const first = flat.lossAndGradient(at, g);
    flat.hvp(at, Float64Array.from(v), h);
    expectAlike([first, ...g, ...h], expected);
  }

  for (const [engine, options] of Object.entries(engines)) {
    it(`keeps the interpreter's values where bases are positive, negative and 0: ${engine}`, () => {
      expectInterpreted(x, [3, 1.3, 3.1, 1.1, 0.8], options);
      expectInterpreted(x, [3, -1.3, 3.1, 1.1, 0.8], options);
      // a square of what is negative, of 0, or neither
      expectInterpreted([-1, 0, ...x.slice(2)], [3, 2, 3.1, 1.1, 0.8], options);
      expectInterpreted([-1, -2, 3, -4, 0, 0, -0.5, 2, 1], [3, 2, 3.1, 1.1, 1.5], options);
    });
  }

  it("asks nothing for a number that is known", () => {
    expect(compileModel(model).source("lossAndGradient")).not.toMatch(/if \(!?\w+\) \{\s*\w+ = [01];\s*\}/);
  });

  for (const name of ["lossAndGradient", "hvp"] as const) {
    it(`leaves powers to the side that needs them: ${name}`, () => {
      const source = compileModel(model).source(name);
      const loop = source.match(/^ {2}for \(.*\{\n([\s\S]*?)\n {2}\}/m)![1]!;
      const outermost = loop.split("\n").filter((line) => /^ {4}(const|let|t\d+) /.test(line));
      expect(loop).toMatch(/\*\*/);
      expect(outermost.length).toBeGreaterThan(5);
      expect(outermost.filter((line) => /\*\*|Math\.(log|exp|log1p)|pow/.test(line))).toEqual([]);
    });
  }
});

describe("what is known on a side of a condition", () => {
  const bool = (id: number): Temporary => ({ kind: "temporary", id, dtype: "bool" });
  const [condition, open, mixed, either, flag] = [bool(1), bool(2), bool(3), bool(4), bool(5)];
  const applied = ({ primitive }: { readonly primitive: Primitive }, ...operands: Value[]): Value => ({
    kind: "apply",
    primitive,
    operands,
    dtype: "bool",
  });
  const named = (temporary: Temporary, value: Value): Statement => ({ kind: "let", temporary, value });
  const x: Temporary = { kind: "temporary", id: 9, dtype: "real" };
  const sides = new SidesOf(condition, [
    named(open, applied(less, x, { kind: "constant", value: 3, dtype: "real" })),
    named(mixed, applied(and, applied(not, condition), open)),
    named(either, applied(or, condition, flag)),
  ]);

  it("is the condition itself, its opposite, and what they decide of others", () => {
    expect(sides.where(condition, true)).toBe(onYes);
    expect(sides.where(applied(not, condition), true)).toBe(onNo);
    expect(sides.where(mixed, true)).toBe(onNo);
    expect(sides.where(mixed, false)).toBe(onBoth);
    expect(sides.where(either, false)).toBe(onNo);
    expect(sides.decides(open)).toBe(false);
    expect(sides.settled(mixed, false)).toBe(open);
  });

  it("leaves what holds on both sides where it stands, with the names that begin there", () => {
    const [always, s, t]: Temporary[] = [bool(6), { ...x, id: 10 }, { ...x, id: 11 }];
    const operands: Value[] = [condition, x, s!];
    const chosen: Value = { kind: "apply", primitive: select.primitive, operands, dtype: "real" };
    const choice: Statement = {
      kind: "if",
      condition: always!,
      body: [named(t!, x), { kind: "combine", temporary: s!, combine: "sum", value: t! }],
      otherwise: [],
    };
    const taken: Statement = { kind: "combine", temporary: s!, combine: "sum", value: chosen };
    const body = [
      named(condition, applied(less, x, { kind: "constant", value: 1, dtype: "real" })),
      named(always!, applied(or, condition, applied(not, condition))),
      taken,
      choice,
      taken,
    ];
    const begins: Statement[] = [];
    for (const each of withBranches(body, () => ({ ...x, id: 99 }), {}, true)) {
      visitStatement(each, {
        statement: (inner) => {
          if (inner.kind === "let" && inner.temporary === t) begins.push(inner);
        },
      });
    }
    expect(begins).toHaveLength(1);
  });

  it("is no variable, which may have changed since", () => {
    expect(sides.settled(either, true)).toMatchObject({ kind: "constant", value: 1 });
    expect(sides.settled(either, false)).toBe(either);
  });
});
