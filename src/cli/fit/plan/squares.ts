import type { BoundModel } from "../../../compile/bound/model.ts";
import { type LeastSquaresOracle, leastSquares } from "../../../compile/squares/least-squares.ts";
import { NablaError } from "../../../ir/errors.ts";
import { dot } from "../../../numeric/vectors.ts";

/** The squares that a fit knows of: those that a method may minimise, and those that tell how sure it is. */
export interface Squares {
  /** The loss as least squares; absent for a loss that is no sum of squares. */
  readonly leastSquares: LeastSquaresOracle | undefined;
  /** Why it is none. */
  readonly noResiduals: string | undefined;
  /** The residuals of the data: the outputs that the user names, else those of the loss. */
  readonly residuals: LeastSquaresOracle | undefined;
}

/**
 * Reads the loss as squares. Outputs that are named as residuals say what the deviation of the data is; they take the
 * loss's place only where there is none, or where it is a multiple of their squares: penalties beside them count.
 */
export function squaresOf(
  bound: BoundModel,
  named: readonly string[] | undefined,
  hasLoss: boolean,
  start: Float64Array,
): Squares {
  const own = hasLoss ? squaresOfLoss(bound) : { leastSquares: undefined, noResiduals: undefined };
  if (!named) return { ...own, residuals: own.leastSquares };
  const residuals = leastSquares(bound, { residuals: named });
  if (own.leastSquares) return { ...own, residuals };
  if (!hasLoss) return { ...own, leastSquares: residuals, residuals };
  const factor = factorOf(bound, residuals, start);
  const noResiduals = `the loss is no multiple of the squares of ${named.join(", ")}.`;
  return factor === undefined
    ? { leastSquares: undefined, noResiduals, residuals }
    : { leastSquares: leastSquares(bound, { residuals: named, factor }), noResiduals: undefined, residuals };
}

function squaresOfLoss(bound: BoundModel): Omit<Squares, "residuals"> {
  try {
    return { leastSquares: leastSquares(bound), noResiduals: undefined };
  } catch (error) {
    if (error instanceof NablaError) return { leastSquares: undefined, noResiduals: error.summary };
    throw error;
  }
}

/** Moves of the start, beside its size, at which two functions are compared. */
const moves = [0, 1 / 8, -1 / 4, 1 / 16];

/** c, where the loss is c <r, r> at every point that is looked at; undefined where it is not, or no two of them tell. */
function factorOf({ flat }: BoundModel, residuals: LeastSquaresOracle, start: Float64Array): number | undefined {
  const r = new Float64Array(residuals.residualCount);
  const factors: number[] = [];
  for (const [k, move] of moves.entries()) {
    const x = start.map((entry, i) => entry + move * (1 + ((i + k) % 3)) * (Math.abs(entry) || 1));
    residuals.residuals(x, r);
    const factor = flat.loss(x) / dot(r, r);
    if (Number.isFinite(factor)) factors.push(factor);
  }
  const [first = Number.NaN] = factors;
  const agree = factors.length > 1 && factors.every((each) => Math.abs(each - first) <= 1e-12 * r.length * first);
  return agree && first > 0 ? first : undefined;
}
