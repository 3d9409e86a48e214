import { linearAlgebra as extension } from "../../extensions/linear-algebra.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Expr, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { reshape } from "../../ops/arrays/arrays.ts";
import { transpose } from "../../ops/arrays/contractions.ts";
import { div, mul, neg } from "../../ops/elementary/algebra.ts";
import { equal, select } from "../../ops/elementary/comparison.ts";
import { exp } from "../../ops/elementary/exponential.ts";
import { stopGradient } from "../../ops/elementary/opaque.ts";
import { sign as signOf } from "../../ops/elementary/rounding.ts";
import * as linear from "../../ops/linear-algebra/functions.ts";
import type { Direction } from "../../ops/linear-algebra/order.ts";
import { requireNonNegative } from "../binders/gather.ts";
import { apply } from "../terms/elementwise.ts";
import { aligned, integerTerm, realTerm, type Term, termOf, unionOf } from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";
import { withAxes } from "./new-axes.ts";
import { quantiles } from "./quantiles.ts";
import type { Part, RecordFunction, TermFunction } from "./vocabulary.ts";

function mismatch(message: string, ...terms: readonly Term[]): ShapeError {
  const shapes = terms.map(({ shape }) => (shape.length === 0 ? "a scalar" : showShape(shape)));
  return new ShapeError(`${message}, got ${shapes.join(" and ")}.`, { shapes });
}

function requireNumbers(name: string, ...terms: readonly Term[]): void {
  if (terms.some(({ dtype }) => dtype === "bool")) throw new TypeMismatchError(`${name} needs numbers, got a bool.`);
}

function requireMatrix(name: string, x: Term): void {
  requireNumbers(name, x);
  if (x.rank < 2) throw mismatch(`${name} needs a matrix`, x);
}

function requireSquare(name: string, A: Term): void {
  requireMatrix(name, A);
  const [rows, columns] = A.shape.slice(-2) as [Integer, Integer];
  if (!rows.equals(columns)) throw mismatch(`${name} needs a square matrix`, A);
}

/** A function of square matrices. */
const ofSquare = (build: (A: Expr, call: Call) => Expr, options: readonly string[] = []) =>
  ({
    operands: ["A"],
    options,
    build: (call) => {
      requireSquare(call.name, call.first);
      return termOf(call.builder, build(call.first.expr, call), call.first.iterators);
    },
  }) satisfies TermFunction;

/** The sizes of A x = b: b is a vector, or a matrix of columns. */
function requireSystem(name: string, A: Term, b: Term): void {
  requireNumbers(name, b);
  requireSquare(name, A);
  const outer = A.shape.slice(0, -2);
  const fits =
    (b.rank === A.rank || b.rank === A.rank - 1) &&
    [...outer, A.shape[A.rank - 1]!].every((size, axis) => size.equals(b.shape[axis]!));
  if (fits) return;
  const form = outer.length === 0 ? "[n, n] and [n] or [n, k]" : "[.., n, n] and [.., n] or [.., n, k]";
  throw mismatch(`shape mismatch: ${name} needs ${form}`, A, b);
}

/**
 * Solves a system. Where b has iterators that A lacks, what it holds for all their values are columns of one system, so
 * that A is factored once.
 */
function solved(call: Call, solve: (A: Expr, b: Expr) => Expr): Term {
  const [A, b] = call.operands as [Term, Term];
  requireSystem(call.name, A, b);
  const all = unionOf([A.iterators, b.iterators]);
  const right = aligned(b, all, b.shape);
  const further = all.flatMap((iterator, axis) => (A.iterators.includes(iterator) ? [] : [axis]));
  if (further.length === 0) return termOf(call.builder, solve(A.expr, right), all);
  const others = right.shape.flatMap((_, axis) => (further.includes(axis) ? [] : [axis]));
  const order = [...others, ...further];
  const moved = transpose(right, order);
  const rows = A.iterators.length + A.rank - 1;
  const columns = [...moved.shape.slice(0, rows), Integer.product(moved.shape.slice(rows))];
  const x = reshape(solve(A.expr, reshape(moved, columns)), moved.shape);
  const back = order.map((_, axis) => order.indexOf(axis));
  return termOf(call.builder, transpose(x, back), all);
}

const definiteness = (call: Call): linear.Definiteness =>
  call.flag("positiveDefinite", false) ? "positive definite" : "general";

const direction = (call: Call): Direction => (call.flag("descending", false) ? "descending" : "ascending");

