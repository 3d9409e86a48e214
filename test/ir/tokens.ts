import { ModelSyntaxError } from "../../src/ir/errors.ts";
import type { Source, Span } from "../../src/ir/source.ts";

const token =
  /[^\S\n]*(?:(\n)|("(?:[^"\\\n]|\\.)*")|(%\d+)|(-?(?:Infinity|\d+(?:\.\d+)?(?:e[+-]?\d+)?))|([\p{L}_][\p{L}\p{M}\p{N}_]*)|(<=|\/\/|\+=|.))/uy;
type Token = "newline" | "string" | "node" | "number" | "word" | "sign" | "end";
const tokenKinds: readonly Token[] = ["newline", "string", "node", "number", "word", "sign"];

/** Reads the text form of a graph token by token: the current one, and what takes it or says what should have stood there. */
export class Tokens {
  protected readonly source: Source;
  protected kind: Token = "newline";
  protected text = "";
  protected start = 0;
  protected end = 0;

  constructor(source: Source) {
    this.source = source;
  }

  /** Items between two signs, with commas between them. */
  protected list<T>(open: string, close: string, item: (position: number) => T): T[] {
    const items: T[] = [];
    this.sign(open);
    while (this.text !== close) {
      if (items.length > 0) this.sign(",");
      items.push(item(items.length));
    }
    this.next();
    return items;
  }

  protected string(): string {
    const { start, end } = this;
    const text = this.take("string");
    try {
      return JSON.parse(text) as string;
    } catch {
      throw this.error(`${text} is no JSON string.`, start, end);
    }
  }

  protected number(): number {
    if (this.text === "NaN") {
      this.next();
      return Number.NaN;
    }
    return Number(this.take("number"));
  }

  protected sign(text: string): void {
    if (this.text !== text) throw this.unexpected(`"${text}"`);
    this.next();
  }

  protected word(text: string): void {
    if (this.kind !== "word" || this.text !== text) throw this.unexpected(`"${text}"`);
    this.next();
  }

  protected is(kind: Token, text = this.text): boolean {
    return this.kind === kind && this.text === text;
  }

  /** Takes a token of a kind: its text. */
  protected take(kind: Token): string {
    if (this.kind !== kind) throw this.unexpected(`a ${kind}`);
    const { text } = this;
    this.next();
    return text;
  }

  /** Goes on to the next token. */
  protected next(): void {
    token.lastIndex = this.end;
    const match = token.exec(this.source.text);
    if (!match) {
      this.kind = "end";
      this.text = "";
      this.start = this.end = this.source.text.length;
      return;
    }
    const group = match.findIndex((part, k) => k > 0 && part !== undefined);
    this.kind = tokenKinds[group - 1]!;
    this.text = match[group]!;
    this.end = token.lastIndex;
    this.start = this.end - this.text.length;
  }

  protected span(start = this.start, end = this.end): Span {
    return { source: this.source, start, end };
  }

  protected unexpected(wanted: string): ModelSyntaxError {
    const got =
      this.kind === "end" ? "the end of the text" : this.kind === "newline" ? "the end of the line" : `"${this.text}"`;
    return this.error(`expected ${wanted}, got ${got}.`);
  }

  protected error(summary: string, start?: number, end?: number): ModelSyntaxError {
    return new ModelSyntaxError(summary, { span: this.span(start, end) });
  }
}
