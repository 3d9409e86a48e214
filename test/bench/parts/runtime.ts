import { nablaContenders } from "../contenders/nabla.ts";
import { nativeRows } from "../contenders/native.ts";
import { loadPeers } from "../contenders/peers/installed.ts";
import { tapeContenders } from "../contenders/tape.ts";
import { type Contender, compare, deviation, type Effort, type Timing } from "../measure/measure.ts";
import { isForPeers, type Task, type Vectors, vectorsOf } from "../tasks/tasks.ts";

export type Quantity = "lossAndGradient" | "hvp";

/** One line of a table: a time beside the hand-written version's, and how far the result is from its. */
export type Row = Partial<Timing> & {
  readonly name: string;
  readonly deviation?: number;
  /** What it threw. */
  readonly failure?: string;
};

export interface TaskResult {
  readonly task: string;
  readonly rows: Readonly<Record<Quantity, readonly Row[]>>;
}

/** Beyond this a result is wrong, in float32 too. */
export const wrongFrom = 1e-3;

/** How far nabla and the hand-written versions may be apart: rounding, in another order of summation. */
const agreement = 1e-10;

/**
 * Times everything that computes a task, warm; best in a process of its own. Throws when nabla and the hand-written
 * versions disagree.
 */
export async function measureTask(task: Task, effort: Effort): Promise<TaskResult> {
  // the same arrays for all: where they lie in memory, relative to each other, moves times by a third
  const vectors = vectorsOf(task);
  const hand = handContenders(task, vectors);
  const nabla = nablaContenders(task, vectors);
  const tape = tapeContenders(task, vectors);
  const own = (quantity: Quantity) => rowsOf([...hand[quantity], ...nabla[quantity], ...tape[quantity]], effort);
  const rows = { lossAndGradient: own("lossAndGradient"), hvp: own("hvp") };
  for (const row of [...rows.lossAndGradient, ...rows.hvp]) {
    if (!(row.deviation! <= agreement)) {
      throw new Error(`${task.name}: ${row.name} differs by ${row.failure ?? row.deviation} from the first by hand.`);
    }
  }
  if (!isForPeers(task)) return { task: task.name, rows };
  const { x, v, g, h } = vectors;
  const loss = task.hand[0]!.lossAndGradient(x, g);
  task.hand[0]!.hvp(x, v, h);
  const unit = { lossAndGradient: rows.lossAndGradient[0]!.microseconds!, hvp: rows.hvp[0]!.microseconds! };
  const native = nativeRows(task, vectors, effort, unit, { lossAndGradient: [loss, ...g], hvp: [...h] });
  for (const quantity of ["lossAndGradient", "hvp"] as const) {
    const row = native?.[quantity];
    if (!row) continue;
    if (!(row.deviation! <= agreement)) throw new Error(`${task.name}: ${row.name} differs by ${row.deviation}.`);
    rows[quantity].push(row);
  }
  // peers come last: some replace built-in functions when they are loaded
  for (const peer of await loadPeers()) {
    const offered = await peer.contenders(task);
    for (const quantity of ["lossAndGradient", "hvp"] as const) {
      // each peer beside the unit alone: their memory and threads disturb nobody else
      rows[quantity].push(...rowsOf([hand[quantity][0]!, ...offered[quantity]], effort).slice(1));
    }
  }
  return { task: task.name, rows };
}

function handContenders(task: Task, vectors: Vectors): Record<Quantity, Contender[]> {
  const of = (make: (hand: Task["hand"][number]) => Contender) => task.hand.map(make);
  return {
    lossAndGradient: of(({ name, lossAndGradient }) => {
      let loss = Number.NaN;
      const run = () => {
        loss = lossAndGradient(vectors.x, vectors.g);
      };
      return { name, run, result: () => [loss, ...vectors.g] };
    }),
    hvp: of(({ name, hvp }) => ({
      name,
      run: () => hvp(vectors.x, vectors.v, vectors.h),
      result: () => vectors.h,
    })),
  };
}

/** The first contender is the unit and the reference; those that throw or are wrong are not timed. */
function rowsOf(contenders: readonly Contender[], effort: Effort): Row[] {
  const untimed = new Map<string, Row>();
  const deviations = new Map<string, number>();
  let reference: ArrayLike<number> | undefined;
  for (const { name, run, result } of contenders) {
    try {
      run();
      const values = Array.from(result());
      reference ??= values;
      const apart = deviation(values, reference);
      deviations.set(name, apart);
      if (!(apart <= wrongFrom)) untimed.set(name, { name, deviation: apart });
    } catch (error) {
      untimed.set(name, { name, failure: String(error).split("\n")[0]! });
    }
  }
  const timings = compare(
    contenders.filter(({ name }) => !untimed.has(name)),
    effort,
  );
  return contenders.map(({ name }) => {
    const timing = timings.find((candidate) => candidate.name === name);
    return timing ? { ...timing, deviation: deviations.get(name)! } : untimed.get(name)!;
  });
}
