import type { Column } from "./column.ts";

/** Named columns of one length, as a file holds them. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  /** All names in the file's order; without a header they are the positions. */
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  /** The columns that were asked for, by position. */
  readonly columns: ReadonlyMap<number, Column>;
  /** Where a row stands in the file, as errors print it. */
  readonly place: (row: number) => string;
}

/** Chooses the positions of the columns to read once the names are known. */
export type Chooser = (names: readonly string[], hasHeader: boolean) => readonly number[];
