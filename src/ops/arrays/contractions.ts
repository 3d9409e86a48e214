import { areAxes, type Combine, type Guard, iteratorOf, iterators } from "../../ir/contraction.ts";
import { ShapeError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";

/** A read of an expression inside a contraction: one index per axis over the iterators $0, $1, ... */
export interface Read {
  readonly of: Expr;
  readonly index: readonly Integer[];
}

/** True of a read along whole axes: each index is an iterator over all of its axis. */
export function readsWhole({ of, index }: Read, extents: readonly Integer[]): boolean {
  return index.every((each, axis) => {
    const iterator = iteratorOf(each);
    return iterator !== undefined && extents[iterator]?.equals(of.shape[axis]!) === true;
  });
}

/** A contraction written with its operands in place. */
export interface Terms {
  readonly extents: readonly Integer[];
  readonly output: readonly Integer[];
  readonly shape: Shape;
  readonly factors: readonly Read[];
  readonly guards?: readonly Guard[];
  /** Int tensors that lookups in the indices name: lookup operand k is `lookups[k]`. */
  readonly lookups?: readonly Expr[];
}

/** out[output] += product of the factors; see Contraction in src/ir/contraction.ts. */
export function contract(terms: Terms): Expr {
  return combine("sum", terms);
}

/** Largest, smallest or product of one read. */
export function reduce(how: Exclude<Combine, "sum">, terms: Terms): Expr {
  return combine(how, terms);
}

function combine(how: Combine, terms: Terms): Expr {
  const lookups = terms.lookups ?? [];
  const operands = [...lookups, ...terms.factors.map((factor) => factor.of)];
  return operands[0]!.graph.combination(
    how,
    {
      extents: terms.extents,
      output: terms.output,
      shape: terms.shape,
      factors: terms.factors.map((factor, k) => ({ operand: lookups.length + k, index: factor.index })),
      guards: terms.guards ?? [],
    },
    operands,
  );
}

/** The iterators of as many axes, in order: the index of a whole array. */
export const axes = (rank: number): Integer[] => Array.from({ length: rank }, (_, axis) => iterators(axis));

/** out[i...] = x[index(i...)]: any re-indexing; absent (0) outside x and where a guard fails. */
export function view(
  x: Expr,
  shape: Shape,
  index: readonly Integer[],
  guards: readonly Guard[] = [],
  lookups: readonly Expr[] = [],
): Expr {
  if (guards.length === 0 && isIdentity(x.shape, shape, index)) return x;
  return contract({ extents: shape, output: axes(shape.length), shape, factors: [{ of: x, index }], guards, lookups });
}

function isIdentity(from: Shape, to: Shape, index: readonly Integer[]): boolean {
  return sameShape(from, to) && areAxes(index);
}

/** x repeated along new axes: axis k of x becomes axis `placement[k]` of the result. Throws ShapeError where one has no place. */
export function broadcast(x: Expr, shape: Shape, placement: readonly number[] = []): Expr {
  if (placement.length !== x.shape.length) {
    throw new ShapeError(`broadcast places ${placement.length} axes of ${showShape(x.shape)}.`);
  }
  return view(
    x,
    shape,
    placement.map((axis) => iterators(axis)),
  );
}

/** The axes of x in another order: axis k of the result is axis `order[k]` of x. */
export function transpose(x: Expr, order: readonly number[]): Expr {
  const index: Integer[] = [];
  for (const [axis, from] of order.entries()) index[from] = iterators(axis);
  return view(
    x,
    order.map((axis) => x.shape[axis]!),
    index,
  );
}

/** x with its first axes, so many, behind the others. */
export function turned(x: Expr, first: number): Expr {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, axis) => (axis + first) % rank),
  );
}

/** The terms of a reduction over some axes of x; the other axes stay, in order. */
function over(x: Expr, summed: readonly number[]): Terms {
  const kept = x.shape.flatMap((_, axis) => (summed.includes(axis) ? [] : [axis]));
  return {
    extents: x.shape,
    output: kept.map((axis) => iterators(axis)),
    shape: kept.map((axis) => x.shape[axis]!),
    factors: [{ of: x, index: axes(x.shape.length) }],
  };
}

/** The numbers of all axes. */
export const allAxes = (x: Expr) => x.shape.map((_, axis) => axis);

/** Sum over the given axes, by default all. 0 over nothing. */
export function sum(x: Expr, summed: readonly number[] = allAxes(x)): Expr {
  return summed.length === 0 ? x : contract(over(x, summed));
}

/** Largest element over the given axes, by default all. An empty axis is an error when sizes are bound. */
export function maximum(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  return reduced.length === 0 ? x : reduce("max", over(x, reduced));
}

/** Smallest element over the given axes, by default all. An empty axis is an error when sizes are bound. */
export function minimum(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  return reduced.length === 0 ? x : reduce("min", over(x, reduced));
}

/** Product over the given axes, by default all. 1 over nothing. */
export function product(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  return reduced.length === 0 ? x : reduce("prod", over(x, reduced));
}

/** Sum of the products of matching elements: <x, y>. */
export function dot(x: Expr, y: Expr): Expr {
  const index = axes(x.shape.length);
  return contract({
    extents: x.shape,
    output: [],
    shape: [],
    factors: [
      { of: x, index },
      { of: y, index },
    ],
  });
}

/** A contraction or reduce node as terms over its operands; nothing is left out. */
export function termsOf(node: Expr): Required<Terms> {
  const structure = node.graph.contractionOf(node.id);
  const operands = node.operands;
  return {
    extents: structure.extents,
    output: structure.output,
    shape: structure.shape,
    factors: structure.factors.map((factor) => ({ of: operands[factor.operand]!, index: factor.index })),
    guards: structure.guards,
    lookups: operands,
  };
}
