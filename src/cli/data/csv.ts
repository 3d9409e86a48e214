import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import Papa from "papaparse";
import { counted } from "../../ir/counted.ts";
import { DataError, UsageError } from "../../ir/errors.ts";
import { fileError } from "../files/files.ts";
import type { Io } from "../terminal/io.ts";
import { type CellOptions, ColumnBuilder, numberIn } from "./column.ts";
import type { Chooser, Table } from "./table.ts";

export interface CsvOptions extends CellOptions {
  /** Default: found from the first rows. */
  readonly separator: string | undefined;
  /** Default: the first row is a header unless one of its cells is a number. */
  readonly header: "yes" | "no" | undefined;
  /** Columns whose numbers are labels. */
  readonly asLabels: ReadonlySet<string>;
}

/**
 * Reads text with separators (RFC 4180 and its relatives: other separators, CRLF, a byte order mark, quoted newlines)
 * as a stream: only the numbers of the chosen columns stay in memory. Throws DataError for rows of uneven length, cells
 * of the wrong kind, bad quotes and empty files; each names its line.
 */
export async function readCsv(file: string, io: Io, options: CsvOptions, choose: Chooser): Promise<Table> {
  const pieces = textOf(file, io);
  const first = await pieces.next();
  const start = first.done ? "" : first.value;
  const delimiter = options.separator ?? separatorOf(start);
  const reader = new CsvReader(file === "-" ? "stdin" : file, { ...options, separator: delimiter }, choose);
  const text = Readable.from(
    (async function* () {
      yield start;
      yield* pieces;
    })(),
  );
  await new Promise<void>((done, fail) => {
    let failure: unknown;
    Papa.parse<string[]>(text, {
      delimiter,
      chunk: (results, parser) => {
        try {
          reader.take(results.data, results.errors);
        } catch (error) {
          failure = error;
          parser.abort();
        }
      },
      complete: () => (failure === undefined ? done() : fail(failure)),
      error: fail,
    });
  });
  return reader.finish();
}

/** The sign that cuts the first rows into the most cells of one number; spaces where none does, or else a comma. */
function separatorOf(start: string): string {
  const scores = [",", ";", "\t", "|"].map((delimiter) => {
    const { data } = Papa.parse<string[]>(start, { delimiter, preview: 50 });
    // the last row may be cut off
    const rows = data.length > 2 ? data.slice(0, -1) : data;
    const widths = rows.filter((cells) => cells.length > 1 || cells[0] !== "").map((cells) => cells.length);
    const even = widths.filter((width) => width === widths[0]).length / Math.max(1, widths.length);
    return { delimiter, score: (widths[0] ?? 0) > 1 ? even + Math.min(widths[0]!, 1000) / 1e6 : 0 };
  });
  const best = scores.reduce((best, each) => (each.score > best.score ? each : best));
  return best.score === 0 && isSpaced(start) ? " " : best.delimiter;
}

/** True of rows of as many words each, with a number in all but the first: columns between spaces. */
function isSpaced(start: string): boolean {
  const lines = start.split(/\r\n?|\n/);
  // the last line may be cut off
  const rows = (lines.length > 2 ? lines.slice(0, -1) : lines).slice(0, 50).flatMap((line) => {
    const words = wordsIn(line.split(" "));
    return words.length > 0 ? [words] : [];
  });
  const width = rows[0]?.length ?? 0;
  return (
    width > 1 &&
    rows.every((words, k) => words.length === width && (k === 0 || words.some((word) => !Number.isNaN(numberIn(word)))))
  );
}

/** What stands between spaces, one or several. */
const wordsIn = (cells: readonly string[]) => cells.filter((cell) => cell !== "");

class CsvReader {
  private readonly file: string;
  private readonly options: CsvOptions;
  private readonly choose: Chooser;
  private names: string[] | undefined;
  private hasHeader = false;
  private builders: { readonly position: number; readonly builder: ColumnBuilder }[] = [];
  private line = 1;
  private row = 0;
  /** Rows from which on the line is ahead of the row by another number. */
  private readonly shifts: { readonly row: number; readonly by: number }[] = [];

  constructor(file: string, options: CsvOptions, choose: Chooser) {
    this.file = file;
    this.options = options;
    this.choose = choose;
  }

