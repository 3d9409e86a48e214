import type { DeclaredData } from "../../build/model.ts";
import { DataError, nearestName, UsageError } from "../../ir/errors.ts";
import { givenOnce } from "../arguments.ts";
import { listed } from "./choose-columns.ts";
import { type Column, commaNote, hasDecimalComma } from "./column.ts";
import { codesFor, type Encoding, encode, labelOption } from "./encoding.ts";
import type { Table } from "./table.ts";

/** A column as numbers, with the numbers of its labels where it holds such. */
interface Numbers {
  readonly values: Float64Array;
  readonly codes?: ReadonlyMap<string, number>;
}

/** Reads columns as numbers: labels by the numbers that the user, or the fit, gives them. */
export class LabelReader {
  /** As `--labels` was given. */
  private readonly codes: ReadonlyMap<string, ReadonlyMap<string, number> | undefined>;
  private readonly saved: Readonly<Record<string, Encoding>>;
  /** The names among those that some column was read by, and the columns that were read. */
  private readonly used = new Set<string>();
  private readonly columnsRead = new Set<string>();

  constructor(options: readonly string[], saved: Readonly<Record<string, Encoding>> = {}) {
    this.codes = givenOnce("--labels", options.map(labelOption));
    this.saved = saved;
  }

  /** Columns that hold labels by what the user says, or by what the fit says. */
  columns(): Set<string> {
    const saved = Object.values(this.saved).flatMap(({ labels, columns }) => (labels ? (columns ?? []) : []));
    return new Set([...this.codes.keys(), ...saved]);
  }

  /** A column as numbers for data of the model. Throws DataError for text that is no label. */
  numbers(target: DeclaredData, column: Column, table: Table): Numbers {
    const { name } = target;
    this.columnsRead.add(column.name);
    if (!column.labels) return { values: column.values };
    const named = [column.name, name].filter((each) => this.codes.has(each));
    for (const each of named) this.used.add(each);
    const saved = this.saved[name]?.labels;
    const problem = named.length > 0 ? undefined : problemOf(target, column, { table, isSaved: saved !== undefined });
    if (problem) {
      const where = `column "${column.name}" of ${table.file}`;
      throw new DataError(`"${name}" needs numbers, and ${where} holds ${problem.held}.`, { notes: problem.notes });
    }
    const given = named.map((each) => this.codes.get(each)).find((codes) => codes);
    const codes = saved ? new Map(Object.entries(saved)) : (given ?? codesFor(column.labels));
    return { values: encode(column, codes, table.place), codes };
  }

  /** Throws UsageError for labels that nothing was read by: the numbers would be others than were asked for. */
  requireUsed(): void {
    const unused = [...this.codes.keys()].find((name) => !this.used.has(name));
    if (unused === undefined) return;
    const near = nearestName(unused, this.columnsRead);
    throw new UsageError(`--labels ${unused}: no column of that name is read as labels.`, {
      notes: [near ? `Did you mean "${near}"?` : `The columns read are ${listed([...this.columnsRead]) || "none"}.`],
    });
  }
}

interface Problem {
  readonly held: string;
  readonly notes: readonly string[];
}

/** What is wrong with a column of text that nobody said holds labels. */
function problemOf(
  { name, expr }: DeclaredData,
  column: Column,
  { table, isSaved }: { readonly table: Table; readonly isSaved: boolean },
): Problem | undefined {
  const labels = column.labels!;
  const example = `text such as ${JSON.stringify(labels[0] ?? "")}`;
  const option = `--labels ${column.name}.`;
  if (expr.shape.length === 2) {
    const choice = `Choose the columns: --data ${name}=${table.file}:FIRST..LAST`;
    return { held: example, notes: [`${choice}, or give the text numbers: ${option}`] };
  }
  if (isSaved) return undefined;
  const asLabels = `If they are labels, say so: ${option}`;
  if (labels.length > 0 && labels.every(hasDecimalComma)) return { held: example, notes: [commaNote, asLabels] };
  if (expr.dtype !== "real" || !areNoClasses(column)) return undefined;
  return { held: `${labels.length} different texts`, notes: [asLabels] };
}

/** Many texts in a column, or another one in each of its rows as with dates, are rather a mistake than classes. */
function areNoClasses({ labels = [], values, missing }: Column): boolean {
  return labels.length > 100 || (labels.length > 4 && labels.length === values.length - missing.length);
}
