import { ModelSyntaxError } from "../../ir/errors.ts";
import type { Source } from "../../ir/source.ts";
import { type Expectation, statementWords } from "../syntax/parser.generated.js";
import { name, wholeWord } from "../syntax/words.ts";
import { endOfWritten } from "../syntax/written.ts";
import type { Help } from "./help.ts";

/** A stretch of the text that was parsed by itself, and where that failed. */
export interface Failure {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly expected: readonly Expectation[];
}

export interface Explanation {
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly wayOut: string | undefined;
}

/** The error for a failure of the parser: what help says of it, or what was expected. */
export function explain(failure: Failure, help: Help | undefined): ModelSyntaxError {
  const { source } = failure;
  const wanted = new Set(failure.expected.flat());
  const offset = placeOf(failure);
  const explanation = help?.explain(failure, offset, wanted) ?? plain(failure, offset, wanted);
  const { start, end, summary, wayOut } = explanation;
  return new ModelSyntaxError(summary, { span: { source, start, end }, notes: wayOut === undefined ? [] : [wayOut] });
}

const beginsStatement = new RegExp(wholeWord([...statementWords, "return"]), "uy");
/** What a message quotes as one word. */
export const token = new RegExp(`${name}|[0-9][0-9.]*|[=!<>]=|\\.\\.|//|.`, "suy");

/** What a sticky pattern finds at a place. */
export function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

/** A statement that breaks off is told where it breaks off, not where the next one begins. */
function placeOf({ source, start, end, offset }: Failure): number {
  const last = endOfWritten(source.text, start, offset);
  if (offset >= end) return last;
  const isNext = matchAt(beginsStatement, source.text, offset) && source.text.slice(last, offset).includes("\n");
  return isNext && last > start ? last : offset;
}

const blanks = /[ \t]*/y;

/** What stands for many expectations at once: told by one of them, it takes the place of all. */
const groups = [
  {
    sign: "a number",
    told: "a value",
    all: ["a number", "a name", "a text", "-", "+", "not", "(", "[", "{", "if", "${"],
  },
  {
    sign: "@",
    told: "an operator",
    all: "or and == != < <= > >= .. + - * / // @ ^ [ ( . '".split(" "),
  },
];

function plain(failure: Failure, at: number, wanted: ReadonlySet<string>): Explanation {
  const offset = at + matchAt(blanks, failure.source.text, at)!.length;
  const left = new Set(wanted);
  const told: string[] = [];
  for (const group of groups) {
    if (!left.has(group.sign)) continue;
    told.push(group.told);
    for (const text of group.all) left.delete(text);
  }
  for (const text of left) told.push(text.includes(" ") ? text : quoted(text));
  if (told.length === 0) told.push("the end of the statement");
  const found = offset < failure.offset ? undefined : matchAt(token, failure.source.text.slice(0, failure.end), offset);
  return {
    start: offset,
    end: offset + (found?.length ?? 1),
    summary: `expected ${list(told)}, got ${found === undefined ? "the end of the statement" : quoted(found)}.`,
    wayOut: undefined,
  };
}

/** A control character as people can see it. */
const codeOf = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A text in quotes, with the codes of signs that cannot be seen. */
export function quoted(text: string): string {
  return `"${text.replace(/\p{Cc}/gu, codeOf)}"`;
}

/** "a, b or c". */
export function list(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}
