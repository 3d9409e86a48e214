import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../../src/check/arbitraries.ts";
import { executable } from "../../../src/check/execute.ts";
import { compareAll } from "../../../src/check/laws.ts";
import { compileForThreads } from "../../../src/emit/wasm/threads.ts";
import { forVectors } from "../../../src/emit/wasm/vector-loop.ts";
import { simplify } from "../../../src/rewrite/rewrite.ts";
import { atSizes, rootsOf } from "../../lower/at-sizes.ts";
import { expectAgreement, seed } from "../../properties/subject.ts";
import { CrewInTurns } from "./crew.ts";

/** Every loop that can be cut is cut. */
const fewest = { loop: 1, piece: 1 };

const numRuns = 12;
const { NABLA_SEED = seed } = process.env;

describe("WebAssembly in pieces", () => {
  it.each([
    [13, 6],
    [6, 21],
    [40, 3],
    [1, 9],
  ])("has the same bits whoever runs which piece, and agrees with the interpreter, for n = %i, d = %i", (n, d) => {
    let forks = 0;
    fc.assert(
      fc.property(programs(), (program) => {
        const { roots, evaluate } = rootsOf(atSizes(program, n, d));
        const final = simplify(roots, { last: true });
        const run = (members: number, order: number) => {
          const crew = new CrewInTurns(members, order);
          const code = executable(final, { forVectors }, (...args) => compileForThreads(...args, crew, { fewest }));
          const results = code(evaluate.bindings);
          forks += crew.forks;
          return results;
        };
        const alone = run(1, 1);
        for (const [members, order] of [
          [1, 2],
          [2, 3],
          [5, 4],
        ] as const)
          expect(run(members, order)).toEqual(alone);
        const expected = evaluate.real(roots);
        const largest = Math.max(1, ...expected.flat().filter(Number.isFinite).map(Math.abs));
        const scales = expected.map((list) => list.map(() => largest));
        const names = roots.map((_, k) => `root ${k}`);
        expectAgreement(compareAll(names, alone, expected, scales));
      }),
      { numRuns, seed: Number(NABLA_SEED) },
    );
    // the law would hold of programs without phases as well
    expect(forks).toBeGreaterThan(2 * numRuns);
  });
});
