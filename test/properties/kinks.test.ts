import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable, pairExecutable } from "../../src/check/execute.ts";
import { routes } from "../../src/check/graphs.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { dualField } from "../../src/interpreter/dual.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { maximum, minimum, product, sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, square, sub } from "../../src/ops/elementary/algebra.ts";
import { clamp, greater, max, min, select } from "../../src/ops/elementary/comparison.ts";
import { hypot } from "../../src/ops/elementary/lengths.ts";

import { abs, floor, sign } from "../../src/ops/elementary/rounding.ts";
import { elu, huber, leakyRelu, relu, softsign } from "../../src/ops/special/activation.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";

// At kinks and ties the derivative is a convention: every way of computing it must follow the same one.

interface Kink {
  readonly title: string;
  readonly f: (x: Expr) => Expr;
  readonly at: readonly number[];
  readonly slopes: readonly number[];
}

const kinks: readonly Kink[] = [
  { title: "|x| at 0", f: (x) => sum(abs(x)), at: [0, 1], slopes: [0, 1] },
  { title: "relu at 0", f: (x) => sum(relu(x)), at: [0, -1, 2], slopes: [0, 0, 1] },
  { title: "leaky relu at 0", f: (x) => sum(leakyRelu(x, 0.25)), at: [0, 3], slopes: [0.25, 1] },
  { title: "elu at 0", f: (x) => sum(elu(x)), at: [0], slopes: [1] },
  { title: "softsign at 0", f: (x) => sum(softsign(x)), at: [0], slopes: [1] },
  { title: "huber at its border", f: (x) => sum(huber(x, 1)), at: [1, -1, 2], slopes: [1, -1, 1] },
  { title: "clamp at its bounds", f: (x) => sum(clamp(x, -1, 1)), at: [-1, 1, 2], slopes: [1, 1, 0] },
  { title: "max of equals", f: (x) => sum(max(x, 0)), at: [0, 1], slopes: [0.5, 1] },
  { title: "min of equals", f: (x) => sum(min(x, mul(2, x))), at: [0], slopes: [1.5] },
  { title: "a choice at its border", f: (x) => sum(select(greater(x, 0), square(x), x)), at: [0, 1], slopes: [1, 2] },
  { title: "jumps", f: (x) => sum(add(floor(x), sign(x))), at: [0, 1], slopes: [0, 0] },
  { title: "hypot at the origin", f: (x) => sum(hypot(x, mul(2, x))), at: [0], slopes: [0] },
  { title: "the largest of three, two tied", f: (x) => maximum(x), at: [3, 1, 3], slopes: [0.5, 0, 0.5] },
  { title: "the smallest of four, all tied", f: (x) => minimum(x), at: [2, 2, 2, 2], slopes: [0.25, 0.25, 0.25, 0.25] },
  {
    title: "the largest square, three tied",
    f: (x) => square(maximum(x)),
    at: [2, 2, 1, 2],
    slopes: [4, 4, 0, 4].map((s) => s / 3),
  },
  { title: "a product with a zero", f: (x) => product(x), at: [0, 2, 3], slopes: [6, 0, 0] },
  { title: "a product with two zeros", f: (x) => product(x), at: [0, 2, 0], slopes: [0, 0, 0] },
  { title: "|x - x|", f: (x) => sum(abs(sub(x, x))), at: [1.5], slopes: [0] },
];

describe.each(kinks)("$title", ({ f, at, slopes }) => {
  const x = new Graph().param("x", [Integer.named("n")]);
  const loss = f(x);
  const v = x.graph.variable(x.shape);
  const bindings = {
    sizes: new Map([["n", at.length]]),
    values: new Map([
      [x, at],
      [v, at.map((_, k) => 2 * k - 1)],
    ]),
  };
  const read = (roots: readonly Expr[]) => interpret(roots, bindings, realField);

  it("has the documented slopes", () => {
    expect(read(gradient(loss, [x]))).toEqual([slopes]);
  });

  it("has the same slopes when simplified before or after differentiation, and in code", () => {
    const [before] = simplify([loss]) as [Expr];
    for (const roots of [gradient(before, [x]), simplify(gradient(loss, [x]), { last: true })]) {
      expect(read(roots)[0]!.map(Math.abs)).toEqual(slopes.map(Math.abs));
      expect(executable(roots)(bindings)).toEqual(read(roots));
      expect(executable(roots, { forVectors }, compileWasm)(bindings)).toEqual(read(roots));
    }
  });

  it("has one Hessian-vector product by every route", () => {
    const [first, ...others] = routes.map((route) => read(hvp(loss, [x], [v], route))[0]!);
    for (const other of others) for (const [k, value] of first!.entries()) expect(other[k]).toBeCloseTo(value, 12);
  });

  it("changes along v as the slopes say, in dual and complex runs of loss and slopes", () => {
    const roots = [loss, ...gradient(loss, [x])];
    const products = read(hvp(loss, [x], [v]))[0]!;
    const along = bindings.values.get(v)!;
    const first = slopes.reduce((total, slope, k) => total + slope * along[k]!, 0);
    const step = 2 ** -540;
    const duals = new Map([[x, at.map((value, k) => ({ value, tangent: along[k]! }))]]);
    const complex = new Map([[x, at.map((re, k) => ({ re, im: along[k]! * step }))]]);
    const { sizes, values } = bindings;
    const changes = new Map([[x, along]]);
    const steps = new Map([[x, along.map((change) => change * step)]]);
    const seconds = [
      interpret(roots, { sizes, values: duals }, dualField).map((list) => list.map(({ tangent }) => tangent)),
      interpret(roots, { sizes, values: complex }, complexField).map((list) => list.map(({ im }) => im / step)),
      pairExecutable(roots, compileDual)({ sizes, values }, changes).second,
      pairExecutable(roots, compileComplex)({ sizes, values }, steps).second.map((list) => list.map((im) => im / step)),
    ];
    for (const [of, ...rest] of seconds)
      for (const [k, value] of [...of!, ...rest.flat()].entries())
        expect(value).toBeCloseTo(k === 0 ? first : products[k - 1]!, 12);
  });
});
