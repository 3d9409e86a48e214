import type { Term } from "../../build/terms/term.ts";
import type { Span } from "../../ir/source.ts";
import type { FunctionDefinition } from "../syntax/syntax.ts";

/** What an expression stands for. */
export type Value = Term | RangeValue | RecordValue | RowValue | Poison;

/** low..high, without high. */
export interface RangeValue {
  readonly kind: "range";
  readonly low: Term;
  readonly high: Term;
}

/** x' of a vector x, or a number times it: it stands before "@" alone, where it means the vector. */
export interface RowValue {
  readonly kind: "row";
  readonly of: Term;
}

/** The fields of a block. */
export interface RecordValue {
  readonly kind: "record";
  readonly fields: ReadonlyMap<string, Value>;
  /** The value that the record is wherever one is needed: of a loop whose body is the next value of its only carry. */
  readonly alone?: Term;
}

/** The value of what has an error that was reported: whatever uses it stays silent. */
export interface Poison {
  readonly kind: "poison";
}

export const poison: Poison = { kind: "poison" };

/** The value itself, of a record that is one. */
export function plain(value: Value): Value {
  return "kind" in value && value.kind === "record" ? (value.alone ?? value) : value;
}

/** Unwinds out of a body that cannot have a value, to where the poison is taken up. */
export class Poisoned extends Error {}

/** True of what stands for a value with an error. */
export function isPoison(value: Value): value is Poison {
  return "kind" in value && value.kind === "poison";
}

/** What a name was declared as. */
export type Role =
  | "size"
  | "param"
  | "data"
  | "const"
  | "let"
  | "output"
  | "loss"
  | "iterator"
  | "carry"
  | "argument"
  | "function";

/** A name in scope. */
export interface Entry {
  readonly name: string;
  readonly role: Role;
  readonly value: Value;
  /** Where it was declared; absent for sizes that a caller passes. */
  readonly span: Span | undefined;
  readonly definition?: FunctionDefinition;
}

/** Names in scope, the innermost first. */
export class Scope {
  private readonly entries = new Map<string, Entry>();
  private readonly outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  own(name: string): Entry | undefined {
    return this.entries.get(name);
  }

  find(name: string): Entry | undefined {
    let scope: Scope | undefined = this;
    for (; scope; scope = scope.outer) {
      const entry = scope.entries.get(name);
      if (entry) return entry;
    }
    return undefined;
  }

  declare(entry: Entry): void {
    this.entries.set(entry.name, entry);
  }

  /** Every name in scope, the innermost first. */
  *all(): Iterable<Entry> {
    let scope: Scope | undefined = this;
    for (; scope; scope = scope.outer) yield* scope.entries.values();
  }
}
