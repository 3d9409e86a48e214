import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compile, definePrimitive, model, param, vec } from "../../src/index.ts";
import type { Partial, Primitive } from "../../src/ir/primitive.ts";
import { compileText } from "../../src/language/all.ts";
import { Complex } from "../../src/numeric/complex/complex.ts";
import { dot } from "../../src/numeric/vectors.ts";
import { jacobianProduct } from "../../src/sparse.ts";

const data = { x: [0.5, -1, 2, 0], y: [1, 2, -1, 0.25], w: [1, 0, 2, 4], c: 3, k: [2, 0, 1, 1] };
const header = "param b: [3] = [0.5, -0.25, 1.5], s = 0.75\ndata x: [n], y: [n], w: [n], c, k: int[n] within 0..3\n";
const fit = "b[0] * exp(b[1] * x) + s";

/** Loss, residuals, factor, offset: at the start with the data above. */
const losses: readonly (readonly [string, number, number, number])[] = [
  [`sum((y - ${fit})^2)`, 4, 1, 0],
  [`sum(i: (y[i] - b[0] * x[i] - s)^2)`, 4, 1, 0],
  [`0.5 * sum((y - ${fit})^2)`, 4, 0.5, 0],
  [`mean((y - ${fit})^2)`, 4, 0.25, 0],
  [`mean((y - ${fit})^2) / 2`, 4, 0.125, 0],
  [`c * sum((y - ${fit})^2) + c^2 - 1`, 4, 3, 8],
  [`{ let r = y - ${fit}; return dot(r, r) }`, 4, 1, 0],
  [`{ let r = y - ${fit}; return r @ r }`, 4, 1, 0],
  [`{ let r = y - ${fit}; return sum(i: r[i] * r[i]) }`, 4, 1, 0],
  [`sum(w * (y - ${fit})^2)`, 4, 1, 0],
  [`mean((y - ${fit})^2 * w / c) / 2`, 4, 1 / 24, 0],
  [`sum((y - ${fit})^2 / w2(c))`, 4, 1, 0],
  [`sum(((y - ${fit}) / s)^2)`, 4, 1, 0],
  [`sum((y - ${fit})^2) / s^2`, 4, 1, 0],
  [`sum((y - ${fit})^4)`, 4, 1, 0],
  [`sum(abs(y - ${fit})^2)`, 4, 1, 0],
  [`sum((y - ${fit})^2) + 0.1 * sum(b^2)`, 7, 1, 0],
  [`mean((y - ${fit})^2) + c * s^2`, 5, 0.25, 0],
  [`(10 * (b[1] - b[0]^2))^2 + (1 - b[0])^2`, 2, 1, 0],
  [`sum(i: if x[i] > 0 then (y[i] - log(x[i]) * s)^2 else (y[i] - s)^2)`, 8, 1, 0],
  [`sum(if x > 0 then (y - s * sqrt(x))^2 else 1.5)`, 4, 1, 3],
  [`sum(i: (y[i] - b[k[i]])^2)`, 4, 1, 0],
  [`sum(i: (b[k[i]] - x[i] * s)^2 * w[i])`, 4, 1, 0],
  [`sum(i in 0..n, j in 0..3: (b[j] * x[i] - s)^2)`, 12, 1, 0],
  [`sum(j in 0..3: w[j] * sum(i: (b[j] - y[i])^2))`, 12, 1, 0],
  [`sum(i in 1..n: (y[i] - s * y[i-1])^2)`, 3, 1, 0],
  [`-(1 - sum((y - s)^2))`, 4, 1, -1],
  [`-sum((y - s)^2 * (0 - w))`, 4, 1, 0],
  [`sqrt(sum((y - s)^2))^2`, 4, 1, 0],
  [`norm(y - ${fit})^2 / 2`, 4, 0.5, 0],
  [`norm(y - s)^2 + c * norm(b)^2`, 7, 1, 0],
  [`(s * norm(y - b[0]) / c)^2`, 4, 1 / 9, 0],
  [`norm(y - ${fit}) * norm(y - ${fit}) / 2`, 4, 0.5, 0],
  [`{ let r = norm(y - s); return c * r * norm(b) * r * norm(b) + r^2 }`, 16, 1, 0],
  [`hypot(s, b[0]) * hypot(s, b[0]) + s^2`, 3, 1, 0],
  [`norm(y - ${fit})^4`, 1, 1, 0],
  [`norm(y - ${fit})^6`, 1, 1, 0],
  [`s^2 / norm(y - s)^2`, 1, 1, 0],
  [`sum(i: hypot(y[i] - s, x[i] * b[0])^2)`, 8, 1, 0],
  [`sum((y - s)^2) * sum(b^2)`, 12, 1, 0],
  [`sum(log(w + 1) + (y - ${fit})^2 / (2 * (w + 1)^2))`, 4, 1, Math.log(2 * 3 * 5)],
];

const textOf = (loss: string) => `${header}def w2(u) = u * (w + 1)\nloss = ${loss}`;