const ordered = (build: (x: Expr, axis: number, direction: Direction) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis", "descending"],
  build: (call) => {
    const { first: x, builder } = call;
    requireNumbers(call.name, x);
    const axis = call.axis("last") + x.iterators.length;
    return termOf(builder, build(x.expr, axis, direction(call)), x.iterators);
  },
});

const sort = ordered(linear.sort);

/** Functions of matrices, and of the order of elements. */
export const matrixFunctions: Readonly<Record<string, TermFunction>> = {
  cholesky: ofSquare(linear.cholesky),
  solve: {
    operands: ["A", "b"],
    options: ["positiveDefinite"],
    build: (call) => solved(call, (A, b) => linear.solve(A, b, definiteness(call))),
  },
  solveTriangular: {
    operands: ["T", "b"],
    options: ["lower", "transpose"],
    build: (call) => {
      const options = { lower: call.flag("lower", true), transpose: call.flag("transpose", false) };
      return solved(call, (T, b) => linear.solveTriangular(T, b, options));
    },
  },
  inverse: ofSquare(linear.inverse),
  det: ofSquare(linear.det),
  logdet: ofSquare((A, call) => linear.logdet(A, definiteness(call)), ["positiveDefinite"]),
  eigenvalues: ofSquare((A) => linear.eigh(A).values),
  argsort: ordered(linear.argsort),
  sort,
  ...quantiles(sort),
  topK: {
    operands: ["x", "k"],
    options: ["axis"],
    build: (call) => {
      const { first: x, builder } = call;
      requireNumbers(call.name, x);
      const axis = call.axis("last");
      const k = sizeOf(call.operands[1]!, "the count of topK");
      const size = x.shape[axis]!;
      const rest = size.minus(k);
      if ((k.value ?? 0) < 0 || (rest.value ?? 0) < 0) {
        throw new UsageError(`topK takes 0 to ${size} elements of ${showShape(x.shape)}, got ${k}.`);
      }
      requireNonNegative(builder, k, "the count of topK");
      requireNonNegative(builder, rest, `topK takes at most the elements there are, so ${rest}`);
      return termOf(builder, linear.topK(x.expr, k, axis + x.iterators.length), x.iterators);
    },
  },
};

function record(x: Term, fields: Readonly<Record<string, Expr>>): ReadonlyMap<string, Term> {
  return new Map(Object.entries(fields).map(([name, expr]) => [name, termOf(x.builder, expr, x.iterators)]));
}

/** Factorisations with several results. */
export const factorisations: Readonly<Record<string, RecordFunction>> = {
  eigh: {
    operands: ["A"],
    fields: ["values", "vectors"],
    build: (call) => {
      requireSquare(call.name, call.first);
      return record(call.first, { ...linear.eigh(call.first.expr) });
    },
  },
  slogdet: {
    operands: ["A"],
    fields: ["sign", "logabsdet"],
    build: (call) => {
      const { first: A, builder } = call;
      requireSquare(call.name, A);
      const logabsdet = termOf(builder, linear.logdet(A.expr, "general"), A.iterators);
      // of the matrix scaled to a determinant of size 1, which neither overflows nor vanishes
      const size = integerTerm(builder, A.shape[A.rank - 1]!);
      const scale = apply(exp, [apply(neg, [apply(div, [logabsdet, size])])]);
      const columns = withAxes(scale, [A.rank - 2, A.rank - 1]);
      const unit = apply(mul, [A, apply(stopGradient, [columns])]);
      const sign = apply(signOf, [termOf(builder, linear.det(unit.expr), unit.iterators)]);
      const isSingular = apply(equal, [logabsdet, realTerm(builder, Number.NEGATIVE_INFINITY)]);
      const zero = realTerm(builder, 0);
      return new Map([
        ["sign", apply(select, [isSingular, zero, sign])],
        ["logabsdet", logabsdet],
      ]);
    },
  },
  qr: {
    operands: ["A"],
    fields: ["q", "r"],
    build: (call) => {
      const { first: A } = call;
      requireMatrix(call.name, A);
      const [rows, columns] = A.shape.slice(-2) as [Integer, Integer];
      const more = rows.minus(columns);
      if ((more.value ?? 0) < 0) throw mismatch("qr needs at least as many rows as columns", A);
      requireNonNegative(call.builder, more, `qr needs at least as many rows as columns, so ${more}`);
      return record(A, { ...linear.qr(A.expr) });
    },
  },
};

/** Functions of matrices and of order. */
export const linearAlgebra: Part = { functions: matrixFunctions, records: factorisations, extension };
