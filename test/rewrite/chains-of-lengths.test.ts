import { describe, expect, it } from "vitest";
import { compile } from "../../src/index.ts";
import { loadModel } from "../../src/language/all.ts";

/** How many nodes it takes to compile a chain of steps, each a function of the one before, S, and of data, X. */
function nodesOf(step: string, length: number): number {
  const steps = Array.from({ length }, (_, k) => {
    const of = { S: `s${k}`, X: `x[${k % 3}]` };
    return `let s${k + 1} = ${step.replace(/[SX]/g, (name) => of[name as keyof typeof of])}`;
  });
  const text = ["param x: [3]", "let s0 = x[0]", ...steps, `loss = s${length}`].join("\n");
  const model = loadModel({ name: "chain", text });
  const compiled = compile(model);
  const at = { x: [0.7, 0.5, 0.3] };
  compiled.lossAndGradient(at);
  compiled.hvp(at, { x: [1, 1, 1] });
  // ids count upwards: that of a new node tells how many there are
  return model.graph.constant(0.123456789).id;
}

// Rules that look into what nodes are made of find both sides of choices, and those of choices within them.
describe("a chain of functions", () => {
  it.each([["norm([S, X])/S"], ["hypot(S, X)"], ["X * abs(S)/(1 + S^2)"], ["sqrt(1 + abs(S)) - S"]])(
    "takes nodes in proportion to its length: %s",
    (step) => {
      const [short, long] = [nodesOf(step, 8), nodesOf(step, 24)];
      expect(long / short).toBeLessThan(4);
    },
  );
});