describe("leastSquares", () => {
  it.each(losses)("finds the residuals of %s", (loss, count, factor, offset) => {
    const bound = compileText(textOf(loss)).bind(data);
    const oracle = leastSquares(bound);
    expect(oracle.residualCount).toBe(count);
    expect(oracle.residualFactor).toBeCloseTo(factor, 14);
    expect(oracle.residualOffset).toBeCloseTo(offset, 14);
    const x = bound.start();
    const n = x.length;
    const r = new Float64Array(count);
    const J = new Float64Array(count * n);
    const g = new Float64Array(n);
    oracle.residuals(x, r);
    oracle.jacobian(x, J);
    const value = oracle.lossAndGradient(x, g);
    const square = r.reduce((total, each) => total + each ** 2, 0);
    // a few roundings of sums of about ten terms
    expect(Math.abs(factor * square + offset - value)).toBeLessThan(1e-14 * (square + Math.abs(offset)));
    const slope = Array.from(g, (_, j) => r.reduce((total, each, i) => total + 2 * factor * each * J[i * n + j]!, 0));
    const size = Math.max(...Array.from(g, Math.abs));
    for (const [j, entry] of slope.entries()) expect(Math.abs(entry - g[j]!)).toBeLessThan(1e-13 * size);
  });

  it.each(losses)("finds how the residuals of %s bend: <v, H v> = 2 factor (||J v||^2 + <r, d2 r>)", (loss, count) => {
    const oracle = leastSquares(compileText(textOf(loss)).bind(data));
    const x = Float64Array.of(0.5, -0.25, 1.5, 0.75);
    const v = Float64Array.of(0.3, -1.25, 0.5, 0.8);
    const [r, J, bend, h] = [count, 4 * count, count, 4].map((length) => new Float64Array(length));
    oracle.residuals(x, r!);
    oracle.jacobian(x, J!);
    oracle.residualCurvature(x, v, bend!);
    oracle.hvp!(x, v, h!);
    let got = 0;
    let size = 0;
    for (let i = 0; i < count; i++) {
      const change = v.reduce((total, entry, j) => total + J![i * 4 + j]! * entry, 0);
      got += 2 * oracle.residualFactor * (change ** 2 + r![i]! * bend![i]!);
      size += 2 * oracle.residualFactor * (change ** 2 + Math.abs(r![i]! * bend![i]!));
    }
    const wanted = v.reduce((total, entry, j) => total + entry * h![j]!, 0);
    // sums of about a hundred terms, with cancellation inside of the residuals' own derivatives
    expect(Math.abs(got - wanted)).toBeLessThan(1e-13 * (size + Math.abs(wanted)));
  });

  it("goes on without how residuals bend where a slope of theirs has no derivative", () => {
    const record = (name: string, partial: Partial): Primitive => ({
      name,
      arity: 1,
      real: Math.exp,
      complex: Complex.exp,
      partials: [partial],
      print: (x) => `Math.exp(${x})`,
      cost: 20,
    });
    const table = record("table", { none: "it is measured" });
    const curve = definePrimitive(record("curve", ([x]) => x!.graph.map(table, [x!])));
    const measured = model({ b: vec("p"), y: vec("p") }, ({ b, y }) => curve(b).sub(y).square().sum());
    const oracle = leastSquares(compile(measured, { wrt: ["b"] }).bind({ y: [2, 3] }));
    const bend = new Float64Array(2);
    oracle.residualCurvature(Float64Array.of(0, 0), Float64Array.of(1, 1), bend);
    expect(Array.from(bend)).toEqual([Number.NaN, Number.NaN]);
  });

  it("has the Jacobian in either mode", () => {
    // two residuals of forty parameters, mixed by a product: reverse mode costs less
    const text = "param b: [p] = 0.1\ndata A: [q, p]\nlet h = exp(A @ sin(b))\nloss = sum((h - 1)^2)";
    const A = Array.from({ length: 2 }, (_, i) => Array.from({ length: 40 }, (_, j) => Math.sin(i + 3 * j)));
    const bound = compileText(text).bind({ A });
    const oracle = leastSquares(bound);
    const x = bound.start();
    const J = new Float64Array(80);
    oracle.jacobian(x, J);
    A.forEach((row, i) => {
      const h = Math.exp(row.reduce((total, a) => total + a * Math.sin(0.1), 0));
      for (const [j, a] of row.entries()) expect(J[i * 40 + j]).toBeCloseTo(h * a * Math.cos(0.1), 12);
    });
  });

  it("has the Jacobian in reverse mode of what fades where a logarithm is infinite", () => {
    const text = "param q: [m], s\ndata at: int[n] within 0..m\nloss = sum(exp(-log(1 + q[at]^2)^2)^2) + (s - 1)^2";
    const bound = compileText(text).bind({ at: [2] }, { m: 30 });
    const x = Float64Array.from({ length: 31 }, (_, k) => 0.1 * k);
    const J = new Float64Array(62);
    leastSquares(bound).jacobian(x, J);
    const l = Math.log(1 + 0.2 ** 2);
    expect(J[2]).toBeCloseTo((Math.exp(-(l ** 2)) * -2 * l * 0.4) / (1 + 0.2 ** 2), 12);
    expect(Array.from(J).filter((slope) => slope !== 0)).toEqual([J[2], 1]);
  });

  it.each([
    "e / (1 + (exp(l) / x)^h)",
    "e / (1 + 10^((l - log10(x)) * h))",
    "e * (1 - 1 / (1 + exp(h * (log(x) - l))))",
  ])("has the slopes of dose-response curves at no dose: %s", (curve) => {
    // a half of the effect is at e^l, or at 10^l
    const scale = curve.includes("10^") ? Math.LN10 : 1;
    const text = `param e, h, l\ndata x: [n], y: [n]\nlet r = ${curve} - y\noutput z = r\nloss = sum(r^2)`;
    const doses = [0, 0.3, 0, 3, 20];
    const bound = compileText(text).bind({ x: doses, y: [0, 0.4, 0.1, 1.5, 1.9] });
    const [e, h, l] = [1.7, 1.2, 0.4];
    const point = Float64Array.of(e, h, l / scale);
    const J = new Float64Array(15);
    leastSquares(bound).jacobian(point, J);
    const rows = doses.map((dose) => {
      const share = 1 / (1 + (Math.exp(l) / dose) ** h);
      return dose === 0
        ? [0, 0, 0]
        : [share, e * share * (1 - share) * (Math.log(dose) - l), -e * share * (1 - share) * h * scale];
    });
    for (const [k, slope] of rows.flat().entries()) expect(J[k]).toBeCloseTo(slope, 12);
    const [v, along] = [Float64Array.of(1, -0.5, 2), new Float64Array(5)];
    jacobianProduct(bound, "z")(point, v, along);
    for (const [i, row] of rows.entries()) expect(along[i]).toBeCloseTo(dot(Float64Array.from(row), v), 12);
  });

  it("takes outputs as residuals, with and without a loss", () => {
    const text = "param b: [2] = [1, 2]\ndata y: [n]\noutput r = y - b[0], q = b[1] * y";
    const bound = compileText(`${text}\nloss = 3 * (sum(r^2) + max(sum(q^2), 0))`).bind({ y: [1, 2, 4] });
    const alone = compileText(text).bind({ y: [1, 2, 4] });
    expect(() => leastSquares(bound)).toThrow("the loss is no sum of squares: a result of max is not squared in it");
    for (const each of [bound, alone]) {
      const oracle = leastSquares(each, { residuals: ["r", "q"], factor: 3 });
      const x = each.start();
      const g = new Float64Array(2);
      expect([oracle.loss(x), oracle.lossAndGradient(x, g)].map((value) => value.toFixed(9))).toEqual(
        Array(2).fill((3 * (10 + 84)).toFixed(9)),
      );
      expect(Array.from(g, (entry) => Math.round(entry * 1e9) / 1e9)).toEqual([-24, 252]);
    }
    expect(() => leastSquares(alone)).toThrow("has no loss");
    expect(() => leastSquares(alone, { residuals: ["rr"] })).toThrow('the model has no output "rr"');
    const plain = compileText("param a = 1\nloss = a^2").bind();
    expect(() => leastSquares(plain, { factor: 2 })).toThrow("factor goes with the names of residuals");
  });

  it.each([
    ["sum(abs(y - s))", "a result of abs is not squared in it"],
    ["sum((y - s)^3)", "is not squared in it"],
    ["sum((y - s)^2) + s", '"s" is not squared in it'],
    ["sum((y - s)^2) + b[1]", '"b" is not squared in it'],
    ["dot(y - s, x - s)", "is not squared in it"],
  ])("says what is no square in %s", (loss, message) => {
    expect(() => leastSquares(compileText(textOf(loss)).bind(data))).toThrow(message);
  });

  it("refuses weights below 0, and terms that are subtracted", () => {
    const weighted = compileText(textOf("sum((w - 1) * (y - s)^2)")).bind(data);
    expect(() => leastSquares(weighted)).toThrow("finite weights of at least 0 before its squares, got -1");
    const less = compileText(textOf("sum((y - s)^2) - s^2")).bind(data);
    expect(() => leastSquares(less)).toThrow("finite weights of at least 0 before its squares, got -1");
  });

  it("refuses points and results of other lengths", () => {
    const oracle = leastSquares(compileText(textOf("sum((y - s)^2)")).bind(data));
    expect(() => oracle.residuals(new Float64Array(3), new Float64Array(4))).toThrow(
      "a Float64Array of 4, got one of 3",
    );
    expect(() => oracle.jacobian(new Float64Array(4), new Float64Array(4))).toThrow("needs 16 elements, got 4");
  });

  it("works for models from TypeScript", () => {
    const m = model({ b: param(["p"], { start: 1 }), y: vec("p") }, ({ b, y }) => y.sub(b).square().mean());
    const oracle = leastSquares(compile(m, { wrt: ["b"] }).bind({ y: [3, 5] }));
    expect([oracle.residualCount, oracle.residualFactor]).toEqual([2, 0.5]);
  });
});
