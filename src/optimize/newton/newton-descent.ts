import { dot, norm, type Vector } from "../../numeric/vectors.ts";
import { type SearchName, type SearchSettings, searchOptions, strategies } from "../descent/descent.ts";
import type { Obstacle } from "../driver/status.ts";
import { newPlace, Ray } from "../line-search/line.ts";
import { searchAlong } from "../line-search/line-search.ts";
import type { OptimizerState } from "../optimizer.ts";
import type { Oracle } from "../oracle.ts";
import { mostRest, type Rest, restAfter } from "../rest.ts";
import { hiddenDecrease, isLower, roundingNear } from "./decrease.ts";
import { obstacle, standstill } from "./obstacles.ts";

/** A point with the loss and the gradient there, and how far along its direction it lies. */
export type Reached = Pick<OptimizerState, "point" | "value" | "gradient"> & {
  readonly step: number;
  readonly rest: Rest;
};

export type Descended =
  | { readonly ok: true; readonly reached: Reached }
  | { readonly ok: false; readonly why: Obstacle };

/** Newton's step needs no curvature condition where it is good; a search finds longer ones where the loss is concave. */
export const newtonSearch = searchOptions({ search: "more-thuente", curvature: 0.9 });

/**
 * A step along Newton's direction, the full one first. Where rounding hides what is predicted, gradients decide, and a
 * step has to make the gradient smaller, or the loss by more than rounding does.
 */
export function descend(
  from: OptimizerState & { readonly rest: Rest },
  direction: Vector,
  oracle: Oracle,
  settings: SearchSettings,
): Descended {
  const slope = dot(from.gradient, direction);
  const hidden = hiddenDecrease(from.value);
  const rounding = Math.max(hidden, roundingNear(from));
  if (!(slope < 0)) return { ok: false, why: standstill(-slope, rounding, false) };
  const n = from.point.length;
  const ray = new Ray(oracle, from, { direction, slope }, [newPlace(n), newPlace(n)]);
  // by how much the loss fell at the last trial where it could be seen
  let seen = 0;
  const line = {
    start: ray.start,
    at(step: number) {
      const trial = ray.at(step);
      if (predictedAt(step) > hidden) seen = from.value - trial.value;
      return trial;
    },
  };
  const predictedAt = (step: number) => (-step * slope) / 2;
  const search = (name: SearchName) => {
    const curvature = name === "backtracking" ? Number.POSITIVE_INFINITY : settings.curvature;
    return searchAlong(line, strategies[name], 1, { ...settings, curvature });
  };
  let found = search(settings.search);
  // shorter steps are the last resort of a search that has lost its way
  if (found.kind === "stuck" && settings.search !== "backtracking") found = search("backtracking");
  if (found.kind === "stuck") {
    return { ok: false, why: standstill(Math.min(predictedAt(1), found.promised), rounding, found.isBroken) };
  }
  const { trial } = found;
  const { taken } = ray.placeOf(trial);
  if (found.kind === "unbounded" && trial.value > Number.NEGATIVE_INFINITY) {
    return { ok: false, why: obstacle("unbounded", "the loss falls without end along a direction.") };
  }
  const isUnseen = predictedAt(trial.step) <= hidden || trial.value >= from.value;
  if (isUnseen && !isLower(trial.value, from.value) && !(norm(taken.gradient) < 0.9 * norm(from.gradient))) {
    const isShort = seen < -hidden || trial.step < 0.1;
    const promised = predictedAt(isShort ? 1 : trial.step);
    return { ok: false, why: standstill(promised, rounding, false) };
  }
  const rest = restAfter(from.rest, trial.value, norm(taken.gradient));
  // steps from one point of the noise to the next, each lower or flatter than the last, and none than all
  if (rest.steps === 2 * mostRest) return { ok: false, why: standstill(predictedAt(1), rounding, false) };
  return { ok: true, reached: { ...taken, value: trial.value, step: trial.step, rest } };
}
