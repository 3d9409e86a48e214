import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { equal, less, select } from "../elementary/comparison.ts";
import { exp, log, log1p } from "../elementary/exponential.ts";
import { nonNegative, unit } from "../elementary/interval.ts";
import { polynomial, series, wholePower } from "../elementary/polynomial.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs, sign } from "../elementary/rounding.ts";
import { besselTaylor, eulerGamma, hankel, harmonic, ofParity, sizeOf } from "./bessel-parts.ts";

// Modified Bessel functions as integrals of positive functions, which lose no digits: DLMF 10.32. Their scaled forms are
// differentiated under the integral, so that no derivative is a difference of large terms either.

const sum = (terms: readonly Expr[]): Expr =>
  terms.length === 1 ? terms[0]! : add(terms[0]!, terms[1]!, ...terms.slice(2));

/** From here on Hankel's expansion of order n holds to the last bit: its terms fall until their number reaches 2x. */
const far = (n: number) => Math.max(30, (n * n) / 2);

/**
 * The mean of f(1 - cos t) e^(-x (1 - cos t)) over 0 <= t <= pi for 0 <= x < border, f a polynomial of this degree: at so many
 * points the rest is below the last bit, as I_2N(x) is.
 */
function circleMean(x: Expr, f: (versine: number) => number, degree: number, border: number): Expr {
  const points = Math.ceil(4.9 * Math.sqrt(border) + degree);
  const terms = Array.from({ length: points }, (_, i) => {
    const versine = 2 * Math.sin(((2 * i + 1) * Math.PI) / (4 * points)) ** 2;
    return mul(f(versine), exp(mul(-versine, x)));
  });
  // from the smallest on
  return div(sum(terms.reverse()), points);
}

/** The mean of (1 - cos t)^n e^(-x (1 - cos t)) over a half turn, x >= 0; of n = 0 it is e^-x I_0(x). */
export const besselIMoment = family("besselIMoment", 0, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const near = circleMean(x, (versine) => versine ** n, n, far(0));
      const inverse = reciprocal(x);
      const term = (k: number) => {
        // (k + 1/2) (k + 3/2) ... come from differentiating x^(-k - 1/2) n times
        const slopes = Array.from({ length: n }, (_, i) => k + i + 0.5).reduce((a, b) => a * b, 1);
        return ((-1) ** k * hankel(0, k) * slopes) / Math.sqrt(2 * Math.PI);
      };
      const tail = mul(sqrt(inverse), polynomial(inverse, series(term, 1 / far(0))));
      return select(less(x, far(0)), near, n === 0 ? tail : mul(wholePower(inverse, n), tail));
    },
    partial: (x) => neg(besselIMoment(n + 1)(x)),
    taylor: (x, count) =>
      Array.from({ length: count }, (_, k) => {
        const slope = (-1) ** k * Number(besselIMoment(n + k).primitive.real(x));
        return slope / factorial(k);
      }),
    cost: 330 + 12 * n,
    range: () => nonNegative,
  }),
);

/** e^-x I_n(x) for x >= 0. */
function scaledI(n: number, x: Expr): Expr {
  if (n === 0) return besselIMoment(0)(x);
  // Poisson's integral: (x/2)^n sqrt(pi) / gamma(n + 1/2) times the mean of sin^2n t e^(-x (1 - cos t))
  const scale = 4 ** n * (factorial(n) / factorial(2 * n));
  const mean = circleMean(x, (versine) => scale * (versine * (2 - versine)) ** n, 2 * n, far(n));
  const inverse = reciprocal(x);
  const tail = polynomial(
    inverse,
    series((k) => ((-1) ** k * hankel(n, k)) / Math.sqrt(2 * Math.PI), 1 / far(n)),
  );
  return select(less(x, far(n)), mul(wholePower(mul(0.5, x), n), mean), mul(sqrt(inverse), tail));
}

