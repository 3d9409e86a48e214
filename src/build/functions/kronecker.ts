import { ShapeError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { reshape, stack } from "../../ops/arrays/arrays.ts";
import { mul, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { apply } from "../terms/elementwise.ts";
import { einsumTerms } from "../terms/products.ts";
import { aligned, movedReads, readsOf, readTerm, type Term, termOf, unionOf } from "../terms/term.ts";

/** z = x cross y along the last axes, which have the size 3. Throws ShapeError. */
export function cross(x: Term, y: Term): Term {
  const isTriple = (term: Term) => term.shape.at(-1)?.value === 3;
  if (!isTriple(x) || !isTriple(y)) {
    const shapes = [showShape(x.shape), showShape(y.shape)];
    throw new ShapeError(`cross needs two arrays [.., 3], got ${shapes.join(" and ")}.`, { shapes });
  }
  const component = (term: Term, k: number): Term => {
    const places = term.shape.map((_, axis) =>
      axis === term.rank - 1 ? Integer.constant(k % 3) : Integer.iterator(axis),
    );
    return readTerm(
      term.builder,
      movedReads(readsOf(term), places),
      term.iterators,
      term.shape.slice(0, -1),
      term.dtype,
    );
  };
  const parts = [0, 1, 2].map((k) =>
    apply(sub, [
      apply(mul, [component(x, k + 1), component(y, k + 2)]),
      apply(mul, [component(x, k + 2), component(y, k + 1)]),
    ]),
  );
  const iterators = unionOf(parts.map((part) => part.iterators));
  const exprs = parts.map((part) => toReal(aligned(part, iterators, part.shape)));
  return termOf(x.builder, stack(exprs, exprs[0]!.shape.length), iterators);
}

/** z[i p + k, j q + l] = x[i, j] y[k, l] for y of the shape [p, q]. Throws ShapeError. */
export function kron(x: Term, y: Term): Term {
  if (x.rank !== 2 || y.rank !== 2) {
    const shapes = [showShape(x.shape), showShape(y.shape)];
    throw new ShapeError(`kron needs two matrices, got ${shapes.join(" and ")}.`, { shapes });
  }
  const factors = [
    { of: x, axes: ["i", "j"] },
    { of: y, axes: ["k", "l"] },
  ];
  const product = einsumTerms(factors, ["i", "k", "j", "l"]);
  const outer = product.iterators.map(({ extent }) => extent);
  const shape = [0, 1].map((axis) => x.shape[axis]!.times(y.shape[axis]!));
  return termOf(x.builder, reshape(product.expr, [...outer, ...shape]), product.iterators);
}
