import { applied, bodyOf } from "../ir/bodies/body.ts";
import { type Definition, type Derivative, definitionOf } from "../ir/bodies/definition.ts";
import { type Expr, Graph, type Shape } from "../ir/graph.ts";
import type { Call } from "../ir/operation.ts";
import { idsUnder, substitute } from "../ir/walks/traverse.ts";
import { conditionsOn } from "./shields.ts";
import type { Sweeps } from "./sweeps.ts";

// Derivatives of a definition are definitions: of its parameters and of what changes with them, or flows back. Each is
// made once for all calls. What reverse mode needs of the values inside is computed again there.

type Optional = Expr | undefined;

/** The tangents of a call's results. */
export function definitionTangents(
  call: Call<Definition>,
  tangents: readonly Optional[],
  batch: Shape,
  { name, pushforward }: Sweeps,
): readonly Optional[] {
  const { operation, operands, results } = call;
  const key = `${name} tangents ${maskOf(tangents)} ${batch.map((size) => size.key).join(",")}`;
  const derivative = remembered(operation, key, () => {
    const { variables, roots } = opened(operation);
    const { graph } = variables[0]!;
    const changes = variables.map((variable, k) => tangents[k] && graph.variable([...variable.shape, ...batch]));
    const known = new Map(variables.flatMap((variable, k) => (changes[k] ? [[variable, changes[k]] as const] : [])));
    return derivativeOf(operation, "tangent", [...variables, ...changes], pushforward(roots, known, batch));
  });
  return appliedTo(derivative, [...operands, ...tangents], results.length);
}

/** What cotangents of a call's results contribute to its operands. */
export function definitionCotangents(
  call: Call<Definition>,
  cotangents: readonly Optional[],
  wanted: readonly boolean[],
  { name, pullback }: Sweeps,
): readonly Optional[] {
  const { operation, operands } = call;
  if (cotangents.some((cotangent) => cotangent && conditionsOn(cotangent, cotangent.shape.length).length > 0)) {
    return inPlace(call, cotangents, wanted, pullback);
  }
  const key = `${name} cotangents ${maskOf(cotangents)} ${wanted.map(Number).join("")}`;
  const derivative = remembered(operation, key, () => {
    const { variables, roots } = opened(operation);
    const { graph } = variables[0]!;
    const flows = roots.map(({ shape }, k) => cotangents[k] && graph.variable(shape));
    const varied = variables.filter((_, k) => wanted[k]);
    const slopes = pullback(roots, flows, varied);
    const contributions = variables.map((variable, k) => (wanted[k] ? slopes[varied.indexOf(variable)] : undefined));
    return derivativeOf(operation, "slope", [...variables, ...flows], contributions);
  });
  return appliedTo(derivative, [...operands, ...cotangents], operands.length);
}

/** The same without a call: where a mask hides results, what is multiplied inside must see it. */
function inPlace(
  { operation: { body }, operands }: Call<Definition>,
  cotangents: readonly Optional[],
  wanted: readonly boolean[],
  pullback: Sweeps["pullback"],
): readonly Optional[] {
  const { graph } = operands[0]!;
  const variables = operands.map(({ shape, dtype }) => graph.variable(shape, dtype));
  const varied = variables.filter((_, k) => wanted[k]);
  const slopes = pullback(applied(body, graph, variables), cotangents, varied);
  const at = new Map(variables.map((variable, k) => [variable, operands[k]!]));
  return variables.map((variable, k) => {
    const slope = wanted[k] ? slopes[varied.indexOf(variable)] : undefined;
    return slope && substitute([slope], at)[0];
  });
}

const maskOf = (list: readonly Optional[]) => list.map((each) => (each ? 1 : 0)).join("");

function remembered({ derived }: Definition, key: string, make: () => Derivative): Derivative {
  const known = derived.get(key) ?? make();
  derived.set(key, known);
  return known;
}

/** The body in a graph of its own, with variables in the place of parameters. */
function opened({ body }: Definition): { variables: Expr[]; roots: Expr[] } {
  const graph = new Graph();
  const variables = body.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  return { variables, roots: applied(body, graph, variables) };
}

/** The definition that computes those of the roots that are there, from those of the variables that they read. */
function derivativeOf(
  { extension, name }: Definition,
  kind: string,
  variables: readonly Optional[],
  all: readonly Optional[],
): Derivative {
  const results = all.flatMap((root, k) => (root ? [k] : []));
  const roots = results.map((k) => all[k]!);
  const graph = roots[0]?.graph;
  if (!graph) return { operation: undefined, operands: [], results };
  const read = new Set(idsUnder(roots));
  const operands = variables.flatMap((variable, k) => (variable && read.has(variable.id) ? [k] : []));
  const body = bodyOf(
    operands.map((k) => variables[k]!),
    roots,
  );
  return { operation: definitionOf({ extension, name: `${name}_${kind}`, body }), operands, results };
}

function appliedTo(
  { operation, operands, results }: Derivative,
  given: readonly Optional[],
  count: number,
): Optional[] {
  const found = new Array<Optional>(count).fill(undefined);
  if (!operation) return found;
  const graph = given.find((node) => node !== undefined)!.graph;
  const computed = graph.operation(
    operation,
    operands.map((k) => given[k]!),
  );
  for (const [at, k] of results.entries()) found[k] = computed[at];
  return found;
}