  take(rows: readonly (readonly string[])[], faults: readonly Papa.ParseError[]): void {
    const fault = faults.find(({ type }) => type === "Quotes");
    for (const [k, cells] of rows.entries()) {
      if (fault && (fault.row ?? 0) <= k) break;
      this.takeRow(cells);
    }
    if (fault) throw new DataError(`${this.place(this.line)}: a quote is not closed, or stands within a cell.`);
  }

  finish(): Table {
    if (!this.names) throw new DataError(`${this.file} is empty: it has no rows.`);
    if (this.row === 0) throw new DataError(`${this.file} has a header and no rows of data.`);
    const { file, names, hasHeader, shifts } = this;
    return {
      file,
      names,
      hasHeader,
      rows: this.row,
      columns: new Map(this.builders.map(({ position, builder }) => [position, builder.finish()])),
      place: (row) => this.place(row + (shifts.filter((shift) => shift.row <= row).at(-1)?.by ?? 0)),
    };
  }

  private takeRow(given: readonly string[]): void {
    const { line } = this;
    const cells = this.options.separator === " " ? wordsIn(given) : given;
    this.line++;
    for (const cell of cells) {
      // only quoted cells hold newlines
      for (let at = cell.indexOf("\n"); at >= 0; at = cell.indexOf("\n", at + 1)) this.line++;
    }
    if (cells.length === 0 || (cells.length === 1 && cells[0]!.trim() === "")) return;
    if (!this.names) {
      this.start(cells);
      if (this.hasHeader) return;
    }
    this.checkWidth(cells.length, line);
    if (this.row === 0) this.build(this.names!);
    const place = () => this.place(line);
    if (this.shifts.at(-1)?.by !== line - this.row) this.shifts.push({ row: this.row, by: line - this.row });
    for (const { position, builder } of this.builders) builder.add(cells[position] ?? "", place);
    this.row++;
  }

  /** The names of the columns, from the first row. */
  private start(cells: readonly string[]): void {
    const { header, decimalComma } = this.options;
    this.hasHeader =
      header === undefined ? !cells.some((cell) => !Number.isNaN(numberIn(cell, decimalComma))) : header === "yes";
    this.names = this.hasHeader ? cells.map((cell) => cell.trim()) : cells.map((_, position) => String(position));
  }

  private build(names: readonly string[]): void {
    this.builders = [...new Set(this.choose(names, this.hasHeader))].map((position) => {
      const name = names[position]!;
      const builder = new ColumnBuilder(name, this.options, this.options.asLabels.has(name));
      return { position, builder };
    });
  }

  private checkWidth(width: number, line: number): void {
    const names = this.names!;
    if (width === names.length) return;
    // a separator at the end of the header alone is no column
    if (this.row === 0 && this.hasHeader && names.at(-1) === "" && width === names.length - 1) {
      this.names = names.slice(0, -1);
      return;
    }
    const what = this.hasHeader ? "the header" : "the first row";
    throw new DataError(`${this.place(line)}: this row has ${counted(width, "cell")}, ${what} has ${names.length}.`, {
      notes: ["A cell that holds the separator or a newline stands in quotes."],
    });
  }

  private place(line: number): string {
    return `${this.file}:${line}`;
  }
}

/** The characters at the start are together, so that the separator can be told from whole rows. */
const firstPiece = 50_000;

/** The text of a file in pieces. Throws UsageError where it cannot be read, and for bytes that are not UTF-8. */
async function* textOf(file: string, io: Io): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let start: string | undefined = "";
  const bytes: AsyncIterable<Uint8Array> =
    file === "-" ? io.input : createReadStream(resolve(io.folder, file), { highWaterMark: 1 << 18 });
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      const hint = 'Save it as UTF-8: spreadsheets call it "CSV UTF-8".';
      throw new UsageError(`cannot read ${file}: it is not UTF-8 text.`, { notes: [hint] });
    }
  };
  try {
    for await (const chunk of bytes) {
      const text = decode(chunk);
      if (start === undefined) yield text;
      else {
        start += text;
        if (start.length < firstPiece) continue;
        yield start;
        start = undefined;
      }
    }
  } catch (error) {
    throw error instanceof UsageError ? error : fileError("read", file, error);
  }
  const rest = (start ?? "") + decode();
  if (rest !== "") yield rest;
}
