import { describe, expect, it } from "vitest";
import { executable, pairExecutable } from "../../src/check/execute.ts";
import { compareAll, steps } from "../../src/check/laws.ts";
import { compileClosures, compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { complexPairs, dualPairs, type PairCompiled } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import type { Signature } from "../../src/emit/signature.ts";
import type { Program } from "../../src/lower/program/loops.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { forPrograms } from "./subject.ts";

// Property 8 for the other forms that a program of loops takes.

describe("closures", () => {
  it("give the bits of JavaScript", () => {
    forPrograms(100, ({ derivatives: { all }, at }) => {
      const roots = simplify(all, { last: true });
      expect(executable(roots, {}, compileClosures)(at.bindings)).toEqual(executable(roots)(at.bindings));
      return [];
    });
  });
});

interface PairForm {
  readonly title: string;
  readonly compile: (program: Program, signature: Signature) => PairCompiled;
  /** The size of the change along the direction. */
  readonly step: number;
}

const forms: readonly PairForm[] = [
  { title: "complex numbers as JavaScript", compile: compileComplex, step: steps[0] },
  { title: "dual numbers as JavaScript", compile: compileDual, step: 1 },
  { title: "complex closures", compile: (...all) => compileClosuresOver(complexPairs, ...all), step: steps[0] },
  { title: "dual closures", compile: (...all) => compileClosuresOver(dualPairs, ...all), step: 1 },
];

describe.each(forms)("$title", ({ compile, step }) => {
  it("carry values in their first part and the Hessian-vector product of gradients in the second", () => {
    forPrograms(100, ({ derivatives, at }) => {
      const { loss, gradient, names, variables, rounding, products } = derivatives;
      // one more derivative follows: what is held constant must stay so
      const run = pairExecutable(simplify([loss, ...gradient], { last: false }), compile);
      const along = new Map(variables.map((x, k) => [x, at.sample.v.get(names[k]!)!.map((v) => step * v)]));
      const { first, second } = run(at.bindings, along);
      const scales = at.real(rounding);
      const changes = second.slice(1).map((list) => list.map((change) => change / step));
      return [
        ...compareAll(["loss", ...names], first, at.real([loss, ...gradient]), scales),
        ...compareAll(names, changes, at.real(products["reverse-over-reverse"]), scales.slice(1 + names.length)),
      ];
    });
  });
});
