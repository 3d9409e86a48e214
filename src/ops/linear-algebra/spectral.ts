import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { einsum, identityLike, partOf } from "../arrays/letters.ts";
import { add, div, mul, sub } from "../elementary/algebra.ts";
import { and, lessEqual, select } from "../elementary/comparison.ts";
import { abs } from "../elementary/rounding.ts";
import { type Routine, type RoutineCall, routine } from "../routines/routine.ts";
import { real, squareSize, sumOf, symmetricPart } from "./columns.ts";

/** V' X V; X may have more axes at its end. */
export function inBasis(V: Expr, X: Expr, leading: number): Expr {
  const right = einsum(leading, "jl+", [
    [X, "jk+"],
    [V, "kl"],
  ]);
  return einsum(leading, "il+", [
    [V, "ji"],
    [right, "jl+"],
  ]);
}

/** V X V'. */
export function outOfBasis(V: Expr, X: Expr, leading: number): Expr {
  const right = einsum(leading, "jl+", [
    [X, "jk+"],
    [V, "lk"],
  ]);
  return einsum(leading, "il+", [
    [V, "ij"],
    [right, "jl+"],
  ]);
}

/** x[j] - x[i] as a matrix like `like`, which may have more axes at its end. */
export function gaps(x: Expr, like: Expr, leading: number): Expr {
  const ones = like.graph.constantLike(1, like);
  const at = (letter: string) =>
    einsum(leading, "ij+", [
      [x, letter],
      [ones, "ij+"],
    ]);
  return sub(at("j"), at("i"));
}

/** Eigenvalues so near to each other, relative to the sum of all, count as equal. */
export const near = 2 ** -40;
/** So near, the quotient is as far from its limit as rounding makes it, or farther. */
const close = 2 ** -20;
/** Weights agree with the limit of their quotient as far as this, relative to the sum of all. */
const alike = 2 ** -46;

/** Where eigenvalues count as equal, over the axes of `like`, which begin as a matrix does. */
export function countAsEqual(values: Expr, like: Expr, leading: number, within = near): Expr {
  const ones = like.graph.constantLike(1, like);
  const size = einsum(leading, "ij+", [
    [einsum(leading, "", [[abs(values), "i"]]), ""],
    [ones, "ij+"],
  ]);
  return lessEqual(abs(gaps(values, like, leading)), mul(within, size));
}

/**
 * The quotients (c[j] - c[i]) / (values[j] - values[i]), 0 on the diagonal. Where eigenvalues are close and the weights
 * that a function gives them agree, it does not tell them apart, and the quotient is its limit: with J = dc/dvalues,
 * J[i,i] - J[i,j], averaged over i and j.
 */
function quotients({ operands, leading, pushforward }: RoutineCall): Expr {
  const [A, c, values] = operands as [Expr, Expr, Expr];
  const identity = identityLike(A, leading);
  const ones = A.graph.constantLike(1, A);
  const spread = (x: Expr, letters: string) =>
    einsum(leading, "ij", [
      [x, letters],
      [ones, "ij"],
    ]);
  const J = pushforward([c], new Map([[values, identity]]), [values.shape[leading]!])[0] ?? A.graph.constantLike(0, A);
  const own = einsum(leading, "i", [[J, "ii"]]);
  const both = add(J, einsum(leading, "ij", [[J, "ji"]]));
  const limit = mul(0.5, sub(add(spread(own, "i"), spread(own, "j")), both));
  const size = spread(einsum(leading, "", [[abs(values), "i"]]), "");
  const weight = spread(einsum(leading, "", [[abs(c), "i"]]), "");
  const gap = gaps(values, A, leading);
  const difference = gaps(c, A, leading);
  const apart = sub(difference, mul(limit, gap));
  const agrees = lessEqual(abs(apart), mul(alike, add(weight, mul(abs(limit), size))));
  const quotient = select(
    and(countAsEqual(values, A, leading, close), agrees),
    limit,
    div(difference, add(gap, identity)),
  );
  return sub(quotient, partOf(quotient, leading, "diagonal"));
}

/** What a change of A, or a cotangent, becomes: V (quotients * V' X V) V'. */
function divided(call: RoutineCall, X: Expr): Expr {
  const { operands, leading } = call;
  const V = operands[3]!;
  const along = inBasis(V, symmetricPart(X, leading), leading);
  const ones = X.graph.constantLike(1, X);
  const factors = einsum(leading, "ij+", [
    [quotients(call), "ij"],
    [ones, "ij+"],
  ]);
  return outOfBasis(V, mul(factors, along), leading);
}

/**
 * V diag(c) V' with the eigenvalues and eigenvectors of A at hand: the gradient in A of what has the gradient c in the
 * eigenvalues. Where c comes from the eigenvalues by a function that treats equal ones alike, so does this.
 */
export const spectral: Routine = routine({
  name: "spectral",
  ranks: [2, 1, 1, 2],
  results: ([A]) => {
    const n = squareSize(A!, "spectral");
    return [real(n, n)];
  },
  cost: ([A]) => A!.shape[0]!.times(A!.shape[0]!).times(A!.shape[0]!).times(3),
  program: (m, { operands: [A, c, , V], results: [S] }) => {
    const n = A!.shape[0]!;
    m.each(n, (i) => {
      m.each(n, (j) => {
        const term = (k: Integer) => m.mul(m.mul(V!.read(i, k), c!.read(k)), V!.read(j, k));
        S!.write([i, j], m.sum(Integer.zero, n, term));
      });
    });
  },
  tangents: (call, [dA, dc]) => {
    const { operands, leading } = call;
    const V = operands[3]!;
    const weighted =
      dc &&
      einsum(leading, "jl+", [
        [dc, "j+"],
        [V, "lj"],
      ]);
    const ofWeights =
      weighted &&
      einsum(leading, "il+", [
        [V, "ij"],
        [weighted, "jl+"],
      ]);
    return [sumOf(dA && divided(call, dA), ofWeights)];
  },
  cotangents: (call, [ct]) => {
    if (!ct) return [];
    const { operands, leading } = call;
    const along = inBasis(operands[3]!, ct, leading);
    return [divided(call, ct), einsum(leading, "i", [[along, "ii"]])];
  },
});
