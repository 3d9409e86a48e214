import { iterators } from "../../ir/contraction.ts";
import { type Expr, sameShape } from "../../ir/graph.ts";
import { leastScale } from "../../ops/arrays/composites.ts";
import { contract, type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { add, div, mul, square } from "../../ops/elementary/algebra.ts";
import { max, select } from "../../ops/elementary/comparison.ts";
import { hypot, lengthOf, polarRadius } from "../../ops/elementary/lengths.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap, primitivesOf } from "../../ops/maps.ts";
import { isConstant } from "./contractions/splat.ts";
import { isView } from "./nodes.ts";

/** Factors of a length are looked through so far. */
const deepest = 3;

type Made = (() => Expr) | undefined;

const mayBeLengths = primitivesOf(abs, lengthOf, polarRadius, hypot, div, mul);

/** The square of a length, such as sizes and norms are and what is made of them by factors; undefined of anything else. */
export const squareOf = (length: Expr): Expr | undefined => squareFrom(length)?.();

/** Whether something is a length, of which nothing is made. */
export const hasSquare = (node: Expr): boolean => squareFrom(node) !== undefined;

/** What makes the square of a length. It may stand far down: nothing is made before all of it is found. */
function squareFrom(length: Expr, depth = deepest): Made {
  const stored = storedIn(length);
  if (stored) {
    const squared = squareFrom(stored, depth);
    return (
      squared && (() => contract({ ...termsOf(length), factors: [{ ...termsOf(length).factors[0]!, of: squared() }] }))
    );
  }
  if (length.kind !== "map" || !mayBeLengths.has(length.graph.primitiveOf(length.id))) return undefined;
  const within = unsizedFrom(length, depth);
  if (within) return () => square(within());
  const [x, y] = length.operands;
  if (isMap(length, lengthOf)) return () => (isConstant(x!, 1) ? y! : (inUnitsOfOne(x!, y!) ?? mul(square(x!), y!)));
  if (isMap(length, polarRadius) || isMap(length, hypot)) {
    return () => add(...length.operands.map((leg) => square(leg)));
  }
  if (depth === 0) return undefined;
  if (isMap(length, div)) {
    // in units of the largest of them lengths are near 1: their squares, and that of the unit, may vanish or overflow
    if (isScale(y!)) return undefined;
    const squared = squareFrom(x!, depth - 1);
    return squared && (() => div(squared(), square(y!)));
  }
  if (!isMap(length, mul)) return undefined;
  for (const [at, factor] of length.operands.entries()) {
    const squared = squareFrom(factor, depth - 1);
    if (squared) return () => mul(square(length.operands[1 - at]!), squared());
  }
  return undefined;
}

/** What a view reads that repeats nothing, where it may be lengths that are stored in an array. */
export function storedIn(node: Expr): Expr | undefined {
  if (node.kind !== "contraction" || !isView(node)) return undefined;
  const [{ of, index }] = termsOf(node).factors as [Read];
  return of.kind === "map" && index.length >= node.shape.length ? of : undefined;
}

/** Of a multiple of a size the same multiple of what has the size. */
export const unsized = (node: Expr): Expr | undefined => unsizedFrom(node)?.();

function unsizedFrom(node: Expr, depth = deepest): Made {
  if (isMap(node, abs)) return () => node.operands[0]!;
  if (depth === 0 || !(isMap(node, mul) || isMap(node, div))) return undefined;
  const [x, y] = node.operands as [Expr, Expr];
  const over = unsizedFrom(x, depth - 1);
  if (isMap(node, div)) return over && (() => div(over(), y));
  if (over) return () => mul(over(), y);
  const other = unsizedFrom(y, depth - 1);
  return other && (() => mul(x, other()));
}

/** What norms divide by, for each of their elements. */
function isScale(node: Expr): boolean {
  const scale = isView(node) ? termsOf(node).factors[0]!.of : node;
  if (!isMap(scale, select)) return false;
  const [, one, other] = scale.operands;
  const [, largest] = isConstant(one!, 1) && isMap(other!, select) ? other!.operands : scale.operands;
  return isMap(largest!, max) && largest!.operands.some((limit) => isConstant(limit, leastScale));
}

/** True of what `squared` is, also where a sum of squares is written as a product of an array with itself. */
export const areSquare = (squared: Expr, node: Expr) =>
  squared === node || (node.kind === squared.kind && (withSquare(squared) ?? squared) === (withSquare(node) ?? node));

/** The sum of squares that a sum of products of reads with themselves is. */
export function withSquare(node: Expr): Expr | undefined {
  if (node.kind !== "contraction") return undefined;
  const sum = termsOf(node);
  const [one, other, ...others] = sum.factors;
  const isProduct = other && others.length === 0 && one!.of === other.of && sameShape(one!.index, other.index);
  return isProduct ? contract({ ...sum, factors: [{ ...one!, of: square(one!.of) }] }) : undefined;
}

/** s^2 q, where q sums squares of elements over s, without s: its square may overflow. */
function inUnitsOfOne(s: Expr, q: Expr): Expr | undefined {
  if (q.kind !== "contraction") return undefined;
  const sum = termsOf(q);
  const [term, ...others] = sum.factors;
  const ratio = others.length === 0 && isMap(term!.of, square) ? term!.of.operands[0]! : undefined;
  if (!ratio || !isMap(ratio, div)) return undefined;
  const [x, scale] = ratio.operands as [Expr, Expr];
  if (!isView(scale)) return undefined;
  const spread = termsOf(scale);
  const read = spread.factors[0]!;
  const isSpread =
    read.of === s &&
    spread.guards.length === 0 &&
    sameShape(
      spread.output,
      scale.shape.map((_, k) => iterators(k)),
    );
  // one scale for each sum: it is read where the sum goes, if there are several
  const isOne = read.index.length === 0 && sum.output.length === 0;
  if (!isSpread || !(isOne || (sameShape(term!.index, spread.output) && sameShape(read.index, sum.output))))
    return undefined;
  return contract({ ...sum, factors: [{ ...term!, of: square(x) }] });
}
