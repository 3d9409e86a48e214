import { ShapeError } from "../ir/errors.ts";
import { showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { mul, sub } from "../ops/algebra.ts";
import { reshape, stack } from "../ops/arrays.ts";
import { toReal } from "../ops/cast.ts";
import { matmulAxes } from "../ops/composites.ts";
import { contract } from "../ops/contractions.ts";
import { apply } from "./elementwise.ts";
import {
  type Axis,
  aligned,
  axesFor,
  movedReads,
  readsOf,
  readTerm,
  realOf,
  type Term,
  termOf,
  termsOf,
  unionOf,
} from "./term.ts";

/** A factor with letters for its own axes. */
export interface Lettered {
  readonly of: Term;
  readonly axes: readonly string[];
}

/** Sum of products over named axes, one contraction: letters that the output lacks are summed. One factor keeps its type. */
export function einsumTerms(factors: readonly Lettered[], output: readonly string[]): Term {
  const { builder } = factors[0]!.of;
  const letters = [...new Set([...output, ...factors.flatMap(({ axes }) => axes)])];
  const sizes = new Map<string, Integer>();
  for (const { of, axes } of factors) {
    for (const [k, letter] of axes.entries()) {
      const size = of.shape[k]!;
      const known = sizes.get(letter);
      if (known && !known.equals(size)) throw mismatch(factors, known, size);
      sizes.set(letter, size);
    }
  }
  const iterators = unionOf(factors.map(({ of }) => of.iterators));
  const axis = (letter: string): Axis => ({ atom: letters.indexOf(letter), extent: sizes.get(letter)! });
  const kept = [...axesFor(iterators, []), ...output.map(axis)];
  const bound = letters.slice(output.length).map(axis);
  const reads = factors.flatMap(({ of, axes }) =>
    movedReads(
      readsOf(factors.length === 1 ? of : realOf(of)),
      axes.map((letter) => Integer.iterator(letters.indexOf(letter))),
    ),
  );
  return termOf(builder, contract(termsOf(builder, kept, bound, reads)), iterators);
}

function mismatch(factors: readonly Lettered[], left: Integer, right: Integer): ShapeError {
  const shapes = factors.map(({ of }) => showShape(of.shape));
  return new ShapeError(`shape mismatch: axes that meet differ in ${shapes.join(" and ")}: ${left} is not ${right}.`, {
    shapes,
  });
}

/** x @ y: [n] @ [n], [m, n] @ [n], [n] @ [n, p], [m, n] @ [n, p]; leading axes are a batch. Throws ShapeError. */
export function matmul(x: Term, y: Term): Term {
  if (x.rank === 0 || y.rank === 0) {
    throw new ShapeError(
      `shape mismatch: matmul needs a vector or matrix on both sides, got ${showShape(x.shape)} @ ${showShape(y.shape)}.`,
      {
        shapes: [showShape(x.shape), showShape(y.shape)],
        notes: ['Write "*" to scale.'],
      },
    );
  }
  const axes = matmulAxes(x.rank, y.rank);
  const inner = x.shape[axes.left.indexOf("n")]!;
  if (!inner.equals(y.shape[axes.right.indexOf("n")]!)) throw innerMismatch(x, y);
  return einsumTerms(
    [
      { of: x, axes: axes.left },
      { of: y, axes: axes.right },
    ],
    axes.output,
  );
}

const forms: Readonly<Record<string, string>> = {
  "1 1": "[n] @ [n]",
  "2 1": "[m, n] @ [n]",
  "1 2": "[n] @ [n, p]",
  "2 2": "[m, n] @ [n, p]",
};

function innerMismatch(x: Term, y: Term): ShapeError {
  const form = forms[`${x.rank} ${y.rank}`] ?? "[.., m, n] @ [.., n, p]";
  const shapes = [showShape(x.shape), showShape(y.shape)];
  return new ShapeError(`shape mismatch: matmul needs ${form}, got ${shapes.join(" @ ")}.`, { shapes });
}

/** <x, y>: the sum of the products of matching elements. Throws ShapeError. */
export function dot(x: Term, y: Term): Term {
  if (x.rank !== y.rank || x.shape.some((size, axis) => !size.equals(y.shape[axis]!))) {
    const shapes = [showShape(x.shape), showShape(y.shape)];
    throw new ShapeError(`shape mismatch: dot needs two arrays of one shape, got ${shapes.join(" and ")}.`, { shapes });
  }
  const axes = x.shape.map((_, k) => `a${k}`);
  return einsumTerms(
    [
      { of: x, axes },
      { of: y, axes },
    ],
    [],
  );
}

/** z[i.., j..] = x[i..] y[j..]. */
export function outer(x: Term, y: Term): Term {
  const left = x.shape.map((_, k) => `x${k}`);
  const right = y.shape.map((_, k) => `y${k}`);
  return einsumTerms(
    [
      { of: x, axes: left },
      { of: y, axes: right },
    ],
    [...left, ...right],
  );
}

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
