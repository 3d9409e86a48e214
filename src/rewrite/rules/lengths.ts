import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { huber } from "../../ops/activation.ts";
import { add, div, mul, square, sub } from "../../ops/algebra.ts";
import { toReal } from "../../ops/cast.ts";
import { lessEqual, select } from "../../ops/comparison.ts";
import { contract, termsOf } from "../../ops/contractions.ts";
import { polarRadius } from "../../ops/plane.ts";
import { hypot, lengthOf, pow, sqrt } from "../../ops/powers.ts";
import type { Facts } from "../facts/facts.ts";
import { constantLike, constantOf } from "../forms/conditions.ts";
import { isMap, isView } from "../forms/nodes.ts";
import { type Rules, structural } from "../rule.ts";

/** Factors of a length are looked through so far. */
const deepest = 3;

/** The square of a length, such as norms are and what is made of them by factors; undefined of anything else. */
function squareOf(length: Expr, depth = deepest): Expr | undefined {
  const [x, y] = length.operands;
  if (isMap(length, lengthOf.primitive)) return inUnitsOfOne(x!, y!) ?? mul(square(x!), y!);
  if (isMap(length, polarRadius.primitive) || isMap(length, hypot.primitive)) {
    return add(...length.operands.map((leg) => square(leg)));
  }
  if (depth === 0) return undefined;
  if (isMap(length, div.primitive)) {
    const squared = squareOf(x!, depth - 1);
    return squared && div(squared, square(y!));
  }
  if (!isMap(length, mul.primitive)) return undefined;
  for (const [at, factor] of length.operands.entries()) {
    const squared = squareOf(factor, depth - 1);
    if (!squared) continue;
    const others = length.operands.filter((_, k) => k !== at);
    return mul(square(others.length > 1 ? mul(...others) : others[0]!), squared);
  }
  return undefined;
}

/** s^2 q, where q sums squares of elements over s, without s: its square may overflow. */
function inUnitsOfOne(s: Expr, q: Expr): Expr | undefined {
  if (q.kind !== "contraction") return undefined;
  const sum = termsOf(q);
  const [term, ...others] = sum.factors;
  const ratio = others.length === 0 && isMap(term!.of, square.primitive) ? term!.of.operands[0]! : undefined;
  if (!ratio || !isMap(ratio, div.primitive)) return undefined;
  const [x, scale] = ratio.operands as [Expr, Expr];
  if (!isView(scale)) return undefined;
  const spread = termsOf(scale);
  const read = spread.factors[0]!;
  const isSpread =
    read.of === s &&
    spread.guards.length === 0 &&
    areSame(
      spread.output,
      scale.shape.map((_, k) => iterators(k)),
    );
  // one scale for each sum: it is read where the sum goes
  if (!isSpread || !areSame(term!.index, spread.output) || !areSame(read.index, sum.output)) return undefined;
  return contract({ ...sum, factors: [{ ...term!, of: square(x) }] });
}

const areSame = (some: readonly Integer[], others: readonly Integer[]) =>
  some.length === others.length && some.every((index, k) => index.key === others[k]!.key);

/** A product of a read with itself, and quotients by what is not negative, are no more negative than what they are made of. */
function isNeverNegative(x: Expr, facts: Facts): boolean {
  const [over, under] = x.operands;
  if (isMap(x, div.primitive)) return facts.isNonNegative(under!) && isNeverNegative(over!, facts);
  const [first, second, third] = x.kind === "contraction" ? termsOf(x).factors : [];
  const isSquare = second && !third && first!.of === second.of && areSame(first!.index, second.index);
  return isSquare || facts.isNonNegative(x);
}

const smooth = new Set([add, div, mul, square, toReal].map(({ primitive }) => primitive));

/** Sums, products and squares of leaves alone: what is never negative has the slope 0 where it is 0. */
function isSmooth(x: Expr, depth = 2 * deepest): boolean {
  if (x.operands.length === 0 || depth === 0) return x.operands.length === 0;
  if (x.kind === "map" && !smooth.has(x.graph.primitiveOf(x.id))) return false;
  return x.operands.every((operand) => isSmooth(operand, depth - 1));
}

/**
 * Squares of lengths, and what is one near 0. At the origin the slope of a length is 0 by convention, and all further ones with it: the
 * square as it is written would have no curvature there.
 */
export const lengthRules: Rules = {
  stable: [
    structural("square of a length", [square.primitive], ({ operands: [x] }) => squareOf(x!)),
    // slopes of the power that are infinite at 0 meet those of the sum, which is 0 there
    structural(
      "power of a sum of squares",
      [pow.primitive],
      ({ operands: [x, y] }, { facts }) => {
        if (y!.kind !== "constant") return undefined;
        const isRoot = isMap(x!, sqrt.primitive);
        const [squares, exponent] = [isRoot ? x!.operands[0]! : x!, constantOf(y!) * (isRoot ? 1 : 2)];
        if (!(exponent > 2 && (isRoot || exponent % 2 !== 0) && isNeverNegative(squares, facts) && isSmooth(squares)))
          return undefined;
        return pow(lengthOf(constantLike(1, x!), squares), exponent);
      },
      ["constant"],
      "early",
    ),
    structural("huber of a length", [huber.primitive], ({ operands: [x, d] }) => {
      const squared = squareOf(x!);
      return squared && select(lessEqual(x!, d!), mul(0.5, squared), mul(d!, sub(x!, mul(0.5, d!))));
    }),
  ],
};
