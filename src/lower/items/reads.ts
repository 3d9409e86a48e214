import { type Combine, type Contraction, type Guard, guardKey, renumberLookups } from "../../ir/contraction.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { alwaysHolds, rangeGuards } from "./guards.ts";
import { placed, placedGuard } from "./indices.ts";
import { anywhere, type Item, type NodeRead } from "./item.ts";
import type { Plan } from "./plan.ts";

/** The structure of a contraction with lookups naming nodes by id instead of operand numbers. */
export function globalStructure(graph: Graph, id: number): Contraction {
  const structure = graph.contractionOf(id);
  const operands = graph.operandIds(id);
  const global = (index: Integer) => renumberLookups(index, (operand) => operands[operand]!);
  return {
    ...structure,
    output: structure.output.map(global),
    factors: structure.factors.map((factor) => ({
      operand: operands[factor.operand]!,
      index: factor.index.map(global),
    })),
    guards: structure.guards.map((guard) => ({ index: global(guard.index), extent: guard.extent })),
  };
}

/**
 * A read followed through views that are recomputed in place, with the guards met on the way. Where a view is absent it
 * is 0: nothing to a sum, but a term like others to the largest, the smallest and the product, which stop before it.
 */
export function throughViews(
  read: NodeRead,
  extents: readonly Integer[],
  plan: Plan,
  self?: Expr,
  combine: Combine = "sum",
): { read: NodeRead; guards: Guard[] } {
  let { node, index } = read;
  const guards: Guard[] = rangeGuards(index, node.shape, extents, node.graph);
  for (;;) {
    if ((plan.isStored(node.id) && node !== self) || !node.graph.isView(node.id))
      return { read: { node, index }, guards };
    const structure = globalStructure(node.graph, node.id);
    const factor = structure.factors[0]!;
    const at = index;
    const inner = node.graph.expr(factor.operand);
    const innerIndex = factor.index.map((i) => placed(i, at));
    const met = [
      ...structure.guards.map((guard) => placedGuard(guard, at)),
      ...rangeGuards(innerIndex, inner.shape, extents, node.graph),
    ];
    if (combine !== "sum" && met.some((guard) => !alwaysHolds(guard, extents)))
      return { read: { node, index }, guards };
    guards.push(...met);
    [node, index] = [inner, innerIndex];
  }
}

/** Each guard once, and none that always holds. */
export function withoutRepeats(guards: readonly Guard[], extents: readonly Integer[]): Guard[] {
  const seen = new Map<string, Guard>();
  for (const guard of guards) if (!alwaysHolds(guard, extents)) seen.set(guardKey(guard), guard);
  return [...seen.values()];
}

/** Every read of a stored node or a leaf, through maps and views, with its index over the item's iterators. */
export function collectReads(
  node: Expr,
  draft: Pick<Item, "factors" | "guards" | "output" | "running">,
  plan: Plan,
): Pick<Item, "reads" | "loads"> {
  const reads: NodeRead[] = [];
  const loads: NodeRead[] = [];
  const seen = new Set<number>();
  const pending: NodeRead[] = [];
  const visit = (read: NodeRead, isBody = false) => {
    if (!isBody) {
      const key = plan.keys.of(read.node.id, read.index);
      if (seen.has(key)) return;
      seen.add(key);
    }
    for (const index of read.index) visitLookups(index);
    if (!isBody && plan.isStored(read.node.id)) reads.push(read);
    else if (read.node.kind === "leaf" || read.node.kind === "tensor") loads.push(read);
    else pending.push(read);
  };
  const visitLookups = (index: Integer) => {
    for (const atom of index.atoms()) {
      if (atom.kind === "lookup") visit({ node: node.graph.expr(atom.operand), index: atom.index });
    }
  };
  const { factors: between = [], guards: betweenGuards = [] } = draft.running?.between ?? {};
  for (const factor of [...draft.factors, ...between]) visit(factor, factor.node === node);
  for (const guard of [...draft.guards, ...betweenGuards]) visitLookups(guard.index);
  for (const index of draft.output) visitLookups(index);
  for (let read = pending.pop(); read; read = pending.pop()) {
    const { graph, id } = read.node;
    const { index } = read;
    const alias = plan.aliasOf(read.node);
    if (alias) {
      // an alias reads its base at some other index: never pointwise
      visit({ node: alias, index: alias.shape.map(() => anywhere) });
    } else if (read.node.kind === "map") {
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) visit({ node: graph.expr(graph.operandAt(id, k)), index });
    } else if (graph.isView(id)) {
      const structure = globalStructure(graph, id);
      for (const guard of structure.guards) visitLookups(placed(guard.index, index));
      for (const factor of structure.factors) {
        visit({ node: graph.expr(factor.operand), index: factor.index.map((i) => placed(i, index)) });
      }
    }
  }
  return { reads, loads };
}