/** I_n(x), the modified Bessel function of the first kind. */
export const besselI = family("besselI", 0, (n, name) =>
  unary(name, {
    program: (x) => {
      // by halves: e^x overflows before I_n does
      const size = sizeOf(x);
      const half = exp(mul(0.5, size));
      return ofParity(n, x, mul(mul(half, scaledI(n, size)), half));
    },
    partial: (x) => (n === 0 ? besselI(1)(x) : mul(0.5, add(besselI(n - 1)(x), besselI(n + 1)(x)))),
    taylor: besselTaylor({ of: () => besselI, sign: -1, isRegular: true, next: 1 }, n),
    cost: 360 + 24 * n,
    ...(n % 2 === 0 ? { range: () => nonNegative } : {}),
  }),
);

/** e^-|x| I_0(x). */
export const besselI0e = unary("besselI0e", {
  program: (x) => besselIMoment(0)(abs(x)),
  partial: (x) => mul(neg(sign(x)), besselIMoment(1)(abs(x))),
  cost: 331,
  range: () => unit,
});

/** e^-|x| I_1(x). */
export const besselI1e = unary("besselI1e", {
  program: (x) => ofParity(1, x, scaledI(1, sizeOf(x))),
  partial: (x) => sub(besselIMoment(2)(abs(x)), besselIMoment(1)(abs(x))),
  cost: 340,
});

/** I_1(x) / I_0(x), the slope of log I_0: from -1 to 1. */
export const besselIRatio = unary("besselIRatio", {
  program: (x) => {
    const size = abs(x);
    const right = sub(1, div(besselIMoment(1)(size), besselIMoment(0)(size)));
    return select(less(size, 1), div(besselI1e(x), besselI0e(x)), ofParity(1, x, right));
  },
  // the variance of 1 - cos t under the density e^(x cos t)
  partial: (x, z) => {
    const variance = (size: Expr) => {
      const [zeroth, first, second] = [0, 1, 2].map((n) => besselIMoment(n)(size)) as [Expr, Expr, Expr];
      return sub(div(second, zeroth), square(div(first, zeroth)));
    };
    // near 0, where the third moment vanishes, by (I_0 + I_2) / 2
    const centre = (y: Expr) => add(0.5, sub(div(mul(0.5, besselI(2)(y)), besselI(0)(y)), square(z)));
    const isSmall = less(abs(x), 1);
    return select(isSmall, centre(select(isSmall, x, 0)), select(less(x, 0), variance(neg(x)), variance(x)));
  },
  cost: 700,
  range: () => [-1, 1],
});

/** log I_0(x), which does not overflow; the normaliser of the von Mises distribution. */
export const logBesselI0 = unary("logBesselI0", {
  program: (x) => {
    const quarter = mul(0.25, square(x));
    const near = mul(
      quarter,
      polynomial(
        quarter,
        series((k) => 1 / factorial(k + 1) ** 2, 1),
      ),
    );
    return select(less(abs(x), 2), log1p(near), add(abs(x), log(besselI0e(x))));
  },
  partial: (x) => besselIRatio(x),
  cost: 360,
  range: () => nonNegative,
});

/** K_0(x) for 0 < x < 1: DLMF 10.31.2. */
function nearK0(x: Expr): Expr {
  const quarter = mul(0.25, square(x));
  const regular = polynomial(
    quarter,
    series((k) => 1 / factorial(k) ** 2, 0.25),
  );
  const rest = polynomial(
    quarter,
    series((k) => harmonic(k + 1) / factorial(k + 1) ** 2, 0.25),
  );
  return sub(mul(quarter, rest), mul(add(log(mul(0.5, x)), eulerGamma), regular));
}

