import { iterators } from "../ir/contraction.ts";
import { Ability, must } from "../ir/extension.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Call, Kernel } from "../ir/operation.ts";
import { axes, view } from "../ops/arrays/contractions.ts";
import { masked } from "./masks.ts";
import { conditionsOn } from "./shields.ts";
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
  const shared = sharedConditions(call, cotangents);
  const contributions = cotangentsOf(call, cotangents, wanted, sweeps).map(
    (contribution) => contribution && shownWhere(shared, contribution, axes(leadingOf(call))),
  );
  return call.operands.flatMap((operand, k) =>
    wanted[k] && contributions[k] ? [[operand, contributions[k]] as const] : [],
  );
}

function cotangentsOf(
  { operation, ...call }: Call,
  cotangents: readonly (Expr | undefined)[],
  wanted: readonly boolean[],
  sweeps: Sweeps,
): readonly (Expr | undefined)[] {
  if (operation.kind === "kernel") return kernelCotangents({ ...call, operation }, cotangents, wanted, sweeps);
  return must(bodyDerivatives, operation.extension).cotangents({ ...call, operation }, cotangents, wanted, sweeps);
}

/** What cotangents contribute; that of columns which are masked, under the mask. */
function kernelCotangents(
  call: Call<Kernel>,
  cotangents: readonly (Expr | undefined)[],
  wanted: readonly boolean[],
  { pushforward }: Sweeps,
): readonly (Expr | undefined)[] {
  const { columns } = call.operation;
  const right = columns === undefined ? undefined : cotangents[0];
  const conditions = right ? conditionsOn(right, 1, right.shape.length - 1) : [];
  if (conditions.length === 0) return call.operation.cotangents(call, cotangents, wanted, pushforward);
  const shown = (x: Expr) => shownWhere(conditions, x, [iterators(x.shape.length - 1)]);
  const contributions = call.operation.cotangents(
    { ...call, results: call.results.map(shown) },
    cotangents,
    wanted,
    pushforward,
  );
  return contributions.map((contribution, operand) =>
    contribution && operand === columns ? shown(contribution) : contribution,
  );
}

const leadingOf = ({ operation }: Call) => (operation.kind === "kernel" ? (operation.leading ?? 0) : 0);

/** The conditions on elements of the batch that all cotangents share: what they hide may be infinite or NaN. */
function sharedConditions(call: Call, cotangents: readonly (Expr | undefined)[]): readonly Expr[] {
  const given = cotangents.filter((cotangent) => cotangent !== undefined);
  const [first = [], ...others] = given.map((cotangent) => conditionsOn(cotangent, leadingOf(call)));
  return first.filter((condition) => others.every((list) => list.includes(condition)));
}

/** A value, 0 where one of the conditions fails; these are read at an index. */
function shownWhere(conditions: readonly Expr[], x: Expr, index: readonly Integer[]): Expr {
  return conditions.reduce((shown, condition) => masked(view(condition, x.shape, index), shown)!, x);
}
