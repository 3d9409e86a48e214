import { norm } from "../../../numeric/vectors.ts";
import type { Checkpoint } from "../../../optimize/driver/checkpoint.ts";
import type { Limits } from "../../../optimize/driver/counted.ts";
import { iterate } from "../../../optimize/driver/minimize.ts";
import type { Iterate, Result } from "../../../optimize/driver/run.ts";
import type { Status } from "../../../optimize/driver/status.ts";
import type { Tolerances } from "../../../optimize/driver/tolerances.ts";
import type { Optimizer } from "../../../optimize/optimizer.ts";
import type { Evaluations, Oracle, OracleAt } from "../../../optimize/oracle.ts";
import { History, type HistoryPoint } from "./history.ts";

/** What came of one minimisation. */
export interface Outcome {
  readonly method: string;
  readonly status: Status;
  readonly message: string;
  /** Where the loss was lowest; the last point where batches were drawn. */
  readonly point: Float64Array;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metricNorm: number;
  readonly iterations: number;
  readonly evaluations: Evaluations;
  readonly seconds: number;
  readonly history: readonly HistoryPoint[];
}

export interface RunRequest {
  readonly optimizer: Optimizer;
  readonly oracle: Oracle | OracleAt;
  readonly start: Float64Array;
  readonly tolerances: Tolerances;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly resume?: { readonly checkpoint: Checkpoint; readonly history: readonly HistoryPoint[] } | undefined;
  /** Hears of iterates while the run goes on. */
  readonly watch: (iterate: Iterate, history: History) => Promise<void> | void;
}

/** Runs a method from a start to its end. */
export async function runMethod(request: RunRequest): Promise<Outcome> {
  const { optimizer, oracle, start, tolerances, limits, signal, resume, watch } = request;
  const history = new History(resume?.history);
  const began = performance.now();
  const steps = iterate(optimizer, oracle, start, {
    tolerances,
    limits,
    signal,
    ...(resume && { resume: resume.checkpoint }),
  });
  for (;;) {
    const next = await steps.next();
    if (next.done) return outcomeOf(next.value, request, history, (performance.now() - began) / 1000);
    history.add(next.value);
    await watch(next.value, history);
  }
}

function outcomeOf(result: Result, request: RunRequest, history: History, seconds: number): Outcome {
  const { status, message, best, value, iterations, evaluations } = result;
  // a converged point is the one that was measured; of any other run the best is worth more
  const isLast = status.kind === "converged" || !(best.value < value);
  return {
    method: request.optimizer.name,
    status,
    message,
    ...(isLast ? lastOf(result) : bestIn(result, request)),
    iterations,
    evaluations,
    seconds: Math.max(seconds, history.seconds),
    history: history.points,
  };
}

type Place = Pick<Outcome, "point" | "loss" | "gradientNorm" | "metricNorm">;

function lastOf({ point, value, gradientNorm, state }: Result): Place {
  return { point, loss: value, gradientNorm, metricNorm: state.metricNorm };
}

/** The best point, with the gradient there: the run went on to others. */
function bestIn({ best: { point, value }, state }: Result, { optimizer, oracle }: RunRequest): Place {
  const gradient = new Float64Array(point.length);
  // batches have no best point
  (oracle as Oracle).lossAndGradient(point, gradient);
  const gradientNorm = optimizer.gradientNorm?.({ ...state, point, value, gradient }) ?? norm(gradient);
  return { point, loss: value, gradientNorm, metricNorm: Number.NaN };
}

/** The outcome with the lowest loss, the first of several; NaN loses to everything, a converged run wins a tie. */
export function bestOf(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((best, each) => {
    if (Number.isNaN(best.loss)) return Number.isNaN(each.loss) ? best : each;
    if (each.loss < best.loss) return each;
    return each.loss === best.loss && best.status.kind !== "converged" && each.status.kind === "converged"
      ? each
      : best;
  });
}
