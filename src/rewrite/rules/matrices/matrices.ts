import { iteratorOf, iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { axes, contract, type Read, readsWhole, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { lessEqual } from "../../../ops/elementary/comparison.ts";
import { log } from "../../../ops/elementary/exponential.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import {
  cholesky,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
} from "../../../ops/linear-algebra/cholesky.ts";
import { onColumns } from "../../../ops/linear-algebra/columns.ts";
import { luLogDeterminant, luSolve } from "../../../ops/linear-algebra/general.ts";
import { solveTriangular, triangular } from "../../../ops/linear-algebra/triangular.ts";
import { isMap } from "../../../ops/maps.ts";
import { definitenessOf } from "../../facts/definite.ts";
import { orNaN } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { isOnlyRead, type Terms } from "../../forms/contractions/terms.ts";
import { isResult, isView } from "../../forms/nodes.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** Determinants and inverses, which are made of factors and seldom needed themselves. */
export const matrixRules = {
  exact: [
    structural("function of a matrix, no derivative left", { roots: ["operation"], phase: "last" }, (node) =>
      isResult(node, "matrixFunction") ? node.operands[0] : undefined,
    ),
  ],
  stable: [
    structural("log of the size of a determinant", { roots: [log] }, (node) => {
      const [size] = node.operands as [Expr];
      if (!isMap(size, abs)) return undefined;
      const [determinant] = size.operands as [Expr];
      return isResult(determinant, "luDeterminant") ? logOf(determinant) : undefined;
    }),
    structural("log of a determinant", { roots: [log] }, (node) => {
      const [determinant] = node.operands as [Expr];
      if (!isResult(determinant, "luDeterminant")) return undefined;
      return orNaN(lessEqual(0, determinant), logOf(determinant));
    }),
  ],
  real: [
    structural("system of a triangle", { roots: ["operation"] }, (node) => {
      if (!isResult(node, "luSolve")) return undefined;
      const [A, b] = node.operands as [Expr, Expr];
      const triangle = triangleOf(A);
      if (!triangle) return undefined;
      const { operation } = node.graph.call(node.id);
      const isTransposed = operation.kind === "kernel" && operation.parameters === "transposed";
      const parameters = triangular(triangle.isLower, isTransposed !== triangle.isTransposed);
      return solveTriangular(parameters, triangle.of, b)[0];
    }),
    structural("inverse of a positive definite matrix", { roots: ["operation"] }, (node) => {
      if (!isResult(node, "choleskySolve") || !isInverse(node)) return undefined;
      const [A, , L] = node.operands as [Expr, Expr, Expr];
      return choleskyInverse("", A, L)[0];
    }),
    structural("system of a positive definite matrix", { roots: ["operation"] }, (node, { facts }) => {
      if (!isResult(node, "luSolve")) return undefined;
      const [A, b] = node.operands as [Expr, Expr];
      return definitenessOf(A, facts) === "positive" ? choleskySolve("", A, b, cholesky("", A)[0]!)[0] : undefined;
    }),
    structural("log determinant of a positive definite matrix", { roots: ["operation"] }, (node, { facts }) => {
      if (!isResult(node, "luLogDeterminant")) return undefined;
      const [A] = node.operands as [Expr];
      return definitenessOf(A, facts) === "positive"
        ? choleskyLogDeterminant("", A, cholesky("", A)[0]!)[0]
        : undefined;
    }),
    structural("product with an inverse", { roots: ["sum"], operands: ["operation"] }, (node, context) => {
      const terms = termsOf(node);
      if (terms.guards.length > 0 || terms.factors.length < 2) return undefined;
      for (const position of terms.factors.keys()) {
        const solved = asSystem(terms, position, context);
        if (solved) return solved;
      }
      return undefined;
    }),
  ],
} satisfies Rules;

/** What is known to be a triangle: a factor of Cholesky or of QR, or the transpose of one. */
function triangleOf(A: Expr): { of: Expr; isLower: boolean; isTransposed: boolean } | undefined {
  if (isResult(A, "cholesky")) return { of: A, isLower: true, isTransposed: false };
  if (isUpper(A)) return { of: A, isLower: false, isTransposed: false };
  if (!isView(A)) return undefined;
  const { factors, guards } = termsOf(A);
  const { of, index } = factors[0]!;
  const turned = axes(of.shape.length);
  turned.push(...turned.splice(-2).reverse());
  const isTranspose = guards.length === 0 && turned.every((i, axis) => index[axis]!.equals(i));
  const inner = isTranspose && (isResult(of, "cholesky") || isUpper(of)) ? triangleOf(of) : undefined;
  return inner && { ...inner, isTransposed: true };
}

/** R of QR: Q, its first result, is no triangle. */
const isUpper = (node: Expr) => isResult(node, "qr") && node.graph.resultOf(node.id) === 1;

/** log |det A| by the factors that the determinant has. */
function logOf(determinant: Expr): Expr {
  const [A, factors, order] = determinant.operands as [Expr, Expr, Expr, Expr];
  return luLogDeterminant("", A, factors, order)[0]!;
}

/** A^-1, or its transpose: a system with the identity on the right. */
function isInverse(node: Expr): boolean {
  if (isResult(node, "choleskyInverse")) return true;
  if (!isResult(node, "luSolve", "choleskySolve")) return false;
  const right = node.operands[1]!;
  if (!isView(right)) return false;
  const { factors, guards } = termsOf(right);
  const [row, column] = axes(right.shape.length).slice(-2) as [Integer, Integer];
  const [only, ...others] = guards;
  const isDiagonal =
    only?.extent?.value === 1 && [row.minus(column), column.minus(row)].some((e) => e.equals(only.index));
  return isConstant(factors[0]!.of, 1) && isDiagonal && others.length === 0;
}

/** The terms with an inverse and what it multiplies replaced by the solution of a system. */
function asSystem(terms: Terms, position: number, { isShared }: Context): Expr | undefined {
  const read = terms.factors[position]!;
  const { of, index } = read;
  if (!isInverse(of) || !isOnlyRead(terms, position) || !readsWhole(read, terms.extents)) return undefined;
  const plain = index.map((each) => iteratorOf(each)!);
  if (new Set(plain).size < plain.length) return undefined;
  const [row, column] = plain.slice(-2) as [number, number];
  const system = { inverse: of, others: terms.factors.filter((_, k) => k !== position), batch: plain.slice(0, -2) };
  // with columns of its own, the product is cheaper than a system where the inverse is needed all the same
  const hasColumns = !isShared(of.id);
  return (
    systemAlong(terms, { ...system, row, along: column, isTransposed: false }, hasColumns) ??
    systemAlong(terms, { ...system, row: column, along: row, isTransposed: true }, hasColumns)
  );
}

/** A product with an inverse: the iterators of its leading axes, of the rows of the result, and the one that is summed. */
interface InverseProduct {
  readonly inverse: Expr;
  readonly others: readonly Read[];
  readonly batch: readonly number[];
  readonly row: number;
  readonly along: number;
  readonly isTransposed: boolean;
}

/** x = A^-1 b where b is what the factors with the iterator `along` make, summed over it; one column of it, unless `hasColumns`. */
function systemAlong(
  terms: Terms,
  { inverse, others, batch, row, along, isTransposed }: InverseProduct,
  hasColumns: boolean,
): Expr | undefined {
  const uses = (read: Read, k: number) => read.index.some((i) => i.iterators().includes(k));
  const right = others.filter((read) => uses(read, along));
  const rest = others.filter((read) => !uses(read, along));
  // the output of a scatter tells no axis by its number: what an index of it names is no sum
  const isOutput = (k: number) => terms.output.some((index) => index.iterators().includes(k));
  if (isOutput(along) || right.length === 0 || right.some((read) => uses(read, row))) return undefined;
  const isKept = (k: number) => isOutput(k) || k === row || rest.some((read) => uses(read, k));
  const own = terms.extents.flatMap((_, k) => (k !== along && right.some((read) => uses(read, k)) ? [k] : []));
  const columns = own.filter((k) => isKept(k) && !batch.includes(k));
  if (columns.length > 0 && !hasColumns) return undefined;
  const summed = own.filter((k) => !isKept(k) && !batch.includes(k));
  const order = [...batch, along, ...columns, ...summed];
  const place: Integer[] = [];
  for (const [at, k] of order.entries()) place[k] = iterators(at);
  const kept = order.slice(0, order.length - summed.length);
  const shape = kept.map((k) => terms.extents[k]!);
  const b = contract({
    extents: order.map((k) => terms.extents[k]!),
    output: axes(kept.length),
    shape,
    factors: right.map((read) => ({ of: read.of, index: read.index.map((i) => i.withIterators(place)) })),
    lookups: terms.lookups,
  });
  const x = solved(inverse, b, batch.length, isTransposed);
  const gone = new Set([along, ...summed]);
  return contract({
    ...terms,
    extents: terms.extents.map((extent, k) => (gone.has(k) ? Integer.one : extent)),
    factors: [...rest, { of: x, index: [...batch, row, ...columns].map(iterators) }],
  });
}

/** The inverse's system with another right-hand side, of rank leading + 1 or more. */
function solved(inverse: Expr, b: Expr, leading: number, isTransposed: boolean): Expr {
  const solve = systemOf(inverse, isTransposed);
  const own = axes(b.shape.length);
  if (b.shape.length > leading + 1) return onColumns(b, leading, solve);
  return view(solve(view(b, [...b.shape, Integer.one], own)), b.shape, [...own, Integer.zero]);
}

function systemOf(inverse: Expr, isTransposed: boolean): (columns: Expr) => Expr {
  const { operation, operands } = inverse.graph.call(inverse.id);
  if (operation.name === "luSolve") {
    const [A, , ...factors] = operands as [Expr, Expr, ...Expr[]];
    const flipped = operation.kind === "kernel" && (operation.parameters === "transposed") !== isTransposed;
    return (columns) => luSolve(flipped ? "transposed" : "", A, columns, ...factors)[0]!;
  }
  const [A, L] = [operands[0]!, operands[operands.length - 1]!];
  return (columns) => choleskySolve("", A, columns, L)[0]!;
}
