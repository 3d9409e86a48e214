import type { DeclaredData } from "../../build/model.ts";
import type { CompilableModel } from "../../compile/compile.ts";
import { readTensor, unravel } from "../../compile/inputs/tensors.ts";
import { counted } from "../../ir/counted.ts";
import { DataError, nearestName, UsageError } from "../../ir/errors.ts";
import { InputReader, readJsonTensor } from "../eval/point.ts";
import { isJsonLines, readBytes, readJson, readJsonLines } from "../files/files.ts";
import type { Io } from "../terminal/io.ts";
import { columnsOf, columnsText, listed, matchColumns, type Names, type Wanted, wayOut } from "./choose-columns.ts";
import type { CellOptions, Column } from "./column.ts";
import type { CsvOptions } from "./csv.ts";
import { type Encoding, standardisationOf, standardise } from "./encoding.ts";
import { LabelReader } from "./labels.ts";
import { readNpy } from "./npy.ts";
import { isRecords, recordsTable } from "./records.ts";
import { type Source, sourceOf } from "./source.ts";
import type { Chooser, Table } from "./table.ts";

/** What the command line says of data. */
export interface DataRequest {
  /** As `--data` was given. */
  readonly sources: readonly string[];
  /** `COLUMN` or `COLUMN=LABEL:NUMBER,...` */
  readonly labels: readonly string[];
  /** Names of data. */
  readonly standardise: readonly string[];
  readonly dropMissing: boolean;
  readonly cells: CellOptions;
  readonly separator: string | undefined;
  readonly header: "yes" | "no" | undefined;
  /** Data that the model reads: without values for them there is nothing to compute. */
  readonly needed: ReadonlySet<string>;
  /** Data that have their values from elsewhere. */
  readonly given: ReadonlySet<string>;
  /** How the same data were made when the model was fitted. */
  readonly saved?: Readonly<Record<string, Encoding>> | undefined;
}

/** Values for one data of the model. */
export interface Filled {
  readonly name: string;
  readonly data: Float64Array;
  readonly shape: readonly number[];
  /** Where they come from, for people. */
  readonly from: string;
  readonly encoding: Encoding;
}

export interface DataRead {
  readonly filled: readonly Filled[];
  /** Sizes that a JSON file gives by name. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
  /** The files that the data came from. */
  readonly files: readonly string[];
}

type Tensor = Pick<Filled, "data" | "shape" | "encoding"> & { readonly what: string };

/** Reads every `--data` into tensors for the model's data. Throws UsageError and DataError: where, what, a way out. */
export async function readData(model: CompilableModel, request: DataRequest, io: Io): Promise<DataRead> {
  return new DataReader(model, request, io).read();
}

class DataReader {
  private readonly model: CompilableModel;
  private readonly request: DataRequest;
  private readonly io: Io;
  private readonly filled = new Map<string, Filled>();
  private readonly sizes = new Map<string, number>();
  private readonly warnings: string[] = [];
  private readonly labels: LabelReader;

  constructor(model: CompilableModel, request: DataRequest, io: Io) {
    this.model = model;
    this.request = request;
    this.io = io;
    this.labels = new LabelReader(request.labels, request.saved);
    const names = model.data.map(({ name }) => name);
    for (const name of request.standardise) {
      if (names.includes(name)) continue;
      const near = nearestName(name, names);
      throw new UsageError(`--standardise: the model has no data "${name}".`, {
        notes: [near ? `Did you mean "${near}"?` : `It has ${names.join(", ") || "none"}.`],
      });
    }
  }

  async read(): Promise<DataRead> {
    const { data } = this.model;
    const declared = data.map(({ name }) => name);
    const sources = this.request.sources.map((text) => sourceOf(text, declared, this.io));
    const targets = sources.flatMap(({ target }) => target ?? []);
    const twice = targets.find((name, k) => targets.indexOf(name) !== k);
    if (twice !== undefined) throw new UsageError(`--data gives "${twice}" twice.`);
    const files = new Map<string, Source[]>();
    for (const source of sources) files.set(source.file, [...(files.get(source.file) ?? []), source]);
    // what is named is settled first: the files without names serve what is left open
    const order = [...files].sort(([, a], [, b]) => Number(hasWhole(a)) - Number(hasWhole(b)));
    for (const [file, uses] of order) {
      if (uses[0]!.form === "npy") for (const { target } of uses) this.takeNpy(target!, file);
      else if (uses[0]!.form === "json") await this.takeJson(file, uses);
      else await this.takeTable(uses, (choose) => this.readCsv(file, choose));
    }
    const missing = data.filter(({ name }) => this.open(targets).some((each) => each.name === name && each.isNeeded));
    if (missing.length > 0) throw noValues(missing, sources);
    for (const name of this.request.standardise) {
      if (!this.filled.has(name)) throw new UsageError(`--standardise ${name}: no --data gives it.`);
    }
    this.labels.requireUsed();
    return {
      filled: [...this.filled.values()],
      sizes: this.sizes,
      warnings: this.warnings,
      files: [...files.keys()],
    };
  }

