import { neg } from "../../ops/algebra.ts";
import type { Operation } from "../../ops/define.ts";
import { gaussian } from "../../ops/gaussian.ts";
import { asinh, atanh, cosh, sech2, sinh, tanh } from "../../ops/hyperbolic.ts";
import { cbrt } from "../../ops/powers.ts";
import { sign, trunc } from "../../ops/rounding.ts";
import { asin, atan, cos, sin, tan } from "../../ops/trigonometric.ts";
import { x } from "../pattern.ts";
import { type Rule, type Rules, rule } from "../rule.ts";

/** f(-x) = -f(x). */
export const oddRules = (functions: readonly Operation[]): Rule[] =>
  functions.map((f) => rule(f(neg(x)), neg(f(x)), { once: [neg(x)] }));

/** f(-x) = f(x). */
export const evenRules = (functions: readonly Operation[]): Rule[] => functions.map((f) => rule(f(neg(x)), f(x)));

export const parityRules: Rules = {
  exact: [
    ...oddRules([sin, tan, asin, atan, sinh, tanh, asinh, atanh, cbrt, sign, trunc]),
    ...evenRules([cos, cosh, sech2, gaussian]),
  ],
};
