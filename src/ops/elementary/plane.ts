import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, family } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./algebra.ts";
import { and, greater, greaterEqual, isFiniteReal, less, notEqual, select } from "./comparison.ts";
import { log, log1p } from "./exponential.ts";
import { direction, polarRadius } from "./lengths.ts";
import { abs, sign } from "./rounding.ts";
import { atan } from "./trigonometric.ts";

// Functions of a point (x, y) of the plane, as the complex number w = x + iy: log |w|, the angle of w, and what these are
// differentiated into, the powers w^-n. Squares of x and y would overflow, vanish or cancel where these are plain numbers.

/** |w| - y: of a small x nothing cancels, and no slope does. */
export const radiusExcess = binary("radiusExcess", {
  units: "a, a -> a",
  program: (x, y) => {
    const radius = polarRadius(x, y);
    return select(greater(y, 0), mul(x, div(x, add(radius, y))), sub(radius, y));
  },
  // where y is not most of the length, the direction's difference from 1 loses nothing, and its own slopes do not cancel
  partials: [
    (x, y) => direction(x, y),
    (x, y, z) => select(greater(y, abs(x)), neg(div(z, polarRadius(x, y))), sub(direction(y, x), 1)),
  ],
  cost: 12,
});

/** |x| >= |y|: then x is what the other is divided by. */
const isFlat = (x: Expr, y: Expr) => greaterEqual(abs(x), abs(y));

/** log |w|; -Infinity at the origin. */
export const logPolarRadius = binary("logPolarRadius", {
  isCommutative: true,
  program: (x, y) => {
    const along = (long: Expr, short: Expr) => {
      const ratio = select(and(notEqual(long, 0), isFiniteReal(long)), div(short, long), 0);
      return add(log(abs(long)), mul(0.5, log1p(square(ratio))));
    };
    return select(isFlat(x, y), along(x, y), along(y, x));
  },
  partials: [(x, y) => inversePowerReal(1)(x, y), (x, y) => neg(inversePowerImaginary(1)(x, y))],
  cost: 30,
});

/**
 * Real and imaginary part of w^-n: the power of 1/w over its longer coordinate, in which neither overflows, divided by that
 * coordinate n times.
 */
function inversePower(n: number, x: Expr, y: Expr): { readonly real: Expr; readonly imaginary: Expr } {
  const along = (long: Expr, short: Expr, isFlat: boolean) => {
    const ratio = div(short, long);
    const share = reciprocal(add(1, square(ratio)));
    const rest = mul(ratio, share);
    const unit = isFlat ? power(n, share, neg(rest)) : power(n, rest, neg(share));
    // 1 - ratio^2, of which nothing cancels where the coordinates are nearly equal
    const apart = mul(div(sub(long, short), long), div(add(long, short), long));
    const gap = select(less(abs(ratio), 0.5), sub(1, square(ratio)), apart);
    if (n === 2) unit.real = mul(isFlat ? gap : neg(gap), square(share));
    const divided = (part: Expr) => Array.from({ length: n }).reduce<Expr>((quotient) => div(quotient, long), part);
    return { real: divided(unit.real), imaginary: divided(unit.imaginary) };
  };
  const [flat, steep] = [along(x, y, true), along(y, x, false)];
  return {
    real: select(isFlat(x, y), flat.real, steep.real),
    imaginary: select(isFlat(x, y), flat.imaginary, steep.imaginary),
  };
}

/** (a + ib)^n for n >= 1. */
function power(n: number, a: Expr, b: Expr) {
  if (n === 1) return { real: a, imaginary: b };
  let [real, imaginary] = [sub(square(a), square(b)), mul(2, mul(a, b))];
  for (let k = 2; k < n; k++) {
    [real, imaginary] = [sub(mul(real, a), mul(imaginary, b)), add(mul(real, b), mul(imaginary, a))];
  }
  return { real, imaginary };
}

/** atan(y / x), whose slopes are those of the angle: from the quotient they would cancel and overflow. */
export const slopeAngle = binary("slopeAngle", {
  units: "a, a -> 1",
  program: (y, x) => {
    const steep = mul(Math.PI / 2, select(less(x, 0), neg(sign(y)), sign(y)));
    return select(isFlat(x, y), atan(div(y, x)), sub(steep, atan(div(x, y))));
  },
  partials: [(y, x) => inversePowerReal(1)(x, y), (y, x) => inversePowerImaginary(1)(x, y)],
  cost: 14,
  range: (): Interval => [-2, 2],
});

/** The real part of (x + iy)^-n; of n = 1 it is x / (x^2 + y^2). */
export const inversePowerReal = family("inversePowerReal", 1, (n, name) =>
  binary(name, {
    program: (x, y) => inversePower(n, x, y).real,
    partials: [(x, y) => mul(-n, inversePowerReal(n + 1)(x, y)), (x, y) => mul(n, inversePowerImaginary(n + 1)(x, y))],
    cost: 2 + 6 * n,
  }),
);

/** The imaginary part of (x + iy)^-n; of n = 1 it is -y / (x^2 + y^2). */
export const inversePowerImaginary = family("inversePowerImaginary", 1, (n, name) =>
  binary(name, {
    program: (x, y) => inversePower(n, x, y).imaginary,
    partials: [(x, y) => mul(-n, inversePowerImaginary(n + 1)(x, y)), (x, y) => mul(-n, inversePowerReal(n + 1)(x, y))],
    cost: 2 + 6 * n,
  }),
);
