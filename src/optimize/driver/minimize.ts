import type { Optimizer, OptimizerState } from "../optimizer.ts";
import type { Oracle, OracleAt } from "../oracle.ts";
import { type Iterate, type MinimizeOptions, type Result, Run } from "./run.ts";
import { type Status, statusOf } from "./status.ts";
import { messageOf } from "./way-out.ts";

/**
 * Minimises a function from x0. Long runs let other events of the program happen about sixty times a second, so that
 * a signal can abort them and a page stays alive.
 */
export function minimize<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<State>,
): Promise<Result<State>>;
/** Of one of several methods. */
export function minimize(
  optimizer: Optimizer,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<OptimizerState>,
): Promise<Result>;
export async function minimize<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options: MinimizeOptions<State> = {},
): Promise<Result<State>> {
  const steps = iterations(optimizer, oracle, x0, options);
  let pauseAt = performance.now() + slice;
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    if (performance.now() > pauseAt) {
      await pause();
      pauseAt = performance.now() + slice;
    }
  }
}

/** The same without pauses, for scripts and workers: a signal aborts it only where it was aborted from inside. */
export function minimizeSync<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<State>,
): Result<State>;
/** Of one of several methods. */
export function minimizeSync(
  optimizer: Optimizer,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<OptimizerState>,
): Result;
export function minimizeSync<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options: MinimizeOptions<State> = {},
): Result<State> {
  const steps = iterations(optimizer, oracle, x0, options);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** The run as an async iterable: `for await (const iterate of iterate(...))`; what it returns is the result. */
export function iterate<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<State>,
): AsyncGenerator<Iterate<State>, Result<State>, void>;
/** Of one of several methods. */
export function iterate(
  optimizer: Optimizer,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options?: MinimizeOptions<OptimizerState>,
): AsyncGenerator<Iterate, Result, void>;
export async function* iterate<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options: MinimizeOptions<State> = {},
): AsyncGenerator<Iterate<State>, Result<State>, void> {
  const steps = iterations(optimizer, oracle, x0, options);
  let pauseAt = performance.now() + slice;
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    yield next.value;
    if (performance.now() > pauseAt) {
      await pause();
      pauseAt = performance.now() + slice;
    }
  }
}

/** Milliseconds between pauses. */
const slice = 16;

function pause(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, 0));
}

/** The driver: yields the start and every iterate, returns the result. */
function* iterations<State extends OptimizerState>(
  optimizer: Optimizer<State>,
  oracle: Oracle | OracleAt,
  x0: ArrayLike<number>,
  options: MinimizeOptions<State> = {},
): Generator<Iterate<State>, Result<State>, void> {
  const run = new Run(optimizer, oracle, x0, options);
  let previous: State | undefined;
  let state: State;
  try {
    state = run.start(options.resume);
  } catch (error) {
    return run.stoppedAtStart(error);
  }
  for (;;) {
    const iterate = run.iterate(state, previous);
    yield iterate;
    const isAskedToStop = options.onIterate?.(iterate) === true;
    const status = run.verdict(iterate, previous) ?? (isAskedToStop ? stoppedByCaller : undefined);
    if (status) return run.result(status, state, iterate.last, messageOf(status, optimizer, state, previous));
    let outcome: ReturnType<Optimizer<State>["step"]>;
    try {
      outcome = run.step(state, previous);
    } catch (error) {
      return run.stopped(error, state, iterate.last);
    }
    if (!outcome.ok) {
      return run.result(statusOf(outcome.why), outcome.state, iterate.last, outcome.why.message);
    }
    previous = state;
    state = outcome.state;
  }
}

const stoppedByCaller: Status = { kind: "aborted", reason: "onIterate asked to stop" };
