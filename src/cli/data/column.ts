import { DataError } from "../../ir/errors.ts";
import { shellWord } from "../terminal/shell.ts";

/** A column of a table: numbers, or labels as positions in the list of those that occur. NaN where a cell is missing. */
export interface Column {
  readonly name: string;
  readonly values: Float64Array;
  /** Absent for numbers. In order of appearance. */
  readonly labels: readonly string[] | undefined;
  /** Rows whose cell is missing, in order. */
  readonly missing: readonly number[];
}

/** What cells may say in place of a value. */
const missingWords: ReadonlySet<string> = new Set([
  "",
  "NA",
  "N/A",
  "n/a",
  "na",
  "NaN",
  "nan",
  "NAN",
  "null",
  "NULL",
  "?",
  ".",
]);

export interface CellOptions {
  /** Words for a missing value beside the usual ones. */
  readonly missing: ReadonlySet<string>;
  /** 1,5 is one and a half. */
  readonly decimalComma: boolean;
}

interface Cell {
  readonly text: string;
  readonly place: string;
}

/** Collects the cells of one column. The first cell that is not missing decides what it holds. */
export class ColumnBuilder {
  readonly name: string;
  private readonly options: CellOptions;
  private readonly missing: number[] = [];
  private values = new Float64Array(256);
  private length = 0;
  private codes: Map<string, number> | undefined;
  private isNumeric = false;
  /** Where labels began, where nobody asked for them. */
  private firstLabel: Cell | undefined;

  /** `asLabels`: numbers in the column are words too. */
  constructor(name: string, options: CellOptions, asLabels: boolean) {
    this.name = name;
    this.options = options;
    if (asLabels) this.codes = new Map();
  }

  /** Adds a cell. `place` names it in errors. Throws DataError for text among numbers, or numbers among text. */
  add(cell: string, place: () => string): void {
    const isAsked = this.codes && !this.firstLabel;
    const value = isAsked ? Number.NaN : numberIn(cell, this.options.decimalComma);
    if (!Number.isNaN(value)) {
      if (this.firstLabel) throw notALabel(this.name, this.firstLabel, { text: cell.trim(), place: place() });
      this.isNumeric = true;
      this.push(value);
      return;
    }
    const text = cell.trim();
    if (missingWords.has(text) || this.options.missing.has(text)) {
      this.missing.push(this.length);
      this.push(Number.NaN);
      return;
    }
    if (this.isNumeric) throw notANumber(this.name, text, place());
    if (!this.codes) {
      this.codes = new Map();
      this.firstLabel = { text, place: place() };
    }
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.codes.size;
      this.codes.set(text, code);
    }
    this.push(code);
  }

  finish(): Column {
    const { name, missing } = this;
    const labels = this.codes && [...this.codes.keys()];
    return { name, values: this.values.slice(0, this.length), labels, missing };
  }

  private push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }
}

const zero = 48;
const nine = 57;

/** The number that a cell spells; NaN for anything else. Hexadecimal and the like are no numbers here. */
export function numberIn(cell: string, decimalComma = false): number {
  const first = cell.charCodeAt(0);
  const isPlain = first >= zero && first <= nine;
  // digits, signs, a point, space: what else a number begins with is text
  if (!isPlain && !/^\s*[-+.\d]/.test(cell)) return infinityIn(cell);
  const value = Number(decimalComma ? cell.replace(",", ".") : cell);
  if (Number.isNaN(value)) return infinityIn(cell);
  return first === zero && /[xob]/i.test(cell) ? Number.NaN : value;
}

function infinityIn(cell: string): number {
  const match = /^\s*([-+]?)inf(inity)?\s*$/i.exec(cell);
  if (!match) return Number.NaN;
  return match[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Is it a number to people who write a comma before the fraction? */
export const hasDecimalComma = (text: string): boolean => /^\s*[-+]?\d*,\d+(e[-+]?\d+)?\s*$/i.test(text);

export const commaNote = "Write --decimal-comma where a comma stands before the fraction.";

function notANumber(column: string, text: string, place: string): DataError {
  const shown = JSON.stringify(text.slice(0, 40));
  return new DataError(`${place}: column "${column}" holds numbers, and here ${shown}.`, {
    notes: [
      hasDecimalComma(text)
        ? commaNote
        : `Correct the cell, name it as a word for missing values (--missing ${shellWord(text)}), or take the column as labels (--labels ${shellWord(column)}).`,
    ],
  });
}

/** The number may be right and the text before it wrong: both are named. */
function notALabel(column: string, first: Cell, number: Cell): DataError {
  const shown = JSON.stringify(first.text.slice(0, 40));
  return new DataError(
    `${number.place}: column "${column}" has the number ${number.text}, and a text at ${first.place}, ${shown}.`,
    {
      notes: [
        `Correct the text, name it as a word for missing values (--missing ${shellWord(first.text)}), or take the column as labels (--labels ${shellWord(column)}).`,
      ],
    },
  );
}
