import type { Expr } from "../../ir/graph.ts";
import { axes, contract, type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { div, mul, square, sub } from "../../ops/elementary/algebra.ts";
import { clamp, max } from "../../ops/elementary/comparison.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { relu } from "../../ops/special/activation.ts";
import { isConstant } from "./contractions/splat.ts";
import { asMultiple } from "./multiples.ts";
import { inOrder, rowsIn, rowsOf } from "./rows.ts";
import { signedTermsOf } from "./signed-terms.ts";

/** Factors and what keeps a square from being negative are looked through so far. */
const deepest = 4;

/** Sums are looked into although others use them too: what is taken from them is computed in another way. */
const alone = (node: Expr) => ({ graph: node.graph, isShared: () => false });

/**
 * The sum of (x - z)^2 for |x|^2 + |z|^2 - 2 x z, as people write squares of distances of all rows from all, for a product of matrices
 * is fast. It loses what rows that are near each other have in common. Multiples of it, and what is held above 0, too.
 */
export function multipliedOut(node: Expr, depth = deepest): Expr | undefined {
  const [x, y] = node.operands as [Expr, Expr];
  if (depth === 0) return undefined;
  if (isOneOf(node, relu, abs)) return multipliedOut(x, depth - 1);
  if (isMap(node, clamp))
    return isConstant(y, 0) && isConstant(node.operands[2]!, Infinity) ? multipliedOut(x, depth - 1) : undefined;
  if (isMap(node, max)) {
    const at = node.operands.findIndex((limit) => isConstant(limit, 0));
    return at >= 0 && node.operands.length === 2 ? multipliedOut(node.operands[1 - at]!, depth - 1) : undefined;
  }
  if (isOneOf(node, mul, div)) {
    const over = multipliedOut(x, depth - 1);
    if (over) return isMap(node, mul) ? mul(over, y) : div(over, y);
    const other = isMap(node, mul) ? multipliedOut(y, depth - 1) : undefined;
    return other && mul(x, other);
  }
  return distance(node);
}

function distance(node: Expr): Expr | undefined {
  const terms = signedTermsOf(node, alone(node));
  if (terms?.length !== 3) return undefined;
  const parts = terms.map(({ term, sign }) => ({ sign, ...(asMultiple(term) ?? { by: 1, of: term }) }));
  for (const [at, { sign, by, of }] of parts.entries()) {
    const squares = parts.filter((_, k) => k !== at);
    const product = of.kind === "contraction" ? termsOf(of) : undefined;
    const reads = product && rowsIn(product)?.map(timesNumber);
    if (!product || !reads || squares.some((each) => each.sign * each.by !== 1)) continue;
    const rows = reads.map(({ read }) => read);
    const isDouble = reads.reduce((all, each) => all * each.by, sign * by) === -2;
    const sizes = squares.map((each) => each.of);
    if (!isDouble || !inOrder(sizes, rows, product, (size) => size)) continue;
    const [x, z] = rows.map((read) => rowsOf(read, product)) as [Expr, Expr];
    const index = axes(product.extents.length);
    return contract({ ...product, factors: [{ of: square(sub(x, z)), index }], lookups: [] });
  }
  return undefined;
}

/** What is read, and the number that it is multiplied by. */
function timesNumber(read: Read): { readonly read: Read; readonly by: number } {
  const multiple = asMultiple(read.of);
  return multiple ? { read: { ...read, of: multiple.of }, by: multiple.by } : { read, by: 1 };
}
