import type { CompilableModel } from "../../../compile/compile.ts";
import { counted } from "../../../ir/counted.ts";
import { DataError, UsageError } from "../../../ir/errors.ts";
import { Integer } from "../../../ir/integer.ts";
import { permute } from "../../../numeric/random.ts";
import type { Filled } from "../../data/read.ts";

/** Rows of the data, drawn anew in each epoch: step t has the same rows whenever it is run. */
export class Batches {
  /** The size that counts the rows. */
  readonly sizeName: string;
  readonly rows: number;
  readonly batch: number;
  private readonly parts: readonly { readonly filled: Filled; readonly width: number; readonly into: Float64Array }[];
  private readonly order: Int32Array;
  private readonly seed: number;
  private epoch = -1;

  /** Throws UsageError and DataError where the data have no rows to draw from. */
  constructor(model: CompilableModel, filled: readonly Filled[], batch: number, seed: number) {
    this.sizeName = leadingSize(model, filled);
    this.seed = seed;
    const leading = filled.filter(({ name }) => axesOf(model, name, this.sizeName).length > 0);
    for (const { name } of leading) {
      if (axesOf(model, name, this.sizeName).join() === "0") continue;
      throw new DataError(
        `"${name}" has ${this.sizeName} along an axis that is not its first: it cannot be cut into batches.`,
      );
    }
    const parameter = model.parameters.find(({ expr }) =>
      expr.shape.some((size) => size.names().includes(this.sizeName)),
    );
    if (parameter)
      throw new UsageError(
        `--batch: "${parameter.name}" has one part for each row (${this.sizeName}): every step needs all rows.`,
      );
    this.rows = leading[0]!.shape[0]!;
    if (batch > this.rows) throw new UsageError(`--batch ${batch}: the data have ${counted(this.rows, "row")}.`);
    this.batch = batch;
    this.parts = leading.map((each) => {
      const width = each.shape.slice(1).reduce((product, size) => product * size, 1);
      return { filled: each, width, into: new Float64Array(batch * width) };
    });
    this.order = new Int32Array(this.rows);
  }

  /** Steps until every row has been used once; a remainder smaller than a batch waits for the next epoch. */
  get stepsPerEpoch(): number {
    return Math.floor(this.rows / this.batch);
  }

  /** The rows of step t, counted from 0, as data by name. The arrays are filled anew at the next call. */
  at(step: number): Record<string, { data: Float64Array; shape: readonly number[] }> {
    const { batch, order, stepsPerEpoch } = this;
    const epoch = Math.floor(step / stepsPerEpoch);
    if (epoch !== this.epoch) permute(order, this.seed, epoch);
    this.epoch = epoch;
    const from = (step % stepsPerEpoch) * batch;
    for (const { filled, width, into } of this.parts) {
      for (let i = 0; i < batch; i++) {
        const row = order[from + i]! * width;
        for (let j = 0; j < width; j++) into[i * width + j] = filled.data[row + j]!;
      }
    }
    return Object.fromEntries(
      this.parts.map(({ filled, into }) => [filled.name, { data: into, shape: [batch, ...filled.shape.slice(1)] }]),
    );
  }
}

/** The axes of a tensor whose extent is the size itself. */
function axesOf({ data }: CompilableModel, name: string, size: string): number[] {
  const { expr } = data.find((each) => each.name === name)!;
  return expr.shape.flatMap((extent, axis) => (extent.names().includes(size) ? [axis] : []));
}

/** The first size of most data; of several, that of the largest. */
function leadingSize(model: CompilableModel, filled: readonly Filled[]): string {
  const [largest] = rowsBySize(model, filled);
  if (!largest) throw new UsageError("--batch: no data have rows: none begins with a size of its own name.");
  return largest[0];
}

/** How many rows the data have; undefined where none begins with a size. */
export function leadingRows(model: CompilableModel, filled: readonly Filled[]): number | undefined {
  return rowsBySize(model, filled)[0]?.[1];
}

/** The sizes that data begin with, the largest first. */
function rowsBySize(model: CompilableModel, filled: readonly Filled[]): [string, number][] {
  const sizes = new Map<string, number>();
  for (const { name, shape } of filled) {
    const [first] = model.data.find((each) => each.name === name)!.expr.shape;
    const names = first?.names() ?? [];
    if (first && names.length === 1 && Integer.named(names[0]!).equals(first)) sizes.set(names[0]!, shape[0]!);
  }
  return [...sizes].sort(([, a], [, b]) => b - a);
}
