import { type Expr, type Shape, sameShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { allOf, equal, greaterEqual, not } from "../../ops/elementary/comparison.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { aligned, axesFor, integerTerm, readTerm, type Term, unionOf } from "../terms/term.ts";
import { rangeGuards } from "./bounds.ts";

/** An int expression over iterators, beside the conditions of the path and of the iterators' ranges. */
export function underPath(
  builder: Builder,
  index: Expr,
  iterators: readonly Iterator[],
  steps = builder.pathConditions,
): { readonly expr: Expr; readonly guard: Expr | undefined } {
  const own = index.shape.slice(iterators.length);
  // an array of conditions says which of as many positions count; beside others the read is computed for all elements
  const path = steps.filter(({ condition: { shape } }) => shape.length === 0 || sameShape(shape, own));
  const guards = rangeGuards(builder, iterators);
  if (path.length === 0 && guards.length === 0) return { expr: index, guard: undefined };
  const fromGuards = guards.map((guard) => builder.iteratorsOf(guard.index));
  const all = unionOf([iterators, ...fromGuards, ...path.map(({ condition }) => condition.iterators)]);
  const spread = (expr: Expr, over: readonly Iterator[], shape: Shape): Expr =>
    aligned(readTermOf(builder, expr, over, shape), all, own);
  const conditions: Expr[] = path.map(({ condition, holds }) => {
    const expr = spread(condition.expr, condition.iterators, condition.shape);
    return holds ? expr : not(expr);
  });
  for (const guard of guards) {
    const value = integerTerm(builder, guard.index);
    conditions.push(holdsExpr(spread(value.expr, value.iterators, []), guard.extent));
  }
  return {
    expr: spread(index, iterators, own),
    guard: conditions.length > 0 ? allOf(conditions) : undefined,
  };
}

/** The guard 0 <= index < extent as a condition; only "not negative" and "zero" occur. */
function holdsExpr(index: Expr, extent: Integer | undefined): Expr {
  return extent ? equal(index, 0) : greaterEqual(index, 0);
}

function readTermOf(builder: Builder, of: Expr, iterators: readonly Iterator[], shape: Shape): Term {
  const index = axesFor(iterators, shape).map(({ atom }) => Integer.iterator(atom));
  return readTerm(builder, [{ of, index }], iterators, shape, of.dtype);
}
