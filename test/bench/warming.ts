import { compileModel } from "../../src/compile/compile.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { cpuTime } from "./measure/measure.ts";
import { straightLineInputs, straightLineModel } from "./tasks/straight-line.ts";

// Prints how long calls of a straight-line model's loss and gradient take as they are repeated: microseconds of CPU time a call, from one
// power of two to the next. The first call builds the function and is left out.

const operations = 10_000;
const engines = { JavaScript: {}, WebAssembly: { engine: webAssembly() } };
const rounds = Array.from({ length: 14 }, (_, k) => 2 ** k);

const model = straightLineModel(operations);
const columns = Object.values(engines).map((options) => {
  const { flat } = compileModel(model, options).bind({});
  const x = Float64Array.from({ length: straightLineInputs }, (_, k) => Math.sin(k));
  const g = new Float64Array(straightLineInputs);
  const run = () => {
    flat.lossAndGradient(x, g);
  };
  run();
  return rounds.map((calls) => cpuTime(run, calls) / calls);
});
console.log(`calls behind, us a call: ${Object.keys(engines).join(", ")}`);
for (const [k, calls] of rounds.entries())
  console.log(`${String(calls).padStart(6)} ${columns.map((times) => times[k]!.toFixed(1).padStart(8)).join(" ")}`);
