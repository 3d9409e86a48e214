import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/run.ts";
import type { ExitCode } from "../../src/cli/terminal/exit.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const examples = join(root, "grammar/examples");

export interface Setting {
  readonly input?: string | AsyncIterable<Uint8Array>;
  readonly folder?: string;
  readonly isTerminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interrupted?: () => Promise<void>;
}

export interface Ran {
  readonly code: ExitCode;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command line in this process, with streams of its own. */
export async function run(words: readonly string[], setting: Setting = {}): Promise<Ran> {
  const { input = "", folder = root, isTerminal = false, environment = {} } = setting;
  const texts = { output: "", errors: "" };
  const into = (name: keyof typeof texts) => ({
    write: async (text: string) => {
      texts[name] += text;
    },
    isTerminal,
    columns: 80,
  });
  const code = await main(words, {
    input: typeof input === "string" ? chunksOf(input) : input,
    output: into("output"),
    errors: into("errors"),
    environment,
    folder,
    interrupted: setting.interrupted ?? (() => new Promise<void>(() => {})),
  });
  return { code, ...texts };
}

/** Bytes in small pieces, so that characters and lines are cut anywhere. */
async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += 997) yield bytes.subarray(start, start + 997);
}

/** A new folder with these files in it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "nabla-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/**
 * The command line, as Node runs it from a build, and the entries of the package beside it: made by esbuild in a blink, so
 * that tests of whole processes need no build. They lie below a package.json and within reach of node_modules, as dist does.
 */
export function bundle(): string {
  const folder = join(root, "node_modules/.cache/nabla-test", String(process.pid));
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  execFileSync(process.execPath, [join(root, ".bundle.mjs"), join(folder, "dist")]);
  return join(folder, "dist/cli/main.js");
}

export interface Process {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the bundled command line as a process of its own; `closeAfter` closes its output after so many characters, and
 * `interruptAt` presses Ctrl-C, or sends another signal, once the output has this text.
 */
export function spawned(
  file: string,
  words: readonly string[],
  {
    input = "",
    flags = [],
    closeAfter,
    interruptAt,
    signal = "SIGINT",
  }: {
    input?: string;
    flags?: readonly string[];
    closeAfter?: number;
    interruptAt?: string;
    signal?: NodeJS.Signals;
  } = {},
): Promise<Process> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, file, ...words], { stdio: "pipe" });
    let output = "";
    let errors = "";
    let isInterrupted = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (interruptAt !== undefined && output.includes(interruptAt) && !isInterrupted)
        isInterrupted = child.kill(signal);
      if (closeAfter !== undefined && output.length >= closeAfter) child.stdout.destroy();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    // the child may end before it has read everything
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code, by) => resolve({ code, signal: by, output, errors }));
    child.stdin.end(input);
  });
}
