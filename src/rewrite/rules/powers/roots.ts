import type { Expr } from "../../../ir/graph.ts";
import type { Operand } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { equal, greater, less, select } from "../../../ops/elementary/comparison.ts";
import { lengthOf, polarRadius } from "../../../ops/elementary/lengths.ts";
import { radiusExcess } from "../../../ops/elementary/plane.ts";
import { rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { rootRate } from "../../../ops/ratios/compositions.ts";
import { rootExcess } from "../../../ops/ratios/contrasts.ts";
import { withoutFactors } from "../../forms/cancellation/distances.ts";
import { areNoChoices, both, isNumber, isPositiveFinite, valueWhere } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { multipliedOut } from "../../forms/multiplied-out.ts";
import { squareOfRoot } from "../../forms/roots.ts";
import { c, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";

/** Longer sums are not looked into. */
const mostTerms = 6;

/** The sum of which a root is, or a length that is taken for the root of a sum of squares. */
function sumUnder(root: Expr): Expr | undefined {
  if (isMap(root, lengthOf)) return isConstant(root.operands[0]!, 1) ? root.operands[1] : undefined;
  return isMap(root, sqrt) ? root.operands[0] : undefined;
}

/** root - a, where the square of `a` is among the terms under the root. */
function rootLess(root: Expr, a: Expr): Expr | undefined {
  const rest = restUnder(root, a);
  if (!rest || isMap(root, sqrt)) return rest && rootExcess(a, rest);
  // the slope of a length is 0 where all of its sides are
  const isZero = equal(sumUnder(root)!, 0);
  return select(isZero, neg(a), rootExcess(select(isZero, 1, a), rest));
}

/** The sum of which a root is, without the square of `a` among its terms. */
function restUnder(root: Expr, a: Expr): Expr | undefined {
  const sum = sumUnder(root);
  if (!sum || a.kind === "constant") return undefined;
  const isDifference = isMap(sum, sub);
  if (!isDifference && !isMap(sum, add)) return undefined;
  const side = isMap(a, neg) ? a.operands[0]! : a;
  const isSquare = (term: Expr) => isMap(term, square) && term.operands[0] === side;
  const whole = isDifference ? sum.operands[0]! : sum;
  const terms = isMap(whole, add) ? whole.operands : [whole];
  const at = terms.length > mostTerms ? -1 : terms.findIndex(isSquare);
  if (at < 0) return undefined;
  const others = terms.filter((_, k) => k !== at);
  const less = isDifference ? sum.operands[1]! : undefined;
  if (others.length === 0) return less && neg(less);
  const rest = others.reduce((p, q) => add(p, q));
  return less ? sub(rest, less) : rest;
}

/** (sqrt(x^2 + y) - x)/d, where y is a multiple of d: of a y that is small beside x^2 by what d is to it. */
function excessOver(node: Expr, d: Expr): Expr | undefined {
  if (isMap(node, neg)) {
    const found = excessOver(node.operands[0]!, d);
    return found && neg(found);
  }
  if (!isMap(node, rootExcess) || d.kind === "constant") return undefined;
  const [x, y] = node.operands as [Expr, Expr];
  const share = withoutFactors(y, d);
  if (!share) return undefined;
  const isLeft = less(x, 0);
  const near = mul(share, rootRate(select(isLeft, neg(x), x), y));
  return add(near, select(isLeft, div(mul(-2, x), d), 0));
}

/** Polynomials are looked into so far. */
const deepest = 64;

/** A polynomial with another form of the square of t: of t = x sqrt(y) the slopes of t^2 in y would cancel. */
function withSquare(node: Expr, t: Expr, squared: Expr, depth = deepest): Expr {
  if (isMap(node, square) && node.operands[0] === t) return squared;
  if (depth === 0 || !(isMap(node, add) || isMap(node, mul))) return node;
  const parts = node.operands.map((part) => withSquare(part, t, squared, depth - 1));
  const isSame = parts.every((part, k) => part === node.operands[k]);
  return isSame ? node : node.graph.map(node.graph.primitiveOf(node.id), parts);
}

const isRight: Condition = areNoChoices(y);

/** sqrt(c (sqrt(x^2 + y^2) - y)): of a small x as a multiple of it. */
const rootOfExcess = (c: Operand, inverse: Operand): Expr =>
  select(
    greater(y, 0),
    mul(abs(x), rsqrt(mul(inverse, add(polarRadius(x, y), y)))),
    sqrt(mul(c, radiusExcess(x, select(greater(y, 0), 0, y)))),
  );

const rootsOfSums = [
  [sqrt, "root of a sum", "the root of one term"],
  [lengthOf, "length", "one of its sides"],
] as const;

/** Roots of sums that differ little from one of their terms, as in the solutions of quadratic equations and in complex roots. */
export const rootRules: Rules = {
  stable: [
    ...rootsOfSums.flatMap(([root, of, term]) => [
      structural(`${of} less ${term}`, { roots: [sub], operands: [root] }, ({ operands: [a, b] }) => {
        const less = rootLess(b!, a!);
        return rootLess(a!, b!) ?? (less && neg(less));
      }),
      structural(`${of} and ${term}`, { roots: [add], operands: [root] }, ({ operands: [a, b, ...others] }) => {
        const [root, other] = sumUnder(a!) ? [a!, b!] : [b!, a!];
        return others.length === 0 && sumUnder(root) ? rootLess(root, neg(other)) : undefined;
      }),
    ]),
    structural("root of a distance that is multiplied out", { roots: [sqrt], phase: "early" }, ({ operands: [x] }) => {
      const squared = multipliedOut(x!);
      return squared && sqrt(squared);
    }),
    structural("excess of a root over a factor", { roots: [div] }, ({ operands: [a, b] }) => excessOver(a!, b!)),
    structural(
      "series in squares of a root times a number",
      { roots: [select], operands: [less], phase: "early" },
      (node) => {
        const [condition, near, far] = node.operands as [Expr, Expr, Expr];
        const [size, bound] = isMap(condition, less) ? condition.operands : [];
        const t = size && bound!.kind === "constant" && isMap(size, abs) ? size.operands[0]! : undefined;
        const squared = t && isMap(t, mul) ? squareOfRoot(t) : undefined;
        const found = squared && withSquare(near, t!, squared);
        return found && found !== near ? select(condition, found, far) : undefined;
      },
    ),
    rule(add(polarRadius(x, y), y), radiusExcess(x, neg(y)), {
      where: (of, context) => isNumber(of, context) && of(y).kind !== "constant",
    }),
    rule(sqrt(radiusExcess(x, y)), rootOfExcess(1, 1), { where: isRight }),
    rule(sqrt(mul(radiusExcess(x, y), c)), rootOfExcess(c, reciprocal(c)), {
      where: both(isRight, valueWhere(c, isPositiveFinite)),
    }),
  ],
};
