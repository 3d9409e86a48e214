import { add, div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { less, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import {
  besselI,
  besselI0e,
  besselI1e,
  besselIMoment,
  besselIRatio,
  besselK,
  besselK0e,
  besselK1e,
  logBesselI0,
} from "../../../ops/special/bessel-modified.ts";
import { areNoChoices } from "../../forms/conditions.ts";
import { x } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** e^-x I_0(x) by its scaled form, and as it stands for x < 0, where that would be of another decay. */
function scaledI0() {
  const isLeft = less(x, 0);
  const left = select(isLeft, x, 0);
  return select(isLeft, mul(exp(neg(left)), besselI(0)(left)), besselIMoment(0)(select(isLeft, 0, x)));
}

/** Logarithms, quotients and scaled forms of modified Bessel functions, which overflow or vanish before these do. */
export const besselRules: Rules = {
  stable: [
    rule(log(besselI(0)(x)), logBesselI0(x)),
    rule(log(besselI(1)(x)), add(log(besselI1e(x)), x)),
    rule(log(besselK(0)(x)), sub(log(besselK0e(x)), x)),
    rule(log(besselK(1)(x)), sub(log(besselK1e(x)), x)),
    rule(div(besselI(1)(x), besselI(0)(x)), besselIRatio(x)),
    rule(div(besselI1e(x), besselI0e(x)), besselIRatio(x)),
    rule(div(besselK(1)(x), besselK(0)(x)), div(besselK1e(x), besselK0e(x))),
    rule(div(besselK(0)(x), besselK(1)(x)), div(besselK0e(x), besselK1e(x))),
    rule(mul(exp(neg(x)), besselI(0)(x)), scaledI0(), { where: areNoChoices(x) }),
    rule(mul(exp(x), besselK(0)(x)), besselK0e(x)),
    rule(mul(exp(x), besselK(1)(x)), besselK1e(x)),
  ],
};
