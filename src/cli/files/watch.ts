import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../ir/errors.ts";
import type { ExitCode } from "../terminal/exit.ts";
import { reportFailure } from "../terminal/failure.ts";
import type { Io } from "../terminal/io.ts";
import { styleFor } from "../terminal/style.ts";

/**
 * Files are looked at so often, in milliseconds, and have changed once two looks in a row find the same: editors write
 * in several steps. Paths are looked at and no folder is watched, for a file may be a link, its folder may be made anew,
 * and not every disk tells of changes.
 */
const interval = 80;

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
  for (let at = lookAt(files); ; ) {
    let code: ExitCode;
    try {
      code = await run();
    } catch (error) {
      code = await reportFailure(error, { io, isJson });
    }
    const next = await changed(files, at, io);
    if (next === undefined) return code;
    at = next;
    if (!isJson) await io.errors.write(`${styleFor(io.errors, io.environment).dim("changed")}\n`);
  }
}

/** Files as they were at one moment. */
interface Look {
  /** Cheap to read, and different after every save. */
  readonly stamps: string;
  readonly contents: string;
}

function lookAt(files: readonly string[]): Look {
  return { stamps: stampsOf(files), contents: JSON.stringify(files.map(contentsOf)) };
}

/**
 * Waits until files have other contents than at a look, or until the user interrupts: undefined. Only here are
 * interrupts waited for: a run that leaves no turn to anything else is ended by them as any process is.
 */
async function changed(files: readonly string[], seen: Look, io: Io): Promise<Look | undefined> {
  const waiting = new AbortController();
  let isInterrupted = false;
  const interrupted = io.interrupted(waiting.signal).then(() => {
    isInterrupted = true;
  });
  let { stamps } = seen;
  try {
    for (let before = stamps; ; ) {
      await Promise.race([new Promise((resolve) => setTimeout(resolve, interval)), interrupted]);
      if (isInterrupted) return undefined;
      const now = stampsOf(files);
      if (now === before && now !== stamps) {
        const next = lookAt(files);
        if (next.contents !== seen.contents) return next;
        stamps = next.stamps;
      }
      before = now;
    }
  } finally {
    waiting.abort();
  }
}

function stampsOf(files: readonly string[]): string {
  return files.map(stampOf).join();
}

function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return "none";
  }
}

function contentsOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // between an editor's delete and rename
    return null;
  }
}
