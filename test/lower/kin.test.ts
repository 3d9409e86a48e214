import { describe, expect, it } from "vitest";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { decays } from "../../src/lower/kin/decays.ts";
import { SharedWork } from "../../src/lower/kin/kin.ts";
import type { Buffer, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { sigmoid, softplus } from "../../src/ops/special/activation.ts";
import { webAssembly } from "../../src/wasm.ts";
import { watched } from "../emit/watched.ts";

const compiled = (text: string, options?: CompileOptions) =>
  compileModel(loadModel({ name: "kin.nabla", text }), options);

/** Of each size where forms change, and on both sides of it. */
const sizes = [
  0, 5e-324, 1e-300, 1e-9, 0.1, 0.4999, 0.5, 0.5001, 0.97, 0.9999, 1, 1.0001, 2, 19.5, 36, 38, 350, 372, 709, 720, 745,
  1e9,
];
const numbers = [...sizes.flatMap((size) => [size, -size]), Infinity, -Infinity, NaN];

/** Functions of x, in one loop. */
const sigmoids = {
  "a sigmoid and its slope": ["sigmoid(x)", "grad(sum(sigmoid(x)), x)"],
  "a sigmoid and its curvature": ["sigmoid(x)", "hvp(sum(sigmoid(x)), x, x * 0 + 1)"],
  "a mirrored sigmoid and its curvature": ["sigmoid(-x)", "hvp(sum(sigmoid(-x)), x, x * 0 + 1)"],
  "a logistic loss and its slope": ["softplus(x)", "sigmoid(x)"],
  "a logistic loss of -x and its slope": ["softplus(-x)", "sigmoid(-x)", "sigmoid(x)"],
  "logarithms of both shares": ["logSigmoid(x)", "logSigmoid(-x)", "sigmoid(x)"],
  "a hyperbolic tangent and its slope": ["tanh(x)", "grad(sum(tanh(x)), x)"],
  "a share of the number itself and its slope": ["silu(x)", "grad(sum(silu(x)), x)"],
  "a share by the normal distribution and its slope": ["gelu(x)", "grad(sum(gelu(x)), x)", "normalCdf(x)"],
  "a hyperbolic tangent and its curvature": ["tanh(x)", "hvp(sum(tanh(x)), x, x * 0 + 1)"],
};

const outputsOf = (functions: readonly string[]) => functions.map((text, k) => `output f${k} = ${text}`).join("\n");

/** The largest deviation in units of the last place; numbers that are not finite agree. */
function deviation(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < expected.length; k++) {
    const [x, y] = [got[k]!, expected[k]!];
    if (Object.is(x, y) || x === y) continue;
    largest = Math.max(
      largest,
      Number.isFinite(x - y) ? Math.abs(x - y) / (Math.abs(y) * 2 ** -52 + 5e-324) : Infinity,
    );
  }
  return largest;
}

const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;

