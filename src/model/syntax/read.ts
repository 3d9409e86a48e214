import { requireThat } from "../../ir/arguments/arguments.ts";
import { LimitError, type NablaError, throwErrors } from "../../ir/errors.ts";
import type { Source } from "../../ir/source.ts";
import { explain } from "../help/explain.ts";
import type { Help } from "../help/help.ts";
import { actions, limited } from "./actions.ts";
import { SyntaxError as Failure, type Options, parse } from "./parser.generated.js";
import { statementsOf } from "./recover.ts";
import { type Scan, scan } from "./scan.ts";
import type { Expression, Model } from "./syntax.ts";

/** The longest text that is read, in UTF-16 units. */
export const longestText = 20_000_000;

/** How many errors one run reports. */
export const mostErrors = 20;

/**
 * The tree of a model's text. Throws ModelSyntaxError, or ModelErrors for several: each statement that fails is
 * reported once. Throws LimitError for a text too long or nested too deep. `help` says more of errors.
 */
export function readModel(given: Source, help?: Help): Model {
  const source = readable(given);
  const found = scan(source, help);
  const options = optionsFor(source);
  const end = source.text.length;
  let failure: unknown;
  if (found.faults.length === 0) {
    try {
      return { ...parse(source.text, { ...options, startRule: "Model" }), source, comments: found.comments };
    } catch (error) {
      failure = error;
    }
  }
  const { errors, left } = errorsByStatement(source, found, options, help);
  throwErrors(errors, leftOver(left));
  throw errorOf(failure, source, 0, end, help);
}

/** The tree of one expression. Throws as readModel does. */
export function readExpression(source: Source, help?: Help): Expression {
  return expression(source, new Set(), help);
}

/**
 * The tree of a tagged template's expression: `strings` are the pieces around its values, and hole k stands for the
 * value k. Holes are known by where the pieces join, so no text can imitate one.
 */
export function readTemplate(strings: readonly string[], help?: Help): Expression {
  const holes = new Set<number>();
  let text = "";
  strings.forEach((piece, k) => {
    text += piece;
    if (k === strings.length - 1) return;
    holes.add(text.length);
    text += `\${${k}}`;
  });
  return expression({ name: "template", text }, holes, help);
}

function expression(given: Source, holes: ReadonlySet<number>, help: Help | undefined): Expression {
  const source = readable(given);
  throwErrors(reported(scan(source, help).faults.map((fault) => fault.error)));
  try {
    return parse(source.text, { ...optionsFor(source, holes), startRule: "OneExpression" });
  } catch (error) {
    throw errorOf(error, source, 0, source.text.length, help);
  }
}

function optionsFor(source: Source, holes: ReadonlySet<number> = new Set()): Options {
  return { grammarSource: source, actions, holes };
}

/** The source with one way to end a line, each at its place: a carriage return by itself ends one too. */
function readable(source: Source): Source {
  const { name, text } = source ?? {};
  requireThat(typeof text === "string", "a source", "{ name, text } with the text of a model", source);
  requireThat(typeof name === "string", '"name" of a source', "what errors call the text, a text", name);
  limited(text.length, longestText, `the text is ${text.length} characters long`);
  return { name, text: text.replace(/\r(?!\n)/g, "\n") };
}

function reported(errors: readonly (() => NablaError)[]): NablaError[] {
  return errors.slice(0, mostErrors).map((error) => error());
}

/** The first error of each statement that has one. */
function errorsByStatement(source: Source, { faults, starts }: Scan, options: Options, help: Help | undefined) {
  const errors: NablaError[] = [];
  let next = 0;
  const statements = statementsOf(source.text, starts);
  let left = statements.length;
  for (const { start, end } of statements) {
    if (errors.length === mostErrors) break;
    left--;
    const fault = faults[next];
    if (fault && fault.offset < end) {
      errors.push(fault.error());
      while (next < faults.length && faults[next]!.offset < end) next++;
      continue;
    }
    try {
      parse(source.text.slice(0, end), { ...options, startRule: "OneStatement", peg$currPos: start });
    } catch (error) {
      errors.push(errorOf(error, source, start, end, help));
    }
  }
  return { errors, left };
}

/** What is said of statements that were left alone after too many errors. */
export function leftOver(count: number): string | undefined {
  return count > 0
    ? `... and ${count} more ${count === 1 ? "statement is" : "statements are"} not read yet.`
    : undefined;
}

/** What the parser threw, as an error for people; the statement from `start` to `end` is where it was reading. */
function errorOf(thrown: unknown, source: Source, start: number, end: number, help: Help | undefined): NablaError {
  if (thrown instanceof Failure) {
    const { expected, offset } = thrown;
    return explain({ source, start, end, offset, expected }, help);
  }
  return thrown instanceof RangeError ? tooDeep() : (thrown as NablaError);
}

/** What a RangeError is for people. */
export const tooDeep = () => new LimitError("the text is nested too deep for the stack of this JavaScript engine.");
