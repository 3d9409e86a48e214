import { excerpt, type Position, place, positionOf, type Span } from "./source.ts";

/** What went wrong, in one word that programs can switch on. */
export type ErrorKind =
  | "syntax"
  | "name"
  | "type"
  | "shape"
  | "range"
  | "unit"
  | "differentiation"
  | "unsupported"
  | "data"
  | "usage"
  | "limit";

/** What an error says beside its summary. */
export interface ErrorDetails {
  /** Where in the model's text. */
  readonly span?: Span | undefined;
  /** Sentences printed after the excerpt: declarations that matter, a way out. */
  readonly notes?: readonly string[] | undefined;
}

/**
 * Every error nabla throws on purpose. `summary` is one sentence; `message` is the whole text a person reads:
 * place, summary, the source line with carets, notes.
 */
export class NablaError extends Error {
  readonly kind: ErrorKind;
  readonly summary: string;
  readonly span: Span | undefined;
  readonly notes: readonly string[];

  constructor(kind: ErrorKind, summary: string, details: ErrorDetails = {}) {
    super(errorText(summary, details.span, details.notes ?? []));
    this.name = "NablaError";
    this.kind = kind;
    this.summary = summary;
    this.span = details.span;
    this.notes = details.notes ?? [];
  }

  /** Line and column of the span, where there is one. */
  get position(): Position | undefined {
    return this.span && positionOf(this.span.source, this.span.start);
  }
}

/** The errors of a kind. Bundlers shorten the names of classes, and these are texts. */
function errorOf(kind: ErrorKind, name: string): new (summary: string, details?: ErrorDetails) => NablaError {
  return class extends NablaError {
    constructor(summary: string, details?: ErrorDetails) {
      super(kind, summary, details);
      this.name = name;
    }
  };
}

/** The most letters of a sentence: names and literals may be longer than anyone reads. */
const mostLetters = 2000;

const short = (sentence: string) =>
  sentence.length <= mostLetters
    ? sentence
    : `${sentence.slice(0, mostLetters / 2)} ... ${sentence.slice(-mostLetters / 4)}`;

function errorText(summary: string, span: Span | undefined, notes: readonly string[]): string {
  const head = span ? [`${place(span)}: ${short(summary)}`, excerpt(span)] : [short(summary)];
  return [...head, ...notes.map(short)].join("\n");
}

/** Text that does not follow the grammar. */
export class ModelSyntaxError extends errorOf("syntax", "ModelSyntaxError") {}

/** A name that nothing declares, or that is declared twice. */
export class NameError extends errorOf("name", "NameError") {}

/** A boolean where a number is needed, a real where an index is needed, and the like. */
export class TypeMismatchError extends errorOf("type", "TypeMismatchError") {}

/** Shapes that do not fit; `shapes` holds them as printed. */
export class ShapeError extends errorOf("shape", "ShapeError") {
  readonly shapes: readonly string[];
  constructor(summary: string, details?: ErrorDetails & { readonly shapes?: readonly string[] }) {
    super(summary, details);
    this.shapes = details?.shapes ?? [];
  }
}

/** An index or a given range that leaves its tensor. */
export class IndexRangeError extends errorOf("range", "IndexRangeError") {}

/** Units that do not agree. */
export class UnitError extends errorOf("unit", "UnitError") {}

/** Something on the way from the loss to a variable has no derivative; `path` names the nodes in between. */
export class DifferentiationError extends errorOf("differentiation", "DifferentiationError") {
  readonly primitive: string;
  readonly path: readonly string[];
  constructor(
    summary: string,
    details: ErrorDetails & { readonly primitive: string; readonly path: readonly string[] },
  ) {
    super(summary, details);
    this.primitive = details.primitive;
    this.path = details.path;
  }
}

/** Valid text or use that this version does not carry yet. */
export class UnsupportedError extends errorOf("unsupported", "UnsupportedError") {}

/** Run-time data that does not fit the model: names, sizes, values out of range. */
export class DataError extends errorOf("data", "DataError") {}

/** An interface used wrongly: a missing argument, an unknown option. */
export class UsageError extends errorOf("usage", "UsageError") {}

/** Input larger or deeper than a stated limit. */
export class LimitError extends errorOf("limit", "LimitError") {}

/** Several independent errors of one run, printed one below the other. */
export class ModelErrors extends NablaError {
  readonly errors: readonly NablaError[];
  /** What was not read after too many errors. */
  readonly rest: string | undefined;
  constructor(errors: readonly NablaError[], rest?: string) {
    const first = errors[0]!;
    super(first.kind, first.summary, { span: first.span, notes: first.notes });
    this.name = "ModelErrors";
    this.errors = errors;
    this.rest = rest;
    this.message = [...errors.map((error) => error.message), ...(rest ? [rest] : [])].join("\n\n");
  }
}

/** Throws nothing for an empty list, the error itself for one, and all together for more; `rest` says what was not read. */
export function throwErrors(errors: readonly NablaError[], rest?: string): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new ModelErrors(errors, rest);
}

/** Longer names are not compared letter by letter, which takes the square of their length. */
const longestName = 200;

/** The candidate nearest to a misspelt name, when it is near enough to suggest. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  let best: string | undefined;
  // one letter is near every other: only its case can be wrong
  let bestDistance = name.length === 1 ? 1 : Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits (insert, delete, replace, swap neighbours) from a to b; gives up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > 100) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] || a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase();
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
