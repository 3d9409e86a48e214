import { LimitError, ModelSyntaxError } from "../../ir/errors.ts";
import { positionOf, type Source, type Span } from "../../ir/source.ts";
import type { Help } from "../help/help.ts";
import { codeOf, foreignCharacter } from "../help/lookalikes.ts";
import { statementWords } from "./parser.generated.js";
import type { Comment } from "./syntax.ts";
import { wholeWord } from "./words.ts";

/** How deep brackets may stand within brackets. */
export const deepestNesting = 1000;

/** Something wrong at a place; the error, whose text costs a look at the whole source, is made when it is reported. */
export interface Fault {
  readonly offset: number;
  readonly error: () => ModelSyntaxError;
}

/** How many faults are kept: more than are reported, and few enough for a text that is nothing else. */
const mostFaults = 1000;

export interface Scan {
  readonly comments: readonly Comment[];
  /** Brackets that do not match and foreign characters, in the order of the text. */
  readonly faults: readonly Fault[];
  /** Where a statement can begin: after each line's end or ";" that no bracket encloses. */
  readonly starts: readonly number[];
}

interface Bracket {
  readonly sign: string;
  readonly offset: number;
}

const closerOf = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const openerOf = new Map([...closerOf].map(([opener, closer]) => [closer, opener]));

/** Within a block these begin a line too. */
const wordsInBlocks = new Set(["let", "return"]);

const interesting = new RegExp(
  ["#", "[()[\\]{};]", `\\n[ \\t\\r]*(${wholeWord([...statementWords, "return"])})?`, foreignCharacter].join("|"),
  "gu",
);

/**
 * One pass over the text before it is parsed: it keeps the comments and finds what a parser explains badly, or
 * cannot survive. Throws LimitError for brackets deeper than `deepestNesting`.
 */
export function scan(source: Source, help?: Help): Scan {
  const { text } = source;
  const comments: Comment[] = [];
  const faults: Fault[] = [];
  const starts: number[] = [0];
  const open: Bracket[] = [];
  let lineStart = 0;

  const spanOf = (start: number, length = 1): Span => ({ source, start, end: start + length });

  const fault = (offset: number, error: Fault["error"]) => {
    if (faults.length < mostFaults) faults.push({ offset, error });
  };

  const bracketFault = (offset: number, summary: string, note: () => string) =>
    fault(offset, () => new ModelSyntaxError(summary, { span: spanOf(offset), notes: [note()] }));

  const leftOpen = ({ sign, offset }: Bracket) => {
    bracketFault(offset, `"${sign}" is never closed.`, () => `Write "${closerOf.get(sign)}" where it ends.`);
  };

  const close = (closer: string, offset: number) => {
    const opener = openerOf.get(closer)!;
    const top = open.at(-1);
    if (top === undefined) {
      bracketFault(offset, `"${closer}" closes nothing.`, () => `Delete it, or write "${opener}" where it begins.`);
    } else if (top.sign === opener) {
      open.pop();
    } else if (open.some(({ sign }) => sign === opener)) {
      leftOpen(top);
      while (open.pop()!.sign !== opener);
    } else {
      bracketFault(offset, `"${closer}" cannot close "${top.sign}".`, () => {
        const { line, column } = positionOf(source, top.offset);
        return `"${top.sign}" stands at ${line}:${column}; write "${closerOf.get(top.sign)}".`;
      });
      open.pop();
    }
  };

  /** A line that begins with a statement's word ends all brackets, or those within the innermost block. */
  const resume = (word: string, offset: number) => {
    let kept = wordsInBlocks.has(word) ? open.length : 0;
    while (kept > 0 && open[kept - 1]!.sign !== "{") kept--;
    if (open.length <= kept) return;
    leftOpen(open.at(-1)!);
    open.length = kept;
    if (kept === 0) starts.push(offset);
  };

  const pattern = new RegExp(interesting);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [token, word] = match;
    const offset = match.index;
    if (token === "#") {
      // the rest of a long line is nothing for a pattern, which would run out of stack
      pattern.lastIndex = (text.indexOf("\n", offset) + 1 || text.length + 1) - 1;
      const comment = text.slice(offset, pattern.lastIndex).trimEnd();
      const ownLine = /^[ \t]*$/.test(text.slice(lineStart, offset));
      comments.push({ text: comment, ownLine, span: spanOf(offset, comment.length) });
    } else if (token.startsWith("\n")) {
      lineStart = offset + 1;
      if (open.length === 0) starts.push(lineStart);
      if (word !== undefined) resume(word, lineStart);
    } else if (token === ";") {
      if (open.length === 0) starts.push(offset + 1);
    } else if (closerOf.has(token)) {
      open.push({ sign: token, offset });
      if (open.length > deepestNesting) {
        throw new LimitError(`brackets stand more than ${deepestNesting} deep.`, { span: spanOf(offset) });
      }
    } else if (openerOf.has(token)) {
      close(token, offset);
    } else if (offset > 0 || token !== "\uFEFF") {
      const span = spanOf(offset, token.length);
      fault(offset, () => foreignError(token, span, help));
    }
  }
  if (open.length > 0) leftOpen(open.at(-1)!);
  return { comments, faults: faults.sort((a, b) => a.offset - b.offset), starts };
}

function foreignError(character: string, span: Span, help: Help | undefined): ModelSyntaxError {
  const { summary, notes } = help?.foreign(character) ?? {
    summary: `"${character}" (${codeOf(character)}) has no meaning here.`,
    notes: [],
  };
  return new ModelSyntaxError(summary, { span, notes });
}
