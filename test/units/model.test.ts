import { describe, expect, it } from "vitest";
import { showGraph } from "../../src/ir/show.ts";
import { compileText, loadModel, unitsOf } from "../../src/language/all.ts";

const load = (text: string) => loadModel({ name: "m.nabla", text });
const units = (text: string) => unitsOf(load(text))!;

const decay = `
param k: [] in 1/s, a: [] in mol
data t: [n] in s, y: [n] in mol
loss = mean((y - a * exp(-k * t))^2)
output g = grad(loss, k)
output half in s = log(2) / k
`;

describe("units of a model", () => {
  it("come out of the loss, the gradient and the Hessian-vector product by the same equations", () => {
    const found = units(decay);
    expect(found.loss).toBe("mol^2");
    expect(Object.fromEntries(found.gradient)).toEqual({ k: "mol^2*s", a: "mol" });
    expect(Object.fromEntries(found.hvp)).toEqual({ k: "mol^2*s", a: "mol" });
    expect(Object.fromEntries(found.outputs)).toEqual({ g: "mol^2*s", half: "s" });
  });

  it("are solved for where leaves state none", () => {
    const found = units("param k, a\ndata t: [n] in s, y: [n] in mol\nloss = mean((y - a * exp(-k * t))^2)");
    expect(found.leaves.get("k")).toBe("1/s");
    expect(found.leaves.get("a")).toBe("mol");
  });

  it("follow roots and powers", () => {
    const found = units(
      "param x: [n] in m\nloss = sqrt(sum(x^2)) + norm(x)\noutput c = cbrt(prod(i in 0..3: x[i]) )".replace(
        "prod(i in 0..3: x[i])",
        "x[0] * x[1] * x[2]",
      ),
    );
    expect(found.loss).toBe("m");
    expect(found.outputs.get("c")).toBe("m");
  });

  it("name derived units by their parts", () => {
    const found = units("unit N = kg*m/s^2\nparam k in N/m, x in m\nloss = 0.5 * k * x^2");
    expect(found.loss).toBe("kg*m^2/s^2");
    expect(found.gradient.get("x")).toBe("kg*m/s^2");
  });

  it("give a number its stated unit, and zero every unit", () => {
    const found = units("const g in m/s^2 = 9.81\nparam t in s\nloss = max(g * t, 0) + select(t > 0, 0, g * t)");
    expect(found.loss).toBe("m/s");
  });

  it("give whole numbers their stated unit", () => {
    const found = units("const one in 1/s = 1\ndata n: int in 1/s\nparam k in 1/s\nloss = log(k / one) + k / n");
    expect(found.loss).toBe("1");
    expect(found.gradient.get("k")).toBe("s");
  });

  it.each([
    ["scan(i in 0..3, h = 0: h + x^2)", "m^2"],
    ["reverseScan(i in 0..3, h = 0: h + x)", "m"],
    ["while(h = 0, test = h < 5 * x, limit = 60: h + x)", "m"],
    ["root(s = 1: s - x)", "m"],
    ["argmin(s = 2: (s - x)^2)", "m"],
    ["x * scan(i in 0..3, h = 1: h / 2)", "m"],
  ])("are free of how a number is spelt that loops and solutions begin with: %s", (value, unit) => {
    const decimal = value.replace(/(?<=\b[hs] = )\d/, "$&.0");
    for (const spelt of [value, decimal])
      expect(units(`param x in m\noutput out = ${spelt}`).outputs.get("out")).toBe(unit);
  });

  it.each([
    ["log(1 + exp(x / s))", "grad(f, x)", 800, 1],
    ["log(1 + exp(x / s))", "grad(f, x)", -40, 4.248354255291589e-18],
    ["log(1 + exp(x / s))", "hvp(f, x, v)", 800, 0],
    ["log(1 + exp(x / s))", "hvp(f, x, v)", 30, 9.357622968838423e-14],
    ["log(1 + exp(x / s))", "grad(grad(f, x), x)", 30, 9.357622968838423e-14],
    ["log(1 + exp(x / s))", "jvp(f, x, v)", 800, 1],
    ["1 - cos(x / s)", "grad(grad(f, x), x)", 1e-9, 1],
  ])("leave derivatives within a model their digits: %s, %s at %d", (f, derivative, x, expected) => {
    const model = (unit: (text: string) => string) =>
      `param x: []${unit(" in m")}\ndata s: []${unit(" in m")}, v: []${unit(" in m")}
       data one: []${unit(" in mol")}\nlet z = ${f}, f${unit(" in mol")} = z * one\noutput d = ${derivative}`;
    const [measured, plain] = [model((unit) => unit), model(() => "")].map((text) => {
      const { d } = compileText(text).bind({ s: 1, v: 1, one: 1 }).outputs({ x });
      return d![0]!;
    });
    expect(Math.abs(measured! - expected)).toBeLessThanOrEqual(4e-16 * Math.abs(expected));
    expect(measured).toBe(plain);
  });

  it("leave the model as it is without them", () => {
    const plain = decay.replaceAll(/ in [a-z0-9/]+/g, "");
    const inputs = { k: 0.3, a: 2, t: [0, 1, 2], y: [2, 1.5, 1] };
    expect(unitsOf(load(plain))).toBeUndefined();
    const [with_, without] = [decay, plain].map((text) => compileText(text).lossAndGradient(inputs));
    expect(with_).toEqual(without);
    expect(compileText(decay).source("loss")).toBe(compileText(plain).source("loss"));
  });

  it.each([
    ["a sum", "param a in m, b in s\nloss = a + b", "3:8: unit mismatch: + needs equal units, got m and s."],
    ["a comparison", "param a in m\nloss = select(a > 1, a, 0)", "> needs equal units, got m and 1."],
    ["exp", "param a in m\nloss = exp(a)", "exp needs pure numbers, got m."],
    ["a stated output", "param a in m\nloss = a^2\noutput b in s = a", '"b" is declared in s, but its value is in m.'],
    ["a varying power", "param a in m, p\nloss = a^p", "^ needs pure numbers, got m."],
    ["softmax", "param a: [n] in m\nloss = sum(softmax(a))", "needs pure numbers, got m."],
    ["a unit that is its own", "unit a = b, b = a^2\nparam x in a\nloss = x", 'the unit "a" is defined by itself.'],
    [
      "an update by the gradient",
      "param w in m\nloss = w^2\noutput next in m = w - 0.1 * grad(loss, w)^2",
      "- needs equal units, got m and m^2",
    ],
  ])("are refused in %s", (_what, text, message) => {
    expect(() => load(text.includes("3:8") ? text : `# units\n${text}`)).toThrow(message);
  });
});

