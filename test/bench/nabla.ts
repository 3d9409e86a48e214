import type { BoundModel, Vectors } from "../../src/compile/bound.ts";
import { type CompiledModel, compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import type { Contender } from "./measure.ts";
import { modelTexts } from "./models.ts";
import { lengthOf, partsOf, pointOf, type Task, type TaskData } from "./tasks.ts";

/** From text to a compiled model, whose functions are built when they are first used. */
export function compileText(group: TaskData["group"]): CompiledModel {
  return compileModel(loadModel({ name: `${group}.nabla`, text: modelTexts[group] }));
}

export function bindTask(task: Task): BoundModel {
  return compileText(task.data.group).bind(task.inputs, task.sizes);
}

/** nabla's two forms: packed vectors (flat), and parameters by name into the caller's arrays (bound). */
export function nablaContenders(task: Task): { lossAndGradient: Contender[]; hvp: Contender[] } {
  const { flat } = bindTask(task);
  // a model of its own: forms that share generated code would share what V8 learns of it
  const bound = bindTask(task);
  const { x, v } = pointOf(task);
  const g = new Float64Array(x.length);
  const h = new Float64Array(x.length);
  let loss = Number.NaN;
  const params = named(task, x);
  const direction = named(task, v);
  const out = { loss: Number.NaN, gradient: zeros(task) };
  const product = zeros(task);
  return {
    lossAndGradient: [
      {
        name: "nabla, flat",
        run: () => {
          loss = flat.lossAndGradient(x, g);
        },
        result: () => [loss, ...g],
      },
      {
        name: "nabla, bound",
        run: () => {
          bound.lossAndGradient(params, out);
        },
        result: () => [out.loss, ...packed(task, out.gradient)],
      },
    ],
    hvp: [
      { name: "nabla, flat", run: () => flat.hvp(x, v, h), result: () => h },
      {
        name: "nabla, bound",
        run: () => {
          bound.hvp(params, direction, product);
        },
        result: () => packed(task, product),
      },
    ],
  };
}

function named(task: Task, x: Float64Array): Vectors {
  return Object.fromEntries(partsOf(task, x).map((part, k) => [task.parameters[k]!.name, part]));
}

function zeros(task: Task): Vectors {
  return Object.fromEntries(
    task.parameters.map((parameter) => [parameter.name, new Float64Array(lengthOf(parameter))]),
  );
}

function packed(task: Task, vectors: Vectors): number[] {
  return task.parameters.flatMap(({ name }) => Array.from(vectors[name]!));
}
