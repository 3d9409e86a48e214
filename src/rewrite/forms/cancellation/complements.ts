import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1 } from "../../../ops/elementary/exponential.ts";
import { cosh, sech, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { direction } from "../../../ops/elementary/lengths.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { atanSlope, cos, sin, sinc } from "../../../ops/elementary/trigonometric.ts";
import { byPrimitive, isMap, isOneOf } from "../../../ops/maps.ts";
import { compound } from "../../../ops/ratios/compositions.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isConstant } from "../contractions/splat.ts";
import { logarithmOf } from "../exponentials/logarithms.ts";
import { factorsOf } from "../signed-factors.ts";
import { lessTerms, signedTermsOf, sumOfSigned } from "../signed-terms.ts";

type ComplementOf = (operand: Expr) => Expr | undefined;

/** What 1 - f is, from the operands of f, and the complements of these where they have one. */
type Complement = (node: Expr, of: ComplementOf) => Expr | undefined;

const known = byPrimitive<Complement>([
  [exp, ({ operands: [x] }) => neg(expm1(x!))],
  [
    neg,
    ({ operands: [f] }) => {
      const [x] = f!.operands;
      if (isMap(f!, expm1)) return exp(x!);
      if (isMap(f!, tanh)) return mul(2, sigmoid(mul(2, x!)));
      return isMap(f!, erf) ? erfc(neg(x!)) : undefined;
    },
  ],
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
    (node, of) => {
      const mixed = mixtureRest(node, of);
      if (mixed) return mixed;
      const { operands } = node;
      const one = operands.findIndex((term) => isConstant(term, 1));
      const at = one < 0 ? operands.findIndex((term) => of(term)) : one;
      if (at < 0) return undefined;
      const others = operands.filter((_, k) => k !== at).reduce((a, b) => add(a, b));
      return one < 0 ? sub(of(operands[at]!)!, others) : neg(others);
    },
  ],
  [
    sub,
    (node, of) => {
      const [a, b] = node.operands as [Expr, Expr];
      return isConstant(a, 1) ? b : (mixtureRest(node, of) ?? mapped(of(a), (rest) => add(rest, b)));
    },
  ],
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

export const mapped = <T>(value: Expr | undefined, make: (value: Expr) => T): T | undefined => value && make(value);

/** Whether a node is what 1 is more than another. */
const isRest = (node: Expr, of: Expr, complementOf: ComplementOf): boolean =>
  (isMap(node, sub) && isConstant(node.operands[0]!, 1) && node.operands[1] === of) || node === complementOf(of);

/** 1 - f of f = w a + (1 - w) b, which is w (1 - a) + (1 - w)(1 - b), and of a + (b - a) w; the first term may be w alone. */
function mixtureRest(node: Expr, of: ComplementOf): Expr | undefined {
  if (node.operands.length !== 2) return undefined;
  const [first, last] = node.operands as [Expr, Expr];
  const second = isMap(node, sub) ? neg(last) : last;
  const left = (part: Expr) => of(part) ?? sub(1, part);
  const orders: [Expr, Expr][] = [
    [first, second],
    [second, first],
  ];
  for (const [p, q] of orders) {
    for (const [rest, b] of weighted(q)) {
      if (!b) continue;
      const end = of(b) && beside(rest, p);
      if (end) {
        const far = mul(left(p), left(b));
        return isConstant(end, 1) ? far : add(far, mul(left(end), b));
      }
      for (const [w, a] of weighted(p)) {
        if (!isRest(rest, w, of)) continue;
        const far = mul(rest, left(b));
        return a ? add(mul(w, left(a)), far) : far;
      }
    }
  }
  return undefined;
}

/** What a term is taken from, as b of b - a, and 1 - c of 1 - a - c. */
function beside(node: Expr, term: Expr): Expr | undefined {
  const terms = signedTermsOf(node, { graph: node.graph, isShared: () => false });
  const others = terms && lessTerms(terms, [{ term, sign: -1 }]);
  return others && sumOfSigned(others, node);
}

/** A product by each of its factors, with the product of the others; undefined where there are none. */
function weighted(node: Expr): (readonly [weight: Expr, of: Expr | undefined])[] {
  const { sign, factors } = factorsOf(node);
  const whole = [node, undefined] as const;
  if (factors.length === 1) return [whole];
  const others = (at: number) => {
    const product = factors.filter((_, k) => k !== at).reduce((a, b) => mul(a, b));
    return sign > 0 ? product : neg(product);
  };
  return [whole, ...factors.map((weight, at) => [weight, others(at)] as const)];
}

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

/** Whether the two come to 1. */
export const areComplements = (a: Expr, b: Expr): boolean => isRest(a, b, complementOf) || isRest(b, a, complementOf);

/** 1 - node for a sum w a + (1 - w) b. */
export const complementOfMixture = (node: Expr): Expr | undefined =>
  isOneOf(node, add, sub) ? mixtureRest(node, complementOf) : undefined;

function complementAt(node: Expr, depth: number): Expr | undefined {
  if (node.kind !== "map" || node.dtype !== "real" || depth === 0) return undefined;
  return known.get(node.graph.primitiveOf(node.id))?.(node, (operand) => complementAt(operand, depth - 1));
}
