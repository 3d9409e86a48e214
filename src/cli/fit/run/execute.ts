import { counted } from "../../../ir/counted.ts";
import { UsageError } from "../../../ir/errors.ts";
import type { Vector } from "../../../numeric/vectors.ts";
import type { Iterate } from "../../../optimize/driver/run.ts";
import { wholeNumber } from "../../arguments.ts";
import type { Call } from "../../command.ts";
import { shortNumber } from "../../eval/show.ts";
import { type fitOptions, limitsIn, tolerancesIn } from "../options.ts";
import { identityOf, type Plan, type Way } from "../plan/plan.ts";
import { randomStart } from "../plan/starts.ts";
import { CheckpointFile, type SavedRun } from "./checkpoint.ts";
import type { History } from "./history.ts";
import { type Outcome, runMethod } from "./runs.ts";

/** What was run: one start, several, or several methods. */
export interface Runs {
  readonly kind: "starts" | "methods";
  readonly titles: readonly string[];
  readonly outcomes: readonly Outcome[];
  /** Said about the checkpoint, where it could not be written. */
  readonly failure: string | undefined;
}

/** One minimisation of those that were asked for. */
interface Task {
  readonly way: Way;
  readonly title: string;
  readonly start: Vector;
}

/**
 * Runs everything that was asked for, one after the other, until it is done or interrupted. Throws UsageError for options that do
 * not go together.
 */
export async function execute(
  plan: Plan,
  signal: AbortSignal,
  { io, progress, options }: Call<typeof fitOptions>,
): Promise<Runs> {
  const count = options.starts === undefined ? 1 : wholeNumber("--starts", options.starts, 1);
  const isRace = plan.ways.length > 1;
  if (isRace && (count > 1 || options.checkpoint !== undefined))
    throw new UsageError("--compare goes neither with --starts nor with --checkpoint.");
  const file = options.checkpoint === undefined ? undefined : new CheckpointFile(options.checkpoint, io);
  if (options.resume && !file) throw new UsageError("--resume needs the checkpoint to go on from: --checkpoint FILE.");
  const identity = file ? identityOf(plan, [options.tolerance, count]) : "";
  const saved = options.resume ? await file!.read(identity) : undefined;
  const tasks = tasksOf(plan, count);
  const outcomes: Outcome[] = [...(saved?.done ?? [])];
  for (let k = saved?.start ?? 0; k < tasks.length; k++) {
    // the first runs even so: it ends at once, with a status
    if (signal.aborted && outcomes.length > 0) break;
    const { way, title, start } = tasks[k]!;
    const where = tasks.length > 1 && !isRace ? `${title}, ` : "";
    let last: { readonly iterate: Iterate; readonly history: History } | undefined;
    const save = ({ iterate, history }: NonNullable<typeof last>) =>
      file?.write({
        problem: identity,
        done: outcomes,
        start: k,
        history: history.points,
        checkpoint: iterate.checkpoint(),
      });
    let shownAt = performance.now() - pause;
    const outcome = await runMethod({
      optimizer: way.optimizer,
      oracle: way.oracle,
      start,
      tolerances: tolerancesIn(options.tolerance),
      limits: limitsIn(options),
      signal,
      resume: saved?.start === k ? (saved satisfies SavedRun) : undefined,
      async watch(iterate, history) {
        last = { iterate, history };
        if (file?.isDue) save(last);
        if (performance.now() - shownAt < pause) return;
        shownAt = performance.now();
        await progress.step(liveText(iterate, way, where));
      },
    });
    if (last) save(last);
    outcomes.push(outcome);
  }
  return {
    kind: isRace ? "methods" : "starts",
    titles: tasks.slice(0, outcomes.length).map(({ title }) => title),
    outcomes,
    failure: file?.failure,
  };
}

/** Every method from the one start, or one method from as many starts: the first is the problem's, the others are random. */
function tasksOf({ problem, seed, ways }: Plan, starts: number): Task[] {
  const [way] = ways;
  if (ways.length > 1) return ways.map((way) => ({ way, title: way.method, start: problem.start }));
  return Array.from({ length: starts }, (_, k) => ({
    way: way!,
    title: k === 0 ? "the start" : `random start ${k}`,
    start: k === 0 ? problem.start : randomStart(problem.start, problem.box, seed, k),
  }));
}

/** Milliseconds between live lines. */
const pause = 100;

function liveText(
  { iteration, value, gradientNorm, metricNorm, evaluations }: Iterate,
  { method }: Way,
  where: string,
): string {
  const slope = Number.isNaN(metricNorm)
    ? `|g| ${gradientNorm.toExponential(2)}`
    : `|g|_M ${metricNorm.toExponential(2)}`;
  return `${where}${method} ${iteration}: loss ${shortNumber(value)}, ${slope}, ${counted(evaluations.gradient, "gradient")}`;
}
