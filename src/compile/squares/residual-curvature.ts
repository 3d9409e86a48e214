import { DifferentiationError } from "../../ir/errors.ts";
import type { BoundModel } from "../bound.ts";
import { along, type ProductRule, productOf, standIns, type VectorProduct } from "../product-of.ts";

/** The second derivative of outputs r along a direction v, d2 r(x + t v) / dt2 at t = 0: forward mode, twice. */
const curvature: ProductRule = {
  name: "curvature",
  reads: "direction",
  writes: "outputs",
  derive(outputs, wrt, _, finish) {
    const direction = standIns(wrt);
    const nodes = finish(outputs.map(([, r]) => along(along(r, wrt, direction), wrt, direction)));
    return { direction, outputs: nodes.map((node, k) => ({ name: outputs[k]![0], node })) };
  },
};

/** How the residuals that these outputs are bend along a direction; NaN where a slope of theirs has no derivative. */
export function residualCurvature(model: BoundModel, residualNames: readonly string[]): VectorProduct {
  try {
    return productOf(model, curvature, residualNames);
  } catch (error) {
    if (!(error instanceof DifferentiationError)) throw error;
    return (_x, _v, out) => void out.fill(Number.NaN);
  }
}
