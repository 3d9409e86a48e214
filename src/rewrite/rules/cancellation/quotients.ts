import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greaterEqual, less, min, notEqual, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, expm1Reciprocal, log, log1p } from "../../../ops/elementary/exponential.ts";
import { atanh, cosh, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { direction } from "../../../ops/elementary/lengths.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { atanSlope, cos, sin } from "../../../ops/elementary/trigonometric.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import { contrast } from "../../../ops/ratios/contrasts.ts";
import { log1pDilation, log1pPerspective } from "../../../ops/ratios/dilations.ts";
import { faded } from "../../../ops/ratios/faded.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softplus } from "../../../ops/special/activation.ts";
import { erfc, logNormalCdf, normalCdf } from "../../../ops/special/erf.ts";
import { xlog1py, xlogy } from "../../../ops/special/special.ts";
import { orNaN } from "../../forms/conditions.ts";
import { positiveFunctions } from "../../forms/exponentials/logarithms.ts";
import { c, d, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** tanh of log x for x > 0: of x or its reciprocal, whichever is below 1, the square is taken. */
function tanhOfLog(): Expr {
  const squared = (t: Expr) => contrast(square(t), 1);
  return select(less(x, 1), squared(orNaN(greaterEqual(x, 0), x)), neg(squared(reciprocal(x))));
}

/** 1 - tanh(x) tanh(y). */
const besideTanh = mul(
  2,
  add(mul(sigmoid(mul(2, x)), sigmoid(mul(-2, y))), mul(sigmoid(mul(-2, x)), sigmoid(mul(2, y)))),
);

/** Quotients and differences whose parts cancel or overflow, by what they are in one step. */
export const quotientRules: Rules = {
  stable: [
    rule(div(sub(square(x), square(y)), add(x, y)), sub(x, y)),
    rule(div(add(square(x), c), add(x, d)), orNaN(notEqual(add(x, d), 0), sub(x, d)), {
      where: (of) => of(c).constant === -(of(d).constant! ** 2),
    }),
    rule(div(sub(x, y), add(x, y)), contrast(x, y)),
    rule(log(contrast(1, x)), mul(atanh(x), -2)),
    rule(div(sinh(x), add(cosh(x), 1)), tanh(mul(0.5, x))),
    rule(div(expm1(x), add(expm1(x), 2)), tanh(mul(0.5, x))),
    rule(add(reciprocal(tanh(x)), -1), mul(2, expm1Reciprocal(mul(2, x)))),
    rule(mul(sinh(x), exp(neg(x))), mul(-0.5, expm1(mul(-2, x)))),
    rule(mul(cosh(x), exp(neg(x))), add(0.5, mul(0.5, exp(mul(-2, x))))),
    rule(tanh(log(x)), tanhOfLog()),
    rule(div(proportion(x, y), x), reciprocal(add(x, y))),
    rule(mul(x, log1p(reciprocal(x))), log1pPerspective(1, x)),
    rule(mul(y, log1p(div(x, y))), log1pPerspective(x, y)),
    rule(log(reciprocal(add(x, 1))), neg(log1p(x))),
    rule(mul(reciprocal(x), logProportion(reciprocal(x), y)), neg(log1pDilation(x, y))),
    // complements
    rule(add(reciprocal(add(x, 1)), -1), neg(proportion(x, 1))),
    rule(sub(1, reciprocal(add(x, 1))), proportion(x, 1)),
    rule(sub(1, atanSlope(x)), square(direction(x, 1))),
    // with nothing that cancels near 0
    rule(
      sub(cosh(x), cos(y)),
      add(square(mul(sinh(mul(x, 0.5)), Math.SQRT2)), square(mul(sin(mul(y, 0.5)), Math.SQRT2))),
    ),
    // complements of products, whose terms are of one sign
    rule(sub(1, mul(tanh(x), tanh(y))), besideTanh),
    rule(add(mul(tanh(x), tanh(y)), -1), neg(besideTanh)),
    rule(
      log1p(neg(mul(sigmoid(x), sigmoid(y)))),
      select(
        less(mul(sigmoid(x), sigmoid(y)), 0.5),
        log1p(neg(min(mul(sigmoid(x), sigmoid(y)), 0.75))),
        log(add(sigmoid(neg(x)), mul(sigmoid(x), sigmoid(neg(y))))),
      ),
    ),
    // squares of sums
    rule(sub(add(square(x), square(y)), mul(mul(x, y), 2)), square(sub(x, y))),
    rule(add(square(x), square(y), mul(mul(x, y), 2)), square(add(x, y))),
    rule(sub(square(add(x, y)), square(x)), mul(y, add(mul(2, x), y))),
    rule(sub(pow(add(x, y), 3), pow(x, 3)), mul(y, add(mul(mul(x, add(x, y)), 3), square(y)))),
    // roots that are nearly equal
    rule(sub(sqrt(x), sqrt(add(x, c))), div(neg(c), add(sqrt(x), sqrt(add(x, c))))),
    rule(xlogy(x, add(y, 1)), xlog1py(x, y)),
    rule(xlogy(x, sub(1, y)), xlog1py(x, neg(y))),
    // what has a logarithm of its own may be rounded to 0 or 1
    rule(xlogy(x, exp(y)), faded(x, y)),
    rule(xlogy(x, mul(c, erfc(y))), faded(x, log(mul(c, erfc(y))))),
    ...positiveFunctions.map(([f, logarithm]) => rule(xlogy(x, f(y)), faded(x, logarithm(y)))),
    rule(xlog1py(x, expm1(y)), faded(x, y)),
    rule(xlog1py(x, neg(exp(y))), xlogy(x, neg(expm1(y)))),
    rule(xlog1py(x, neg(sigmoid(y))), faded(x, neg(softplus(y)))),
    rule(xlog1py(x, neg(normalCdf(y))), faded(x, logNormalCdf(neg(y)))),
  ],
};
