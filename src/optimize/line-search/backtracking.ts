import type { Trial } from "./line.ts";
import { requireSearch } from "./line-search.ts";
import { quadraticMinimiser } from "./more-thuente.ts";

/** A next step is between these shares of the last. */
const leastShare = 0.1;
const mostShare = 0.5;
const shortest = 1e-16;

/** Shorter and shorter steps from the first, by the quadratic through the start and the last trial. */
export function* backtracking(start: Trial, first: number): Generator<number, void, Trial> {
  requireSearch("backtracking", start, first);
  for (let step = first; step > shortest * first; ) {
    const trial = yield step;
    const wanted = quadraticMinimiser(start, trial);
    step = Math.min(Math.max(wanted, leastShare * trial.step), mostShare * trial.step);
    if (Number.isNaN(step)) step = mostShare * trial.step;
  }
}
