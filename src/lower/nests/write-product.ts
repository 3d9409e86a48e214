import { Integer } from "../../ir/integer.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { min } from "../../ops/elementary/comparison.ts";
import type { Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { columnsOfTile, type Place, type Product } from "./read-product.ts";

/** Variables and temporaries of the form have numbers from here on: no program counts so far. */
const own = 2 ** 30;

type Strides = readonly [row: Integer, column: Integer, term: Integer];

/** How an address moves: its part that stays, and its strides along row, column and term. */
function stridesOf(
  { address }: Place,
  variables: readonly number[],
): { readonly base: Integer; readonly along: Strides } | undefined {
  const [row, column, term] = variables.map((variable) => address.coefficientOf(variable));
  if (!row || !column || !term) return undefined;
  const along: Strides = [row, column, term];
  if (along.some((stride) => stride.iterators().some((iterator) => variables.includes(iterator)))) return undefined;
  const zeros: Integer[] = [];
  for (const variable of variables) zeros[variable] = Integer.zero;
  return { base: address.withIterators(zeros), along };
}

/** Names variables of its own as it writes. */
class Writer {
  private count = own;
  private readonly dtype: Temporary["dtype"];

  constructor(dtype: Temporary["dtype"]) {
    this.dtype = dtype;
  }

  variable(): number {
    return this.count++;
  }

  temporary(): Temporary {
    return { kind: "temporary", id: this.count++, dtype: this.dtype };
  }

  /** So many strides: by a name of its own, unless it is as short itself. */
  moved(by: Integer, stride: Integer, statements: Statement[]): Integer {
    const integer = by.times(stride);
    if (stride.value === 1 || integer.value !== undefined) return integer;
    const variable = this.variable();
    statements.push({ kind: "index", variable, value: { kind: "integer", integer } });
    return Integer.iterator(variable);
  }

  loop(from: Integer, to: Integer, step: number, body: (at: Integer, into: Statement[]) => void): Loop {
    const variable = this.variable();
    const statements: Statement[] = [];
    body(Integer.iterator(variable), statements);
    return { kind: "for", variable, from: [from], to: [to], step, body: statements };
  }
}

/** Two rows of a product: where they begin in the target and in the left factor, and how all move. */
interface Rows {
  readonly lefts: readonly Integer[];
  readonly targets: readonly Integer[];
  /** Where the right factor begins. */
  readonly right: Integer;
  readonly strides: { readonly target: Integer; readonly right: Integer; readonly terms: readonly [Integer, Integer] };
}

/** The product in the one form; undefined where its strides are none. */
export function writeProduct(product: Product): Loop | undefined {
  const { rows, columns, whole } = product;
  const variables = [product.row, product.column, product.term];
  const target = stridesOf(product.target, variables);
  const left = stridesOf(product.left, variables);
  const right = stridesOf(product.right, variables);
  if (!target || !left || !right) return undefined;
  const [targetRow, targetColumn, targetTerm] = target.along;
  const [leftRow, leftColumn, leftTerm] = left.along;
  const [rightRow, rightColumn, rightTerm] = right.along;
  if (![targetTerm, leftColumn, rightRow].every(({ value }) => value === 0)) return undefined;
  const writer = new Writer(product.dtype);
  return writer.loop(Integer.zero, rows, 2, (row, inRow) => {
    const variable = writer.variable();
    const operands = [row.plus(1), rows.minus(1)].map((integer): Value => ({ kind: "integer", integer }));
    const next: Value = { kind: "apply", primitive: min.primitive, operands, dtype: "int" };
    inRow.push({ kind: "index", variable, value: next });
    const both = [row, Integer.iterator(variable)];
    const pair: Rows = {
      lefts: both.map((at) => writer.moved(at, leftRow, inRow).plus(left.base)),
      targets: both.map((at) => writer.moved(at, targetRow, inRow).plus(target.base)),
      right: right.base,
      strides: { target: targetColumn, right: rightColumn, terms: [leftTerm, rightTerm] },
    };
    const block = (width: number) => (column: Integer, into: Statement[]) =>
      writeTile(product, writer, pair, { column, width, into });
    inRow.push(writer.loop(Integer.zero, whole, columnsOfTile, block(columnsOfTile)));
    inRow.push(writer.loop(whole, columns, 1, block(1)));
  });
}

/** The elements of two rows in some columns. */
function writeTile(
  product: Product,
  writer: Writer,
  { lefts, targets, right, strides }: Rows,
  { column, width, into }: { readonly column: Integer; readonly width: number; readonly into: Statement[] },
): void {
  const { dtype, terms } = product;
  const across = Array.from({ length: width }, (_, k) => column.plus(k));
  const sums = targets.map(() => across.map(() => writer.temporary()));
  for (const sum of sums.flat()) {
    into.push({ kind: "start", temporary: sum, value: { kind: "constant", value: 0, dtype } });
  }
  const rights = across.map((at) => writer.moved(at, strides.right, into).plus(right));
  const [leftTerm, rightTerm] = strides.terms;
  into.push(
    writer.loop(Integer.zero, terms, 1, (term, inTerm) => {
      const named = ({ buffer }: Place, address: Integer): Value => {
        const name = writer.temporary();
        inTerm.push({ kind: "let", temporary: name, value: { kind: "load", buffer, address } });
        return name;
      };
      const rowFactors = lefts.map((at) => named(product.left, at.plus(term.times(leftTerm))));
      for (const [k, at] of rights.entries()) {
        const columnFactor = named(product.right, at.plus(term.times(rightTerm)));
        for (const [r, rowFactor] of rowFactors.entries()) {
          const operands = [rowFactor, columnFactor];
          const value: Value = { kind: "apply", primitive: mul.primitive, operands, dtype };
          inTerm.push({ kind: "combine", temporary: sums[r]![k]!, combine: "sum", value });
        }
      }
    }),
  );
  for (const [r, from] of targets.entries()) {
    for (const [k, at] of across.entries()) {
      const address = from.plus(at.times(strides.target));
      into.push({ kind: "store", buffer: product.target.buffer, address, value: sums[r]![k]! });
    }
  }
}
