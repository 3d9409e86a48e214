import { describe, expect, it } from "vitest";
import { WideField, wideValues } from "../../src/interpreter/wide.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../src/ops/elementary/algebra.ts";
import { toInt, toReal } from "../../src/ops/elementary/cast.ts";
import { clamp, less, max, min, select } from "../../src/ops/elementary/comparison.ts";
import { exp, exp2, expm1, log, log1p, log2, log10 } from "../../src/ops/elementary/exponential.ts";
import { acosh, asinh, cosh, sinh, tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { hypot } from "../../src/ops/elementary/lengths.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../src/ops/elementary/powers.ts";
import { abs, floor, floorDiv, fmod, mod, round, sign } from "../../src/ops/elementary/rounding.ts";
import { atan, atan2, sin } from "../../src/ops/elementary/trigonometric.ts";
import { realOf } from "../../src/ops/program.ts";
import { operations } from "../../src/ops/registry.ts";
import { pointsOf } from "../ops/samples.ts";

const field = new WideField();
const close = (expected: number) => 1e-13 * Math.max(1e-3, Math.abs(expected));

describe("numbers with wide exponents", () => {
  it.each([...operations.values()].map(({ primitive }) => [primitive.name, primitive] as const))(
    "are plain numbers to %s",
    (_, primitive) => {
      const { program } = primitive;
      const real = program ? realOf(program) : primitive.real;
      for (const point of pointsOf(primitive)) {
        const expected = Number(real(...point));
        if (!Number.isFinite(expected)) continue;
        const got = field.real(field.apply(primitive, point.map(field.of)));
        expect(Math.abs(got - expected), `${primitive.name} at ${point}`).toBeLessThanOrEqual(close(expected));
      }
    },
  );

  /** A function of x in which something overflows or vanishes on the way, and its value. */
  const cases: readonly (readonly [x: number, (x: Expr) => Expr, number])[] = [
    [1e200, (x) => div(mul(x, square(x)), square(x)), 1e200],
    [1e-200, (x) => sqrt(add(square(x), square(x))), Math.SQRT2 * 1e-200],
    [1e-200, (x) => mul(square(x), rsqrt(pow(x, 5))), 1e100],
    [1e-200, (x) => cbrt(mul(square(x), x)), 1e-200],
    [-1e150, (x) => cbrt(pow(x, 3)), -1e150],
    [1e200, (x) => div(pow(x, 2.5), mul(square(x), sqrt(x))), 1],
    [1e200, (x) => mul(pow(x, -3), pow(x, 3)), 1],
    [1e200, (x) => div(hypot(square(x), square(x)), square(x)), Math.SQRT2],
    [1000, (x) => mul(exp(x), exp(neg(x))), 1],
    [1e5, (x) => log(exp(x)), 1e5],
    [-1e5, (x) => div(exp(add(x, 1)), exp(x)), Math.E],
    [1e5, (x) => log2(exp2(x)), 1e5],
    [1e200, (x) => log10(square(x)), 400],
    [1e300, (x) => div(exp(x), exp(x)), 1],
    [1000, (x) => div(expm1(x), exp(x)), 1],
    [-1000, (x) => expm1(x), -1],
    [-1000, (x) => div(sinh(x), cosh(x)), -1],
    [1e-200, (x) => div(expm1(square(x)), square(x)), 1],
    [1e-200, (x) => div(sin(square(x)), tanh(square(x))), 1],
    [1e-200, (x) => div(log1p(square(x)), atan(square(x))), 1],
    [1e200, (x) => div(log1p(square(x)), log(x)), 2],
    [1e200, (x) => div(asinh(square(x)), acosh(square(x))), 1],
    [-1e200, (x) => asinh(mul(square(x), x)), -(600 * Math.LN10 + Math.LN2)],
    [1e-200, (x) => div(atan2(square(x), 2), square(x)), 0.5],
    [1e200, (x) => atan2(square(x), square(x)), Math.PI / 4],
    [1e200, (x) => atan2(square(x), -1), Math.PI / 2],
    [1e200, (x) => div(floor(square(x)), square(x)), 1],
    [-1e200, (x) => div(abs(mul(x, square(x))), square(x)), 1e200],
    [-1e-200, (x) => sign(mul(x, square(x))), -1],
    [1e200, (x) => select(less(square(x), mul(2, square(x))), 1, 2), 1],
    [1e200, (x) => div(max(square(x), mul(2, square(x))), min(square(x), mul(2, square(x)))), 2],
    [1e200, (x) => div(clamp(square(x), neg(pow(x, 3)), pow(x, 3)), square(x)), 1],
    [1e200, (x) => square(x), Number.POSITIVE_INFINITY],
    [-1e-200, (x) => mul(square(x), x), -0],
    [8.43e-216, (x) => pow(div(x, pow(x, 1.5)), 1.5), 2.0212932189802169e161],
    // terms that cancel to a number of ordinary size
    [800, (x) => mul(exp(x), sub(exp(neg(x)), mul(2, exp(neg(x))))), -1],
    [1e5, (x) => sub(div(exp(x), exp(sub(x, 1))), Math.E), 0],
    // and of which nothing is left
    [1e160, (x) => sub(square(x), square(sub(x, 1))), Number.NaN],
    [1e160, (x) => div(sub(square(x), square(sub(x, 1))), x), Number.NaN],
    [1e-200, (x) => div(sub(sqrt(add(1, square(x))), 1), square(x)), Number.NaN],
    [1e16, (x) => mul(exp(x), exp(sub(1, x))), Number.NaN],
    [1e200, (x) => sin(square(x)), Number.NaN],
    [800, (x) => mul(exp(x), sub(1, tanh(x))), Number.NaN],
    [0, (x) => reciprocal(x), Number.POSITIVE_INFINITY],
    [0, (x) => log(x), Number.NEGATIVE_INFINITY],
    [-1, (x) => log(x), Number.NaN],
    [0, (x) => div(x, x), Number.NaN],
    [0, (x) => max(div(x, x), 1), Number.NaN],
  ];
  it.each(cases)("at %s, case %#", (x, f, expected) => {
    const leaf = new Graph().param("x", []);
    const [value] = wideValues([f(leaf)], { sizes: new Map(), values: new Map([[leaf, [x]]]) });
    if (!Number.isFinite(expected) || expected === 0) expect(value! + 0).toBe(expected + 0);
    else expect(Math.abs(value! - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
  });

  it("are not moved where whole numbers stay whole: positions are made of them", () => {
    const noisy = new WideField(() => 50);
    const whole = [
      [mod, [18, 16], 2],
      [fmod, [-18, 16], -2],
      [floorDiv, [19, 4], 4],
      [round, [7], 7],
      [toReal, [3], 3],
      [toInt, [3], 3],
    ] as const;
    for (const [{ primitive }, operands, expected] of whole) {
      expect(noisy.real(noisy.apply(primitive, operands.map(noisy.of)))).toBe(expected);
    }
  });
});
