import type { Contender } from "../../measure/measure.ts";
import type { PeerTask } from "../../tasks/tasks.ts";
import type { CnnData } from "../hand/cnn.ts";
import type { LayoutData } from "../hand/layout.ts";

/** A system that nabla is compared with. */
export interface Peer {
  readonly name: string;
  /** What it offers for a task. Several ways to one result are several contenders. */
  contenders(
    task: PeerTask,
  ): Promise<{ readonly lossAndGradient: readonly Contender[]; readonly hvp: readonly Contender[] }>;
}

/** The windows of a convolution of 3 x 3 with stride 2, one a row: the convolution is then a product with the filters. */
export function patchesOf({ images, rows, pixels }: CnnData): { patches: Float64Array; count: number } {
  const side = Math.floor((pixels - 3) / 2) + 1;
  const patches = new Float64Array(rows * side * side * 9);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    for (let x = 0; x < side; x++) {
      for (let y = 0; y < side; y++) {
        for (let u = 0; u < 9; u++) {
          patches[at++] = images[(i * pixels + 2 * x + Math.floor(u / 3)) * pixels + 2 * y + (u % 3)]!;
        }
      }
    }
  }
  return { patches, count: side * side };
}

/** A row for each spring with 1 and -1 at its points: times the coordinates, the differences. */
export function differencesOf({ points, first, second }: LayoutData): Float64Array {
  const matrix = new Float64Array(first.length * points);
  for (const [k, at] of first.entries()) {
    matrix[k * points + at] = 1;
    matrix[k * points + second[k]!] = -1;
  }
  return matrix;
}

/** Labels as rows of zeros with a one. */
export function oneHot(label: Int32Array, classes: number): Float64Array {
  const rows = new Float64Array(label.length * classes);
  for (const [row, at] of label.entries()) rows[row * classes + at] = 1;
  return rows;
}
