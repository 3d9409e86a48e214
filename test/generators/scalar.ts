import { allExtensions } from "../../src/extensions/all.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { view } from "../../src/ops/arrays/contractions.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";

/** Deterministic whole numbers below a limit. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A scalar graph of about `count` nodes over 50 inputs; each node reads two of the last 60. */
export function scalarGraph(count: number): { readonly loss: Expr; readonly x: Expr } {
  const next = numbers(12345);
  const x = new Graph(allExtensions).param("x", [Integer.constant(50)]);
  const pool: Expr[] = Array.from({ length: 50 }, (_, k) => view(x, [], [Integer.constant(k)]));
  const recent = () => pool[Math.max(0, pool.length - 1 - next(60))]!;
  while (pool.length < count) {
    const [a, b] = [recent(), recent()];
    pool.push(next(5) === 0 ? sin(a) : next(2) === 0 ? add(a, b) : mul(0.5, mul(a, b)));
  }
  return { loss: add(pool[pool.length - 1]!, pool[pool.length - 2]!), x };
}
