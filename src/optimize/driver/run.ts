import { type Needs, needs, requireArgument, requireOptions } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { UsageError } from "../../ir/errors.ts";
import { norm, type Vector } from "../../numeric/vectors.ts";
import type { Optimizer, OptimizerState } from "../optimizer.ts";
import type { Evaluations, Oracle, OracleAt } from "../oracle.ts";
import type { Checkpoint, LastMove } from "./checkpoint.ts";
import { checkedLimits, checkedStart, checkedTolerances, optimizerNeed } from "./checks.ts";
import {
  CountedOracle,
  Interruption,
  type Limits,
  missingPart,
  missingParts,
  oracleNeed,
  reasonOf,
} from "./counted.ts";
import { cutByBounds, promisesMore, relativePromise } from "./relative-promise.ts";
import { lookAgain } from "./second-look.ts";
import { converged, describeStatus, type Status } from "./status.ts";
import type { Tolerances } from "./tolerances.ts";

/** When a run ends, who is told of it, and where it begins. */
export interface MinimizeOptions<State extends OptimizerState> {
  readonly tolerances?: Tolerances;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
  /** Called at the start and after every step; return true to stop there. */
  readonly onIterate?: (iterate: Iterate<State>) => unknown;
  /** Goes on from here; the start is then not used. The run is the same, bit for bit, as one that never stopped. */
  readonly resume?: Checkpoint<State>;
}

export interface Result<State extends OptimizerState = OptimizerState> {
  readonly status: Status;
  /** The status in a sentence. */
  readonly message: string;
  /** Where the run ended: the last iterate. */
  readonly point: Vector;
  readonly value: number;
  /** The lowest loss that was evaluated anywhere, trial points included; the last iterate where batches differ. */
  readonly best: { readonly point: Vector; readonly value: number };
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: Evaluations;
  readonly state: State;
  /** What `resume` takes. */
  readonly checkpoint: Checkpoint<State>;
}

const minimizeNeeds: Needs<MinimizeOptions<OptimizerState>> = {
  tolerances: needs.record,
  limits: needs.record,
  signal: { what: "the signal of an AbortController", accepts: (value) => value instanceof AbortSignal },
  onIterate: needs.callable,
  resume: needs.record,
};

/** One point of a run. Its state is overwritten two steps later: `checkpoint` and `point` copy. */
export class Iterate<State extends OptimizerState = OptimizerState> {
  readonly state: State;
  readonly gradientNorm: number;
  private readonly run: Run<State>;
  readonly last: LastMove;

  constructor(run: Run<State>, state: State, gradientNorm: number, last: LastMove) {
    this.run = run;
    this.state = state;
    this.gradientNorm = gradientNorm;
    this.last = last;
  }

  get iteration(): number {
    return this.state.iteration;
  }

  get value(): number {
    return this.state.value;
  }

  get metricNorm(): number {
    return this.state.metricNorm;
  }

  /** A copy. */
  get point(): Vector {
    return this.state.point.slice();
  }

  get evaluations(): Evaluations {
    return this.run.counted.evaluations;
  }

  /** A copy of everything that a later run needs to go on from here. */
  checkpoint(): Checkpoint<State> {
    return this.run.checkpoint(this.state, this.last);
  }
}

/** One run of a method on an oracle: it counts evaluations, and ends by tolerances, limits or a signal. */
export class Run<State extends OptimizerState> {
  readonly counted: CountedOracle;
  private readonly optimizer: Optimizer<State>;
  private readonly oracleAt: OracleAt | undefined;
  private readonly x0: Vector;
  private readonly tolerances: Tolerances;
  /** Whether nobody asked for the tolerances: they know nothing of the size of the loss. */
  private readonly isStandard: boolean;
  private readonly signal: AbortSignal | undefined;
  private readonly maxIterations: number;
  private firstGradientNorm = Number.NaN;
  private firstLength = Number.NaN;
  private firstValue = Number.NaN;
  private last: LastMove = noMove;

