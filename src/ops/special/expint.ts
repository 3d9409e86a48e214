import type { Expr } from "../../ir/graph.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { exp, log, log1p } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { polynomial, rational, wholePower } from "../elementary/polynomial.ts";
import { abs } from "../elementary/rounding.ts";
import { faded } from "../ratios/faded.ts";
import {
  expintCentre,
  expintClimb,
  expintFar,
  expintMiddle,
  expintRise,
  expintRoot,
  expintTail,
} from "./expint-coefficients.ts";

/** e^x / x. Where it is about to overflow or to underflow it is taken by halves. */
export const expRatio = unary("expRatio", {
  program: (x) => {
    const half = exp(mul(0.5, x));
    const split = select(less(x, 800), mul(half, div(half, x)), exp(x));
    return select(less(abs(x), 700), div(exp(x), x), split);
  },
  partial: (x, z) => faded(z, sub(1, reciprocal(x))),
  cost: 12,
});

/** Ei(x) for -1 <= x <= 6: the logarithm of the distance from its zero, and what is left of it. */
function nearRoot(x: Expr): Expr {
  const distance = sub(sub(x, expintRoot.high), expintRoot.low);
  const fraction = div(distance, expintRoot.high);
  const logarithm = select(less(abs(fraction), 0.5), log1p(fraction), sub(log(abs(x)), Math.log(expintRoot.high)));
  return add(logarithm, mul(distance, rational(x, expintCentre)));
}

/** e^x E_1(x) for x >= 1. */
const scaledTail = (x: Expr) =>
  select(less(x, 4), rational(x, expintMiddle), div(rational(reciprocal(x), expintTail), x));

/** The principal value of the integral of e^t / t from -infinity to x. */
export const expintEi = unary("expintEi", {
  program: (x) => {
    const inverse = reciprocal(x);
    const far = select(less(x, 30), rational(sub(inverse, 1 / 16), expintClimb), polynomial(inverse, expintFar));
    const right = mul(expRatio(x), select(less(x, 12), rational(inverse, expintRise), far));
    const left = neg(mul(exp(x), scaledTail(neg(x))));
    return select(less(x, -1), left, select(less(x, 6), nearRoot(x), right));
  },
  partial: (x) => expRatio(x),
  cost: 40,
});

/** From here on the continued fraction has terms enough; below it recurrences keep their digits. */
const border = 2;
const terms = 50;

/** e^x E_n(x) for x >= border by its continued fraction. Source: DLMF 6.9.1 and 8.19.17, contracted. */
function fraction(n: number, x: Expr): Expr {
  let rest = add(x, n + 2 * terms);
  for (let j = terms; j >= 1; j--) rest = sub(add(x, n + 2 * j - 2), div(j * (n + j - 1), rest));
  return reciprocal(rest);
}

/** E_n(x), n >= 1: the integral of e^(-x t) / t^n over t > 1. */
export const expint = family("expint", 1, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const first = select(less(x, 1), neg(nearRoot(neg(x))), mul(exp(neg(x)), scaledTail(x)));
      const inside = select(less(x, 0), Number.NaN, first);
      if (n === 1) return select(less(x, Number.POSITIVE_INFINITY), inside, reciprocal(x));
      const decay = exp(neg(x));
      let near = inside;
      for (let k = 1; k < n; k++) near = div(sub(decay, faded(x, near)), k);
      return select(less(x, border), near, mul(decay, fraction(n, x)));
    },
    partial: (x) => (n === 1 ? expRatio(neg(x)) : neg(expint(n - 1)(x))),
    cost: n === 1 ? 40 : 150,
    range: () => nonNegative,
  }),
);

/**
 * e^x x^(1-n) E_n(x), the integral of e^-t / (x + t)^n over t > 0: what is left of E_1 when its decay is taken out, and its derivatives, none
 * of which cancels.
 */
export const expintScaled = family("expintScaled", 1, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const first = select(less(x, 1), mul(exp(x), expint(1)(x)), scaledTail(x));
      const inverse = reciprocal(x);
      if (n === 1) return select(less(x, Number.POSITIVE_INFINITY), first, inverse);
      let near = first;
      for (let k = 1; k < n; k++) near = div(sub(1, faded(x, near)), k);
      return mul(wholePower(inverse, n - 1), select(less(x, border), near, fraction(n, x)));
    },
    partial: (x) => mul(-n, expintScaled(n + 1)(x)),
    cost: n === 1 ? 55 : 150,
    range: () => nonNegative,
  }),
);
