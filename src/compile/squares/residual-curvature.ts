import { DifferentiationError } from "../../ir/errors.ts";
import type { BoundModel } from "../bound/model.ts";
import { alongRule, productOf, type VectorProduct } from "../vector-product.ts";

/** The second derivative of outputs r along a direction v, d2 r(x + t v) / dt2 at t = 0: forward mode, twice. */
const curvature = alongRule("curvature", (r, change) => change(change(r)));

/** How the residuals that these outputs are bend along a direction; NaN where a slope of theirs has no derivative. */
export function residualCurvature(model: BoundModel, residualNames: readonly string[]): VectorProduct {
  try {
    return productOf(model, curvature, residualNames);
  } catch (error) {
    if (!(error instanceof DifferentiationError)) throw error;
    return (_x, _v, out) => void out.fill(Number.NaN);
  }
}
