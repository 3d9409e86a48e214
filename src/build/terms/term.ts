import type { Guard } from "../../ir/contraction.ts";
import { LimitError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape } from "../../ir/graph.ts";
import { type Atom, Integer, isVariableAtom } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { contract, type Read, type Terms, view } from "../../ops/arrays/contractions.ts";
import { add, mul } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { floorDiv } from "../../ops/elementary/rounding.ts";
import { type Builder, type Iterator, mostAxes } from "./builder.ts";

/** An axis of a term's expression: the atom that stands for its position in indices, and its size. */
export interface Axis {
  readonly atom: number;
  readonly extent: Integer;
}

interface Parts {
  readonly iterators: readonly Iterator[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** The expression, or how to make it. */
  readonly expr?: Expr | undefined;
  readonly make?: (() => Expr) | undefined;
  readonly integer?: Integer | undefined;
  readonly condition?: readonly Guard[] | undefined;
  readonly reads?: readonly Read[] | undefined;
  readonly elements?: readonly Term[] | undefined;
}

/**
 * The value that models compute with: an expression whose leading axes are iterators in scope, in canonical order,
 * followed by its own axes. The expression is made when it is first needed; until then indices stay symbolic and
 * reads compose.
 */
export class Term {
  readonly builder: Builder;
  readonly iterators: readonly Iterator[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** The value of an int scalar, over iterators, sizes and elements of int tensors (lookup operands are node ids). */
  readonly integer: Integer | undefined;
  /** A bool scalar that is true exactly where all of these hold. */
  readonly condition: readonly Guard[] | undefined;
  /** The value as a product of reads; an own axis k is the atom $k. */
  readonly reads: readonly Read[] | undefined;
  /** The elements of a list as it was written. */
  readonly elements: readonly Term[] | undefined;
  private readonly make: (() => Expr) | undefined;
  private made: Expr | undefined;

  constructor(builder: Builder, parts: Parts) {
    this.builder = builder;
    this.iterators = parts.iterators;
    this.shape = parts.shape;
    this.dtype = parts.dtype;
    this.integer = parts.integer;
    this.condition = parts.condition;
    this.reads = parts.reads;
    this.elements = parts.elements;
    this.make = parts.make;
    this.made = parts.expr;
    if (this.shape.length + this.iterators.length > mostAxes) {
      throw new LimitError(`a tensor has at most ${mostAxes} axes, iterators in scope among them.`);
    }
  }

  get expr(): Expr {
    this.made ??= this.make!();
    return this.made;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The same value, known as a list of elements too. */
  withElements(elements: readonly Term[]): Term {
    const { iterators, shape, dtype, integer, condition, reads } = this;
    const { made: expr, make } = this;
    return new Term(this.builder, { iterators, shape, dtype, expr, make, integer, condition, reads, elements });
  }

  /** The axes of the expression. */
  get axes(): Axis[] {
    return axesFor(this.iterators, this.shape);
  }

  /** The number, when the term is a constant scalar. */
  get constant(): number | undefined {
    if (this.shape.length > 0 || this.iterators.length > 0) return undefined;
    if (this.integer) return this.integer.value;
    const made = this.made;
    return made?.constant;
  }
}

/** The axes of a value for each of the iterators, which come first. */
export function axesFor(iterators: readonly Iterator[], shape: Shape): Axis[] {
  return [
    ...iterators.map(({ token, extent }) => ({ atom: token, extent })),
    ...shape.map((extent, atom) => ({ atom, extent })),
  ];
}

/** The iterators of several terms, each once, in canonical order. */
export function unionOf(lists: readonly (readonly Iterator[])[]): readonly Iterator[] {
  const widest = lists.reduce((a, b) => (b.length > a.length ? b : a), noIterators);
  const isWhole = lists.every((list) => list === widest || list.every((iterator) => widest.includes(iterator)));
  return isWhole ? widest : [...new Set(lists.flat())].sort((a, b) => a.token - b.token);
}

const noIterators: readonly Iterator[] = [];

/** A term of a ready expression, whose leading axes are `iterators`. */
export function termOf(builder: Builder, expr: Expr, iterators: readonly Iterator[] = noIterators): Term {
  const shape = iterators.length === 0 ? expr.shape : expr.shape.slice(iterators.length);
  const { dtype } = expr;
  const integer = dtype === "int" && shape.length === 0 ? integerOf(expr, iterators) : undefined;
  return new Term(builder, { iterators, shape, dtype, expr, integer });
}

function integerOf(expr: Expr, iterators: readonly Iterator[]): Integer {
  if (expr.kind === "constant") return Integer.constant(expr.constant!);
  return Integer.lookup(
    expr.id,
    iterators.map(({ token }) => Integer.iterator(token)),
  );
}

export function realTerm(builder: Builder, value: number): Term {
  return termOf(builder, builder.graph.constant(value));
}

export function boolTerm(builder: Builder, value: boolean): Term {
  return termOf(builder, builder.graph.constant(value ? 1 : 0, [], "bool"));
}

/** An int scalar from its symbolic value. */
export function integerTerm(builder: Builder, integer: Integer): Term {
  const iterators = builder.iteratorsOf(integer);
  return new Term(builder, {
    iterators,
    shape: [],
    dtype: "int",
    integer,
    make: () => integerExpr(builder, integer, iterators),
  });
}

/** An int or bool term as reals; a real term as it is. */
export function realOf(term: Term): Term {
  return term.dtype === "real" ? term : termOf(term.builder, toReal(term.expr), term.iterators);
}

/** A term that is a product of reads. */
export function readTerm(
  builder: Builder,
  reads: readonly Read[],
  iterators: readonly Iterator[],
  shape: Shape,
  dtype: DType,
): Term {
  const [only] = reads;
  const isIndex = dtype === "int" && shape.length === 0 && reads.length === 1;
  return new Term(builder, {
    iterators,
    shape,
    dtype,
    reads,
    integer: isIndex ? Integer.lookup(only!.of.id, only!.index) : undefined,
    make: () => viewOf(termsOf(builder, axesFor(iterators, shape), [], reads)),
  });
}

/** The term as it stands for in a product: its reads, or one read of its expression. */
export function readsOf(term: Term): readonly Read[] {
  return term.reads ?? [ownRead(term)];
}

/** The only read of a term, or its expression read at its own axes. */
export const oneRead = (term: Term): Read => (term.reads?.length === 1 ? term.reads[0]! : ownRead(term));

/** The term's expression read at its own axes. */
export function ownRead(term: Term): Read {
  return { of: term.expr, index: term.axes.map(({ atom }) => Integer.iterator(atom)) };
}

/** The same value, with its expression made: later uses find this very node, and derivatives can be taken in it. */
export function settled(term: Term): Term {
  return term.dtype === "real" && term.reads ? termOf(term.builder, term.expr, term.iterators) : term;
}

/** The terms of a contraction over kept axes (the result's, in order) and bound ones. */
export function termsOf(
  builder: Builder,
  kept: readonly Axis[],
  bound: readonly Axis[],
  reads: readonly Read[],
  guards: readonly Guard[] = [],
): Terms {
  const positions: Integer[] = [];
  for (const [position, { atom }] of [...kept, ...bound].entries()) positions[atom] = Integer.iterator(position);
  const lookups: Expr[] = [];
  const place = (index: Integer) => numbered(builder, index.withIterators(positions), lookups);
  return {
    extents: [...kept, ...bound].map(({ extent }) => extent),
    output: kept.map((_, position) => Integer.iterator(position)),
    shape: kept.map(({ extent }) => extent),
    factors: reads.map(({ of, index }) => ({ of, index: index.map(place) })),
    guards: guards.map(({ index, extent }) => ({ index: place(index), extent })),
    lookups,
  };
}

/** The expression of terms without bound axes; a read of everything is what it reads. */
export function viewOf(terms: Terms): Expr {
  const [only, second] = terms.factors;
  return second ? contract(terms) : view(only!.of, terms.shape, only!.index, terms.guards, terms.lookups);
}

/** Puts operand numbers for the node ids of lookups, and collects the operands. */
function numbered(builder: Builder, index: Integer, lookups: Expr[]): Integer {
  if (!index.terms.some((term) => term.atoms.some((atom) => atom.kind === "lookup" || atom.kind === "floorDiv"))) {
    return index;
  }
  const number = (atom: Atom): Integer | undefined => {
    if (atom.kind !== "lookup") return undefined;
    const operand = builder.graph.expr(atom.operand);
    if (!lookups.includes(operand)) lookups.push(operand);
    return Integer.lookup(
      lookups.indexOf(operand),
      atom.index.map((inner) => inner.substitute(number)),
    );
  };
  return index.substitute(number);
}

/** The term's expression over more iterators and under a broadcast shape: its axes are aligned from the right. */
export function aligned(term: Term, iterators: readonly Iterator[], shape: Shape): Expr {
  const hasIterators = term.iterators.length === iterators.length;
  if (hasIterators && sameShape(term.shape, shape)) {
    return term.expr;
  }
  const target = axesFor(iterators, shape);
  const { constant } = term;
  if (constant !== undefined) {
    return term.builder.graph.constant(
      constant,
      target.map(({ extent }) => extent),
      term.dtype,
    );
  }
  return viewOf(termsOf(term.builder, target, [], movedReads([oneRead(term)], spreadAxes(term.shape, shape))));
}

/** The reads with own axis k of the term at `places[k]`. */
export function movedReads(reads: readonly Read[], places: readonly Integer[]): Read[] {
  return reads.map(({ of, index }) => ({ of, index: index.map((i) => i.withIterators(places)) }));
}

/** Where the axes of a shape go when it is broadcast to another; an axis of size 1 stays at 0. */
export function spreadAxes(from: Shape, to: Shape): Integer[] {
  const shift = to.length - from.length;
  return from.map((size, axis) => {
    const target = to[axis + shift]!;
    return size.value === 1 && target.value !== 1 ? Integer.zero : Integer.iterator(axis + shift);
  });
}

/** A symbolic integer as an int expression over iterators. */
export function integerExpr(builder: Builder, integer: Integer, iterators: readonly Iterator[]): Expr {
  const { graph } = builder;
  const axes = axesFor(iterators, []);
  const shape = axes.map(({ extent }) => extent);
  const ofAtom = (atom: Atom): Expr => {
    switch (atom.kind) {
      case "name":
        return graph.size(Integer.ofAtom(atom), shape);
      case "iterator":
        return graph.iota(
          shape,
          axes.findIndex((axis) => axis.atom === atom.iterator),
        );
      case "floorDiv":
        return floorDiv(ofInteger(atom.numerator), ofInteger(atom.denominator));
      case "lookup":
        return viewOf(termsOf(builder, axes, [], [{ of: graph.expr(atom.operand), index: atom.index }]));
    }
  };
  const ofInteger = (value: Integer): Expr => {
    const varying = value.terms.filter((term) => term.atoms.some(isVariableAtom));
    const sizes = Integer.collect(value.terms.filter((term) => !varying.includes(term)));
    const parts = varying.map((term) => {
      const factors = term.atoms.filter(isVariableAtom).map(ofAtom);
      const scale = Integer.product([
        Integer.constant(term.coefficient),
        ...term.atoms.filter((atom) => !isVariableAtom(atom)).map(Integer.ofAtom),
      ]);
      const product = factors.reduce((all, factor) => mul(all, factor));
      return scale.value === 1 ? product : mul(graph.size(scale, shape), product);
    });
    if (sizes.terms.length > 0 || parts.length === 0) parts.push(graph.size(sizes, shape));
    return parts.length === 1 ? parts[0]! : add(...parts);
  };
  return ofInteger(integer);
}
