import fc from "fast-check";
import { describe, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { executable } from "../../src/check/execute.ts";
import { compareAll } from "../../src/check/laws.ts";
import { expectAgreement, seed } from "../properties/subject.ts";
import { atSizes, rootsOf } from "./at-sizes.ts";

// Loops against the interpreter, on graphs as they are built and for sizes that leave tiles and unrolled loops a rest.

const sizes: readonly (readonly [n: number, d: number])[] = [
  [1, 1],
  [2, 5],
  [5, 4],
  [9, 7],
  [0, 3],
  [3, 0],
];

describe.each([
  { ordered: true, title: "to the bit when sums keep their order" },
  { ordered: false, title: "within rounding when sums are free" },
])("loops give the interpreter's values, $title", ({ ordered }) => {
  it.each(sizes)("for n = %i, d = %i", (n, d) => {
    fc.assert(
      fc.property(programs(), (program) => {
        const { roots, evaluate } = rootsOf(atSizes(program, n, d));
        const expected = evaluate.real(roots);
        const got = executable(roots, { ordered })(evaluate.bindings);
        const largest = Math.max(1, ...expected.flat().filter(Number.isFinite).map(Math.abs));
        const scales = expected.map((list) => list.map(() => (ordered ? 0 : largest)));
        const names = roots.map((_, k) => `root ${k}`);
        const compared = compareAll(names, got, expected, scales);
        expectAgreement(ordered ? compared.map((pair) => ({ ...pair, tolerance: 0 })) : compared);
      }),
      { numRuns: 40, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
  });
});
