import type { Expr } from "../../ir/graph.ts";
import { einsum } from "../arrays/letters.ts";
import { add, sub } from "../elementary/algebra.ts";
import { stopGradient } from "../elementary/opaque.ts";
import type { RoutineCall } from "../routines/routine.ts";
import { sumOf, symmetricPart } from "./columns.ts";
import { eigh } from "./eigen.ts";
import {
  changesOf,
  isEigenResult,
  matricesOf,
  matrixValue,
  ofTrace,
  productValue,
  slopeIn,
  sourceOf,
} from "./matrix-function.ts";
import { inBasis, spectral } from "./spectral.ts";

// Operations on eigenvalues as plain sums that numbers with a change, complex or dual ones, carry right where some are equal.

/**
 * The call as an expression of plain sums that numbers with a change, complex or dual ones, carry right: its value where A and
 * the matrices do not vary, and the sum of its derivatives times what they vary by.
 */
export function firstOrder(call: RoutineCall): Expr {
  const { operands, leading, parameters } = call;
  const change = (x: Expr) => sub(x, stopGradient(x));
  const of = sourceOf(call);
  const dA = change(of.A);
  const value = stopGradient(operands[0]!);
  if (parameters === ofTrace) {
    const gradient = matrixValue(slopeIn(of), of.V, leading);
    return sumOf(
      value,
      einsum(leading, "", [
        [gradient, "ij"],
        [dA, "ij"],
      ]),
    )!;
  }
  const matrices = matricesOf(call);
  const fixed = matrices.map((matrix) => stopGradient(matrix));
  const changes = changesOf(of, fixed, dA, matrices.map(change));
  return sumOf(value, ...changes.map((list) => productValue(of, list)))!;
}

/** {@link firstOrder} of a call of {@link spectral}. */
export function spectralFirstOrder(call: RoutineCall): Expr {
  const [A, c, values, V] = call.operands as [Expr, Expr, Expr, Expr];
  const change = (x: Expr) => sub(x, stopGradient(x));
  const fixed = heldFixed(V);
  const value = spectral("", stopGradient(A), stopGradient(c), stopGradient(values), fixed)[0];
  const [changed] = spectral.record.tangents!({ ...call, operands: [A, c, values, fixed] }, [change(A), change(c)]);
  return sumOf(value, changed)!;
}

/** What no change flows through: of a matrix that does not vary, where it is an eigenvalue or an eigenvector. */
export function heldFixed(x: Expr): Expr {
  const result = [0, 1].find((each) => isEigenResult(x, each));
  return result === undefined ? stopGradient(x) : eigh("", stopGradient(x.operands[0]!))[result]!;
}

/** Eigenvalues as their vectors, held fixed, have them: equal ones change as their vectors say. */
export function eigenvaluesFirstOrder({ operands: [A], leading }: RoutineCall): Expr {
  const [values, V] = eigh("", stopGradient(A!)) as [Expr, Expr];
  const along = inBasis(V, symmetricPart(sub(A!, stopGradient(A!)), leading), leading);
  return add(values, einsum(leading, "i", [[along, "ii"]]));
}
