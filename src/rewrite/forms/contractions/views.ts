import type { Expr, Shape } from "../../../ir/graph.ts";
import { whereGuarded } from "../../../ops/arrays/composites.ts";
import { readsWhole, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { isTotal } from "../../facts/facts.ts";
import { isView } from "../nodes.ts";
import { isNarrow, isSplat, reshaped } from "./splat.ts";
import { rangeOf } from "./terms.ts";

/** What a view reads, and the view of something else. */
export interface Viewed {
  readonly of: Expr;
  readonly again: (other: Expr) => Expr;
}

/** A view taken apart; undefined of other nodes. */
export function viewed(node: Expr): Viewed | undefined {
  if (!isView(node)) return undefined;
  const terms = termsOf(node);
  const { of, index } = terms.factors[0]!;
  return { of, again: (other) => view(other, node.shape, index, terms.guards, terms.lookups) };
}

/**
 * f of what is read elsewhere, for a read of f(x); undefined of other nodes, and of what is repeated alone. What a read leaves out is 0:
 * there the function is taken of `root`, where it is 0, or it has none and the read is of all.
 */
export function insideView(node: Expr, root?: number): Expr | undefined {
  const read = viewed(node);
  if (read?.of.kind !== "map") return undefined;
  const terms = termsOf(node);
  const [factor] = terms.factors as [(typeof terms.factors)[0]];
  if (readsWhole(factor, terms.extents)) return undefined;
  const isWhole = isTotal(node.graph, node.id);
  if (!isWhole && root === undefined) return undefined;
  const guards = [...terms.guards, ...rangeOf(factor)];
  const there = (part: Expr) => (isWhole || root === 0 ? part : whereGuarded({ ...terms, guards }, part, root!));
  const { graph, id, operands } = read.of;
  const moved = operands.map((operand) =>
    isSplat(operand) ? reshaped(operand, node.shape) : there(read.again(operand)),
  );
  return graph.map(graph.primitiveOf(id), moved);
}

/** What is repeated over further axes, everywhere. */
export function repeatedIn(node: Expr): Viewed | undefined {
  const isEverywhere = isNarrow(node) && isView(node) && node.graph.contractionOf(node.id).guards.length === 0;
  return isEverywhere ? viewed(node) : undefined;
}

/** Functions of more nodes are left outside of what repeats them. */
const mostNodes = 16;

/** True of a small tree of maps over leaves. */
export function isOfLeaves(node: Expr): boolean {
  const pending = [node];
  for (let count = 0; pending.length > 0; count++) {
    const next = pending.pop()!;
    if (next.kind === "map" && count < mostNodes) pending.push(...next.operands);
    else if (next.kind !== "leaf" && !isSplat(next)) return false;
  }
  return true;
}

/** f(x) repeated over a shape, as f of x repeated. */
export function insideRepeated({ of, again }: Viewed, shape: Shape): Expr {
  if (isSplat(of)) return reshaped(of, shape);
  if (of.kind !== "map") return again(of);
  return of.graph.map(
    of.graph.primitiveOf(of.id),
    of.operands.map((part) => insideRepeated({ of: part, again }, shape)),
  );
}
