import type { Expr } from "../../ir/graph.ts";
import { huber } from "../../ops/activation.ts";
import { add, div, mul, square, sub } from "../../ops/algebra.ts";
import { toReal } from "../../ops/cast.ts";
import { lessEqual, select } from "../../ops/comparison.ts";
import { lengthOf, pow, sqrt } from "../../ops/powers.ts";
import type { Facts } from "../facts/facts.ts";
import { constantLike, constantOf } from "../forms/conditions.ts";
import { squareOf, withSquare } from "../forms/lengths.ts";
import { isMap } from "../forms/nodes.ts";
import { type Rules, structural } from "../rule.ts";

/** Sums and products are looked into so far. */
const deepest = 6;

/** A product of a read with itself, and quotients by what is not negative, are no more negative than what they are made of. */
function isNeverNegative(x: Expr, facts: Facts): boolean {
  const [over, under] = x.operands;
  if (isMap(x, div.primitive)) return facts.isNonNegative(under!) && isNeverNegative(over!, facts);
  return withSquare(x) !== undefined || facts.isNonNegative(x);
}

const smooth = new Set([add, div, mul, square, toReal].map(({ primitive }) => primitive));

/** Sums, products and squares of leaves alone: what is never negative has the slope 0 where it is 0. */
function isSmooth(x: Expr, depth = deepest): boolean {
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
