import { dot, norm, scale, type Vector } from "../../numeric/vectors.ts";
import type { Obstacle } from "../driver/status.ts";
import { backtracking } from "../line-search/backtracking.ts";
import { hagerZhang } from "../line-search/hager-zhang.ts";
import { newPlace, type Place, Ray } from "../line-search/line.ts";
import { type Conditions, type Found, type Strategy, searchAlong } from "../line-search/line-search.ts";
import { moreThuente } from "../line-search/more-thuente.ts";
import { roundingNear } from "../newton/decrease.ts";
import { brokenSteps } from "../newton/obstacles.ts";
import { isDoubtful, noiseAround } from "../noise.ts";
import type { Optimizer, OptimizerState, StepResult } from "../optimizer.ts";
import { fraction, nonNegative, oneOf, share } from "../options.ts";
import type { Oracle, OraclePart } from "../oracle.ts";
import { mostRest, type Rest, restAfter } from "../rest.ts";

/** The line searches by name. */
export const strategies = {
  "more-thuente": moreThuente,
  "hager-zhang": hagerZhang,
  backtracking,
} satisfies Record<string, Strategy>;

export type SearchName = keyof typeof strategies;

/** The options of a line search, for methods that have one. */
export function searchOptions(defaults: { readonly search: SearchName; readonly curvature: number }) {
  return {
    search: oneOf(Object.keys(strategies) as SearchName[])("the line search", defaults.search),
    decrease: share("c of Armijo's condition: the part of the decrease along the tangent that a step must make", 1e-4),
    curvature: fraction("sigma of Wolfe's condition: the part of the slope that a step may leave", defaults.curvature),
    slack: nonNegative("the part of the loss below which its changes are taken for rounding, and slopes decide", 1e-10),
  };
}

export interface SearchSettings {
  readonly search: SearchName;
  readonly decrease: number;
  readonly curvature: number;
  readonly slack: number;
}

/** A state that knows where to go next: every descent method makes its direction as soon as it has a gradient. */
export interface DescentState extends OptimizerState {
  /** Of the next move, of any length. */
  readonly direction: Vector;
  /** <gradient, direction>: negative. */
  readonly slope: number;
  /** The first step that the next search tries. */
  readonly first: number;
  /** No step is longer than this; infinite where nothing bounds it. */
  readonly longest: number;
  /** The step that was taken along the last direction. */
  readonly step: number;
  /** Whether the direction comes from anything but this gradient. */
  readonly hasMemory: boolean;
  /** The noise of the loss, measured where a search saw nothing; 0 where the last step lowered it by more. */
  readonly noise: number;
  readonly rest: Rest;
}

/** With what the method of directions remembers. */
type State<Memory> = DescentState & Memory;

/** What a direction method says about a point: everything of its state beyond the point itself. */
export type Aim<Memory> = Pick<DescentState, "direction" | "slope" | "first" | "longest" | "metricNorm" | "hasMemory"> &
  Memory;

/** A point just reached, with its gradient. */
export type Arrival = Pick<OptimizerState, "iteration" | "point" | "value" | "gradient"> & { readonly step: number };

/** A method of directions. Globalisation, the search along them, is not its business. */
export interface Descent<Memory extends object> {
  readonly name: string;
  readonly needs?: readonly OraclePart[];
  /** Brings a point into the set that the method keeps to. */
  confine?(point: Vector): void;
  /** What has to vanish at a minimum. Default: the Euclidean norm of the gradient. */
  gradientNorm?(at: Pick<OptimizerState, "point" | "gradient">): number;
  /** The direction from a point without any history. `spare` is a state whose arrays may be used. */
  begin(at: Arrival, spare: State<Memory> | undefined): Aim<Memory>;
  /** The direction after a move from `previous`. */
  proceed(at: Arrival, previous: State<Memory>, oracle: Oracle, spare: State<Memory> | undefined): Aim<Memory>;
}

/** The optimiser of a direction method and a line search. */
export function descent<Memory extends object>(
  method: Descent<Memory>,
  settings: SearchSettings,
): Optimizer<State<Memory>> {
  const searches = new Searches(method, settings);
  return {
    name: method.name,
    needs: method.needs ?? [],
    needsOneLoss: true,
    restarts: true,
    gradientNorm: searches.gradientNorm,
    ...(method.confine && { confine: method.confine }),
    init: (oracle, x0) => searches.start(oracle, x0),
    step: (state, oracle, spare) => searches.step(state, oracle, spare),
  };
}

