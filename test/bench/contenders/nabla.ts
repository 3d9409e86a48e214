import type { BoundModel } from "../../../src/compile/bound/model.ts";
import { type CompiledModel, type CompileOptions, compileModel } from "../../../src/compile/compile.ts";
import type { Vectors } from "../../../src/compile/inputs/packing.ts";
import { webAssembly } from "../../../src/compile/web-assembly.ts";
import { loadModel } from "../../../src/model/load.ts";
import type { Contender } from "../measure/measure.ts";
import { textOf } from "../tasks/models.ts";
import { lengthOf, type Vectors as PackedVectors, type Task, type TaskData } from "../tasks/tasks.ts";

/** From text to a compiled model, whose functions are built when they are first used. */
export function compileText(data: TaskData, options: CompileOptions = {}): CompiledModel {
  return compileModel(loadModel({ name: `${data.group}.nabla`, text: textOf(data) }), options);
}

export function bindTask(task: Task, options: CompileOptions = {}): BoundModel {
  return compileText(task.data, options).bind(task.inputs, task.sizes);
}

/**
 * nabla's forms: packed vectors (flat), parameters by name into the caller's arrays (bound), and packed vectors again
 * with functions in WebAssembly.
 */
export function nablaContenders(
  task: Task,
  vectors: PackedVectors,
): { lossAndGradient: Contender[]; hvp: Contender[] } {
  const { x, v, g, h } = vectors;
  const { flat } = bindTask(task);
  // a model of its own: forms that share generated code would share what V8 learns of it
  const bound = bindTask(task);
  const wasm = bindTask(task, { engine: webAssembly() }).flat;
  let loss = Number.NaN;
  const params = named(task, x);
  const direction = named(task, v);
  const out = { loss: Number.NaN, gradient: named(task, g) };
  const product = named(task, h);
  // a graph of scalars is code without loops
  const long = task.data.group === "layout" ? { warmUpCalls: 8000 } : {};
  return {
    lossAndGradient: [
      {
        ...long,
        name: "nabla, flat",
        run: () => {
          loss = flat.lossAndGradient(vectors.x, vectors.g);
        },
        result: () => [loss, ...g],
      },
      {
        ...long,
        name: "nabla, bound",
        run: () => {
          bound.lossAndGradient(params, out);
        },
        result: () => [out.loss, ...g],
      },
      {
        name: "nabla, WebAssembly",
        run: () => {
          loss = wasm.lossAndGradient(vectors.x, vectors.g);
        },
        result: () => [loss, ...g],
      },
    ],
    hvp: [
      { ...long, name: "nabla, flat", run: () => flat.hvp(vectors.x, vectors.v, vectors.h), result: () => h },
      {
        ...long,
        name: "nabla, bound",
        run: () => {
          bound.hvp(params, direction, product);
        },
        result: () => h,
      },
      { name: "nabla, WebAssembly", run: () => wasm.hvp(vectors.x, vectors.v, vectors.h), result: () => h },
    ],
  };
}

/** A packed vector as parameters by name: views of its parts. */
function named(task: Task, x: Float64Array): Vectors {
  let start = 0;
  return Object.fromEntries(
    task.parameters.map((parameter) => {
      const end = start + lengthOf(parameter);
      const part = x.subarray(start, end);
      start = end;
      return [parameter.name, part];
    }),
  );
}
