import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { add, mul, neg, sub } from "../algebra.ts";
import { concat, pad } from "../arrays.ts";
import { equal, lessEqual, select } from "../comparison.ts";
import { axes, contract, type Read, view } from "../contractions.ts";
import { einsum, identityLike, partOf, transposed } from "../letters.ts";
import { stopGradient } from "../opaque.ts";
import { abs } from "../rounding.ts";
import { type Routine, type RoutineCall, routine } from "../routine.ts";
import { real, squareSize } from "./columns.ts";
import { complete, inverseOf, lu, luSolve } from "./general.ts";

/**
 * The parameters of {@link luDeterminant} for matrices that have an inverse. Of a singular one so many derivatives are taken to be
 * finite, and the next is NaN. A fifth operand tells the pivots that count as 0 for that, at each of which rounding has its part.
 */
const regular = (orders: number) => String(orders);

/** Pivots so small beside the largest one are what rounding leaves of 0. */
const rounded = 2 ** -44;

/** The order of the block that is kept apart, see {@link cofactors}: derivatives up to this order are right whatever the rank. */
const apart = 3;

/**
 * det A by the factors at hand. Its derivative is a polynomial of the elements and exists at singular matrices too: see
 * {@link cofactors}.
 */
export const luDeterminant: Routine = routine({
  name: "luDeterminant",
  ranks: (parameters) => (parameters === "" ? [2, 2, 1, 0] : [2, 2, 1, 0, 1]),
  results: ([A]) => {
    squareSize(A!, "det");
    return [real()];
  },
  cost: ([A]) => A!.shape[0]!,
  program: (m, { operands: [, LU, , sign], results: [value] }) => {
    const product = m.variable(sign!.read());
    m.each(LU!.shape[0]!, (k) => product.set(m.mul(product.get(), LU!.read(k, k))));
    value!.write([], product.get());
  },
  tangents: (call, [dA]) => {
    if (!dA) return [];
    const slopes = slopesOf(call);
    return [
      einsum(call.leading, "+", [
        [slopes, "ij"],
        [dA, "ij+"],
      ]),
    ];
  },
  cotangents: (call, [ct]) => {
    if (!ct) return [];
    const slopes = slopesOf(call);
    return [
      einsum(call.leading, "ij", [
        [ct, ""],
        [slopes, "ij"],
      ]),
    ];
  },
});

/** d det A / dA. */
function slopesOf({ operands, results, leading, parameters }: RoutineCall): Expr {
  const [A, LU, order, sign, least] = operands as [Expr, Expr, Expr, Expr, Expr];
  if (parameters === "") return cofactors(A, leading);
  const left = Number(parameters);
  const det = left > 0 ? luDeterminant(regular(left - 1), A, LU, order, sign, least)[0]! : results[0]!;
  const factors = left > 0 ? withoutZeros(LU, leading) : withoutRounding(LU, least, leading);
  return einsum(leading, "ij", [
    [det, ""],
    [inverseOf(A, factors, order, leading), "ji"],
  ]);
}

/** Factors with NaN for pivots that are no larger than the least ones. */
function withoutRounding(LU: Expr, least: Expr, leading: number): Expr {
  const ones = LU.graph.constantLike(1, LU);
  const limit = einsum(leading, "ij", [
    [least, "i"],
    [ones, "ij"],
  ]);
  const isRounded = lessEqual(abs(LU), limit);
  return add(LU, partOf(select(isRounded, Number.NaN, 0), leading, "diagonal"));
}

/** Factors with pivots of 1 for those that are 0: of a singular matrix, for results that are multiplied by its determinant. */
const withoutZeros = (LU: Expr, leading: number): Expr =>
  add(LU, mul(identityLike(LU, leading), select(equal(LU, 0), 1, 0)));

/**
 * The cofactors of A. In the order of complete pivoting A is [B C; D E] with the smallest pivots in E, of 3 by 3. With
 * S = E - D B^-1 C the determinant is det B det S, and the cofactors are
 *
 *     det B (det S [B^-T 0; 0 0] + Y cof(S) X'), X = [-B^-1 C; 1], Y = [-B^-T D'; 1]
 *
 * where cof(S) is a polynomial, so that nothing is divided by a small pivot and multiplied by it again. If B is singular
 * too, all minors of A of n - 3 rows are 0, and so is det B: what it multiplies need only be finite in three derivatives of the
 * determinant. Further ones are NaN, for minors of n - 4 rows are not to be had from B. A matrix of less than 3 rows, or of
 * unknown size, gets pivots of 1 in front.
 */
