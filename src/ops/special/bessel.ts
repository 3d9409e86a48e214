import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { nonNegative, symmetricUnit } from "../elementary/interval.ts";
import { polynomial, series, wholePower } from "../elementary/polynomial.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { cos, sin } from "../elementary/trigonometric.ts";
import { besselTaylor, eulerGamma, hankel, harmonic, ofParity, sizeOf } from "./bessel-parts.ts";

// Bessel functions by their power series while its terms fall, by Miller's backward recurrence up to where Hankel's expansions
// hold to the last bit (their terms fall until their number reaches 2x), and by those beyond.

const near = (n: number) => 2 * Math.sqrt(n + 1);
const far = 25;

/** Values of orders 0 and 1. */
interface Pair {
  readonly zeroth: Expr;
  readonly first: Expr;
}

/** J_n(x) for 0 <= x < near(n): DLMF 10.2.2. */
function seriesJ(n: number, x: Expr): Expr {
  const terms = series((k) => (-1) ** k / (factorial(k) * factorial(n + k)), n + 1);
  const even = polynomial(mul(0.25, square(x)), terms);
  return n === 0 ? even : mul(wholePower(mul(0.5, x), n), even);
}

/** J_0(x), J_1(x), ... up to where J is below the last bit, for near(0) <= x < border: f_(k-1) = (2k/x) f_k - f_(k+1). */
function millerJ(x: Expr, border: number): readonly Expr[] {
  const highest = 2 * Math.ceil((border + 13 * Math.cbrt(border)) / 2);
  const inverse = reciprocal(x);
  // large enough for a complex step of 1e-100 beside it
  const values: Expr[] = [x.graph.constantLike(2 ** -300, x)];
  for (let k = highest; k > 0; k--) {
    const next = mul(mul(2 * k, inverse), values[0]!);
    values.unshift(values.length === 1 ? next : sub(next, values[1]!));
  }
  // 1 = J_0 + 2 J_2 + 2 J_4 + ...
  const even = values.filter((_, k) => k % 2 === 0 && k > 0).reverse();
  const scale = reciprocal(
    add(
      mul(
        2,
        even.reduce((total, term) => add(total, term)),
      ),
      values[0]!,
    ),
  );
  return values.map((value) => mul(scale, value));
}

/** Hankel's expansions, DLMF 10.17: J and Y of orders 0 and 1, x >= far. */
function hankelPairs(x: Expr): { readonly J: Pair; readonly Y: Pair } {
  const inverse = reciprocal(x);
  const squared = square(inverse);
  const amplitude = sqrt(mul(2 / Math.PI, inverse));
  const [sine, cosine] = [sin(x), cos(x)];
  // of x - pi/4
  const cosShifted = mul(Math.SQRT1_2, add(cosine, sine));
  const sinShifted = mul(Math.SQRT1_2, sub(sine, cosine));
  const parts = [0, 1].map((n) => {
    const even = series((k) => (-1) ** k * hankel(n, 2 * k), far ** -2);
    const odd = series((k) => (-1) ** k * hankel(n, 2 * k + 1), far ** -2);
    return [polynomial(squared, even), mul(inverse, polynomial(squared, odd))] as const;
  });
  const [[p0, q0], [p1, q1]] = parts as [readonly [Expr, Expr], readonly [Expr, Expr]];
  const scaled = (value: Expr) => select(less(x, Number.POSITIVE_INFINITY), mul(amplitude, value), 0);
  return {
    J: {
      zeroth: scaled(sub(mul(p0, cosShifted), mul(q0, sinShifted))),
      first: scaled(add(mul(p1, sinShifted), mul(q1, cosShifted))),
    },
    Y: {
      zeroth: scaled(add(mul(p0, sinShifted), mul(q0, cosShifted))),
      first: scaled(sub(mul(q1, sinShifted), mul(p1, cosShifted))),
    },
  };
}

