import { gradient, hessian, hvp } from "../../autodiff/derivatives.ts";
import type { CompilableModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import { realField } from "../../interpreter/field.ts";
import { evaluateShape, interpret } from "../../interpreter/interpret.ts";
import { LimitError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { topologicalOrder } from "../../ir/walks/traverse.ts";
import type { Point } from "./point.ts";
import type { Want } from "./request.ts";
import type { ByName, Evaluator, Results, Task, Values, Variable } from "./task.ts";

/** The graphs of a model's functions, each built at its first use and never rewritten. */
class Graphs {
  readonly model: CompilableModel;
  readonly variables: readonly Variable[];
  /** Stand-ins for the direction. */
  readonly directions: readonly Expr[];
  private gradientGraph: Expr[] | undefined;
  private hvpGraph: Expr[] | undefined;
  private hessianGraph: Expr[] | undefined;

  constructor(model: CompilableModel, variables: readonly Variable[]) {
    this.model = model;
    this.variables = variables;
    this.directions = variables.map(({ expr }) => model.graph.variable(expr.shape));
  }

  get loss(): Expr {
    return this.model.loss!;
  }

  private get wrt(): Expr[] {
    return this.variables.map(({ expr }) => expr);
  }

  gradient(): Expr[] {
    this.gradientGraph ??= gradient(this.loss, this.wrt);
    return this.gradientGraph;
  }

  hvp(): Expr[] {
    this.hvpGraph ??= hvp(this.loss, this.wrt, this.directions);
    return this.hvpGraph;
  }

  hessian(): Expr[] {
    this.hessianGraph ??= this.wrt.flatMap((x) => this.wrt.map((y) => hessian(this.loss, x, y)));
    return this.hessianGraph;
  }

  named(values: readonly Values[]): ByName<Values> {
    return record(this.variables.map(({ name }, k) => [name, values[k]!] as const));
  }

  blocks(values: readonly Values[]): ByName<ByName<Values>> {
    const count = this.variables.length;
    return record(
      this.variables.map(({ name }, i) => [name, this.named(values.slice(i * count, (i + 1) * count))] as const),
    );
  }

  outputs(values: readonly Values[]): ByName<Values> {
    return record([...this.model.outputs.keys()].map((name, k) => [name, values[k]!] as const));
  }
}

/** The interpreter over the reals, on the graphs as they were built. */
export class Interpreted implements Evaluator {
  private readonly graphs: Graphs;

  constructor(model: CompilableModel, variables: readonly Variable[]) {
    this.graphs = new Graphs(model, variables);
  }

  evaluate({ wants, point, direction }: Task): Results {
    const { graphs } = this;
    const { model, variables, directions } = graphs;
    const roots: Expr[] = [];
    const place = (want: Want, nodes: () => readonly Expr[]) => {
      const from = roots.length;
      if (wants.has(want)) roots.push(...nodes());
      const to = roots.length;
      return () => values.slice(from, to);
    };
    const loss = place("loss", () => [graphs.loss]);
    const gradientPart = place("gradient", () => graphs.gradient());
    const hvpPart = place("hvp", () => graphs.hvp());
    const hessianPart = place("hessian", () => graphs.hessian());
    const outputs = place("outputs", () => [...model.outputs.values()]);
    const bound = boundLeaves(model, point, (values) => Array.from(values));
    if (direction) variables.forEach(({ name }, k) => void bound.set(directions[k]!, Array.from(direction[name]!)));
    checkRoom(roots, point);
    const values = interpret(roots, { sizes: point.sizes, values: bound }, realField);
    return {
      ...(wants.has("loss") && { loss: loss()[0]![0]! }),
      ...(wants.has("gradient") && { gradient: graphs.named(gradientPart()) }),
      ...(wants.has("hvp") && { hvp: graphs.named(hvpPart()) }),
      ...(wants.has("hessian") && { hessian: graphs.blocks(hessianPart()) }),
      ...(wants.has("outputs") && { outputs: graphs.outputs(outputs()) }),
    };
  }
}

function boundLeaves<T>(
  model: CompilableModel,
  { values }: Point,
  convert: (values: ArrayLike<number>, name: string) => readonly T[],
): Map<Expr, readonly T[]> {
  const bound = new Map<Expr, readonly T[]>();
  for (const { name, expr } of [...model.parameters, ...model.data]) {
    const value = values.get(name);
    if (value) bound.set(expr, convert(value, name));
  }
  return bound;
}

/** The interpreter keeps every node as an array of its own. */
const mostElements = 2 ** 26;

function checkRoom(roots: readonly Expr[], { sizes }: Point): void {
  let elements = 0;
  for (const node of topologicalOrder(roots)) {
    elements += evaluateShape(node.shape, sizes).reduce((product, size) => product * size, 1);
    if (elements <= mostElements) continue;
    throw new LimitError(`the interpreter would keep more than ${mostElements} numbers: use the engine js.`);
  }
}
