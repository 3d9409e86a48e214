import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

/** Derivatives in names within each other, each beside what it is. */
const nested: readonly (readonly [name: string, statements: string, derivative: string, closed: string])[] = [
  ["a value within a parameter", "let u = c^2", "grad(grad(u * b^2, b), u)", "2 * b"],
  ["a parameter within a value", "let u = c^2", "grad(grad(u * b^2, u), b)", "2 * b"],
  ["a value within a value made of it", "let u = c^2; let k = u * b", "grad(grad(k^2 * u, k), u)", "4 * u * b"],
  ["a value that a value between holds", "let u = c^2; let g = jvp(u * b^2, b, b)", "jvp(g, u, 1)", "2 * b^2"],
  ["values of one node", "let u = c^2; let k = c^2", "grad(grad(u * k^3, u), k)", "3 * k^2"],
  ["an array", "let u = [i in 0..2: c]", "grad(sum(grad(dot(u, u) * b^2, b) * [1, 3]), u)[1]", "16 * b * c"],
  ["three deep", "let u = c^2; let k = 3 * c", "grad(grad(grad(u^2 * k^2 * b^2, b), u), k)", "8 * u * k * b"],
  ["second derivatives", "let u = c^2", "grad(hvp(u^2 * b^3, b, b), u)", "12 * u * b^2"],
  ["a value made of the parameter", "let u = c * b^2", "grad(grad(u * b^2, b), u)", "2 * b"],
  ["a list made of the parameter", "let u = [b, c]", "grad(grad(u[0] * b, b), u)[0]", "1"],
  ["what derivatives twice within hold", "let u = c * b^2", "grad(grad(grad(u * b^3, b), b), u)", "6 * b"],
  [
    "a value of a value made of the parameter",
    "let u = c * b^2; let k = u * b",
    "grad(grad(k * u * b, b), u)",
    "8 * b * u",
  ],
  [
    "both values on the way to the parameter",
    "let u = c * b^2; let k = u * b",
    "grad(grad(grad(k * u * b, b), u), k)",
    "1",
  ],
  ["a product with the Hessian", "let u = c * b^2", "grad(hvp(u * b^3, b, b), u)", "6 * b^2"],
  ["a value that holds a derivative", "let u = c * b^2; let g = grad(u * b^2, b)", "grad(g^2, u)", "4 * b * g"],
  ["elements", "let u = [i in 0..2: c * b^i]", "sum(grad(grad(sum(u^2) * b, b), u))", "2 * c * (1 + b) + 2 * b * c"],
  ["a Hessian", "let u = c^2", "hessian(grad(u^3 * b^2, b), u)", "12 * u * b"],
];

/** What begins as whole numbers that are written out, beside the same in reals. */
const begun: readonly (readonly [name: string, whole: string, real: string])[] = [
  [
    "a carry",
    "scan(i in 0..3, h = 1: tanh(b * c + grad(h^2 * b, h)))",
    "scan(i in 0..3, h = 1: tanh(b * c + 2 * h * b))",
  ],
  [
    "a carry of a loop of unknown length",
    "while(h = 1, test = h > 0.1, limit = 3: grad(h^2 * b * c, h))",
    "while(h = 1, test = h > 0.1, limit = 3: 2 * h * b * c)",
  ],
  ["an array", "{ let v = [1, 2, 3]; return b * c * sum(grad(sum(v^3), v)) }", "42 * b * c"],
];

describe("a derivative in a name", () => {
  it.each(begun)("varies what begins as whole numbers: %s", (_, whole, real) => {
    const [mine, theirs] = [whole, real].map((loss) => {
      const model = loadModel({ name: "whole.nabla", text: `param b, c\nloss = ${loss}` });
      return compileModel(model).bind().lossAndGradient({ b: 0.6, c: 1.1 });
    });
    expect(mine!.loss).toBeCloseTo(theirs!.loss, 14);
    expect(mine!.gradient.b![0]).toBeCloseTo(theirs!.gradient.b![0]!, 13);
    expect(mine!.gradient.c![0]).toBeCloseTo(theirs!.gradient.c![0]!, 13);
  });

  it.each(nested)("varies what derivatives within it hold: %s", (_, statements, derivative, closed) => {
    const lines = (loss: string) => ["param b, c", ...statements.split("; "), `loss = ${loss}`].join("\n");
    const [mine, theirs] = [derivative, closed].map((loss) => loadModel({ name: "nested.nabla", text: lines(loss) }));
    expect(mine!.warnings.filter(({ summary }) => summary.includes("does not use"))).toEqual([]);
    const [point, direction] = [
      { b: 1.3, c: -0.7 },
      { b: 0.4, c: 1 },
    ];
    const [a, b] = [mine!, theirs!].map((model) => compileModel(model).bind().lossGradientHvp(point, direction));
    expect(a!.loss).toBeCloseTo(b!.loss, 12);
    for (const name of ["b", "c"]) {
      expect(a!.gradient[name]![0], `gradient in ${name}`).toBeCloseTo(b!.gradient[name]![0]!, 11);
      expect(a!.hvp[name]![0], `HVP in ${name}`).toBeCloseTo(b!.hvp[name]![0]!, 11);
    }
  });

  it("warns of nothing that runs only while ranges are looked for", () => {
    const text = `param c: [k]
data t: [n]
def line(s) = [sum(j: c[j] * s^j), sum(j: c[j] * s^j)]
loss = mean(i: { let s = t[i]; let r = line(s); return sum(jvp(r, s, 1)^2) })`;
    expect(loadModel({ name: "line.nabla", text }).warnings).toEqual([]);
  });
});
