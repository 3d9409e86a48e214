import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, square, sub } from "../../ops/elementary/algebra.ts";
import { otherLeg } from "../../ops/elementary/hyperbola.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { fractionOf, wholeOf, without } from "./fractions.ts";

// Square roots, and what is made of one by factors.

/** Factors of a root are looked through so far. */
const fewFactors = 3;

/** The root that a node is, or that is a factor of it. */
export function rootIn(node: Expr, depth = fewFactors): Expr | undefined {
  if (isOneOf(node, sqrt, otherLeg)) return node;
  if (depth === 0 || !isOneOf(node, mul, div)) return undefined;
  const [x, y] = node.operands as [Expr, Expr];
  return rootIn(x, depth - 1) ?? (isMap(node, mul) ? rootIn(y, depth - 1) : undefined);
}

/** What the square of a root is of, or of a multiple of one. */
export function squareOfRoot(node: Expr): Expr | undefined {
  const root = rootIn(node);
  if (!root) return undefined;
  const { over, under } = fractionOf(node, root);
  const squares = (factors: readonly Expr[]) => factors.map((factor) => square(factor));
  const whole = { over: [...squares(without(over, root)), insideRoot(root)!], under: squares(under) };
  return wholeOf(whole, node);
}

/** What a root is of, by its factors where they keep more digits. */
export function insideRoot(root: Expr): Expr | undefined {
  const [x, y] = root.operands as [Expr, Expr];
  if (isMap(root, otherLeg)) return mul(sub(x, y), add(x, y));
  return isMap(root, sqrt) ? x : undefined;
}
