import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { expm1, log1p } from "../elementary/exponential.ts";
import { polynomial, series } from "../elementary/polynomial.ts";
import { abs } from "../elementary/rounding.ts";
import { legendreNodes, legendreWeights } from "./incomplete-coefficients.ts";

// What the incomplete gamma and beta functions have in common: truncated Taylor series in several variables, from which derivatives
// of every order come, a rule of quadrature, and two functions that vanish like squares.

/** Powers of several variables. */
export type Power = readonly number[];

/** Coefficients of a truncated Taylor series by their powers, without the value itself; absent are zeros. */
export type Jet = ReadonlyMap<string, Expr>;

/** All powers up to the highest, apart from 1, smaller ones first. */
export function powersUpTo(highest: Power): Power[] {
  const all = highest.reduce<Power[]>(
    (lower, top) => lower.flatMap((power) => Array.from({ length: top + 1 }, (_, k) => [...power, k])),
    [[]],
  );
  return all.slice(1);
}

/** The series with these coefficients. */
export function jetOf(highest: Power, coefficient: (power: Power) => Expr | undefined): Jet {
  const jet = new Map<string, Expr>();
  for (const power of powersUpTo(highest)) {
    const found = coefficient(power);
    if (found) jet.set(power.join(), found);
  }
  return jet;
}

export const coefficientOf = (jet: Jet, power: Power): Expr | undefined => jet.get(power.join());

/** The sum of what is there. */
export function total(terms: readonly (Expr | undefined)[]): Expr | undefined {
  const found = terms.filter((term) => term !== undefined);
  return found.length > 0 ? found.reduce((sum, term) => add(sum, term)) : undefined;
}

/** The sum of series. */
export const sumOf = (highest: Power, jets: readonly Jet[]): Jet =>
  jetOf(highest, (power) => total(jets.map((jet) => coefficientOf(jet, power))));

/** The series times a number. */
export const timesJet = (jet: Jet, factor: Expr | number): Jet =>
  new Map([...jet].map(([key, coefficient]) => [key, mul(factor, coefficient)]));

/** The series of log u, where u begins with 1: n u_n = sum_m m L_m u_(n - m), by the first variable that the power has. */
export function logOf(highest: Power, jet: Jet): Jet {
  const found = new Map<string, Expr>();
  for (const power of powersUpTo(highest)) {
    const coefficient = total([
      coefficientOf(jet, power),
      ...partsOf(power).map(({ part, rest, share }) => product(-share, found.get(part), jet.get(rest))),
    ]);
    if (coefficient) found.set(power.join(), coefficient);
  }
  return found;
}

/** The series of e^l, where l begins with 0: n e_n = sum_m m l_m e_(n - m). */
export function expOf(highest: Power, jet: Jet): Jet {
  const found = new Map<string, Expr>();
  for (const power of powersUpTo(highest)) {
    const coefficient = total([
      coefficientOf(jet, power),
      ...partsOf(power).map(({ part, rest, share }) => product(share, jet.get(part), found.get(rest))),
    ]);
    if (coefficient) found.set(power.join(), coefficient);
  }
  return found;
}

function product(share: number, x: Expr | undefined, y: Expr | undefined): Expr | undefined {
  if (!x || !y) return undefined;
  return share === 1 ? mul(x, y) : mul(share, mul(x, y));
}

/** The powers that divide a power properly and share its first variable, and how large a share of that they have. */
function partsOf(power: Power): { readonly part: string; readonly rest: string; readonly share: number }[] {
  const first = power.findIndex((k) => k > 0);
  return powersUpTo(power)
    .filter((part) => part[first]! > 0 && part.some((k, i) => k !== power[i]))
    .map((part) => ({
      part: part.join(),
      rest: power.map((k, i) => k - part[i]!).join(),
      share: part[first]! / power[first]!,
    }));
}

/** Pairs (j, k), but (0, 0), by numbers from 1 on: (0, 1), (1, 0), (0, 2), (1, 1), ... */
export const numberOfPair = (j: number, k: number): number => ((j + k) * (j + k + 1)) / 2 + j;

export function pairOfNumber(number: number): readonly [j: number, k: number] {
  let degree = 0;
  while (((degree + 1) * (degree + 2)) / 2 <= number) degree++;
  const j = number - (degree * (degree + 1)) / 2;
  return [j, degree - j];
}

/** Where an integrand is e^-46 of what it is at the beginning, nothing follows that counts. */
export const depth = 46;

/** A node of a rule for the integral from 0 to 1, and its weight. */
export interface Node {
  readonly at: number;
  readonly weight: number;
}

/** How much closer nodes lie at the beginning than at the end. */
const crowding = 1.25;

/**
 * Nodes for integrands that fall from 1 to e^-46 like an exponential, like a Gaussian or between the two: Gauss and Legendre's in t,
 * taken to t / (1 + crowding (1 - t)). Errors are below 1e-15 of the integral, and of those of the integrand times squares.
 */
export function nodes(): readonly Node[] {
  const node = (at: number, rest: number, weight: number): Node => {
    const scale = 1 + crowding * rest;
    return { at: at / scale, weight: ((1 + crowding) * weight) / scale ** 2 };
  };
  return legendreNodes.flatMap((at, k) => [
    node(at, 1 - at, legendreWeights[k]!),
    node(1 - at, at, legendreWeights[k]!),
  ]);
}

const gapBorder = 0.5;
const expCoefficients = series((k) => (-1) ** k * 2 * reciprocalFactorial(k + 2), gapBorder);

function reciprocalFactorial(n: number): number {
  return n < 2 ? 1 : reciprocalFactorial(n - 1) / n;
}

/** e^-u - 1 + u, about u^2/2. */
export const expGap = (u: Expr): Expr =>
  select(less(abs(u), gapBorder), mul(mul(0.5, square(u)), polynomial(u, expCoefficients)), add(u, expm1(neg(u))));

const logCoefficients = series((k) => 2 / (2 * k + 3), 1 / 9);

/** r - 1 - log r of r = x / a between 1/2 and 3/2, about (r - 1)^2/2: with z = (x - a) / (x + a) it is (r - 1) z - 2 z^3 (1/3 + z^2/5 + ...). */
export function logGapOf(x: Expr, a: Expr): Expr {
  const difference = sub(x, a);
  return nearGap(div(difference, a), div(difference, add(x, a)));
}

/** y - log(1 + y) by y and y / (2 + y). */
function nearGap(y: Expr, z: Expr): Expr {
  const squared = square(z);
  return mul(z, sub(y, mul(squared, polynomial(squared, logCoefficients))));
}

/** y - log(1 + y), about y^2/2. */
export const logGapAt = (y: Expr): Expr =>
  select(less(abs(add(y, -0.25)), 0.75), nearGap(y, div(y, add(2, y))), sub(y, log1p(y)));
