/** Points, displacements and covectors as types: what a gradient is, and what it is not. */
export { between, diagonal, dualNorm, move, pair, plus, primalNorm, rate, times } from "./geometry/algebra.ts";
export { curvature, differential } from "./geometry/derivatives.ts";
export {
  type Curvature,
  type Dual,
  inCoordinates,
  type Metric,
  type Point,
  type Primal,
  type Space,
  space,
} from "./geometry/spaces.ts";
