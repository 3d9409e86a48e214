import { needs, requireOptions } from "../../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../../ir/errors.ts";
import { multiplyTransposed } from "../../numeric/dense/matrices.ts";
import { dot, scale, type Vector } from "../../numeric/vectors.ts";
import type { Oracle } from "../../optimize/oracle.ts";
import type { BoundModel } from "../bound/model.ts";
import type { OutputFunction } from "../bound/parts.ts";
import { checkOutput, requireBound } from "../inputs/inputs.ts";
import type { VectorProduct } from "../vector-product.ts";
import { residualCurvature } from "./residual-curvature.ts";
import { type LeastSquaresOptions, type ResidualFunctions, residualFunctions } from "./residuals.ts";

/** One block of the Jacobian and its place: from row `row` and column `column` on, `width` columns. */
interface Block {
  readonly values: Float64Array;
  readonly row: number;
  readonly column: number;
  readonly width: number;
}

/**
 * The loss of a bound model as a sum of squares: an oracle with residuals and their Jacobian, for methods such as
 * levenbergMarquardt(). The residuals are found in the loss, or are outputs that `residuals` names. The bounds that the model
 * declares go with it. Throws UsageError for a loss that is no sum of squares.
 */
export function leastSquares(model: BoundModel, options: LeastSquaresOptions = {}): LeastSquaresOracle {
  requireBound("leastSquares", model);
  requireOptions<LeastSquaresOptions>("leastSquares", options, {
    residuals: needs.names,
    factor: { what: "a number", accepts: Number.isFinite },
  });
  const parts = model.parts();
  const functions = residualFunctions(parts, options.residuals);
  return new LeastSquaresOracle(model, functions, options, parts.functions.lossAsWritten !== undefined);
}

/**
 * A bound model as an oracle for least squares: the loss is residualFactor <r, r> + residualOffset. Vectors are packed;
 * residuals are in the order in which the loss adds them, row-major.
 */
export class LeastSquaresOracle implements Oracle {
  readonly residualCount: number;
  readonly residualFactor: number;
  readonly residualOffset: number;
  /** What each entry of a packed vector is, as the model writes it. */
  readonly coordinateNames: readonly string[];
  /** Writes the Hessian times v to h; absent where the model has residuals but no loss. */
  readonly hvp?: (x: Vector, v: Vector, h: Vector) => void;
  /** Writes the Hessian, row-major; absent where the model has residuals but no loss. */
  readonly hessian?: (x: Vector, H: Vector) => void;
  private readonly model: BoundModel;
  private readonly hasLoss: boolean;
  private readonly dimension: number;
  private readonly values: OutputFunction;
  private readonly parts: readonly Float64Array[];
  /** The outputs of the table of functions that are the residuals. */
  readonly residualNames: readonly string[];
  private readonly makeSlopes: () => OutputFunction;
  private bending: VectorProduct | undefined;
  private slopes: { readonly fn: OutputFunction; readonly blocks: readonly Block[] } | undefined;

  constructor(model: BoundModel, functions: ResidualFunctions, options: LeastSquaresOptions, hasLoss: boolean) {
    if (options.factor !== undefined && !options.residuals) {
      throw new UsageError(
        "factor goes with the names of residuals: where they are found in the loss, so is the factor.",
      );
    }
    this.model = model;
    this.hasLoss = hasLoss;
    this.coordinateNames = model.coordinateNames();
    this.dimension = this.coordinateNames.length;
    this.residualNames = functions.residualNames;
    this.values = model.outputFunction(functions.residualNames, { reads: true });
    this.parts = this.values.lengths.map((length) => new Float64Array(length));
    this.residualCount = this.values.lengths.reduce((total, length) => total + length, 0);
    this.residualFactor = this.constant(functions.factorNames)[0] ?? options.factor ?? 1;
    this.residualOffset = this.constant(functions.offsetNames).reduce((total, value) => total + value, 0);
    requireWeights(this.constant(functions.weightNames));
    this.makeSlopes = () => {
      const sizes = new Map(Object.entries(model.sizes));
      return model.outputFunction(functions.jacobianNames(this.values.lengths, this.dimension, sizes), { reads: true });
    };
    if (hasLoss) {
      this.hvp = (x, v, h) => model.flat.hvp(x, v, h);
      this.hessian = (x, H) => model.flat.hessian(x, H);
    }
  }

