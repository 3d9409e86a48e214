import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { factorial } from "../../numeric/factorial.ts";
import type { OperationFamily } from "../define.ts";
import { neg } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";

export const eulerGamma = 0.5772156649015329;

/** 1 + 1/2 + ... + 1/k. */
export function harmonic(k: number): number {
  let total = 0;
  for (let i = 1; i <= k; i++) total += 1 / i;
  return total;
}

/** a_k(n) of Hankel's expansions, DLMF 10.17.1. */
export function hankel(n: number, k: number): number {
  let coefficient = 1;
  for (let i = 1; i <= k; i++) coefficient *= (4 * n * n - (2 * i - 1) ** 2) / (8 * i);
  return coefficient;
}

/** |x|, but smooth at 0, where odd functions of it have slopes. */
export const sizeOf = (x: Expr): Expr => select(less(x, 0), neg(x), x);

/** The value at |x| as that at x of a function of order n, which is odd or even as n is. */
export const ofParity = (n: number, x: Expr, value: Expr): Expr =>
  n % 2 === 0 ? value : select(less(x, 0), neg(value), value);

/** A family of solutions of x^2 y'' + x y' + (s x^2 - n^2) y = 0 of order n, s = 1 or -1. */
interface Solutions {
  readonly of: () => OperationFamily;
  readonly sign: 1 | -1;
  /** True of J and I, which are finite at 0. */
  readonly isRegular: boolean;
  /** The slope is (n/x) y_n plus so many y_(n + 1). */
  readonly next: 1 | -1;
}

/** Taylor coefficients of the solution of order n, by the equation from the first two. */
export function besselTaylor({ of, sign, isRegular, next }: Solutions, n: number): NonNullable<Primitive["taylor"]> {
  const value = (order: number, x: number) => Number(of()(order).primitive.real(x));
  const atZero = (k: number) => {
    const m = (k - n) / 2;
    if (!isRegular) return Number.NaN;
    return Number.isInteger(m) && m >= 0 ? (-sign) ** m / (2 ** k * factorial(m) * factorial(n + m)) : 0;
  };
  return (x, count) => {
    if (x === 0) return Array.from({ length: count }, (_, k) => atZero(k));
    const first = value(n, x);
    const found = [first, (n / x) * first + next * value(n + 1, x)];
    const before = (k: number) => found[k] ?? 0;
    for (let k = 0; k + 2 < count; k++) {
      const nearest = (2 * k + 1) * (k + 1) * x * before(k + 1) + (k * k - n * n + sign * x * x) * before(k);
      const rest = nearest + sign * (2 * x * before(k - 1) + before(k - 2));
      found.push(-rest / (x * x * (k + 1) * (k + 2)));
    }
    return found.slice(0, count);
  };
}
