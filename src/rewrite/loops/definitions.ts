import { applied, bodyOf } from "../../ir/bodies/body.ts";
import type { Choice } from "../../ir/bodies/choice.ts";
import { type Definition, definitionOf } from "../../ir/bodies/definition.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Call } from "../../ir/operation.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { bothSides } from "./choices.ts";
import { hasCalls, type NoteReplacement, replaceCalls } from "./replace.ts";

/**
 * So many nodes must be spared by keeping a definition as calls: code in its place can be fused with what is around, and
 * reverse mode need not compute it again.
 */
const worthCalls = 400;

/** The roots with definitions in place of their calls where that takes few nodes: short ones, and those used once. */
export function inlinedDefinitions(roots: readonly Expr[], note?: NoteReplacement): Expr[] {
  let current = [...roots];
  // what is put in place may hold calls itself
  for (;;) {
    const kept = keptDefinitions(current);
    let isChanged = false;
    const next = replaceCalls(
      current,
      (call) => {
        if (call.operation.kind !== "definition" || kept.has(call.operation.key)) return undefined;
        isChanged = true;
        return inPlace(call as Call<Definition>);
      },
      note,
    );
    if (!isChanged) return current;
    current = next;
  }
}

/** The roots with definitions in the place of their calls and with both sides of choices: for those who look into them. */
export function spelledOut(roots: readonly Expr[]): Expr[] {
  let current = [...roots];
  for (let isChanged = hasCalls(current); isChanged; ) {
    isChanged = false;
    current = replaceCalls(current, (call) => {
      const { kind } = call.operation;
      if (kind !== "definition" && kind !== "choice") return undefined;
      isChanged = true;
      return kind === "choice" ? bothSides(call as Call<Choice>) : inPlace(call as Call<Definition>);
    });
  }
  return current;
}

function inPlace({ operation, operands, results }: Call<Definition>): readonly Expr[] {
  return applied(operation.body, results[0]!.graph, operands);
}

/** The keys of the definitions that stay calls. */
function keptDefinitions(roots: readonly Expr[]): Set<string> {
  const uses = new Map<string, { readonly definition: Definition; readonly calls: Set<number> }>();
  const { graph } = roots[0]!;
  for (const id of idsUnder(roots)) {
    if (graph.kindOf(id) !== "operation") continue;
    const operation = graph.operationOf(id);
    if (operation.kind !== "definition") continue;
    const known = uses.get(operation.key) ?? { definition: operation, calls: new Set() };
    known.calls.add(graph.callOf(id));
    uses.set(operation.key, known);
  }
  const kept = new Set<string>();
  for (const [key, { definition, calls }] of uses) {
    const spared = (calls.size - 1) * idsUnder(definition.body.roots).length;
    if (spared >= worthCalls) kept.add(key);
  }
  return kept;
}

/** The call without results that nothing reads, and without operands that the others do not need. */
export function prunedDefinition(
  { operation, operands, results }: Call<Definition>,
  needed: readonly boolean[],
): readonly (Expr | undefined)[] | undefined {
  const { body } = operation;
  const roots = body.roots.filter((_, k) => needed[k]);
  const read = new Set(idsUnder(roots));
  const parameters = body.parameters.filter(({ id }) => read.has(id));
  if (roots.length === body.roots.length && parameters.length === body.parameters.length) return undefined;
  const given = operands.filter((_, k) => read.has(body.parameters[k]!.id));
  const found = results[0]!.graph
    .operation(definitionOf({ ...operation, body: bodyOf(parameters, roots) }), given)
    .values();
  return needed.map((is) => (is ? found.next().value : undefined));
}
