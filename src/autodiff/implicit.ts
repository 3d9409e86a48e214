import { applied } from "../ir/bodies/body.ts";
import type { Implicit } from "../ir/bodies/implicit.ts";
import { iterators } from "../ir/contraction.ts";
import { DifferentiationError } from "../ir/errors.ts";
import { type Expr, Graph, type Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Call } from "../ir/operation.ts";
import { copyNodes } from "../ir/walks/copy-graph.ts";
import { axes, sum, transpose, view } from "../ops/arrays/contractions.ts";
import { div, mul, neg } from "../ops/elementary/algebra.ts";
import { allOf, select } from "../ops/elementary/comparison.ts";
import { onColumns } from "../ops/linear-algebra/columns.ts";
import { solve } from "../ops/linear-algebra/functions.ts";
import { conditionsOn } from "./shields.ts";
import type { Sweeps } from "./sweeps.ts";

// The implicit function theorem: where F(z, c) = 0 for all c, F_z dz + F_c dc = 0. Everything stands at the solution, a
// node of its own, so that derivatives of these expressions are again right.

type Optional = Expr | undefined;

/** The residual in a graph of its own, at variables; `place` moves expressions to the call's solution and constants. */
function open({ operation: { residual }, operands, results }: Call<Implicit>) {
  const graph = new Graph();
  const variables = residual.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  const [F] = applied(residual, graph, variables);
  const [z, ...constants] = variables as [Expr, ...Expr[]];
  const at = [results[0]!, ...operands.slice(1)];
  const place = (expr: Expr, more: ReadonlyMap<Expr, Expr> = new Map()) => {
    const given = new Map([...variables.map((variable, k) => [variable, at[k]!] as const), ...more]);
    return copyNodes([expr], results[0]!.graph, given)(expr);
  };
  return { graph, F: F!, z, constants, place };
}

/**
 * How the residual changes with z: for single unknowns F_z itself, else the matrices [.., equation, unknown]. Throws
 * DifferentiationError where it does not.
 */
export function slopeOf(F: Expr, z: Expr, leading: number, { pullback, pushforward }: Sweeps): Expr {
  const { graph } = F;
  const slope =
    z.shape.length === leading
      ? pullback([F], [graph.constantLike(1, F)], [z])[0]
      : pushforward([F], new Map([[z, unitVectors(z, leading)]]), z.shape.slice(leading))[0];
  if (slope) return slope;
  throw new DifferentiationError("what is solved does not depend on the unknown.", {
    primitive: "root",
    path: ["root"],
  });
}

/** Over [.., n, n]: 1 where both positions agree. */
function unitVectors(z: Expr, leading: number): Expr {
  const size = z.shape[leading]!;
  const guard = { index: iterators(leading).minus(iterators(leading + 1)), extent: Integer.one };
  return view(z.graph.constant(1), [...z.shape, size], [], [guard]);
}

/** slope^-1 right: a quotient for single unknowns, else a system for each of the leading axes. */
export function solved(slope: Expr, right: Expr, leading: number, isTransposed = false): Expr {
  if (slope.shape.length === leading) return div(right, view(slope, right.shape, axes(leading)));
  const order = [...Array(leading).keys(), leading + 1, leading];
  const matrix = isTransposed ? transpose(slope, order) : slope;
  if (right.shape.length === leading + 1) return solve(matrix, right);
  return onColumns(right, leading, (columns) => solve(matrix, columns));
}

/**
 * What follows from a solution, NaN where none was found, and so are its derivatives: the solution, NaN there itself, may cancel from
 * its derivative, as it does where exp(z) / exp(z) is all that is left, and no other derivative may depend on it.
 */
function whereFound({ operation: { leading }, results: [z, isFound] }: Call<Implicit>, x: Expr): Expr {
  const trailing = z!.shape.map((_, axis) => axis).slice(leading);
  const value = trailing.length > 0 ? sum(z!, trailing) : z!;
  // a pure number, whatever the solution's unit is
  const factor = select(isFound!, 1, div(value, value));
  return mul(x, view(factor, x.shape, axes(leading)));
}

/** The tangents of the results. */
export function implicitTangents(
  call: Call<Implicit>,
  tangents: readonly Optional[],
  batch: Shape,
  sweeps: Sweeps,
): readonly Optional[] {
  const { graph, F, z, constants, place } = open(call);
  const { leading } = call.operation;
  const given = new Map<Expr, Expr>();
  const along = new Map<Expr, Expr>();
  for (const [k, constant] of constants.entries()) {
    const tangent = tangents[k + 1];
    if (!tangent) continue;
    const variable = graph.variable([...constant.shape, ...batch]);
    given.set(constant, variable);
    along.set(variable, tangent);
  }
  const [change] = sweeps.pushforward([F], given, batch);
  if (!change) return [undefined];
  const slope = place(slopeOf(F, z, leading, sweeps));
  return [whereFound(call, neg(solved(slope, place(change, along), leading)))];
}

/** What a cotangent of the solution contributes to the constants. */
export function implicitCotangents(
  call: Call<Implicit>,
  [cotangent]: readonly Optional[],
  wanted: readonly boolean[],
  sweeps: Sweeps,
): readonly Optional[] {
  if (!cotangent) return [];
  const { graph, F, z, constants, place } = open(call);
  const { leading } = call.operation;
  const slope = place(slopeOf(F, z, leading, sweeps));
  const adjoint = whereFound(call, neg(solved(slope, cotangent, leading, true)));
  const variable = graph.variable(F.shape);
  const varied = constants.filter((_, k) => wanted[k + 1]);
  const at = new Map([[variable, adjoint]]);
  // equations that a choice leaves out may have no solution: what follows from them stays under its condition
  const conditions = conditionsOn(cotangent, leading);
  const shown = conditions.map((condition) => {
    const holds = graph.variable(condition.shape, "bool");
    at.set(holds, condition);
    return view(holds, F.shape, axes(leading));
  });
  const given = shown.length > 0 ? select(allOf(shown), variable, 0) : variable;
  const slopes = sweeps.pullback([F], [given], varied);
  const contribution = (constant: Expr) => {
    const found = slopes[varied.indexOf(constant)];
    return found && place(found, at);
  };
  return [undefined, ...constants.map((constant, k) => (wanted[k + 1] ? contribution(constant) : undefined))];
}
