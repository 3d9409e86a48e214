import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { modelOf } from "../../src/check/programs/programs.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { type Engine, javaScriptEngine, openJavaScript } from "../../src/compile/functions.ts";
import { engineAt } from "../../src/compile/known-sizes.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import type { Program } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { numbersFor } from "../emit/run.ts";
import { watched } from "../emit/watched.ts";
import { atSizes } from "../lower/at-sizes.ts";
import { seed } from "../properties/subject.ts";

/** Takes every size as a number. */
const closed: Engine = {
  ...openJavaScript,
  choose: (program, sizes) => engineAt(openJavaScript, new Map(program().sizes.map((name, k) => [name, sizes[k]!]))),
};

const engines = { JavaScript: javaScriptEngine, WebAssembly: webAssembly({ use: "always", fused: false }) };

/** An engine, by default that of JavaScript, and the programs that it compiles. */
const compiling = (engine = javaScriptEngine) => watched(engine);

function loopsIn(program: Program): number {
  let count = 0;
  for (const outer of statementsOf(program))
    visitStatement(outer, { statement: ({ kind }) => kind === "for" && count++ });
  return count;
}

const distances = `param P: [n, d]
data D: [n, n]
loss = sum(i, j in 0..i: (norm(P[i] - P[j]) - D[i, j])^2)`;

const products = `param W: [d, k]
data X: [n, d], Y: [n, k]
loss = sum((X @ W - Y)^2)`;

const load = (text: string, engine: Engine) => compileModel(loadModel({ name: "model.nabla", text }), { engine });

/** Loops of the functions that a binding of these sizes compiles, and what they give. */
function distancesAt(n: number, d: number, { engine, programs } = compiling()) {
  const D = { data: numbersFor("D", n * n).map((value) => 1 + Math.abs(value)), shape: [n, n] };
  const { flat } = load(distances, engine).bind({ D }, { d });
  const [x, v] = [numbersFor("P", n * d), numbersFor("v", n * d)];
  const [g, h] = [new Float64Array(n * d), new Float64Array(n * d)];
  const loss = flat.lossAndGradient(x, g);
  flat.hvp(x, v, h);
  return { loops: programs.map(loopsIn), results: [loss, ...g, ...h] };
}

const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));

describe.each(Object.entries(engines))("a function of much work at small sizes, in %s", (_, standard) => {
  it("has no loops over them", () => {
    const [short, open] = [distancesAt(60, 3, compiling(standard)), distancesAt(60, 9, compiling(standard))];
    // over rows and pairs of rows, and what writes the result
    expect(Math.max(...short.loops)).toBeLessThan(6);
    expect(Math.min(...open.loops)).toBeGreaterThan(6);
  });

  it("gives what the open one gives", () => {
    const [short, open] = [
      distancesAt(60, 3, compiling(standard)),
      distancesAt(60, 3, { engine: openJavaScript, programs: [] }),
    ];
    const scale = largest(open.results);
    for (const [k, value] of short.results.entries())
      expect(Math.abs(value - open.results[k]!)).toBeLessThan(1e-13 * scale);
  });

  it("is made once for all that are bound to these sizes", () => {
    const { engine, programs } = compiling(standard);
    const model = load(distances, engine);
    for (const [n, d] of [
      [60, 3],
      [70, 3],
      [60, 2],
      [60, 3],
    ] as const) {
      const D = { data: new Float64Array(n * n).fill(1), shape: [n, n] };
      model.bind({ D }, { d }).flat.loss(numbersFor("P", n * d));
    }
    expect(programs).toHaveLength(2);
  });

  it("stays open where calls are short", () => {
    expect(Math.min(...distancesAt(5, 3, compiling(standard)).loops)).toBeGreaterThan(6);
  });
});

describe("a function of products in tiles", () => {
  it("stays open in JavaScript", () => {
    const { engine, programs } = compiling();
    const [X, Y] = [new Float64Array(8000).fill(1), new Float64Array(3000).fill(1)];
    load(products, engine)
      .bind({ X: { data: X, shape: [1000, 8] }, Y: { data: Y, shape: [1000, 3] } })
      .flat.loss(new Float64Array(24));
    expect(programs[0]!.sizes).toContain("k");
  });

  it("stays open in WebAssembly where a matrix is large", () => {
    const { engine, programs } = compiling(engines.WebAssembly);
    const [X, Y] = [new Float64Array(60_000).fill(1), new Float64Array(3000).fill(1)];
    load(products, engine)
      .bind({ X: { data: X, shape: [1000, 60] }, Y: { data: Y, shape: [1000, 3] } })
      .flat.loss(new Float64Array(180));
    expect(programs[0]!.sizes).toContain("k");
  });
});

describe("random programs", () => {
  it.each([
    [5, 3],
    [2, 8],
    [1, 1],
    [9, 4],
  ])("give what they give at open sizes, n = %i, d = %i", (n, d) => {
    fc.assert(
      fc.property(programs(), (random) => {
        const program = atSizes(random, n, d);
        const model = modelOf(program);
        const sizes = Object.fromEntries(program.sizes);
        const data = Object.fromEntries(
          model.data.map(({ name, expr }) => [
            name,
            { data: program.values.get(expr)!, shape: evaluateShape(expr.shape, program.sizes) },
          ]),
        );
        const x = Float64Array.from(program.parameters.flatMap((expr) => program.values.get(expr)!));
        const v = x.map((_, k) => 1 - (k % 3));
        const [open, known] = [openJavaScript, closed].map((engine) => {
          const { flat } = compileModel(model, { engine }).bind(data, sizes);
          const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
          const loss = flat.lossAndGradient(x, g);
          flat.hvp(x, v, h);
          return [[loss], [...g], [...h]];
        });
        for (const [k, vector] of open!.entries()) {
          const scale = largest(vector);
          for (const [at, value] of vector.entries()) {
            const other = known![k]![at]!;
            if (!Object.is(value, other)) expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-9 * scale);
          }
        }
      }),
      { numRuns: 25, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
  });
});
