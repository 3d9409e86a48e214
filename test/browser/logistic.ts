import { modelTexts } from "../bench/tasks/models.ts";
import { numbers } from "../generators/numbers.ts";

/** Logistic regression with 3,001 rows: long enough for threads, and an odd number of rows. */
export const text = modelTexts.logistic;

const [n, d] = [3001, 33];

export const data = { X: { data: numbers(n * d, 1), shape: [n, d] }, y: numbers(n, 3).map((v) => (v > 0 ? 1 : -1)) };
export const point = numbers(d + 1, 5);
export const direction = numbers(d + 1, 8);

/** What a function of the bound model gives: the loss, its gradient and the product with the direction. */
export interface Results {
  readonly loss: number;
  readonly gradient: readonly number[];
  readonly product: readonly number[];
}

/** The part of bound models and of bound files that is used here. */
export interface Flat {
  lossAndGradient(x: Float64Array, gradient: Float64Array): number;
  hvp(x: Float64Array, v: Float64Array, product: Float64Array): unknown;
}

export function resultsOf(flat: Flat): Results {
  const gradient = new Float64Array(point.length);
  const product = new Float64Array(point.length);
  const loss = flat.lossAndGradient(point, gradient);
  flat.hvp(point, direction, product);
  return { loss, gradient: [...gradient], product: [...product] };
}