  private async readCsv(file: string, choose: Chooser): Promise<Table> {
    // loaded where it is needed: other commands start faster without it
    const { readCsv } = await import("./csv.ts");
    return readCsv(file, this.io, this.csvOptions(), choose);
  }

  private csvOptions(): CsvOptions {
    const { cells, separator, header } = this.request;
    return { ...cells, separator, header, asLabels: this.labels.columns() };
  }

  private takeNpy(target: string, file: string): void {
    const { data, shape } = readNpy(file, readBytes(file, this.io));
    this.fill(target, { data, shape, encoding: {}, what: file }, file);
  }

  private async takeJson(file: string, uses: readonly Source[]): Promise<void> {
    const value = isJsonLines(file) ? await readJsonLines(file, this.io) : await readJson(file, this.io, linesAlone);
    if (isRecords(value)) {
      await this.takeTable(uses, async (choose) =>
        recordsTable(file, value, this.request.cells, this.labels.columns(), choose),
      );
      return;
    }
    for (const { target, selector } of uses) {
      if (target === undefined) this.takeMembers(file, value);
      else {
        const member = selector === undefined ? value : memberOf(file, value, selector);
        this.takeJsonTensor(target, member, selector === undefined ? file : `${file}: ${selector}`);
      }
    }
  }

  private takeMembers(file: string, value: unknown): void {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new DataError(`${file} needs one object of values by name, or say for what it is: --data NAME=${file}.`);
    const { tensors, sizes } = new InputReader(this.model).split(value as Readonly<Record<string, unknown>>);
    for (const [name, size] of sizes) this.sizes.set(name, size);
    for (const [name] of tensors) {
      if (this.model.parameters.some((parameter) => parameter.name === name)) {
        throw new DataError(`${file} has "${name}", which is a parameter: its start is given with --start.`);
      }
      if (!this.filled.has(name)) this.takeJsonTensor(name, (value as Record<string, unknown>)[name], file);
    }
  }

  private takeJsonTensor(name: string, value: unknown, from: string): void {
    const { values, shape } = readJsonTensor(name, value);
    this.fill(
      name,
      { data: Float64Array.from(values), shape: shape ?? [values.length], encoding: {}, what: from },
      from,
    );
  }

  /** Reads a table once for all that comes from it. */
  private async takeTable(uses: readonly Source[], read: (choose: Chooser) => Promise<Table>): Promise<void> {
    const { file } = uses[0]!;
    const named = uses.filter(({ target }) => target !== undefined);
    const columns = new Map<string, readonly number[]>();
    const table = await read((names, hasHeader) => {
      const known = { file, names, hasHeader };
      for (const { target, selector } of named)
        if (selector !== undefined) columns.set(target!, columnsOf(selector, known));
      for (const { target, selector } of named)
        if (selector === undefined) columns.set(target!, this.wholeFor(target!, known, columns));
      if (hasWhole(uses))
        this.matchRest(
          known,
          columns,
          named.map(({ target }) => target!),
        );
      return [...columns.values()].flat();
    });
    this.fillFrom(table, columns);
  }

  /** All columns for one name: those that nothing else takes from the same file. */
  private wholeFor(target: string, table: Names, columns: ReadonlyMap<string, readonly number[]>): readonly number[] {
    const saved = this.savedColumns(target, table);
    if (saved) return saved;
    const used = new Set([...columns.values()].flat());
    const wanted = { name: target, rank: this.leaf(target).expr.shape.length, isNeeded: true };
    const found = matchColumns(table, [wanted], used, true).get(target);
    if (found) return found;
    throw new DataError(`${table.file} does not say which column is ${target}.`, { notes: wayOut([wanted], table) });
  }

