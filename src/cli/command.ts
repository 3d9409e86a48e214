import type { ExitCode } from "./terminal/exit.ts";
import type { Io } from "./terminal/io.ts";
import type { Progress } from "./terminal/progress.ts";
import type { Style } from "./terminal/style.ts";

/** An option as the command line takes it and as help shows it. */
export interface Option {
  readonly type: "flag" | "text" | "texts";
  readonly short?: string;
  /** What stands for the value in help. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The parsed values of a table of options: flags are false and texts are undefined when they are left out. */
export type Values<O extends Options> = {
  readonly [name in keyof O]: O[name]["type"] extends "flag"
    ? boolean
    : O[name]["type"] extends "texts"
      ? readonly string[]
      : string | undefined;
};

/** What a command's run is given. */
export interface Call<O extends Options = Options> {
  readonly io: Io;
  readonly style: Style;
  readonly progress: Progress;
  readonly options: Values<O>;
  readonly operands: readonly string[];
}

export interface Example {
  readonly command: string;
  readonly says: string;
}

/** One command of the command line: everything that its help, parsing and dispatch need to know of it. */
export interface Command<O extends Options = Options> {
  /** Operands as help shows them: "MODEL", "FILES...". */
  readonly operands: string;
  /** How many operands there may be; the second may be Infinity. */
  readonly operandCount: readonly [least: number, most: number];
  /** Paragraphs: what the command does and how to read its answer. */
  readonly description: readonly string[];
  readonly options: O;
  readonly examples: readonly Example[];
  run(call: Call<O>): Promise<ExitCode>;
}

/** Checks a command's record against its own options, and forgets their types for the table. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition as unknown as Command;
}

/** Options that several commands share. */
export const shared = {
  json: { type: "flag", help: "print the answer as JSON, errors too" },
  output: { type: "text", short: "o", value: "FILE", help: "write to FILE; - is standard output" },
  watch: { type: "flag", short: "w", help: "run again whenever the files change, until interrupted" },
  wrt: { type: "text", value: "NAMES", help: "parameters to differentiate in, separated by commas (default: all)" },
} as const satisfies Options;
