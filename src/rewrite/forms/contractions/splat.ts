import type { Expr, Shape } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { axes, termsOf, view } from "../../../ops/arrays/contractions.ts";
import type { Terms } from "./terms.ts";

/** The same value in every element, known or not. */
export const isSplat = (node: Expr): boolean => node.kind === "constant" || node.kind === "size";

/** A constant with this value, to the bit, in every element. */
export const isConstant = (node: Expr, value: number): boolean => Object.is(node.constant, value);

/** A splat in another shape. */
export function reshaped(splat: Expr, shape: Shape): Expr {
  const { graph, id } = splat;
  return splat.kind === "constant"
    ? graph.constant(graph.constantOf(id), shape, splat.dtype)
    : graph.size(graph.sizeOf(id), shape);
}

/** An array without an axis, read at one position along it; the position may look up further arrays. */
export function elementAt(node: Expr, axis: number, position: Integer, lookups: readonly Expr[] = []): Expr {
  const shape = node.shape.filter((_, at) => at !== axis);
  if (isSplat(node)) return reshaped(node, shape);
  const index = axes(shape.length);
  return view(node, shape, [...index.slice(0, axis), position, ...index.slice(axis)], [], lookups);
}

/** The axes along which a node's elements can differ, as far as its own kind tells. */
export function axesOf(node: Expr): ReadonlySet<number> {
  const { graph, id } = node;
  if (isSplat(node)) return new Set();
  if (node.kind === "iota") return new Set([graph.iotaAxisOf(id)]);
  if (!graph.isView(id)) return new Set(node.shape.keys());
  const { factors, guards } = graph.contractionOf(id);
  const indices = [...factors[0]!.index, ...guards.map(({ index }) => index)];
  return new Set(indices.flatMap((index) => index.iterators()));
}

/** True of what may differ along each axis, as most arrays do. */
export const isFull = (node: Expr) => !isSplat(node) && node.kind !== "iota" && !node.graph.isView(node.id);

/** True when some axis of the node makes no difference. */
export function isNarrow(node: Expr): boolean {
  const rank = node.shape.length;
  return rank > 0 && (isSplat(node) || node.kind === "iota" || node.kind === "contraction") && axesOf(node).size < rank;
}

/** The node on its axes `kept`, in order; it must not differ along the others. */
export function restricted(node: Expr, kept: readonly number[]): Expr {
  const { graph, id } = node;
  const shape = kept.map((axis) => node.shape[axis]!);
  if (isSplat(node)) return reshaped(node, shape);
  if (node.kind === "iota") return graph.iota(shape, kept.indexOf(graph.iotaAxisOf(id)));
  const terms: Terms = termsOf(node);
  const position = (axis: number) => (kept.includes(axis) ? Integer.iterator(kept.indexOf(axis)) : undefined);
  const replacement = terms.extents.map((_, axis) => position(axis));
  const { of, index } = terms.factors[0]!;
  return view(
    of,
    shape,
    index.map((i) => i.withIterators(replacement)),
    terms.guards.map((guard) => ({ index: guard.index.withIterators(replacement), extent: guard.extent })),
    terms.lookups,
  );
}
