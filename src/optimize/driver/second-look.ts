import { dot, maxNorm, type Vector } from "../../numeric/vectors.ts";
import { backtracking } from "../line-search/backtracking.ts";
import { Ray } from "../line-search/line.ts";
import { type Conditions, type Found, type Strategy, searchAlong } from "../line-search/line-search.ts";
import { moreThuente } from "../line-search/more-thuente.ts";
import { noiseAround, withoutNoise } from "../noise.ts";
import type { Optimizer, OptimizerState, StepResult } from "../optimizer.ts";
import type { Oracle } from "../oracle.ts";
import { promisesMore, relativePromise } from "./relative-promise.ts";
import type { Obstacle } from "./status.ts";

/** A share of the loss below which what the gradient promises is taken for its own rounding. */
const still = 1e-9;
/** A decrease of less than this share of the loss is no reason to go on. */
const worthwhile = 1e-8;
/** What rounding may hide: sums whose terms cancel lose four digits. */
const rounding = 2 ** -40;
/** How far the first trial changes the parameter that counts most, beside its size. */
const firstChange = 0.1;

type Stopped<State> = Extract<StepResult<State>, { ok: false }>;

/**
 * What a method that sees no further step cannot know: one parameter may dominate its metric, and rounding there hide all
 * others. So the gradient is read once more in parameters measured by their own sizes, which no choice of units changes:
 * sum |g_i x_i| is what a change of all of them by their whole size promises. Next to nothing: whatever the method missed
 * was rounding. Where one parameter that matters nothing leads to infinities, whatever the ball, that hides the others as well.
 * Second derivatives that leave nothing to win in any direction: so as well. Else a search along -x^2 g leads on, or shows
 * that nothing is left. Where both searches promised less than the loss changes by when coordinates change in their last
 * places, and no entry of the gradient has more than two digits then, no step can show it, unless it is one along a valley
 * so narrow that rounding goes across it, and not along: what is left of the gradient without that shows the way. Where no
 * search finds anything and the loss is no larger than its noise, it is rounding itself. A promise that nothing explains is no
 * minimum.
 */
export function lookAgain<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  result: Stopped<State>,
  oracle: Oracle,
): StepResult<State> {
  const { state, why } = result;
  const isRounding = why.kind === "rounding";
  const isBroken = why.kind === "notFinite" && why.isBeyond;
  if (!optimizer.restarts || !(isRounding || why.kind === "lineSearch" || isBroken)) return result;
  const { point, gradient } = state;
  const size = Math.abs(state.value);
  const relative = relativePromise(point, gradient);
  const { promise, largest, isWhole } = relative;
  const isSteep = promisesMore(relative, size);
  if (isRounding && (!isSteep || why.isResolved)) return result;
  if (promise <= still * size && isWhole) return { ...result, why: rounded(promise, still * size) };
  const along = (direction: Vector, search: Search) => searchOn(optimizer, state, oracle, direction, search);
  const downhill = point.map((x, i) => -x * ((x * gradient[i]!) / largest));
  const found = along(downhill, { strategy: backtracking, conditions: armijo, worth: worthwhile * size });
  if (!found || "next" in found) return found?.next ?? result;
  const left = Math.max(leftAlong(found), found.fall);
  const tolerance = rounding * (size + promise);
  if (!isSteep && left <= tolerance) return { ...result, why: rounded(left, tolerance) };
  const missed = Math.max(left, missedBy(why));
  const { loss: noise, hidesGradient, ofGradient } = noiseAround(oracle, state, optimizer.confine);
  if (size <= noise && Number.isFinite(noise)) return { ...result, why: rounded(Math.min(missed, noise), noise) };
  if (hidesGradient && missed <= noise) {
    const search = { strategy: moreThuente, conditions: wolfe, worth: noise };
    const clear = isSteep ? along(clearDirection(state, ofGradient), search) : undefined;
    return clear && "next" in clear ? clear.next : { ...result, why: rounded(missed, noise) };
  }
  return isRounding ? { ...result, why: unexplained(promise / size) } : result;
}

interface Search {
  readonly strategy: Strategy;
  readonly conditions: Conditions;
  /** The least decrease to go on from. */
  readonly worth: number;
}

/** A search from a state: the state at its end, where that is worth it; undefined where the direction leads nowhere. */
function searchOn<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  state: State,
  oracle: Oracle,
  direction: Vector,
  { strategy, conditions, worth }: Search,
): { readonly next: StepResult<State> } | (Found & { readonly fall: number }) | undefined {
  const { point, gradient } = state;
  holdInside(optimizer, point, direction);
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return undefined;
  const place = () => ({ point: new Float64Array(point.length), gradient: new Float64Array(point.length) });
  const ray = new Ray(oracle, state, { direction, slope }, [place(), place()], optimizer.confine);
  const found = searchAlong(ray, strategy, firstChange, conditions);
  const fall = "trial" in found ? state.value - found.trial.value : 0;
  if (!("trial" in found && fall > worth)) return { ...found, fall };
  const next = optimizer.init(oracle, ray.placeOf(found.trial).taken.point);
  return { next: { ok: true, state: { ...next, iteration: state.iteration + 1 } } };
}

/** Down the gradient, in parameters measured by their own sizes, without the directions in which noise writes it. */
function clearDirection({ point, gradient }: OptimizerState, noise: readonly Vector[]): Vector {
  const bySize = (g: Vector) => g.map((entry, i) => entry * point[i]!);
  const slopes = withoutNoise(bySize(gradient), noise.map(bySize));
  const largest = maxNorm(slopes);
  return slopes.map((slope, i) => -point[i]! * (slope / largest));
}

/** What the method was promised and did not find. */
function missedBy(why: Obstacle): number {
  if (why.kind === "rounding") return why.measured;
  return why.kind === "lineSearch" ? (why.promised ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

const armijo = { decrease: 1e-4, curvature: Number.POSITIVE_INFINITY, slack: 0 };
/** Of the little that a valley leaves to find, the most. */
const wolfe = { ...armijo, curvature: 0.9 };

/** What the slopes of a search that found next to nothing promise; infinity where they stay as steep as they were. */
function leftAlong(found: Found): number {
  if (found.kind === "unbounded" || (found.kind === "stuck" && (found.isSteep || found.isBroken))) {
    return Number.POSITIVE_INFINITY;
  }
  return found.promised;
}

/** Takes off a direction what leads out of the bounds at once. */
function holdInside({ confine }: Pick<Optimizer, "confine">, point: Vector, direction: Vector): void {
  if (!confine) return;
  const moved = point.map((x, i) => x + firstChange * direction[i]!);
  confine(moved);
  for (let i = 0; i < point.length; i++) if (moved[i] === point[i]) direction[i] = 0;
}

function rounded(measured: number, tolerance: number): Obstacle {
  const message =
    `converged: the decrease left to make, ${measured.toExponential(2)} with parameters measured by their own sizes, is ` +
    "within the rounding of the loss.";
  return { kind: "rounding", message, measured, tolerance };
}

function unexplained(share: number): Obstacle {
  const message =
    `failed: rounding hides what steps along the gradient win, and the gradient promises ${share.toExponential(1)} of the ` +
    "loss for a change of the parameters by their own sizes. Are they badly scaled, or not determined?";
  return { kind: "lineSearch", message };
}
