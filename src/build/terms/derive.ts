import { directional, gradient, jvp } from "../../autodiff/derivatives.ts";
import { iterators as atom, type Guard } from "../../ir/contraction.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Expr, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { reachableIds, substitute } from "../../ir/walks/traverse.ts";
import { sum, view } from "../../ops/arrays/contractions.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { simplify } from "../../rewrite/rewrite.ts";
import type { Builder, Iterator } from "./builder.ts";
import { article } from "./elementwise.ts";
import { einsumTerms } from "./products.ts";
import { aligned, realOf, type Term, termOf, unionOf } from "./term.ts";

// Derivatives of terms, for every value of the iterators in scope. Within a scope f at one value of an iterator depends
// on w at the same value alone, so the derivative of the sum over the shared iterators is the derivative at each.

/**
 * A derivative of f in w, taken of what f is rewritten into: as for a loss, slopes are those of a form that neither cancels
 * nor overflows. What w stands for is no part of that form.
 */
function derived({ builder }: Term, f: Expr, w: Expr, differentiate: (f: Expr, w: Expr) => Expr): Expr {
  const { measured } = builder;
  const variable = leafFor(builder, w);
  const [apart] = substitute([f], new Map([[w, variable]]));
  const form = simplify([measured ? measured.computed(apart!) : apart!])[0]!;
  const [accurate] = substitute([differentiate(form, variable)], new Map([[variable, w]]));
  return measured ? measured.by(differentiate(f, w), accurate!) : accurate!;
}

/** What is varied in the place of w. */
function leafFor({ varied }: Builder, w: Expr): Expr {
  const { graph, shape } = w;
  if (w.kind !== "leaf") return graph.variable(shape);
  const { role, name } = graph.leafOf(w.id);
  if (role !== "data") return w;
  varied.add(name);
  return graph.varied(name, shape);
}

/** d f / d w in the shape of w, for a scalar f. */
export function grad(f: Term, w: Term): Term {
  requireScalar("grad", f);
  const { function: output, iterators } = common("grad", f, w);
  if (iterators.length === w.iterators.length) {
    const slope = derived(w, output, w.expr, (of, variable) => gradient(sum(of), [variable])[0]!);
    return termOf(f.builder, slope, w.iterators);
  }
  return slopes(output, iterators, w);
}

/** d f[a..] / d w[b..], of shape [a.., b..]. */
export function jacobian(f: Term, w: Term): Term {
  const { function: output, iterators } = common("jacobian", f, w);
  return slopes(output, iterators, w);
}

/** The second derivative of a scalar f, of shape [w.., w..]. */
export function hessian(f: Term, w: Term): Term {
  requireScalar("hessian", f);
  return jacobian(grad(f, w), w);
}

/** The change of f for a change v of w. */
export function directionalDerivative(f: Term, w: Term, v: Term): Term {
  const direction = directionLike("jvp", w, v);
  if (direction.iterators.every((iterator) => w.iterators.includes(iterator))) {
    const { function: output, iterators } = common("jvp", f, w);
    const along = aligned(direction, w.iterators, w.shape);
    const change = derived(w, output, w.expr, (of, variable) => directional(of, [variable], [along]));
    return termOf(f.builder, change, iterators);
  }
  const axes = (prefix: string, count: number) => Array.from({ length: count }, (_, k) => `${prefix}${k}`);
  const [outer, inner] = [axes("f", f.rank), axes("w", w.rank)];
  return einsumTerms(
    [
      { of: jacobian(f, w), axes: [...outer, ...inner] },
      { of: direction, axes: inner },
    ],
    outer,
  );
}

/** The second derivative of f times v: grad(dot(grad(f, w), v), w), with v held fixed meanwhile. */
export function hessianVector(f: Term, w: Term, v: Term): Term {
  const { builder } = f;
  const direction = directionLike("hvp", w, v);
  const standIn = termOf(builder, builder.graph.variable(direction.expr.shape), direction.iterators);
  const axes = w.shape.map((_, k) => `w${k}`);
  const slope = einsumTerms(
    [
      { of: grad(f, w), axes },
      { of: standIn, axes },
    ],
    [],
  );
  const product = grad(slope, w);
  const directed = (expr: Expr) => substitute([expr], new Map([[standIn.expr, direction.expr]]))[0]!;
  const { measured } = builder;
  const { expr } = product;
  return termOf(builder, measured ? measured.changed(expr, directed) : directed(expr), product.iterators);
}

function requireScalar(name: string, { shape }: Term): void {
  if (shape.length === 0) return;
  throw new ShapeError(`${name} needs a scalar function, got the shape ${showShape(shape)}.`, {
    shapes: [showShape(shape)],
    notes: ['Take the sum or the mean of it, or write "jacobian(...)".'],
  });
}

/** v as a real direction of w's shape. */
function directionLike(name: string, w: Term, v: Term): Term {
  const isNumber = v.rank === 0 && v.constant !== undefined;
  if (!isNumber && !sameShape(v.shape, w.shape)) {
    throw new ShapeError(`${name} needs a direction of the shape ${showShape(w.shape)}, got ${showShape(v.shape)}.`, {
      shapes: [showShape(w.shape), showShape(v.shape)],
    });
  }
  return termOf(v.builder, toReal(aligned(v, v.iterators, w.shape)), v.iterators);
}

interface Common {
  /** The function over the iterators of both. */
  readonly function: Expr;
  readonly iterators: readonly Iterator[];
}

function common(name: string, given: Term, w: Term): Common {
  // whole numbers that do not vary are reals here, as everywhere; those that do have steps
  const isFixed = given.dtype === "int" && !reachableIds(w.expr.graph, [given.expr.id]).includes(w.expr.id);
  const f = isFixed ? realOf(given) : given;
  for (const { dtype } of [f, w]) {
    if (dtype !== "real") throw new TypeMismatchError(`${name} needs reals, got ${article(dtype)}.`);
  }
  if (w.expr.kind === "constant" || w.expr.kind === "tensor") {
    throw new UsageError(`${name} needs a variable to vary, got a constant.`);
  }
  const iterators = unionOf([f.iterators, w.iterators]);
  return { function: aligned(f, iterators, f.shape), iterators };
}

/** Forward mode along every unit vector of w's own axes at once. */
function slopes(output: Expr, iterators: readonly Iterator[], w: Term): Term {
  const shape = [...output.shape, ...w.shape];
  const change = derived(
    w,
    output,
    w.expr,
    (of, variable) => jvp(of, new Map([[variable, unitVectors(w)]]), w.shape) ?? of.graph.constant(0, shape),
  );
  return termOf(w.builder, change, iterators);
}

/** Over [iterators of w, own axes, own axes again]: 1 where both halves of the own index agree. */
function unitVectors(w: Term): Expr {
  const { graph } = w.expr;
  const outer = w.iterators.length;
  const guards: Guard[] = w.shape.map((_, axis) => ({
    index: atom(outer + axis).minus(atom(outer + w.rank + axis)),
    extent: Integer.one,
  }));
  return view(graph.constant(1), [...w.expr.shape, ...w.shape], [], guards);
}
