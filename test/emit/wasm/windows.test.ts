import { describe, expect, it } from "vitest";
import { compileModel } from "../../../src/compile/compile.ts";
import type { Engine } from "../../../src/compile/functions.ts";
import { webAssembly } from "../../../src/compile/web-assembly.ts";
import type { Program } from "../../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../../src/model/load.ts";
import { bothEngines, numbers } from "./both.ts";

const filters = `size w, k, side
param F: [w, w, k]
data images: [n, 12, 12]
let z = [i, x in 0..side, y in 0..side, c: sum(u, v: F[u, v, c] * images[i, 2*x + u, 2*y + v])]
loss = sum(z^2)
`;
const images = (n: number) => ({ data: numbers(n * 144, 3), shape: [n, 12, 12] });

/** The engine, and the programs that it compiles. */
function watched(): { readonly engine: Engine; readonly programs: Program[] } {
  const programs: Program[] = [];
  const watch = (engine: Engine): Engine => ({
    ...engine,
    compile: (program, signature) => {
      programs.push(program);
      return engine.compile(program, signature);
    },
    choose: (program, sizes, signature) => {
      const chosen = engine.choose?.(program, sizes, signature);
      return chosen && watch(chosen);
    },
  });
  return { engine: watch(webAssembly({ use: "always" })), programs };
}

/** Loops that end at the first of several limits. */
function openEnds(program: Program): number {
  let count = 0;
  for (const outermost of statementsOf(program))
    visitStatement(outermost, { statement: (each) => (count += Number(each.kind === "for" && each.to.length > 1)) });
  return count;
}

describe("windows as wide as a size says", () => {
  it("ask no pixel whether they end inside, once their size is known and small", () => {
    const { engine, programs } = watched();
    const model = compileModel(loadModel({ name: "filters", text: filters }), { engine });
    const ends = [3, 4, 3].map((w) => {
      const bound = model.bind({ images: images(2) }, { w, k: 4, side: 4 });
      bound.flat.lossAndGradient(numbers(w * w * 4, 1), new Float64Array(w * w * 4));
      return openEnds(programs.at(-1)!);
    });
    expect(ends).toEqual([0, 0, 0]);
    // each width once
    expect(programs.length).toBe(2);
    const wide = compileModel(loadModel({ name: "wide", text: filters.replaceAll("12", "60") }), { engine });
    const data = { data: numbers(3600, 3), shape: [1, 60, 60] };
    const bound = wide.bind({ images: data }, { w: 20, k: 4, side: 17 });
    bound.flat.lossAndGradient(numbers(1600, 1), new Float64Array(1600));
    expect(openEnds(programs.at(-1)!)).toBeGreaterThan(0);
  });

  const engines = bothEngines(filters);
  it.each([
    { w: 3, k: 4, side: 5, n: 2 },
    { w: 4, k: 3, side: 4, n: 1 },
    { w: 1, k: 1, side: 6, n: 3 },
    { w: 12, k: 5, side: 1, n: 2 },
  ])("give what they give in JavaScript, for %o", ({ w, k, side, n }) => {
    engines.expectAgreement([["F", [w, w, k]]], { images: images(n) }, { w, k, side });
  });
});
