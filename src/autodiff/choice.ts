import { type Choice, choiceDraftOf, chosen } from "../ir/bodies/choice.ts";
import type { Extension } from "../ir/extension.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Call } from "../ir/operation.ts";
import type { Sweeps } from "./sweeps.ts";

// The derivatives of a choice are choices, of the derivatives of its sides: a side that is not taken is not computed there
// either, so that its derivatives need not exist.

type Optional = Expr | undefined;

/** The tangents of the results. */
export function choiceTangents(
  { operation, operands }: Call<Choice>,
  tangents: readonly Optional[],
  batch: Shape,
  { pushforward }: Sweeps,
): readonly Optional[] {
  const { extension, parameters, yes, no } = choiceDraftOf(operation);
  const { graph } = yes[0]!;
  const changes = parameters.map(({ shape }, k) => tangents[k + 1] && graph.variable([...shape, ...batch]));
  const known = new Map(parameters.flatMap((x, k) => (changes[k] ? [[x, changes[k]] as const] : [])));
  const [taken, other] = [yes, no].map((roots) => pushforward(roots, known, batch));
  return either(
    extension,
    operands[0]!,
    [...parameters, ...changes],
    [...operands.slice(1), ...tangents.slice(1)],
    yes.map((root, k) => ({ yes: taken![k], no: other![k], shape: [...root.shape, ...batch] })),
  );
}

/** What cotangents of the results contribute to the operands. */
export function choiceCotangents(
  { operation, operands }: Call<Choice>,
  cotangents: readonly Optional[],
  wanted: readonly boolean[],
  { pullback }: Sweeps,
): readonly Optional[] {
  const { extension, parameters, yes, no } = choiceDraftOf(operation);
  const { graph } = yes[0]!;
  const flows = yes.map(({ shape }, k) => cotangents[k] && graph.variable(shape));
  const varied = parameters.filter((_, k) => wanted[k + 1]);
  const [taken, other] = [yes, no].map((roots) => {
    const slopes = pullback(roots, flows, varied);
    return new Map(varied.map((x, k) => [x, slopes[k]]));
  });
  const contributions = either(
    extension,
    operands[0]!,
    [...parameters, ...flows],
    [...operands.slice(1), ...cotangents],
    parameters.map((x) => ({ yes: taken!.get(x), no: other!.get(x), shape: x.shape })),
  );
  return [undefined, ...contributions];
}

interface Sides {
  readonly yes: Optional;
  readonly no: Optional;
  readonly shape: Shape;
}

/** One choice of everything that is not structurally zero on both sides. */
function either(
  extension: Extension,
  condition: Expr,
  variables: readonly Optional[],
  given: readonly Optional[],
  all: readonly Sides[],
): Optional[] {
  const present = all.flatMap(({ yes, no }, k) => (yes || no ? [k] : []));
  const results = all.map((): Optional => undefined);
  const graph = variables.find((variable) => variable !== undefined)?.graph;
  if (present.length === 0 || !graph) return results;
  const side = (which: "yes" | "no") => present.map((k) => all[k]![which] ?? graph.constant(0, all[k]!.shape));
  const parameters = variables.flatMap((variable, k) => (variable ? [{ variable, operand: given[k]! }] : []));
  const found = chosen(
    condition,
    { extension, parameters: parameters.map(({ variable }) => variable), yes: side("yes"), no: side("no") },
    parameters.map(({ operand }) => operand),
  );
  for (const [at, k] of present.entries()) results[k] = found[at];
  return results;
}
