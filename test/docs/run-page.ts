import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { transform } from "esbuild";
import * as arrays from "../../src/arrays.ts";
import * as batch from "../../src/batch.ts";
import * as check from "../../src/check.ts";
import { main } from "../../src/cli/run.ts";
import type { Io } from "../../src/cli/terminal/io.ts";
import { compileModel } from "../../src/compile/compile.ts";
import type { FunctionName } from "../../src/compile/derive.ts";
import * as emit from "../../src/emit.ts";
import * as geometry from "../../src/geometry.ts";
import * as core from "../../src/index.ts";
import { NablaError } from "../../src/ir/errors.ts";
import * as wholeLanguage from "../../src/language/all.ts";
import * as features from "../../src/language/features.ts";
import * as language from "../../src/language.ts";
import * as linearAlgebra from "../../src/linear-algebra.ts";
import * as loops from "../../src/loops.ts";
import * as optimize from "../../src/optimize.ts";
import * as random from "../../src/random.ts";
import * as sparse from "../../src/sparse.ts";
import * as special from "../../src/special.ts";
import * as tape from "../../src/tape.ts";
import * as threads from "../../src/threads-node.ts";
import * as wasm from "../../src/wasm.ts";
import * as windows from "../../src/windows.ts";
import type { Block, Program } from "./blocks.ts";

/** What the package exports, as the blocks of a page import it. */
const packages: Readonly<Record<string, () => unknown>> = {
  nabla: () => core,
  "nabla/language": () => language,
  "nabla/language/all": () => wholeLanguage,
  "nabla/language/features": () => features,
  "nabla/batch": () => batch,
  "nabla/arrays": () => arrays,
  "nabla/check": () => check,
  "nabla/emit": () => emit,
  "nabla/geometry": () => geometry,
  "nabla/linear-algebra": () => linearAlgebra,
  "nabla/loops": () => loops,
  "nabla/optimize": () => optimize,
  "nabla/random": () => random,
  "nabla/sparse": () => sparse,
  "nabla/special": () => special,
  "nabla/tape": () => tape,
  "nabla/threads": () => threads,
  "nabla/windows": () => windows,
  "nabla/wasm": () => wasm,
};

/** Lines that something printed. */
type Lines = string[];

const linesOf = (text: string): Lines => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The blocks of one page are run in one folder of their own, in order. */
export class PageRunner {
  readonly folder = mkdtempSync(join(tmpdir(), "nabla-docs-"));

  /** A block that names a file is that file from here on. */
  write({ file, text }: Block): void {
    if (file !== undefined) writeFileSync(join(this.folder, file), `${text}\n`);
  }

  /** The TypeScript of a program; what each block printed. Types are stripped here and checked elsewhere. */
  async runProgram({ blocks }: Program): Promise<Lines[]> {
    const marked = blocks.map(({ text }, k) => `enter(${k});\n${text}`).join("\n");
    const loader = { loader: "ts", target: "es2022", tsconfigRaw: {} } as const;
    const { code } = await transform(marked, loader);
    const printed: Lines[] = blocks.map(() => []);
    let at = 0;
    const print = (...values: unknown[]) => printed[at]!.push(...linesOf(format(...values)));
    const enter = (k: number) => {
      at = k;
    };
    const run = new AsyncFunction("enter", "load", "console", importsAsCalls(code));
    await run(enter, (name: string) => this.load(name), { log: print, warn: print, error: print });
    return printed;
  }

  private async load(name: string): Promise<unknown> {
    if (Object.hasOwn(packages, name)) return packages[name]!();
    if (name === "node:fs") return this.fileSystem();
    // pages for contributors import from the sources, as seen from docs/
    if (name.startsWith("../src/")) return import(/* @vite-ignore */ new URL(`../${name}`, import.meta.url).href);
    if (!name.startsWith("./")) return import(/* @vite-ignore */ name);
    const source = readFileSync(join(this.folder, name), "utf8");
    const { code } = await transform(source, { loader: "ts", target: "es2022" });
    const path = join(this.folder, `${name.replace(/\W/g, "_")}.mjs`);
    writeFileSync(path, code);
    return import(/* @vite-ignore */ pathToFileURL(path).href);
  }

