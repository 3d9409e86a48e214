import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { special } from "../../src/extensions/special.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { loadModel } from "../../src/model/load.ts";
import { add, div, mul, square, sub } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { rescaled } from "../../src/rewrite/closing/homogeneous.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** The loss, the gradient and the Hessian at a point, in one list. */
function slopesAt(loss: string, point: readonly number[]): number[] {
  const bound = compileModel(loadModel({ name: "f", text: `param x, y\nloss = ${loss}\n` })).bind();
  const [gradient, hessian] = [new Float64Array(2), new Float64Array(4)];
  const value = bound.flat.lossAndGradient(Float64Array.from(point), gradient);
  bound.flat.hessian(Float64Array.from(point), hessian);
  return [value, ...gradient, ...hessian];
}

/** Exact: f(c x, c y) = c^degree f(x, y), so that slopes are those at ordinary numbers times powers of c. */
const functions: readonly (readonly [loss: string, degree: number, point: readonly number[]])[] = [
  ["(x - y)/(x + y)", 0, [3, 5]],
  ["2*x*y/(x^2 + y^2)", 0, [1, 3]],
  ["(x^2 + y^2)/(2*x*y)", 0, [1, 3]],
  ["(x - y)^2/(x*y)", 0, [4, 3]],
  ["x*y/(x - y)", 1, [1, 3]],
  ["1/sqrt(x^2 + y^2)", -1, [1, 2]],
  ["x^2/(sqrt(x^2 + y^2) + y)", 1, [1, 1]],
  ["exp(-x^2/(2*y^2))/y", -1, [3, 2]],
  ["x^2 - y^2", 2, [3, 2]],
];

describe("homogeneous functions of huge and of tiny numbers", () => {
  it.each(functions)("%s", (loss, degree, point) => {
    const ordinary = slopesAt(loss, point);
    for (const exponent of [-900, -700, -500, -300, 300, 500, 700, 900]) {
      const order = (k: number) => (k === 0 ? 0 : k < 3 ? 1 : 2);
      const scaled = slopesAt(
        loss,
        point.map((x) => x * 2 ** exponent),
      );
      for (const [k, value] of scaled.entries()) {
        // by steps, so that no power overflows alone
        const count = degree - order(k);
        let expected = ordinary[k]!;
        for (let n = 0; n < Math.abs(count); n++) expected *= 2 ** (Math.sign(count) * exponent);
        if (!Number.isFinite(expected)) expect(value).toBe(expected);
        else if (Math.abs(expected) > 1e-290) expect(Math.abs(value / expected - 1)).toBeLessThan(1e-14);
        else expect(Math.abs(value - expected)).toBeLessThan(1e-290);
      }
    }
  });

  it("keeps every bit where the numbers are ordinary, and what is far from the largest one", () => {
    expect(slopesAt("(x - y)/(x + y)", [3, 5])[0]).toBe(-0.25);
    expect(slopesAt("x^2 - y^2", [1e200, 1e-200])[2]).toBe(-2e-200);
    expect(slopesAt("x^2 - y^2", [0, 1e200]).slice(1, 3)).toEqual([0, -2e200]);
  });
});

describe("the functions that are rescaled", () => {
  const graph = new Graph();
  const [x, y, z, w] = ["x", "y", "z", "w"].map((name) => graph.param(name)) as [Expr, Expr, Expr, Expr];
  const changes = (root: Expr) => rescaled([root])[0] !== root;

  it("are those of two or three numbers with parts that may be lost", () => {
    expect(changes(sub(square(x), square(y)))).toBe(true);
    expect(changes(div(square(x), add(square(y), square(z))))).toBe(true);
    expect(changes(div(x, add(x, y)))).toBe(false);
  });

  it("are no functions of degree that varies, of one number, of more than three or of arrays", () => {
    expect(changes(sub(square(x), y))).toBe(false);
    expect(changes(sub(square(x), add(square(y), 1)))).toBe(false);
    expect(changes(exp(sub(square(x), square(y))))).toBe(false);
    expect(changes(sub(square(x), mul(3, square(x))))).toBe(false);
    expect(changes(add(square(x), square(y), mul(z, w)))).toBe(false);
    const a = graph.param("a", [Integer.constant(3)]);
    expect(rescaled([sub(square(x), square(y)), square(a)])[0]).toBe(sub(square(x), square(y)));
  });

  it("are looked for once no derivative follows", () => {
    const root = sub(square(x), square(y));
    const extensions = [special];
    expect(simplify([root], { extensions })).toEqual([root]);
    expect(simplify([root], { extensions, last: true })).not.toEqual([root]);
  });
});
