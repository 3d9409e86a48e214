import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Io } from "../terminal/io.ts";
import { fileError } from "./files.ts";

/** Writes a file as a whole, or standard output for "-". Throws UsageError. */
export async function writeText(path: string, text: string, io: Io): Promise<void> {
  if (path === "-") return io.output.write(text);
  replaceFile(path, text, io);
}

/** What writing needs of a file system. */
export interface Disk {
  write(path: string, text: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

const disk: Disk = {
  write(path, text) {
    const file = openSync(path, "w");
    try {
      writeFileSync(file, text);
      // a rename may reach the disk before what it renames
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};

/**
 * Replaces a file as a whole: whatever happens on the way, a full disk or the end of the process, the file holds the old
 * text or the new one. A link goes on pointing where it does; what is no file, such as /dev/stdout or a pipe, is written to.
 * Throws UsageError where it cannot be written; the old text is then still there.
 */
export function replaceFile(
  path: string,
  text: string,
  io: Pick<Io, "folder">,
  { write, rename, remove }: Disk = disk,
): void {
  const named = resolve(io.folder, path);
  const known = statSync(named, { throwIfNoEntry: false });
  const isDevice = known !== undefined && !known.isFile() && !known.isDirectory();
  const target = known ? realpathSync(named) : named;
  // who may read the old text may read the new one, and nobody else
  const mode = known?.isFile() ? known.mode & 0o7777 : undefined;
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  try {
    if (isDevice) {
      writeFileSync(target, text);
    } else {
      write(draft, text);
      if (mode !== undefined) chmodSync(draft, mode);
      rename(draft, target);
    }
  } catch (error) {
    try {
      remove(draft);
    } catch {
      // what is left of the draft does no harm
    }
    throw fileError("write", path, error);
  }
}