/** An update rule of the lecture as a model: the loss in nat, the parameter in m; `next` states what it must be. */
const rule = (update: string) =>
  `
param w in m
data c in nat/m^2, g in nat/m, B in 1, k in 1
loss = 0.5 * c * w^2
let slope = grad(loss, w)
let drift = hvp(loss, w, ${update.includes("drift") ? "eta * slope" : "slope * 0"})
data eta in m^2/nat
output next in m = ${update}
`.replace(/let drift[^\n]*\ndata eta in m\^2\/nat\n/, "data eta in m^2/nat\nlet drift = hvp(loss, w, eta * slope)\n");

describe("the update rules of second-order optimisation", () => {
  it.each([
    ["SGD with a rate in m^2/nat", "w - eta * slope"],
    ["Newton", "w - slope / c"],
    ["corrected second-order adaptive descent", "w - (B / (2 * k)) * (abs(eta * slope) / abs(drift)) * slope"],
  ])("%s has consistent units", (_name, update) => {
    expect(units(rule(update)).outputs.get("next")).toBe("m");
  });

  it.each([
    ["SGD with a rate that is a number", "w - 0.1 * slope", "got m and nat/m."],
    ["second-order adaptive descent as printed", "w - (B / (2 * k * abs(drift))) * slope", "got m and 1."],
  ])("%s has not", (_name, update, message) => {
    expect(() => units(rule(update))).toThrow(message);
  });
});

