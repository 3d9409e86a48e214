import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { type Bounded, held } from "./boxes.ts";

// The values of random programs: scalars, vectors of rows [n] or columns [d], matrices [n, d].

export const n = Integer.named("n");
export const d = Integer.named("d");
/** The largest sizes that are drawn, and so the largest number of elements. */
export const mostRows = 4;
export const mostColumns = 4;
export const mostElements = mostRows * mostColumns;

export type Kind = "scalar" | "rows" | "columns" | "matrix";
export const shapes: Readonly<Record<Kind, Shape>> = { scalar: [], rows: [n], columns: [d], matrix: [n, d] };

/** Which of the shapes of a random program a node has. */
export function kindOf(node: Expr): Kind {
  if (node.shape.length === 2) return "matrix";
  return node.shape.length === 0 ? "scalar" : node.shape[0]!.equals(n) ? "rows" : "columns";
}

/** The most that an element may be, without its sign. */
export const magnitude = ({ interval: [low, high] }: Bounded) => Math.max(Math.abs(low), Math.abs(high));

/** A node whose elements are at most `bound`. */
export const within = (node: Expr, bound: number): Bounded => held({ node, interval: [-bound, bound] });
