import type { Expr } from "../../ir/graph.ts";
import type { LaurentSeries } from "./laurent-series.ts";
import { type Region, truthWithin } from "./regions.ts";

/** How far the series is used, and with how many coefficients; with every other one where the rest is 0. */
export interface Fit {
  readonly radius: number;
  readonly count: number;
  readonly step: 1 | 2;
}

/** Within what distance, from the largest on. */
export const radii = Array.from({ length: 32 }, (_, k) => 2 ** (10 - k));
/** So many coefficients are made of series, for those of which most are 0. */
export const mostMade = 64;
/** So many tell how far others reach. */
const madeOfDense = 44;
/** Beyond 1 a series is used only where it is short. */
const mostBeyond = 8;
const mostCoefficients = 22;
/** What is left out counts less than this, in the function and in its first two derivatives. */
const negligible = 2 ** -55;

/** A fit within which no condition changes, of at most a radius: where the widest is too wide for that, a closer one. */
export function fitWithin(
  series: LaurentSeries,
  conditions: Iterable<Expr>,
  regionOf: (radius: number) => Region,
  isFar = false,
  most = radii[0]!,
): Fit | undefined {
  const isSettled = ({ radius }: Fit) => {
    const region = regionOf(radius);
    return [...conditions].every((condition) => truthWithin(condition, region) !== undefined);
  };
  let fit = fitOf(series, isFar, most);
  while (fit && !isSettled(fit)) fit = fitOf(series, isFar, fit.radius / 2);
  return fit;
}

function fitOf({ order, coefficients }: LaurentSeries, isFar: boolean, most: number): Fit | undefined {
  const step = coefficients.every((value, k) => k % 2 === 0 || value === 0) ? 2 : 1;
  const gap = widestGap(coefficients.slice(0, madeOfDense));
  const spare = gap > 4 || coefficients.length <= madeOfDense ? 0 : mostMade - madeOfDense;
  const known = coefficients.length - spare - Math.max(4, gap);
  for (const radius of radii) {
    if (radius > most) continue;
    const sizes = coefficients.map((value, k) => Math.abs(value) * radius ** k);
    if ((isFar || radius > 1) && mayCancel(sizes)) continue;
    let count = 1;
    for (const derivative of [0, 1, 2]) {
      const weights = sizes.map((size, k) => size * (order + k) ** derivative);
      const leading = weights.findIndex(
        (weight, k) => weight > 0 && order + k >= (isFar ? Math.min(derivative, 1) : derivative),
      );
      const limit = negligible * (leading < 0 ? 0 : weights[leading]!);
      const last = weights.reduce((found, weight, k) => (weight > limit ? k : found), 0);
      count = Math.max(count, Math.floor(last / step) + 1);
    }
    // the last coefficients that are known must be negligible, or what follows is not: more than zeros, which a series in t^4 has between
    if (count <= (radius > 1 ? mostBeyond : mostCoefficients) && (count - 1) * step < known)
      return { radius, count, step };
  }
  return undefined;
}

/** Whether a polynomial of few terms, of which nothing else is left out, may come to less than half of its first term: it may have a root. */
function mayCancel(sizes: readonly number[]): boolean {
  const leading = sizes.find((size) => size > 0) ?? 0;
  return sizes.reduce((total, size) => total + size, 0) > 1.5 * leading;
}

/** The most steps from a coefficient that is not 0 to the next one. */
function widestGap(coefficients: readonly number[]): number {
  let widest = 0;
  let last = 0;
  for (const [k, value] of coefficients.entries()) {
    if (value === 0) continue;
    widest = Math.max(widest, k - last);
    last = k;
  }
  return widest;
}