/** The searches of a run, each along the direction that the method chose at the end of the one before. */
class Searches<Memory extends object> {
  readonly gradientNorm: NonNullable<Descent<Memory>["gradientNorm"]>;
  private readonly method: Descent<Memory>;
  private readonly strategy: Strategy;
  private readonly isBacktracking: boolean;
  private readonly conditions: Conditions;
  /** A search may look at two places; the one that it leaves is free for the next, which takes it: the oracle may run another. */
  private free: Place | undefined;

  constructor(method: Descent<Memory>, settings: SearchSettings) {
    this.gradientNorm = method.gradientNorm ?? (({ gradient }) => norm(gradient));
    this.method = method;
    this.strategy = strategies[settings.search];
    this.isBacktracking = settings.search === "backtracking";
    this.conditions = this.isBacktracking ? { ...settings, curvature: Number.POSITIVE_INFINITY, slack: 0 } : settings;
  }

  start(oracle: Oracle, x0: Vector): State<Memory> {
    const place = newPlace(x0.length);
    place.point.set(x0);
    this.method.confine?.(place.point);
    const value = oracle.lossAndGradient(place.point, place.gradient);
    const arrival = { iteration: 0, value, step: Number.NaN, noise: 0, ...place };
    const rest = { steps: 0, value, gradientNorm: this.gradientNorm(place) };
    return { ...arrival, ...this.begun(arrival), rest };
  }

  /**
   * Where no step along the direction helps: another try by slopes where the loss is noisier than was thought, then along the
   * negative gradient without memory, then with a first step of no unit.
   */
  step(state: State<Memory>, oracle: Oracle, spare: State<Memory> | undefined): StepResult<State<Memory>> {
    const result = this.search(state, oracle, spare);
    if (result.ok || result.state !== state) return result;
    if (!this.isBacktracking && state.noise === 0 && isDoubtful(result.why, state)) {
      const { loss: noise } = noiseAround(oracle, state, this.method.confine);
      if (noise > this.conditions.slack * Math.abs(state.value)) return this.step({ ...state, noise }, oracle, spare);
    }
    const restarted = { ...state, ...this.begun(state) };
    const isNew = state.hasMemory || restarted.first !== state.first;
    const plain = isNew ? this.search(restarted, oracle, spare) : result;
    if (plain.ok || (plain.state !== restarted && plain !== result)) return plain;
    if (plain.why.kind === "rounding") return { ...plain, state };
    const natural = { ...restarted, first: naturalStep(restarted) };
    const last = this.search(natural, oracle, spare);
    if (last.ok || last.state !== natural) return last;
    // a search sees nothing of steps so much shorter than its first
    const isResolved = last.why.kind === "rounding" && natural.first < 1e-9 * restarted.first;
    return { ...(isResolved ? last : plain), state };
  }

  /** A search along the state's direction; a result with the state itself is that of one that found nothing. */
  private search(state: State<Memory>, oracle: Oracle, spare: State<Memory> | undefined): StepResult<State<Memory>> {
    if (!(state.slope < 0)) return { ok: false, state, why: stuck(state) };
    const ray = this.rayFrom(state, oracle, spare);
    const conditions = conditionsAt(state, this.conditions);
    // where the loss can hardly tell points apart, a search has to go by slopes
    const isNearlyFlat = -state.slope * state.first <= conditions.slack * Math.abs(state.value);
    const strategy = isNearlyFlat ? hagerZhang : this.strategy;
    const found = searchAlong(ray, strategy, state.first, conditions, state.longest);
    if (found.kind === "stuck") return { ok: false, state, why: stuck(state, found) };
    const { taken, free } = ray.placeOf(found.trial);
    this.free = free;
    const arrival = {
      iteration: state.iteration + 1,
      value: found.trial.value,
      step: found.trial.step,
      noise: state.value - found.trial.value > state.noise ? 0 : state.noise,
      ...taken,
    };
    const rest = restAfter(state.rest, arrival.value, this.gradientNorm(arrival));
    const next: State<Memory> = Number.isFinite(arrival.value)
      ? { ...arrival, ...inRange(this.method.proceed(arrival, state, oracle, spare), arrival.gradient), rest }
      : { ...state, ...arrival };
    // what was remembered leads nowhere
    return judged(next.rest.steps === mostRest ? { ...next, ...this.begun(next) } : next, found);
  }

