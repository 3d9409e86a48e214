import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { executable } from "../../src/check/execute.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { isSmall, sizesOfLoops, writtenOut } from "../../src/lower/passes/written-out.ts";
import type { Statement } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { numbersFor } from "../emit/run.ts";
import { seed } from "../properties/subject.ts";
import { atSizes, rootsOf } from "./at-sizes.ts";

const sizes: readonly (readonly [n: number, d: number])[] = [
  [5, 3],
  [9, 4],
  [2, 8],
  [1, 1],
  [12, 0],
];

const distances = `param P: [n, d]
data D: [n, n]
loss = sum([i in 0..n, j in 0..i: (norm(P[i] - P[j]) - D[i, j])^2])`;

const [n, d] = [12, 3];
const D = { data: numbersFor("D", n * n).map((value) => 1 + Math.abs(value)), shape: [n, n] };

const loopsIn = (statements: readonly Statement[]): number => {
  let count = 0;
  for (const outer of statements) visitStatement(outer, { statement: ({ kind }) => kind === "for" && count++ });
  return count;
};

describe("a program whose small sizes are known", () => {
  it.each(sizes)("has the bits of the one for all sizes, n = %i, d = %i", (n, d) => {
    let written = 0;
    fc.assert(
      fc.property(programs(), (program) => {
        const { roots, evaluate } = rootsOf(atSizes(program, n, d));
        const general = executable(roots)(evaluate.bindings);
        const known = executable(roots, {}, (lowered, signature) => ({
          bind: (values, bound) => {
            const isKnown = sizesOfLoops(lowered).some((k) => isSmall(values[k]!));
            if (isKnown) written++;
            return compileJavaScript(isKnown ? writtenOut(lowered, values) : lowered, signature).bind(values, bound);
          },
        }))(evaluate.bindings);
        expect(known).toEqual(general);
      }),
      { numRuns: 40, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
    expect(written).toBeGreaterThan(5);
  });

  it("has no loop over them, and no array that only these went through", () => {
    const { functions, sizes } = compileModel(loadModel({ name: "distances.nabla", text: distances }))
      .bind({ D }, { d })
      .parts();
    const program = functions.get("lossAndGradient").whole();
    const text = writtenOut(
      program,
      program.sizes.map((name) => sizes.get(name)!),
    );
    expect(loopsIn(program.parts.flat())).toBeGreaterThan(6);
    // the rows of the point, the pairs of each, and what writes the result
    expect(loopsIn(text.parts.flat())).toBeLessThanOrEqual(4);
    expect(sizesOfLoops(program)).toEqual([0, 1]);
  });

  it("is what a function becomes that is called often, without a change in its results", () => {
    const { flat } = compileModel(loadModel({ name: "distances.nabla", text: distances })).bind({ D }, { d });
    const x = numbersFor("P", n * d);
    const [first, later] = [new Float64Array(n * d), new Float64Array(n * d)];
    const loss = flat.lossAndGradient(x, first);
    for (let calls = 0; calls < 60_000; calls++) flat.lossAndGradient(x, later);
    expect(flat.lossAndGradient(x, later)).toBe(loss);
    expect(later).toEqual(first);
  });

  it("is made once for functions of the same sizes", () => {
    const { functions, sizes } = compileModel(loadModel({ name: "distances.nabla", text: distances }))
      .bind({ D }, { d })
      .parts();
    const fn = functions.get("loss");
    let made = 0;
    const code = compileJavaScript(fn.whole(), fn.signature, undefined, () => {
      made++;
      return { program: fn.whole(), signature: fn.signature };
    });
    const x = numbersFor("P", n * d);
    const values = fn.whole().sizes.map((name) => sizes.get(name)!);
    for (const _ of [1, 2]) {
      const run = code.bind(values, [D.data]);
      for (let calls = 0; calls < 60_000; calls++) run(x);
    }
    expect(made).toBe(1);
  });
});
