import { ModelSyntaxError, nearestName } from "../ir/errors.ts";
import type { Source } from "../ir/source.ts";
import { type Expectation, statementWords } from "./parser.generated.js";
import { slips } from "./slips.ts";
import { name, wholeWord } from "./words.ts";
import { endOfWritten } from "./written.ts";

/** A stretch of the text that was parsed by itself, and where that failed. */
export interface Failure {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly expected: readonly Expectation[];
}

interface Explanation {
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly wayOut: string | undefined;
}

/** The error for a failure of the parser: a known slip, a statement that none begins like, or what was expected. */
export function explain(failure: Failure): ModelSyntaxError {
  const { source } = failure;
  const wanted = wantedAt(failure.expected);
  const offset = placeOf(failure);
  const explanation =
    slipAt(failure, offset, wanted) ?? statementAt(failure, offset, wanted) ?? plain(failure, offset, wanted);
  const { start, end, summary, wayOut } = explanation;
  return new ModelSyntaxError(summary, { span: { source, start, end }, notes: wayOut === undefined ? [] : [wayOut] });
}

/** Everything that could have stood there, each as its text or its name in the grammar. */
function wantedAt(expected: readonly Expectation[]): ReadonlySet<string> {
  return new Set(
    expected.flatMap((expectation) => {
      if (expectation.type === "literal") return [expectation.text];
      if (expectation.type === "other") return [expectation.description];
      // Peggy makes one class of neighbouring alternatives of one character
      if (expectation.type === "class") return expectation.parts.filter((part) => typeof part === "string");
      return [];
    }),
  );
}

const beginsStatement = new RegExp(wholeWord([...statementWords, "return"]), "uy");
const token = new RegExp(`${name}|[0-9][0-9.]*|[=!<>]=|\\.\\.|//|.`, "suy");

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
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

/** How far around the failure a slip is looked for. */
const reach = 200;

function slipAt(failure: Failure, offset: number, wanted: ReadonlySet<string>): Explanation | undefined {
  const from = Math.max(failure.start, offset - reach);
  const around = failure.source.text.slice(from, Math.min(failure.end, offset + reach));
  for (const slip of slips) {
    if (slip.wanted?.some((text) => !wanted.has(text))) continue;
    if (slip.unwanted?.some((text) => wanted.has(text))) continue;
    for (const match of around.matchAll(slip.pattern)) {
      const start = from + match.index;
      const end = start + match[0].length;
      if (offset < start || offset > end || (slip.atStart && offset > start)) continue;
      return {
        start,
        end: Math.max(end, start + 1),
        summary: fill(slip.summary, match),
        wayOut: fill(slip.wayOut, match),
      };
    }
  }
  return undefined;
}

function fill(sentence: string, match: readonly string[]): string {
  return sentence.replace(/\$(\d)/g, (_, group) => (match[Number(group)] ?? "").trim());
}

interface Beginning {
  readonly word?: RegExp;
  /** What follows the word. */
  readonly rest?: RegExp;
  readonly summary: string;
  readonly wayOut: string;
}

/** Text that begins like no statement; `$0` stands for its first word. The first row that fits explains. */
const beginnings: readonly Beginning[] = [
  {
    word: /^model$/,
    summary: '"model" names the whole text, once, in its first line.',
    wayOut: "Put it there, or delete it.",
  },
  {
    rest: /^=(?!=)/,
    summary: '"$0" is defined without a word before it; only "loss" is.',
    wayOut: 'Write "let $0 = ...".',
  },
  {
    rest: /^[-+*/]=/,
    summary: 'this would change the value of "$0"; values never change.',
    wayOut: 'Give the new value a name of its own: "let next = ...".',
  },
  {
    rest: /^\[[^\]\n]*\]\s*=(?!=)/,
    summary: "elements are not set one by one; an array is made at once.",
    wayOut: 'Write "let $0 = [i in 0..n: ...]".',
  },
  {
    rest: /^~/,
    summary: "there is no statement for a distribution.",
    wayOut: 'Write the negative logarithm of its density into "loss = ...".',
  },
  {
    summary: 'no statement begins with "$0".',
    wayOut: `Write ${list([...statementWords, "loss ="].map(quoted))}.`,
  },
];

function statementAt(failure: Failure, offset: number, wanted: ReadonlySet<string>): Explanation | undefined {
  if (!wanted.has("param") || offset >= failure.end) return undefined;
  const { text } = failure.source;
  const word = matchAt(token, text, offset)!;
  const span = { start: offset, end: offset + word.length };
  const meant = nearestName(word, [...statementWords, "loss"]);
  if (meant === "param" || meant === "data") {
    return { ...span, summary: `unknown declaration "${word}".`, wayOut: 'Write "param" or "data".' };
  }
  if (meant !== undefined) {
    return { ...span, summary: `unknown statement "${word}".`, wayOut: `Did you mean "${meant}"?` };
  }
  const rest = text.slice(span.end, Math.min(failure.end, span.end + reach)).trimStart();
  const row = beginnings.find((row) => (row.word ?? /^/).test(word) && (row.rest ?? /^/).test(rest))!;
  return { ...span, summary: fill(row.summary, [word]), wayOut: fill(row.wayOut, [word]) };
}

/** What stands for many expectations at once: told by one of them, it takes the place of all. */
const groups = [
  { sign: "a number", told: "a value", all: ["a number", "a name", "-", "+", "not", "(", "[", "{", "if", "${"] },
  {
    sign: "@",
    told: "an operator",
    all: "or and == != < <= > >= .. + - * / // @ ^ [ ( . '".split(" "),
  },
];

function plain(failure: Failure, offset: number, wanted: ReadonlySet<string>): Explanation {
  const left = new Set(wanted);
  const told: string[] = [];
  for (const group of groups) {
    if (!left.has(group.sign)) continue;
    told.push(group.told);
    for (const text of group.all) left.delete(text);
  }
  for (const text of left) told.push(text.includes(" ") ? text : quoted(text));
  const found = offset < failure.offset ? undefined : matchAt(token, failure.source.text.slice(0, failure.end), offset);
  return {
    start: offset,
    end: offset + (found?.length ?? 1),
    summary: `expected ${list(told)}, got ${found === undefined ? "the end of the statement" : quoted(found)}.`,
    wayOut: undefined,
  };
}

function quoted(text: string): string {
  return `"${text}"`;
}

function list(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}
