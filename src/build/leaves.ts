import { ShapeError, TypeMismatchError, UsageError } from "../ir/errors.ts";
import { type Expr, type Graph, type Shape, showShape } from "../ir/graph.ts";
import { idsUnder, leavesUnder } from "../ir/walks/traverse.ts";
import { sub } from "../ops/elementary/algebra.ts";
import { toReal } from "../ops/elementary/cast.ts";
import type { Declaration } from "./api/declare.ts";
import { integerOf, type SizeLike } from "./api/tensor.ts";
import { refuseRows } from "./binders/rows.ts";
import type { Bounds, Range } from "./model.ts";
import type { Builder } from "./terms/builder.ts";
import type { Term } from "./terms/term.ts";

/** The node of a declared leaf, with what is known about its values. */
export function declareLeaf(builder: Builder, name: string, { role, dtype, shape, within }: Declaration): Expr {
  const { graph } = builder;
  const sizes = shape.map(integerOf);
  const leaf = role === "param" ? graph.param(name, sizes) : graph.data(name, sizes, dtype);
  if (within && dtype === "int")
    requireWithin(builder, name, leaf, { low: integerOf(within[0]), high: integerOf(within[1]) });
  return leaf;
}

/** Notes the values that an int leaf may have, and has them checked when data are bound. */
export function requireWithin(builder: Builder, name: string, leaf: Expr, range: Range): void {
  const { low, high } = range;
  builder.ranges.set(leaf.id, range);
  const index = low.terms.length === 0 ? leaf : sub(leaf, builder.graph.size(low, leaf.shape));
  builder.require({
    index,
    extent: high.minus(low),
    guard: undefined,
    summary: `"${name}" must lie in ${low}..${high}`,
  });
}

/** The ends of a real parameter's range as scalar expressions. */
export function boundsOf(graph: Graph, within: Declaration["within"]): Bounds | undefined {
  if (!within) return undefined;
  const end = (value: SizeLike) =>
    typeof value === "number" ? graph.constant(value) : toReal(graph.size(integerOf(value)));
  return { low: end(within[0]), high: end(within[1]) };
}

/** A term that models give out: a plain tensor of its own. Throws UsageError for one in an iterator's scope. */
export function outputOf(what: string, term: Term): Expr {
  const [stray] = term.iterators;
  refuseRows(term.builder, term.iterators);
  if (stray) {
    throw new UsageError(`${what} uses the iterator "${stray.name}" outside of the binder that it belongs to.`);
  }
  return term.expr;
}

/** The loss as a real scalar. Throws ShapeError or TypeMismatchError. */
export function lossOf(term: Term): Expr {
  if (term.rank > 0) {
    throw new ShapeError(`the loss must be a scalar, got the shape ${showShape(term.shape)}.`, {
      shapes: [showShape(term.shape)],
      notes: ["Take the sum or the mean of it."],
    });
  }
  if (term.dtype === "bool") {
    throw new TypeMismatchError("the loss must be a number, got a condition.", {
      notes: ["Write select(condition, 1, 0)."],
    });
  }
  return toReal(outputOf("the loss", term));
}

/** Throws UsageError where a root reads a leaf that is not declared: a variable of a loop's step. */
export function requireDeclared(roots: readonly Expr[], leaves: readonly Expr[]): void {
  const declared = new Set(leaves);
  for (const leaf of leavesUnder(roots)) {
    if (declared.has(leaf)) continue;
    throw new UsageError("a value of a step, or of a function that is solved, is used outside of it.", {
      notes: ["What a step gives out is a carry or a stack; a solution is what root, minimizer or fixedPoint gives."],
    });
  }
}

/** Which of these leaves no root reads. */
export function unread(leaves: readonly Expr[], roots: readonly Expr[]): Expr[] {
  const [first] = roots;
  const used = first ? new Set(idsUnder(roots)) : new Set<number>();
  return leaves.filter(({ id }) => !used.has(id));
}

/** The names of sizes in shapes, in order of appearance. */
export function namesIn(shapes: readonly Shape[]): string[] {
  return [...new Set(shapes.flatMap((shape) => shape.flatMap((size) => size.names())))];
}
