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

describe("time over nodes", () => {
  it("grows in proportion up to 1e5 nodes, to derivatives and to code", { timeout: 120_000 }, () => {
    const sizes = [10_000, 100_000];
    timesFor(1000);
    const times = sizes.map(timesFor);
    const slopes = (["derive", "compile"] as const).map((part) =>
      slope(
        times.map((each) => each[part]),
        sizes,
      ),
    );
    for (const each of slopes) expect(each, JSON.stringify(times)).toBeLessThan(steepest);
  });

  it("grows in proportion up to 1e6 nodes", { timeout: 600_000 }, () => {
    const sizes = [100_000, 1_000_000];
    const times = sizes.map((count) => {
      const start = seconds();
      derive(count);
      return seconds() - start;
    });
    expect(slope(times, sizes), JSON.stringify(times)).toBeLessThan(steepest);
  });
});
