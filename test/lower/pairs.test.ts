import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import type { FunctionName } from "../../src/compile/derive.ts";
import { javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import type { Loop, Statement } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";

// Forces between pairs are computed, and added to both ends, in one loop over pairs.

const pair = (d: number) => `param q: [n, ${d}]
loss = sum(i in 0..n, j in 0..i: 1 / (sum(k in 0..${d}: (q[i,k] - q[j,k])^2) + 1))`;

/** Loops whose ends move with a loop around them: those over the pairs of a row. */
function loopsOverPairs(statements: readonly Statement[]): Loop[] {
  const found: Loop[] = [];
  for (const outermost of statements) {
    const statement = (each: Statement) => {
      if (each !== outermost && each.kind === "for" && each.to.some((end) => end.iterators().length > 0))
        found.push(each);
    };
    visitStatement(outermost, { statement });
  }
  return found;
}

describe.each([2, 3])("pairs of points in %i dimensions", (d) => {
  const model = loadModel({ name: "pairs", text: pair(d) });

  it.each<FunctionName>(["lossAndGradient", "hvp"])("are gone through once: %s", (name) => {
    for (const engine of [javaScriptEngine, webAssembly({ use: "always" })]) {
      const { functions } = compileModel(model, { engine }).bind({}, { n: 9 }).parts();
      const loops = loopsOverPairs(statementsOf(functions.get(name).whole()));
      expect(new Set(loops.map(({ making }) => making)).size, engine.name).toBe(1);
      // what the row's own point gets stays in variables
      const additions = loops[0]!.body.filter(({ kind }) => kind === "accumulate");
      expect(additions.length, engine.name).toBe(d);
      expect(loops[0]!.body.some(({ kind }) => kind === "when")).toBe(false);
    }
  });

  it("have the same forces in WebAssembly, to rounding", () => {
    const x = Float64Array.from({ length: 9 * d }, (_, k) => Math.sin(k * k));
    const [one, other] = [javaScriptEngine, webAssembly({ use: "always" })].map((engine) => {
      const g = new Float64Array(x.length);
      compileModel(model, { engine }).bind().flat.lossAndGradient(x, g);
      return g;
    });
    for (const [k, value] of one!.entries()) expect(other![k]).toBeCloseTo(value, 13);
  });
});
