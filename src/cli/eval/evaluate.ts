import type { CompilableModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import { withVaried } from "../../compile/varied.ts";
import { evaluateShape } from "../../interpreter/interpret.ts";
import { UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { nodesWithin } from "../../ir/walks/sizes.ts";
import { JsonTensor } from "../files/json.ts";
import { variablesOf } from "../subject.ts";
import { engines } from "./engines.ts";
import { InputReader, readDirection } from "./point.ts";
import type { Request, Want } from "./request.ts";
import type { ByName, Evaluator, Results, Variable } from "./task.ts";
import type { Limited } from "./time-limit.ts";

/** An answer in the form that JSON shows: nested arrays of the tensors' shapes. */
export interface Answer {
  readonly loss?: number;
  readonly gradient?: ByName<JsonTensor>;
  readonly hvp?: ByName<JsonTensor>;
  /** By row and column parameter; shape of the row followed by shape of the column. */
  readonly hessian?: ByName<ByName<JsonTensor>>;
  readonly outputs?: ByName<JsonTensor>;
}

/** Milliseconds of an answer that needs no limit when it is given again. */
const mostQuick = 100;

/** A model ready to be asked; what an engine builds is kept for the next request. */
export class Evaluation {
  private readonly model: CompilableModel;
  private readonly inputs: InputReader;
  private readonly evaluators = new Map<string, Evaluator>();
  /** What has been answered in next to no time, and takes no longer again: the same question under the same sizes. */
  private readonly quick = new Set<string>();
  private hasOpenLoops: boolean | undefined;

  constructor(model: CompilableModel) {
    this.model = model;
    this.inputs = new InputReader(model);
  }

  /** `limited` runs what may take long. Throws NablaError for a request that the model cannot answer. */
  answer(request: Omit<Request, "model">, limited: Limited = (run) => run()): Answer {
    const { model } = this;
    const variables = variablesOf(model, request.wrt);
    const wants = new Set(request.want ?? defaultWants(model, request));
    const isDifferentiated = wants.has("gradient") || wants.has("hvp") || wants.has("hessian");
    const needsLoss = isDifferentiated || wants.has("loss");
    if (needsLoss && !model.loss) {
      throw new UsageError(`${model.name} has no loss: it has outputs only, so "want" can be outputs.`);
    }
    const read = isDifferentiated ? variables : [];
    const key = JSON.stringify([needsLoss, wants.has("outputs"), ...read.map(({ name }) => name)]);
    const { sizes, read: readPoint } = this.inputs.begin(request.inputs, key, () => [
      ...(needsLoss ? [model.loss!] : []),
      ...read.map(({ expr }) => expr),
      ...(wants.has("outputs") ? model.outputs.values() : []),
    ]);
    const compute = () => {
      const point = readPoint();
      const direction = wants.has("hvp") ? readDirection(request.direction, variables, sizes) : undefined;
      const computed = new Set([...wants].filter((want) => !isEmpty(want, model, variables)));
      const results = this.evaluatorFor(request, variables).evaluate({ wants: computed, point, direction });
      return shaped(results, wants, this.shapes(variables, sizes));
    };
    const question = JSON.stringify([request.engine, [...wants], variables.map(({ name }) => name), [...sizes]]);
    if (this.quick.has(question)) return compute();
    const begun = performance.now();
    const answer = limited(compute);
    if (performance.now() - begun < mostQuick && !this.mayRunOn) this.quick.add(question);
    return answer;
  }

  /** Whether values decide how many steps something takes. */
  private get mayRunOn(): boolean {
    const { loss, outputs } = this.model;
    this.hasOpenLoops ??= [...nodesWithin([...(loss ? [loss] : []), ...outputs.values()])].some(
      ({ graph, id }) => graph.kindOf(id) === "operation" && ["while", "implicit"].includes(graph.operationOf(id).kind),
    );
    return this.hasOpenLoops;
  }

  private evaluatorFor({ engine }: Pick<Request, "engine">, variables: readonly Variable[]): Evaluator {
    const names = variables.map(({ name }) => name);
    const key = JSON.stringify([engine, ...names]);
    let evaluator = this.evaluators.get(key);
    if (!evaluator) {
      const model = withVaried(this.model, names);
      evaluator = engines[engine](model, variablesOf(model, names));
      this.evaluators.set(key, evaluator);
    }
    return evaluator;
  }

  private shapes(variables: readonly Variable[], sizes: ReadonlyMap<string, number>): Shapes {
    const evaluated = ([name, expr]: readonly [string, Expr]) => [name, evaluateShape(expr.shape, sizes)] as const;
    return {
      variables: new Map(variables.map(({ name, expr }) => evaluated([name, expr]))),
      outputs: () => new Map([...this.model.outputs].map(evaluated)),
    };
  }
}

interface Shapes {
  readonly variables: ReadonlyMap<string, readonly number[]>;
  readonly outputs: () => ReadonlyMap<string, readonly number[]>;
}

function defaultWants(model: CompilableModel, { direction }: Pick<Request, "direction">): Want[] {
  if (!model.loss) return ["outputs"];
  return direction ? ["loss", "gradient", "hvp"] : ["loss", "gradient"];
}

/** Derivatives in nothing and outputs of a model that has none need no engine. */
function isEmpty(want: Want, { outputs }: CompilableModel, variables: readonly Variable[]): boolean {
  if (want === "loss") return false;
  return want === "outputs" ? outputs.size === 0 : variables.length === 0;
}

function shaped(results: Results, wants: ReadonlySet<Want>, shapes: Shapes): Answer {
  const tensors = (
    values: ByName<ArrayLike<number>>,
    all: ReadonlyMap<string, readonly number[]>,
    row: readonly number[] = [],
  ) =>
    record(
      Object.entries(values).map(([name, each]) => [name, new JsonTensor(each, [...row, ...all.get(name)!])] as const),
    );
  const { loss, gradient = {}, hvp = {}, hessian = {}, outputs = {} } = results;
  return {
    ...(wants.has("loss") && { loss: loss! }),
    ...(wants.has("gradient") && { gradient: tensors(gradient, shapes.variables) }),
    ...(wants.has("hvp") && { hvp: tensors(hvp, shapes.variables) }),
    ...(wants.has("hessian") && {
      hessian: record(
        Object.entries(hessian).map(
          ([row, columns]) => [row, tensors(columns, shapes.variables, shapes.variables.get(row)!)] as const,
        ),
      ),
    }),
    ...(wants.has("outputs") && { outputs: tensors(outputs, shapes.outputs()) }),
  };
}
