import { counted } from "../../ir/counted.ts";
import { DataError, nearestName } from "../../ir/errors.ts";
import { shellWord } from "../terminal/shell.ts";

/** Data of the model that columns may be for. */
export interface Wanted {
  readonly name: string;
  readonly rank: number;
  /** The model reads it and gives no value of its own. */
  readonly isNeeded: boolean;
}

/** What a table's columns are called. */
export interface Names {
  readonly file: string;
  readonly names: readonly string[];
  readonly hasHeader: boolean;
}

/**
 * Columns as a selector lists them, separated by commas: names, positions from 0, and ranges of either with both ends
 * included. Throws DataError.
 */
export function columnsOf(selector: string, table: Names): number[] {
  const whole = positionOf(selector.trim(), table);
  if (whole !== undefined) return [whole];
  return selector.split(",").flatMap((part) => {
    const item = part.trim();
    const single = positionOf(item, table);
    if (single !== undefined) return [single];
    const ends = item.split("..");
    if (ends.length !== 2) throw noColumn(item, table);
    const [from, to] = ends.map((end) => {
      const position = positionOf(end.trim(), table);
      if (position === undefined) throw noColumn(end.trim(), table);
      return position;
    }) as [number, number];
    if (from > to) throw new DataError(`the range ${item} of columns of ${table.file} runs backwards.`);
    return Array.from({ length: to - from + 1 }, (_, k) => from + k);
  });
}

function positionOf(item: string, { file, names }: Names): number | undefined {
  const at = names.indexOf(item);
  if (at >= 0) {
    if (names.indexOf(item, at + 1) < 0) return at;
    throw new DataError(`${file} has several columns "${item}": choose by position, counted from 0.`);
  }
  if (!/^\d+$/.test(item)) return undefined;
  const position = Number(item);
  if (position < names.length) return position;
  throw new DataError(
    `${file} has ${counted(names.length, "column")}, 0 to ${names.length - 1}: there is no column ${item}.`,
  );
}

function noColumn(item: string, { file, names, hasHeader }: Names): DataError {
  if (!hasHeader) {
    return new DataError(
      `${file} has no column "${item}": it has no header, and ${counted(names.length, "column")} from 0 on.`,
      {
        notes: ["Choose by position, or say that the first row is a header: --header yes."],
      },
    );
  }
  const near = nearestName(item, names);
  return new DataError(`${file} has no column "${item}".`, {
    notes: [near === undefined ? `It has ${listed(names)}.` : `Did you mean "${near}"?`],
  });
}

/** Lists of names show so many. */
const mostListed = 12;

/** A list of names, shortened. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map((name) => `"${name}"`);
  return names.length > mostListed ? `${shown.join(", ")} and ${names.length - mostListed} more` : shown.join(", ");
}

/**
 * Finds columns for data by name: `y` is the column y; a matrix X is X0, X1, ... or X[0], X[1], ..., or everything that
 * is left where nothing else is open. What is open stays open where the names do not settle it: a vector is no column of
 * another name, unless there is no other column, or `isAsked`: the user said that it is in this file.
 */
export function matchColumns(
  table: Names,
  open: readonly Wanted[],
  used: ReadonlySet<number>,
  isAsked = false,
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const taken = new Set(used);
  const take = (name: string, positions: number[]) => {
    found.set(name, positions);
    for (const position of positions) taken.add(position);
  };
  for (const { name } of open) {
    const exact = columnsWhere(table, (column) => column === name);
    const same =
      exact.length > 0 ? exact : columnsWhere(table, (column) => column.toLowerCase() === name.toLowerCase());
    const isOthers = open.some((other) => other.name !== name && other.name === table.names[same[0] ?? -1]);
    if (same.length === 1 && !isOthers && !taken.has(same[0]!)) take(name, same);
  }
  for (const { name, rank } of open) {
    if (rank !== 2 || found.has(name)) continue;
    const numbered = numberedColumns(table, name);
    if (numbered.length > 0 && numbered.every((position) => !taken.has(position))) take(name, numbered);
  }
  const left = open.filter(({ name, isNeeded }) => isNeeded && !found.has(name));
  const free = columnsWhere(table, (_, position) => !taken.has(position));
  if (left.length === 1 && free.length > 0) {
    const [{ name, rank }] = left as [Wanted];
    const isNamed = table.hasHeader && table.names.length > 1;
    if (rank === 2 || (rank === 1 && free.length === 1 && (isAsked || !isNamed))) take(name, free);
  }
  return found;
}

function columnsWhere({ names }: Names, holds: (name: string, position: number) => boolean): number[] {
  return names.flatMap((name, position) => (holds(name, position) ? [position] : []));
}

/** The columns X0, X1, ... (or from 1 on; X_0, X.0, X[0], X 0 as well) in the order of their numbers. */
function numberedColumns({ names }: Names, matrix: string): number[] {
  const numbered = names.flatMap((name, position) => {
    if (!name.startsWith(matrix)) return [];
    const number = /^[[._ ]?(\d+)\]?$/.exec(name.slice(matrix.length));
    return number ? [{ position, number: Number(number[1]) }] : [];
  });
  numbered.sort((a, b) => a.number - b.number);
  const first = numbered[0]?.number ?? 0;
  const isRun = first <= 1 && numbered.every(({ number }, k) => number === first + k);
  return isRun ? numbered.map(({ position }) => position) : [];
}

/** How to say which columns are meant, for data that a table did not settle; `taken` serve others. */
export function wayOut(
  open: readonly Wanted[],
  { file, names, hasHeader }: Names,
  taken: ReadonlySet<number> = new Set(),
): string[] {
  const free = [...names.keys()].filter((position) => !taken.has(position));
  const named = (position: number) => {
    const name = names[position]!;
    return names.indexOf(name) === names.lastIndexOf(name) ? name : String(position);
  };
  // vectors in their order at the end, as tables mostly have what is explained
  const vectors = open.filter(({ rank }) => rank !== 2);
  const example = open.map((wanted) => {
    const { name, rank } = wanted;
    const position = free.at(vectors.indexOf(wanted) - vectors.length) ?? names.length - 1;
    const single = names.length > 0 ? named(position) : "0";
    const example = rank === 2 ? `${names.length > 2 ? `0..${names.length - 2}` : "0"}` : single;
    return `--data ${shellWord(`${name}=${file}:${example}`)}`;
  });
  return [
    hasHeader
      ? `Its columns: ${listed(names)}.`
      : `It has no header; its ${counted(names.length, "column counts", "columns count")} from 0.`,
    `Say which are meant, by name or position, as in: ${example.join(" ")}.`,
  ];
}

/** Columns as a preview names them. */
export function columnsText(positions: readonly number[], { names, hasHeader }: Names): string {
  const named = (position: number) => (hasHeader ? names[position]! : `column ${position}`);
  if (positions.length <= 3) return positions.map(named).join(", ");
  const isRun = positions.every((position, k) => position === positions[0]! + k);
  const [first, last] = [positions[0]!, positions.at(-1)!];
  return `${named(first)} ${isRun ? ".." : "..."} ${named(last)} (${counted(positions.length, "column")})`;
}
