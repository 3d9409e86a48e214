import { areAxes, iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { type Axes, Exchanges, exchanged, isSymmetric } from "../../facts/symmetric.ts";
import { isSum, isView } from "../nodes.ts";
import { isSplat, reshaped } from "./splat.ts";
import { fixIterator, type Terms } from "./terms.ts";

/** Steps that are looked through; what is made in more is read as it is. */
const deepest = 16;

/** A sum counts as so many operations an element. */
const workOfSum = 4;

/** An array with two axes exchanged, and the operations an element that it shares with the array itself. */
export interface Exchanged {
  readonly of: Expr;
  readonly shared: number;
}

/** Arrays with two axes exchanged, made anew as far as they differ from themselves. */
export class Exchanger {
  private readonly known = new Map<Expr, Exchanged>();
  private readonly exchanges = new Exchanges();
  private readonly counted = new Set<Expr>();
  private readonly axes: Axes;

  constructor(axes: Axes) {
    this.axes = axes;
  }

  of(node: Expr, depth = 0): Exchanged {
    const known = this.known.get(node);
    if (known) return { of: known.of, shared: 0 };
    const found = this.find(node, depth);
    this.known.set(node, found);
    return found;
  }

  private find(node: Expr, depth: number): Exchanged {
    if (isSymmetric(node, this.axes, this.exchanges)) return { of: node, shared: this.workOf(node) };
    if (node.kind === "map" && depth < deepest) {
      const parts = node.operands.map((operand) => this.of(operand, depth + 1));
      return {
        of: node.graph.map(
          node.graph.primitiveOf(node.id),
          parts.map(({ of }) => of),
        ),
        shared: parts.reduce((sum, { shared }) => sum + shared, 0),
      };
    }
    const index = node.shape.map((_, axis) => iterators(exchanged(axis, this.axes)));
    return { of: view(node, node.shape, index), shared: 0 };
  }

  /** Operations for an element, those of what was counted before left out. */
  private workOf(node: Expr, depth = 0): number {
    if (this.counted.has(node) || depth > deepest) return 0;
    this.counted.add(node);
    if (isSum(node)) return workOfSum;
    if (node.kind !== "map") return 0;
    const { cost, arity } = node.graph.primitiveOf(node.id);
    const own = Math.ceil(cost) * (arity === "variadic" ? node.operands.length - 1 : 1);
    return node.operands.reduce((sum, operand) => sum + this.workOf(operand, depth + 1), own);
  }
}

/** So many nodes are looked at. */
const most = 64;

/**
 * True of an array whose elements along some axes are each made of few numbers: of no factorisation and the like, unless
 * `takesWholes`, and along two of no product of matrices.
 */
export function isByElement(node: Expr, axes: readonly number[], takesWholes: boolean): boolean {
  const pending: (readonly [Expr, readonly number[]])[] = [[node, axes]];
  const seen = new Set<Expr>();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [each, along] = next;
    if (seen.has(each)) continue;
    seen.add(each);
    const isWhole = each.kind === "operation" || each.kind === "reduce";
    if ((isWhole && !takesWholes) || seen.size > most) return false;
    if (each.kind === "map") pending.push(...each.operands.map((operand) => [operand, along] as const));
    if (each.kind !== "contraction") continue;
    const { extents, factors, output } = termsOf(each);
    const isProduct = factors.length > 1 && extents.length > output.length;
    if (!areAxes(output) || (isProduct && along.length > 1)) return false;
    for (const { of, index } of factors) {
      const at = along.map((axis) => index.findIndex((place) => place.equals(iterators(axis))));
      // what one of two places decides is made once for all others
      if (!at.includes(-1)) pending.push([of, at]);
    }
  }
  return true;
}

/** The elements at equal places of two axes, along the first of them, made of such elements. */
function diagonalOf(node: Expr, axes: Axes, known = new Map<Expr, Expr>(), depth = 0): Expr {
  const found = known.get(node) ?? findDiagonal(node, axes, known, depth);
  known.set(node, found);
  return found;
}

function findDiagonal(node: Expr, axes: Axes, known: Map<Expr, Expr>, depth: number): Expr {
  const { graph } = node;
  const [p, q] = axes;
  const shape = node.shape.filter((_, axis) => axis !== q);
  if (isSplat(node)) return reshaped(node, shape);
  if (node.kind === "map" && depth < deepest) {
    const operands = node.operands.map((operand) => diagonalOf(operand, axes, known, depth + 1));
    return graph.map(graph.primitiveOf(node.id), operands);
  }
  const terms = node.kind === "contraction" && depth < deepest ? termsOf(node) : undefined;
  if (terms && areAxes(terms.output)) {
    const output = terms.output.filter((_, axis) => axis !== q);
    const left = onDiagonal({ ...terms, output, shape }, axes, depth + 1);
    const [read] = left.factors as [Read];
    return isView(node) ? view(read.of, shape, read.index, left.guards, left.lookups) : contract(left);
  }
  const place = (axis: number) => iterators(axis === q ? p : axis - (axis > q ? 1 : 0));
  return view(
    node,
    shape,
    node.shape.map((_, axis) => place(axis)),
  );
}

/** The terms in which two iterators, of which the second is no axis of the result, are equal. */
export function onDiagonal(terms: Terms, [p, q]: Axes, depth = 0): Terms {
  const fixed = fixIterator(terms, q, iterators(p));
  return { ...fixed, factors: fixed.factors.map((read) => narrowed(read, p - (p > q ? 1 : 0), depth)) };
}

/** A read of equal places of two axes as a read of what is there. */
function narrowed(read: Read, iterator: number, depth: number): Read {
  const [r, s] = [...read.index.keys()].filter((axis) => read.index[axis]!.equals(iterators(iterator)));
  if (r === undefined || s === undefined || !read.of.shape[r]!.equals(read.of.shape[s]!)) return read;
  return {
    of: diagonalOf(read.of, [r, s], new Map(), depth),
    index: read.index.filter((_, axis) => axis !== s),
  };
}
