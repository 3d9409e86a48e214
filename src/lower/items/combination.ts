import { type Guard, isGather } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { makeItem } from "./drafts.ts";
import { alwaysHolds, rangeGuards } from "./guards.ts";
import { type Axis, type Item, isWhole, type NodeRead } from "./item.ts";
import { alongLast } from "./loop-order.ts";
import { readMasked } from "./mask.ts";
import type { Plan } from "./plan.ts";
import { globalStructure, throughViews, withoutRepeats } from "./reads.ts";
import { runningOf } from "./running.ts";

/** The loops of a contraction or a reduction. */
export function combinationItem(node: Expr, plan: Plan): Item {
  const { graph } = node;
  const structure = globalStructure(graph, node.id);
  const { extents } = structure;
  const guards: Guard[] = [...structure.guards];
  const recurrence = plan.recurrenceOf(node);
  const taken = structure.factors.filter(({ operand }) => operand !== recurrence?.product.id);
  const factors = taken.map((factor) => {
    const read = { node: graph.expr(factor.operand), index: factor.index };
    const followed = throughViews(read, extents, plan, undefined, graph.combineOf(node.id));
    guards.push(...followed.guards);
    return followed.read;
  });
  const gathers = isGather(structure);
  if (!gathers) guards.push(...rangeGuards(structure.output, structure.shape, extents, graph));
  const rank = gathers ? structure.shape.length : 0;
  const settled = withoutRepeats(guards, extents);
  const isTiled = gathers && !(plan.forVectors && settled.length > 0);
  const tile =
    isTiled && !recurrence ? tileOf(extents, rank, factors, guards, plan.forVectors ? 2 : smallest) : undefined;
  const combine = graph.combineOf(node.id);
  const alone = () => (gathers ? runningOf(extents, rank, factors, settled, combine, plan.ordered) : undefined);
  const running = recurrence?.running ?? alone();
  const axes = axesInOrder(extents, rank);
  return makeItem(node, plan, {
    // nothing meets where nothing is summed, or where an accumulator holds what has met
    how: running || (gathers && extents.length === rank) ? "define" : combine,
    extents,
    output: structure.output,
    factors,
    guards: settled,
    axes: running ? alongLast(axes, running) : axes,
    tile,
    running,
  });
}

const axesInOrder = (extents: readonly Integer[], rank: number) =>
  extents.map((extent, iterator): Axis => ({ iterator, extent, role: iterator < rank ? "output" : "summed" }));

/**
 * The item with a factor that is 0 unless a condition holds taken apart, where loops remain to be skipped: a gradient
 * through the smallest of many reads the loser's terms never.
 */
export function underMask(item: Item, plan: Plan): Item {
  if (plan.ordered || item.how !== "sum" || isWhole(item)) return item;
  const positionOf = new Map(item.axes.map(({ iterator }, position) => [iterator, position]));
  const started = item.ontoExisting ? 0 : item.axes.findIndex(({ role }) => role === "summed") + 1;
  for (const [k, factor] of item.factors.entries()) {
    if (plan.isStored(factor.node.id)) continue;
    const masked = readMasked(factor.node);
    if (!masked) continue;
    const followed = throughViews({ node: masked.condition, index: factor.index }, item.extents, plan);
    if (followed.guards.some((guard) => !alwaysHolds(guard, item.extents))) continue;
    const used = followed.read.index.flatMap((index) => index.iterators());
    const depth = used.reduce((deepest, iterator) => Math.max(deepest, positionOf.get(iterator)! + 1), 0);
    if (depth < started || depth >= item.axes.length) continue;
    const value = masked.value && [{ node: masked.value, index: factor.index }];
    const factors = item.factors.flatMap((other, at) => (at === k ? (value ?? []) : [other]));
    return { ...item, factors, mask: { condition: followed.read, depth } };
  }
  return item;
}

const smallest = 4;

/** Rows and columns of a register tile, when two factors share summed iterators but not these two outputs. */
function tileOf(
  extents: readonly Integer[],
  rank: number,
  factors: readonly NodeRead[],
  guards: readonly Guard[],
  fewestRows: number,
): Item["tile"] {
  if (factors.length !== 2 || extents.length === rank) return undefined;
  const used = factors.map((factor) => new Set(factor.index.flatMap((index) => index.iterators())));
  const isLarge = (iterator: number, fewest = smallest) => (extents[iterator]!.value ?? fewest) >= fewest;
  const shared = extents.some((_, k) => k >= rank && used[0]!.has(k) && used[1]!.has(k) && isLarge(k, fewestRows));
  if (!shared || guards.some((guard) => guard.index.iterators().some((iterator) => iterator < rank))) return undefined;
  const only = (mine: number, other: number) => {
    for (let k = rank - 1; k >= 0; k--)
      if (used[mine]!.has(k) && !used[other]!.has(k) && isLarge(k, fewestRows)) return k;
    return undefined;
  };
  const first = only(0, 1);
  const second = only(1, 0);
  if (first === undefined || second === undefined) return undefined;
  const [row, column] = first < second ? [first, second] : [second, first];
  return isLarge(column) ? { row, column } : undefined;
}
