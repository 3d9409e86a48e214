import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { graphLaws } from "../../src/check/laws.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { operations } from "../../src/ops/registry.ts";
import { forPrograms, seed } from "./subject.ts";

// Properties 1, 2, 3, 19: what the interpreter alone can judge, on random programs.

describe.each(graphLaws)("$name", ({ statement, compare }) => {
  it(statement, () => {
    forPrograms(300, ({ derivatives, at }) => compare(derivatives, at));
  });
});

describe("the complex run", () => {
  // property 16: choices go by real parts, so that the real part follows the real run
  it("has the real run as its real part", () => {
    forPrograms(300, ({ derivatives: { loss, gradient }, at }) => {
      const roots = [loss, ...gradient];
      const real = at.real(roots).flat();
      const complex = at.complex(roots, 2 ** -332).flat();
      return complex.map(({ re }, k) => ({
        where: `${k}`,
        got: re,
        expected: real[k]!,
        tolerance: 2 ** -50 * Math.abs(real[k]!) + 2 ** -600,
      }));
    });
  });
});

describe("random programs", () => {
  const drawn = fc.sample(programs(), { numRuns: 3000, seed });

  it("reach every primitive of the registry", () => {
    const met = new Set<string>();
    for (const { graph, output } of drawn) {
      for (const { kind, id } of topologicalOrder([output])) if (kind === "map") met.add(graph.primitiveOf(id).name);
    }
    expect([...operations.keys()].filter((name) => !met.has(name))).toEqual([]);
  });

  it("use every kind of node", () => {
    const met = new Set(drawn.flatMap(({ output }) => topologicalOrder([output]).map(({ kind }) => kind)));
    for (const kind of ["leaf", "constant", "map", "contraction", "reduce", "operation"]) expect(met).toContain(kind);
  });
});

describe("the laws", () => {
  it("judge slopes of which few are zero", () => {
    const slopes: number[] = [];
    forPrograms(200, ({ derivatives: { slope }, at }) => {
      slopes.push(at.real([slope])[0]![0]!);
      return [];
    });
    expect(slopes.filter((slope) => slope === 0).length).toBeLessThan(slopes.length / 5);
  });
});
