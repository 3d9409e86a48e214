import { applied } from "../../ir/bodies/body.ts";
import { type Choice, choiceDraftOf, chosen } from "../../ir/bodies/choice.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Call } from "../../ir/operation.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import { view } from "../../ops/arrays/contractions.ts";
import { select } from "../../ops/elementary/comparison.ts";

/** The choice without results that nothing reads, and operands that the others do not need; one side where all is known. */
export function prunedChoice(
  { operation, operands, results }: Call<Choice>,
  needed: readonly boolean[],
): readonly (Expr | undefined)[] | undefined {
  const [condition, ...given] = operands as [Expr, ...Expr[]];
  const { graph } = condition;
  if (condition.kind === "constant") {
    return applied(condition.constant !== 0 ? operation.yes : operation.no, graph, given);
  }
  const draft = choiceDraftOf(operation);
  const kept = (roots: readonly Expr[]) => roots.filter((_, k) => needed[k]);
  const [yes, no] = [kept(draft.yes), kept(draft.no)];
  const ids = [...yes, ...no].map(({ id }) => id);
  const read = new Set(reachableIds(yes[0]!.graph, ids));
  if (yes.length === results.length && draft.parameters.every(({ id }) => read.has(id))) return undefined;
  const found = chosen(condition, { ...draft, yes, no }, given).values();
  return needed.map((is) => (is ? found.next().value : undefined));
}

/** The choice with both sides computed, one of them taken in every element. */
export function bothSides({ operation: { yes, no }, operands }: Call<Choice>): readonly Expr[] {
  const [condition, ...given] = operands as [Expr, ...Expr[]];
  const [taken, other] = [yes, no].map((body) => applied(body, condition.graph, given));
  return taken!.map((result, k) => select(view(condition, result.shape, []), result, other![k]!));
}
