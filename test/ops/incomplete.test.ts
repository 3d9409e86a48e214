import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { operationNamed } from "../../src/ops/registry.ts";
import { readCases } from "./cases.ts";

type Row = readonly string[];
const { functions } = readCases<{ functions: Record<string, Row[]> }>("incomplete.json");

/**
 * Relative errors allowed. Values go with the logarithm of what is far out, by as many ulp as it is large; third derivatives may be small
 * beside the terms of which they consist.
 */
const allowed = (name: string) => (/Slope[2-9]$/.test(name) ? 1e-12 : 1e-14);

/** Where derivatives have zeros: errors beside the first derivatives. */
const nearZeros = 1e-9;

describe("incomplete functions against 20 digits", () => {
  it.each(Object.keys(functions))("hold for %s", (name) => {
    const { real } = operationNamed(name)!.primitive;
    const wrong = functions[name]!.flatMap((row) => {
      const [expected, ...reversed] = row.map(Number).reverse() as [number, ...number[]];
      const operands = reversed.reverse();
      const error = Math.abs(real(...operands) / expected - 1);
      const bound = /Slope[678]$/.test(name) ? nearZeros : allowed(name);
      return error <= bound ? [] : [`at ${operands}: ${expected}, got ${real(...operands)}, ${error}`];
    });
    if (wrong.length > 0) expect.fail(wrong.join("\n"));
  });
});

describe("the ends of incomplete functions", () => {
  const { real: lower } = operationNamed("gammainc")!.primitive;
  const { real: upper } = operationNamed("gammaincc")!.primitive;
  const { real: logUpper } = operationNamed("logGammaincc")!.primitive;

  it.each([
    [0, 2, 1],
    [0, 0.5, 1],
    [1, 0, 0],
    [2, Infinity, 1],
    [30, Infinity, 1],
    [Infinity, 3, 0],
  ])("P(%s, %s) is %s", (a, x, value) => {
    expect(lower(a, x)).toBe(value);
    expect(upper(a, x) + 0).toBe(1 - value);
  });

  it.each([
    [1, 1, 0, 0],
    [1, 1, 1, 1],
    [0.5, 0.5, 0, 0],
    [0, 1, 0.3, 1],
    [1, 0, 0.3, 0],
    [Infinity, 2, 0.5, 0],
    [2, Infinity, 0.5, 1],
    [-1, 1, 0.5, Number.NaN],
    [1, 1, 1.1, Number.NaN],
  ])("I(%s, %s, %s) is %s", (a, b, x, value) => {
    expect(operationNamed("betainc")!.primitive.real(a, b, x) + 0).toBe(value);
  });

  it("have no value for negative numbers", () => {
    expect([lower(-1, 1), lower(1, -1), upper(-1, 1), upper(1, -1), lower(Number.NaN, 1)]).toEqual(
      new Array(5).fill(Number.NaN),
    );
  });

  it("are those of an exponential distribution where a is 1", () => {
    for (const x of [0, 1e-300, 0.7, 1.3, 800, 1e300])
      expect(Math.abs(logUpper(1, x) + x)).toBeLessThanOrEqual(2e-15 * x);
    expect(compileText("param x\nloss = logGammaincc(1, x)").hvp({ x: 0 }, { x: 1 }).x![0]).toBeCloseTo(0, 15);
  });
});

describe("models with incomplete functions", () => {
  it("take logarithms of what underflows", () => {
    const { loss, gradient } = compileText("param x\nloss = log(gammaincc(2.5, x)) + log(1 - gammainc(3, x))");
    expect(loss({ x: 2000 })).toBeCloseTo(-3974.372921536599, 9);
    expect(gradient({ x: 2000 }).x![0]).toBeCloseTo(-1.99825087490593, 12);
  });

  // densities c x^(a-1) (1-x)^(b-1), whose slopes are those of polynomials where a and b are whole
  it.each([
    [2, 3, [0, 12, -48], [0, 0, 24]],
    [3, 3, [0, 0, 60], [0, 0, 60]],
    [1, 4, [4, -12, 24], [0, 0, 0]],
    [2, 1, [0, 2, 0], [2, 2, 0]],
    [2.5, 1, [0, 0, Number.POSITIVE_INFINITY], [2.5, 3.75, 1.875]],
  ])("have derivatives of betainc(%s, %s, x) at both ends", (a, b, atZero, atOne) => {
    const text = `param x: [n]\nlet first = grad(sum(betainc(${a}, ${b}, x)), x)\nlet second = grad(sum(first), x)
output d1 = first, d2 = second, d3 = grad(sum(second), x)`;
    const { d1, d2, d3 } = compileText(text).outputs({ x: [0, 1] });
    for (const [k, expected] of [atZero, atOne].entries()) {
      for (const [order, got] of [d1![k]!, d2![k]!, d3![k]!].entries()) expect(got).toBeCloseTo(expected[order]!, 10);
    }
  });

  it("have mixed derivatives of betainc at both ends", () => {
    const text =
      "param a, b\ndata x: [n]\nlet f = sum(betainc(a, b, x))\noutput s = grad(grad(f, x)[0], a), t = grad(grad(f, x)[1], b)";
    const { s, t } = compileText(text).outputs({ a: 2, b: 3, x: [0, 1] });
    expect([...s!, ...t!].map(Math.abs)).toEqual([0, 0]);
  });

  it("have third derivatives in all operands", () => {
    const text = `param a, x
let f = gammainc(a, x)
let g = grad(f, a)
let h = grad(g, x)
loss = grad(h, a)`;
    expect(compileText(text).loss({ a: 2.5, x: 1.7 })).toBeCloseTo(-0.14029838794845384, 13);
  });

  it("give the distribution function of Student's t with a slope in its degrees of freedom", () => {
    const text = `param nu, t
let tail = betainc(nu / 2, 0.5, nu / (nu + t^2)) / 2
loss = if t > 0 then 1 - tail else tail`;
    const { loss, gradient } = compileText(text);
    expect(loss({ nu: 4, t: 1.5 })).toBeCloseTo(0.896, 14);
    const slopes = gradient({ nu: 4, t: 1.5 });
    expect(slopes.nu![0]).toBeCloseTo(0.008682460457807248, 13);
    expect(slopes.t![0]).toBeCloseTo(0.12288, 13);
  });

  it("broadcast, and stand in index notation", () => {
    const text = `param a: [n]
data t: [n]
loss = sum([i in 0..n: gammaincc(a[i], t[i])]) - sum(gammaincc(a, t)) + mean(gammainc(a, 1.5))`;
    const { loss, gradient } = compileText(text);
    const point = { a: [0.5, 2, 7], t: [1, 0.3, 9] };
    expect(loss(point)).toBeCloseTo(0.4532786916262999, 14);
    expect(gradient(point).a![1]).toBeCloseTo(-0.10449621260835977, 14);
  });
});
