import { compileModel } from "../../../src/compile/compile.ts";
import { type Engine, javaScriptEngine } from "../../../src/compile/functions.ts";
import type { Inputs } from "../../../src/compile/inputs/inputs.ts";
import { webAssembly } from "../../../src/compile/web-assembly.ts";
import { loadModel } from "../../../src/model/load.ts";
import { threaded } from "../../../src/threads-node.ts";
import { modelTexts } from "../tasks/models.ts";
import { normals } from "../tasks/random.ts";

// Runs in a process of its own, with --expose-gc and a young generation large enough for what one chunk of calls
// could allocate. Prints the bytes that a call allocates, by form and model, as JSON.

declare const gc: (options: { type: "minor" }) => void;

const calls = 100_000;
const callsInChunk = 1000;
/** Calls that are long enough for threads are fewer. */
const longCalls = { warm: 5000, measured: 2000 };
const shortCalls = { warm: calls / 5, measured: calls };
/** V8 compiles beside the calls: on a busy machine many more calls are made before its code is there. */
const patience = { chunks: 10, milliseconds: 5000, bytes: 24 };

interface Case {
  readonly group: keyof typeof modelTexts;
  readonly inputs: Inputs;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const long: Case = {
  group: "logistic",
  inputs: { X: { data: normals(2000 * 20, 1), shape: [2000, 20] }, y: normals(2000, 2) },
  shapes: { w: [20], b: [] },
};

const cases: readonly Case[] = [
  {
    group: "logistic",
    inputs: { X: { data: normals(60, 1), shape: [12, 5] }, y: normals(12, 2) },
    shapes: { w: [5], b: [] },
  },
  { group: "rosenbrock", inputs: {}, shapes: { x: [100] } },
  {
    group: "mlp",
    inputs: { X: { data: normals(12, 1), shape: [4, 3] }, label: Int32Array.of(0, 1, 1, 0) },
    shapes: { W1: [3, 4], b1: [4], W2: [4, 2], b2: [2] },
  },
];

const engines: Readonly<Record<string, Engine>> = { js: javaScriptEngine, wasm: webAssembly({ use: "always" }) };

const threads = threaded({ use: "always", threads: 2 });

console.log(
  JSON.stringify(
    Object.fromEntries([
      ...Object.entries(engines).flatMap(([name, engine]) =>
        cases.flatMap((each) => bytesOf(each, engine, shortCalls)).map(([form, bytes]) => [`${name}: ${form}`, bytes]),
      ),
      ...bytesOf(long, threads, longCalls, ["flat.lossAndGradient", "flat.hvp"]).map(([form, bytes]) => [
        `threads: ${form}`,
        bytes,
      ]),
    ]),
  ),
);

function bytesOf(
  { group, inputs, shapes }: Case,
  engine: Engine,
  calls: typeof shortCalls,
  wanted?: readonly string[],
): [string, number][] {
  const compiled = compileModel(loadModel({ name: group, text: modelTexts[group] }), { engine });
  const bound = compiled.bind(inputs);
  const vectors = (seed: number) =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        normals(
          shape.reduce((length, size) => length * size, 1),
          seed,
        ),
      ]),
    );
  const [params, direction, product] = [vectors(3), vectors(4), vectors(5)];
  const out = { loss: 0, gradient: vectors(6) };
  const x = bound.pack(params);
  const v = bound.pack(direction);
  const g = new Float64Array(x.length);
  const H = new Float64Array(x.length ** 2);
  const { flat } = bound;
  const forms: Record<string, () => void> = {
    "bound.lossAndGradient": () => bound.lossAndGradient(params, out),
    "bound.gradient": () => bound.gradient(params, out.gradient),
    "bound.hvp": () => bound.hvp(params, direction, product),
    "flat.loss": () => flat.loss(x),
    "flat.lossAndGradient": () => flat.lossAndGradient(x, g),
    "flat.hvp": () => flat.hvp(x, v, g),
    "flat.hessian": () => flat.hessian(x, H),
  };
  return Object.entries(forms)
    .filter(([form]) => wanted?.includes(form) ?? true)
    .map(([form, run]) => [`${group}: ${form}`, bytesPerCall(run, calls)]);
}

function bytesPerCall(run: () => void, { warm, measured }: typeof shortCalls): number {
  repeat(run, warm);
  const end = performance.now() + patience.milliseconds;
  for (let quiet = 0; quiet < patience.chunks && performance.now() < end; )
    quiet = bytesOfChunk(run) > patience.bytes * callsInChunk ? 0 : quiet + 1;
  let grown = 0;
  for (let chunk = 0; chunk < measured / callsInChunk; chunk++) grown += bytesOfChunk(run);
  return grown / measured;
}

function bytesOfChunk(run: () => void): number {
  gc({ type: "minor" });
  const before = process.memoryUsage().heapUsed;
  repeat(run, callsInChunk);
  return process.memoryUsage().heapUsed - before;
}

function repeat(run: () => void, times: number): void {
  for (let call = 0; call < times; call++) run();
}
