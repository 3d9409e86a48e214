import { Integer } from "../../ir/integer.ts";
import type { Term } from "../terms/term.ts";
import { reindexed } from "./arrangements.ts";

/** The same elements with axes of size 1 at these places of the result. */
export function withAxes(x: Term, places: readonly number[]): Term {
  const shape: Integer[] = [...x.shape];
  for (const place of [...places].sort((a, b) => a - b)) shape.splice(place, 0, Integer.one);
  const kept = shape.flatMap((_, axis) => (places.includes(axis) ? [] : [Integer.iterator(axis)]));
  return reindexed(x, kept, shape);
}
