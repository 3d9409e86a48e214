import fc from "fast-check";
import { describe, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { executable } from "../../src/check/execute.ts";
import { compareAll } from "../../src/check/laws.ts";
import type { RandomProgram } from "../../src/check/programs.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/traverse.ts";
import { expectAgreement, seed, subjectOf } from "../properties/subject.ts";

// Loops against the interpreter, on graphs as they are built and for sizes that leave tiles and unrolled loops a rest.

/** The program at other sizes, with numbers to match. */
function atSizes(program: RandomProgram, n: number, d: number): RandomProgram {
  const sizes = new Map([
    ["n", n],
    ["d", d],
  ]);
  const numbers = (leaf: Expr): number[] => {
    const count = evaluateShape(leaf.shape, sizes).reduce((product, size) => product * size, 1);
    if (leaf.dtype === "int") return Array.from({ length: count }, (_, k) => (k * k + 1) % Math.max(1, n));
    return Array.from({ length: count }, (_, k) => (((leaf.id + 3) * (k + 5) * 7) % 33) / 16 - 1 + (k + 1) / 521);
  };
  return { ...program, sizes, values: new Map([...program.values.keys()].map((leaf) => [leaf, numbers(leaf)])) };
}

/** The loss with its derivatives, and the largest tensors on the way. */
function rootsOf(program: RandomProgram): { roots: readonly Expr[]; evaluate: ReturnType<typeof subjectOf>["at"] } {
  const { derivatives, at } = subjectOf(program);
  const tensors = topologicalOrder([program.output]).filter(({ kind, isScalar }) => kind !== "leaf" && !isScalar);
  return { roots: [...derivatives.all, ...tensors.slice(-4)], evaluate: at };
}

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
