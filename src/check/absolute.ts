import { callTangents } from "../autodiff/calls.ts";
import { applyForward, type LinearTerm, linearTerms, scale, sumOfTerms } from "../autodiff/linear.ts";
import { sweeps } from "../autodiff/sweeps.ts";
import type { Expr } from "../ir/graph.ts";
import { topologicalOrder } from "../ir/traverse.ts";
import { select } from "../ops/comparison.ts";
import { contract, type Terms } from "../ops/contractions.ts";
import { abs } from "../ops/rounding.ts";

// Derivatives with every factor replaced by its absolute value: the scales that tolerances are taken relative to.
// Rounding errors add up along paths and do not cancel, whatever the derivatives themselves do.

/**
 * The path sum S: over all paths from the variables to an output, the product of the absolute partials times |change|.
 * `changes` holds a nonnegative change for each variable. An output that depends on none of them gets 0.
 */
export function pathSums(outputs: readonly Expr[], changes: ReadonlyMap<Expr, Expr>): Expr[] {
  return propagate(outputs, (node) => changes.get(node));
}

/**
 * For each output, how far rounding moves it when every node is off by one unit of itself, a sum by one unit of the
 * sum of its absolute terms. To first order the error of any order of evaluation is a small multiple of it.
 */
export function roundingSums(outputs: readonly Expr[]): Expr[] {
  return propagate(outputs, (node) => ownRounding(node));
}

function ownRounding(node: Expr): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  if (node.kind !== "contraction") return absolute(node);
  const structure = node.graph.contractionOf(node.id);
  const { operands } = node;
  const factors = structure.factors.map(({ operand, index }) => ({ of: absolute(operands[operand]!), index }));
  return contract({ ...structure, factors, lookups: operands });
}

/**
 * Forward mode over absolute values; `source` is what starts at a node. Calls of operations are taken whole: what cancels
 * within them is not seen.
 */
function propagate(outputs: readonly Expr[], source: (node: Expr) => Expr | undefined): Expr[] {
  const magnitudeOf = new Map<Expr, Expr>();
  for (const node of topologicalOrder(outputs)) {
    const own = source(node);
    const changes = own ? [own] : [];
    if (node.kind === "operation") {
      const change = callTangents(node, magnitudeOf, [], sweeps).find(([result]) => result === node)?.[1];
      if (change) changes.push(absolute(change));
    }
    for (const term of linearTerms(node, (operand) => magnitudeOf.has(operand))) {
      if (term.kind === "none") continue;
      const change = applyAbsolute(term, magnitudeOf.get(term.operand)!);
      if (change) changes.push(change);
    }
    const magnitude = sumOfTerms(changes);
    if (magnitude) magnitudeOf.set(node, magnitude);
  }
  return outputs.map((output) => magnitudeOf.get(output) ?? output.graph.constantLike(0, output));
}

function applyAbsolute(term: LinearTerm, magnitude: Expr): Expr | undefined {
  if (term.kind === "pointwise") return scale(magnitude, absolute(term.factor));
  const { terms, position } = term;
  return applyForward({ ...term, terms: withAbsoluteFactors(terms, position) }, magnitude);
}

function withAbsoluteFactors(terms: Terms, position: number): Terms {
  const factors = terms.factors.map(({ of, index }, at) => ({ of: at === position ? of : absolute(of), index }));
  return { ...terms, factors };
}

/** |x|; a select keeps its sides apart, so that what is masked stays masked. */
function absolute(x: Expr): Expr {
  const { graph } = x;
  if (x.dtype === "bool") return x;
  if (x.kind === "constant") return graph.constantLike(Math.abs(graph.constantOf(x.id)), x, x.dtype);
  if (x.kind === "map" && graph.primitiveOf(x.id) === select.primitive) {
    const [condition, yes, no] = x.operands;
    return select(condition!, absolute(yes!), absolute(no!));
  }
  return abs(x);
}
