import { meant } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { NameError, nearestName, UsageError } from "../../ir/errors.ts";
import type { Extension } from "../../ir/extension.ts";
import type { Operations } from "../../ops/operations.ts";
import { refuseRows, rowFunctions, rowOf } from "../binders/rows.ts";
import { apply } from "../terms/elementwise.ts";
import type { Term } from "../terms/term.ts";
import { Call } from "./calls.ts";

/** A function of terms that is no primitive. */
export interface TermFunction {
  /** Names of the operands; the last may repeat when `repeats`. */
  readonly operands: readonly string[];
  /** How many of the last operands may be left out. */
  readonly optional?: number;
  readonly repeats?: boolean;
  readonly options?: readonly string[];
  /** Words that options take in place of a value. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  /** The option that a text before the operands is. */
  readonly text?: string;
  readonly build: (call: Call) => Term;
}

/** A function whose value is a record. */
export interface RecordFunction extends Omit<TermFunction, "build"> {
  readonly build: (call: Call) => ReadonlyMap<string, Term>;
  readonly fields: readonly string[];
}

/** Functions that come together, and what a graph needs that holds them. */
export interface Part {
  readonly functions?: Readonly<Record<string, TermFunction>>;
  readonly records?: Readonly<Record<string, RecordFunction>>;
  readonly operations?: Operations;
  readonly extension?: Extension;
}

/** Names beside the functions' own. */
export interface FurtherNames {
  /** Ours for another name. */
  readonly ours?: (name: string) => string | undefined;
  /** What to write for names that are not taken. */
  readonly advice?: (name: string) => string | undefined;
  /** Where other functions are. */
  readonly elsewhere?: string;
}

const variationNames: ReadonlySet<string> = new Set(["grad", "hvp", "jvp", "jacobian", "hessian"]);

/** What functions call their operands that are sizes, or lists of them. */
const sizeOperands: ReadonlySet<string> = new Set(["count", "high", "k", "low", "shape", "shift", "size", "widths"]);

/** Functions by name: those of all parts. */
export class Vocabulary {
  readonly functions: ReadonlyMap<string, TermFunction>;
  readonly records: ReadonlyMap<string, RecordFunction>;
  private readonly parts: readonly Part[];
  private readonly partOf = new Map<string, Part>();
  private readonly further: FurtherNames | undefined;

  constructor(parts: readonly Part[], further?: (own: Vocabulary) => FurtherNames) {
    this.parts = parts;
    this.functions = new Map(parts.flatMap(({ functions }) => Object.entries(functions ?? {})));
    this.records = new Map(parts.flatMap(({ records }) => Object.entries(records ?? {})));
    for (const part of parts) {
      const { functions = {}, records = {}, operations } = part;
      const names = [Object.keys(functions), Object.keys(records), ...(operations?.names() ?? [])].flat();
      for (const name of names) this.partOf.set(name, part);
    }
    this.further = further?.(this);
  }

  /** Every name that can be called. */
  *names(): Iterable<string> {
    yield* this.functions.keys();
    yield* this.records.keys();
    for (const { operations } of this.parts) yield* operations?.operations.keys() ?? [];
    for (const { operations } of this.parts) yield* operations?.numbered.keys() ?? [];
  }

