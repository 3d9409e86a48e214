import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { concat, pad } from "../arrays/arrays.ts";
import { axes, contract, type Read, view } from "../arrays/contractions.ts";
import { einsum, identityLike, partOf, transposed } from "../arrays/letters.ts";
import { add, mul, neg, sub } from "../elementary/algebra.ts";
import { equal, lessEqual, select } from "../elementary/comparison.ts";
import { stopGradient } from "../elementary/opaque.ts";
import { abs } from "../elementary/rounding.ts";
import { type Routine, type RoutineCall, routine } from "../routines/routine.ts";
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
const rest = Integer.constant(apart);
const zero = Integer.zero;

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
  const pivoted = new Pivoted(A, leading);
  const { B, C, D, E, factors } = pivoted.blocks();
  const finite = withoutZeros(factors, leading);
  const order = pivoted.order();
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
  const least = pivoted.leastPivots();
  const detB = luDeterminant(regular(apart - 1), B, factors, order, pivoted.sign, least)[0]!;
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
  return pivoted.multipleAsWritten(detB, add(spread, pad(inverse, pivoted.widths())));
}

/** A position in a matrix, as what is read there. */
type ReadAt = (row: Integer, column: Integer) => Read;

/** A matrix in the order of complete pivoting, with pivots of 1 in front where it may be too small for the block kept apart. */
class Pivoted {
  readonly sign: Expr;
  private readonly A: Expr;
  private readonly leading: number;
  private readonly LU: Expr;
  private readonly rows: Expr;
  private readonly columns: Expr;
  /** How many pivots are in front. */
  private readonly ahead: number;
  /** The rows of B. */
  private readonly size: Integer;
  private readonly outer: readonly Integer[];
  private readonly batch: readonly Integer[];

  constructor(A: Expr, leading: number) {
    [this.LU, this.rows, this.sign, this.columns] = lu(complete, A) as [Expr, Expr, Expr, Expr];
    const n = A.shape[leading]!;
    this.A = A;
    this.leading = leading;
    this.ahead = (n.value ?? 0) >= apart ? 0 : apart;
    this.size = n.plus(this.ahead - apart);
    this.outer = A.shape.slice(0, leading);
    this.batch = axes(leading);
  }

  /** [B C; D E], and the factors of B. */
  blocks(): Readonly<Record<"B" | "C" | "D" | "E" | "factors", Expr>> {
    const { A, LU, size } = this;
    const ofA: ReadAt = (row, column) => ({ of: A, index: [this.taken(0, row), this.taken(1, column)] });
    const ofFactors: ReadAt = (row, column) => ({ of: LU, index: [row, column] });
    return {
      B: this.block([size, size], [zero, zero], ofA),
      C: this.block([size, rest], [zero, size], ofA),
      D: this.block([rest, size], [size, zero], ofA),
      E: this.block([rest, rest], [size, size], ofA),
      factors: this.block([size, size], [zero, zero], ofFactors),
    };
  }

  /** The order of rows in which B has its factors: as they are. */
  order(): Expr {
    return this.A.graph.iota([...this.outer, this.size], this.leading);
  }

  /** For every pivot of B, what counts as 0 beside the largest one of all. */
  leastPivots(): Expr {
    const isOfA = { index: this.at(0).minus(this.ahead), extent: undefined };
    const largest = view(this.LU, [...this.outer, this.size], [...this.batch, zero, zero], [isOfA]);
    return stopGradient(mul(abs(largest), rounded));
  }

  /** From B's shape to that of the whole. */
  widths(): { readonly before: Integer; readonly after: Integer }[] {
    return [...this.outer.map(() => zero), rest, rest].map((after) => ({ before: zero, after }));
  }

  /** A multiple of a matrix that is in the order of the pivots, with rows and columns as A has them. */
  multipleAsWritten(factor: Expr, inOrder: Expr): Expr {
    const { A, ahead, batch, rows, columns } = this;
    const [i, j] = [this.at(0), this.at(1)];
    return contract({
      extents: A.shape,
      output: [...batch, this.taken(0, i), this.taken(1, j)],
      shape: A.shape,
      factors: [
        { of: factor, index: batch },
        { of: inOrder, index: [...batch, i.plus(ahead), j.plus(ahead)] },
      ],
      lookups: [rows, columns],
    });
  }

  /** The block of a matrix, in the order of the pivots, from a row and a column on. */
  private block(shape: readonly [Integer, Integer], start: readonly [Integer, Integer], of: ReadAt): Expr {
    const { ahead, batch } = this;
    const whole = [...this.outer, ...shape];
    const [row, column] = [this.at(0).plus(start[0]).minus(ahead), this.at(1).plus(start[1]).minus(ahead)];
    const { of: matrix, index } = of(row, column);
    const isThere = [row, column].map((at) => ({ index: at, extent: undefined }));
    const inner = view(matrix, whole, [...batch, ...index], isThere, [this.rows, this.columns]);
    if (ahead === 0) return inner;
    const isAhead = { index: row.plus(ahead), extent: rest };
    const isDiagonal = { index: row.minus(column), extent: Integer.one };
    return add(inner, view(this.A.graph.constant(1), whole, [], [isAhead, isDiagonal]));
  }

  /** The row or column of A that a pivot was taken from. */
  private taken(operand: number, pivot: Integer): Integer {
    return Integer.lookup(operand, [...this.batch, pivot]);
  }

  /** The iterator over rows or columns. */
  private at(axis: number): Integer {
    return iterators(this.leading + axis);
  }
}

/** The cofactors of matrices of 3 by 3. */
function smallCofactors(S: Expr, leading: number): Expr {
  const turned = (at: Integer, by: number) => at.plus(by).minus(at.plus(by).floorDiv(apart).times(apart));
  const moved = (down: number, right: number) =>
    view(S, S.shape, [...axes(leading), turned(iterators(leading), down), turned(iterators(leading + 1), right)]);
  return sub(mul(moved(1, 1), moved(2, 2)), mul(moved(1, 2), moved(2, 1)));
}
