import { describe, expect, it } from "vitest";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Statement } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";

/** Steps that read their neighbours several times over, with what holds at the ends. */
const models = {
  "from the left": `def slope(y: [n]) = [i in 0..n: x[i] * (if i == 0 then 1 else y[i - 1])]
let a = slope(x)
let b = slope(x + 0.5 * a)
let c = slope(x + 0.25 * b)
output y = slope(x + c) + a + b`,
  "from both sides": `def spread(y: [n]) = [i in 0..n: (if i == 0 then 2 else y[i - 1]) - 2 * y[i] + (if i == n - 1 then 3 else y[i + 1])]
let a = x + 0.1 * spread(x)
output y = a + 0.1 * spread(a) * x`,
  "away from an end": `output y = [i in 0..n: (if i != 1 then x[i] else 7) + (if i < n - 2 then x[i + 2] else 0) * (if i > 1 then x[i - 2] else 4) * (if i == n - 2 then 5 else x[i])]`,
};

/** A step over two neighbours, with zeros beyond: it asks twice. */
const step = `let last = scan(k in 0..5, v = x: {
  let p = pad(v, 1)
  v = [i in 0..n: p[i] - 2 * p[i + 1] + p[i + 2]]
})
output y = last.v`;

/** What holds at one place further in than any neighbour that is read. */
const places = `output y = [i in 0..n: (if i == 4 then 9 else x[i]) + (if i == 0 then 8 else x[i - 1]) + (if i < 2 then 6 else exp(x[i - 2])) * sin(if i == n - 4 then 2 else x[i])]`;

/** Conditions on places that have a name within the condition of another place. */
const within = `let z = 2 * x
let u = [i in 0..n: x[i] * (z[i] + (if i > 0 then z[i - 1] else 0) + (if i == 3 then z[i - 2] else 0) + (if i > 2 then z[i - 3] else 0))]
output y = grad(sum(u), z)`;

/** Positions that are compared from both sides, with what holds at the ends or between alone. */
const compared = `output y = [i in 0..n: (if i < 2 then 3 else x[i - 2]) + (if i <= n - 3 then x[i + 2] else 5) * (if i > 1 then x[i] else 2) +
  (if n - 2 >= i then sin(x[i]) else 4) + (if i >= n - 1 then 6 else x[i]^2) - (if 3 > i then 7 else x[i - 3]) * (if 1 < n - i then x[i + 1] else 1)]`;

/** Neighbours on a ring: what an end reads at the other end has conditions that fail between the ends. */
const ring = `let z = [i in 0..n: x[mod(i + 1, n)] - 2 * x[i] + x[mod(i - 1, n)]]
output y = grad(sum(sin(z) * z), x)`;

/** A carry that no step reads: what is left of it is what the last step sets. */
const unread = `let last = scan(k in 0..n, h = 2.0, g = 1.0: {
  let turned = cos(g + x[k])
  h = sin(sum(i in 0..3: if i <= k then x[k - i] else 0) * g)
  g = turned
})
output y = last.h * x`;

const engines = {
  JavaScript: {},
  "JavaScript, as written": { rewrites: "none" as const },
  closures: { engine: closureEngine },
  WebAssembly: { engine: webAssembly({ use: "always" }) },
};

describe("loops with conditions at their ends", () => {
  for (const [what, text] of Object.entries({
    ...models,
    "in a step": step,
    "at places further in": places,
    "within conditions": within,
    "compared from both sides": compared,
    "on a ring": ring,
    "in a carry that no step reads": unread,
  })) {
    const model = loadModel({ name: "ends.nabla", text: `model ends\nparam x: [n]\n${text}\nloss = sum(y^2)` });
    for (const [engine, options] of Object.entries<CompileOptions>(engines)) {
      it(`have the interpreter's values for every length, ${what}: ${engine}`, () => {
        const compiled = compileModel(model, options);
        for (let n = 4; n <= 24; n++) {
          const x = Float64Array.from({ length: n }, (_, i) => Math.sin(3 * i + n));
          const bindings = { sizes: new Map([["n", n]]), values: new Map([[model.parameters[0]!.expr, [...x]]]) };
          const [expected] = interpret([model.outputs.get("y")!], bindings, realField);
          const { y } = compiled.bind({}, { n }).outputs({ x }, ["y"]) as { y: Float64Array };
          // a few operations on numbers of up to a hundred
          for (const [i, value] of expected!.entries())
            expect(Math.abs(y[i]! - value), `${n}: ${i}`).toBeLessThan(1e-12);
        }
      });
    }
  }

  it("ask nothing between the ends of a step over two neighbours, where vectors take two at a time", () => {
    const model = loadModel({ name: "ends.nabla", text: `model ends\nparam x: [n]\n${step}` });
    const { functions } = compileModel(model, { engine: engines.WebAssembly.engine }).bind({}, { n: 9 }).parts();
    const asked: boolean[] = [];
    for (const outermost of statementsOf(functions.get("outputs", ["y"]).whole())) {
      const statement = (each: Statement) => {
        if (each.kind !== "for" || each.from.every(({ value }) => value !== 1)) return;
        let asks = false;
        visitStatement(each, { value: ({ kind }) => (asks ||= kind === "guarded") });
        asked.push(asks);
      };
      visitStatement(outermost, { statement });
    }
    expect(asked[0]).toBe(false);
  });

  it.each([
    ["from the left", models["from the left"]],
    ["compared from both sides", compared],
    ["on a ring", ring],
  ])("ask nothing between the ends, %s", (_, text) => {
    const model = loadModel({ name: "ends.nabla", text: `model ends\nparam x: [n]\n${text}` });
    const source = compileModel(model).source("outputs");
    const between = source.match(/for \(let (i\d+) = [1-9][;,][^{]*\{([^}]*)\}/)!;
    expect(between[2]).not.toMatch(/[?=]==|\?/);
  });
});
