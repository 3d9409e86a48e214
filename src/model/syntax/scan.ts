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
  const starts: number[] = [0];
  const faults = new Faults(source);
  const brackets = new Brackets(source, faults);
  let lineStart = 0;
  const pattern = new RegExp(interesting);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [token, word] = match;
    const offset = match.index;
    if (token === "#") {
      // the rest of a long line is nothing for a pattern, which would run out of stack
      pattern.lastIndex = (text.indexOf("\n", offset) + 1 || text.length + 1) - 1;
      const comment = text.slice(offset, pattern.lastIndex).trimEnd();
      const ownLine = /^[ \t]*$/.test(text.slice(lineStart, offset));
      comments.push({ text: comment, ownLine, span: spanOf(source, offset, comment.length) });
    } else if (token.startsWith("\n")) {
      lineStart = offset + 1;
      if (brackets.areClosed) starts.push(lineStart);
      if (word === undefined) continue;
      const at = offset + token.length - word.length;
      if (at > lineStart && brackets.refuse(word, at)) continue;
      if (brackets.resume(word)) starts.push(lineStart);
    } else if (token === ";") {
      if (brackets.areClosed) starts.push(offset + 1);
    } else if (closerOf.has(token)) brackets.open(token, offset);
    else if (openerOf.has(token)) brackets.close(token, offset);
    else if ((offset > 0 || token !== "\uFEFF") && !isMarkOfName(text, offset, token)) {
      const span = spanOf(source, offset, token.length);
      faults.add(offset, () => foreignError(token, span, help));
    }
  }
  brackets.end();
  return { comments, faults: faults.inOrder(), starts };
}

/** Whether a character is a mark of a script that has no letter for what stands before it with that mark. */
function isMarkOfName(text: string, offset: number, character: string): boolean {
  if (!/(?!\p{DI})[\p{Mn}\p{Mc}]/u.test(character)) return false;
  const before = /[\p{L}\p{N}_]\p{M}*$/u.exec(text.slice(Math.max(0, offset - 8), offset));
  const marked = before?.[0].concat(character);
  return marked !== undefined && marked.normalize().length >= marked.length;
}

const spanOf = (source: Source, start: number, length = 1): Span => ({ source, start, end: start + length });

/** What is wrong with a text, the first of it. */
class Faults {
  private readonly source: Source;
  private readonly all: Fault[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  add(offset: number, error: Fault["error"]): void {
    if (this.all.length < mostFaults) this.all.push({ offset, error });
  }

  addBracket(offset: number, summary: string, note: () => string): void {
    this.add(offset, () => new ModelSyntaxError(summary, { span: spanOf(this.source, offset), notes: [note()] }));
  }

  inOrder(): Fault[] {
    return this.all.sort((a, b) => a.offset - b.offset);
  }
}

/** The brackets that are open at a place of a text. */
class Brackets {
  private readonly source: Source;
  private readonly faults: Faults;
  private readonly stack: Bracket[] = [];

  constructor(source: Source, faults: Faults) {
    this.source = source;
    this.faults = faults;
  }

  get areClosed(): boolean {
    return this.stack.length === 0;
  }

  open(sign: string, offset: number): void {
    this.stack.push({ sign, offset });
    if (this.stack.length > deepestNesting) {
      throw new LimitError(`brackets stand more than ${deepestNesting} deep.`, { span: spanOf(this.source, offset) });
    }
  }

  close(closer: string, offset: number): void {
    const { stack, faults } = this;
    const opener = openerOf.get(closer)!;
    const top = stack.at(-1);
    if (top === undefined) {
      faults.addBracket(
        offset,
        `"${closer}" closes nothing.`,
        () => `Delete it, or write "${opener}" where it begins.`,
      );
    } else if (top.sign === opener) {
      stack.pop();
    } else if (stack.some(({ sign }) => sign === opener)) {
      this.leaveOpen(top);
      while (stack.pop()!.sign !== opener);
    } else {
      faults.addBracket(offset, `"${closer}" cannot close "${top.sign}".`, () => {
        const { line, column } = positionOf(this.source, top.offset);
        return `"${top.sign}" stands at ${line}:${column}; write "${closerOf.get(top.sign)}".`;
      });
      stack.pop();
    }
  }

  /** A line that begins, indented, with a word that no block holds belongs to the block all the same. True where it does. */
  refuse(word: string, offset: number): boolean {
    const top = this.stack.at(-1);
    if (top?.sign !== "{" || wordsInBlocks.has(word)) return false;
    const { line, column } = positionOf(this.source, top.offset);
    const span = spanOf(this.source, offset, word.length);
    const notes = [`The block begins at ${line}:${column}. Write "${word}" above it, or "}" where it ends.`];
    this.faults.add(offset, () => new ModelSyntaxError(`"${word}" cannot stand in a block.`, { span, notes }));
    return true;
  }

  /**
   * A line that begins with a statement's word ends all brackets, or those within the innermost block. True where it ends all
   * that were open.
   */
  resume(word: string): boolean {
    const { stack } = this;
    let kept = wordsInBlocks.has(word) ? stack.length : 0;
    while (kept > 0 && stack[kept - 1]!.sign !== "{") kept--;
    if (stack.length <= kept) return false;
    this.leaveOpen(stack.at(-1)!);
    stack.length = kept;
    return kept === 0;
  }

  /** The text ends. */
  end(): void {
    if (!this.areClosed) this.leaveOpen(this.stack.at(-1)!);
  }

  private leaveOpen({ sign, offset }: Bracket): void {
    this.faults.addBracket(offset, `"${sign}" is never closed.`, () => `Write "${closerOf.get(sign)}" where it ends.`);
  }
}

function foreignError(character: string, span: Span, help: Help | undefined): ModelSyntaxError {
  const { summary, notes } = help?.foreign(character) ?? {
    summary: `"${character}" (${codeOf(character)}) has no meaning here.`,
    notes: [],
  };
  return new ModelSyntaxError(summary, { span, notes });
}
