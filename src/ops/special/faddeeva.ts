import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, type OperationFamily, ternary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { and, greaterEqual, less, max, select } from "../elementary/comparison.ts";
import { exp } from "../elementary/exponential.ts";
import { nonNegative, unbounded } from "../elementary/interval.ts";
import { wholePower } from "../elementary/polynomial.ts";
import { abs, round } from "../elementary/rounding.ts";
import { cos, sin } from "../elementary/trigonometric.ts";
import { gaussian } from "./gaussian.ts";

// The Faddeeva function w(z) = e^(-z^2) erfc(-i z) in the upper half plane and its derivatives, as they enter the convolution of a Gauss and a
// Lorentz profile. Each order has a program of its own: derivatives made of those before would cancel.

/** A complex number. */
interface Pair {
  readonly re: Expr;
  readonly im: Expr;
}

type Part = keyof Pair;

const plus = (z: Pair, w: Pair): Pair => ({ re: add(z.re, w.re), im: add(z.im, w.im) });
const scaled = (z: Pair, by: Expr | number): Pair => ({ re: mul(z.re, by), im: mul(z.im, by) });
const times = (z: Pair, w: Pair): Pair => ({
  re: sub(mul(z.re, w.re), mul(z.im, w.im)),
  im: add(mul(z.re, w.im), mul(z.im, w.re)),
});

/** A polynomial with real coefficients, from the lowest power up, two or more: by Goertzel's recurrence, which is real. */
function polynomialOf(z: Pair, coefficients: readonly (Expr | number)[]): Pair {
  const [lowest, ...others] = coefficients as [Expr | number, ...(Expr | number)[]];
  const [double, norm] = [mul(2, z.re), add(square(z.re), square(z.im))];
  let next: Expr | undefined;
  const highest = others.pop()!;
  let current = typeof highest === "number" ? z.re.graph.constantLike(highest, z.re) : highest;
  for (const coefficient of others.reverse()) {
    const raised = add(coefficient, mul(double, current));
    [next, current] = [current, next ? sub(raised, mul(norm, next)) : raised];
  }
  const rest = next ? sub(lowest, mul(norm, next)) : lowest;
  return { re: add(rest, mul(current, z.re)), im: mul(current, z.im) };
}

/** z^n for a whole n >= 1. */
function powerOf(z: Pair, n: number): Pair {
  if (n === 1) return z;
  const half = powerOf(z, Math.floor(n / 2));
  const squared = times(half, half);
  return n % 2 === 0 ? squared : times(squared, z);
}

/** From here on, in units of the Gaussian's width times sqrt 2, the asymptotic series has terms enough. */
const border = 8;

/**
 * What the trapezoidal rule of the integral of e^(-t^2) / (z - t) is made of: nodes that stay away from z, and the poles between them and
 * z, where z lies below pi / h. The error is e^(-(pi/h)^2), of derivatives more.
 */
class Rule {
  readonly z: Pair;
  /** The distance h between nodes. */
  private readonly spacing: number;
  /** z^2 by its real and imaginary part. */
  private readonly squared: Pair;
  private readonly turn: Expr;
  private readonly isBetween: Expr;

  constructor(z: Pair, spacing: number) {
    this.z = z;
    this.spacing = spacing;
    this.squared = { re: sub(square(z.re), square(z.im)), im: mul(2, mul(z.re, z.im)) };
    const steps = mul(z.re, 1 / spacing);
    this.turn = sub(steps, round(steps));
    this.isBetween = less(abs(this.turn), 0.25);
  }

  /** A function of the j-th node and of its weight. */
  private at(j: number, f: (t: number, weight: number) => number): Expr {
    const { spacing, isBetween } = this;
    const [on, between] = [j, j + 0.5].map((step) => {
      const t = step * spacing;
      return f(t, ((t === 0 ? 1 : 2) * spacing * Math.exp(-t * t)) / Math.PI);
    }) as [number, number];
    return select(isBetween, between, on);
  }

