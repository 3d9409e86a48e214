import { DataError, UsageError } from "../../ir/errors.ts";
import { givenOnce } from "../arguments.ts";
import type { Column } from "./column.ts";

/** How a tensor was made from columns: what a later prediction must repeat. */
export interface Encoding {
  /** Names of the columns; absent where the file has no header, or the tensor comes from no table. */
  readonly columns?: readonly string[];
  readonly positions?: readonly number[];
  /** The number that stands for each label. */
  readonly labels?: Readonly<Record<string, number>>;
  /** (x - mean) / scale, by column. */
  readonly standardise?: Standardisation;
}

export interface Standardisation {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** Codes for labels: as given, else 0, 1, ... in their order, by number where all are numbers. */
export function codesFor(labels: readonly string[]): Map<string, number> {
  const areNumbers = labels.every((label) => label.trim() !== "" && Number.isFinite(Number(label)));
  const ordered = [...labels].sort(
    areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  );
  return new Map(ordered.map((label, code) => [label, code]));
}

/** The column as numbers by these codes; a missing cell stays NaN. Throws DataError for a label without a code. */
export function encode(
  column: Column,
  codes: ReadonlyMap<string, number>,
  place: (row: number) => string,
): Float64Array {
  const numbers = column.labels!.map((label) => codes.get(label));
  return column.values.map((value, row) => {
    if (Number.isNaN(value)) return value;
    const code = numbers[value];
    if (code !== undefined) return code;
    const label = column.labels![value]!;
    throw new DataError(
      `${place(row)}: column "${column.name}" has the label ${JSON.stringify(label)}, which has no code.`,
      {
        notes: [
          `The codes are ${[...codes]
            .slice(0, 12)
            .map(([known, code]) => `${known} = ${code}`)
            .join(", ")}.`,
        ],
      },
    );
  });
}

/**
 * Mean and standard deviation (of the population) of each column of a row-major [rows, width]. A column that does not
 * vary has scale 1; its positions come with it.
 */
export function standardisationOf(data: Float64Array, width: number): { made: Standardisation; constant: number[] } {
  const rows = width === 0 ? 0 : data.length / width;
  const mean = new Array<number>(width).fill(0);
  const scale = new Array<number>(width).fill(1);
  const constant: number[] = [];
  for (let j = 0; j < width; j++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const x = data[i * width + j]!;
      low = Math.min(low, x);
      high = Math.max(high, x);
      sum += x;
    }
    mean[j] = sum / rows;
    if (!(low < high)) {
      mean[j] = low;
      constant.push(j);
      continue;
    }
    let square = 0;
    for (let i = 0; i < rows; i++) square += (data[i * width + j]! - mean[j]!) ** 2;
    scale[j] = Math.sqrt(square / rows);
  }
  return { made: { mean, scale }, constant };
}

/** (x - mean) / scale by column, in place. */
export function standardise(data: Float64Array, { mean, scale }: Standardisation): void {
  const width = mean.length;
  for (let at = 0; at < data.length; at++) data[at] = (data[at]! - mean[at % width]!) / scale[at % width]!;
}

/** What `--labels` says: a column, and the numbers of its labels where they are given. Throws UsageError. */
export function labelOption(text: string): [string, ReadonlyMap<string, number> | undefined] {
  const at = text.indexOf("=");
  if (at < 0) return [text, undefined];
  const codes = text
    .slice(at + 1)
    .split(",")
    .map((pair): [string, number] => {
      const colon = pair.lastIndexOf(":");
      const number = pair.slice(colon + 1);
      if (colon < 0 || number.trim() === "" || !Number.isFinite(Number(number)))
        throw new UsageError(`--labels ${text}: needs LABEL:NUMBER, got "${pair}".`, {
          notes: ["As in: --labels y=no:-1,yes:1."],
        });
      return [pair.slice(0, colon).trim(), Number(number)];
    });
  return [text.slice(0, at), givenOnce(`--labels ${text}:`, codes)];
}
