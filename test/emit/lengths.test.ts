import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** The operands of every length and direction in a function's code. */
function pointsIn(source: string): string[] {
  const body = source.slice(source.indexOf("_bound"));
  const calls = body.matchAll(
    /\b(?:polarRadius|sphericalRadius|direction|directionSine|spaceDirection\d|hypot)\(([^()]*)\)/g,
  );
  return [...calls].map(([, operands]) => operands!);
}

describe("the slopes of a length", () => {
  const spellings = ["x[i], y[j]", "y[j], x[i]", "x[i], y[j], x[i] * y[j]", "y[j], 3, x[i]"];

  it.each(spellings)("are of the same point in the same order, so that all take one root: hypot(%s)", (point) => {
    const { source } = compileText(
      `param x: [n], y: [n]\ndata z: [n, n]\nloss = sum(i, j: (hypot(${point}) - z[i, j])^2)`,
    );
    for (const name of ["lossAndGradient", "hvp"] as const) {
      const points = pointsIn(source(name));
      expect(points.length).toBeGreaterThan(2);
      expect(new Set(points).size).toBe(1);
    }
  });
});
