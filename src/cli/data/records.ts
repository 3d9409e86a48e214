import { isRecord } from "../../ir/arguments/arguments.ts";
import { type CellOptions, type Column, ColumnBuilder } from "./column.ts";
import type { Chooser, Table } from "./table.ts";

/** True for JSON that is a list of rows, each with its cells by name. */
export function isRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord);
}

/** Records as a table: a cell that is null, or not there, is missing. */
export function recordsTable(
  file: string,
  records: readonly Readonly<Record<string, unknown>>[],
  cells: CellOptions,
  asLabels: ReadonlySet<string>,
  choose: Chooser,
): Table {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const place = (row: number) => `${file}, record ${row}`;
  const columns = new Map<number, Column>();
  for (const position of new Set(choose(names, true))) {
    const name = names[position]!;
    const builder = new ColumnBuilder(name, { ...cells, decimalComma: false }, asLabels.has(name));
    for (const [row, record] of records.entries()) {
      const cell = Object.hasOwn(record, name) ? record[name] : null;
      builder.add(cell === null ? "" : String(cell), () => place(row));
    }
    columns.set(position, builder.finish());
  }
  return { file, names, hasHeader: true, rows: records.length, columns, place };
}
