import { minimizeSync, type OptimizerState, optimizerNamed } from "../../src/optimize.ts";
import { n, options, oracle } from "./cheap-oracle.ts";

// Prints, by method, the microseconds of processor time that a step takes with the driver and without it, as JSON. Without it
// the method's step is called by itself: the oracle and the method's own arithmetic are all there is.

const names = ["sgd", "momentum", "adam", "lbfgs", "cg", "bfgs"];
const steps: Readonly<Record<string, number>> = { bfgs: 10, lbfgs: 60, cg: 60 };
const rounds = 16;
const start = new Float64Array(n).fill(1);

function microseconds(run: () => number): number {
  const before = process.cpuUsage();
  const made = run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / made;
}

function measured(name: string): { driven: number; bare: number } {
  const optimizer = optimizerNamed(name, options[name]);
  const iterations = steps[name] ?? 500;
  const driven = () =>
    minimizeSync(optimizer, oracle, start, { limits: { iterations }, tolerances: { gradient: 0 } }).iterations;
  const bare = () => {
    let state: OptimizerState = optimizer.init(oracle, start);
    let spare: OptimizerState | undefined;
    for (let made = 0; made < iterations; made++) {
      const result = optimizer.step(state, oracle, spare);
      if (!result.ok) return made;
      spare = state;
      state = result.state;
    }
    return iterations;
  };
  const times = Array.from({ length: rounds }, () => ({ driven: microseconds(driven), bare: microseconds(bare) }));
  // other processes make times longer, never shorter
  return {
    driven: Math.min(...times.map((time) => time.driven)),
    bare: Math.min(...times.map((time) => time.bare)),
  };
}

console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, measured(name)]))));
