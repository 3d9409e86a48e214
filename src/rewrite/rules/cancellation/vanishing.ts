import type { Expr } from "../../../ir/graph.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { and, greater, isFiniteReal, less, min, notEqual, or, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, expm1Reciprocal, log } from "../../../ops/elementary/exponential.ts";
import { cosh, csch, sech, sech2, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { faint, pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, primitivesOf } from "../../../ops/maps.ts";
import { raised } from "../../../ops/ratios/compositions.ts";
import { faded } from "../../../ops/ratios/faded.ts";
import { sigmoid, sigmoidSlope } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import type { Facts } from "../../facts/facts.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { varies } from "../../forms/nodes.ts";
import { factorsOf } from "../../forms/signed-factors.ts";
import { type Rules, structural } from "../../rule.ts";

/** Products in which one factor vanishes faster than the others grow, and differences of values that are nearly 1. */
export const vanishingRules: Rules = {
  stable: [
    structural(
      "product with the square of a reciprocal",
      { roots: [mul], operands: [square], phase: "last" },
      (node, { facts }) => {
        const [a, b] = node.operands as [Expr, Expr];
        return facts.isNumber(node) ? (bySteps(a, b) ?? bySteps(b, a)) : undefined;
      },
    ),
    structural("difference of values near one", { roots: [sub], phase: "last" }, (node, { facts }) => {
      const [a, b] = node.operands as [Expr, Expr];
      const [x, y] = [a.operands[0]!, b.operands[0]!];
      if ([x, y].some((each) => each && isMap(each, min))) return undefined;
      return tails
        .filter(([f]) => facts.isNumber(node) && isMap(a, f) && isMap(b, f))
        .reduce<Expr | undefined>(
          (rest, [, isNear, complement]) =>
            select(and(isNear(x), isNear(y)), sub(complement(y), complement(x)), rest ?? node),
          undefined,
        );
    }),
    structural("power less one", { roots: [add], operands: [pow, -1], phase: "last" }, (node, { facts }) => {
      const power = node.operands.find((term) => isMap(term, pow));
      return power && facts.isNumber(node) && node.operands.length === 2
        ? powerLessOne(power, (near) => near, node)
        : undefined;
    }),
    structural("one less a power", { roots: [sub], operands: [pow], phase: "last" }, (node, { facts }) => {
      const [one, power] = node.operands as [Expr, Expr];
      return isConstant(one, 1) && facts.isNumber(node) && isMap(power, pow)
        ? powerLessOne(power, (near) => neg(near), node)
        : undefined;
    }),
    structural("product with what has vanished", { roots: [mul], phase: "last" }, (node, { facts }) => {
      const [a, b] = node.operands as [Expr, Expr];
      if (!facts.isNumber(node)) return undefined;
      return fadedOrRaised(a, b, facts) ?? fadedOrRaised(b, a, facts);
    }),
    structural(
      "quotient of an exponential that overflows",
      { roots: [div], operands: [exp], phase: "last" },
      (node, { facts }) => {
        const [a, b] = node.operands as [Expr, Expr];
        if (!facts.isNumber(node) || !isMap(a, exp) || !isUnbounded(a, facts)) return undefined;
        const factor = reciprocal(b);
        return select(isFiniteReal(factor), raised(a, factor, a.operands[0]!), node);
      },
    ),
  ],
};

/** A difference of a power and 1 by the exponent that it has of e, where that is small. */
function powerLessOne(power: Expr, make: (near: Expr) => Expr, node: Expr): Expr | undefined {
  const [x, y] = power.operands as [Expr, Expr];
  if (y.kind === "constant") return undefined;
  const exponent = mul(y, log(select(greater(x, 0), x, 2)));
  return select(and(greater(x, 0), isSmall(exponent)), make(expm1(exponent)), node);
}

/** y times what vanishes, where y may overflow before that; times an exponential, of which halves may be left. */
function fadedOrRaised(fading: Expr, y: Expr, facts: Facts): Expr | undefined {
  if (!isVanishing(fading)) return undefined;
  const isNegated = isMap(fading, neg);
  const power = isNegated ? fading.operands[0]! : fading;
  const overflows = mayOverflow(y, fading);
  if (!isUnbounded(power, facts)) return overflows ? faded(fading, y) : undefined;
  const bounded = overflows ? select(or(notEqual(power, 0), isFiniteReal(y)), y, 0) : y;
  const [exponent] = power.operands as [Expr];
  const product = raised(power, bounded, isMap(power, exp) ? exponent : neg(square(exponent)));
  return isNegated ? neg(product) : product;
}

/** An exponential that may lose its digits alone: one that is known to be a normal number needs no care. */
const isUnbounded = (node: Expr, facts: Facts) =>
  (isMap(node, exp) || isMap(node, gaussian)) && !(facts.of(node).interval[0] > faint && facts.isFinite(node));

const isPositive = (x: Expr) => greater(x, 0.5);

const isNegative = (x: Expr) => less(x, -0.5);

const isSmall = (x: Expr) => less(abs(x), 0.5);

/** -x where x is positive: the bound changes nothing, and tells that a function has been taken from the other side already. */
const left = (x: Expr) => min(neg(x), 0);

/** Functions, where they are nearly constant, and what is left to that. */
const tails: readonly (readonly [Operation, (x: Expr) => Expr, (x: Expr) => Expr])[] = [
  [erf, isPositive, (x) => erfc(x)],
  [erf, isNegative, (x) => neg(erfc(neg(x)))],
  [sigmoid, isPositive, (x) => sigmoid(left(x))],
  [normalCdf, isPositive, (x) => normalCdf(left(x))],
  [tanh, isPositive, (x) => mul(2, sigmoid(mul(-2, x)))],
  [tanh, isNegative, (x) => mul(-2, sigmoid(mul(2, x)))],
  [exp, isSmall, (x) => neg(expm1(x))],
  [expm1, isNegative, (x) => neg(exp(x))],
];

/** x r^2 as (x r) r, which lies between x and the result, where r^2 alone may overflow or vanish. */
function bySteps(x: Expr, squared: Expr): Expr | undefined {
  const [r] = isMap(squared, square) ? squared.operands : [];
  return r && isMap(r, reciprocal) ? mul(mul(x, r), r) : undefined;
}

const vanishing = primitivesOf(exp, expm1Reciprocal, gaussian, erfc, sech, sech2, csch, sigmoidSlope, faded, raised);

const growing = primitivesOf(div, reciprocal, square, pow);

const exponentials = primitivesOf(exp, expm1, sinh, cosh);

/** What passes growth on. */
const open = primitivesOf(add, sub, neg, mul, div, reciprocal, square, pow, sqrt, select);

const isIn = (set: ReadonlySet<Primitive>, node: Expr) =>
  node.kind === "map" && set.has(node.graph.primitiveOf(node.id));

const isVanishing = (node: Expr) => factorsOf(node).factors.some((factor) => isIn(vanishing, factor));

/** So many nodes are looked at. */
const mostNodes = 16;

/** The node and what it is made of, as far as it is looked at. */
function partsOf(node: Expr, isOpen: (part: Expr) => boolean): Expr[] {
  const parts = [node];
  for (let at = 0; at < parts.length && parts.length < mostNodes; at++) {
    const part = parts[at]!;
    if (part.kind === "map" && isOpen(part)) parts.push(...part.operands.filter((operand) => !parts.includes(operand)));
  }
  return parts;
}

/** True when a factor may be infinite where the other has vanished: by a power, or by an exponential that makes it vanish. */
function mayOverflow(factor: Expr, fading: Expr): boolean {
  const parts = partsOf(factor, (part) => isIn(open, part));
  const steep = parts.filter((part) => isIn(exponentials, part));
  const grows = (part: Expr) => isIn(growing, part) || (isMap(part, mul) && part.operands.every(varies));
  if (steep.length === 0) return parts.some(grows);
  const causes = partsOf(fading, () => true).slice(1);
  return steep.every(({ operands: [exponent] }) =>
    causes.some((part) => isIn(exponentials, part) && part.operands[0] === exponent),
  );
}
