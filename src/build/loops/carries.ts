import { ShapeError, TypeMismatchError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../../ir/graph.ts";
import type { DType } from "../../ir/primitive.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import type { Iterator } from "../terms/builder.ts";
import { aligned, type Term } from "../terms/term.ts";

/** What a loop hands on from step to step: its name, and what it begins as. */
export interface LoopCarry {
  readonly name: string;
  readonly first: Term;
}

/** What a carry is throughout: its own shape, for each value of the iterators of the loop, and its type. */
export interface CarryType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The types with real numbers where a step makes such of whole ones. */
export function promoted(types: readonly CarryType[], next: readonly Term[]): CarryType[] {
  return types.map(({ shape, dtype }, k) => ({
    shape,
    dtype: dtype === "int" && next[k]!.dtype === "real" ? "real" : dtype,
  }));
}

/** What a carry begins as, in the shape and type that it has from step to step. */
export function firstOf({ first }: LoopCarry, { shape, dtype }: CarryType, iterators: readonly Iterator[]): Expr {
  const expr = aligned(first, iterators, shape);
  return dtype === "real" ? toReal(expr) : expr;
}

/** The next value of a carry, in the shape and type that it has from step to step. Throws ShapeError and TypeMismatchError. */
export function nextOf(
  { name, first }: LoopCarry,
  term: Term,
  { shape, dtype }: CarryType,
  iterators: readonly Iterator[],
): Expr {
  if (!sameShape(term.shape, shape)) {
    throw new ShapeError(
      `the carry "${name}" keeps its shape: it begins as ${showShape(first.shape)}, and the step gives ${showShape(term.shape)}.`,
      {
        shapes: [showShape(first.shape), showShape(term.shape)],
        notes: first.rank === 0 ? [`Begin with a tensor: ${name} = zeros(...).`] : [],
      },
    );
  }
  const expr = aligned(term, iterators, shape);
  if (term.dtype === dtype) return expr;
  if (dtype === "real" && term.dtype === "int") return toReal(expr);
  throw new TypeMismatchError(`the carry "${name}" begins as ${first.dtype}, and the step gives ${term.dtype}.`);
}
