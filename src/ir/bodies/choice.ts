import { Ability, type Extension } from "../extension.ts";
import { type Expr, Graph } from "../graph.ts";
import { type BodyOperation, typeKey, type ValueType } from "../operation.ts";
import { reachableIds } from "../walks/traverse.ts";
import { applied, type Body, bodyOf } from "./body.ts";

/**
 * The results of one body where a condition holds, those of another where it does not. Only one of them is computed:
 * what the other would be, infinite or NaN, leaves no trace.
 *
 *   operands:  condition (bool), parameters of both bodies
 *   results:   roots of the body that is taken
 */
export interface Choice extends BodyOperation {
  readonly kind: "choice";
  readonly yes: Body;
  readonly no: Body;
}

/** Makes a choice of what stands in a graph; a model has it where its extensions bring it. */
export type Branch = (condition: Expr, draft: Omit<ChoiceDraft, "extension">, operands: readonly Expr[]) => Expr[];

export const branching = new Ability<Branch>("choices by one number");

/** Both sides as nodes of one graph, with variables in the place of parameters. */
export interface ChoiceDraft {
  readonly extension: Extension;
  readonly parameters: readonly Expr[];
  readonly yes: readonly Expr[];
  readonly no: readonly Expr[];
}

/** The choice between two bodies with the same parameters and results. */
export function choiceOf({ extension, yes, no }: Pick<Choice, "extension" | "yes" | "no">): Choice {
  const typeOf = ({ dtype, shape }: Expr): ValueType => ({ dtype, shape });
  for (const [k, root] of yes.roots.entries()) {
    if (typeKey(root) !== typeKey(no.roots[k]!)) throw new Error("internal: the sides of a choice have other types");
  }
  return {
    kind: "choice",
    extension,
    name: "if",
    yes,
    no,
    key: `choice\n${yes.key}\n${no.key}`,
    operands: [{ dtype: "bool", shape: [] }, ...yes.parameters.map(typeOf)],
    results: yes.roots.map(typeOf),
  };
}

/** The sides of a choice in a graph of their own: to draft another one from. */
export function choiceDraftOf({ extension, yes, no }: Choice): ChoiceDraft {
  const graph = new Graph();
  const parameters = yes.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  return { extension, parameters, yes: applied(yes, graph, parameters), no: applied(no, graph, parameters) };
}

/** The results of a draft's choice, `operands` in the place of its parameters; those that no side reads are left out. */
export function chosen(condition: Expr, draft: ChoiceDraft, operands: readonly Expr[]): Expr[] {
  const roots = [...draft.yes, ...draft.no];
  const ids = roots.map(({ id }) => id);
  const read = new Set(roots[0] ? reachableIds(roots[0].graph, ids) : []);
  const positions = draft.parameters.flatMap(({ id }, k) => (read.has(id) ? [k] : []));
  const parameters = positions.map((k) => draft.parameters[k]!);
  const { extension } = draft;
  const choice = choiceOf({ extension, yes: bodyOf(parameters, draft.yes), no: bodyOf(parameters, draft.no) });
  return condition.graph.operation(choice, [condition, ...positions.map((k) => operands[k]!)]);
}
