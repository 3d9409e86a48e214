import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../../ir/errors.ts";
import type { ExitCode } from "../terminal/exit.ts";
import { reportFailure } from "../terminal/failure.ts";
import type { Io } from "../terminal/io.ts";
import { styleFor } from "../terminal/style.ts";

/** Editors write a file in several steps: wait until they are done, in milliseconds. */
const pause = 80;

/**
 * Runs once, and again whenever one of the files has other contents, until the user interrupts. Errors are printed and
 * do not end it. Returns the exit code of the last run.
 */
export async function repeatOnChange(
  paths: readonly string[],
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  if (paths.includes("-")) throw new UsageError("--watch needs files: standard input does not change.");
  const files = paths.map((path) => resolve(io.folder, path));
  let seen = "";
  let code: ExitCode = 0;
  let work = Promise.resolve();
  const runIfChanged = async () => {
    const contents = JSON.stringify(files.map(contentsOf));
    if (contents === seen) return;
    if (seen !== "" && !isJson) await io.errors.write(`${styleFor(io.errors, io.environment).dim("changed")}\n`);
    seen = contents;
    try {
      code = await run();
    } catch (error) {
      code = await reportFailure(error, { io, isJson });
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(runIfChanged);
    }, pause);
  };
  // the folder is watched: many editors replace the file, and a watch of the file would stay with the old one
  const names = new Set(files.map((file) => basename(file)));
  const watchers = [...new Set(files.map((file) => dirname(file)))].map(
    (folder): FSWatcher =>
      watch(folder, (_, name) => {
        if (name === null || names.has(name)) schedule();
      }),
  );
  try {
    await runIfChanged();
    await io.interrupted();
  } finally {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    await work;
  }
  return code;
}

function contentsOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // between an editor's delete and rename
    return null;
  }
}
