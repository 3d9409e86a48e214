import { elementCount, evaluateShape } from "../../interpreter/interpret.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { nodesWithin } from "../../ir/walks/sizes.ts";
import type { LookedAt } from "../javascript.ts";

/** What takes more steps than so many is not computed again: some milliseconds. */
const mostSteps = 2000;

/** True of what takes too many steps to be computed again, or a number of them that is not known before. */
export const isLong = (roots: readonly Expr[], b: LookedAt): boolean => stepsOf(roots, b) > mostSteps;

/** How many steps an evaluation takes, about; infinitely many where that is not known before. */
function stepsOf(roots: readonly Expr[], { sizes }: LookedAt): number {
  const isKnown = (size: Integer) => size.atoms().every((atom) => atom.kind === "name" && sizes.has(atom.name));
  let steps = 0;
  for (const { graph, id } of nodesWithin(roots)) {
    const kind = graph.kindOf(id);
    const operation = kind === "operation" ? graph.operationOf(id) : undefined;
    if (operation?.kind === "kernel") return Number.POSITIVE_INFINITY;
    const isSum = kind === "contraction" || kind === "reduce";
    const extents = isSum ? graph.contractionOf(id).extents : graph.shapeOf(id);
    const length = operation?.kind === "scan" ? operation.length : Integer.one;
    if (![length, ...extents].every(isKnown)) return Number.POSITIVE_INFINITY;
    const rounds = evaluateShape([length], sizes)[0]!;
    const inside = operation?.kind === "scan" ? operation.body.graph.length : 0;
    steps += elementCount(evaluateShape(extents, sizes)) + rounds * inside;
    if (steps > mostSteps) break;
  }
  return steps;
}
