import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../../src/check/arbitraries.ts";
import { executable } from "../../../src/check/execute.ts";
import { compareAll } from "../../../src/check/laws.ts";
import { forVectors } from "../../../src/emit/wasm/vector-loop.ts";
import { simplify } from "../../../src/rewrite/rewrite.ts";
import { atSizes, rootsOf } from "../../lower/at-sizes.ts";
import { expectAgreement, forPrograms, seed } from "../../properties/subject.ts";
import { compileWasm } from "./compile-wasm.ts";
import "./relaxed.ts";

/** Sums in order, functions by Math: nothing is left that could change a bit. */
const exact = (...[program, signature]: Parameters<typeof compileWasm>) =>
  compileWasm(program, signature, { accurate: true, ordered: true });

describe("WebAssembly", () => {
  it("agrees with the interpreter on derivatives of random programs", () => {
    forPrograms(100, ({ derivatives, at }) => {
      const { loss, gradient, names, rounding } = derivatives;
      const roots = simplify([loss, ...gradient], { last: true });
      const got = executable(roots, { forVectors }, compileWasm)(at.bindings);
      return compareAll(["loss", ...names], got, at.real([loss, ...gradient]), at.real(rounding));
    });
  });

  // sizes that leave vectors and their copies a rest
  it.each([
    [13, 6],
    [5, 19],
    [0, 9],
    [8, 1],
  ])("agrees with the interpreter to the bit when nothing may differ, for n = %i, d = %i", (n, d) => {
    fc.assert(
      fc.property(programs(), (program) => {
        const { roots, evaluate } = rootsOf(atSizes(program, n, d));
        const expected = executable(roots, { ordered: true })(evaluate.bindings);
        const shape = { ordered: true, forVectors };
        expect(executable(roots, shape, exact)(evaluate.bindings)).toEqual(expected);
      }),
      { numRuns: 25, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
  });

  it.each([
    [13, 6],
    [6, 21],
  ])("agrees with the interpreter within rounding, for n = %i, d = %i", (n, d) => {
    fc.assert(
      fc.property(programs(), (program) => {
        const { roots, evaluate } = rootsOf(atSizes(program, n, d));
        const expected = evaluate.real(roots);
        const got = executable(roots, { forVectors }, compileWasm)(evaluate.bindings);
        const largest = Math.max(1, ...expected.flat().filter(Number.isFinite).map(Math.abs));
        const scales = expected.map((list) => list.map(() => largest));
        const names = roots.map((_, k) => `root ${k}`);
        expectAgreement(compareAll(names, got, expected, scales));
      }),
      { numRuns: 25, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
  });
});