  /** The file system as seen from the folder of the page. */
  private fileSystem(): Pick<typeof import("node:fs"), "readFileSync" | "writeFileSync"> {
    const here = (path: Parameters<typeof readFileSync>[0]) => join(this.folder, String(path));
    return {
      readFileSync: ((path, options) => readFileSync(here(path), options)) as typeof readFileSync,
      writeFileSync: (path, data) => writeFileSync(here(path as string), data),
    };
  }

  /** Every command of a shell block; what they printed together. Commands of other programs are not run. */
  async runCommands(commands: readonly Command[]): Promise<Lines> {
    const printed: Lines = [];
    for (const { words, from, to } of commands) {
      if (words[0] !== "nabla") continue;
      const input = from === undefined ? "" : readFileSync(join(this.folder, from), "utf8");
      const { output, errors } = await this.runCommand(words.slice(1), input);
      if (to === undefined) printed.push(...linesOf(output));
      else writeFileSync(join(this.folder, to), output);
      printed.push(...linesOf(errors));
    }
    return printed;
  }

  private async runCommand(words: readonly string[], input: string): Promise<{ output: string; errors: string }> {
    const said = { output: "", errors: "" };
    const sink = (name: keyof typeof said) => ({
      isTerminal: false,
      columns: 100,
      write: async (text: string) => {
        said[name] += text;
      },
    });
    const io: Io = {
      input: (async function* () {
        yield new TextEncoder().encode(input);
      })(),
      output: sink("output"),
      errors: sink("errors"),
      environment: {},
      folder: this.folder,
      interrupted: () => new Promise(() => {}),
    };
    await main(words, io);
    return said;
  }
}

type Run = (...values: unknown[]) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as unknown as new (...names: string[]) => Run;

/** Imports at the top of a module, as calls in the body of a function. */
function importsAsCalls(code: string): string {
  return code
    .replace(/^import \{([^}]*)\} from ("[^"]+");$/gm, (_, names: string, from: string) => {
      return `const {${names.replaceAll(" as ", ": ")}} = await load(${from});`;
    })
    .replace(/^import (\w+) from ("[^"]+");$/gm, "const { default: $1 } = await load($2);")
    .replace(/^import ("[^"]+");$/gm, "await load($1);")
    .replace(/^export /gm, "");
}

/** A command line of a shell block. */
export interface Command {
  readonly words: readonly string[];
  /** The file that standard input and output are redirected to. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The commands of a shell block; comments and prompts are none, and a backslash continues a line. */
export function commandsOf({ text }: Block): Command[] {
  const lines = text.replaceAll("\\\n", " ").split("\n");
  return lines
    .flatMap((line) => line.split(" && "))
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "")
    .map((line) => {
      const words = line.split(/\s+/);
      const after = (sign: string) => (words.includes(sign) ? words[words.indexOf(sign) + 1] : undefined);
      const redirected = words.findIndex((word) => word === "<" || word === ">");
      return { words: redirected < 0 ? words : words.slice(0, redirected), from: after("<"), to: after(">") };
    });
}

/** Loads and compiles a model; what it says: errors or warnings, line by line. */
export function modelMessages({ text, file }: Block): Lines {
  try {
    const model = wholeLanguage.loadModel({ name: file ?? "model.nabla", text: `${text}\n` });
    const compiled = compileModel(model);
    const functions: readonly FunctionName[] = [
      ...(model.loss ? (["lossAndGradient", "lossGradientHvp"] as const) : []),
      ...(model.outputs.size > 0 ? (["outputs"] as const) : []),
    ];
    for (const name of functions) compiled.source(name);
    return model.warnings.flatMap(({ message }) => message.split("\n"));
  } catch (error) {
    if (error instanceof NablaError) return error.message.split("\n");
    throw error;
  }
}
