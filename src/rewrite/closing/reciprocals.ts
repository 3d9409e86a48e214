import type { Expr } from "../../ir/graph.ts";
import { idsUnder, rebuild } from "../../ir/walks/traverse.ts";
import { div, mul, reciprocal } from "../../ops/elementary/algebra.ts";
import type { Facts } from "../facts/facts.ts";

/** Quotients by one number from which on one division and products take less time. */
const fewestQuotients = 3;
/** From this size on a number has a finite reciprocal, and products with it are quotients but for rounding. */
const smallest = 2 ** -1000;

/**
 * The roots with several quotients by one number as products with its reciprocal: a division takes as long as many
 * products. The number must be known to be well away from 0. True of real numbers; once no derivative follows.
 */
export function withReciprocals(
  roots: readonly Expr[],
  facts: Facts,
  note?: (quotient: Expr, product: Expr) => void,
): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const isMapOf = (id: number, { primitive }: typeof div | typeof reciprocal) =>
    graph.kindOf(id) === "map" && graph.primitiveOf(id) === primitive;
  const quotients = new Map<number, number>();
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    const divisor = isMapOf(id, div) ? graph.operandAt(id, 1) : isMapOf(id, reciprocal) ? graph.operandAt(id, 0) : -1;
    // quotients by constants are as a reader expects them: 49/49 is 1, and 49 times the nearest number to 1/49 is not
    if (divisor < 0 || graph.kindOf(divisor) === "constant") continue;
    // a reciprocal that is there anyway costs nothing: one quotient more is a division that a product replaces
    const count = isMapOf(id, reciprocal) ? fewestQuotients - 1 : 1;
    quotients.set(divisor, (quotients.get(divisor) ?? 0) + count);
  }
  const isWanted = (divisor: number) => {
    if (quotients.get(divisor)! < fewestQuotients) return false;
    const [low, high] = facts.of(graph.expr(divisor)).interval;
    return low >= smallest || high <= -smallest;
  };
  const wanted = new Set([...quotients.keys()].filter(isWanted));
  if (wanted.size === 0) return [...roots];
  return rebuild(roots, (node, { id }) => {
    if (!isMapOf(id, div) || !wanted.has(graph.operandAt(id, 1))) return undefined;
    const [x, y] = node.operands;
    const product = graph.withOrigin(graph.originOf(id), () => mul(x!, reciprocal(y!)));
    note?.(node, product);
    return product;
  });
}
