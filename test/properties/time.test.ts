import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { add, mul } from "../../src/ops/algebra.ts";
import { view } from "../../src/ops/contractions.ts";
import { sin } from "../../src/ops/trigonometric.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

// Property 21: compile time grows in proportion to the graph.

/** Deterministic whole numbers below a limit. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A scalar graph of about `count` nodes over 50 inputs; each node reads two of the last 60. */
function scalarGraph(count: number): { loss: Expr; x: Expr } {
  const next = numbers(12345);
  const x = new Graph().param("x", [Integer.constant(50)]);
  const pool: Expr[] = Array.from({ length: 50 }, (_, k) => view(x, [], [Integer.constant(k)]));
  const recent = () => pool[Math.max(0, pool.length - 1 - next(60))]!;
  while (pool.length < count) {
    const [a, b] = [recent(), recent()];
    pool.push(next(5) === 0 ? sin(a) : next(2) === 0 ? add(a, b) : mul(0.5, mul(a, b)));
  }
  return { loss: add(pool[pool.length - 1]!, pool[pool.length - 2]!), x };
}

/** Processor time of this process: other work on the machine does not count. */
function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface Times {
  readonly graph: number;
  readonly code: number;
}

function timesFor(count: number, hasCode: boolean): Times {
  const start = seconds();
  const { loss, x } = scalarGraph(count);
  const roots = simplify([loss, ...gradient(loss, [x])], { last: true });
  const middle = seconds();
  if (hasCode) {
    const program = lower(roots.map((node, k) => ({ name: `root${k}`, node })));
    const outputs = program.buffers.filter(({ role }) => role === "output");
    compileJavaScript(program, { name: "roots", packed: [], separate: outputs });
  }
  return { graph: middle - start, code: seconds() - middle };
}

it("x", () => {
  for (const c of [1000, 10_000, 30_000, 100_000, 300_000]) console.log(c, timesFor(c, true));
  console.log(1e6, timesFor(1e6, false));
}, 200000);

describe("compile time", () => {});