/** The order n by C_(k+1) = (2k/x) C_k - C_(k-1), which is stable upwards for n < x, and for Y always. */
function upwards(n: number, x: Expr, { zeroth, first }: Pair): Expr {
  if (n === 0) return zeroth;
  let [lower, current] = [zeroth, first];
  for (let k = 1; k < n; k++) [lower, current] = [current, sub(mul(div(2 * k, x), current), lower)];
  return current;
}

/** J_n(x), the Bessel function of the first kind. */
export const besselJ = family("besselJ", 0, (n, name) =>
  unary(name, {
    program: (x) => {
      const size = sizeOf(x);
      const border = Math.max(far, n);
      const middle = select(less(size, near(n)), seriesJ(n, size), millerJ(size, border)[n]!);
      return ofParity(n, x, select(less(size, border), middle, upwards(n, size, hankelPairs(size).J)));
    },
    partial: (x) => (n === 0 ? neg(besselJ(1)(x)) : mul(0.5, sub(besselJ(n - 1)(x), besselJ(n + 1)(x)))),
    taylor: besselTaylor({ of: () => besselJ, sign: 1, isRegular: true, next: -1 }, n),
    cost: 260 + 6 * n,
    range: () => symmetricUnit,
  }),
);

/** Y_0(x) and Y_1(x) for 0 < x < 2, DLMF 10.8.1. */
function seriesY(x: Expr): Pair {
  const quarter = mul(0.25, square(x));
  const logarithm = add(log(mul(0.5, x)), eulerGamma);
  const zeroth = series((k) => ((-1) ** k * harmonic(k + 1)) / factorial(k + 1) ** 2, 1);
  const first = series((k) => ((-1) ** k * (harmonic(k) + harmonic(k + 1))) / (factorial(k) * factorial(k + 1)), 1);
  const regular = sub(mul(logarithm, seriesJ(1, x)), mul(mul(0.25, x), polynomial(quarter, first)));
  return {
    zeroth: mul(2 / Math.PI, add(mul(logarithm, seriesJ(0, x)), mul(quarter, polynomial(quarter, zeroth)))),
    first: mul(2 / Math.PI, sub(regular, reciprocal(x))),
  };
}

/** Y_0(x) and Y_1(x) for near(0) <= x < far, by Neumann's series: DLMF 10.23.17 and its slope. */
function neumannY(x: Expr): Pair {
  const J = millerJ(x, far);
  const logarithm = add(log(mul(0.5, x)), eulerGamma);
  let [even, odd]: (Expr | undefined)[] = [];
  for (let k = Math.floor((J.length - 2) / 2); k >= 1; k--) {
    const weight = (-1) ** k / k;
    const [ofEven, ofOdd] = [mul(weight, J[2 * k]!), mul(weight, sub(J[2 * k - 1]!, J[2 * k + 1]!))];
    even = even ? add(even, ofEven) : ofEven;
    odd = odd ? add(odd, ofOdd) : ofOdd;
  }
  return {
    zeroth: mul(2 / Math.PI, sub(mul(logarithm, J[0]!), mul(2, even!))),
    first: mul(2 / Math.PI, add(sub(mul(logarithm, J[1]!), div(J[0]!, x)), odd!)),
  };
}

/** Y_n(x), the Bessel function of the second kind. */
export const besselY = family("besselY", 0, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const Y = (pair: Pair) => upwards(n, x, pair);
      const value = select(less(x, near(0)), Y(seriesY(x)), select(less(x, far), Y(neumannY(x)), Y(hankelPairs(x).Y)));
      if (n === 0) return value;
      // the first term alone: the recurrence would subtract infinite ones
      const leading = mul(-factorial(n - 1) / Math.PI, wholePower(div(2, x), n));
      return select(less(abs(x), 1e-9), select(less(x, 0), Number.NaN, leading), value);
    },
    partial: (x) => (n === 0 ? neg(besselY(1)(x)) : mul(0.5, sub(besselY(n - 1)(x), besselY(n + 1)(x)))),
    taylor: besselTaylor({ of: () => besselY, sign: 1, isRegular: false, next: -1 }, n),
    cost: 420 + 6 * n,
  }),
);
