import { nearestName } from "../../ir/errors.ts";
import type { Span } from "../../ir/source.ts";
import { statementWords } from "../syntax/parser.generated.js";
import { type Explanation, type Failure, list, matchAt, quoted, token } from "./explain.ts";
import { noBlocks } from "./slip.ts";
import { slips } from "./slips.ts";

/** What a failure of the parser comes from, where people do it often: a known slip, or a statement that none begins like. */
export function habitAt(failure: Failure, offset: number, wanted: ReadonlySet<string>): Explanation | undefined {
  return slipAt(failure, offset, wanted) ?? statementAt(failure, offset, wanted);
}

/** How far around the failure a slip is looked for. */
const reach = 200;

function slipAt(failure: Failure, offset: number, wanted: ReadonlySet<string>): Explanation | undefined {
  const from = Math.max(failure.start, offset - reach);
  const around = failure.source.text.slice(from, Math.min(failure.end, offset + reach));
  for (const slip of slips) {
    if (slip.wanted?.some((text) => !wanted.has(text))) continue;
    if (slip.unwanted?.some((text) => wanted.has(text))) continue;
    for (const match of around.matchAll(new RegExp(slip.pattern, "gmu"))) {
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
    rest: /^(\([^()\n]*\))[ \t]*:=/,
    summary: '":=" is not an operator; "=" gives a name its value.',
    wayOut: 'Write "def $0(x) = ..." for a function.',
  },
  {
    word: /^(parameters|functions|transformed|generated|block)$/,
    rest: /^((data|parameters|quantities)[ \t]*)?\{/,
    ...noBlocks,
  },
  {
    word: /^(minimi[sz]e|maximi[sz]e|min|max|objective|return)$/,
    summary: 'no statement begins with "$0".',
    wayOut: 'Write "loss = ..." for what is made least.',
  },
  {
    word: /^(import|from|using|library|include)$/,
    summary: "nothing is imported: a model knows all functions.",
    wayOut: "Delete the line.",
  },
  {
    word: /^(function|fn|func|fun)$/,
    summary: 'no statement begins with "$0".',
    wayOut: 'Write "def f(x) = ...".',
  },
  {
    word: /^(if|unless|switch|case|match)$/,
    summary: "a choice is an expression, and begins no statement.",
    wayOut: 'Write "let x = if condition then a else b".',
  },
  {
    word: /^(end|begin|endif|done|fi)$/,
    summary: 'no statement begins with "$0": each ends with its line.',
    wayOut: "Delete it.",
  },
  {
    word: /^(subject|such|assert|require|constraints?|where|st)$/,
    summary: "there is no statement for a condition.",
    wayOut: 'Write bounds as "param x within 0..1", and other conditions as penalties in the loss.',
  },
  {
    word: /^(var|val|variables?|inputs?|parameters?|args?|dims?)$/,
    summary: 'no statement begins with "$0".',
    wayOut: 'Write "param x: [n]" for what is fitted, "data x: [n]" for what is given.',
  },
  {
    word: /^(real|int|float|double|bool|vector|matrix|array)$/,
    summary: 'a type stands behind its name, got "$0" before one.',
    wayOut: 'Write "param x: [n]" for what is fitted, "data x: [n]" for what is given.',
  },
  {
    rest: /^<-/,
    summary: '"<-" is not an operator; "=" gives a name its value.',
    wayOut: 'Write "let $0 = ...", or "def $0(x) = ..." for a function.',
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
  // a word that begins like a keyword leaves that one out
  if (!(wanted.has("param") || wanted.has("size")) || offset >= failure.end) return undefined;
  const { text } = failure.source;
  const word = matchAt(token, text, offset)!;
  const span = { start: offset, end: offset + word.length };
  const known = beginnings.some((row) => row.word?.test(word));
  const meant = known ? undefined : nearestName(word, [...statementWords, "loss"]);
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

/** A comment of one word behind "//" reads as a division by it. */
export function adviceOnUnknown({ source, start }: Span): string | undefined {
  const line = source.text.slice(source.text.lastIndexOf("\n", start) + 1, start);
  return /\/\/[ \t]*$/.test(line) ? 'If "//" is to begin a comment: begin it with "#".' : undefined;
}
