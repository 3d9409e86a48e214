import { describe, expect, it } from "vitest";
import { Graph } from "../../src/ir/graph.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { exp, log } from "../../src/ops/elementary/exponential.ts";
import { structural } from "../../src/rewrite/rule.ts";
import { alone, granted } from "./context.ts";

describe("a rule as a function", () => {
  const graph = new Graph();
  const [x, y] = [graph.param("x", []), graph.param("y", [])];
  const ofProducts = structural("sample", { roots: [log], operands: [mul] }, ({ operands: [product] }) => product);
  const ofEither = structural("sample", { roots: [log], operands: [[mul, exp]] }, (node) => node);

  it("is asked of nodes with the operands that it needs", () => {
    const product = mul(x, y);
    expect(ofProducts.apply(log(product), alone(graph, granted))).toBe(product);
    expect(ofEither.apply(log(exp(x)), alone(graph, granted))).toBe(log(exp(x)));
  });

  it("is asked of no others, wherever a table tries it", () => {
    for (const rule of [ofProducts, ofEither]) {
      for (const operand of [add(x, y), x]) expect(rule.apply(log(operand), alone(graph, granted))).toBeUndefined();
    }
  });
});
