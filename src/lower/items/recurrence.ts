import { type Guard, guardKey, isGather } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { rangeGuards } from "./guards.ts";
import { mentions, only, placed, placedGuard } from "./indices.ts";
import type { NodeRead } from "./item.ts";
import { globalStructure } from "./reads.ts";
import { type Running, runningOf } from "./running.ts";

/**
 * A sum over a triangle of terms times the product of what lies between the term and the output,
 * out[i] = sum(j < i: f[j] * prod(j < k < i: x[k])): what derivatives of products are made of. It is a recurrence of the
 * first order, s = s * x[i] + f[i], and neither the products nor a sum for each output are taken.
 */
export interface Recurrence {
  /** The tensor of products, which is not needed for it. */
  readonly product: Expr;
  readonly running: Running;
}

/** Recognises such a sum by its factors and guards. */
export function recurrenceOf(node: Expr): Recurrence | undefined {
  const { graph } = node;
  const structure = globalStructure(graph, node.id);
  const { extents, factors, guards } = structure;
  const rank = structure.shape.length;
  if (guards.length === 0 || extents.length !== rank + 1 || !isGather(structure)) return undefined;
  const reads = factors.map(({ operand, index }): NodeRead => ({ node: graph.expr(operand), index }));
  const products = reads.filter((read) => read.node.kind === "reduce" && graph.combineOf(read.node.id) === "prod");
  for (const product of products) {
    const others = reads.filter((read) => read !== product);
    const running = runningOf(extents, rank, others, guards, "sum", false);
    const between = running && betweenOf(product, extents, guards, running);
    if (between) return { product: product.node, running: { ...running, between } };
  }
  return undefined;
}

/** What the products at a read take for each place between a term and the output, as reads at the place of the term. */
function betweenOf(
  { node, index }: NodeRead,
  extents: readonly Integer[],
  guards: readonly Guard[],
  { along, summed }: Running,
): Running["between"] {
  const structure = globalStructure(node.graph, node.id);
  const rank = structure.shape.length;
  const length = structure.extents[rank];
  const isAlike = structure.extents.length === rank + 1 && length?.equals(extents[summed]!);
  if (!isAlike || !isGather(structure) || rangeGuards(index, node.shape, extents, node.graph).length > 0)
    return undefined;
  const place = extents.length;
  const positions = [...index, Integer.iterator(place)];
  const triangle = guards.find((guard) => mentions(guard.index, along) && mentions(guard.index, summed))!;
  const atPlace = only(summed, Integer.iterator(place));
  // as far as terms enter, and strictly behind the term
  const towards = placed(triangle.index, atPlace);
  const behind = Integer.iterator(place).minus(Integer.iterator(summed));
  const isUpwards = triangle.index.coefficientOf(summed)!.value === -1;
  const apart = (isUpwards ? behind : behind.scaled(-1)).minus(1);
  const placedGuards = structure.guards.map((guard) => placedGuard(guard, positions));
  const bounds = [towards.key, apart.key];
  const own = placedGuards.filter(({ index: i, extent }) => extent || !bounds.includes(i.key));
  const factors = structure.factors.map(({ operand, index: at }): NodeRead => {
    return { node: node.graph.expr(operand), index: at.map((i) => placed(i, positions)) };
  });
  const all = [...own.map((guard) => guard.index), ...factors.flatMap((factor) => factor.index)];
  const isBounded = placedGuards.length === own.length + bounds.length;
  if (!isBounded || all.some((i) => mentions(i, along) || mentions(i, summed))) return undefined;
  // what hides a term hides its place in the products too
  const hidden = new Set(own.map(guardKey));
  const hiding = guards.filter((guard) => guard !== triangle && mentions(guard.index, summed));
  if (hiding.some((guard) => !hidden.has(guardKey(placedGuard(guard, atPlace))))) return undefined;
  const atTerm = only(place, Integer.iterator(summed));
  return {
    factors: factors.map((factor) => ({ ...factor, index: factor.index.map((i) => placed(i, atTerm)) })),
    guards: own.map((guard) => placedGuard(guard, atTerm)),
  };
}
