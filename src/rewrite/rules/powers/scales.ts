import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, square, sub } from "../../../ops/elementary/algebra.ts";
import {
  and,
  clamp,
  greater,
  greaterEqual,
  isFiniteReal,
  less,
  notEqual,
  select,
} from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log } from "../../../ops/elementary/exponential.ts";
import { hypotenuseExcess, otherLeg } from "../../../ops/elementary/hyperbola.ts";
import { sinh } from "../../../ops/elementary/hyperbolic.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs, sign } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { contrast } from "../../../ops/ratios/contrasts.ts";
import { logGap } from "../../../ops/ratios/gaps.ts";
import { squareContrast } from "../../../ops/ratios/power-sums.ts";
import { both, constantLike, isNumber, orNaN, valueWhere, vary } from "../../forms/conditions.ts";
import { exponentOf } from "../../forms/exponentials/logarithms.ts";
import { c, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";

/** What varies and has no parts that other rules look for. */
const isLeaf =
  (...variables: readonly Expr[]): Condition =>
  (of) =>
    variables.every((variable) => of(variable).kind === "leaf");

/** True where x and y are negative, or one is and the other 0. */
const areOpposite = (x: Expr, y: Expr) => less(add(sign(x), sign(y)), 0);
const isOpposite = areOpposite(x, y);

/** f(x) g(y), of what is opposite to x and y where both are negative, or one is and the other 0. */
const apartOf = (x: Expr, y: Expr, f: (factor: Expr) => Expr, g = f) =>
  mul(f(select(areOpposite(x, y), neg(x), x)), g(select(areOpposite(x, y), neg(y), y)));
const apart = (f: (factor: Expr) => Expr, g = f) => apartOf(x, y, f, g);

const rootsOf = (x: Expr, y: Expr) => apartOf(x, y, (factor) => sqrt(factor));
const rootsApart = rootsOf(x, y);

const rootOfQuotient = apart(
  (above) => sqrt(above),
  (below) => rsqrt(below),
);

const isBroken = valueWhere(c, (value) => Number.isFinite(value) && !Number.isInteger(value));
const onNumbers: Condition = both(isNumber, vary(x, y));

/** Numbers of which a product, a quotient or a square overflows or vanishes although the whole does not. In arrays the plain forms are faster. */
export const scaleRules: Rules = {
  stable: [
    // roots of two variables go apart at the end: quotients and series know them as they are
    rule(sqrt(mul(x, y)), rootsApart, { where: onNumbers, phase: "last" }),
    structural("root of a product with more than variables", { roots: [sqrt], operands: [mul] }, (node, { facts }) => {
      const factors = node.operands[0]!.operands as [Expr, Expr];
      const areVariables = factors.every(({ kind }) => kind === "leaf");
      const isConstant = factors.some(({ kind }) => kind === "constant");
      return facts.isNumber(node) && !areVariables && !isConstant ? rootsOf(...factors) : undefined;
    }),
    rule(
      rsqrt(mul(x, y)),
      apart((factor) => rsqrt(factor)),
      { where: onNumbers },
    ),
    ...[sqrt(mul(x, y)), rootsApart].map((root) =>
      rule(div(x, root), select(isOpposite, neg(rootOfQuotient), rootOfQuotient), { where: onNumbers }),
    ),
    rule(cbrt(mul(x, y)), mul(cbrt(x), cbrt(y)), { where: onNumbers }),
    rule(
      pow(mul(x, y), c),
      apart((factor) => pow(factor, c)),
      { where: both(onNumbers, isBroken) },
    ),
    rule(div(square(x), y), mul(x, div(x, y)), { where: both(isNumber, isLeaf(x, y)) }),
    rule(div(x, square(y)), div(div(x, y), y), { where: both(isNumber, isLeaf(x, y)) }),
    rule(log(div(x, y)), select(greaterEqual(y, 0), logGap(x, y), logGap(neg(x), neg(y))), {
      where: both(isNumber, isLeaf(x, y)),
    }),
    rule(contrast(square(x), square(y)), squareContrast(x, y), { where: isNumber }),
    rule(sqrt(sub(square(x), square(y))), otherLeg(x, y), { where: isNumber }),
    rule(sub(x, otherLeg(x, y)), hypotenuseExcess(x, y)),
    rule(sub(otherLeg(x, y), x), neg(hypotenuseExcess(x, y))),
    structural(
      "steep function times an exponential",
      { roots: [mul], operands: [exp], phase: "early" },
      (node, { facts }) => {
        const [a, b] = node.operands as [Expr, Expr];
        return facts.isNumber(node) ? (joined(a, b) ?? joined(b, a)) : undefined;
      },
    ),
    structural("factors of both sides of a quotient", { roots: [div] }, (node, { facts }) =>
      facts.isNumber(node) ? reduced(node) : undefined,
    ),
  ],
};

/** steep times e^y: by exponents of both, which bounds that change nothing tell that the rule has been here. */
function joined(power: Expr, steep: Expr): Expr | undefined {
  if (!isMap(power, exp)) return undefined;
  const [[y], [x]] = [power.operands as [Expr], steep.operands as [Expr]];
  const isSinh = isMap(steep, sinh);
  if (isSinh || isMap(steep, expm1)) {
    if (isMap(x, clamp)) return undefined;
    const far = isSinh ? mul(0.5, sub(exp(add(y, x)), exp(sub(y, x)))) : sub(exp(add(y, x)), power);
    const near = clamp(x, -2, 2);
    return select(greater(abs(x), 1), far, mul(isSinh ? sinh(near) : expm1(near), power));
  }
  const exponent = isMap(steep, add) ? exponentOf(steep) : undefined;
  return exponent && exp(add(exponent, y));
}

/** So many factors are looked at. */
const mostFactors = 8;

/** The leaves that are factors of a product, each as often as it counts, and the other factors. */
function factorsOf(node: Expr): Expr[] | undefined {
  const factors: Expr[] = [];
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (isMap(next, mul)) pending.push(...next.operands);
    else if (isMap(next, square)) pending.push(next.operands[0]!, next.operands[0]!);
    else factors.push(next);
    if (factors.length + pending.length > mostFactors) return undefined;
  }
  return factors;
}

/** A quotient of products without the variables that are factors of both. */
function reduced(node: Expr): Expr | undefined {
  const [numerator, divisor] = node.operands as [Expr, Expr];
  if (![numerator, divisor].every((side) => isMap(side, mul) || isMap(side, square))) return undefined;
  const [above, below] = [factorsOf(numerator), factorsOf(divisor)];
  if (!above || !below) return undefined;
  const common: Expr[] = [];
  for (const factor of [...above]) {
    const at = factor.kind === "leaf" ? below.indexOf(factor) : -1;
    if (at < 0) continue;
    below.splice(at, 1);
    above.splice(above.indexOf(factor), 1);
    common.push(factor);
  }
  if (common.length === 0) return undefined;
  const product = (factors: readonly Expr[]) =>
    factors.length === 0 ? constantLike(1, node) : factors.reduce((a, b) => mul(a, b));
  const rest = below.length === 0 ? product(above) : div(product(above), product(below));
  const conditions = [...new Set(common)].map((factor) => and(notEqual(factor, 0), isFiniteReal(factor)));
  return orNaN(
    conditions.reduce((a, b) => and(a, b)),
    rest,
    mul(rest, product(common)),
  );
}
