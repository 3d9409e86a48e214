import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine, type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import type { Inputs } from "../../src/compile/inputs/inputs.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { loadModel } from "../../src/model/load.ts";
import { compare, type Effort } from "./measure/measure.ts";
import { modelTexts } from "./tasks/models.ts";
import { normals } from "./tasks/random.ts";

// Which engine `webAssembly()` chooses for models of sizes from 1 to 1e6, beside the times of both and, of small sizes, of closures:
// `node test/bench/run.mjs engines [TEXT]`, for models with that text in their names. The last line is how often the choice is within
// 1.15 of the faster engine.

interface Sweep {
  readonly text: string;
  readonly sizes: readonly number[];
  readonly at: (n: number) => {
    readonly inputs: Inputs;
    readonly sizes?: Readonly<Record<string, number>>;
    readonly length: number;
  };
}

const matrix = (rows: number, columns: number, seed: number) => ({
  data: normals(rows * columns, seed),
  shape: [rows, columns],
});
const signs = (n: number) => normals(n, 2).map((z) => (z > 0 ? 1 : -1));
const vector = (n: number) => ({ inputs: {}, sizes: { n }, length: n });

const lengths = [1, 16, 64, 256, 1024, 65_536, 1_000_000];
const sweeps: Readonly<Record<string, Sweep>> = {
  "sum of squares": { text: "param x: [n]\nloss = sum(x^2)", sizes: lengths, at: vector },
  rosenbrock: { text: modelTexts.rosenbrock, sizes: lengths.filter((n) => n > 1), at: vector },
  "sum of exp": { text: "param x: [n]\nloss = sum(exp(x)) + 0.5 * dot(x, x)", sizes: lengths, at: vector },
  "sum of sin and log": { text: "param x: [n]\nloss = sum(log(1 + x^2) * sin(x))", sizes: lengths, at: vector },
  "sum of lgamma": {
    text: "param x: [n]\nloss = sum(lgamma(2 + x^2))",
    sizes: lengths.filter((n) => n < 1e5),
    at: vector,
  },
  logistic: {
    text: modelTexts.logistic,
    sizes: [1, 3, 10, 100, 10_000],
    at: (n) => ({ inputs: { X: matrix(n, 10, 1), y: signs(n) }, length: 11 }),
  },
  "least squares": {
    text: "param w: [d]\ndata X: [n, d], y: [n]\nloss = sum((X @ w - y)^2)",
    sizes: [1, 3, 10, 100, 10_000],
    at: (n) => ({ inputs: { X: matrix(n, 6, 1), y: signs(n) }, length: 6 }),
  },
  perceptron: {
    text: modelTexts.mlp,
    sizes: [1, 2, 4, 8, 32, 256],
    at: (n) => ({
      inputs: { X: matrix(n, 6, 3), label: Int32Array.from({ length: n }, (_, k) => k % 3) },
      sizes: { h: 8, c: 3 },
      length: 6 * 8 + 8 + 8 * 3 + 3,
    }),
  },
  product: {
    text: "param A: [n, n]\ndata B: [n, n]\nloss = sum((A @ B)^2)",
    sizes: [1, 2, 3, 4, 6, 8, 16, 64, 256],
    at: (n) => ({ inputs: { B: matrix(n, n, 2) }, length: n * n }),
  },
  recurrence: {
    text: "param A: [k, k], h: [k]\nsize n\nloss = sum(scan(i in 0..n, z = h: tanh(A @ z))^2)",
    sizes: [1, 3, 10, 30, 100, 1000],
    at: (n) => ({ inputs: {}, sizes: { n, k: 4 }, length: 20 }),
  },
};

/** Closures are too slow to be asked often for more. */
const mostInterpreted = 1024;
const effort: Effort = { rounds: 9, milliseconds: 2, warmUpMilliseconds: 80 };
const [only = ""] = process.argv.slice(2);
const choices: number[] = [];

for (const [name, { text, sizes, at }] of Object.entries(sweeps)) {
  if (!name.includes(only)) continue;
  const model = loadModel({ name, text: `model sweep\n${text.replace(/^model.*\n/, "")}` });
  for (const n of sizes) {
    const { inputs, sizes: given = {}, length } = at(n);
    for (const form of ["lossAndGradient", "hvp"] as const) {
      const x = normals(length, 4).map((z) => z / 4);
      const [v, g] = [normals(length, 5), new Float64Array(length)];
      const runOf = (engine: Engine) => {
        const { flat } = compileModel(model, { engine }).bind(inputs, given);
        return form === "hvp" ? () => flat.hvp(x, v, g) : () => void flat.lossAndGradient(x, g);
      };
      let chosen = "js";
      const auto = webAssembly();
      const watched: Engine = {
        ...auto,
        choose: (program, values, signature) => {
          const choice = auto.choose?.(program, values, signature);
          chosen = choice ? "wasm" : "js";
          return choice;
        },
      };
      runOf(watched)();
      const interpreted = n <= mostInterpreted ? { closures: closureEngine } : {};
      const engines = { js: javaScriptEngine, wasm: webAssembly({ use: "always" }), ...interpreted };
      const contenders = Object.entries(engines).map(([each, engine]) => {
        const warmUpCalls = each === "closures" ? 300 : 3000;
        return { name: each, run: runOf(engine), result: () => g, warmUpCalls };
      });
      const [js, wasm, closures] = compare(contenders, effort);
      const ratio = wasm!.ratio[1];
      const loss = chosen === "js" ? Math.max(1, 1 / ratio) : Math.max(1, ratio);
      choices.push(loss);
      const times = [js, wasm, closures].map((each) => (each?.microseconds.toPrecision(3) ?? "").padStart(8)).join(" ");
      console.log(
        name.padEnd(20),
        String(n).padStart(8),
        form.padEnd(16),
        times,
        ratio.toFixed(2).padStart(6),
        chosen,
        loss.toFixed(2),
      );
    }
  }
}
const within = choices.filter((loss) => loss <= 1.15).length;
console.log(
  `${within} of ${choices.length} choices within 1.15 of the faster engine, the worst ${Math.max(...choices).toFixed(2)}`,
);
