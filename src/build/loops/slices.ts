import { alwaysHolds } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { idsUnder, rebuild } from "../../ir/walks/traverse.ts";
import { contract, type Read, reduce, termsOf, view } from "../../ops/arrays/contractions.ts";

/** A tensor that a loop runs over, its steps in front, and the variable that stands for the slice of a step. */
export interface Slice {
  readonly operand: Expr;
  readonly slice: Expr;
}

/**
 * The roots with reads x[step + c, j] of what stays the same from step to step as slices of a tensor that is run over:
 * a step then gives back the cotangent of its slice alone. Reads that are not surely inside stay as they are.
 */
export function withSlices(
  roots: readonly Expr[],
  step: Expr,
  variables: readonly Expr[],
  length: Integer,
): { readonly roots: readonly Expr[]; readonly slices: readonly Slice[] } {
  const { graph } = step;
  const ids = idsUnder(roots);
  const varying = dependentOn(graph, ids, variables);
  // what is made anew reads a slice
  const firstNew = graph.length;
  const slices = new Map<Expr, Expr>();
  const sliced = (read: Read, lookup: number): Read | undefined => {
    if (read.of.id >= firstNew || varying.has(read.of.id)) return undefined;
    const at = read.index.map((index) => stepOf(index, lookup));
    if (at.every((index) => index === undefined) || at.includes("mixed")) return undefined;
    const kept = read.of.shape.flatMap((extent, axis) => (at[axis] ? [] : [{ extent, axis }]));
    const shape = [length, ...kept.map(({ extent }) => extent)];
    const index = read.of.shape.map((_, axis) => {
      const moving = at[axis];
      return moving instanceof Integer ? moving : Integer.iterator(1 + kept.findIndex((each) => each.axis === axis));
    });
    const isInside = index.every((i, axis) => alwaysHolds({ index: i, extent: read.of.shape[axis]! }, shape));
    if (!isInside) return undefined;
    const operand = view(read.of, shape, index);
    const slice = slices.get(operand) ?? graph.variable(operand.shape.slice(1), operand.dtype);
    slices.set(operand, slice);
    return { of: slice, index: kept.map(({ axis }) => read.index[axis]!) };
  };
  const replaced = rebuild(roots, (node) => {
    if (node.kind !== "contraction" && node.kind !== "reduce") return undefined;
    const lookup = node.operands.indexOf(step);
    if (lookup < 0) return undefined;
    const terms = termsOf(node);
    const factors = terms.factors.map((factor) => sliced(factor, lookup) ?? factor);
    if (factors.every((factor, k) => factor === terms.factors[k])) return undefined;
    const how = graph.combineOf(node.id);
    return how === "sum" ? contract({ ...terms, factors }) : reduce(how, { ...terms, factors });
  });
  return { roots: replaced, slices: [...slices].map(([operand, slice]) => ({ operand, slice })) };
}

/** An index that moves with the step alone, over the iterator $0 in its place; "mixed" where more moves it. */
function stepOf(index: Integer, lookup: number): Integer | "mixed" | undefined {
  const atoms = index.atoms();
  const mentions = atoms.some((atom) => atom.kind === "lookup" && atom.operand === lookup);
  if (!mentions) return undefined;
  const isPlain = atoms.every(
    (atom) => atom.kind === "name" || (atom.kind === "lookup" && atom.operand === lookup && atom.index.length === 0),
  );
  return isPlain ? index.substitute((atom) => (atom.kind === "lookup" ? Integer.iterator(0) : undefined)) : "mixed";
}
