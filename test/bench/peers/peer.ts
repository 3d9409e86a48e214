import type { Contender } from "../measure.ts";
import type { Task } from "../tasks.ts";

/** A system that nabla is compared with. */
export interface Peer {
  readonly name: string;
  /** What it offers for a task. Several ways to one result are several contenders. */
  contenders(
    task: Task,
  ): Promise<{ readonly lossAndGradient: readonly Contender[]; readonly hvp: readonly Contender[] }>;
}

/** Labels as rows of zeros with a one. */
export function oneHot(label: Int32Array, classes: number): Float64Array {
  const rows = new Float64Array(label.length * classes);
  for (const [row, at] of label.entries()) rows[row * classes + at] = 1;
  return rows;
}