  private rayFrom(state: DescentState, oracle: Oracle, spare: DescentState | undefined): Ray {
    const n = state.point.length;
    const free = this.free?.point.length === n ? this.free : newPlace(n);
    this.free = undefined;
    const place = spare ? { point: spare.point, gradient: spare.gradient } : newPlace(n);
    return new Ray(oracle, state, state, [place, free], this.method.confine);
  }

  /** The direction from a point without any history. */
  private begun(at: Arrival): Aim<Memory> {
    return inRange(this.method.begin(at, undefined), at.gradient);
  }
}

/** A loss that is noisier than was thought has more for a search to take for rounding. */
function conditionsAt({ value, noise }: DescentState, conditions: Conditions): Conditions {
  const slack = noise / Math.abs(value);
  return slack > conditions.slack && Number.isFinite(slack) ? { ...conditions, slack } : conditions;
}

/**
 * A first step that knows of no unit: a hundredth of the point's length, or, at 0, where a loss that is linear would be 0.
 * Source: Hager and Zhang (2005), I0.
 */
function naturalStep({ point, direction, value, slope, longest }: DescentState): number {
  const length = norm(point);
  const step = length > 0 ? (0.01 * length) / norm(direction) : Math.abs(value / slope) || 1;
  return Math.min(longest, step);
}

/** The direction as it is, or one of length 1 where the slope along it overflows or vanishes, as squares do, and the gradient does not. */
function inRange<Memory>(aim: Aim<Memory>, gradient: Vector): Aim<Memory> {
  const length = norm(aim.direction);
  const isSafe = aim.slope < -Number.MIN_VALUE / Number.EPSILON && Number.isFinite(aim.slope);
  if (isSafe || !(length > 0 && length < Number.POSITIVE_INFINITY)) return aim;
  scale(aim.direction, 1 / length);
  const longest = aim.longest * length;
  const first = Math.min(1, length < 1 ? aim.first * length : longest);
  return { ...aim, slope: dot(gradient, aim.direction), first, longest };
}

/** The end of a ray, or of progress, is the end of the run; the point is kept. */
function judged<State extends DescentState>(state: State, found: Found): StepResult<State> {
  if (found.kind === "unbounded") {
    return {
      ok: false,
      state,
      why: {
        kind: "unbounded",
        message: `failed: the loss still falls ${found.trial.step.toExponential(0)} times the direction away.`,
      },
    };
  }
  if (state.rest.steps < 2 * mostRest) return { ok: true, state };
  // the slopes of the last search say what is left, not those of a direction that nobody has followed
  const { promised } = found as Exclude<Found, { kind: "unbounded" }>;
  return { ok: false, state, why: stuck(state, { promised, isSteep: false, isBroken: false }) };
}

/**
 * Why no step helps: either nothing is left to win that the loss could show, or loss and gradient disagree. What is left
 * to win is what slopes promised in the search; without one, what the direction promises.
 */
function stuck(
  state: DescentState,
  { promised, isSteep, isBroken }: Omit<Found & { kind: "stuck" }, "kind"> = {
    promised: -state.slope * Math.min(state.first, 1),
    isSteep: false,
    isBroken: false,
  },
): Obstacle {
  const { gradient, direction } = state;
  const tolerance = roundingNear(state);
  if (promised <= tolerance && !isSteep) {
    return {
      kind: "rounding",
      measured: promised,
      tolerance,
      message:
        `converged: the decrease left to make along the direction, ${promised.toExponential(2)}, is within the rounding ` +
        `of the loss; the norm of the gradient is ${norm(gradient).toExponential(2)}.`,
    };
  }
  if (isBroken) return brokenSteps();
  const cosine = -dot(gradient, direction) / (norm(gradient) * norm(direction));
  return {
    kind: "lineSearch",
    promised,
    message:
      `failed: no step lowers the loss, though the gradient promises ${promised.toExponential(2)} ` +
      `(the cosine between the direction and the negative gradient is ${cosine.toFixed(3)}). ` +
      "Is the gradient that of the loss, and is the loss smooth here?",
  };
}
