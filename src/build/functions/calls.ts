import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Builder } from "../terms/builder.ts";
import type { Term } from "../terms/term.ts";
import { variationOfTerm } from "../terms/variation.ts";

/** How a call is written, for errors. */
export type Usage = (name: string, operands: readonly string[], options: readonly string[]) => string;

const textUsage: Usage = (name, operands, options) =>
  `${name}(${[...operands, ...options.map((option) => `${option} = ...`)].join(", ")})`;

/** A call of a function: operands in order, and options by name. */
export class Call {
  readonly builder: Builder;
  readonly name: string;
  readonly operands: readonly Term[];
  readonly options: ReadonlyMap<string, Term>;
  /** Options that are words: padding = same. */
  readonly words: ReadonlyMap<string, string>;
  readonly usage: Usage;

  constructor(
    builder: Builder,
    name: string,
    operands: readonly Term[],
    options: ReadonlyMap<string, Term> = new Map(),
    words: ReadonlyMap<string, string> = new Map(),
    usage = textUsage,
  ) {
    this.builder = builder;
    this.name = name;
    this.operands = operands;
    this.options = options;
    this.words = words;
    this.usage = usage;
  }

  get first(): Term {
    return this.operands[0]!;
  }

  /** The axes to work on: the option `axis`, one or a list, else all or the last. */
  axes(otherwise: "all" | "last" = "all"): number[] {
    const { rank } = this.first;
    const given = this.options.get("axis");
    if (!given) {
      if (otherwise === "all") return Array.from({ length: rank }, (_, axis) => axis);
      if (rank === 0) throw new ShapeError(`${this.name} needs an array, got a scalar.`);
      return [rank - 1];
    }
    const axes = (given.elements ?? [given]).map((element) => this.axisOf(element));
    const twice = axes.find((axis, k) => axes.indexOf(axis) < k);
    if (twice !== undefined) throw new UsageError(`${this.name} names axis ${twice} twice.`);
    return axes;
  }

  /** The one axis to work on. */
  axis(otherwise: number | "last"): number {
    const given = this.options.get("axis");
    if (!given && typeof otherwise === "number") return otherwise;
    const axes = this.axes("last");
    if (axes.length !== 1) throw new UsageError(`${this.name} works along one axis, got ${axes.length}.`);
    return axes[0]!;
  }

  private axisOf(element: Term): number {
    const { rank, shape } = this.first;
    const given = element.constant ?? Number.NaN;
    const axis = given < 0 ? rank + given : given;
    if (Number.isInteger(axis) && axis >= 0 && axis < rank) return axis;
    if (rank === 0) throw new ShapeError(`${this.name} needs an axis, and a number has none.`);
    const got = Number.isNaN(given) ? "an expression: write the number" : String(given);
    throw new ShapeError(
      `${this.name} needs an axis of ${showShape(shape)}, a whole number from 0 to ${rank - 1}, got ${got}.`,
    );
  }

  /** An option or operand that is a size. */
  size(name: string, otherwise?: Integer): Integer {
    const given = this.options.get(name);
    if (!given) {
      if (otherwise) return otherwise;
      throw new UsageError(`${this.name} needs "${name} = ...".`);
    }
    return sizeOf(given, `"${name}" of ${this.name}`);
  }

  number(name: string, otherwise: number): number {
    const given = this.options.get(name);
    if (!given) return otherwise;
    const value = given.constant;
    if (value === undefined) throw new UsageError(`"${name}" of ${this.name} needs a number.`);
    return value;
  }

  /** An option that is true or false. */
  flag(name: string, otherwise: boolean): boolean {
    const given = this.options.get(name);
    if (!given) return otherwise;
    const { constant, dtype } = given;
    if (dtype === "bool" && constant !== undefined) return constant !== 0;
    throw new UsageError(`"${name}" of ${this.name} is true or false.`);
  }

  /** The operand as a list of sizes: a written list, or one size alone. */
  sizes(position: number): Integer[] {
    const operand = this.operands[position]!;
    const elements = operand.elements ?? [operand];
    return elements.map((element) => sizeOf(element, `operand ${position + 1} of ${this.name}`));
  }
}

/** A term as a symbolic size. Throws TypeMismatchError for what is not a whole number of sizes and constants. */
export function sizeOf(term: Term, what: string): Integer {
  const { integer } = term;
  if (integer && !integer.isVariable()) return integer;
  const { told, notes } = variationOfTerm(term);
  throw new TypeMismatchError(`${what} needs a size, a whole number of sizes and constants, got ${told}.`, { notes });
}
