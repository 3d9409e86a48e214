import { ShapeError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { matmulAxes } from "../../ops/arrays/composites.ts";
import { contract } from "../../ops/arrays/contractions.ts";
import { type Axis, axesFor, movedReads, readsOf, realOf, type Term, termOf, termsOf, unionOf } from "./term.ts";

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

/**
 * x @ y: [n] @ [n], [m, n] @ [n], [n] @ [n, p], [m, n] @ [n, p]; leading axes are a batch, where a literal 1 meets any size. Throws
 * ShapeError.
 */
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
  const [left, right] = [
    { of: x, axes: axes.left },
    { of: y, axes: axes.right },
  ];
  return einsumTerms([spread(left, right), spread(right, left)], axes.output);
}

/** The factor with letters of their own for axes of literal size 1, where the other factor has more of the batch. */
function spread(factor: Lettered, other: Lettered): Lettered {
  const isAlone = (letter: string, axis: number) => {
    const met = other.of.shape[other.axes.indexOf(letter)];
    return factor.of.shape[axis]!.value === 1 && met !== undefined && met.value !== 1;
  };
  return { ...factor, axes: factor.axes.map((letter, axis) => (isAlone(letter, axis) ? `one ${letter}` : letter)) };
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