/** x K_1(x) for 0 < x < 1: DLMF 10.31.1. */
function nearK1(x: Expr): Expr {
  const quarter = mul(0.25, square(x));
  const regular = polynomial(
    quarter,
    series((k) => 1 / (factorial(k) * factorial(k + 1)), 0.25),
  );
  const digammas = (k: number) => harmonic(k) + harmonic(k + 1);
  const rest = polynomial(
    quarter,
    series((k) => digammas(k) / (2 * factorial(k) * factorial(k + 1)), 0.25),
  );
  const logarithm = select(equal(x, 0), 0, add(log(mul(0.5, x)), eulerGamma));
  return add(1, mul(mul(2, quarter), sub(mul(logarithm, regular), rest)));
}

/**
 * The integral of (cosh t - 1)^n e^(-x (cosh t - 1)) over t >= 0, x > 0; of n = 0 it is e^x K_0(x). With cosh t - 1 = r^2 / x it is one
 * of e^(-r^2), by the trapezoidal rule for x >= 1; below, upwards from K_0 and K_1.
 */
export const besselKMoment = family("besselKMoment", 0, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const step = 0.22;
      const inverse = reciprocal(x);
      const half = mul(0.5, inverse);
      const terms = Array.from({ length: 29 + 2 * n }, (_, i) => {
        const r2 = (i * step) ** 2;
        const weight = (i === 0 ? 0.5 : 1) * step * Math.SQRT2 * r2 ** n * Math.exp(-r2);
        return div(weight, sqrt(add(1, mul(r2, half))));
      });
      const right = mul(sqrt(inverse), sum(n === 0 ? terms.reverse() : terms.slice(1).reverse()));
      return select(less(x, 1), upwardsK(n, x), n === 0 ? right : mul(wholePower(inverse, n), right));
    },
    partial: (x) => neg(besselKMoment(n + 1)(x)),
    cost: 200 + n,
    range: () => nonNegative,
  }),
);

/** Moments for 0 < x < 1 by x N_(n+2) = (n + 1 - 2x) N_(n+1) + (2n + 1) N_n. */
function upwardsK(n: number, x: Expr): Expr {
  const scale = exp(x);
  const inverse = reciprocal(x);
  let [lower, current] = [nearK0(x), sub(mul(inverse, nearK1(x)), nearK0(x))];
  for (let k = 0; k < n; k++) {
    const next = mul(inverse, add(mul(sub(k + 1, mul(2, x)), current), mul(2 * k + 1, lower)));
    [lower, current] = [current, next];
  }
  return mul(scale, lower);
}

/** K_n(x) by K_(n+1) = K_(n-1) + (2n/x) K_n: all terms are positive. */
export const besselK = family("besselK", 0, (n, name) =>
  unary(name, {
    domain: [nonNegative],
    program: (x) => {
      const scale = exp(neg(x));
      const [zeroth, first] = [besselK0e(x), besselK1e(x)];
      if (n === 0) return mul(scale, zeroth);
      let [lower, current] = [zeroth, first];
      for (let k = 1; k < n; k++) [lower, current] = [current, add(lower, mul(div(2 * k, x), current))];
      return mul(scale, current);
    },
    partial: (x, z) => neg(n === 0 ? besselK(1)(x) : add(besselK(n - 1)(x), div(mul(n, z), x))),
    taylor: besselTaylor({ of: () => besselK, sign: -1, isRegular: false, next: -1 }, n),
    cost: 420 + 3 * n,
    range: () => nonNegative,
  }),
);

/** e^x K_0(x). */
export const besselK0e = unary("besselK0e", {
  domain: [nonNegative],
  program: (x) => besselKMoment(0)(x),
  partial: (x) => neg(besselKMoment(1)(x)),
  cost: 201,
  range: () => nonNegative,
});

/** e^x K_1(x). */
export const besselK1e = unary("besselK1e", {
  domain: [nonNegative],
  program: (x) => {
    const near = mul(exp(x), div(nearK1(x), x));
    return select(less(x, 1), near, add(besselKMoment(0)(x), besselKMoment(1)(x)));
  },
  partial: (x) => neg(add(besselKMoment(1)(x), besselKMoment(2)(x))),
  cost: 400,
  range: () => nonNegative,
});