describe("functions of one number by one exponential", () => {
  it.each(Object.entries(sigmoids))("%s: are what they are one by one", (_, functions) => {
    const text = `param x: [n]\n${outputsOf(functions)}`;
    const x = Float64Array.from(numbers);
    const run = (options?: CompileOptions) => compiled(text, options).bind().outputs({ x });
    const [got, inClosures, alone] = [run(), run({ engine: closureEngine }), run({ rewrites: "exact" })];
    const inVectors = run({ engine: webAssembly({ use: "always" }) });
    for (const name of Object.keys(alone)) {
      expect(deviation(got[name] as Float64Array, alone[name] as Float64Array), name).toBeLessThan(8);
      expect(deviation(inVectors[name] as Float64Array, alone[name] as Float64Array), name).toBeLessThan(12);
      expect(inClosures[name]).toEqual(got[name]);
    }
  });

  it.each([
    ["softplus(x)", 1, 0],
    ["softplus(-w * x)", 1, 0],
    ["sigmoid(x) * w", 1, 0],
    ["tanh(x)", 1, 1],
  ])("serves the loss and the gradient of %s", (term, exponentials, tangents) => {
    const source = (options?: CompileOptions) =>
      compiled(`param x: [n]\ndata w: [n]\nloss = sum(i: ${term.replace(/[xw]/g, "$&[i]")})`, options)
        .source("lossAndGradient")!
        .split("function lossAndGradient")[1]!;
    expect(count(source(), /Math\.exp\(/g)).toBe(exponentials);
    expect(count(source(), /Math\.tanh\(/g)).toBe(tangents);
    expect(count(source(), /sigmoid|softplus|sech2/g)).toBe(0);
    expect(count(source({ rewrites: "exact" }), /sigmoid|softplus|sech2/g)).toBeGreaterThan(0);
  });

  it("takes one exponential for silu and its slope, and leaves both to themselves far out", () => {
    const source = compiled("param x: [n]\nloss = sum(silu(x))").source("lossAndGradient")!;
    const body = source.split("function lossAndGradient")[1]!;
    expect(count(body, /Math\.exp\(/g)).toBe(1);
    expect(body).toMatch(/\} else \{[^}]*= silu\(\w+\);\s*\w+ = siluSlope/);
  });

  it("takes one normal distribution function for a loss and its slope", () => {
    const source = compiled("param x: [n]\nloss = sum(gelu(x))").source("lossAndGradient")!;
    expect(count(source.split("function lossAndGradient")[1]!, /normalCdf\(/g)).toBe(1);
    expect(source).not.toContain("gelu");
  });

  it.each([
    ["gelu(x)", "normalCdf", 1],
    ["sigmoid(x)", "exp", 1],
    ["softplus(x)", "exp", 1],
    // of two numbers at a time one may be far out
    ["silu(x)", "exp", 0],
    ["tanh(x)", "exp", 0],
  ])("takes two numbers of %s and its slope with %s as often as it says: %i", (term, name, times) => {
    const { engine, programs } = watched(webAssembly({ use: "always" }));
    const { flat } = compiled(`param x: [n]\nloss = sum(${term})`, { engine }).bind({}, { n: 40 });
    flat.lossAndGradient(new Float64Array(40), new Float64Array(40));
    let applied = 0;
    for (const statement of statementsOf(programs[0]!)) {
      const value = (inner: Value) => {
        if (inner.kind === "apply" && inner.primitive.name === name) applied++;
      };
      visitStatement(statement, { value });
    }
    expect(applied).toBe(times);
  });

  it("computes what one side of a condition reads on that side", () => {
    const source = compiled("param x: [n]\nloss = sum(tanh(x))").source("lossAndGradient")!;
    expect(source).toMatch(/if \(\w+\) \{\s*const \w+ = Math\.tanh/);
    expect(source).toMatch(/\} else \{\s*const \w+ = Math\.exp/);
  });
});

/** Code without what is computed where powers are huge or tiny. */
const usualSide = (source: string) =>
  source.replace(/ else \{[^}]*\}/g, "").replace(/ : \(?\w+(\[\w+\])?( \*\* |\().*;/g, "");

describe("powers of one base", () => {
  const bases = [0, -0, 1e-320, 1e-60, 0.3, 1, 1 + 2 ** -52, 1.7, 12, 1e9, 1e31, 1e200, -0.5, -2, Infinity, NaN];
  const exponents = [0, 1, 2, 3, 0.3, -0.7, -2, 2.5, 27.7, 40, -40, 900, Infinity, NaN];
  const slopes = ["x^y", "grad(sum(x^y), x)", "grad(sum(x^y), y)"];
  const curvatures = ["x^y", "hvp(sum(x^y), x, x * 0 + 1)", "hvp(sum(x^y), y, x * 0 + 1)"];

  it.each([slopes, [...slopes, ...curvatures.slice(1)]])("%#: are what they are one by one", (...functions) => {
    const text = `param x: [n], y: [n]\n${outputsOf(functions)}`;
    const pairs = bases.flatMap((base) => exponents.map((exponent) => [base, exponent] as const));
    const point = { x: Float64Array.from(pairs, ([base]) => base), y: Float64Array.from(pairs, ([, y]) => y) };
    const run = (options?: CompileOptions) => compiled(text, options).bind().outputs(point);
    const [got, inVectors, alone] = [
      run(),
      run({ engine: webAssembly({ use: "always" }) }),
      run({ rewrites: "exact" }),
    ];
    for (const name of Object.keys(alone)) {
      for (const [k, [base, exponent]] of pairs.entries()) {
        const other = [(alone[name] as Float64Array)[k]!];
        for (const results of [got, inVectors]) {
          // alone, powers of y - 1 inherit what rounding y - 1 has lost
          const own = [(results[name] as Float64Array)[k]!];
          expect(deviation(own, other), `${name} at ${base}, ${exponent}`).toBeLessThan(128);
        }
      }
    }
  });

  it.each([
    ["x[i]^0.3 * w[i]", /\*\*/g, 1],
    // whole numbers, as data are, have powers without a rounding
    ["x[i]^w[i] * a", /\*\*/g, 1],
    ["x[i]^w[i] * a", /Math\.(exp|log)\(/g, 0],
    ["x[i]^a * w[i]", /\*\*/g, 0],
    ["x[i]^a * w[i]", /Math\.exp\(/g, 1],
    ["x[i]^a * w[i]", /Math\.log\(/g, 1],
  ])("take one power for the loss and the gradient of %s: %s", (term, what, times) => {
    const source = compiled(`param x: [n], a\ndata w: [n]\nloss = sum(i: ${term})`).source("lossAndGradient")!;
    const body = usualSide(source.split("function lossAndGradient")[1]!);
    expect(body).not.toMatch(/powSlope|powLog/);
    expect(count(body, what)).toBe(times);
  });

  it.each(["lossAndGradient", "hvp"] as const)(
    "serve slopes of a power that is read near a base of 1 too: %s",
    (name) => {
      const text = "param e, h\ndata d: [n], y: [n]\nloss = sum((1 / (1 + e / d)^h - y)^2)";
      const source = compiled(text).source(name)!.split(`function ${name}`)[1]!;
      const rest = usualSide(source.split("for (let")[2]!.split("\n  }\n")[0]!);
      expect([/Math\.exp\(/g, /Math\.log\(/g].map((what) => count(rest, what))).toEqual([1, 1]);
      expect(rest).not.toMatch(/\*\*|powSlope|powLog/);
    },
  );
});

describe("functions on one side of a choice", () => {
  const curve = "param a, b, c, d\ndata x: [n], y: [n]\nloss = sum((d + (a - d) / (1 + (x / c)^b) - y)^2)";

  it("share with those on the same side", () => {
    const source = compiled(curve).source("lossAndGradient")!;
    const rest = source.split("for (let")[2]!;
    expect(count(rest, /sigmoid/gi)).toBe(0);
    expect(count(usualSide(rest), /Math\.exp\(/g)).toBe(1);
  });

  it.each([
    ["share with those around it", "sigmoid(x[i]) + (if s[i] > 0 then softplus(x[i]) else s[i] * x[i])", 1],
    ["share nothing with those on the other one", "if s[i] > 0 then softplus(x[i]) else s[i] * sigmoid(x[i])", 0],
    [
      "share nothing with those of another choice",
      "(if s[i] > 0 then softplus(x[i]) else 0) + (if x[i] < 3 then sigmoid(x[i]) else s[i])",
      0,
    ],
  ])("%s", (_, term, times) => {
    const source = compiled(`param x: [n]\ndata s: [n]\nloss = sum(i: ${term})`).source("loss")!;
    expect(count(source.split("for (let")[2]!, /Math\.exp\(/g)).toBe(times);
  });
});

describe("shares of three exponentials", () => {
  const text = `param X: [n, 3]
let run = scan(r in X, s = 0: {
  let a = r[0] + s
  let z = logaddexp(a, r[1], r[2])
  let p = grad(z, a)
  s = if p > 2 then 1 else 0
  z = z
  p = p
  q = grad(z, r[2])
  slope = grad(p, a)
  other = grad(p, r[2])
})
output z = run.z, p = run.p, q = run.q, slope = run.slope, other = run.other`.replace(/r\[([12])\]/g, "x$1");
  const model = text.replace("  let z =", "  let x1 = r[1]\n  let x2 = r[2]\n  let z =");
  const exponents = [0, 0.3, 1, -1, 36, -36, 700, -744, 1e9, -1e9, Infinity, -Infinity, NaN];

  it("are what they are one by one", () => {
    const X = exponents.flatMap((a) => exponents.flatMap((b) => exponents.map((c) => [a, b, c])));
    const run = (options?: CompileOptions) => compiled(model, options).bind({}).outputs({ X });
    const [got, alone] = [run(), run({ rewrites: "exact" })];
    const inVectors = run({ engine: webAssembly({ use: "always" }) });
    for (const name of Object.keys(alone)) {
      // alone, the slope inherits what rounding has lost of an exponent less another
      const most = name === "slope" ? 512 : 8;
      for (const [k, point] of X.entries()) {
        for (const results of [got, inVectors]) {
          expect(deviation([results[name]![k]!], [alone[name]![k]!]), `${name} at ${point}`).toBeLessThan(most);
        }
      }
    }
  });

  it("take three powers and one logarithm in all", () => {
    const source = compiled(model).source("outputs")!;
    expect([/Math\.exp\(/g, /Math\.log1p\(/g, /share|logaddexp/gi].map((what) => count(source, what))).toEqual([
      3, 1, 0,
    ]);
  });
});

it("takes one exponential for both slopes of a logarithm of a sum of two", () => {
  const source = compiled("param a: [n], b: [n]\nloss = sum(logaddexp(a, b))").source("lossAndGradient")!;
  const body = source.split("function lossAndGradient")[1]!;
  expect(count(body, /Math\.exp\(/g)).toBe(1);
  expect(count(body, /sigmoid/g)).toBe(0);
});

describe("lengths and their slopes", () => {
  const sizes = [0, 5e-324, 1e-200, 1e-9, 0.3, 1, -2, 1e9, 1e200, Infinity, NaN];
  const all = (dimension: number): number[][] =>
    dimension === 0 ? [[]] : all(dimension - 1).flatMap((point) => sizes.map((size) => [...point, size]));

  it.each([2, 3])("are what they are one by one, in %i dimensions", (dimension) => {
    const names = ["x", "y", "z"].slice(0, dimension);
    const length = `${dimension === 2 ? "polarRadius" : "sphericalRadius"}(${names.join(", ")})`;
    const functions = [length, ...names.map((name) => `grad(sum(${length}), ${name})`)];
    const text = `param ${names.map((name) => `${name}: [n]`).join(", ")}\n${outputsOf(functions)}`;
    const points = all(dimension);
    const given = Object.fromEntries(names.map((name, k) => [name, points.map((point) => point[k]!)]));
    const run = (options?: CompileOptions) => compiled(text, options).bind({}).outputs(given);
    expect(run()).toEqual(run({ rewrites: "exact" }));
    const source = compiled(text).source("outputs")!;
    expect(count(source.split("function outputs")[1]!, /Math\.sqrt\(/g)).toBe(1);
  });
});

it("takes another power where the exponents are far apart", () => {
  const source = compiled("param x: [n]\nloss = sum(sin(x^0.3) + sin(x^4.3))").source("loss")!;
  expect(source).toMatch(/\*\* 0\.3/);
  expect(source).not.toMatch(/: \(?\w+(\[\w+\])? \*\* 4\.3/);
});

describe("work that is shared", () => {
  const names = [3, 4, 5].map((id): Temporary => ({ kind: "temporary", id, dtype: "real" }));
  const [x, a, b] = names as [Temporary, Temporary, Temporary];
  const of = (primitive: Primitive, operand: Value): Value => ({
    kind: "apply",
    primitive,
    operands: [operand],
    dtype: "real",
  });
  const array = (id: number): Buffer => ({
    id,
    role: "workspace",
    name: "work",
    dtype: "real",
    shape: [Integer.constant(8)],
  });
  const load = (buffer: Buffer): Value => ({ kind: "load", buffer, address: Integer.iterator(0) });
  let next = 6;
  const within = (...body: Statement[]) => {
    const loop: Statement = {
      kind: "for",
      variable: 0,
      from: [Integer.zero],
      to: [Integer.constant(8)],
      step: 1,
      body,
    };
    const [first] = new SharedWork([decays], (dtype) => ({ kind: "temporary", id: next++, dtype })).in([loop]);
    return (first as typeof loop).body;
  };
  const change: Statement = { kind: "combine", temporary: x, combine: "sum", value: a };

  it("is not of a number that changes in between", () => {
    const body: Statement[] = [
      { kind: "let", temporary: a, value: of(sigmoid.primitive, x) },
      change,
      { kind: "let", temporary: b, value: of(softplus.primitive, x) },
    ];
    expect(within(...body)).toEqual(body);
    expect(within(body[0]!, body[2]!)).not.toEqual([body[0], body[2]]);
  });

  it("is not of an element of an array that is written in between", () => {
    const [read, written] = [array(0), array(1)];
    const bodyOf = (buffer: Buffer): Statement[] => [
      { kind: "let", temporary: a, value: of(sigmoid.primitive, load(read)) },
      { kind: "store", buffer, address: Integer.iterator(0), value: a },
      { kind: "let", temporary: b, value: of(softplus.primitive, load(read)) },
    ];
    const [unsafe, safe] = [bodyOf(read), bodyOf(written)];
    expect(within(...unsafe)).toEqual(unsafe);
    expect(within(...safe)).not.toEqual(safe);
  });

  it("is none of two loops", () => {
    const loopOf = (primitive: Primitive): Statement => ({
      kind: "for",
      variable: 1,
      from: [Integer.zero],
      to: [Integer.constant(8)],
      step: 1,
      body: [{ kind: "let", temporary: a, value: of(primitive, x) }],
    });
    const loops = [loopOf(sigmoid.primitive), loopOf(softplus.primitive)];
    expect(within(...loops)).toEqual(loops);
  });
});
