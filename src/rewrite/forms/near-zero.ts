import { expm1, log1p } from "../../ops/elementary/exponential.ts";
import { asinh, atanh, sinh, tanh } from "../../ops/elementary/hyperbolic.ts";
import { asin, atan, sin, tan } from "../../ops/elementary/trigonometric.ts";
import { primitivesOf } from "../../ops/maps.ts";

/** Functions f(x) that are x near x = 0: 1/f has the pole of 1/x there, and f(x)/x a series. */
export const likeOperand = primitivesOf(sin, tan, asin, atan, sinh, tanh, asinh, atanh, expm1, log1p);
