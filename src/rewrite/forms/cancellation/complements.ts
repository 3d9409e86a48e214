import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1 } from "../../../ops/elementary/exponential.ts";
import { cosh, sech, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { direction } from "../../../ops/elementary/lengths.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { atanSlope, cos, sin, sinc } from "../../../ops/elementary/trigonometric.ts";
import { byPrimitive, isMap } from "../../../ops/maps.ts";
import { compound } from "../../../ops/ratios/compositions.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isConstant } from "../contractions/splat.ts";
import { logarithmOf } from "../exponentials/logarithms.ts";

/** What 1 - f is, from the operands of f, and the complements of these where they have one. */
type Complement = (node: Expr, of: (operand: Expr) => Expr | undefined) => Expr | undefined;

const known = byPrimitive<Complement>([
  [exp, ({ operands: [x] }) => neg(expm1(x!))],
  [gaussian, ({ operands: [x] }) => neg(expm1(neg(square(x!))))],
  [cos, ({ operands: [x] }) => mul(2, square(sin(mul(0.5, x!))))],
  [cosh, ({ operands: [x] }) => mul(-2, square(sinh(mul(0.5, x!))))],
  [tanh, ({ operands: [x] }) => mul(2, sigmoid(mul(-2, x!)))],
  [sigmoid, ({ operands: [x] }) => sigmoid(neg(x!))],
  [sech, ({ operands: [x] }) => mul(tanh(x!), tanh(mul(0.5, x!)))],
  // of which there is a series
  [sinc, (node) => sub(1, node)],
  [erf, ({ operands: [x] }) => erfc(x!)],
  [erfc, ({ operands: [x] }) => erf(x!)],
  [normalCdf, ({ operands: [x] }) => normalCdf(neg(x!))],
  [
    select,
    ({ operands: [condition, a, b] }, of) => {
      const [restA, restB] = [of(a!), of(b!)];
      return (restA || restB) && select(condition!, restA ?? sub(1, a!), restB ?? sub(1, b!));
    },
  ],
  [atanSlope, ({ operands: [x] }) => square(direction(x!, x!.graph.constantLike(1, x!)))],
  [proportion, ({ operands: [x, y] }) => proportion(y!, x!)],
  [
    direction,
    (node) => {
      const [x, y] = node.operands as [Expr, Expr];
      const right = div(square(direction(y, x)), add(1, node));
      return isMap(x, min) ? undefined : select(greater(x, 0), right, sub(1, direction(min(x, 0), y)));
    },
  ],
  [
    add,
    ({ operands }, of) => {
      const one = operands.findIndex((term) => isConstant(term, 1));
      const at = one < 0 ? operands.findIndex((term) => of(term)) : one;
      if (at < 0) return undefined;
      const others = operands.filter((_, k) => k !== at).reduce((a, b) => add(a, b));
      return one < 0 ? sub(of(operands[at]!)!, others) : neg(others);
    },
  ],
  [sub, ({ operands: [a, b] }, of) => (isConstant(a!, 1) ? b : mapped(of(a!), (rest) => add(rest, b!)))],
  // 1 - 1/f = -(1 - f)/f
  [reciprocal, ({ operands: [x] }, of) => mapped(of(x!), (rest) => neg(div(rest, x!)))],
  [sqrt, (node, of) => mapped(of(node.operands[0]!), (rest) => div(rest, add(1, node)))],
  [rsqrt, (node, of) => mapped(of(node.operands[0]!), (rest) => neg(div(mul(rest, node), add(1, reciprocal(node)))))],
  [square, ({ operands: [x] }, of) => mapped(of(x!), (rest) => mul(rest, add(1, x!)))],
  [
    pow,
    ({ operands: [x, exponent] }, of) =>
      exponent!.kind === "constant" ? mapped(of(x!), (rest) => growth(rest, x!, exponent!)) : undefined,
  ],
  [
    mul,
    (node, of) => {
      const [a, b] = node.operands as [Expr, Expr];
      const [restA, restB] = [of(a), of(b)];
      const sum = restA && restB && add(restA, mul(a, restB));
      // a large factor and a small one: little would be left of their complements
      const logarithm = sum && logarithmOf(node);
      return logarithm ? neg(expm1(logarithm)) : sum;
    },
  ],
  [div, ({ operands: [a, b] }, of) => mapped(of(a!), (restA) => mapped(of(b!), (restB) => div(sub(restA, restB), b!)))],
]);

const mapped = <T>(value: Expr | undefined, make: (value: Expr) => T): T | undefined => value && make(value);

/** 1 - x^c, of 1 - x; far from 1 the power as it stands, of a base whose bound changes nothing, and tells where this has been. */
function growth(rest: Expr, x: Expr, exponent: Expr): Expr | undefined {
  if (isMap(x, min)) return undefined;
  const isNear = greater(x, 0.25);
  return select(isNear, neg(compound(select(isNear, neg(rest), 0), exponent)), sub(1, pow(min(x, 0.5), exponent)));
}

/** Functions are looked into so far. */
const deepest = 4;

/** 1 - node, where it has a form in which nothing cancels. */
export function complementOf(node: Expr): Expr | undefined {
  return complementAt(node, deepest);
}

function complementAt(node: Expr, depth: number): Expr | undefined {
  if (node.kind !== "map" || node.dtype !== "real" || depth === 0) return undefined;
  return known.get(node.graph.primitiveOf(node.id))?.(node, (operand) => complementAt(operand, depth - 1));
}
