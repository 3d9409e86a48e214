import { gradient, hvp } from "../autodiff/derivatives.ts";
import type { CompilableModel } from "../compile/compile.ts";
import { lookupsOf } from "../compile/derive.ts";
import { checkedRanges } from "../compile/inputs/verify.ts";
import { withVaried } from "../compile/varied.ts";
import { meant } from "../ir/arguments/arguments.ts";
import { nearestName, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import type { Recorder } from "../rewrite/rewrite.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { NamedRoot } from "./graph/diagram.ts";

/** The graphs of one function of a model, on the way that compile takes. */
export interface Subject {
  readonly title: string;
  /** As written, or as differentiation left them. */
  readonly built: readonly NamedRoot[];
  readonly simplified: readonly NamedRoot[];
  /** The stand-ins for a direction, by the name to show. */
  readonly directions: ReadonlyMap<Expr, string>;
}

/** Told of every stage: simplifying the loss, then the function. */
export type RecorderOf = (stage: string) => Recorder | undefined;

const derived = ["loss", "gradient", "hvp"];

/**
 * Builds what `of` names: loss, gradient, hvp or an output. The loss is simplified, then differentiated, then
 * everything is simplified for good, as compile does it. Throws UsageError for a name that the model lacks.
 */
export function subjectOf(
  given: CompilableModel,
  of: string,
  wrt: readonly string[] | undefined,
  recorderOf: RecorderOf = () => undefined,
): Subject {
  const model = withVaried(given, wrt);
  const title = `${model.name} · ${of}`;
  const lookups = lookupsOf(model, checkedRanges(model.requirements));
  const finish = (
    names: readonly string[],
    built: readonly Expr[],
    directions: Subject["directions"] = new Map(),
    from = built,
  ): Subject => {
    const simplified = simplify(from, { last: true, record: recorderOf(of), lookups });
    const named = (nodes: readonly Expr[]) => nodes.map((node, k) => ({ name: names[k]!, node }));
    return { title, built: named(built), simplified: named(simplified), directions };
  };
  const variables = variablesOf(model, wrt);
  if (!derived.includes(of)) {
    const output = model.outputs.get(of);
    if (!output) throw unknownSubject(model, of);
    return finish([of], [output]);
  }
  if (!model.loss) {
    const notes = [...model.outputs.keys()].slice(0, 1).map((name) => `Write --of ${name}.`);
    throw new UsageError(`${model.name} has no loss: it has outputs only.`, { notes });
  }
  const simpler = (stage: string) => simplify([model.loss!], { record: recorderOf(stage) })[0]!;
  if (of === "loss")
    return finish(["loss"], [model.loss], new Map(), [simpler("loss, as its derivatives take it too")]);
  if (variables.length === 0) {
    throw new UsageError(`${model.name} has nothing to differentiate in: ${wrt ? "wrt is empty" : "no parameters"}.`, {
      notes: ["Name parameters or data, --wrt NAMES."],
    });
  }
  const wrtNodes = variables.map(({ expr }) => expr);
  const loss = simpler("loss, before it is differentiated");
  if (of === "gradient") {
    return finish(
      variables.map(({ name }) => `∂loss/∂${name}`),
      gradient(loss, wrtNodes),
    );
  }
  const directions = wrtNodes.map((x) => model.graph.variable(x.shape));
  return finish(
    variables.map(({ name }) => (variables.length === 1 ? "H·v" : `H·v, part ${name}`)),
    hvp(loss, wrtNodes, directions),
    new Map(directions.map((direction, k) => [direction, variables.length === 1 ? "v" : `v.${variables[k]!.name}`])),
  );
}

/** The leaves that derivatives are taken in, in the order of their declaration. Throws UsageError. */
export function variablesOf(
  { parameters, data }: CompilableModel,
  wrt: readonly string[] | undefined,
): { readonly name: string; readonly expr: Expr }[] {
  if (!wrt) return parameters.map(({ name, expr }) => ({ name, expr }));
  const leaves = [...parameters, ...data];
  for (const name of wrt) {
    const leaf = leaves.find((candidate) => candidate.name === name);
    if (!leaf) {
      const names = leaves.map((candidate) => candidate.name);
      throw new UsageError(`wrt has "${name}", which the model does not declare. ${meant(name, names)}`);
    }
    if (leaf.expr.dtype !== "real")
      throw new UsageError(`wrt has "${name}", which is ${leaf.expr.dtype}: only reals vary.`);
  }
  return leaves.filter(({ name }) => wrt.includes(name)).map(({ name, expr }) => ({ name, expr }));
}

function unknownSubject(model: CompilableModel, of: string): UsageError {
  const known = [...(model.loss ? derived : []), ...model.outputs.keys()];
  const guess = nearestName(of, known);
  return new UsageError(`there is no "${of}" in ${model.name}: it has ${known.join(", ")}.`, {
    notes: guess ? [`Did you mean "${guess}"?`] : [],
  });
}
