import * as activation from "./activation.ts";
import * as algebra from "./algebra.ts";
import * as cast from "./cast.ts";
import * as comparison from "./comparison.ts";
import * as exponential from "./exponential.ts";
import * as gaussian from "./gaussian.ts";
import * as hyperbolic from "./hyperbolic.ts";
import * as opaque from "./opaque.ts";
import { Operations } from "./operations.ts";
import * as plane from "./plane.ts";
import * as powers from "./powers.ts";
import * as ratios from "./ratios.ts";
import * as rounding from "./rounding.ts";
import * as special from "./special.ts";
import * as trigonometric from "./trigonometric.ts";

/** The elementary functions, which every model can use. */
export const elementary = new Operations([
  algebra,
  powers,
  exponential,
  trigonometric,
  plane,
  hyperbolic,
  rounding,
  comparison,
  activation,
  special,
  gaussian,
  ratios,
  cast,
  opaque,
]);
