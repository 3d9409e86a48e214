import { Integer } from "../../ir/integer.ts";
import type { Loop, Program, Statement } from "./loops.ts";
import { statementsOf, visitStatement } from "./rewrite-statements.ts";

/** The least and the largest value that an integer can have. */
export type Range = readonly [least: number, largest: number];

/** Narrower ranges of some variables, from the guards that hold where they are read. */
export type Narrowed = ReadonlyMap<number, Range>;

const anything: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
const none: Narrowed = new Map();

export type Term = Integer["terms"][number];
type Definition = Extract<Statement, { readonly kind: "for" | "index" }>;

/** What the integers of a program can be, with given values of its sizes. */
export class Ranges {
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly definitions = new Map<number, Definition[]>();
  private readonly numbers = new Map<Integer, Integer>();
  private readonly sums = new Map<number, Integer | undefined>();
  private readonly known = new Map<number, Range>();

  constructor(program: Program, sizes: ReadonlyMap<string, number>) {
    this.sizes = sizes;
    const note = (statement: Statement) => {
      if (statement.kind !== "for" && statement.kind !== "index") return;
      const { variable } = statement;
      this.definitions.set(variable, [...(this.definitions.get(variable) ?? []), statement]);
    };
    for (const statement of statementsOf(program)) visitStatement(statement, { statement: note });
  }

  /** With sizes as numbers: a polynomial in the variables of loops and in elements of int tensors. */
  resolved(integer: Integer): Integer {
    const known = this.numbers.get(integer);
    if (known) return known;
    const resolved = integer.substitute((atom) => {
      if (atom.kind === "name") return Integer.constant(this.sizes.get(atom.name)!);
      return atom.kind === "iterator" ? this.sumOf(atom.iterator) : undefined;
    });
    this.numbers.set(integer, resolved);
    return resolved;
  }

  /** True for a variable that one statement alone gives its value. */
  isDefinedOnce(variable: number): boolean {
    return this.definitions.get(variable)?.length === 1;
  }

  /** The range of an integer that has been resolved. */
  of(integer: Integer, narrowed: Narrowed = none): Range {
    let [least, largest] = [0, 0];
    for (const { coefficient, atoms } of integer.terms) {
      const [low, high] = product([coefficient, coefficient], this.ofProduct(atoms, narrowed));
      least += low;
      largest += high;
    }
    return [least, largest];
  }

  ofProduct(atoms: Term["atoms"], narrowed: Narrowed = none): Range {
    let range: Range = [1, 1];
    for (const atom of atoms) {
      if (atom.kind === "iterator") range = product(range, this.ofVariable(atom.iterator, narrowed));
      else if (atom.kind === "floorDiv" && (atom.denominator.value ?? 0) > 0) {
        const [low, high] = this.of(atom.numerator, narrowed);
        const divisor = atom.denominator.value!;
        range = product(range, [Math.floor(low / divisor), Math.floor(high / divisor)]);
      } else return anything;
    }
    return range;
  }

  ofVariable(variable: number, narrowed: Narrowed = none): Range {
    const range = this.known.get(variable) ?? this.find(variable);
    this.known.set(variable, range);
    const narrow = narrowed.get(variable);
    return narrow ? [Math.max(range[0], narrow[0]), Math.min(range[1], narrow[1])] : range;
  }

  /** True for a loop whose body never runs. */
  isEmpty(loop: Loop): boolean {
    const [least, largest] = this.ofLoop(loop);
    return largest < least;
  }

  /** The range of a loop's variable; an empty one where the loop never runs. */
  private ofLoop({ from, to, step }: Loop): Range {
    const starts = from.map((bound) => this.of(this.resolved(bound)));
    const least = Math.max(...starts.map(([low]) => low));
    const end = Math.min(...to.map((bound) => this.of(this.resolved(bound))[1]));
    const isExact = from.length === 1 && starts[0]![1] === least;
    return [least, isExact ? least + step * Math.floor((end - 1 - least) / step) : end - 1];
  }

  /** The sum that a variable is a name of. */
  private sumOf(variable: number): Integer | undefined {
    if (this.sums.has(variable)) return this.sums.get(variable);
    const values = (this.definitions.get(variable) ?? []).map((definition) =>
      definition.kind === "index" && definition.value.kind === "integer" ? definition.value.integer : undefined,
    );
    const [first] = values;
    const isOne = first !== undefined && values.every((value) => value?.key === first.key);
    const sum = isOne ? this.resolved(first) : undefined;
    this.sums.set(variable, sum);
    return sum;
  }

  private find(variable: number): Range {
    const ranges = (this.definitions.get(variable) ?? []).map((definition): Range => {
      if (definition.kind === "for") return this.ofLoop(definition);
      return definition.below ? [0, this.of(this.resolved(definition.below))[1] - 1] : anything;
    });
    const some = ranges.filter(([least, largest]) => least <= largest);
    if (ranges.length === 0) return anything;
    if (some.length === 0) return ranges[0]!;
    return [Math.min(...some.map(([least]) => least)), Math.max(...some.map(([, largest]) => largest))];
  }
}

/** The variables that a term mentions. */
export function variablesOf({ atoms }: Term): number[] {
  return atoms.flatMap((atom) => {
    if (atom.kind === "iterator") return [atom.iterator];
    return atom.kind === "floorDiv" ? [...atom.numerator.iterators(), ...atom.denominator.iterators()] : [];
  });
}

function product([a, b]: Range, [c, d]: Range): Range {
  // 0 of something without an end is 0
  const ends = [a, b].flatMap((x) => [c, d].map((y) => (x === 0 || y === 0 ? 0 : x * y)));
  return [Math.min(...ends), Math.max(...ends)];
}