  /** What columns serve the data that no option names. */
  private matchRest(table: Names, columns: Map<string, readonly number[]>, named: readonly string[]): void {
    const open = this.open(named).filter(({ name }) => !columns.has(name));
    for (const { name } of open) {
      const saved = this.savedColumns(name, table);
      if (saved) columns.set(name, saved);
    }
    const used = new Set([...columns.values()].flat());
    const rest = open.filter(({ name }) => !columns.has(name));
    if (!this.request.saved) for (const [name, found] of matchColumns(table, rest, used)) columns.set(name, found);
    const left = rest.filter(({ name, isNeeded }) => isNeeded && !columns.has(name));
    if (left.length === 0) return;
    const list = left.map(({ name }) => `"${name}"`).join(" and ");
    const taken = new Set([...columns.values()].flat());
    throw new DataError(`the columns of ${table.file} do not say what is ${list}.`, {
      notes: wayOut(left, table, taken),
    });
  }

  /** The columns that the fit took for the same data. */
  private savedColumns(name: string, table: Names): number[] | undefined {
    const saved = this.request.saved?.[name];
    if (saved?.columns && table.hasHeader) {
      const found = saved.columns.map((column) => {
        const at = table.names.indexOf(column);
        if (at >= 0 || !this.request.needed.has(name)) return at;
        throw new DataError(`${table.file} has no column "${column}", which "${name}" had when the model was fitted.`, {
          notes: [`It has ${listed(table.names)}.`],
        });
      });
      return found.includes(-1) ? undefined : found;
    }
    if (!saved?.positions) return undefined;
    const least = Math.max(...saved.positions) + 1;
    if (table.names.length >= least) return [...saved.positions];
    if (!this.request.needed.has(name)) return undefined;
    throw new DataError(`${table.file} has ${counted(table.names.length, "column")}; the fit read the first ${least}.`);
  }

  /** Data without values so far. */
  private open(except: readonly string[]): Wanted[] {
    return this.model.data
      .filter(({ name }) => !this.filled.has(name) && !this.request.given.has(name) && !except.includes(name))
      .map(({ name, expr, fallback }) => ({
        name,
        rank: expr.shape.length,
        isNeeded: this.request.needed.has(name) && !fallback,
      }));
  }

  private leaf(name: string): DeclaredData {
    return this.model.data.find((data) => data.name === name)!;
  }

  private fillFrom(table: Table, columns: ReadonlyMap<string, readonly number[]>): void {
    const used = [...new Set([...columns.values()].flat())].map((position) => table.columns.get(position)!);
    const kept = this.keptRows(table, used);
    for (const [name, positions] of columns) {
      const { expr } = this.leaf(name);
      const rank = expr.shape.length;
      const parts = positions.map((position) =>
        this.labels.numbers(this.leaf(name), table.columns.get(position)!, table),
      );
      if (rank > 2) throw new DataError(`"${name}" has ${rank} dimensions: columns make two. Use .npy or JSON.`);
      if (rank < 2 && positions.length !== 1) {
        throw new DataError(`"${name}" takes one column, got ${positions.length} of ${table.file}.`);
      }
      if (rank === 0 && kept.length !== 1)
        throw new DataError(
          `"${name}" is one number, and ${table.file} has ${counted(kept.length, "row")}. Use --set ${name}=NUMBER.`,
        );
      const width = positions.length;
      const data = new Float64Array(kept.length * width);
      for (const [j, { values }] of parts.entries()) {
        for (let i = 0; i < kept.length; i++) data[i * width + j] = values[kept[i]!]!;
      }
      for (const [j, { values }] of parts.entries()) {
        const at = kept.find((row) => !Number.isFinite(values[row]!));
        if (at === undefined) continue;
        throw new DataError(
          `${table.place(at)}: column "${table.names[positions[j]!]}" is ${values[at]}, which is not finite.`,
        );
      }
      const labels = parts.find(({ codes }) => codes)?.codes;
      const encoding: Encoding = {
        ...(table.hasHeader && { columns: positions.map((position) => table.names[position]!) }),
        positions,
        ...(labels && { labels: Object.fromEntries(labels) }),
      };
      const shape = rank === 2 ? [kept.length, width] : rank === 1 ? [kept.length] : [];
      this.fill(name, { data, shape, encoding, what: table.file }, `${table.file}: ${columnsText(positions, table)}`);
    }
  }

