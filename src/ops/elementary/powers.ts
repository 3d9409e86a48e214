import type { Expr } from "../../ir/graph.ts";
import { binary, family, unary } from "../define.ts";
import { add, div, mul, reciprocal, square, sub } from "./algebra.ts";
import { and, equal, greater, isFiniteReal, lessEqual, not, or, select } from "./comparison.ts";
import { log } from "./exponential.ts";
import { increasing, nonNegative, unbounded, widen } from "./interval.ts";
import { wholePower } from "./polynomial.ts";

export const sqrt = unary("sqrt", {
  units: "a^2 -> a",
  domain: [nonNegative],
  real: Math.sqrt,
  partial: (_x, z) => div(0.5, z),
  cost: 2,
  range: increasing(Math.sqrt, nonNegative, nonNegative),
});

export const rsqrt = unary("rsqrt", {
  units: "a^2 -> 1/a",
  domain: [nonNegative],
  real: (x) => 1 / Math.sqrt(x),
  partial: (x, z) => mul(-0.5, div(z, x)),
  print: (x) => `1 / Math.sqrt(${x})`,
  cost: 3,
  // 1 / sqrt(-0) is -Infinity
  range: (x) => (x[0] > 0 ? widen([1 / Math.sqrt(x[1]), 1 / Math.sqrt(x[0])], nonNegative) : unbounded),
});

export const cbrt = unary("cbrt", {
  units: "a^3 -> a",
  real: Math.cbrt,
  partial: (_x, z) => reciprocal(mul(3, square(z))),
  cost: 10,
  range: increasing(Math.cbrt),
});

/** x^y. A constant exponent gets a derivative without a case for x = 0. */
export const pow = binary("pow", {
  domain: [nonNegative, unbounded],
  real: (x, y) => x ** y,
  partials: [slopeInBase, (x, y) => powLog(1)(x, y)],
  print: (x, y) => `${x} ** ${y}`,
  cost: 20,
  range: (x, y) => {
    if (x[0] < 0) return unbounded;
    const ends = x.flatMap((base) => y.map((exponent) => base ** exponent));
    // with an infinite end of x or y the extremes may lie inside: 1^y, x^0
    return x.every(Number.isFinite) && y.every(Number.isFinite)
      ? widen([Math.min(...ends, 1), Math.max(...ends, 1)], nonNegative)
      : nonNegative;
  },
});

/** y x^(y-1), for a constant exponent as a power. */
function slopeInBase(x: Expr, y: Expr): Expr {
  const constant = y.constant;
  if (constant === 0 || constant === 1) return x.graph.constantLike(constant, x);
  if (constant === 2) return mul(2, x);
  if (constant === undefined) return powSlope(1)(x, y);
  const lower = constant - 1;
  return mul(constant, pow(x, lower + 1 === constant ? lower : sub(y, 1)));
}

/** y (y-1) ... (y-n+1) as its factors, their product, and its first two slopes, of which the second one may be 0. */
function fallingFactorial(n: number, y: Expr) {
  const factors = Array.from({ length: n }, (_, k) => (k === 0 ? y : sub(y, k)));
  const without = (...gone: number[]) =>
    productOf(
      y,
      factors.filter((_, k) => !gone.includes(k)),
    );
  const sumOf = (terms: readonly Expr[]) => terms.reduce((sum, each) => add(sum, each));
  const pairs = factors.flatMap((_, j) => factors.flatMap((_, k) => (j === k ? [] : [without(j, k)])));
  return {
    factors,
    value: without(),
    slope: sumOf(factors.map((_, k) => without(k))),
    slope2: pairs.length === 0 ? undefined : sumOf(pairs),
  };
}

const productOf = (like: Expr, factors: readonly Expr[]): Expr =>
  factors.length === 0 ? like.graph.constantLike(1, like) : factors.reduce((a, b) => mul(a, b));

/** Below it a power has lost digits. */
export const faint = 1e-290;

/** A product with x^y, by halves of the power where it overflows or has lost digits alone; 0 times a pole is 0. */
function timesPower(x: Expr, y: Expr, ...factors: readonly Expr[]): Expr {
  const factor = productOf(x, factors);
  const power = pow(x, y);
  const half = pow(x, mul(0.5, y));
  const inParts = mul(
    factors.reduce((product, each) => mul(product, each), half),
    half,
  );
  const isPlain = and(greater(power, faint), isFiniteReal(power), isFiniteReal(factor));
  const isGone = and(equal(factor, 0), not(isFiniteReal(power)));
  return select(isGone, 0, select(or(isPlain, lessEqual(x, 0)), mul(factor, power), inParts));
}

/** y (y-1) ... (y-n+1) x^(y-n): the n-th derivative of x^y in x, for an exponent that varies. 0 times a pole at x = 0 is 0. */
export const powSlope = family("powSlope", 1, (n, name) =>
  binary(name, {
    domain: [nonNegative, unbounded],
    program: (x, y) => timesPower(x, sub(y, n), ...fallingFactorial(n, y).factors),
    partials: [(x, y) => powSlope(n + 1)(x, y), (x, y) => powSlopeLog(n)(x, y)],
    cost: 24 + n,
  }),
);

/** The slope of powSlope in y as one product with x^(y-n): as a sum it is infinity less infinity where the power overflows. */
export const powSlopeLog = family("powSlopeLog", 1, (n, name) =>
  binary(name, {
    domain: [nonNegative, unbounded],
    program: (x, y) => {
      const { value, slope } = fallingFactorial(n, y);
      const isZero = equal(x, 0);
      const base = select(and(isZero, equal(value, 0)), 1, x);
      const product = timesPower(base, sub(y, n), add(slope, mul(value, log(base))));
      return select(and(isZero, greater(y, n)), 0, product);
    },
    partials: [
      (x, y) => powSlopeLog(n + 1)(x, y),
      (x, y) => {
        const { value, slope, slope2 } = fallingFactorial(n, y);
        const rest = sub(y, n);
        const varying = add(mul(mul(2, slope), powLog(1)(x, rest)), mul(value, powLog(2)(x, rest)));
        return slope2 ? add(mul(slope2, pow(x, rest)), varying) : varying;
      },
    ],
    cost: 40 + n,
  }),
);

/** x^y (log x)^n: the n-th derivative of x^y in y, 0 at x = 0 for y > 0. */
export const powLog = family("powLog", 1, (n, name) =>
  binary(name, {
    domain: [nonNegative, unbounded],
    program: (x, y) => select(and(equal(x, 0), greater(y, 0)), 0, timesPower(x, y, wholePower(log(x), n))),
    partials: [
      (x, y) => {
        if (n === 1) return powSlopeLog(1)(x, y);
        return add(mul(y, powLog(n)(x, sub(y, 1))), mul(n, powLog(n - 1)(x, sub(y, 1))));
      },
      (x, y) => powLog(n + 1)(x, y),
    ],
    cost: 30 + n,
  }),
);