  /** Whether a function has this very name. */
  isOwnName(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** The function's own name: the one given, or ours for a name from elsewhere or in another style. */
  canonicalName(name: string): string {
    return this.isOwnName(name) ? name : (this.further?.ours?.(name) ?? name);
  }

  /** Whether a function has this name, or is called so elsewhere. */
  isCallable(name: string): boolean {
    return this.isOwnName(this.canonicalName(name));
  }

  /** Whether a function varies its second operand. */
  isDerivative(name: string): boolean {
    return variationNames.has(this.canonicalName(name));
  }

  /** Whether a function gives a record. */
  givesRecord(name: string): boolean {
    return this.records.has(this.canonicalName(name));
  }

  /** The words that an option of a function takes, by any of the function's names; none for most. */
  wordsOf(name: string, option: string): readonly string[] {
    const words = this.functions.get(this.canonicalName(name))?.words;
    return words && Object.hasOwn(words, option) ? words[option]! : [];
  }

  /** Whether what an option is given is a word, and no value. */
  takesWord(name: string, option: string, word: string): boolean {
    return this.wordsOf(name, option).includes(word) || this.functions.get(name)?.text === option;
  }

  /** Whether an operand counts something, so that the name of a size can stand there. */
  takesSize(name: string, position: number): boolean {
    const operands = this.functions.get(this.canonicalName(name))?.operands ?? [];
    const operand = operands[position] ?? operands.at(-1);
    return operand !== undefined && sizeOperands.has(operand);
  }

  /** Where other functions are. */
  get elsewhere(): string | undefined {
    return this.further?.elsewhere;
  }

  /** What to write for a name that no function has, where that is known. */
  adviceOn(name: string): string | undefined {
    return this.further?.advice?.(name);
  }

  /** Calls a function that gives a record, by its name. Throws UsageError and what the function throws. */
  callForRecord(given: Call): ReadonlyMap<string, Term> {
    const request = this.canonical(given);
    const found = this.records.get(request.name)!;
    checkCall(found, request);
    refuseRows(
      request.builder,
      request.operands.flatMap(({ iterators }) => iterators),
    );
    return found.build(request);
  }

  /** Calls a function or primitive by its name. Throws NameError, UsageError and what the function throws. */
  call(given: Call): Term {
    const request = this.canonical(given);
    const { name, operands, options } = request;
    const found = this.functions.get(name);
    if (found) {
      checkCall(found, request);
      const ragged = operands.some(rowOf) && request.builder.graph.ability(rowFunctions);
      return ragged ? ragged.call(request, () => found.build(request)) : found.build(request);
    }
    const record = this.records.get(name);
    if (record) {
      const fields = record.fields.map((field) => `"${name}(A).${field}"`);
      throw new UsageError(`${name} gives a record.`, { notes: [`Write ${fields.join(" or ")}.`] });
    }
    for (const option of options.keys()) throw new UsageError(`${name} has no option "${option}".`);
    const operations = this.find(name)?.operations;
    const operation = operations?.named(name);
    if (operation) {
      if (operands.length === 0) throw new UsageError(`${name} needs an operand.`);
      return apply(operation, operands);
    }
    const numbered = operations?.numbered.get(name);
    if (!numbered) {
      const wayOut = this.adviceOn(name);
      throw new NameError(`unknown function "${name}".`, { notes: wayOut ? [wayOut] : this.suggestionFor(name) });
    }
    const order = operands[0]?.constant;
    if (order === undefined) throw new UsageError(`${name} needs a whole number as its first operand.`);
    return apply(numbered(order), operands.slice(1));
  }

  /** The part that has a name; polygamma7 is a member of polygamma. */
  private find(name: string): Part | undefined {
    return this.partOf.get(name) ?? this.parts.find(({ operations }) => operations?.named(name));
  }

  /** The call under the function's own name; the graph learns what the function needs. */
  private canonical(given: Call): Call {
    const name = this.canonicalName(given.name);
    const extension = this.find(name)?.extension;
    if (extension) given.builder.graph.extend(extension);
    if (name === given.name) return given;
    return new Call(given.builder, name, given.operands, given.options, given.words, given.usage);
  }

  private suggestionFor(name: string): string[] {
    const nearest = nearestName(name, this.names());
    const elsewhere = this.further?.elsewhere;
    return [...(nearest ? [`Did you mean "${nearest}"?`] : []), ...(elsewhere ? [elsewhere] : [])];
  }
}

function checkCall(
  { operands, optional = 0, repeats, options = [] }: Omit<TermFunction, "build">,
  request: Call,
): void {
  const { name, operands: given } = request;
  const fits = given.length >= operands.length - optional && (repeats || given.length <= operands.length);
  if (!fits) {
    throw new UsageError(`${name} takes ${counted(operands.length, "operand")}, got ${given.length}.`, {
      notes: [`Write ${request.usage(name, operands, options)}.`],
    });
  }
  for (const option of [...request.options.keys(), ...request.words.keys()]) {
    if (options.includes(option)) continue;
    throw new UsageError(`${name} has no option "${option}". ${meant(option, options)}`);
  }
}
