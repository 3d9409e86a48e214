import { batch, hvps } from "../../src/compile/batch.ts";
import { type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { bindTask } from "./contenders/nabla.ts";
import { compare, type Effort } from "./measure/measure.ts";
import { normals } from "./tasks/random.ts";
import { cnnTask, layoutTask, lengthOf, logisticTask, mlpTask, rosenbrockTask, type Task } from "./tasks/tasks.ts";

// Many points, or directions, at once against one call after the other, in units of the calls' time:
// `node test/bench/run.mjs batches [TEXT [COUNT]]`, for tasks with that text in their names.

const tasks: readonly (() => Task)[] = [
  () => logisticTask(10, 3),
  () => logisticTask(100, 5),
  () => logisticTask(1000, 20),
  () => rosenbrockTask(10),
  () => rosenbrockTask(100),
  () => mlpTask({ rows: 4, inputs: 3, hidden: 5, classes: 2 }),
  () => mlpTask({ rows: 32, inputs: 16, hidden: 16, classes: 4 }),
  () => mlpTask({ rows: 128, inputs: 64, hidden: 128, classes: 10 }),
  () => cnnTask({ rows: 32, pixels: 28, channels: 8, classes: 10 }),
  () => layoutTask(2000),
];

// V8 compiles long functions beside the calls, for a tenth of a second
const effort: Effort = { rounds: 9, milliseconds: 4, warmUpMilliseconds: 400 };

const engines: readonly Engine[] = [javaScriptEngine, webAssembly()];
const [only = "", countText = "8"] = process.argv.slice(2);
const count = Number(countText);

for (const make of tasks) {
  const task = make();
  if (!task.name.includes(only)) continue;
  for (const engine of engines) console.log(task.name.padEnd(28), engine.name.padEnd(5), ratiosOf(task, engine));
}

function ratiosOf(task: Task, engine: Engine): string {
  const model = bindTask(task, { engine });
  const { flat } = model;
  const length = task.parameters.reduce((sum, parameter) => sum + lengthOf(parameter), 0);
  const X = normals(count * length, 21).map((z) => z / 8);
  const V = normals(count * length, 22);
  const H = new Float64Array(count * length);
  const losses = new Float64Array(count);
  const rows = (all: Float64Array) =>
    Array.from({ length: count }, (_, k) => all.subarray(k * length, (k + 1) * length));
  const [points, directions, results] = [rows(X), rows(V), rows(H)];
  // the sizes of models without data follow from a point
  flat.loss(points[0]!);
  const several = batch(model, count);
  const products = hvps(model, count);
  const each = (call: (k: number) => void) => () => {
    for (let k = 0; k < count; k++) call(k);
  };
  const pairs: Readonly<Record<string, readonly [() => void, () => void]>> = {
    "loss and gradient": [
      each((k) => {
        losses[k] = flat.lossAndGradient(points[k]!, results[k]!);
      }),
      () => several.lossAndGradient(X, losses, H),
    ],
    hvp: [each((k) => flat.hvp(points[k]!, directions[k]!, results[k]!)), () => several.hvp(X, V, H)],
    hvps: [each((k) => flat.hvp(points[0]!, directions[k]!, results[k]!)), () => products(points[0]!, V, H)],
  };
  return Object.entries(pairs)
    .map(([name, [single, together]]) => {
      const contenders = [single, together].map((run, k) => ({ name: String(k), run, result: () => H }));
      const [calls, at] = compare(contenders, effort);
      return `${name} ${at!.ratio[1].toFixed(2)} (${(calls!.microseconds / count).toPrecision(3)} us)`;
    })
    .join(", ");
}
