import { describe, expect, it, vi } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { checkModel, formatReport } from "../../src/check.ts";
import { closureEngine, type Engine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { loops } from "../../src/extensions/loops.ts";
import type { Definition } from "../../src/ir/bodies/definition.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { showGraph } from "../../src/ir/show.ts";
import { reachableIds } from "../../src/ir/walks/traverse.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { spelledOut } from "../../src/rewrite/loops/definitions.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { webAssembly } from "../../src/wasm.ts";
import { lossAt } from "../build/evaluate.ts";
import { parseGraph } from "../ir/parse-graph.ts";

vi.setConfig({ testTimeout: 60_000 });

const load = (text: string) => loadModel({ name: "definitions.nabla", text });

/** A definition of some 100 nodes in x and y; `extra` stands among its lines. */
const long = (name: string, result = "z", extra = "") => {
  const steps = Array.from({ length: 12 }, (_, k) => `let z${k + 1} = sin(0.3 * z${k} + ${k}.5 * y) + 0.2 * x * z${k}`);
  return `def ${name}(x, y) = {\n  let z0 = x\n  ${steps.join("\n  ")}\n  let z = z12${extra}\n  return ${result}\n}\n`;
};

const models: Readonly<Record<string, string>> = {
  "numbers, one result in the next": `param w: [3]
    ${long("f")}
    let a = f(w[0], w[1]), b = f(a, w[2]), c = f(b, a), d = f(c, w[0]), e = f(d, c), g = f(e, w[1])
    loss = a + b * c + d^2 + e * g`,
  "vectors, and data that the definition reads itself": `param w: [n], v: [n]
    data X: [n, n], p: [n]
    ${long("f", "X @ z + p * sum(z * p)")}
    loss = sum(f(f(f(w, v), f(v, w)), f(w + v, f(w, p))))`,
  "values of an iterator": `param W: [n, 2], v: [3]
    ${long("f")}
    loss = sum(i: f(W[i, 0], v[0]) * f(W[i, 1], v[1]) + f(v[2], W[i, 0]) + f(v[0], W[i, 1]) + f(v[1], v[2]))`,
  records: `param w: [3]
    ${long("f", "z").replace("return z", "p = tanh(z)\n  q = cos(z3) * y")}
    let r = f(w[0], w[1]), s = f(r.p, w[2]), t = f(s.q, s.p), u = f(t.p, r.q), v = f(u.p, u.q), z = f(v.q, w[0])
    loss = r.p + s.q + t.p * u.q + v.p + z.p * z.q`,
  "definitions in definitions, within a loop": `param w: [3]
    ${long("inner")}
    def outer(x, y) = inner(inner(x, y), y) * inner(y, x) + inner(x * y, inner(y, y))
    loss = scan(i in 0..3, s = w[0]: tanh(outer(outer(s, w[1]), w[2]) + outer(w[2], s) * 0.1 * i))^2`,
  "a derivative of a definition, in the model": `param w: [3]
    ${long("f")}
    def g(x, y) = { let v = x * y
      let u = f(v, y)
      return grad(u, v) }
    loss = g(w[0], w[1]) * g(w[1], w[2]) + f(g(w[2], w[0]), w[1]) + f(w[0], w[2]) * f(w[2], w[1]) + g(w[2], w[1])`,
};

const engines: Readonly<Record<string, Engine>> = {
  closures: closureEngine,
  WebAssembly: webAssembly({ use: "always" }),
};

function definitionsIn(roots: readonly Expr[]): Map<string, { definition: Definition; calls: number }> {
  const { graph } = roots[0]!;
  const found = new Map<string, { definition: Definition; calls: number }>();
  const ids = roots.map(({ id }) => id);
  for (const id of reachableIds(graph, ids)) {
    const definition = graph.kindOf(id) === "operation" ? graph.operationOf(id) : undefined;
    if (definition?.kind !== "definition" || graph.resultOf(id) > 0) continue;
    const known = found.get(definition.key) ?? { definition, calls: 0 };
    found.set(definition.key, { definition, calls: known.calls + 1 });
  }
  return found;
}

describe("definitions kept as calls", () => {
  it.each(Object.entries(models))("have the derivatives of what they stand for: %s", async (_, text) => {
    const model = load(text);
    const report = await checkModel(model, { points: 2, region: [-1, 1] });
    expect(report.passed, formatReport(report)).toBe(true);
  });

  it.each(Object.entries(engines))("run by the engine of %s", async (_, engine) => {
    for (const name of ["vectors, and data that the definition reads itself", "records"]) {
      const report = await checkModel(load(models[name]!), { points: 2, region: [-1, 1], engine });
      expect(report.passed, formatReport(report)).toBe(true);
    }
  });

  it("are one operation for all uses, and stay one", () => {
    const model = load(models["numbers, one result in the next"]!);
    for (const roots of [[model.loss!], simplify([model.loss!])]) {
      const [only, ...others] = definitionsIn(roots).values();
      expect(others).toEqual([]);
      expect(only!.calls).toBe(6);
    }
  });

  it("are differentiated once for all uses", () => {
    const { loss, parameters } = load(models["numbers, one result in the next"]!);
    const [slope] = gradient(loss!, [parameters[0]!.expr]);
    // the first use has one operand that varies, and so has a derivative of its own
    expect([...definitionsIn([slope!]).values()].map(({ calls }) => calls).sort()).toEqual([6, 6]);
  });

  it("make code that grows by little with each use", () => {
    const chain = (uses: number) => {
      const lets = Array.from({ length: uses }, (_, k) => `let s${k + 1} = f(s${k}, w[${k % 3}])`);
      return emitModule(load(`param w: [3]\n${long("f")}let s0 = 0.5\n${lets.join("\n")}\nloss = s${uses}^2`)).length;
    };
    const once = chain(1);
    expect((chain(60) - chain(30)) / 30).toBeLessThan(once / 10);
  });

  it("are put in their place where they are used once, or are short", () => {
    const once = load(`param w: [3]\n${long("f")}loss = f(w[0], w[1])^2`);
    expect(definitionsIn([once.loss!]).size).toBe(1);
    expect(definitionsIn(simplify([once.loss!])).size).toBe(0);
    const short = load("param w: [9]\ndef f(x, y) = sin(x) * y\nloss = sum(i in 0..8: f(w[i], f(w[i + 1], w[0])))");
    expect(definitionsIn([short.loss!]).size).toBe(0);
  });

  it("say the same when they are put in their places", () => {
    for (const [name, text] of Object.entries(models)) {
      const model = load(text);
      const inputs = {
        w: [0.3, -0.4, 0.7],
        v: [0.2, 0.5, -0.1],
        p: [0.5, -1, 0.25],
        W: [
          [0.1, 0.2],
          [-0.3, 0.4],
        ],
      };
      const X = [
        [1, 0.5, 0],
        [0.25, -1, 0.5],
        [0, 1, 2],
      ];
      const kept = lossAt(model, { ...inputs, X });
      const [inlined] = spelledOut([model.loss!]);
      expect(definitionsIn([inlined!]).size, name).toBe(0);
      expect(lossAt({ ...model, loss: inlined! }, { ...inputs, X }), name).toBe(kept);
    }
  });

  it("hide what a choice hides, also where it is infinite", () => {
    const f = long("f", "z * log(x) / x");
    const uses = "f(w[0], w[1]) + f(w[1], w[2]) + f(w[2], w[0]) + f(w[0], w[2]) + f(w[1], w[1] * w[2])";
    const text = `param w: [3], t\n${f}loss = (if t > 0 then f(t, w[0]) else 0) + ${uses}`;
    const w = [0.3, 0.4, 0.7];
    const bound = compileText(text).bind();
    const without = compileText(text.replace("(if t > 0 then f(t, w[0]) else 0)", "0 * t")).bind();
    const [got, expected] = [bound, without].map((each) => each.hvp({ w, t: 0 }, { w: [1, 2, 3], t: 1 }));
    for (const [k, value] of got!.w!.entries()) expect(value).toBeCloseTo(expected!.w![k]!, 8);
    expect(Array.from(got!.t as Float64Array, Math.abs)).toEqual([0]);
    expect(Array.from(bound.gradient({ w, t: 0 }).t as Float64Array, Math.abs)).toEqual([0]);
  });

  it("have a text that reads back", () => {
    const { loss } = load(models.records!);
    const text = showGraph([loss!]);
    expect(text).toContain('definition "f" (real, real)');
    const { roots } = parseGraph({ name: "graph", text }, primitiveNamed, loss!.graph, undefined, loops);
    expect(roots).toEqual([loss]);
  });

  it("bring their units", () => {
    const f = long("f")
      .replaceAll("sin(0.3 * z", "sin(0.3 / y * z")
      .replaceAll(/\d+\.5 \* y/g, "0.5");
    const text = (unit: string) => `param w in ${unit}, v in s\n${f}loss = f(w, v) + f(w, 2 * v)`;
    expect(() => load(text("m"))).toThrow(/unit mismatch/);
  });
});
