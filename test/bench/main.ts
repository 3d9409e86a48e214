import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installedPeers, missingPackages } from "./contenders/peers/installed.ts";
import { median, quick, thorough } from "./measure/measure.ts";
import { chartOf } from "./parts/chart.ts";
import { type ColdResult, measureCold, nablaName } from "./parts/cold.ts";
import { type CompileResult, measureCompile, quickCompile, thoroughCompile } from "./parts/compile-time.ts";
import { type EvalResult, evalCases, measureEval } from "./parts/gradbench-times.ts";
import { measureTask, type TaskResult } from "./parts/runtime.ts";
import { measureScaling, type ScalingResult, slopeOf } from "./parts/scaling.ts";
import {
  coldName,
  coldTable,
  compileTable,
  evalTable,
  type OpenTable,
  runTimeTables,
  scalingTable,
} from "./parts/tables.ts";
import { isForPeers, tasks } from "./tasks/tasks.ts";

const help = `npm run bench -- [--only TEXT] [--quick] [--json] [--chart FILE]

Times nabla beside hand-written programs and, where npm ci --prefix test/bench has installed them, beside
@tensorflow/tfjs and @jax-js/jax, and C where a compiler is present. Ratios are to the first line of a table; see docs/benchmarks.md.

  --only TEXT   only the parts whose name contains TEXT: "run logistic 1000 x 20", "cold mlp", "compile", "gradbench", "scaling" ...
  --quick       fewer rounds, smaller sizes: about a minute
  --chart FILE  draws the ratios of "run" as SVG
  --json        results as JSON (npm run --silent bench -- --json)`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    chart: { type: "string" },
    help: { type: "boolean", default: false },
    // one part in a process of its own
    part: { type: "string" },
    argument: { type: "string", multiple: true, default: [] },
  },
});

if (options.help) console.log(help);
else if (options.part !== undefined) console.log(JSON.stringify(await runPart(options.part, options.argument)));
else runAll();

/** A fresh process: nothing is warm in it but what it warms itself. */
function inOwnProcess<Result>(part: string, ...args: string[]): Result {
  const main = fileURLToPath(import.meta.url);
  const command = [main, "--part", part, ...args.flatMap((argument) => ["--argument", argument])];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: "utf8", maxBuffer: 2 ** 26 })) as Result;
}

function runPart(part: string, args: readonly string[]): unknown {
  if (part === "scaling") {
    measureScaling(4000); // warms V8 up
    return measureScaling(Number(args[0]));
  }
  if (part === "gradbench") return measureEval(evalCases[Number(args[0])]!, args[1] === "quick" ? quick : thorough);
  const task = tasks[Number(args[0])]!();
  if (part === "run") return measureTask(task, args[1] === "quick" ? quick : thorough);
  if (part === "compile") return measureCompile(task, args[1] === "quick" ? quickCompile : thoroughCompile);
  return measureCold(task, args[1]!);
}

function runAll(): void {
  const wants = (name: string) => name.includes(options.only);
  const missing = missingPackages();
  if (missing.length > 0) console.error(`Without ${missing.join(", ")}: npm ci --prefix test/bench installs them.\n`);
  const named = tasks.map((make, index) => {
    const task = make();
    return { index: String(index), name: task.name, peers: isForPeers(task) ? installedPeers() : [] };
  });
  const showLine = (text: string) => (options.json ? undefined : console.log(text));
  const show = (text: string) => showLine(`${text}\n`);

  const machine = `${cpus().length} x ${cpus()[0]!.model.trim()}, Node ${process.versions.node}`;
  const date = new Date().toISOString().slice(0, 10);
  show(`${machine}, ${date}${options.quick ? ", --quick" : ""}`);
  const run: TaskResult[] = [];
  for (const { index } of named.filter(({ name }) => wants(`run ${name}`))) {
    run.push(inOwnProcess<TaskResult>("run", index, options.quick ? "quick" : "thorough"));
    show(runTimeTables(run.at(-1)!));
  }

  if (options.chart !== undefined && run.length > 0) writeFileSync(options.chart, chartOf(run, `${machine}, ${date}`));

  const evals = evalCases.flatMap(({ name }, index) =>
    wants(`gradbench ${name}`)
      ? inOwnProcess<EvalResult[]>("gradbench", String(index), options.quick ? "quick" : "thorough")
      : [],
  );
  if (evals.length > 0) show(evalTable(evals));

  /** Runs the parts in turn and prints the line of each as it comes. */
  const inTurn = <Part, Result>(table: OpenTable<Result>, parts: readonly Part[], measure: (part: Part) => Result) => {
    if (parts.length > 0) showLine(table.opening);
    const results = parts.map((part) => {
      const result = measure(part);
      showLine(table.line(result));
      return result;
    });
    if (parts.length > 0) showLine("");
    return results;
  };

  const compiled = named.filter(({ name }) => wants(`compile ${name}`));
  const compile = inTurn(compileTable(compiled.map(({ name }) => name)), compiled, ({ index }) =>
    inOwnProcess<CompileResult>("compile", index, options.quick ? "quick" : "thorough"),
  );

  const contenders = named
    .filter(({ name }) => wants(`cold ${name}`))
    .flatMap(({ index, name: task, peers }) => [nablaName, ...peers].map((name) => ({ index, task, name })));
  const cold = inTurn(coldTable(contenders.map(coldName)), contenders, ({ index, name }) =>
    coldOf(index, name, options.quick ? 1 : 5),
  );

  const sizes = !wants("scaling") ? [] : options.quick ? [1e3, 1e4, 1e5] : [1e3, 1e4, 1e5, 1e6];
  const scaling = inTurn(scalingTable(sizes), sizes, (operations) =>
    inOwnProcess<ScalingResult>("scaling", String(operations)),
  );
  const large = scaling.filter(({ operations }) => operations >= 1e4);
  if (large.length > 0)
    show(`Slope of log time over log size, from 10,000 operations on: ${slopeOf(large).toFixed(2)}.`);
  if (options.json)
    console.log(
      JSON.stringify({ machine, date, quick: options.quick, run, gradbench: evals, compile, cold, scaling }, null, 2),
    );
}

/** Medians over several fresh processes. */
function coldOf(task: string, contender: string, processes: number): ColdResult {
  const results = Array.from({ length: processes }, () => inOwnProcess<ColdResult>("cold", task, contender));
  const middle = (quantity: "lossAndGradient" | "hvp") => {
    const times = results.flatMap((result) => result[quantity] ?? []);
    return times.length > 0 ? median(times) : null;
  };
  return { ...results[0]!, lossAndGradient: middle("lossAndGradient"), hvp: middle("hvp") };
}
