import { Integer } from "../../ir/integer.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { min } from "../../ops/elementary/comparison.ts";
import type { Buffer, Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { valueMapping, visitValue } from "../program/rewrite-statements.ts";

export type Place = { readonly buffer: Buffer; readonly address: Integer };

/** What is read off the loops of a tile. Addresses are over the variables of row, column and term. */
export interface Product {
  readonly row: number;
  readonly rows: Integer;
  readonly column: number;
  /** Columns in whole tiles, and all of them. */
  readonly whole: Integer;
  readonly columns: Integer;
  readonly term: number;
  readonly terms: Integer;
  readonly target: Place;
  /** The factor that moves with the row, and that which moves with the column. */
  readonly left: Place;
  readonly right: Place;
  readonly dtype: Temporary["dtype"];
  /** What is stored where that is not the sum alone, and what the sum is called there. */
  readonly finish: Value | undefined;
  readonly sum: Temporary;
}

/** One element of a tile. */
interface Cell {
  readonly target: Place;
  readonly sum: Temporary;
  readonly finish: Value | undefined;
  readonly factors: readonly Place[];
}

interface Block {
  readonly column: number;
  readonly term: number;
  readonly terms: Integer;
  readonly cells: readonly Cell[];
  readonly dtype: Temporary["dtype"];
}

/** The product that a loop computes in tiles; undefined of other loops. `sizes`: what variables around stand for. */
export function readProduct(loop: Loop, sizes: ReadonlyMap<number, Integer>): Product | undefined {
  const { variable: row, step } = loop;
  const rows = limitOf(loop);
  if (!rows || step !== 2) return undefined;
  const known = new Known(sizes);
  let second = Integer.iterator(row).plus(1);
  const blocks: Loop[] = [];
  for (const statement of loop.body) {
    if (statement.kind === "for") blocks.push(statement);
    else if (!known.index(statement)) {
      if (statement.kind !== "index" || !isNextRow(statement.value, row, rows)) return undefined;
      second = Integer.iterator(statement.variable);
    }
  }
  const [tiles, rest] = blocks;
  const block = tiles && readBlock(tiles, known);
  const whole = tiles && limitOf(tiles);
  if (!block || !whole || tiles.step !== columnsOfTile || blocks.length > 2) return undefined;
  const first = block.cells[0];
  if (!first) return undefined;
  const { column, term, terms, dtype } = block;
  const left = first.factors.find(({ address }) => address.iterators().includes(row));
  const right = first.factors.find((factor) => factor !== left);
  if (!left || !right || dtype !== "real") return undefined;
  const isLikeFirst = likeness(first, [left, right], [row, column, term]);
  const isTile = ({ cells, column: variable, term }: Block, width: number) =>
    cells.length === 2 * width &&
    cells.every((cell, k) => {
      const at = Integer.iterator(variable).plus(k % width);
      return isLikeFirst(cell, [k < width ? Integer.iterator(row) : second, at, Integer.iterator(term)]);
    });
  if (!isTile(block, columnsOfTile)) return undefined;
  const { target, finish, sum } = first;
  const product = { row, rows, column, whole, term, terms, target, left, right, dtype, finish, sum };
  if (!rest) return { ...product, columns: whole };
  const columns = rest.to[0]!;
  const others = readBlock(rest, known);
  const follows = rest.from.length === 1 && rest.from[0]!.equals(whole) && rest.to.length === 1 && rest.step === 1;
  if (!others?.terms.equals(terms) || !follows || !isTile(others, 1)) return undefined;
  return { ...product, columns };
}

export const columnsOfTile = 4;

/** Tells the cells that compute what the first one does, elsewhere: the row, the column and the term there. */
function likeness(first: Cell, [left, right]: readonly [Place, Place], axes: readonly [number, number, number]) {
  return (cell: Cell, at: readonly [Integer, Integer, Integer]): boolean => {
    const variables: (Integer | undefined)[] = [];
    for (const [k, axis] of axes.entries()) variables[axis] = at[k];
    const isAt = (place: Place, pattern: Place) =>
      place.buffer === pattern.buffer && place.address.equals(pattern.address.withIterators(variables));
    if (!isAt(cell.target, first.target)) return false;
    const moved =
      first.finish &&
      valueMapping(
        (temporary) => (temporary === first.sum ? cell.sum : undefined),
        (integer) => integer.withIterators(variables),
      )(first.finish);
    if (moved ? !cell.finish || !areEqual(moved, cell.finish) : cell.finish) return false;
    const [a, b] = cell.factors as [Place, Place];
    return (isAt(a, left) && isAt(b, right)) || (isAt(a, right) && isAt(b, left));
  };
}

/** True for the row behind, or the last one. */
function isNextRow(value: Value, row: number, rows: Integer): boolean {
  if (value.kind !== "apply" || value.primitive !== min.primitive) return false;
  const [next, last] = value.operands;
  const isOf = (operand: Value | undefined, integer: Integer) =>
    operand?.kind === "integer" && operand.integer.equals(integer);
  return isOf(next, Integer.iterator(row).plus(1)) && isOf(last, rows.minus(1));
}

/** The limit of a loop that counts upwards from 0. */
function limitOf({ from, to, descending }: Loop): Integer | undefined {
  return from.length === 1 && from[0]!.value === 0 && to.length === 1 && !descending ? to[0] : undefined;
}

/** The elements that the loop over columns computes in a round. */
function readBlock(loop: Loop, around: Known): Block | undefined {
  const known = around.within();
  const targets = new Map<Temporary, Pick<Cell, "target" | "finish">>();
  const factors = new Map<Temporary, readonly Place[]>();
  const sums = new Set<Temporary>();
  let sum: Loop | undefined;
  let dtype: Temporary["dtype"] | undefined;
  for (const statement of loop.body) {
    if (known.index(statement)) continue;
    if (statement.kind === "start") {
      if (statement.value.kind !== "constant" || statement.value.value !== 0) return undefined;
      dtype = statement.temporary.dtype;
      sums.add(statement.temporary);
    } else if (statement.kind === "for" && !sum) sum = statement;
    else if (statement.kind === "store") {
      const { value } = statement;
      const stored = sumIn(value, (each) => sums.has(each));
      const finish = value === stored ? undefined : known.value(value);
      if (!stored || (finish && !isFinish(finish, stored, statement.buffer))) return undefined;
      targets.set(stored, { target: known.place(statement), finish });
    } else return undefined;
  }
  const terms = sum && limitOf(sum);
  if (!sum || !terms || sum.step !== 1 || !dtype) return undefined;
  const inner = known.within();
  for (const statement of sum.body) {
    if (inner.index(statement) || inner.named(statement)) continue;
    if (statement.kind !== "combine" || statement.combine !== "sum") return undefined;
    const { value, temporary } = statement;
    if (value.kind !== "apply" || value.primitive !== mul.primitive || factors.has(temporary)) return undefined;
    const places = value.operands.map((operand) => inner.loaded(operand));
    if (places.length !== 2 || places.some((place) => !place)) return undefined;
    factors.set(temporary, places as Place[]);
  }
  const cells = [...targets].map(([sum, stored]) => ({ ...stored, sum, factors: factors.get(sum) ?? [] }));
  if (cells.length !== factors.size || cells.some(({ factors }) => factors.length !== 2)) return undefined;
  return { column: loop.variable, term: sum.variable, terms, cells, dtype };
}

/** The first of these sums that a value reads. */
export function sumIn(value: Value, isSum: (temporary: Temporary) => boolean): Temporary | undefined {
  let found: Temporary | undefined;
  visitValue(value, (inner) => {
    if (inner.kind === "temporary" && isSum(inner)) found ??= inner;
  });
  return found;
}

/** True for what one sum and elements of other arrays than the target make, whatever the variables around. */
function isFinish(value: Value, sum: Temporary, target: Buffer): boolean {
  let isPlain = true;
  visitValue(value, (inner) => {
    const { kind } = inner;
    if (kind === "load" ? inner.buffer === target : kind === "temporary" ? inner !== sum : !isArithmetic(inner))
      isPlain = false;
  });
  return isPlain;
}

const isArithmetic = ({ kind }: Value) => kind === "apply" || kind === "constant";

/** True for values that are written alike. */
function areEqual(one: Value, other: Value): boolean {
  if (one.kind === "apply") {
    if (other.kind !== "apply" || one.primitive !== other.primitive) return false;
    return one.operands.every((operand, k) => areEqual(operand, other.operands[k]!));
  }
  if (one.kind === "load")
    return other.kind === "load" && one.buffer === other.buffer && one.address.equals(other.address);
  if (one.kind === "constant") return other.kind === "constant" && Object.is(one.value, other.value);
  return one === other;
}

/** What indices and names stand for, so far. */
class Known {
  private readonly variables = new Map<number, Integer>();
  private readonly names = new Map<Temporary, Place>();
  private readonly sizes: ReadonlyMap<number, Integer>;

  constructor(sizes: ReadonlyMap<number, Integer>, around: ReadonlyMap<number, Integer> = new Map()) {
    this.sizes = sizes;
    this.variables = new Map(around);
  }

  within(): Known {
    return new Known(this.sizes, this.variables);
  }

  /** True for a whole number that is made of others. */
  index(statement: Statement): boolean {
    if (statement.kind !== "index" || statement.value.kind !== "integer") return false;
    this.variables.set(statement.variable, this.known(statement.value.integer));
    return true;
  }

  /** True for an element under a name. */
  named(statement: Statement): boolean {
    if (statement.kind !== "let" || statement.value.kind !== "load") return false;
    this.names.set(statement.temporary, this.place(statement.value));
    return true;
  }

  place({ buffer, address }: Place): Place {
    return { buffer, address: this.known(address) };
  }

  value(value: Value): Value {
    return valueMapping(
      () => undefined,
      (integer) => this.known(integer),
    )(value);
  }

  private known(integer: Integer): Integer {
    return withVariables(withVariables(integer, this.variables), this.sizes);
  }

  loaded(value: Value): Place | undefined {
    if (value.kind === "temporary") return this.names.get(value);
    return value.kind === "load" ? this.place(value) : undefined;
  }
}

/** The integer with variables replaced by what they stand for. */
export function withVariables(integer: Integer, values: ReadonlyMap<number, Integer>): Integer {
  if (!integer.iterators().some((iterator) => values.has(iterator))) return integer;
  return integer.substitute((atom) => (atom.kind === "iterator" ? values.get(atom.iterator) : undefined));
}