  constructor(
    optimizer: Optimizer<State>,
    oracle: Oracle | OracleAt,
    x0: ArrayLike<number>,
    options: MinimizeOptions<State>,
  ) {
    requireArgument("minimisation", optimizerNeed, optimizer);
    requireArgument("minimisation", oracleNeed, oracle);
    requireOptions("minimisation", options, minimizeNeeds);
    this.optimizer = optimizer;
    this.oracleAt = typeof oracle === "function" ? oracle : undefined;
    if (this.oracleAt && optimizer.needsOneLoss) {
      throw new UsageError(
        `${optimizer.name} compares losses at several points, and every batch has a loss of its own.`,
        {
          notes: ["Take stochasticLbfgs(), adam() or sgd() for batches, or an oracle of the whole data."],
        },
      );
    }
    this.x0 = checkedStart(x0);
    const standard = this.oracleAt ? {} : (optimizer.tolerances ?? { gradient: 1e-8 });
    this.tolerances = checkedTolerances(options.tolerances ?? {}, standard);
    this.isStandard = this.tolerances === standard;
    this.signal = options.signal;
    const limits = checkedLimits(options.limits ?? {}, options.signal !== undefined);
    this.maxIterations = limits.iterations ?? 10_000;
    const first = typeof oracle === "function" ? oracle(0) : oracle;
    const [missing] = missingParts(first, optimizer.needs);
    if (missing) throw missingPart(missing);
    this.counted = new CountedOracle(first, this.x0.length, limits, {
      signal: options.signal,
      tracksBest: !this.oracleAt,
    });
    if (options.resume) this.restore(options.resume);
  }

  private restore(checkpoint: Checkpoint<State>): void {
    if (checkpoint.optimizer !== this.optimizer.name) {
      throw new UsageError(
        `resume needs a checkpoint of ${this.optimizer.name}, got one of ${checkpoint.optimizer}: their states differ.`,
      );
    }
    if (checkpoint.state.point.length !== this.x0.length) {
      throw new UsageError(
        `resume needs a checkpoint of ${counted(this.x0.length, "parameter")}, got one of ${checkpoint.state.point.length}.`,
      );
    }
    this.firstGradientNorm = checkpoint.firstGradientNorm;
    this.firstLength = checkpoint.firstLength;
    this.firstValue = checkpoint.firstValue;
    this.counted.restore(checkpoint.evaluations, checkpoint.best);
  }

  /** The first state of this run. A checkpoint from before the first evaluation gives its start and nothing else. */
  start(resume: Checkpoint<State> | undefined): State {
    if (resume?.begun) {
      this.last = resume.last;
      return structuredClone(resume.state);
    }
    const state = this.optimizer.init(this.counted, resume?.state.point.slice() ?? this.x0);
    this.firstGradientNorm = this.gradientNorm(state);
    this.firstLength = norm(state.point);
    this.firstValue = state.value;
    return state;
  }

  step(state: State, spare: State | undefined): ReturnType<Optimizer<State>["step"]> {
    if (this.oracleAt) this.counted.use(this.oracleAt(state.iteration + 1));
    const result = this.optimizer.step(state, this.counted, spare);
    return result.ok || this.oracleAt ? result : lookAgain(this.optimizer, result, this.counted);
  }

  iterate(state: State, previous: State | undefined): Iterate<State> {
    if (previous) this.last = this.moveBetween(previous, state);
    return new Iterate(this, state, this.gradientNorm(state), this.last);
  }

  private gradientNorm(state: State): number {
    return this.optimizer.gradientNorm?.(state) ?? norm(state.gradient);
  }

  private moveBetween(previous: State, state: State): LastMove {
    const change = Math.abs(state.value - previous.value);
    return {
      step:
        this.tolerances.step === undefined
          ? Number.NaN
          : beside(distance(state.point, previous.point), norm(state.point)),
      value: beside(change, Math.abs(state.value)),
    };
  }

  /** Why the run ends at this iterate, if it does. Failure is looked for first: NaN passes no test. */
  verdict({ state, gradientNorm, last }: Iterate<State>, previous: State | undefined): Status | undefined {
    if (state.value === Number.NEGATIVE_INFINITY) return { kind: "failed", why: "unbounded" };
    if (!Number.isFinite(state.value) || !Number.isFinite(gradientNorm)) return { kind: "failed", why: "notFinite" };
    const passed = this.passedTest(state, gradientNorm, last);
    if (passed) return passed;
    if (previous && this.runsAway(state, previous)) {
      return { kind: "failed", why: state.value < -Math.sqrt(tooFar) ? "unbounded" : "diverged" };
    }
    if (this.signal?.aborted) return { kind: "aborted", reason: reasonOf(this.signal) };
    if (state.iteration >= this.maxIterations)
      return { kind: "limit", limit: "iterations", allowed: this.maxIterations };
    return undefined;
  }

  /** Whether the run leaves every bound: the loss falls without end, or has an infimum at infinity. */
  private runsAway({ point }: State, previous: State): boolean {
    const length = norm(point);
    return length > tooFar * Math.max(1, this.firstLength) && length > norm(previous.point);
  }

