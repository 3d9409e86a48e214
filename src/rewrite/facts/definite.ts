import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { readsWhole, termsOf } from "../../ops/arrays/contractions.ts";
import { add, mul } from "../../ops/elementary/algebra.ts";
import { exp, exp2 } from "../../ops/elementary/exponential.ts";
import { cosh } from "../../ops/elementary/hyperbolic.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { sigmoid, softplus } from "../../ops/special/activation.ts";
import { isSplat } from "../forms/contractions/splat.ts";
import { isView } from "../forms/nodes.ts";
import type { Facts } from "./facts.ts";

/** What the quadratic form x' A x is for every x other than 0, for matrices that are symmetric by how they are made. */
export type Definiteness = "positive" | "nonnegative";

/** Sums and products that are looked through: what is made in more steps is taken for general. */
const deepest = 8;

/**
 * Whether a matrix over the last two axes is symmetric with a quadratic form of one sign: sums of products X' W X with
 * weights >= 0, of diagonals, and of their multiples. undefined where that is not seen.
 */
export function definitenessOf(A: Expr, facts: Facts, depth = 0): Definiteness | undefined {
  if (depth > deepest || A.dtype !== "real" || A.shape.length < 2) return undefined;
  if (isMap(A, add)) {
    const parts = A.operands.map((part) => definitenessOf(part, facts, depth + 1));
    if (parts.some((part) => part === undefined)) return undefined;
    return parts.includes("positive") ? "positive" : "nonnegative";
  }
  if (isMap(A, mul)) return definitenessOfProduct(A, facts, depth);
  if (A.kind !== "contraction") return undefined;
  const diagonal = definitenessOfDiagonal(A, facts);
  if (diagonal) return diagonal;
  return isGram(A, facts) ? "nonnegative" : undefined;
}

/** A multiple by one number for each matrix; of a diagonal, by any numbers. */
function definitenessOfProduct(A: Expr, facts: Facts, depth: number): Definiteness | undefined {
  for (const [k, operand] of A.operands.entries()) {
    const others = A.operands.filter((_, at) => at !== k);
    const isDiagonal = operand.kind === "contraction" && definitenessOfDiagonal(operand, facts) !== undefined;
    if (!isDiagonal && !others.every((factor) => isSameOverMatrix(factor))) continue;
    const own = definitenessOf(operand, facts, depth + 1);
    if (!own) continue;
    if (own === "positive" && others.every((factor) => isPositive(factor, facts))) return "positive";
    if (others.every((factor) => facts.isNonNegative(factor))) return "nonnegative";
  }
  return undefined;
}

function isSameOverMatrix(x: Expr): boolean {
  if (isSplat(x)) return true;
  if (!isView(x)) return false;
  const { factors, guards } = termsOf(x);
  const own = x.shape.length - 2;
  return [...factors[0]!.index, ...guards.map(({ index }) => index)].every((index) =>
    index.iterators().every((iterator) => iterator < own),
  );
}

/** A view whose elements off the diagonal are absent, and which holds one on every place of it. */
function definitenessOfDiagonal(A: Expr, facts: Facts): Definiteness | undefined {
  if (!isView(A)) return undefined;
  const { factors, guards, extents } = termsOf(A);
  const [row, column] = matrixAxes(A);
  const [guard, ...others] = guards;
  const isOnDiagonal =
    guard?.extent?.value === 1 && [row.minus(column), column.minus(row)].some((index) => index.equals(guard.index));
  if (!isOnDiagonal || others.length > 0) return undefined;
  const [read] = factors;
  const { of } = read!;
  // read whole, so that no element of the diagonal is absent
  if (readsWhole(read!, extents) && isPositive(of, facts)) return "positive";
  return facts.isNonNegative(of) ? "nonnegative" : undefined;
}

const isRead = (index: Integer, iterator: number) => index.equals(iterators(iterator));

/** sum_k w[k] X[.., k, i] X[.., k, j] with w >= 0: what i reads j reads too, of the same array. */
function isGram(A: Expr, facts: Facts): boolean {
  const { factors, guards, output, extents } = termsOf(A);
  const rank = A.shape.length;
  if (guards.length > 0 || !output.every((index, axis) => isRead(index, axis))) return false;
  const [row, column] = [rank - 2, rank - 1];
  const uses = (index: readonly Integer[], k: number) => index.some((at) => at.iterators().includes(k));
  const ofRow = factors.filter(({ index }) => uses(index, row));
  const ofColumn = factors.filter(({ index }) => uses(index, column));
  const rest = factors.filter((factor) => !ofRow.includes(factor) && !ofColumn.includes(factor));
  if (ofRow.length !== 1 || ofColumn.length !== 1 || ofRow[0] === ofColumn[0]) return false;
  const exchanged = extents.map((_, k) => iterators(k === row ? column : k === column ? row : k));
  const [left, right] = [ofRow[0]!, ofColumn[0]!];
  const isSame =
    left.of === right.of && left.index.every((at, axis) => at.withIterators(exchanged).equals(right.index[axis]!));
  return isSame && rest.every(({ of }) => facts.isNonNegative(of));
}

function matrixAxes({ shape }: Expr): [Integer, Integer] {
  return [iterators(shape.length - 2), iterators(shape.length - 1)];
}

/** Functions whose values are above 0, though the smallest of them round to 0. */
const positive = [exp, exp2, sigmoid, softplus, cosh];

/** Every element is a real number above 0, before rounding. */
function isPositive(x: Expr, facts: Facts): boolean {
  for (let at = x; ; at = termsOf(at).factors[0]!.of) {
    if (facts.isPositive(at) || isOneOf(at, ...positive)) return true;
    if (!isView(at) || termsOf(at).guards.length > 0) return false;
    const { factors, extents } = termsOf(at);
    if (!readsWhole(factors[0]!, extents)) return false;
  }
}