  /** The sum over nodes, of terms of the reciprocal of z^2 - t^2 in two factors. */
  private sum(term: (j: number, squaredNode: Expr, conjugate: Pair, reciprocalNorm: Expr) => Pair): Pair {
    let total: Pair | undefined;
    for (let j = 0; j * this.spacing < border; j++) {
      const squaredNode = this.at(j, (t) => t * t);
      const gap = { re: sub(this.squared.re, squaredNode), im: this.squared.im };
      const norm = add(square(gap.re), square(gap.im));
      const each = term(j, squaredNode, { re: gap.re, im: neg(gap.im) }, reciprocal(norm));
      total = total ? plus(total, each) : each;
    }
    return total!;
  }

  /** e^(-z^2) times what the poles weigh, G = 2 E / (E -+ 1) of E = e^(2 pi i z / h), as G and the factor. */
  poles(): { readonly weight: Pair; readonly factor: Pair } {
    const { re: x, im: y } = this.z;
    const angle = mul(2 * Math.PI, this.turn);
    const poleBorder = Math.PI / this.spacing;
    const bounded = select(less(y, poleBorder), y, poleBorder);
    const size = exp(mul(-2 * poleBorder, bounded));
    const [re, im] = [mul(size, cos(angle)), mul(size, sin(angle))];
    const sign = select(this.isBetween, 1, -1);
    // 2 E / (E + s) = 2 E (conj E + s) / |E + s|^2
    const norm = div(2, add(square(add(re, sign)), square(im)));
    const weight = { re: mul(norm, add(square(size), mul(sign, re))), im: mul(norm, mul(sign, im)) };
    const phase = mul(2, mul(x, y));
    const height = select(less(y, poleBorder), mul(gaussian(x), exp(square(bounded))), 0);
    return { weight, factor: { re: mul(height, cos(phase)), im: neg(mul(height, sin(phase))) } };
  }

  /** w itself. */
  value(): Pair {
    const { re: x, im: y } = this.z;
    const size = add(square(x), square(y));
    // i z / (z^2 - t^2): y and x times real numbers
    const { re, im } = this.sum((j, squaredNode, _, reciprocalNorm) => {
      const share = mul(
        this.at(j, (_node, weight) => weight),
        reciprocalNorm,
      );
      return { re: mul(share, add(size, squaredNode)), im: mul(share, sub(size, squaredNode)) };
    });
    const { weight, factor } = this.poles();
    return plus({ re: mul(y, re), im: mul(x, im) }, times(weight, factor));
  }

  /**
   * The k-th derivative, term by term: for |z| > 2 and more. The terms of t and -t are one, with n = k + 1
   * 1 / (z - t)^n + 1 / (z + t)^n = 2 sum_l C(n, 2l) z^(n-2l) t^2l / (z^2 - t^2)^n.
   */
  derivative(k: number): Pair {
    const n = k + 1;
    // the even powers of t, the highest first: these go with the lowest of z
    const even = Array.from({ length: Math.floor(n / 2) + 1 }, (_, l) => 2 * (Math.floor(n / 2) - l));
    const total = this.sum((j, _, conjugate, reciprocalNorm) => {
      const coefficients = even.map((l) => this.at(j, (t, weight) => weight * binomial(n, l) * t ** l));
      return times(polynomialOf(this.squared, coefficients), powerOf(scaled(conjugate, reciprocalNorm), n));
    });
    const whole = n % 2 === 0 ? total : times(total, this.z);
    const factor = (-1) ** k * factorial(k);
    const { weight, factor: decay } = this.poles();
    return plus(
      { re: mul(-factor, whole.im), im: mul(factor, whole.re) },
      times(decay, poleDerivative(k, this.z, weight, Math.PI / this.spacing)),
    );
  }
}

const binomial = (n: number, k: number) => Math.round(factorial(n) / (factorial(k) * factorial(n - k)));

