import { callTangents } from "../autodiff/calls.ts";
import { applyForward, type LinearTerm, linearTerms } from "../autodiff/linear.ts";
import { scale, sumOfTerms } from "../autodiff/products.ts";
import { type Sweeps, sweeps } from "../autodiff/sweeps.ts";
import type { Expr } from "../ir/graph.ts";
import { idsAbove } from "../ir/walks/traverse.ts";
import { contract, type Terms } from "../ops/arrays/contractions.ts";
import { select } from "../ops/elementary/comparison.ts";
import { abs } from "../ops/elementary/rounding.ts";
import { isMap } from "../ops/maps.ts";

// Derivatives with every factor replaced by its absolute value: the scales that tolerances are taken relative to.
// Rounding errors add up along paths and do not cancel, whatever the derivatives themselves do.

/**
 * The path sum S: over all paths from the variables to an output, the product of the absolute partials times |change|.
 * `changes` holds a nonnegative change for each variable. An output that depends on none of them gets 0.
 */
export function pathSums(outputs: readonly Expr[], changes: ReadonlyMap<Expr, Expr>): Expr[] {
  return propagate("path sums", outputs, (node) => changes.get(node));
}

/**
 * For each output, how far rounding moves it when every node is off by one unit of itself, a sum by one unit of the
 * sum of its absolute terms. To first order the error of any order of evaluation is a small multiple of it.
 */
export function roundingSums(outputs: readonly Expr[]): Expr[] {
  return propagate("rounding", outputs, (node) => ownRounding(node));
}

function ownRounding(node: Expr): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  if (node.kind !== "contraction") return absolute(node);
  const structure = node.graph.contractionOf(node.id);
  const { operands } = node;
  const factors = structure.factors.map(({ operand, index }) => ({ of: absolute(operands[operand]!), index }));
  return contract({ ...structure, factors, lookups: operands });
}

/** What starts at a node itself. */
type Source = (node: Expr) => Expr | undefined;

/**
 * Forward mode over absolute values, in the bodies of loops, choices and definitions too. Kernels and solutions of equations
 * are taken whole: what cancels within them is not seen.
 */
function propagate(name: string, outputs: readonly Expr[], source: Source): Expr[] {
  const inBodies: Sweeps = { ...sweeps, name, pushforward: (roots, given) => spread(roots, source, given, inBodies) };
  const magnitudes = spread(outputs, source, new Map(), inBodies);
  return outputs.map((output, k) => magnitudes[k] ?? output.graph.constantLike(0, output));
}

/** The magnitudes of the outputs that have any; `given` holds those of parameters. */
function spread(
  outputs: readonly Expr[],
  source: Source,
  given: ReadonlyMap<Expr, Expr>,
  inBodies: Sweeps,
): (Expr | undefined)[] {
  const magnitudeOf = new Map(given);
  if (outputs.length === 0) return [];
  const { graph } = outputs[0]!;
  for (const id of idsAbove(outputs, given)) {
    const node = graph.expr(id);
    const own = source(node);
    const changes = own ? [own] : [];
    if (node.kind === "operation") {
      const change = throughCall(node, magnitudeOf, inBodies);
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
  return outputs.map((output) => magnitudeOf.get(output));
}

function throughCall(node: Expr, magnitudeOf: ReadonlyMap<Expr, Expr>, inBodies: Sweeps): Expr | undefined {
  const { operation } = node.graph.call(node.id);
  const how = operation.kind === "kernel" || operation.kind === "implicit" ? sweeps : inBodies;
  return callTangents(node, magnitudeOf, [], how).find(([result]) => result === node)?.[1];
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
  if (x.kind === "constant") return graph.constantLike(Math.abs(x.constant!), x, x.dtype);
  if (isMap(x, select)) {
    const [condition, yes, no] = x.operands;
    return select(condition!, absolute(yes!), absolute(no!));
  }
  return abs(x);
}
