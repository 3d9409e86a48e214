import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DataError, UsageError } from "../../ir/errors.ts";
import type { Source } from "../../ir/source.ts";
import type { Io } from "../terminal/io.ts";
import { parseJson, requireNamesOnce } from "./json.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EEXIST: "it is no folder",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  ENOSPC: "no space left",
};

/** The error for a file that cannot be read or written. */
export function fileError(verb: string, path: string, error: unknown): UsageError {
  if (path === "") return new UsageError(`cannot ${verb} a file without a name.`);
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (verb === "write" && code === "ENOENT")
    return new UsageError(`cannot write ${path}: there is no folder ${dirname(path)}. Make it first.`);
  return new UsageError(`cannot ${verb} ${path}: ${reasons[code] ?? (error as Error).message}.`);
}

/** The text of a file, or of standard input for "-". Throws UsageError, and for bytes that are not UTF-8. */
export async function readText(path: string, io: Io): Promise<string> {
  const bytes = path === "-" ? await readAll(io) : readBytes(path, io);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`cannot read ${nameOf(path)}: it is not UTF-8 text.`);
  }
}

/** The bytes of a file. Throws UsageError. */
export function readBytes(path: string, io: Io): Uint8Array {
  try {
    return readFileSync(resolve(io.folder, path));
  } catch (error) {
    throw fileError("read", path, error);
  }
}

async function readAll({ input }: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A model's text under the name that its errors print. */
export async function readSource(path: string, io: Io): Promise<Source> {
  return { name: nameOf(path), text: await readText(path, io) };
}

/** The value of a JSON file. Throws DataError for other text, and for a name that is there twice in one object. */
export async function readJson(path: string, io: Io, notes?: readonly string[]): Promise<unknown> {
  const text = await readText(path, io);
  const value = parseJson(text, nameOf(path), notes);
  requireNamesOnce(text, nameOf(path));
  return value;
}

/** By its name: a file of JSON values, one a line. */
export const isJsonLines = (path: string) => /\.(jsonl|ndjson)$/i.test(path);

/** Rows as objects, one a line. Throws UsageError for a line that is no JSON, DataError for one that is no object. */
export async function readJsonLines(path: string, io: Io): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (const [k, line] of (await readText(path, io)).split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `${path}:${k + 1}`;
    const row = parseJson(line, place);
    if (typeof row !== "object" || row === null || Array.isArray(row))
      throw new DataError(`${place} needs an object of cells by name: every line is a row.`);
    requireNamesOnce(line, place);
    rows.push(row as Readonly<Record<string, unknown>>);
  }
  if (rows.length === 0) throw new DataError(`${path} has no rows.`);
  return rows;
}

const jsonAlone = [
  "Data are read from JSON here, one object of values by name. Tables such as CSV are read by fit and predict.",
];

/** The members of all data files together; a name may be given once. Throws DataError. */
export async function readInputs(paths: readonly string[], io: Io): Promise<Record<string, unknown> | undefined> {
  if (paths.length === 0) return undefined;
  const all = Object.create(null) as Record<string, unknown>;
  for (const path of paths) {
    const value = await readJson(path, io, jsonAlone);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new DataError(`${path} needs one object of values by name.`);
    }
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(all, name)) throw new DataError(`"${name}" is given twice: ${path} has it again.`);
      all[name] = member;
    }
  }
  return all;
}

/**
 * Throws UsageError where a file has no folder to be written to, is one, or is a file that is read, which would be lost: before
 * long work, not after it.
 */
export function requireTarget(
  path: string | undefined,
  { folder }: Pick<Io, "folder">,
  read: readonly string[] = [],
): void {
  if (path === undefined || path === "-") return;
  const target = resolve(folder, path);
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) throw fileError("write", path, { code: "EISDIR" });
  if (!statSync(dirname(target), { throwIfNoEntry: false })) throw fileError("write", path, { code: "ENOENT" });
  const known = statSync(target, { throwIfNoEntry: false });
  const isSame = (other: string) => {
    const found = statSync(resolve(folder, other), { throwIfNoEntry: false });
    return found?.ino === known?.ino && found?.dev === known?.dev;
  };
  if (known?.isFile() && read.some(isSame))
    throw new UsageError(`cannot write ${path}: it is read as well, and would be lost.`);
}

/** Makes a folder, and those above it, unless they are there. Throws UsageError. */
export function makeFolder(path: string, { folder }: Pick<Io, "folder">): void {
  try {
    mkdirSync(resolve(folder, path), { recursive: true });
  } catch (error) {
    throw fileError("make", path, error);
  }
}

function nameOf(path: string): string {
  return path === "-" ? "stdin" : path;
}
