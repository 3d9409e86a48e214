import { derive, lowerFunction } from "../../src/compile/derive.ts";
import { signatureOf } from "../../src/compile/functions.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { loadModel } from "../../src/model/load.ts";
import { parseModel } from "../../src/model/parse.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { cpuTime, median } from "./measure.ts";
import { textOf } from "./models.ts";
import { bindTask, compileText } from "./nabla.ts";
import { type Task, vectorsOf } from "./tasks.ts";

/** The functions that a caller of a model wants: loss, gradient and Hessian-vector product. */
const functions = ["loss", "gradient", "hvp"] as const;

/** Compiles that warm V8 up: a compiler has many functions, and none of them is hot. */
const warmUpCompiles = 200;

/** Medians of CPU time in milliseconds, warm. */
export interface CompileResult {
  readonly task: string;
  /** From text to the three functions, each generated and evaluated. */
  readonly callable: number;
  /** The same, data bound, and each called once. */
  readonly called: number;
  /** The parts of `callable`. */
  readonly phases: Readonly<Record<string, number>>;
}

export function measureCompile(task: Task, times: number): CompileResult {
  const { x, v } = vectorsOf(task);
  const out = new Float64Array(x.length);
  const callable = () => {
    const compiled = compileText(task.data);
    for (const name of functions) compiled.source(name);
  };
  const called = () => {
    const { flat } = bindTask(task);
    flat.loss(x);
    flat.gradient(x, out);
    flat.hvp(x, v, out);
  };
  for (let compile = 0; compile < warmUpCompiles; compile++) callable();
  const repeated = <T>(once: () => T): T[] => Array.from({ length: times }, once);
  const parts = repeated(() => phasesOf(textOf(task.data)));
  return {
    task: task.name,
    callable: median(repeated(() => cpuTime(callable) / 1000)),
    phases: Object.fromEntries(phases.map((phase) => [phase, median(parts.map((part) => part[phase]))])),
    // last: large data leaves caches cold and the collector busy
    called: median(repeated(() => cpuTime(called) / 1000)),
  };
}

const phases = ["parse", "elaborate", "derive and simplify", "lower", "print and evaluate"] as const;
type Phase = (typeof phases)[number];

/** One compile, taken apart. */
function phasesOf(text: string): Record<Phase, number> {
  const spent = Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>;
  const timed = <T>(phase: Phase, run: () => T): T => {
    let result: T | undefined;
    spent[phase] +=
      cpuTime(() => {
        result = run();
      }) / 1000;
    return result as T;
  };
  const source = { name: "model.nabla", text };
  timed("parse", () => parseModel(source));
  const model = timed("elaborate", () => loadModel(source));
  spent.elaborate -= spent.parse;
  const variables = model.parameters.map(({ name, expr }) => ({ name, expr }));
  const loss = timed("derive and simplify", () => simplify([model.loss!], { level: "all" })[0]!);
  const input = { graph: model.graph, loss, outputs: model.outputs, variables, level: "all" } as const;
  for (const name of functions) {
    const derived = timed("derive and simplify", () => derive(name, input));
    const lowered = timed("lower", () => lowerFunction(derived, variables));
    timed("print and evaluate", () => compileJavaScript(lowered.program, signatureOf(lowered, variables)));
  }
  return spent;
}
