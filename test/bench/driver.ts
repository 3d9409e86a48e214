import { minimizeSync, type OptimizerState, optimizerNamed } from "../../src/optimize.ts";
import { n, options, oracle } from "./tasks/cheap-oracle.ts";

// Prints, by method, the microseconds of processor time that a step takes with the driver and without it, as JSON. Without it
// the method's step is called by itself: the oracle and the method's own arithmetic are all there is.

const names = ["sgd", "momentum", "adam", "lbfgs", "cg", "bfgs"];
const steps: Readonly<Record<string, number>> = { bfgs: 10, lbfgs: 60, cg: 60 };
/** A busy machine needs more rounds until each of the two has had its time alone: as many as it takes, up to the most. */
const rounds = { least: 16, most: 160 };
const wanted = 1.08;
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
  // other processes make times longer, never shorter
  const least = { driven: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds.most; round++) {
    if (round >= rounds.least && least.driven < wanted * least.bare) break;
    least.driven = Math.min(least.driven, microseconds(driven));
    least.bare = Math.min(least.bare, microseconds(bare));
  }
  return least;
}

console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, measured(name)]))));
