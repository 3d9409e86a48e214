import type { ElaboratedModel } from "../../build/model.ts";
import { checkModel } from "../../check/check.ts";
import type { CheckReport } from "../../check/report.ts";
import type { TensorInput } from "../../compile/inputs/tensors.ts";
import { withoutTypes } from "../../emit.ts";
import { UsageError } from "../../ir/errors.ts";
import { engines } from "../eval/engines.ts";
import { InputReader, readDirection } from "../eval/point.ts";
import type { Want } from "../eval/request.ts";
import { norm } from "../eval/show.ts";
import { variablesOf } from "../subject.ts";
import type { DemoPoint, Problem } from "./problems.ts";
import { medianTime } from "./timing.ts";

type Inputs = Readonly<Record<string, unknown>>;
type Vectors = Record<string, Float64Array>;

/** What the demo uses of an emitted module. */
interface EmittedModule {
  bind(data: Inputs): {
    lossAndGradient(params: Inputs): { loss: number; gradient: Vectors };
    hvp(params: Inputs, direction: Inputs): Vectors;
    pack(params: Inputs): Float64Array;
    lossAndGradientFlat(x: Float64Array, g: Float64Array): number;
    hvpFlat(x: Float64Array, v: Float64Array, h: Float64Array): void;
  };
}

export interface Evaluated {
  readonly name: string;
  readonly published: DemoPoint["published"] | undefined;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly hvpNorm: number;
}

/** Milliseconds a call: the emitted module, and the interpreter on the graph as written. */
export interface Compared {
  readonly what: string;
  readonly generated: number;
  readonly interpreter: number;
}

/** Runs an emitted module's text. */
export async function loadEmitted(typescript: string): Promise<EmittedModule> {
  const text = await withoutTypes(typescript);
  return (await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`)) as EmittedModule;
}

/** Loss and norms of the derivatives at each point of a problem. */
export function evaluatePoints(problem: Problem, data: Inputs, module: EmittedModule): Evaluated[] {
  const bound = module.bind(data);
  return problem.points.map(({ name, params, published }) => {
    const { loss, gradient } = bound.lossAndGradient(params);
    const hvp = bound.hvp(params, problem.direction.values);
    return { name, published, loss, gradientNorm: normOf(gradient), hvpNorm: normOf(hvp) };
  });
}

function normOf(vectors: Vectors): number {
  return norm(Object.values(vectors).map((vector) => norm(vector)));
}

/** Checks the derivatives on the problem's own data, at random parameters. */
export function checkOnData(model: ElaboratedModel, data: Inputs): Promise<CheckReport> {
  return checkModel(model, { points: 5, inputs: data as Readonly<Record<string, TensorInput>> });
}

/** Times of the emitted functions beside those of the interpreter, at the last point. Throws UsageError for a model without a loss. */
export function compareTimes(
  model: ElaboratedModel,
  problem: Problem,
  data: Inputs,
  module: EmittedModule,
): Compared[] {
  const { params } = problem.points[problem.points.length - 1]!;
  const direction = problem.direction.values;
  const bound = module.bind(data);
  const x = bound.pack(params);
  const v = bound.pack(direction);
  const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
  const variables = variablesOf(model, undefined);
  const { loss } = model;
  if (!loss) throw new UsageError(`${model.name} has no loss.`);
  const roots = () => [loss, ...variables.map(({ expr }) => expr)];
  const point = new InputReader(model).begin({ ...data, ...params }, "loss", roots).read();
  const interpreter = engines.interpreter(model, variables);
  const along = readDirection(direction, variables, point.sizes);
  const interpreted = (...wants: Want[]) =>
    medianTime(() => interpreter.evaluate({ wants: new Set(wants), point, direction: along }));
  return [
    {
      what: "loss and gradient",
      generated: medianTime(() => bound.lossAndGradientFlat(x, g)),
      interpreter: interpreted("loss", "gradient"),
    },
    { what: "one product", generated: medianTime(() => bound.hvpFlat(x, v, h)), interpreter: interpreted("hvp") },
  ];
}