  /**
   * Whether a gradient is not small for being near a minimum: the loss of all the run is so small, or the point so far away, that
   * beside the size of the parameters it promises as much as ever, or bounds are so near that little is left of it, which
   * promises more of the loss.
   */
  private isDisbelieved({ point, gradient, value }: State, tolerance: number): boolean {
    const { confine } = this.optimizer;
    const size = Math.abs(value);
    const { inside, promise } = confine ? cutByBounds(point, gradient, confine) : { inside: gradient, promise: 0 };
    const relative = relativePromise(point, inside);
    const isFarOut = norm(point) > farOut && promisesMore(relative, size);
    const isSmall = () => promisesMore(relative, Math.max(size, Math.abs(this.firstValue)), worthFinding);
    return isFarOut || (this.isStandard && isSmall()) || promisesMore({ promise }, size, tolerance);
  }

  private passedTest(state: State, gradientNorm: number, last: LastMove): Status | undefined {
    const own = this.optimizer.test?.(state);
    if (own) return converged(own.criterion, own.measured, own.tolerance);
    const { gradient, relativeGradient, metric, step, value } = this.tolerances;
    const passesGradient = gradient !== undefined && gradientNorm <= gradient;
    const passesRelative = relativeGradient !== undefined && gradientNorm <= relativeGradient * this.firstGradientNorm;
    const passed = passesGradient ? gradient : passesRelative ? relativeGradient! : undefined;
    if (passed !== undefined && !this.isDisbelieved(state, passed)) {
      return passesGradient
        ? converged("gradient", gradientNorm, gradient)
        : converged("relativeGradient", beside(gradientNorm, this.firstGradientNorm), relativeGradient!);
    }
    if (metric !== undefined && state.metricNorm <= metric) return converged("metric", state.metricNorm, metric);
    if (step !== undefined && last.step <= step) return converged("step", last.step, step);
    if (value !== undefined && last.value <= value) return converged("value", last.value, value);
    return undefined;
  }

  checkpoint(state: State, last: LastMove, begun = true): Checkpoint<State> {
    return structuredClone({
      begun,
      optimizer: this.optimizer.name,
      state,
      evaluations: this.counted.evaluations,
      best: this.best(state),
      firstGradientNorm: this.firstGradientNorm,
      firstLength: this.firstLength,
      firstValue: this.firstValue,
      last,
    });
  }

  /** The end of a run that an oracle call interrupted. Errors that are no interruption go on to the caller. */
  stopped(error: unknown, state: State, last: LastMove): Result<State> {
    if (!(error instanceof Interruption)) throw error;
    return this.result(error.status, state, last);
  }

  /** The same before the first evaluation came back: there is no state yet, but a start. */
  stoppedAtStart(error: unknown): Result<State> {
    if (!(error instanceof Interruption)) throw error;
    const nothing: OptimizerState = {
      iteration: 0,
      point: this.x0,
      value: Number.NaN,
      gradient: new Float64Array(this.x0.length).fill(Number.NaN),
      metricNorm: Number.NaN,
    };
    return this.result(error.status, nothing as State, noMove, undefined, false);
  }

  result(status: Status, state: State, last: LastMove, message?: string, begun = true): Result<State> {
    const checkpoint = this.checkpoint(state, last, begun);
    return {
      status,
      message: message ?? describeStatus(status),
      point: checkpoint.state.point,
      value: state.value,
      best: checkpoint.best,
      gradientNorm: begun ? this.gradientNorm(state) : Number.NaN,
      iterations: state.iteration,
      evaluations: checkpoint.evaluations,
      state: checkpoint.state,
      checkpoint,
    };
  }

  private best(state: State): { point: Vector; value: number } {
    const { bestValue, bestPoint } = this.counted;
    return bestValue < Number.POSITIVE_INFINITY
      ? { point: bestPoint, value: bestValue }
      : { point: state.point, value: state.value };
  }
}

/** The share of the loss at the start, or of that reached, below which nobody asks for what a small gradient still promises. */
const worthFinding = 1e-6;
/** So far away, the size of a gradient alone says little. */
const farOut = 1e8;
/** Points so many times as far as the start, or as 1, have no use, and soon no digits. */
const tooFar = 1e100;

const noMove: LastMove = { step: Number.NaN, value: Number.NaN };

/** size / whole, and 0 where the size is 0. */
function beside(size: number, whole: number): number {
  return size === 0 ? 0 : size / whole;
}

function distance(x: Vector, y: Vector): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) square += (x[i]! - y[i]!) ** 2;
  return Math.sqrt(square);
}