/** Coefficients of the Hermite polynomial H_n. */
function hermite(n: number): number[] {
  let [lower, current]: [number[], number[]] = [[0], [1]];
  for (let k = 0; k < n; k++) {
    const next = [0, ...current.map((value) => 2 * value)];
    for (const [power, value] of lower.entries()) next[power]! -= 2 * k * value;
    [lower, current] = [current, next];
  }
  return current;
}

/** The k-th derivative of e^(-z^2) G over e^(-z^2): G' = i q G (2 - G) with q = pi / h. */
function poleDerivative(k: number, z: Pair, weight: Pair, q: number): Pair {
  let ofWeight = [0, 1];
  let total: Pair | undefined;
  for (let l = 0; l <= k; l++) {
    const size = binomial(k, l) * (-1) ** (k - l) * q ** l;
    const bends = polynomialOf(
      weight,
      ofWeight.map((value) => value * size),
    );
    const turned = [bends, { re: neg(bends.im), im: bends.re }, scaled(bends, -1), { re: bends.im, im: neg(bends.re) }][
      l % 4
    ]!;
    const term = k === l ? turned : times(turned, polynomialOf(z, hermite(k - l)));
    total = total ? plus(total, term) : term;
    const next = new Array<number>(ofWeight.length + 1).fill(0);
    for (const [power, value] of ofWeight.entries()) {
      next[power]! += 2 * power * value;
      next[power + 1]! -= power * value;
    }
    ofWeight = next;
  }
  return total!;
}

/** The k-th derivative of w by the recurrence w^(k+1) = -2 z w^(k) - 2 k w^(k-1), which keeps its digits for small |z|. */
function upwards(k: number, z: Pair, value: Pair): Pair {
  let lower = value;
  const first = scaled(times(z, value), -2);
  let current = { re: first.re, im: add(first.im, 2 / Math.sqrt(Math.PI)) };
  for (let l = 1; l < k; l++) {
    const next = plus(scaled(times(z, current), -2), scaled(lower, -2 * l));
    [lower, current] = [current, next];
  }
  return current;
}

/** A part of the k-th derivative of w where |x| and y are below the border. */
function nearby(k: number, z: Pair, part: Part): Expr {
  const rule = new Rule(z, k < 3 ? 0.5 : 0.4375);
  if (k === 0) return rule.value()[part];
  const isSmall = less(add(square(z.re), mul(k < 4 ? 4 : 6, square(z.im))), k < 4 ? 9 : 11);
  return select(isSmall, upwards(k, z, rule.value())[part], rule.derivative(k)[part]);
}

/** (1/2)_j (2j+1)_k, j = 0, 1, ..., as long as they count at the border. */
function asymptotic(k: number): number[] {
  const coefficients = [factorial(k)];
  let [ratio, size] = [1, 1];
  for (let j = 1; size > 2 ** -58 && ratio <= 1; j++) {
    const step = ((j - 0.5) * (2 * j + k) * (2 * j + k - 1)) / (2 * j * (2 * j - 1));
    ratio = step / border ** 2;
    size *= ratio;
    coefficients.push(coefficients.at(-1)! * step);
  }
  return coefficients;
}

/** A part of the k-th derivative far out: (-1)^k / pi times i u^(k+1) sum_j (1/2)_j (2j+1)_k (r u)^(2j) of u = 1 / (x + i y). */
function farOut(k: number, { x, y, r, size }: Operands, part: Part): Expr {
  const [a, b] = [div(x, size), div(y, size)];
  const inverse = reciprocal(add(square(a), square(b)));
  const direction = { re: mul(a, inverse), im: neg(mul(b, inverse)) };
  const u = { re: div(direction.re, size), im: div(direction.im, size) };
  const ratio = scaled(direction, div(r, size));
  const sum = polynomialOf(times(ratio, ratio), asymptotic(k));
  let product = times(u, sum);
  for (let l = 0; l < k; l++) product = times(product, u);
  const factor = (-1) ** k / Math.PI;
  return part === "re" ? mul(-factor, product.im) : mul(factor, product.re);
}

