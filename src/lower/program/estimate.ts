import { Integer } from "../../ir/integer.ts";
import type { Buffer, Loop, Program, Statement, Value } from "./loops.ts";
import { isNest, ownValue, visitValue } from "./rewrite-statements.ts";

/** How often a loop steered by values is taken to run. */
const turnsOfWhile = 10;

/** How far two integers of the data that limit a loop are taken to lie apart. */
const betweenPlaces = 10;

/** What statements cost with given values of the sizes; a loop whose limits move as it runs is met in the middle of its range. */
export class Estimate {
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly middle = new Map<number, number>();
  /** What integers of the data are taken to be where nothing else limits a loop, and others that are computed from them. */
  private readonly ofData = new Map<number, number>();
  private readonly rounded = new Map<number, number>();

  constructor(sizes: ReadonlyMap<string, number>) {
    this.sizes = sizes;
  }

  numberOf(integer: Integer): number {
    return this.numberBy(integer, (iterator) => this.middle.get(iterator));
  }

  private numberBy(integer: Integer, at: (iterator: number) => number | undefined): number {
    return integer.evaluate((atom) =>
      atom.kind === "name" ? this.sizes.get(atom.name)! : atom.kind === "iterator" ? (at(atom.iterator) ?? 0) : 0,
    );
  }

  /** What buffers take of memory. */
  bytesOf(buffers: readonly Pick<Buffer, "shape">[]): number {
    return buffers.reduce((sum, { shape }) => sum + 8 * this.numberOf(Integer.product(shape)), 0);
  }

  /** Notes what a variable of the program stands for. */
  define(variable: number, integer: Integer): void {
    const number = this.numberOf(integer);
    this.middle.set(variable, number);
    if (Number.isNaN(number)) this.rounded.set(variable, this.typical(integer));
  }

  /** How often the body of a loop runs, each time it is come to. */
  rounds({ variable, from, to, step }: Loop): number {
    // where two integers of the data are limits, nothing is known of what lies between
    const starts = from.filter((limit) => this.rounded.has(limit.unitIterator()?.iterator ?? -1));
    const first = Math.max(0, ...this.known(from), ...starts.map((limit) => this.typical(limit)));
    const ends = this.known(to);
    const end = Math.min(...(ends.length > 0 ? ends : to.map((limit) => this.typical(limit))));
    this.middle.set(variable, (first + end) / 2);
    return Math.max(0, Math.ceil((end - first) / step));
  }

  /** What limits are that do not hang on data. */
  private known(limits: readonly Integer[]): number[] {
    return limits.map((limit) => this.numberOf(limit)).filter((limit) => !Number.isNaN(limit));
  }

  /** A limit that hangs on data: half of what it can be, and where it is the distance of two places, that of neighbours. */
  private typical(limit: Integer): number {
    if (limit.iterators().filter((iterator) => this.ofData.has(iterator)).length > 1) return betweenPlaces;
    const at = (iterator: number) =>
      this.ofData.get(iterator) ?? this.rounded.get(iterator) ?? this.middle.get(iterator);
    return this.numberBy(limit, at);
  }

  /** The sum over everything that runs, where `own` says what a statement costs without those in it. */
  total(statements: readonly Statement[], own: (statement: Statement) => number): number {
    return statements.reduce((sum, statement) => sum + this.of(statement, own), 0);
  }

  private of(statement: Statement, own: (statement: Statement) => number): number {
    if (statement.kind === "index") {
      const { value, variable, below } = statement;
      if (value.kind === "integer") this.define(variable, value.integer);
      else {
        this.middle.set(variable, Number.NaN);
        this.ofData.set(variable, below ? this.numberOf(below) / 2 : 0);
      }
    }
    if (statement.kind === "shared") return this.of(statement.loop, own);
    if (!isNest(statement)) return own(statement);
    if (statement.kind === "for") return this.rounds(statement) * this.total(statement.body, own);
    const inside = this.total(statement.body, own);
    if (statement.kind === "while") return turnsOfWhile * (own(statement) + inside);
    if (statement.kind === "if") return own(statement) + (inside + this.total(statement.otherwise, own)) / 2;
    return own(statement) + inside;
  }

  /** Operations of a statement without those in it: additions count as 1, other primitives as their records say. */
  operations(statement: Statement): number {
    if (statement.kind === "fill") return this.numberOf(Integer.product(statement.buffer.shape)) / 8;
    const value = ownValue(statement);
    const own = value ? operationsIn(value) : 0;
    if (statement.kind === "when") return statement.guards.length;
    return isNest(statement) ? own : own + 1;
  }
}

/** About how many operations a call of the program takes, with these values of its sizes. */
export function estimateOperations(program: Program, sizes: readonly number[]): number {
  return estimateWith(program, sizes, (estimate) => ownOperations(program, estimate));
}

/** What each thing that a program does takes, in any unit. */
export interface Prices {
  /** A primitive as cheap as a product, for each unit of its cost. */
  readonly arithmetic: number;
  /** A function, such as exp, for each unit of its cost. */
  readonly functions: number;
  /** A number that is loaded or stored. */
  readonly access: number;
}

/** What a call of the program takes at these prices, with these values of its sizes. */
export function estimatePrice(program: Program, sizes: readonly number[], prices: Prices): number {
  const priceOf = (value: Value): number =>
    value.kind === "load"
      ? prices.access
      : value.kind === "apply"
        ? value.primitive.cost * (value.primitive.cost > mostOfArithmetic ? prices.functions : prices.arithmetic)
        : 0;
  return estimateWith(program, sizes, (estimate) =>
    ownOf(program, estimate, (statement) => {
      let price = statement.kind === "fill" ? (estimate.operations(statement) * prices.access) / 2 : 0;
      if (statement.kind === "store") price = prices.access;
      if (statement.kind === "accumulate") price = 2 * prices.access;
      const value = ownValue(statement);
      if (value) visitValue(value, (inner) => (price += priceOf(inner)));
      return price;
    }),
  );
}

/** Primitives that cost more are functions. */
const mostOfArithmetic = 4;

function estimateWith(
  program: Program,
  sizes: readonly number[],
  ownBy: (estimate: Estimate) => (statement: Statement) => number,
): number {
  const estimate = new Estimate(new Map(program.sizes.map((name, k) => [name, sizes[k]!])));
  const own = ownBy(estimate);
  return program.parts.reduce((sum, part) => sum + estimate.total(part, own), 0);
}

/** Operations of a statement without those in it, but with those that a call runs. */
export function ownOperations(program: Program, estimate: Estimate): (statement: Statement) => number {
  return ownOf(program, estimate, (statement) => estimate.operations(statement));
}

/** What `alone` says of a statement, and of a call what it says of all that it runs. */
function ownOf(
  program: Program,
  estimate: Estimate,
  alone: (statement: Statement) => number,
): (statement: Statement) => number {
  const ofRoutines = new Map<number, number>();
  const own = (statement: Statement): number => {
    if (statement.kind !== "call") return alone(statement);
    const { parts } = program.routines[statement.routine]!;
    const count = ofRoutines.get(statement.routine) ?? parts.reduce((sum, part) => sum + estimate.total(part, own), 0);
    ofRoutines.set(statement.routine, count);
    return count;
  };
  return own;
}

/** About how many operations a value takes where it is computed. */
export function operationsIn(value: Value): number {
  if (value.kind === "guarded") return value.guards.length + operationsIn(value.value);
  if (value.kind !== "apply") return 0;
  return value.operands.reduce((sum, operand) => sum + operationsIn(operand), value.primitive.cost);
}
