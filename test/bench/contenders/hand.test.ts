import { describe, expect, it } from "vitest";
import { deviation } from "../measure/measure.ts";
import { tasks, vectorsOf } from "../tasks/tasks.ts";
import { bindTask } from "./nabla.ts";

/** Rounding, in two orders of summation. */
const tolerance = 1e-10;

describe("the hand-written programs of the benchmarks", () => {
  // the large graph of scalars is the small one again, ten times as long to compile
  for (const make of tasks.slice(0, -1)) {
    const task = make();
    it(`compute what nabla computes: ${task.name}`, () => {
      const { x, v } = vectorsOf(task);
      const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
      const { flat } = bindTask(task);
      const loss = flat.lossAndGradient(x, g);
      flat.hvp(x, v, h);
      for (const hand of task.hand) {
        const byHand = new Float64Array(x.length);
        expect(deviation([hand.lossAndGradient(x, byHand)], [loss]), hand.name).toBeLessThan(tolerance);
        expect(deviation(byHand, g), hand.name).toBeLessThan(tolerance);
        hand.hvp(x, v, byHand);
        expect(deviation(byHand, h), hand.name).toBeLessThan(tolerance);
      }
    });
  }
});
