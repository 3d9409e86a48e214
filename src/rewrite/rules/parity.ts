import { neg } from "../../ops/algebra.ts";
import type { Operation } from "../../ops/define.ts";
import { erf, gaussian, normalPdf } from "../../ops/erf.ts";
import { asinh, atanh, cosh, sech2, sinh, tanh } from "../../ops/hyperbolic.ts";
import { cbrt } from "../../ops/powers.ts";
import { sign, trunc } from "../../ops/rounding.ts";
import { asin, atan, cos, sin, tan } from "../../ops/trigonometric.ts";
import { x } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

const odd: readonly Operation[] = [sin, tan, asin, atan, sinh, tanh, asinh, atanh, erf, cbrt, sign, trunc];
const even: readonly Operation[] = [cos, cosh, sech2, gaussian, normalPdf];

/** f(-x) = -f(x) and f(-x) = f(x). */
export const parityRules: Rules = {
  exact: [
    ...odd.map((f) => rule(`${f.primitive.name} of a negation`, f(neg(x)), neg(f(x)), { once: [neg(x)] })),
    ...even.map((f) => rule(`${f.primitive.name} of a negation`, f(neg(x)), f(x))),
  ],
};
