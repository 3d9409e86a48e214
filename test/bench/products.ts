import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { webAssembly } from "../../src/wasm.ts";
import { cpuTime, median } from "./measure/measure.ts";
import { normals } from "./tasks/random.ts";

// Billions of floating-point operations a second in products of square matrices, through the engine of WebAssembly:
// `node test/bench/run.mjs products`. The loss and its gradient by one factor are two products and a pass over squares.

const text = "param A: [n, n]\nparam B: [n, n]\nloss = sum((A @ B)^2)\n";
const model = loadModel({ name: "product.nabla", text });
const rounds = 15;

function rate(by: "A" | "B", fused: boolean, n: number): number {
  const compiled = compileModel(model, { wrt: [by], engine: webAssembly({ use: "always", fused }) });
  const other = by === "A" ? "B" : "A";
  const { flat } = compiled.bind({ [other]: { data: normals(n * n, 2), shape: [n, n] } }, { n });
  const x = normals(n * n, 1);
  const gradient = new Float64Array(n * n);
  const calls = Math.ceil(4e8 / (4 * n ** 3));
  const run = () => flat.lossAndGradient(x, gradient);
  cpuTime(run, calls); // warms up
  const times = Array.from({ length: rounds }, () => cpuTime(run, calls) / calls);
  return (4 * n ** 3) / median(times) / 1000;
}

for (const n of [128, 512]) {
  for (const by of ["A", "B"] as const) {
    const [plain, fused] = [rate(by, false, n), rate(by, true, n)];
    const products = by === "A" ? "A B and C B'" : "A B and A'C";
    console.log(`${n} rows, ${products}: ${plain.toFixed(1)} GFLOP/s, ${fused.toFixed(1)} where relaxed SIMD may fuse`);
  }
}
