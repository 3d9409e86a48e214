// nabla/check: derivatives of a model checked at random points, and what the points are drawn with.

import { loadFastCheck } from "./check/fast-check.ts";

export type { Point, PointOptions, RecipeOptions, Sample } from "./check/arbitraries.ts";
export { type CheckOptions, checkModel } from "./check/check.ts";
export { type CheckReport, type Counterexample, formatReport, type LawReport } from "./check/report.ts";
export { type TaylorOptions, taylor } from "./check/taylor.ts";

/**
 * Arbitraries for fast-check: `points(model)` inside a model's bounds, `samples(model, wrt)` with directions,
 * `tensors(shape)`, and whole random `models()`. Loaded on demand: fast-check is an optional peer.
 */
export async function arbitraries(): Promise<typeof import("./check/arbitraries.ts")> {
  await loadFastCheck();
  return import("./check/arbitraries.ts");
}
