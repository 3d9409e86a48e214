import { ModelErrors, NablaError, UsageError } from "../../ir/errors.ts";
import { place } from "../../ir/source.ts";
import { jsonText } from "../files/json.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Style, styleFor } from "./style.ts";

/** An error as JSON carries it; line and column count from 1 and are null where no text is at fault. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** An error as JSON says it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NablaError) {
    const { kind, message, position } = error;
    return { kind, message, line: position?.line ?? null, column: position?.column ?? null };
  }
  const kind = error instanceof RangeError ? "limit" : "internal";
  return { kind, message: internalMessage(error), line: null, column: null };
}

/** Prints an error: as JSON on standard output, or as text on standard error. Returns the exit code. */
export async function reportFailure(
  error: unknown,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): Promise<ExitCode> {
  if (isJson) await io.output.write(`${jsonText({ error: failureOf(error) })}\n`);
  else await io.errors.write(`${failureText(error, styleFor(io.errors, io.environment))}\n`);
  return exitCodeOf(error);
}

/** The exit code that an error ends a command with. */
export function exitCodeOf(error: unknown): ExitCode {
  // what has a place in a model's text is wrong there, and not on the command line
  if (error instanceof UsageError && !error.span) return exitCodes.usage;
  return error instanceof NablaError || error instanceof RangeError ? exitCodes.wrong : exitCodes.internal;
}

/** The text of an error as a person reads it: the place stands out, carets are red. */
export function failureText(error: unknown, style: Style): string {
  if (error instanceof ModelErrors) {
    const texts = error.errors.map((each) => failureText(each, style));
    return [...texts, ...(error.rest ? [error.rest] : [])].join("\n\n");
  }
  if (error instanceof RangeError) return `${style.red("error")}: ${internalMessage(error)}`;
  if (!(error instanceof NablaError)) {
    const trace = error instanceof Error ? (error.stack ?? "").split("\n").slice(1).join("\n") : "";
    return [
      `${style.red("internal error")}: ${internalMessage(error)}`,
      style.dim(trace),
      "This is a fault in nabla: please report it with the model that shows it.",
    ]
      .filter((line) => line !== "")
      .join("\n");
  }
  const { message, summary, span, notes } = error;
  if (!span) return [`${style.red("error")}: ${summary}`, ...notes].join("\n");
  const head = `${place(span)}: ${summary}`;
  const rest = message.slice(head.length).split("\n").slice(1);
  return [
    `${style.bold(`${place(span)}:`)} ${summary}`,
    ...rest.map((line) => (/^ +\| +\^+$/.test(line) ? style.red(line) : line)),
  ].join("\n");
}

function internalMessage(error: unknown): string {
  // what JavaScript throws for an array too long, and for a stack too deep
  if (error instanceof RangeError) return `a limit of this JavaScript engine was met: ${error.message}.`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
