import { ShapeError } from "../../ir/errors.ts";
import { type Expr, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { ValueType } from "../../ir/operation.ts";
import { reshape } from "../arrays/arrays.ts";
import { einsum, transposed } from "../arrays/letters.ts";
import { add, mul, neg, sub } from "../elementary/algebra.ts";

/** A function of the columns of a matrix [.., n, k], applied to [.., n, k, ...more]: all of them are columns. */
export function onColumns(x: Expr, leading: number, apply: (columns: Expr) => Expr): Expr {
  if (x.shape.length === leading + 2) return apply(x);
  const outer = x.shape.slice(0, leading + 1);
  const result = apply(reshape(x, [...outer, Integer.product(x.shape.slice(leading + 1))]));
  return reshape(result, [...result.shape.slice(0, -1), ...x.shape.slice(leading + 1)]);
}

/** (x + x') / 2: what operations on symmetric matrices see of any matrix. */
export function symmetricPart(x: Expr, leading: number): Expr {
  return mul(0.5, add(x, transposed(x, leading)));
}

/** The size of a square matrix. Throws ShapeError. */
export function squareSize({ shape }: ValueType, what: string): Integer {
  const [rows, columns] = shape as readonly [Integer, Integer];
  if (!rows.equals(columns)) {
    throw new ShapeError(`${what} needs a square matrix, got ${showShape(shape)}.`, { shapes: [showShape(shape)] });
  }
  return rows;
}

/** The sizes of a system A x = b with a matrix on the right. Throws ShapeError. */
export function systemSizes([A, b]: readonly ValueType[], what: string): { n: Integer; columns: Integer } {
  const n = squareSize(A!, what);
  const [rows, columns] = b!.shape as readonly [Integer, Integer];
  if (!rows.equals(n)) {
    const shapes = [showShape(A!.shape), showShape(b!.shape)];
    throw new ShapeError(`shape mismatch: ${what} needs [n, n] and [n, k], got ${shapes.join(" and ")}.`, { shapes });
  }
  return { n, columns };
}

export const real = (...shape: Shape): ValueType => ({ dtype: "real", shape });

/** The sum of what is there; undefined where nothing is. */
export function sumOf(...terms: (Expr | undefined)[]): Expr | undefined {
  const present = terms.filter((term) => term !== undefined);
  return present.length < 2 ? present[0] : add(...present);
}

/** db - dA x: how the right-hand side of A dx = ... comes from changes of both sides; undefined where nothing changes. */
export function changedRightSide(
  leading: number,
  dA: Expr | undefined,
  db: Expr | undefined,
  x: Expr,
): Expr | undefined {
  const product =
    dA &&
    einsum(leading, "ik+", [
      [dA, "ij+"],
      [x, "jk"],
    ]);
  if (!product) return db;
  return db ? sub(db, product) : neg(product);
}