function cofactors(A: Expr, leading: number): Expr {
  const [LU, rows, sign, columns] = lu(complete, A) as [Expr, Expr, Expr, Expr];
  const n = A.shape[leading]!;
  const ahead = (n.value ?? 0) >= apart ? 0 : apart;
  const size = n.plus(ahead - apart);
  const rest = Integer.constant(apart);
  const outer = A.shape.slice(0, leading);
  const batch = axes(leading);
  const [i, j] = [iterators(leading), iterators(leading + 1)];
  /** The block of a matrix, in the order of the pivots, from a row and a column on. */
  const block = (
    shape: readonly [Integer, Integer],
    start: readonly [Integer, Integer],
    of: (row: Integer, column: Integer) => Read,
  ) => {
    const whole = [...outer, ...shape];
    const [row, column] = [i.plus(start[0]).minus(ahead), j.plus(start[1]).minus(ahead)];
    const { of: matrix, index } = of(row, column);
    const isThere = [row, column].map((at) => ({ index: at, extent: undefined }));
    const inner = view(matrix, whole, [...batch, ...index], isThere, [rows, columns]);
    if (ahead === 0) return inner;
    const isAhead = { index: row.plus(ahead), extent: rest };
    return add(
      inner,
      view(A.graph.constant(1), whole, [], [isAhead, { index: row.minus(column), extent: Integer.one }]),
    );
  };
  const taken = (operand: number, at: Integer) => Integer.lookup(operand, [...batch, at]);
  const ofA = (row: Integer, column: Integer) => ({ of: A, index: [taken(0, row), taken(1, column)] });
  const ofFactors = (row: Integer, column: Integer) => ({ of: LU, index: [row, column] });
  const zero = Integer.zero;
  const B = block([size, size], [zero, zero], ofA);
  const C = block([size, rest], [zero, size], ofA);
  const D = block([rest, size], [size, zero], ofA);
  const E = block([rest, rest], [size, size], ofA);
  const factors = block([size, size], [zero, zero], ofFactors);
  const finite = withoutZeros(factors, leading);
  const order = A.graph.iota([...outer, size], leading);
  const solved = (parameters: string, right: Expr) => luSolve(parameters, B, right, finite, order)[0]!;
  const x = solved("", C);
  const y = solved("transposed", transposed(D, leading));
  const product = einsum(leading, "ik", [
    [D, "ij"],
    [x, "jk"],
  ]);
  const S = sub(E, product);
  const minors = smallCofactors(S, leading);
  const detS = einsum(leading, "", [[mul(S, minors), "ij"]], (at) => [{ index: at("i"), extent: Integer.one }]);
  const isOfA = { index: i.minus(ahead), extent: undefined };
  const largest = view(LU, [...outer, size], [...batch, zero, zero], [isOfA]);
  const least = stopGradient(mul(abs(largest), rounded));
  const detB = luDeterminant(regular(apart - 1), B, factors, order, sign, least)[0]!;
  const one = identityLike(S, leading);
  const spread = einsum(leading, "ij", [
    [concat([neg(y), one], leading), "ia"],
    [minors, "ab"],
    [concat([neg(x), one], leading), "jb"],
  ]);
  const inverse = einsum(leading, "ij", [
    [detS, ""],
    [solved("transposed", identityLike(B, leading)), "ij"],
  ]);
  const widths = [...outer.map(() => zero), rest, rest].map((after) => ({ before: zero, after }));
  const inOrder = add(spread, pad(inverse, widths));
  return contract({
    extents: A.shape,
    output: [...batch, taken(0, i), taken(1, j)],
    shape: A.shape,
    factors: [
      { of: detB, index: batch },
      { of: inOrder, index: [...batch, i.plus(ahead), j.plus(ahead)] },
    ],
    lookups: [rows, columns],
  });
}

/** The cofactors of matrices of 3 by 3. */
function smallCofactors(S: Expr, leading: number): Expr {
  const turned = (at: Integer, by: number) => at.plus(by).minus(at.plus(by).floorDiv(apart).times(apart));
  const moved = (down: number, right: number) =>
    view(S, S.shape, [...axes(leading), turned(iterators(leading), down), turned(iterators(leading + 1), right)]);
  return sub(mul(moved(1, 1), moved(2, 2)), mul(moved(1, 2), moved(2, 1)));
}
