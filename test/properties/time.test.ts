import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { lower } from "../../src/lower/lower.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { scalarGraph } from "../generators/scalar.ts";

// Property 21: compile time grows in proportion to the graph.

/** Processor time of this process: other work on the machine does not count. */
function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Builds, differentiates and simplifies a graph. */
function derive(count: number): Expr[] {
  const { loss, x } = scalarGraph(count);
  return simplify([loss, ...gradient(loss, [x])], { last: true });
}

function compile(roots: readonly Expr[]): void {
  const program = lower(roots.map((node, k) => ({ name: `root${k}`, node })));
  const outputs = program.buffers.filter(({ role }) => role === "output");
  compileJavaScript(program, { name: "roots", packed: [], separate: outputs });
}

/** Seconds to derive and to compile a graph of about `count` nodes. */
function timesFor(count: number): { derive: number; compile: number } {
  const start = seconds();
  const roots = derive(count);
  const middle = seconds();
  compile(roots);
  return { derive: middle - start, compile: seconds() - middle };
}

/** log(time ratio) / log(size ratio): 1 for time in proportion. */
const slope = (times: readonly number[], sizes: readonly number[]) =>
  Math.log(times[1]! / times[0]!) / Math.log(sizes[1]! / sizes[0]!);

const steepest = 1.15;

/** The slope by the least times of up to three rounds: other work on the machine takes caches and memory from what needs most of them, and only ever adds. */
function leastSlope(sizes: readonly number[], timed: (count: number) => number): { slope: number; times: number[] } {
  const times = sizes.map(timed);
  for (let round = 1; round < 3 && slope(times, sizes) >= steepest; round++)
    for (const [k, size] of sizes.entries()) times[k] = Math.min(times[k]!, timed(size));
  return { slope: slope(times, sizes), times };
}

describe("time over nodes", () => {
  it("grows in proportion up to 1e5 nodes, to derivatives and to code", { timeout: 120_000 }, () => {
    timesFor(1000);
    for (const part of ["derive", "compile"] as const) {
      const least = leastSlope([10_000, 100_000], (count) => timesFor(count)[part]);
      expect(least.slope, `${part} ${JSON.stringify(least.times)}`).toBeLessThan(steepest);
    }
  });

  it("grows in proportion up to 1e6 nodes", { timeout: 600_000 }, () => {
    const least = leastSlope([100_000, 1_000_000], (count) => {
      const start = seconds();
      derive(count);
      return seconds() - start;
    });
    expect(least.slope, JSON.stringify(least.times)).toBeLessThan(steepest);
  });
});
