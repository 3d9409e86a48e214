import { unary } from "../define.ts";
import { add, div, mul, neg, reciprocal } from "./algebra.ts";
import { greater, select } from "./comparison.ts";
import { decreasing, increasing, nonNegative } from "./interval.ts";

export const exp = unary("exp", {
  real: Math.exp,
  partial: (_x, z) => z,
  cost: 10,
  range: increasing(Math.exp, nonNegative),
});

/** e^x - 1 without cancellation near 0. Its slope is e^x, not z + 1, which is 0 below -37. */
export const expm1 = unary("expm1", {
  real: Math.expm1,
  partial: (x) => exp(x),
  cost: 10,
  range: increasing(Math.expm1, [-1, Number.POSITIVE_INFINITY]),
});

/** 1 / (e^x - 1); as a quotient its slope is Infinity over Infinity from 355 on. */
export const expm1Reciprocal = unary("expm1Reciprocal", {
  program: (x) => select(greater(x, 1), div(exp(neg(x)), neg(expm1(neg(x)))), reciprocal(expm1(x))),
  partial: (x, z) => mul(z, expm1Reciprocal(neg(x))),
  cost: 11,
});

export const exp2 = unary("exp2", {
  real: (x) => 2 ** x,
  partial: (_x, z) => mul(z, Math.LN2),
  print: (x) => `2 ** ${x}`,
  cost: 10,
  range: increasing((x) => 2 ** x, nonNegative),
});

export const log = unary("log", {
  domain: [nonNegative],
  real: Math.log,
  partial: (x) => reciprocal(x),
  cost: 10,
  range: increasing(Math.log, undefined, nonNegative),
});

/** log(1 + x) without cancellation near 0. */
export const log1p = unary("log1p", {
  domain: [[-1, Number.POSITIVE_INFINITY]],
  real: Math.log1p,
  partial: (x) => reciprocal(add(1, x)),
  cost: 10,
  range: increasing(Math.log1p, undefined, [-1, Number.POSITIVE_INFINITY]),
});

export const log2 = unary("log2", {
  domain: [nonNegative],
  real: Math.log2,
  partial: (x) => div(Math.LOG2E, x),
  cost: 10,
  range: increasing(Math.log2, undefined, nonNegative),
});

export const log10 = unary("log10", {
  domain: [nonNegative],
  real: Math.log10,
  partial: (x) => div(Math.LOG10E, x),
  cost: 10,
  range: increasing(Math.log10, undefined, nonNegative),
});

/** log(1 - e^x) for x < 0; the branch keeps whichever of e^x and 1 - e^x is small. */
export const log1mexp = unary("log1mexp", {
  domain: [[Number.NEGATIVE_INFINITY, 0]],
  program: (x) => select(greater(x, -Math.LN2), log(neg(expm1(x))), log1p(neg(exp(x)))),
  partial: (x) => neg(expm1Reciprocal(neg(x))),
  cost: 21,
  range: decreasing((x) => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))), undefined, [
    Number.NEGATIVE_INFINITY,
    0,
  ]),
});
