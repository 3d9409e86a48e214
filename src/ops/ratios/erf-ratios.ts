import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, unary } from "../define.ts";
import { div, mul, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { polynomial, series } from "../elementary/polynomial.ts";
import { abs } from "../elementary/rounding.ts";
import { erf } from "../special/erf.ts";
import { gaussian } from "../special/gaussian.ts";

// erf(x)/x and its derivatives, as the quotients of ratios.ts.

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/**
 * The n-th derivative of erf(x)/x: its power series near 0, and beyond it that of x f_0 = erf(x), x f_n + n f_(n-1) =
 * erf^(n)(x), which neither overflows nor cancels for a large x.
 */
function erfRatioProgram(n: number, x: Expr): Expr {
  const border = 0.7 + 0.1 * n;
  const odd = n % 2;
  const even = polynomial(
    square(x),
    series((j) => {
      const k = j + (n + odd) / 2;
      const falling = factorial(2 * k) / factorial(2 * k - n);
      return ((-1) ** k * twoOverRootPi * falling) / (factorial(k) * (2 * k + 1));
    }, border ** 2),
  );
  let far = div(erf(x), x);
  for (let k = 1; k <= n; k++) far = div(sub(erfDerivative(k, x), mul(k, far)), x);
  return select(less(abs(x), border), odd ? mul(x, even) : even, far);
}

/** The k-th derivative of erf, k >= 1: e^(-x^2) times a polynomial, which overflows long after the product has vanished. */
function erfDerivative(k: number, x: Expr): Expr {
  let [lower, hermite] = [[0], [1]];
  for (let j = 1; j < k; j++) {
    const twice = [0, ...hermite.map((c) => 2 * c)];
    [lower, hermite] = [hermite, twice.map((c, power) => c - 2 * (j - 1) * (lower[power] ?? 0))];
  }
  const factor = polynomial(
    x,
    hermite.map((c) => (-1) ** (k - 1) * twoOverRootPi * c),
  );
  return select(less(abs(x), 30), mul(factor, gaussian(x)), 0);
}

export const erfRatio = unary("erfRatio", {
  program: (x) => erfRatioProgram(0, x),
  partial: (x) => erfRatioDerivative(1)(x),
  cost: 40,
  range: () => [0, 1.2],
});

export const erfRatioDerivative = family("erfRatioDerivative", 1, (n, name) =>
  unary(name, {
    program: (x) => erfRatioProgram(n, x),
    partial: (x) => erfRatioDerivative(n + 1)(x),
    cost: 50 + 4 * n,
  }),
);