  /** The rows that count. Throws DataError for a missing cell unless such rows are to be left out. */
  private keptRows(table: Table, used: readonly Column[]): number[] {
    const holes = new Map<number, string>();
    for (const { name, missing } of used) for (const row of missing) if (!holes.has(row)) holes.set(row, name);
    const rows = Array.from({ length: table.rows }, (_, row) => row);
    if (holes.size === 0) return rows;
    const first = Math.min(...used.flatMap(({ missing }) => missing.slice(0, 1)));
    if (!this.request.dropMissing) {
      const others = holes.size > 1 ? `${holes.size} rows have cells without a value` : "It is the only such row";
      throw new DataError(`${table.place(first)}: column "${holes.get(first)}" has no value.`, {
        notes: [`${others}: --drop-missing leaves such rows out.`],
      });
    }
    const kept = rows.filter((row) => !holes.has(row));
    if (kept.length === 0) throw new DataError(`${table.file}: no row is complete, so none is left.`);
    this.warnings.push(
      `${table.file}: ${holes.size} of ${counted(table.rows, "row")} left out, for ${holes.size === 1 ? "it lacks a value" : "they lack values"}.`,
    );
    return kept;
  }

  private fill(name: string, { data, shape, encoding, what }: Tensor, from: string): void {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const at = shape.length > 0 ? ` at [${unravel(bad, shape).join(", ")}]` : "";
      throw new DataError(`"${name}"${at} is ${data[bad]}: ${what} has a value there that is missing or not finite.`);
    }
    readTensor(name, { data, shape });
    const isWanted = this.request.standardise.includes(name);
    const saved = this.request.saved?.[name]?.standardise;
    if (!isWanted && !saved) {
      this.filled.set(name, { name, data, shape, from, encoding });
      return;
    }
    const { expr } = this.leaf(name);
    if (expr.dtype !== "real" || shape.length === 0 || shape.length > 2 || encoding.labels)
      throw new UsageError(`--standardise ${name}: it needs columns of reals.`);
    const width = shape[1] ?? 1;
    if (saved && saved.mean.length !== width)
      throw new DataError(
        `"${name}" had ${counted(saved.mean.length, "column")} when the model was fitted, and has ${width} now.`,
      );
    const { made, constant } = saved ? { made: saved, constant: [] } : standardisationOf(data, width);
    standardise(data, made);
    if (constant.length > 0) {
      const names = constant.map((j) => encoding.columns?.[j] ?? String(j));
      const plural = constant.length > 1;
      this.warnings.push(
        `"${name}": column${plural ? "s" : ""} ${listed(names)} ${plural ? "are" : "is"} constant, and 0 once standardised: ` +
          "the loss does not depend on what multiplies it.",
      );
    }
    this.filled.set(name, {
      name,
      data,
      shape,
      from: `${from}, standardised`,
      encoding: { ...encoding, standardise: made },
    });
  }
}

const linesAlone = ["Rows as objects, one a line, are read from files that are called .jsonl or .ndjson."];

const hasWhole = (uses: readonly Source[]) => uses.some(({ target }) => target === undefined);

function noValues(missing: readonly DeclaredData[], sources: readonly Source[]): DataError {
  const names = missing.map(({ name }) => `"${name}"`).join(" and ");
  const file = sources[0]?.file ?? "FILE.csv";
  const example = missing.map(({ name, expr }) =>
    expr.shape.length === 0
      ? `--set ${name}=NUMBER`
      : `--data ${name}=${file}:${expr.shape.length === 1 ? "COLUMN" : "FIRST..LAST"}`,
  );
  return new DataError(
    `${names} ${missing.length > 1 ? "have" : "has"} no values: the model declares ${missing.length > 1 ? "them" : "it"} and no --data gives ${missing.length > 1 ? "them" : "it"}.`,
    {
      notes: [`As in: ${example.join(" ")}.`],
    },
  );
}

function memberOf(file: string, value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  const known = isObject ? Object.keys(value) : [];
  const near = nearestName(name, known);
  throw new DataError(`${file} has no "${name}".`, {
    notes: [near ? `Did you mean "${near}"?` : `It has ${listed(known) || "no members"}.`],
  });
}
