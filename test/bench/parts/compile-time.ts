import { derive, lowerFunction } from "../../../src/compile/derive.ts";
import { signatureOf } from "../../../src/compile/functions.ts";
import { compileJavaScript } from "../../../src/emit/javascript.ts";
import { loadModel } from "../../../src/model/load.ts";
import { parseModel } from "../../../src/model/syntax/parse.ts";
import { sizeHints } from "../../../src/rewrite/cost.ts";
import { simplify } from "../../../src/rewrite/rewrite.ts";
import { Settled } from "../../../src/rewrite/sweeps/settled.ts";
import { bindTask, compileText } from "../contenders/nabla.ts";
import { cpuTime, median } from "../measure/measure.ts";
import { textOf } from "../tasks/models.ts";
import { type Task, vectorsOf } from "../tasks/tasks.ts";

/** The functions that a caller of a model wants: loss, gradient and Hessian-vector product. */
const functions = ["loss", "gradient", "hvp"] as const;

/** Compiles that warm V8 up: a compiler has many functions, and none of them is hot. Those of long models are fewer. */
const warmUpCompiles = 200;
/** Milliseconds of CPU time that a row spends on warming up, and on each of its quantities; never less than `fewest`. */
const longest = 5_000;
const fewest = 3;

/** Medians of CPU time in milliseconds, warm. */
export interface CompileResult {
  readonly task: string;
  /** From text to the three functions, each generated and evaluated. */
  readonly callable: number;
  /** The same, data bound, and each called once. */
  readonly called: number;
  /** The parts of `callable`. */
  readonly phases: Readonly<Record<Phase, number>>;
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
  repeated(callable, warmUpCompiles);
  const parts = repeated(() => phasesOf(textOf(task.data)), times);
  return {
    task: task.name,
    callable: median(repeated(() => cpuTime(callable) / 1000, times)),
    phases: forPhases((phase) => median(parts.map((part) => part[phase]))),
    // last: large data leaves caches cold and the collector busy
    called: median(repeated(() => cpuTime(called) / 1000, times)),
  };
}

/** What so many runs give, or as many as `longest` has room for. */
function repeated<Result>(once: () => Result, times: number): Result[] {
  const results: Result[] = [];
  for (let spent = 0; results.length < times && (spent < longest || results.length < fewest); ) {
    spent += cpuTime(() => results.push(once())) / 1000;
  }
  return results;
}

export const phases = ["parse", "elaborate", "derive and simplify", "lower", "print and evaluate"] as const;
type Phase = (typeof phases)[number];
const forPhases = (value: (phase: Phase) => number) =>
  Object.fromEntries(phases.map((phase) => [phase, value(phase)])) as Record<Phase, number>;

/** One compile, taken apart. */
function phasesOf(text: string): Record<Phase, number> {
  const spent = forPhases(() => 0);
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
  // as a compiled model does: what simplifying one function teaches serves the others
  const hints = sizeHints(
    variables.map(({ expr }) => expr),
    model.sizes.hints,
  );
  const common = { level: "all", hints, settled: new Settled(model.graph) } as const;
  const loss = timed("derive and simplify", () => simplify([model.loss!], common)[0]!);
  const input = { ...common, graph: model.graph, loss, outputs: model.outputs, variables };
  for (const name of functions) {
    const derived = timed("derive and simplify", () => derive(name, input));
    const lowered = timed("lower", () => lowerFunction(derived, variables, { hints }));
    timed("print and evaluate", () => compileJavaScript(lowered.program, signatureOf(lowered, variables)));
  }
  return spent;
}
