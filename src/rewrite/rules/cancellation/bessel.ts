import type { Expr } from "../../../ir/graph.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { add, div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { less, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { isMap, isOneOf, primitivesOf } from "../../../ops/maps.ts";
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
import { isConstant } from "../../forms/contractions/splat.ts";
import { difference } from "../../forms/exponentials/exponents.ts";
import { fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { x } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

/** e^-x I_0(x) by its scaled form, and as it stands for x < 0, where that would be of another decay. */
function scaledI0(x: Expr): Expr {
  const isLeft = less(x, 0);
  const left = select(isLeft, x, 0);
  return select(isLeft, mul(exp(neg(left)), besselI(0)(left)), besselIMoment(0)(select(isLeft, 0, x)));
}

const steep = primitivesOf(besselI(0), besselI(1));

/** Whether a node is a function that grows as exponentials do, or made of one. */
const holdsSteep = inherited(
  (graph, id) => (graph.kindOf(id) === "map" && steep.has(graph.primitiveOf(id))) || undefined,
);

/** A product or a quotient of e^y and I_n(x), of which one overflows where the other vanishes: by y and the logarithm of I_0. */
function besideExp(node: Expr): Expr | undefined {
  if (!holdsSteep(node.graph, node.id)) return undefined;
  const { over, under } = fractionOf(node);
  const all = [...over, ...under];
  const growing = all.find((factor) => isOneOf(factor, besselI(0), besselI(1)));
  const power = all.find((factor) => isMap(factor, exp));
  if (!growing || !power) return undefined;
  const [[x], [y]] = [growing.operands as [Expr], power.operands as [Expr]];
  const isOver = over.includes(growing);
  const sides = isOver ? [over, under] : [under, over];
  const [own, other] = sides.map((side) => without(without(side, growing), power)) as [Expr[], Expr[]];
  if (isMap(growing, besselI(1))) own.push(besselIRatio(x));
  const exponent = over.includes(power) ? y : neg(y);
  if (isConstant(difference(isOver ? neg(x) : x, exponent), 0) && !isMap(x, select)) own.push(scaledI0(x));
  else (isOver ? own : other).push(exp(isOver ? add(exponent, logBesselI0(x)) : sub(exponent, logBesselI0(x))));
  return wholeOf(isOver ? { over: own, under: other } : { over: other, under: own }, node);
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
    rule(mul(exp(neg(x)), besselI(0)(x)), scaledI0(x), { where: areNoChoices(x) }),
    rule(mul(exp(x), besselK(0)(x)), besselK0e(x)),
    rule(mul(exp(x), besselK(1)(x)), besselK1e(x)),
    structural("exp beside a Bessel function among factors", { roots: [mul, div] }, besideExp),
  ],
};
