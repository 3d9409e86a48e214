import { describe, expect, it } from "vitest";
import { digamma, lgamma } from "../../src/ops/special/gamma.ts";
import { gammaStep, logBeta } from "../../src/ops/special/gamma-steps.ts";

/** x and y with y of either sign, and negative x, which samples of the domain leave out. */
const points = [
  [2, -1.7],
  [-0.3, -0.5],
  [30, -12],
  [30, -0.1],
  [-2.5, 0.3],
  [0.4, 3],
] as const;

describe("steps of lgamma and digamma", () => {
  it.each(points)("are differences, also back and left of 0: from %d by %d", (x, y) => {
    for (const [order, f] of [lgamma, digamma].entries()) {
      const plain = Number(f.primitive.real(x + y)) - Number(f.primitive.real(x));
      expect(Math.abs(Number(gammaStep(order + 1).primitive.real(x, y)) / plain - 1)).toBeLessThan(1e-11);
    }
    const beta = [x, y, x + y].map((each) => Number(lgamma.primitive.real(each)));
    expect(Number(logBeta.primitive.real(x, y))).toBeCloseTo(beta[0]! + beta[1]! - beta[2]!, 10);
  });
});
