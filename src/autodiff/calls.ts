import { Ability, must } from "../ir/extension.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Call, Kernel } from "../ir/operation.ts";
import { allOf, select } from "../ops/comparison.ts";
import { axes, view } from "../ops/contractions.ts";
import { conditionsOn } from "./masks.ts";
import type { Sweeps } from "./sweeps.ts";

// Calls with several results are differentiated whole: forward mode gives the tangents of all results together, reverse
// mode collects the cotangents of all of them and transposes once.

/** The derivatives of operations with bodies. */
export interface BodyDerivatives {
  readonly tangents: (
    call: Call,
    tangents: readonly (Expr | undefined)[],
    batch: Shape,
    sweeps: Sweeps,
  ) => readonly (Expr | undefined)[];
  readonly cotangents: (
    call: Call,
    cotangents: readonly (Expr | undefined)[],
    wanted: readonly boolean[],
    sweeps: Sweeps,
  ) => readonly (Expr | undefined)[];
}

export const bodyDerivatives = new Ability<BodyDerivatives>("derivatives of bodies");

/**
 * Gives the roots with calls that compute the same as one, so that reverse mode transposes it once: a gradient has a loop that
 * stacks its carries beside that of its loss.
 */
export const joining = new Ability<(roots: readonly Expr[]) => readonly Expr[]>("equal loops as one");

/** The tangents of every result of the call that `node` belongs to that changes. */
export function callTangents(
  node: Expr,
  tangentOf: ReadonlyMap<Expr, Expr>,
  batch: Shape,
  sweeps: Sweeps,
): readonly (readonly [Expr, Expr])[] {
  const call = node.graph.call(node.id);
  const given = call.operands.map((operand) => tangentOf.get(operand));
  const tangents = tangentsOf(call, given, batch, sweeps);
  return call.results.flatMap((result, k) => (tangents[k] ? [[result, tangents[k]] as const] : []));
}

function tangentsOf(call: Call, tangents: readonly (Expr | undefined)[], batch: Shape, sweeps: Sweeps) {
  const { operation } = call;
  if (operation.kind === "kernel") return operation.tangents(call as Call<Kernel>, tangents, batch, sweeps.pushforward);
  return must(bodyDerivatives, operation.extension).tangents(call, tangents, batch, sweeps);
}

/** What the cotangents of a call's results contribute to its operands. */
export function callCotangents(
  node: Expr,
  cotangentOf: (result: Expr) => Expr | undefined,
  isActive: (operand: Expr) => boolean,
  sweeps: Sweeps,
): readonly (readonly [Expr, Expr])[] {
  const call = node.graph.call(node.id);
  const wanted = call.operands.map((operand) => operand.dtype === "real" && isActive(operand));
  const cotangents = call.results.map(cotangentOf);
  const { operation } = call;
  const leading = operation.kind === "kernel" ? (operation.leading ?? 0) : 0;
  const contributions = underMask(cotangentsOf(call, cotangents, wanted, sweeps), cotangents, leading);
  return call.operands.flatMap((operand, k) =>
    wanted[k] && contributions[k] ? [[operand, contributions[k]] as const] : [],
  );
}

function cotangentsOf(
  call: Call,
  cotangents: readonly (Expr | undefined)[],
  wanted: readonly boolean[],
  sweeps: Sweeps,
) {
  const { operation } = call;
  if (operation.kind !== "kernel") {
    return must(bodyDerivatives, operation.extension).cotangents(call, cotangents, wanted, sweeps);
  }
  return operation.cotangents(call as Call<Kernel>, cotangents, wanted, sweeps.pushforward);
}

/** Contributions of cotangents that are masked as a whole, under the mask: what it hides may be infinite or NaN. */
function underMask(
  contributions: readonly (Expr | undefined)[],
  cotangents: readonly (Expr | undefined)[],
  leading: number,
): readonly (Expr | undefined)[] {
  const given = cotangents.filter((cotangent) => cotangent !== undefined);
  const [first, ...others] = given.map((cotangent) => conditionsOn(cotangent, leading));
  const shared = (first ?? []).filter((condition) => others.every((list) => list.includes(condition)));
  if (shared.length === 0) return contributions;
  const condition = allOf(shared);
  return contributions.map(
    (contribution) => contribution && select(view(condition, contribution.shape, axes(leading)), contribution, 0),
  );
}
