import { hvp, vjp } from "../autodiff/derivatives.ts";
import { pullback, pushforward } from "../autodiff/sweeps.ts";
import { UsageError } from "../ir/errors.ts";
import { substitute } from "../ir/walks/traverse.ts";
import { scale } from "../numeric/vectors.ts";
import { add } from "../ops/elementary/algebra.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { BoundModel } from "./bound/model.ts";
import { requireBound } from "./inputs/inputs.ts";
import { leastSquares } from "./squares/least-squares.ts";
import type { LeastSquaresOptions } from "./squares/residuals.ts";
import {
  along,
  alongRule,
  type ProductRule,
  productOf,
  standIns,
  type VectorProduct,
  zeroLike,
} from "./vector-product.ts";

export type { VectorProduct };

/** J v, the change of an output for a change v of the parameters, as a function (x, v, y). Throws UsageError. */
export function jacobianProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("jacobianProduct", model);
  model.requireOutput(output);
  return productOf(model, jacobian, [output]);
}

/** J' u, the gradient of <u, output>, as a function (x, u, g). Throws UsageError. */
export function transposedJacobianProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("transposedJacobianProduct", model);
  model.requireOutput(output);
  return productOf(model, transposedJacobian, [output]);
}

/**
 * 2 factor J' J v for the residuals of {@link leastSquares}: the Hessian of the loss without the second derivatives of
 * the residuals. Where these are normal with unit variance and the factor is 1/2, that is the Fisher information times v.
 * Throws UsageError for a loss that is no sum of squares.
 */
export function gaussNewtonProduct(model: BoundModel, options: LeastSquaresOptions = {}): VectorProduct {
  requireBound("gaussNewtonProduct", model);
  const { residualNames, residualFactor } = leastSquares(model, options);
  const product = productOf(model, gaussNewton, residualNames);
  return (x, v, h) => {
    product(x, v, h);
    scale(h, 2 * residualFactor);
  };
}

/**
 * The Hessian of the loss with an output z in it replaced by its linearisation at the point, times v, as a function
 * (x, v, h): J' (d2 loss / dz2) J v, and the second derivatives of what else the loss holds. Where the loss is a negative
 * log-likelihood of an exponential family and z its natural parameter (logits, log-rates, means with known variance), that
 * is the Fisher information. Throws UsageError where the loss does not contain the output.
 */
export function fisherProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("fisherProduct", model);
  model.requireOutput(output);
  return productOf(model, fisher, [output]);
}

// J is the Jacobian of the outputs z at the point: rows as in z, columns as in the packed vector.

/** J v */
const jacobian = alongRule("jacobian", (z, change) => change(z));

/** J' u */
const transposedJacobian: ProductRule = {
  name: "transposed Jacobian",
  reads: "cotangent",
  writes: "gradient",
  derive([output], wrt, _, finish) {
    const z = output![1];
    const cotangent = z.graph.variable(z.shape);
    return { direction: [cotangent], gradient: finish(vjp(z, cotangent, wrt)) };
  },
};

/** J' J v */
const gaussNewton: ProductRule = {
  name: "Gauss-Newton",
  reads: "direction",
  writes: "gradient",
  derive(outputs, wrt, _, finish) {
    const residuals = outputs.map(([, r]) => r);
    const direction = standIns(wrt);
    const changes = pushforward(residuals, new Map(wrt.map((x, k) => [x, direction[k]!])));
    const slopes = pullback(residuals, changes, wrt);
    return { direction, hvp: finish(wrt.map((x, k) => slopes[k] ?? zeroLike(x))) };
  },
};

/** The Hessian of L(z0 + J (x - x0), x) at x0, times v, where the loss is L(z, x). */
const fisher: ProductRule = {
  name: "Fisher",
  reads: "direction",
  writes: "gradient",
  derive([output], wrt, { loss, lossAsWritten = loss, outputs, level, hints, settled }, finish) {
    const [name, z] = output!;
    const u = z.graph.variable(z.shape);
    const outer = substitute([lossAsWritten], new Map([[outputs.get(name)!, u]]))[0]!;
    if (outer === lossAsWritten) {
      throw new UsageError(`the loss does not contain the output "${name}": write the loss with its name.`);
    }
    const [inZ] = simplify([outer], { level, hints, settled });
    const direction = standIns(wrt);
    const change = along(z, wrt, direction);
    const [curved, ...direct] = substitute(hvp(inZ!, [u, ...wrt], [change, ...direction]), new Map([[u, z]]));
    return { direction, hvp: finish(vjp(z, curved!, wrt).map((slope, k) => add(slope, direct[k]!))) };
  },
};
