import type { Operation } from "../../../ops/define.ts";
import { neg } from "../../../ops/elementary/algebra.ts";
import { asinh, atanh, cosh, sech2, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { cbrt } from "../../../ops/elementary/powers.ts";
import { abs, sign, trunc } from "../../../ops/elementary/rounding.ts";
import { asin, atan, cos, sin, tan } from "../../../ops/elementary/trigonometric.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { x } from "../../pattern.ts";
import { type Rule, type Rules, rule } from "../../rule.ts";

/** f(-x) = -f(x). */
export const oddRules = (functions: readonly Operation[]): Rule[] =>
  functions.map((f) => rule(f(neg(x)), neg(f(x)), { once: [neg(x)] }));

/** f(-x) = f(x), and so f(|x|): with |x|, whose slope at 0 is 0, it would have no curvature there. */
export const evenRules = (functions: readonly Operation[]): Rule[] =>
  functions.flatMap((f) => [neg, abs].map((g) => rule(f(g(x)), f(x))));

export const parityRules: Rules = {
  exact: [
    ...oddRules([sin, tan, asin, atan, sinh, tanh, asinh, atanh, cbrt, sign, trunc]),
    ...evenRules([cos, cosh, sech2, gaussian]),
  ],
};
