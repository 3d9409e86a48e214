import type { CompilableModel } from "../../../src/compile/compile.ts";
import { type Expr, Graph } from "../../../src/ir/graph.ts";
import { Integer } from "../../../src/ir/integer.ts";
import { view } from "../../../src/ops/arrays/contractions.ts";
import { add, mul, sub } from "../../../src/ops/elementary/algebra.ts";
import { tanh } from "../../../src/ops/elementary/hyperbolic.ts";
import { sin } from "../../../src/ops/elementary/trigonometric.ts";
import { uniforms } from "./random.ts";

/** How many elements the packed parameter of a straight-line model has. */
export const straightLineInputs = 50;

/**
 * A model of `operations` scalar operations without loops, over the elements of one vector. Each takes two of the
 * recent results; products are of bounded functions, so that values and derivatives stay in range.
 */
export function straightLineModel(operations: number): CompilableModel {
  const graph = new Graph();
  const x = graph.param("x", [Integer.constant(straightLineInputs)]);
  const uniform = uniforms(7);
  const inputs = Array.from({ length: straightLineInputs }, (_, k) => view(x, [], [Integer.constant(k)]));
  const recent: Expr[] = [...inputs];
  const oneOf = (nodes: readonly Expr[]) => nodes[Math.floor(uniform() * nodes.length)]!;
  // inputs come in again and again: without them all values fade away
  const pick = () => oneOf(uniform() < 0.2 ? inputs : recent);
  let total: Expr = graph.constant(0);
  for (let made = 0; made < operations; ) {
    const kind = uniform();
    const a = pick();
    const b = pick();
    const [node, cost] =
      kind < 0.35
        ? [mul(0.5, add(a, b)), 2]
        : kind < 0.6
          ? [sub(a, mul(0.25, b)), 2]
          : kind < 0.8
            ? [mul(a, sin(b)), 2]
            : kind < 0.9
              ? [sin(add(a, b)), 2]
              : [tanh(sub(a, b)), 2];
    recent[Math.floor(uniform() * recent.length)] = node;
    total = add(total, node);
    made += cost + 1;
  }
  return {
    name: "straight line",
    graph,
    parameters: [{ name: "x", expr: x }],
    data: [],
    loss: total,
    outputs: new Map(),
  };
}
