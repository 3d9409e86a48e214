import { isRecord, needs, requireArgument, requireThat } from "../../ir/arguments/arguments.ts";
import type { Line, Trial } from "./line.ts";

/** When a step along a line is good enough. Slopes are negative where the loss falls. */
export interface Conditions {
  /** c of Armijo's condition phi(t) <= phi(0) + c t phi'(0). */
  readonly decrease: number;
  /** sigma of Wolfe's second condition |phi'(t)| <= -sigma phi'(0). Infinity: the slope is not asked. */
  readonly curvature: number;
  /**
   * Near a minimum the loss cannot tell points apart that its slope can. Where |phi(t) - phi(0)| <= slack |phi(0)| the
   * slope alone decides, by the approximate conditions of Hager and Zhang (2005): a quadratic through the slopes
   * satisfies Armijo's condition where phi'(t) <= (2 decrease - 1) phi'(0). 0: never.
   */
  readonly slack: number;
}

/**
 * Proposes steps and is told what was found there, which may be a shorter step than it asked for. It returns when it
 * knows of no better step to propose.
 */
export type Strategy = (start: Trial, first: number, conditions: Conditions) => Generator<number, void, Trial>;

export type Found =
  /** The conditions hold at `trial`. `promised`: as below. */
  | { readonly kind: "accepted"; readonly trial: Trial; readonly promised: number }
  /** They hold nowhere that was looked at, but the loss is lower at `trial`. */
  | { readonly kind: "lowered"; readonly trial: Trial; readonly promised: number }
  /** The loss still falls at `trial`, as far away as the search goes. */
  | { readonly kind: "unbounded"; readonly trial: Trial }
  /**
   * No lower loss was found. `promised`: the largest decrease that the slopes at steps up to the first promised, or the
   * slope of the start as far as the shortest of them; `isSteep`: at the farthest step the slope was still about that of
   * the start; `isBroken`: no step led to numbers.
   */
  | { readonly kind: "stuck"; readonly promised: number; readonly isSteep: boolean; readonly isBroken: boolean };

/** Steps of more than this many times the first are not tried. */
const farthest = 1e20;
/** A loss that falls there, but by less than so many times itself, may have a bound: the first step was too short. */
const depth = 1e6;
/** A step to where the loss is no number is followed by one this much shorter, counted from the best known. */
const stepBack = 0.1;

const isNumber = (value: unknown) => typeof value === "number";

/** Throws UsageError for what no search can begin with. */
export function requireSearch(what: string, start: unknown, first: unknown, conditions: unknown = {}): void {
  const begins = isRecord(start) && [start.step, start.value, start.slope].every(isNumber);
  requireThat(begins, what, "a trial { step, value, slope } to start from", start);
  requireThat(isNumber(first), what, "a first step, a number", first);
  requireThat(isRecord(conditions), what, "conditions { decrease, curvature, slack }", conditions);
}

/** No search asks for more: a bracket loses a third of its length in two trials, so that 60 exhaust float64. */
const mostTrials = 60;

/**
 * Searches along a line: asks the strategy, evaluates, judges. Losses and slopes that are NaN or infinite are met here,
 * by shorter steps; a strategy sees finite numbers only. No step is longer than `longest`: a loss that still falls
 * there, by enough, makes that step a good one.
 */
export function searchAlong(
  line: Line,
  strategy: Strategy,
  first: number,
  conditions: Conditions,
  longest = Number.POSITIVE_INFINITY,
): Found {
  requireThat(isRecord(line) && typeof line.at === "function", "searchAlong", "a line { start, at }", line);
  requireArgument(
    "searchAlong",
    { what: "a strategy, such as moreThuente", accepts: needs.callable.accepts },
    strategy,
  );
  requireSearch("searchAlong", line.start, first, conditions);
  const { start } = line;
  const proposals = strategy(start, first, conditions);
  let lowest = start;
  let farthestSeen = start;
  let promised = 0;
  let shortest = first;
  let ceiling = Number.POSITIVE_INFINITY;
  let proposal = proposals.next();
  for (let trials = 0; trials < mostTrials && !proposal.done; ) {
    let step = proposal.value;
    if (step > longest) step = longest;
    if (step >= ceiling) step = lowest.step < ceiling ? lowest.step + (ceiling - lowest.step) / 2 : ceiling / 2;
    let trial = line.at(step);
    trials += 1;
    while (!isUsable(trial)) {
      if (trial.value === Number.NEGATIVE_INFINITY) return { kind: "unbounded", trial };
      ceiling = step;
      const from = lowest.step < step ? lowest.step : 0;
      step = from + stepBack * (step - from);
      if (trials >= mostTrials || !(step > from)) return best();
      trial = line.at(step);
      trials += 1;
    }
    if (trial.step > farthestSeen.step) farthestSeen = trial;
    if (trial.step <= shortest) shortest = trial.step;
    if (trial.step <= first) promised = Math.max(promised, decreaseBySlopes(start, trial));
    if (isAcceptable(trial, start, conditions)) return { kind: "accepted", trial, promised };
    if (trial.step === longest && trial.slope < 0 && hasDecrease(trial, start, conditions)) {
      return { kind: "accepted", trial, promised };
    }
    if (trial.value < lowest.value) lowest = trial;
    if (trial.step >= farthest * first && trial.slope < 0 && trial === lowest) {
      const isDeep = start.value - trial.value > depth * Math.abs(start.value);
      return isDeep ? { kind: "unbounded", trial } : { kind: "lowered", trial, promised };
    }
    proposal = proposals.next(trial);
  }
  return best();

  function best(): Found {
    return lowest.value < start.value
      ? { kind: "lowered", trial: lowest, promised }
      : {
          kind: "stuck",
          promised: Math.max(promised, -start.slope * shortest),
          isSteep: farthestSeen !== start && farthestSeen.slope <= 0.9 * start.slope,
          isBroken: farthestSeen === start,
        };
  }
}

/** By how much the loss falls along the quadratic with the slopes of `start` and `trial`, no farther away than `trial`. */
function decreaseBySlopes(start: Trial, { step, slope }: Trial): number {
  const minimiser = slope > 0 ? -start.slope / (slope - start.slope) : 1;
  return -step * minimiser * (start.slope + (minimiser * (slope - start.slope)) / 2);
}

function isUsable({ value, slope }: Trial): boolean {
  return Number.isFinite(value) && Number.isFinite(slope);
}

/** Armijo's condition. */
function hasDecrease(trial: Trial, start: Trial, { decrease }: Pick<Conditions, "decrease">): boolean {
  return trial.value <= start.value + decrease * trial.step * start.slope;
}

/** The strong conditions of Wolfe, or the approximate ones. */
function isAcceptable(trial: Trial, start: Trial, { decrease, curvature, slack }: Conditions): boolean {
  if (Math.abs(trial.slope) > -curvature * start.slope) return false;
  if (hasDecrease(trial, start, { decrease })) return true;
  return (
    slack > 0 &&
    Math.abs(trial.value - start.value) <= slack * Math.abs(start.value) &&
    trial.slope <= (2 * decrease - 1) * start.slope
  );
}
