import { iterators } from "../../../ir/contraction.ts";
import type { Expr, Shape } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { view } from "../../../ops/arrays/contractions.ts";
import { computedAt, type Place, summedAt } from "./places.ts";
import { axesOf, isSplat, reshaped, restricted } from "./splat.ts";

/** One position along some axes of an array, over all of the others; lookups name `lookups`. */
export interface Slice {
  readonly at: ReadonlyMap<number, Integer>;
  readonly lookups: readonly Expr[];
}

const otherAxes = (shape: Shape, { at }: Slice) => [...shape.keys()].filter((axis) => !at.has(axis));

/** Where an array is read for a slice of it. */
function placeOf(shape: Shape, slice: Slice): Place {
  const kept = otherAxes(shape, slice);
  return {
    extents: kept.map((axis) => shape[axis]!),
    index: [...shape.keys()].map((axis) => slice.at.get(axis) ?? iterators(kept.indexOf(axis))),
    lookups: slice.lookups,
  };
}

/** A slice of an array; 0 where it is outside. */
export function sliceOf(array: Expr, slice: Slice): Expr {
  const { extents, index, lookups } = placeOf(array.shape, slice);
  if (isSplat(array)) return reshaped(array, extents);
  if (!differsAlong(array, slice)) return restricted(array, otherAxes(array.shape, slice));
  return view(array, extents, index, [], lookups);
}

/** A slice of an array computed for itself, where it is inside. */
export const computedSlice = (array: Expr, slice: Slice): Expr =>
  computedAt(array, placeOf(array.shape, slice), summedAt) ?? sliceOf(array, slice);

/** True of an array of which other slices along the same axes may be others. */
export const differsAlong = (array: Expr, { at }: Slice): boolean => [...axesOf(array)].some((axis) => at.has(axis));

/** What is known for a slice, all along the axes of an array. */
export function alongSlice({ shape }: Expr, slice: Slice, value: Expr): Expr {
  return view(value, shape, otherAxes(shape, slice).map(iterators));
}
