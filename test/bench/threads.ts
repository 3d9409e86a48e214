import { availableParallelism, cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { compileModel } from "../../src/compile/compile.ts";
import type { Engine } from "../../src/compile/functions.ts";
import type { Inputs } from "../../src/compile/inputs/inputs.ts";
import { loadModel } from "../../src/model/load.ts";
import { threaded } from "../../src/threads-node.ts";
import { webAssembly } from "../../src/wasm.ts";
import { median } from "./measure/measure.ts";
import { modelTexts } from "./tasks/models.ts";
import { normals } from "./tasks/random.ts";

const help = `node test/bench/run.mjs threads [--threads 2,4] [--rounds N] [--turn MS] [--only TEXT]

Times of calls on several threads against WebAssembly on one, in one process, in rounds in which every contender has its turn: how much
faster by the clock (the best round against the best round, and the median of the rounds' ratios), and what processor time
all threads together take.`;

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: String(availableParallelism()) },
    rounds: { type: "string", default: "40" },
    only: { type: "string", default: "" },
    turn: { type: "string", default: "15" },
    help: { type: "boolean", default: false },
  },
});

interface Task {
  readonly name: string;
  readonly text: string;
  readonly inputs: Inputs;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly parameters: number;
}

const labels = (count: number) => Int32Array.from({ length: count }, (_, k) => (k * k + 3) % 10);

const tasks: readonly Task[] = [
  {
    name: "logistic 10000 x 100",
    text: modelTexts.logistic,
    inputs: { X: { data: normals(1e6, 1), shape: [10_000, 100] }, y: normals(10_000, 2).map((z) => (z > 0 ? 1 : -1)) },
    parameters: 101,
  },
  {
    name: "mlp 64-128-10 batch 1024",
    text: modelTexts.mlp,
    inputs: { X: { data: normals(1024 * 64, 3), shape: [1024, 64] }, label: labels(1024) },
    sizes: { h: 128, c: 10 },
    parameters: 64 * 128 + 128 + 128 * 10 + 10,
  },
  {
    name: "cnn 28 x 28 batch 128",
    text: modelTexts.cnn,
    inputs: { images: { data: normals(128 * 784, 8), shape: [128, 28, 28] }, label: labels(128) },
    parameters: 72 + 8 + 13 * 13 * 8 * 10 + 10,
  },
  {
    name: "A @ B, 512 x 512",
    text: "model product\nparam A: [n, n]\ndata B: [n, n]\nloss = sum((A @ B)^2)\n",
    inputs: { B: { data: normals(512 * 512, 2), shape: [512, 512] } },
    parameters: 512 * 512,
  },
];

/** Milliseconds that a contender runs in a round, about. */
const turn = Number(options.turn);

if (options.help) console.log(help);
else await measureAll();

async function measureAll(): Promise<void> {
  const counts = options.threads.split(",").map(Number);
  const load = () => loadavg()[0]!.toFixed(1);
  const machine = `${cpus().length} x ${cpus()[0]!.model.trim()}, Node ${process.versions.node}`;
  console.log(`${machine}, ${new Date().toISOString().slice(0, 10)}, load ${load()} at the beginning\n`);
  console.log("| task | function | one thread, ms | threads | best | median | processor time |");
  console.log("|---|---|---:|---:|---:|---:|---:|");
  for (const task of tasks.filter(({ name }) => name.includes(options.only))) await measure(task, [1, ...counts]);
  console.log(`\nload ${load()} at the end`);
}

async function measure(task: Task, counts: readonly number[]): Promise<void> {
  const engines = counts.map((threads) => threaded({ threads }));
  const contenders: Engine[] = [webAssembly(), ...engines];
  const functions = contenders.map((engine) => functionsOf(task, engine));
  for (const name of ["lossAndGradient", "hvp"] as const) {
    const runs = functions.map((each) => each[name]);
    for (const run of runs) run();
    await sleep(200);
    const start = performance.now();
    for (let k = 0; k < 5; k++) runs[0]!();
    const calls = Math.max(1, Math.round((5 * turn) / (performance.now() - start)));
    const times = runs.map((): number[] => []);
    const processor = runs.map((): number[] => []);
    for (let round = 0; round < Number(options.rounds) + 3; round++) {
      for (const [k, run] of runs.entries()) {
        const [clock, cpu] = [performance.now(), process.cpuUsage()];
        for (let call = 0; call < calls; call++) run();
        const { user, system } = process.cpuUsage(cpu);
        // the first rounds are V8's
        if (round < 3) continue;
        times[k]!.push((performance.now() - clock) / calls);
        processor[k]!.push((user + system) / 1000 / calls);
      }
    }
    const best = times.map((list) => Math.min(...list));
    for (const [k, threads] of counts.entries()) {
      const ratios = times[k + 1]!.map((time, round) => times[0]![round]! / time);
      const share = median(processor[k + 1]!.map((time, round) => time / processor[0]![round]!));
      const cells = [
        task.name,
        name,
        best[0]!.toFixed(2),
        threads,
        `${(best[0]! / best[k + 1]!).toFixed(2)}x`,
        `${median(ratios).toFixed(2)}x`,
        share.toFixed(2),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
  for (const engine of engines) engine.close();
}

function functionsOf({ name, text, inputs, sizes, parameters }: Task, engine: Engine) {
  const { flat } = compileModel(loadModel({ name, text }), { engine }).bind(inputs, sizes);
  const x = normals(parameters, 5).map((z) => 0.1 * z);
  const v = normals(parameters, 6);
  const [g, h] = [new Float64Array(parameters), new Float64Array(parameters)];
  return { lossAndGradient: () => flat.lossAndGradient(x, g), hvp: () => flat.hvp(x, v, h) };
}
