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

/** How long a row may take. */
export interface CompileEffort {
  /** Compiles that warm V8 up. A compiler has thousands of functions and none of them is hot: V8 is through with them after a thousand. */
  readonly warmUp: number;
  /** Measurements of each quantity. */
  readonly times: number;
  /** Milliseconds of CPU time that a row spends on warming up, and on each of its quantities; never less than `fewest` runs. */
  readonly longest: number;
}

export const thoroughCompile: CompileEffort = { warmUp: 1500, times: 200, longest: 40_000 };
export const quickCompile: CompileEffort = { warmUp: 1500, times: 20, longest: 10_000 };
const fewest = 3;

/** Which compiles are told of by themselves: as they come in a process that has just begun. */
export const early = [1, 10, 100] as const;

/** Medians of CPU time in milliseconds, warm. */
export interface CompileResult {
  readonly task: string;
  /** From text to the three functions, each generated and evaluated: the compiles of `early`, medians over those nearby; null: not reached. */
  readonly early: readonly (number | null)[];
  /** How many compiles came before those that are warm. */
  readonly warmUp: number;
  /** The same, warm. */
  readonly callable: number;
  /** The same, data bound, and each called once. */
  readonly called: number;
  /** The parts of `callable`. */
  readonly phases: Readonly<Record<Phase, number>>;
}

export function measureCompile(task: Task, { warmUp, times, longest }: CompileEffort): CompileResult {
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
  const timesOf = (run: () => void, most: number) => repeated(() => cpuTime(run) / 1000, most, longest);
  const before = timesOf(callable, warmUp);
  const warm = timesOf(callable, times);
  const parts = repeated(() => phasesOf(textOf(task.data)), times, longest);
  return {
    task: task.name,
    early: early.map((n) =>
      n > before.length ? null : median(before.slice(Math.floor(0.9 * (n - 1)), Math.ceil(1.1 * n))),
    ),
    warmUp: before.length,
    callable: median(warm),
    phases: forPhases((phase) => median(parts.map((part) => part[phase]))),
    // last: large data leaves caches cold and the collector busy
    called: median(timesOf(called, times)),
  };
}

/** What so many runs give, or as many as there is room for. */
function repeated<Result>(once: () => Result, times: number, longest: number): Result[] {
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
