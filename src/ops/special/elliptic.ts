import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, sub } from "../elementary/algebra.ts";
import { and, equal, greater, less, select } from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { polynomial, series } from "../elementary/polynomial.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";

// Complete elliptic integrals of the parameter m = k^2. With D = sqrt(1 - m sin^2), K is the integral of 1/D and E that of D over a quarter
// of a turn, and B and D those of cos^2/D and sin^2/D: K' = B / (2 (1 - m)) and E' = -D / 2, where nothing cancels.

const domain: readonly Interval[] = [[Number.NEGATIVE_INFINITY, 1]];

/** So many steps bring 1 and the root of any number together. */
const steps = 13;

/** The integral of (p cos^2 + q sin^2)/D for m < 1 by arithmetic and geometric means, whose terms are positive. Source: Bulirsch (1965). */
function integral(m: Expr, cosine: Expr, sine: Expr): Expr {
  let [p, q, a, b] = [cosine, sine, m.graph.constantLike(1, m), sqrt(sub(1, m))];
  for (let k = 0; k < steps; k++) {
    const total = add(a, b);
    [p, q] = [mul(0.5, add(p, q)), add(mul(p, div(b, total)), mul(q, div(a, total)))];
    [a, b] = [mul(0.5, total), sqrt(mul(a, b))];
  }
  return div(mul(Math.PI / 4, add(p, q)), a);
}

/** Where m lies between its ends. */
const isInside = (m: Expr) => and(less(m, 1), greater(m, Number.NEGATIVE_INFINITY));

/** Infinity at m = 1, 0 at -infinity, and NaN beyond. */
const ends = (m: Expr) => sqrt(reciprocal(sub(1, m)));

/** The complete elliptic integral of the first kind. */
export const ellipk = unary("ellipk", {
  domain,
  program: (m) => {
    const one = m.graph.constantLike(1, m);
    let [a, b] = [one, sqrt(sub(1, m))];
    for (let k = 0; k < steps; k++) [a, b] = [mul(0.5, add(a, b)), sqrt(mul(a, b))];
    return select(isInside(m), div(Math.PI / 2, a), ends(m));
  },
  partial: (m) => ellipkDerivative(1)(m),
  cost: 80,
  range: () => nonNegative,
});

/** So close to m = 1 the slope of E is lost among those of the means. */
const logarithmic = 1 / 64;

/** E by powers of q = 1 - m and their products with log(q). Source: DLMF 19.12.2. */
function nearOne(q: Expr): Expr {
  const [plain, beside] = [[1], [0]];
  // (1/2)_k (3/2)_k / ((2)_k k!), and log 4 less the sum of 2/j - 2/(j + 1) over odd j, which is psi(1 + k) - psi(1/2 + k)
  let [size, harmonic] = [0.5, 2 * Math.LN2];
  for (let k = 0; size * logarithmic ** k > 2 ** -58; k++) {
    plain.push(size * (harmonic - 1 / ((2 * k + 1) * (2 * k + 2))));
    beside.push(-0.5 * size);
    size *= ((k + 0.5) * (k + 1.5)) / ((k + 2) * (k + 1));
    harmonic -= 2 / (2 * k + 1) - 2 / (2 * k + 2);
  }
  return add(polynomial(q, plain), mul(polynomial(q, beside), log(q)));
}

/** The complete elliptic integral of the second kind. */
export const ellipe = unary("ellipe", {
  domain,
  program: (m) => {
    const rest = sub(1, m);
    const end = select(equal(m, 1), 1, sqrt(rest));
    const inside = select(less(rest, logarithmic), nearOne(rest), integral(m, m.graph.constantLike(1, m), rest));
    return select(isInside(m), inside, end);
  },
  partial: (m) => ellipeDerivative(1)(m),
  cost: 120,
  range: (): Interval => [1, Number.POSITIVE_INFINITY],
});

/** Below it derivatives are sums of powers, beyond it they follow from those before. */
const border = 0.25;

/** The n-th derivative of a function of the coefficients a / (2^k k!)^2 in steps from one to the next, up to the border. */
function powers(m: Expr, n: number, first: number, ratio: (k: number) => number): Expr {
  const known = [first];
  const coefficient = (k: number) => {
    for (let j = known.length; j <= k; j++) known.push(known[j - 1]! * ratio(j - 1));
    return known[k]!;
  };
  const falling = (k: number) => Array.from({ length: n }, (_, j) => k - j).reduce((a, b) => a * b, 1);
  return polynomial(
    m,
    series((k) => coefficient(k + n) * falling(k + n), border),
  );
}

/**
 * The n-th derivative of a function F with m (1 - m) F'' + (c - (a + b + 1) m) F' - a b F = 0, by differentiating that. Source: DLMF 15.10.1.
 */
function upwards(
  m: Expr,
  n: number,
  [a, b, c]: readonly [number, number, number],
  [f, slope]: readonly [Expr, Expr],
): Expr {
  let [lower, current] = [f, slope];
  for (let k = 0; k < n - 1; k++) {
    const share = sub(div(c + k, m), a + b + 1 + 2 * k);
    const rest = sub(div(mul((a + k) * (b + k), lower), m), mul(share, current));
    [lower, current] = [current, div(rest, sub(1, m))];
  }
  return current;
}

/** The n-th derivative of ellipk. */
export const ellipkDerivative = family("ellipkDerivative", 1, (n, name) =>
  unary(name, {
    domain,
    program: (m) => {
      const first = div(mul(0.5, integral(m, m.graph.constantLike(1, m), m.graph.constantLike(0, m))), sub(1, m));
      if (n === 1) return select(isInside(m), first, ends(m));
      const near = powers(m, n, Math.PI / 2, (k) => ((k + 0.5) / (k + 1)) ** 2);
      const far = upwards(m, n, [0.5, 0.5, 1], [ellipk(m), first]);
      return select(less(abs(m), border), near, select(isInside(m), far, ends(m)));
    },
    partial: (m) => ellipkDerivative(n + 1)(m),
    cost: 150,
    range: () => nonNegative,
  }),
);

/** The n-th derivative of ellipe. */
export const ellipeDerivative = family("ellipeDerivative", 1, (n, name) =>
  unary(name, {
    domain,
    program: (m) => {
      const [zero, one] = [0, 1].map((value) => m.graph.constantLike(value, m)) as [Expr, Expr];
      const sine = integral(m, zero, one);
      if (n === 1) return neg(select(isInside(m), mul(0.5, sine), ends(m)));
      const near = powers(m, n - 1, Math.PI / 4, (k) => ((k + 0.5) * (k + 1.5)) / ((k + 2) * (k + 1)));
      const slope = div(mul(0.5, sub(div(integral(m, one, zero), sub(1, m)), sine)), m);
      const far = upwards(m, n - 1, [0.5, 1.5, 2], [sine, slope]);
      return select(less(abs(m), border), mul(-0.5, near), neg(select(isInside(m), mul(0.5, far), ends(m))));
    },
    partial: (m) => ellipeDerivative(n + 1)(m),
    cost: n === 1 ? 120 : 270,
    range: (): Interval => [Number.NEGATIVE_INFINITY, 0],
  }),
);
