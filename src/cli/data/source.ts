import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { nearestName, UsageError } from "../../ir/errors.ts";
import type { Io } from "../terminal/io.ts";

/** One `--data`: `FILE`, or `NAME=FILE`, or `NAME=FILE:WHICH`. */
export interface Source {
  /** The data that it is for; absent: whatever the file has by name. */
  readonly target: string | undefined;
  readonly file: string;
  readonly form: "csv" | "json" | "npy";
  /** Columns of a table, or a member of a JSON object. */
  readonly selector: string | undefined;
}

/** Reads what `--data` was given. Throws UsageError for a name that the model does not declare. */
export function sourceOf(text: string, declared: readonly string[], io: Io): Source {
  const exists = (path: string) => path === "-" || existsSync(resolve(io.folder, path));
  const named = exists(text) ? null : /^\s*([^=\s]+)\s*=(.*)$/s.exec(text);
  const target = named?.[1];
  if (target !== undefined && !declared.includes(target)) {
    const near = nearestName(target, declared);
    throw new UsageError(`--data ${text}: the model has no data "${target}".`, {
      notes: [near ? `Did you mean "${near}"?` : `It has ${declared.join(", ") || "none"}.`],
    });
  }
  const rest = named ? named[2]! : text;
  const [file, selector] = exists(rest) ? [rest, undefined] : split(rest, exists);
  if (selector !== undefined && target === undefined) {
    throw new UsageError(`--data ${text} says which columns, but not for what.`, {
      notes: [`Write --data ${declared[0] ?? "NAME"}=${text}.`],
    });
  }
  const form = /\.(json|jsonl|ndjson)$/i.test(file) ? "json" : /\.npy$/i.test(file) ? "npy" : "csv";
  if (form === "npy" && target === undefined) {
    throw new UsageError(`--data ${text}: an array of NumPy's has no names in it.`, {
      notes: [`Write --data ${declared[0] ?? "NAME"}=${file}.`],
    });
  }
  if (form === "npy" && selector !== undefined)
    throw new UsageError(`--data ${text}: an array of NumPy's is taken whole; save columns as arrays of their own.`);
  return { target, file, form, selector };
}

/** The colon after the longest path that exists; else the last one. */
function split(text: string, exists: (path: string) => boolean): [string, string | undefined] {
  for (let at = text.lastIndexOf(":"); at > 0; at = text.lastIndexOf(":", at - 1)) {
    if (exists(text.slice(0, at))) return [text.slice(0, at), text.slice(at + 1)];
  }
  const last = text.lastIndexOf(":");
  return last > 1 ? [text.slice(0, last), text.slice(last + 1)] : [text, undefined];
}
