import type { Expr } from "../../ir/graph.ts";
import { less, select } from "../../ops/elementary/comparison.ts";
import { otherLeg } from "../../ops/elementary/hyperbola.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap } from "../../ops/maps.ts";
import { constantLike } from "./conditions.ts";
import { isConstant, isSplat } from "./contractions/splat.ts";
import { repeatedIn } from "./contractions/views.ts";
import { multipleOf } from "./multiples.ts";
import { rootIn } from "./roots.ts";

// Roots beside a series near 0 of them: there they are those of 1, and their infinite slopes are in nothing.

/**
 * The root of numbers that a base is made of with factors that vary, and the root that is held at 1 where the base is near 0: its infinite
 * slope at 0 would meet a sum of slopes, from all elements of an array or from several functions, that has no condition.
 */
export function heldRoot(base: Expr, isNear: Expr): readonly [root: Expr, held: Expr] | undefined {
  const root = varyingRootIn(base);
  if (!root || isHeld(root) || !root.operands.every(isNumber)) return undefined;
  const [x, y] = root.operands as [Expr, Expr];
  const held = (operand: Expr, value: number) => select(isNear, constantLike(value, operand), operand);
  return [root, isMap(root, sqrt) ? sqrt(held(x, 1)) : otherLeg(held(x, 1), held(y, 0))];
}

/** The root in a node that is more than a number times the root. */
function varyingRootIn(node: Expr): Expr | undefined {
  const root = rootIn(node);
  return root && multipleOf(node).base !== root ? root : undefined;
}

/** True of a root that stands beside a series near 0 of it, and is that of 1 there. */
export function isHeld({ operands }: Expr): boolean {
  const choice = operands[0]!;
  const root = isMap(choice, select) ? rootIn(nearIn(choice) ?? choice) : undefined;
  return root !== undefined && isConstant(choice.operands[1]!, 1) && root.operands[0] === choice.operands[2];
}

/** True of such a root, and of a multiple of one. */
export function isOfHeldRoot(node: Expr): boolean {
  const root = rootIn(node);
  return root !== undefined && isHeld(root);
}

/** What is small where a choice takes its first side. */
function nearIn({ operands }: Expr): Expr | undefined {
  const isNear = operands[0]!;
  const size = isMap(isNear, less) ? isNear.operands[0]! : undefined;
  return size && isMap(size, abs) ? size.operands[0] : undefined;
}

/** The multiple of a root near 0 of which a node has a series, beside which the root is held. */
export function heldIn(node: Expr): Expr | undefined {
  const base = isMap(node, select) ? nearIn(node) : undefined;
  return base && varyingRootIn(base) && base;
}

/** True of a number, of one that is repeated, and of what a few such make. */
function isNumber(node: Expr): boolean {
  const parts = new Set([node]);
  for (const part of parts) {
    if (part.shape.length === 0 || isSplat(part) || repeatedIn(part)) continue;
    if (part.kind !== "map" || parts.size > mostParts) return false;
    for (const operand of part.operands) parts.add(operand);
  }
  return true;
}

/** So many parts are looked at. */
const mostParts = 24;