interface Operands {
  readonly x: Expr;
  readonly y: Expr;
  /** sqrt 2 times the width of the Gaussian. */
  readonly r: Expr;
  /** The larger of |x| and y. */
  readonly size: Expr;
}

/** What a Gaussian adds far out, where the Lorentzian is so narrow that it counts: the k-th derivative of e^(-t^2). */
function gaussianWing(k: number, { x, y, r }: Operands): Expr {
  const counts = and(less(y, mul(1e-4, r)), less(abs(x), mul(28, r)));
  const t = div(select(counts, x, 0), select(counts, r, 1));
  const coefficients = hermite(k).map((value) => (-1) ** k * value);
  const wing = coefficients
    .slice(0, -1)
    .reduceRight((sum: Expr, value) => add(mul(sum, t), value), t.graph.constantLike(coefficients[k]!, t));
  const height = div(mul(wing, gaussian(t)), mul(Math.sqrt(Math.PI), wholePower(select(counts, r, 1), k + 1)));
  return select(counts, height, 0);
}

/** The k-th derivative with respect to x of a part of w((x + i y) / r) / (r sqrt(pi)). */
function profile(k: number, part: Part) {
  return (x: Expr, sigma: Expr, y: Expr): Expr => {
    const r = mul(Math.SQRT2, sigma);
    const size = max(abs(x), y);
    const operands = { x, y, r, size };
    const far = farOut(k, operands, part);
    const wings = part === "re" ? add(far, gaussianWing(k, operands)) : far;
    const scale = mul(Math.sqrt(Math.PI), wholePower(r, k + 1));
    const near = div(nearby(k, { re: div(x, r), im: div(y, r) }, part), scale);
    const value = select(greaterEqual(size, mul(border, r)), wings, near);
    const isInside = and(greaterEqual(sigma, 0), greaterEqual(y, 0));
    const ends = mul(0, reciprocal(size));
    return select(isInside, select(less(size, Number.POSITIVE_INFINITY), value, ends), Number.NaN);
  };
}

const domain: readonly Interval[] = [unbounded, nonNegative, nonNegative];

/** The k-th derivative with respect to x of the profile, or of its conjugate. */
function record(k: number, part: Part) {
  const along = (order: number) => (part === "re" ? voigtDerivative(order) : voigtDispersionDerivative(order));
  const across = (order: number) => (part === "re" ? voigtDispersionDerivative(order) : voigtDerivative(order));
  return {
    domain,
    program: profile(k, part),
    partials: [
      (x: Expr, sigma: Expr, y: Expr) => along(k + 1)(x, sigma, y),
      // the profile solves the heat equation
      (x: Expr, sigma: Expr, y: Expr) => mul(sigma, along(k + 2)(x, sigma, y)),
      (x: Expr, sigma: Expr, y: Expr) => mul(part === "re" ? -1 : 1, across(k + 1)(x, sigma, y)),
    ],
    units: `a -> 1/a^${k + 1}`,
    cost: k === 0 ? 300 : 500,
  } as const;
}

/** The Voigt profile: the convolution of a normal density of standard deviation sigma and a Lorentzian of half width gamma. */
export const voigt = ternary("voigt", { ...record(0, "re"), range: () => nonNegative });

/** The n-th derivative of voigt with respect to x. */
export const voigtDerivative: OperationFamily = family("voigtDerivative", 1, (n, name) =>
  ternary(name, record(n, "re")),
);

/** The conjugate of the Voigt profile: its Hilbert transform, by the imaginary part of w. */
export const voigtDispersion = ternary("voigtDispersion", record(0, "im"));

/** The n-th derivative of voigtDispersion with respect to x. */
export const voigtDispersionDerivative: OperationFamily = family("voigtDispersionDerivative", 1, (n, name) =>
  ternary(name, record(n, "im")),
);