  /** How many residuals each sum of squares in the loss has, in their order. */
  get residualCounts(): readonly number[] {
    return this.values.lengths;
  }

  loss(x: Vector): number {
    if (this.hasLoss) return this.model.flat.loss(x);
    const r = new Float64Array(this.residualCount);
    this.residuals(x, r);
    return this.residualFactor * dot(r, r) + this.residualOffset;
  }

  lossAndGradient(x: Vector, g: Vector): number {
    if (this.hasLoss) return this.model.flat.lossAndGradient(x, g);
    const m = this.residualCount;
    const r = new Float64Array(m);
    const J = new Float64Array(m * this.dimension);
    this.residuals(x, r);
    this.jacobian(x, J);
    multiplyTransposed(g, J, m, this.dimension, r);
    scale(g, 2 * this.residualFactor);
    return this.residualFactor * dot(r, r) + this.residualOffset;
  }

  residuals(x: Vector, r: Vector): void {
    this.checkPoint(x);
    checkOutput("the array of residuals", r, this.residualCount, [x]);
    if (this.parts.length === 1) {
      this.values.run(x, [r]);
      return;
    }
    this.values.run(x, this.parts);
    let at = 0;
    for (const part of this.parts) {
      r.set(part, at);
      at += part.length;
    }
  }

  jacobian(x: Vector, J: Vector): void {
    this.checkPoint(x);
    checkOutput("the array of the Jacobian", J, this.residualCount * this.dimension, [x]);
    this.slopes ??= this.placed(this.makeSlopes());
    const { fn, blocks } = this.slopes;
    if (blocks.length === 1) {
      fn.run(x, [J]);
      return;
    }
    fn.run(
      x,
      blocks.map(({ values }) => values),
    );
    for (const { values, row, column, width } of blocks) {
      for (let from = 0, to = row * this.dimension + column; from < values.length; to += this.dimension) {
        for (let k = 0; k < width; k++) J[to + k] = values[from++]!;
      }
    }
  }

  /** NaN where a slope of the residuals has no derivative. */
  residualCurvature(x: Vector, v: Vector, out: Vector): void {
    this.bending ??= residualCurvature(this.model, this.residualNames);
    this.checkPoint(x);
    checkOutput("the array of second derivatives", out, this.residualCount, [x, v]);
    this.bending(x, v, out);
  }

  /** Where the blocks go: row arrays one after the other, in each the variables in packed order. */
  private placed(fn: OutputFunction): { readonly fn: OutputFunction; readonly blocks: readonly Block[] } {
    const layout = this.model.layout();
    const blocks: Block[] = [];
    let row = 0;
    for (const rows of this.values.lengths) {
      for (const { start, length } of layout) {
        blocks.push({ values: new Float64Array(rows * length), row, column: start, width: length });
      }
      row += rows;
    }
    return { fn, blocks };
  }

  private checkPoint(x: Vector): void {
    if (!(x instanceof Float64Array) || x.length !== this.dimension) {
      const got = x instanceof Float64Array ? `one of ${x.length}` : typeof x;
      throw new DataError(`a point of this least-squares problem is a Float64Array of ${this.dimension}, got ${got}.`);
    }
  }

  /** Outputs that do not depend on the point, one after the other. */
  private constant(names: readonly string[]): number[] {
    if (names.length === 0) return [];
    const fn = this.model.outputFunction(names, { reads: false });
    const arrays = fn.lengths.map((length) => new Float64Array(length));
    fn.run(new Float64Array(this.dimension), arrays);
    return arrays.flatMap((array) => Array.from(array));
  }
}

function requireWeights(weights: readonly number[]): void {
  const bad = weights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad === undefined) return;
  throw new DataError(`least squares needs finite weights of at least 0 before its squares, got ${bad}.`, {
    notes: [
      "Square terms that are subtracted, or weights that are negative, have no residuals: take a method for any loss.",
    ],
  });
}