describe("units in loops and solutions", () => {
  const text = (step: string, more = "") => `unit N = kg*m/s^2
    param x0 in m, v0 in m/s, k in N/m
    data mass in kg
    const dt in s = 0.01
    let run = scan(i in 0..100, x = x0, v = v0: {
      let a in m/s^2 = -k / mass * x
      x = ${step}
      v = v + dt * a
      e = 0.5 * mass * v^2
    })
    loss = run.x^2
    output energy in kg*m^2/s^2 = run.e[3]
    ${more}`;
  const load = (whole: string) => loadModel({ name: "loop.nabla", text: whole });

  it("are inferred through bodies, and gone from them afterwards", () => {
    const model = load(text("x + dt * v", "output sag = root(s = 0.1: k * s - mass * dt * v0 / dt^2)"));
    const { outputs, gradient } = unitsOf(model)!;
    expect(outputs.get("sag")).toBe("m");
    expect([...gradient]).toEqual([
      ["x0", "m"],
      ["v0", "m*s"],
      ["k", "m^2*s^2/kg"],
    ]);
    expect(showGraph([model.loss!])).not.toContain("quantity");
  });

  it.each([
    ["x + v", "+ needs equal units, got m and m/s"],
    ["dt * v / dt", "a carry keeps its unit, and one begins in m and becomes m/s"],
  ])("are checked in bodies: x = %s", (step, message) => {
    expect(() => load(text(step))).toThrow(message);
  });

  it("are checked in equations", () => {
    expect(() => load(text("x + dt * v", "output sag = root(s = 0.1: k * s^2 + mass * s - mass)"))).toThrow(
      "needs equal units",
    );
    expect(() => load(text("x + dt * v", "output sag in s = root(s = 0.1: k * s - mass * v0 / dt)"))).toThrow("in s");
  });
});

describe("units of matrices, orders and lookups", () => {
  const leaves = "param x: [n] in m, A: [n, n] in s, q in s\ndata len: int[n], B: [n, n]";

  it.each([
    ["sum(sort(x))", "m"],
    ["median(x)", "m"],
    ["quantile(x, 0.3)", "m"],
    ["max(i in 0..n: x[argsort(x)[i]])", "m"],
    ["sum(i in 0..n: max(A[i][0..len[i]]))", "s"],
    ["sum(solve(A, x))", "m/s"],
    ["sum(solveTriangular(A, x))", "m/s"],
    ["sum(inverse(A))", "1/s"],
    ["sum(cholesky(A * q))", "s"],
    ["sum(solve(A, x, positiveDefinite = true))", "m/s"],
    ["sum(eigenvalues(A))", "s"],
    ["eigh(A).vectors[0, 0] * x[0]", "m"],
    ["qr(A).q[0, 0] * qr(A).r[0, 0]", "s"],
    ["logdet(B) + slogdet(B).sign", "1"],
    ["grad(sum(solve(A, x)), A)[0, 0]", "m/s^2"],
    ["grad(root(z = 0 * q: z + 0.3 * q * tanh(z / q) - q), q)", "1"],
    ["hvp(argmin(z = 0 * q: (z - q)^2 + z^4 / q^2), q, q)", "1"],
  ])("%s is in %s, and in nothing else", (expression, unit) => {
    expect(units(`${leaves}\noutput f = ${expression}`).outputs.get("f")).toBe(unit);
    expect(() => load(`${leaves}, t in kg\noutput f = ${expression} + t`)).toThrow("needs equal units");
  });

  it("are pure in logarithms of determinants", () => {
    expect(() => load(`${leaves}\noutput f = logdet(A)`)).toThrow("luLogDeterminant needs pure numbers, got s.");
  });
});
