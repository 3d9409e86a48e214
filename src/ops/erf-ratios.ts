import type { Expr } from "../ir/graph.ts";
import { factorial } from "../numeric/factorial.ts";
import { div, mul, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";
import { family, unary } from "./define.ts";
import { erf } from "./erf.ts";
import { gaussian } from "./gaussian.ts";
import { unit } from "./interval.ts";
import { polynomial, series } from "./polynomial.ts";
import { abs } from "./rounding.ts";

// erf(x)/x and its derivatives, as the quotients of ratios.ts.

/** The integral of t^2n e^(-x^2 t^2). */
function erfMomentProgram(n: number, x: Expr): Expr {
  const border = 1.5;
  const near = polynomial(
    square(x),
    series((k) => (-1) ** k / (factorial(k) * (2 * n + 2 * k + 1)), border ** 2),
  );
  let far = div(mul(Math.sqrt(Math.PI) / 2, erf(x)), x);
  for (let k = 1; k <= n; k++) far = div(sub(mul(2 * k - 1, far), gaussian(x)), mul(2, square(x)));
  return select(less(abs(x), border), near, far);
}

export const erfRatio = unary("erfRatio", {
  program: (x) => mul(2 / Math.sqrt(Math.PI), erfMomentProgram(0, x)),
  partial: (x) => mul(-4 / Math.sqrt(Math.PI), mul(x, erfMoment(1)(x))),
  cost: 40,
  range: () => [0, 1.2],
});

export const erfMoment = family("erfMoment", 1, (n, name) =>
  unary(name, {
    program: (x) => erfMomentProgram(n, x),
    partial: (x) => mul(-2, mul(x, erfMoment(n + 1)(x))),
    cost: 50,
    range: () => unit,
  }),
);
