import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { type Operation, unary } from "../define.ts";
import { polynomial } from "./polynomial.ts";

/** Polynomials of fewer coefficients are written out. */
const fewest = 4;
/** So many are kept; one that is asked for later is made anew. */
const mostKept = 4096;

const kept = new Map<string, Operation>();
const all = new WeakSet<Primitive>();

/** True of what `powerSeries` makes. */
export const isPowerSeries = (primitive: Primitive): boolean => all.has(primitive);

/**
 * The polynomial in x, coefficients from the lowest power up, as a function of its own whose slope is another one: the sweep back over
 * a scheme of so many steps would take as many for each slope.
 */
export function powerSeries(x: Expr, coefficients: readonly number[]): Expr {
  if (coefficients.length < fewest) return polynomial(x, coefficients);
  const key = coefficients.join();
  let series = kept.get(key);
  if (!series) {
    series = unary(`powerSeries_${hashOf(key)}`, {
      program: (x) => polynomial(x, coefficients),
      partial: (x) => powerSeries(x, slopeOf(coefficients)),
      cost: 2 * (coefficients.length - 1),
    });
    if (kept.size === mostKept) kept.delete(kept.keys().next().value!);
    kept.set(key, series);
    all.add(series.primitive);
  }
  return series(x);
}

const slopeOf = (coefficients: readonly number[]) => coefficients.slice(1).map((value, k) => (k + 1) * value);

/** Tells one from another in a text. */
function hashOf(key: string): string {
  let hash = 0;
  for (let k = 0; k < key.length; k++) hash = (31 * hash + key.charCodeAt(k)) % 2 ** 31;
  return hash.toString(36);
}
