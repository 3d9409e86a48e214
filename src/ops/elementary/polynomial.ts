import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";

/** A quotient of polynomials; coefficients from the lowest power up. */
export interface RationalFunction {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** The polynomial in x by Horner's scheme; coefficients from the lowest power up. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  const highest = x.graph.constantLike(coefficients[coefficients.length - 1]!, x);
  return coefficients.slice(0, -1).reduceRight((sum: Expr, coefficient) => add(mul(sum, x), coefficient), highest);
}

/**
 * A long polynomial by those of its coefficients of even and of odd powers, which do not wait for each other, several times over. Of terms
 * that alternate and hardly decrease more is rounded than by Horner's scheme.
 */
export function splitPolynomial(x: Expr, coefficients: readonly number[], times: number): Expr {
  if (times === 0) return polynomial(x, coefficients);
  const [even, odd] = [0, 1].map((parity) =>
    splitPolynomial(
      square(x),
      coefficients.filter((_, k) => k % 2 === parity),
      times - 1,
    ),
  );
  return add(even!, mul(x, odd!));
}

/** The quotient of polynomials in x. */
export function rational(x: Expr, { numerator, denominator }: RationalFunction): Expr {
  return div(polynomial(x, numerator), polynomial(x, denominator));
}

/** 1 - x^2: by its factors where it is small, where x^2 is rounded too coarsely; elsewhere its slope would cancel by them. */
export function oneMinusSquare(x: Expr): Expr {
  const squared = square(x);
  return select(less(squared, 0.25), sub(1, squared), mul(sub(1, x), add(1, x)));
}

/** x^n for a whole n >= 1 by repeated squaring. */
export function wholePower(x: Expr, n: number): Expr {
  let power = x;
  let product: Expr | undefined;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = product ? mul(product, power) : power;
    if (rest > 1) power = mul(power, power);
  }
  return product!;
}

/** c_0, c_1, ... as long as they count against c_0 up to |x| = border. */
export function series(coefficient: (k: number) => number, border: number): number[] {
  const coefficients = [coefficient(0)];
  for (let k = 1; Math.abs(coefficient(k)) * border ** k > 2 ** -58 * Math.abs(coefficients[0]!); k++) {
    coefficients.push(coefficient(k));
  }
  return coefficients;
}
