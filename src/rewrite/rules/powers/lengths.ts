import type { Expr } from "../../../ir/graph.ts";
import { termsOf } from "../../../ops/arrays/contractions.ts";
import { add, div, mul, square, sub } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { and, equal, greater, lessEqual, select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { hypot, lengthOf } from "../../../ops/elementary/lengths.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, primitivesOf } from "../../../ops/maps.ts";
import { huber, softplus } from "../../../ops/special/activation.ts";
import type { Facts } from "../../facts/facts.ts";
import { constantLike } from "../../forms/conditions.ts";
import { isSplat } from "../../forms/contractions/splat.ts";
import { hasSquare, squareOf, unsized, withSquare } from "../../forms/lengths.ts";
import { isView } from "../../forms/nodes.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";
import { mayVanish } from "../../series/expansion-points.ts";

/** Sums and products are looked into so far. */
const deepest = 6;

/** A product of a read with itself, and quotients by what is not negative, are no more negative than what they are made of. */
function isNeverNegative(x: Expr, facts: Facts): boolean {
  const [over, under] = x.operands;
  if (isMap(x, div)) return facts.isNonNegative(under!) && isNeverNegative(over!, facts);
  return withSquare(x) !== undefined || facts.isNonNegative(x);
}

const smooth = primitivesOf(add, div, mul, square, toReal);

/** Sums, products and squares of leaves alone: what is never negative has the slope 0 where it is 0. */
function isSmooth(x: Expr, depth = deepest): boolean {
  if (x.operands.length === 0 || depth === 0) return x.operands.length === 0;
  if (x.kind === "map" && !smooth.has(x.graph.primitiveOf(x.id))) return false;
  return x.operands.every((operand) => isSmooth(operand, depth - 1));
}

/** A sum of squares with weights that are never negative, over whatever it may be. Of a few numbers these have forms of their own. */
function isSumOfSquares(x: Expr, facts: Facts, depth = deepest): boolean {
  const isOne = (term: Expr) => isSumOfSquares(term, facts, depth - 1);
  const areWeighted = (factors: readonly Expr[]) =>
    factors.some(isOne) && factors.every((each) => isOne(each) || isWeight(each, facts));
  if (depth === 0) return false;
  if (x.kind === "contraction")
    return withSquare(x) !== undefined || areWeighted(termsOf(x).factors.map(({ of }) => of));
  const [a, b] = x.operands;
  if (isMap(x, div)) return (depth === deepest || facts.isNonNegative(b!)) && isOne(a!);
  if (isMap(x, mul)) return areWeighted(x.operands);
  return x.shape.length > 0 && (isMap(x, square) || (isMap(x, add) && x.operands.every(isOne)));
}

/** Functions that are 0 only where their own slopes are. */
const fading = primitivesOf(square, exp, softplus);

/** What is never negative, and whose root has no infinite slope where it is 0. */
function isWeight(x: Expr, facts: Facts): boolean {
  const weight = isView(x) ? x.operands[0]! : x;
  const isFading = weight.kind === "map" && fading.has(weight.graph.primitiveOf(weight.id));
  const isNumber = isSplat(x) || (isMap(x, toReal) && isSplat(x.operands[0]!));
  return isFading || facts.isPositive(x) || (isNumber && facts.isNonNegative(x));
}

/** Of a length that is 0 and another side, the square has the curvature: |y| sqrt(1 + length^2/y^2). */
function overLength(sides: readonly Expr[]): Expr | undefined {
  const at = sides.findIndex((side) => hasSquare(side) && mayVanish(side));
  if (at < 0) return undefined;
  const length = sides[at]!;
  const others = sides.filter((_, k) => k !== at);
  const other = others.length === 1 ? abs(others[0]!) : hypot(...others);
  const isFlat = and(equal(length, 0), greater(other, 0));
  const side = select(isFlat, other, 1);
  const near = mul(side, sqrt(add(1, div(div(squareOf(length)!, side), side))));
  return select(isFlat, near, hypot(select(isFlat, 1, length), ...others));
}

/**
 * Squares of lengths, and what is one near 0. At the origin the slope of a length is 0 by convention, and all further ones with it: the
 * square as it is written would have no curvature there.
 */
export const lengthRules: Rules = {
  stable: [
    structural("root of a sum of squares", { roots: [sqrt], phase: "early" }, ({ operands: [x] }, { facts }) =>
      isSumOfSquares(x!, facts) ? lengthOf(constantLike(1, x!), x!) : undefined,
    ),
    rule(lengthOf(y, x), mul(y, sqrt(x)), { phase: "last" }),
    // what else is made of a multiple of a size keeps it
    structural("square of a length", { roots: [square] }, ({ operands: [x] }, { isShared }) =>
      isShared(x!.id) && unsized(x!) ? undefined : squareOf(x!),
    ),
    // slopes of the power that are infinite at 0 meet those of the sum, which is 0 there
    structural(
      "power of a sum of squares",
      { roots: [pow], operands: ["constant"], phase: "early" },
      ({ operands: [x, y] }, { facts }) => {
        if (y!.kind !== "constant") return undefined;
        const isRoot = isMap(x!, sqrt);
        const [squares, exponent] = [isRoot ? x!.operands[0]! : x!, y!.constant! * (isRoot ? 1 : 2)];
        if (!(exponent > 2 && (isRoot || exponent % 2 !== 0) && isNeverNegative(squares, facts) && isSmooth(squares)))
          return undefined;
        return pow(lengthOf(constantLike(1, x!), squares), exponent);
      },
    ),
    structural("hypotenuse over a length", { roots: [hypot], phase: "early" }, ({ operands }) => overLength(operands)),
    structural("huber of a length", { roots: [huber] }, ({ operands: [x, d] }) => {
      const squared = squareOf(x!);
      return squared && select(lessEqual(x!, d!), mul(0.5, squared), mul(d!, sub(x!, mul(0.5, d!))));
    }),
  ],
};
