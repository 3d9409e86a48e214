import { Complex } from "../numeric/complex.ts";
import { add, div, mul, neg, reciprocal } from "./algebra.ts";
import { greater, select } from "./comparison.ts";
import { unary } from "./define.ts";
import { decreasing, increasing, nonNegative } from "./interval.ts";

export const exp = unary("exp", {
  real: Math.exp,
  complex: Complex.exp,
  partial: (_x, z) => z,
  print: (x) => `Math.exp(${x})`,
  cost: 10,
  range: increasing(Math.exp, nonNegative),
  documentation: { summary: "e^x", derivative: "z" },
});

/** e^x - 1 without cancellation near 0. Its slope is e^x, not z + 1, which is 0 below -37. */
export const expm1 = unary("expm1", {
  real: Math.expm1,
  complex: Complex.expm1,
  partial: (x) => exp(x),
  print: (x) => `Math.expm1(${x})`,
  cost: 10,
  range: increasing(Math.expm1, [-1, Number.POSITIVE_INFINITY]),
  documentation: { summary: "e^x - 1, accurate near 0", derivative: "e^x" },
});

/** 1 / (e^x - 1); as a quotient its slope is Infinity over Infinity from 355 on. */
export const expm1Reciprocal = unary("expm1Reciprocal", {
  program: (x) => select(greater(x, 1), div(exp(neg(x)), neg(expm1(neg(x)))), reciprocal(expm1(x))),
  partial: (x, z) => mul(z, expm1Reciprocal(neg(x))),
  cost: 11,
  documentation: { summary: "1 / (e^x - 1)", derivative: "-e^x / (e^x - 1)^2", kink: "pole at 0" },
});

export const exp2 = unary("exp2", {
  real: (x) => 2 ** x,
  complex: Complex.exp2,
  partial: (_x, z) => mul(z, Math.LN2),
  print: (x) => `2 ** ${x}`,
  cost: 10,
  range: increasing((x) => 2 ** x, nonNegative),
  documentation: { summary: "2^x", derivative: "z log 2" },
});

export const log = unary("log", {
  domain: [nonNegative],
  real: Math.log,
  complex: Complex.log,
  partial: (x) => reciprocal(x),
  print: (x) => `Math.log(${x})`,
  cost: 10,
  range: increasing(Math.log, undefined, nonNegative),
  documentation: { summary: "natural logarithm; NaN below 0", derivative: "1/x", kink: "pole at 0: slope Infinity" },
});

/** log(1 + x) without cancellation near 0. */
export const log1p = unary("log1p", {
  domain: [[-1, Number.POSITIVE_INFINITY]],
  real: Math.log1p,
  complex: Complex.log1p,
  partial: (x) => reciprocal(add(1, x)),
  print: (x) => `Math.log1p(${x})`,
  cost: 10,
  range: increasing(Math.log1p, undefined, [-1, Number.POSITIVE_INFINITY]),
  documentation: { summary: "log(1 + x), accurate near 0", derivative: "1/(1+x)", kink: "pole at -1: slope Infinity" },
});

export const log2 = unary("log2", {
  domain: [nonNegative],
  real: Math.log2,
  complex: Complex.log2,
  partial: (x) => mul(Math.LOG2E, reciprocal(x)),
  print: (x) => `Math.log2(${x})`,
  cost: 10,
  range: increasing(Math.log2, undefined, nonNegative),
  documentation: { summary: "logarithm to base 2", derivative: "1/(x log 2)", kink: "pole at 0: slope Infinity" },
});

export const log10 = unary("log10", {
  domain: [nonNegative],
  real: Math.log10,
  complex: Complex.log10,
  partial: (x) => mul(Math.LOG10E, reciprocal(x)),
  print: (x) => `Math.log10(${x})`,
  cost: 10,
  range: increasing(Math.log10, undefined, nonNegative),
  documentation: { summary: "logarithm to base 10", derivative: "1/(x log 10)", kink: "pole at 0: slope Infinity" },
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
  documentation: {
    summary: "log(1 - e^x); NaN above 0",
    derivative: "e^x / (e^x - 1)",
    kink: "pole at 0: slope -Infinity",
    reference: "Maechler (2012), Accurately computing log(1 - exp(-|a|))",
  },
});
