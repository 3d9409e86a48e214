import { transformSync } from "esbuild";
import { describe, expect, it, vi } from "vitest";
import { type CompilableModel, compileModel } from "../../src/compile/compile.ts";
import { checkModules } from "../../src/emit/module/typescript.ts";
import { emitModule, type ModuleFunctionName } from "../../src/emit.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { Graph, operandType } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { loadModel } from "../../src/model/load.ts";
import { maximum, sum, view } from "../../src/ops/arrays/contractions.ts";
import { unary } from "../../src/ops/define.ts";
import { add, mul, square } from "../../src/ops/elementary/algebra.ts";
import { toReal } from "../../src/ops/elementary/cast.ts";
import { greater } from "../../src/ops/elementary/comparison.ts";
import { primitives } from "../ops/samples.ts";
import { operationOf } from "../ops/tangent.ts";
import { logistic, long, randomModel, rosenbrock, sizes } from "./models.ts";
import { contentOf, lengthOf, numbersFor } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

type Vector = Float64Array;

/** What a module exports, as far as the tests use it. */
interface Module {
  readonly about: { readonly hash: string };
  bind(data?: unknown, sizes?: unknown): Bound;
}

interface Bound {
  readonly sizes: Record<string, number>;
  pack(params: object): Vector;
  unpack(x: Vector): Record<string, Vector>;
  loss(params: object): number;
  lossFlat(x: Vector): number;
  gradient(params: object, out?: object): Record<string, Vector>;
  gradientFlat(x: Vector, g: Vector): void;
  lossAndGradient(params: object, out?: object): { loss: number; gradient: Record<string, Vector> };
  lossAndGradientFlat(x: Vector, g: Vector): number;
  hvp(params: object, direction: object, out?: object): Record<string, Vector>;
  hvpFlat(x: Vector, v: Vector, h: Vector): void;
  lossGradientHvpFlat(x: Vector, v: Vector, g: Vector, h: Vector): number;
  hessianFlat(x: Vector, H: Vector): void;
  outputs(params: object, names?: readonly string[]): Record<string, Vector>;
}

function load(text: string): Module {
  const { code } = transformSync(text, { loader: "ts", format: "cjs", target: "es2022" });
  const module = { exports: {} };
  new Function("module", "exports", code)(module, module.exports);
  return module.exports as Module;
}

const all: readonly ModuleFunctionName[] = ["loss", "gradient", "lossAndGradient", "hvp", "lossGradientHvp", "hessian"];

/** Inputs for every leaf of a model, by name. */
function inputsOf(model: CompilableModel, seed = 0): { params: Record<string, Vector>; data: Record<string, object> } {
  const input = (name: string, expr: (typeof model.parameters)[number]["expr"]) => {
    const role = "input" as const;
    const flat = contentOf({ id: 0, role, name, dtype: expr.dtype, shape: expr.shape }, seed);
    return { data: flat, shape: expr.shape.map((size) => lengthOf({ shape: [size] })) };
  };
  return {
    params: Object.fromEntries(
      model.parameters.map(({ name, expr }) => [name, numbersFor(name, lengthOf(expr), seed)]),
    ),
    data: Object.fromEntries(model.data.map(({ name, expr }) => [name, input(name, expr)])),
  };
}

const given = (model: CompilableModel) => {
  const names = new Set(
    [...model.parameters, ...model.data].flatMap(({ expr }) => expr.shape.flatMap((size) => size.names())),
  );
  return Object.fromEntries([...sizes].filter(([name]) => names.has(name)));
};

describe("an emitted module", () => {
  const models = [logistic(), rosenbrock(), ...Array.from({ length: 12 }, (_, k) => randomModel(k + 1))];

  it("asks of a position that is a number only whether it lies within, and of no position twice", () => {
    const text =
      "param a: [t], c: [k]\ndata y: int[t] within 0..k\nloss = sum(i: if y[i] > 0 then exp(c[y[i]-1] * a[0]) else c[y[0]])";
    const module = emitModule(loadModel({ name: "guards", text }), { functions: ["loss", "gradient"] });
    expect(module).not.toMatch(/\b0 >= 0\b/);
    expect(module).not.toMatch(/(\([^()]+\) >= 0) && \1/);
    expect(module).toMatch(/0 < t\b/);
  });

  it("computes every bit of what the functions in memory compute", () => {
    for (const [k, model] of models.entries()) {
      const { params, data } = inputsOf(model, k);
      const module = load(emitModule(model, { functions: all })).bind(data, given(model));
      const memory = compileModel(model).bind(data as never, given(model));
      const x = memory.pack(params);
      const v = x.map((_, t) => Math.cos(t));
      const vectors = () => [x.map(() => 7), x.map(() => 7)] as [Vector, Vector];
      expect(module.pack(params)).toEqual(x);
      expect(module.unpack(x)).toEqual(memory.unpack(x));
      expect(module.loss(params)).toBe(memory.loss(params));
      const [[g, h], [g2, h2]] = [vectors(), vectors()];
      expect(module.lossAndGradientFlat(x, g)).toBe(memory.flat.lossAndGradient(x, g2));
      expect(g).toEqual(g2);
      module.hvpFlat(x, v, h);
      memory.flat.hvp(x, v, h2);
      expect(h).toEqual(h2);
      module.gradientFlat(x, g);
      memory.flat.gradient(x, g2);
      expect(g).toEqual(g2);
      expect(module.lossGradientHvpFlat(x, v, g, h)).toBe(memory.flat.lossGradientHvp(x, v, g2, h2));
      expect([g, h]).toEqual([g2, h2]);
      const [H, H2] = [new Float64Array(x.length ** 2), new Float64Array(x.length ** 2)];
      module.hessianFlat(x, H);
      memory.flat.hessian(x, H2);
      expect(H).toEqual(H2);
      const direction = memory.unpack(v);
      expect(module.hvp(params, direction)).toEqual(memory.hvp(params, direction));
      expect(module.lossAndGradient(params)).toEqual(memory.lossAndGradient(params));
      const out = { gradient: Object.fromEntries(Object.entries(params).map(([name, p]) => [name, p.slice()])) };
      expect(module.gradient(params, out.gradient)).toBe(out.gradient);
      expect(out.gradient).toEqual({ ...memory.gradient(params) });
      if (model.outputs.size === 0) continue;
      const outputs = module.outputs(params);
      for (const name of model.outputs.keys()) expect(outputs[name]).toEqual(memory.outputs(params, [name])[name]);
    }
  });

  it("calls long programs in parts", async () => {
    const model = long();
    const text = emitModule(model, { functions: ["lossAndGradient"] });
    await checkModules(new Map([["long.ts", text]]));
    const { params } = inputsOf(model);
    expect(text).toContain("function lossAndGradient_2(");
    expect(load(text).bind().lossAndGradient(params)).toEqual(compileModel(model).bind().lossAndGradient(params));
  });

  it("tells the parts of a program from the array of its result", async () => {
    const steps = Array.from({ length: 1500 }, (_, k) => `let u${k + 1} = sin(${k + 1} * u${k}) * exp(x)\n`).join("");
    const model = loadModel({ name: "parts.nabla", text: `param x\nlet u0 = x\n${steps}output t = [u1500, x]` });
    const text = emitModule(model, { functions: [] });
    expect(text.match(/^function t_\d+\(/gm)!.length).toBeGreaterThan(1);
    await checkModules(new Map([["parts.ts", text]]));
  });

  it("has no imports, and the same bytes each time", () => {
    for (const model of models) {
      const text = emitModule(model, { functions: all });
      expect(text).not.toMatch(/\b(import|require|eval|Function)\b/);
      expect(emitModule(model, { functions: all })).toBe(text);
    }
  });

  it("has no diagnostics, and is formatted as it is", async () => {
    const texts = new Map(models.map((model, k) => [`model${k}.ts`, emitModule(model, { functions: all })]));
    const checked = await checkModules(texts);
    for (const [name, text] of texts) expect(checked.get(name)).toBe(text);
  });

  it("says at each loop what of the model it computes, in derivatives too", () => {
    const text = `param w: [d]
data X: [n, d], y: [n]
let margin = X @ w
let residual = margin - y
loss = sum(residual^2) + sum(i: exp(w[i]))
output shifted = [i: margin[i] + 1]`;
    const emitted = emitModule(loadModel({ name: "two.nabla", text }), { functions: ["lossAndGradient", "hvp"] });
    const notes = emitted.split("\n").filter((line) => line.startsWith("  // towards"));
    expect(notes).toEqual([
      "  // towards the loss and the gradient in w: two.nabla:3:14, 4:16, 5:8",
      "  // towards the loss and the gradient in w: two.nabla:5:26, 5:33",
      "  // towards the product in w: two.nabla:3:14",
      "  // towards the product in w: two.nabla:5:33",
      "  // towards shifted: two.nabla:3:14, 6:22",
    ]);
  });

  it("asks no index again that it has checked with the data", () => {
    const model = loadModel({
      name: "lookup.nabla",
      text: "param w: [k]\ndata at: int[n] within 0..k\nloss = sum(i: w[at[i]]^2)\noutput picked = [i: w[at[i]]]",
    });
    const text = emitModule(model);
    const loops = text.slice(text.indexOf("function loss("), text.indexOf("function lossOf("));
    expect(loops).toContain("at[");
    expect(text.slice(0, text.indexOf("class Binding"))).not.toMatch(/i[0-9]+ >= 0/);
    const { bind } = load(text);
    expect(bind({ at: [0, 2, 2] }).loss({ w: [1, 2, 3] } as never)).toBe(19);
    expect(() => bind({ at: [0, 3] }).loss({ w: [1, 2, 3] } as never)).toThrow("got 3");
    expect(() => bind({ at: [-1] }).loss({ w: [1, 2, 3] } as never)).toThrow("got -1");
  });

  it("checks no range whose end no argument tells, as a bound model does", () => {
    const text = "param w: [n]\ndata at: int[n] within 0..k\nloss = sum(w^2)\noutput sums = scatterAdd(w, at, k)";
    const { bind } = load(emitModule(loadModel({ name: "unread.nabla", text })));
    expect(bind({ at: [0, 2] }).loss({ w: [1, 2] })).toBe(5);
    expect(() => bind({ at: [0, 2] }).outputs({ w: [1, 2] })).toThrow('the size "k" follows from no argument');
    expect(() => bind({ at: [0, 2] }, { k: 2 }).loss({ w: [1, 2] })).toThrow("needed 0..2, got 2");
  });

  it("refuses what is no object by name, and no list of names", () => {
    const text = "param w: [d]\ndata X: [n, d]\nloss = sum(X @ w)\noutput c = 2 * w";
    const { bind } = load(emitModule(loadModel({ name: "by-name.nabla", text })));
    const X = [[1, 2]];
    expect(() => bind(new Map([["X", X]]))).toThrow("inputs are given as an object by name");
    expect(() => bind(Promise.resolve({ X }))).toThrow("inputs are given as an object by name");
    expect(() => bind({ X }).loss(new Map())).toThrow("inputs are given as an object by name");
    expect(() => bind({ X }).outputs({ w: [3, 4] }, "c" as never)).toThrow("outputs needs a list of names");
  });

  it("refuses names that are not the parameters' beside typed arrays too", () => {
    const text = "param w: [d], b\ndata X: [n, d]\nloss = sum((X @ w + b)^2)";
    const { bind } = load(emitModule(loadModel({ name: "beside.nabla", text })));
    const bound = bind({ X: [[1, 2]] });
    const point = { w: Float64Array.of(1, 2), b: Float64Array.of(3) };
    expect(bound.loss(point)).toBe(64);
    const more = { ...point, X: Float64Array.of(9, 9) };
    for (const call of [() => bound.loss(more), () => bound.hvp(point, more), () => bound.hvp(more, point)])
      expect(call).toThrow('the model has no input "X" here');
  });

  it("reads as it was reviewed", async () => {
    await expect(emitModule(rosenbrock())).toMatchFileSnapshot("golden/rosenbrock.ts.txt");
  });

  it("allocates nothing in flat functions once it is bound", () => {
    const model = logistic();
    const module = load(emitModule(model)).bind(inputsOf(model).data);
    const [x, g] = [new Float64Array(3), new Float64Array(3)];
    const allocated = Float64Array;
    let count = 0;
    module.lossAndGradientFlat(x, g);
    globalThis.Float64Array = new Proxy(allocated, {
      construct: (target, args) => {
        count++;
        return new target(...(args as [number]));
      },
    });
    try {
      module.lossAndGradientFlat(x, g);
    } finally {
      globalThis.Float64Array = allocated;
    }
    expect(count).toBe(0);
  });
});

describe("a primitive in an emitted module", () => {
  /** Every primitive once, as an output. */
  function everything(): CompilableModel {
    const graph = new Graph();
    const leaves = [graph.param("x"), graph.param("y"), graph.param("z")];
    const whole = graph.data("k", [], "int");
    const operand = (primitive: Primitive, position: number) => {
      const type = operandType(primitive, position);
      const real = leaves[position % 3]!;
      return type === "bool" ? greater(real, 0.5) : type === "int" ? whole : real;
    };
    const outputs = primitives.map((primitive) => {
      const count = primitive.arity === "variadic" ? 3 : primitive.arity;
      const operands = Array.from({ length: count }, (_, position) => operand(primitive, position));
      return [primitive.name, operationOf(primitive)(...operands)] as const;
    });
    const loss = leaves.map((leaf) => square(leaf)).reduce((total, term) => add(total, term));
    const parameters = ["x", "y", "z"].map((name, k) => ({ name, expr: leaves[k]! }));
    const data = [{ name: "k", expr: whole }];
    return { name: "everything", graph, parameters, data, loss, outputs: new Map(outputs) };
  }

  it("has a kernel that type-checks and gives what it gives in memory", async () => {
    const model = everything();
    const text = emitModule(model);
    await checkModules(new Map([["everything.ts", text]]));
    for (const params of [
      { x: 0.7, y: 0.3, z: 1.9 },
      { x: -1.6, y: 2.2, z: 0 },
      { x: 41, y: -3, z: 1e-9 },
    ]) {
      expect(load(text).bind({ k: 3 }).outputs(params)).toEqual(
        Object.fromEntries(
          primitives.map(({ name }) => [name, compileModel(model).bind({ k: 3 }).outputs(params, [name])[name]]),
        ),
      );
    }
  });
});

describe("names in an emitted module", () => {
  const hostile = [
    "__proto__",
    "constructor",
    "*/ process.exit() /*",
    "</script><script>alert(1)",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text that must stay text
    "`${process.exit()}`",
    '"; process.exit(); "',
    "line\nbreak",
    "line\u2028separator",
    "naïve 数",
    "\ud800",
    "x",
    "loss",
    "await",
    "Float64Array",
    "binding",
    "t0",
    "i0",
    "softplus",
    "Binder",
    "s",
    "b",
  ];

  function named(): CompilableModel {
    const graph = new Graph();
    const bad = (k: number) => hostile[k % hostile.length]!;
    const shout = unary("*/ process.exit() /*", {
      program: (x) => add(square(x), 1),
      partial: (x) => mul(2, x),
      cost: 2,
      documentation: { summary: "x^2 + 1\n process.exit() */" },
    });
    const parameters = hostile.map((name, k) => ({ name, expr: graph.param(name, [Integer.named(bad(k + 1))]) }));
    const data = hostile.map((name, k) => {
      return { name: `${name}!`, expr: graph.data(`${name}!`, [Integer.named(bad(k + 1))]) };
    });
    const terms = parameters.map(({ expr }, k) => sum(mul(shout(expr), data[k]!.expr)));
    const loss = terms.reduce((total, term) => add(total, term));
    const outputs = new Map(hostile.map((name, k) => [name, mul(terms[k]!, 2)]));
    return { name: "*/ process.exit()\u2029", graph, parameters, data, loss, outputs };
  }

  it("are harmless whatever they are", async () => {
    const model = named();
    const text = emitModule(model);
    const checked = await checkModules(new Map([["named.ts", text]]));
    expect(checked.get("named.ts")).toBe(text);
    expect(text).not.toMatch(/<\/script|[\u2028\u2029]/);
    const entries = <T>(list: readonly { name: string }[], value: (k: number) => T) => {
      const object = Object.create(null) as Record<string, T>;
      for (const [k, { name }] of list.entries()) object[name] = value(k);
      return object;
    };
    const bound = load(text).bind(entries(model.data, () => Float64Array.of(1, 2)));
    const params = entries(model.parameters, (k) => Float64Array.of(k, 1));
    const term = (k: number) => k * k + 1 + 2 * 2;
    expect(bound.loss(params)).toBe(hostile.reduce((total, _, k) => total + term(k), 0));
    const gradient = bound.gradient(params);
    const outputs = bound.outputs(params);
    for (const [k, name] of hostile.entries()) {
      expect(Array.from(gradient[name]!)).toEqual([2 * k, 4]);
      expect(Array.from(outputs[name]!)).toEqual([2 * term(k)]);
    }
  });

  it.each([
    {
      what: "shared loops",
      model: "param A: [d, d]\ndata product\nloss = product * sum((A @ A @ A)^2)",
      data: { product: 0.5 },
      params: {
        A: [
          [1, 2],
          [3, 5],
        ],
      },
    },
    {
      what: "the bytes of WebAssembly",
      model: "param w: [n]\ndata lossBytes: [n]\nloss = sum(sin(w) * lossBytes)",
      data: { lossBytes: [0.3, 0.2] },
      params: { w: [1, 2] },
    },
  ])("hide none of $what, which are named later", ({ model: written, data, params }) => {
    const model = loadModel({ name: "hidden.nabla", text: written });
    const text = emitModule(model, { functions: ["lossAndGradient", "loss"], webAssembly: true });
    const bound = load(text).bind(data);
    const memory = compileModel(model).bind(data);
    expect(bound.loss(params)).toBe(memory.loss(params));
    expect(bound.lossAndGradient(params)).toEqual(memory.lossAndGradient(params));
  });
});

describe("the helpers of an emitted module", () => {
  const text = "param w: [d]\ndata k: int[n]\nloss = sum(i: w[k[i]]^2)";
  const looked = loadModel({ name: "looked.nabla", text });

  it("are there where they are called", () => {
    const texts = [logistic(), rosenbrock(), looked].map((model) => emitModule(model));
    for (const text of texts) {
      const functions = [...text.matchAll(/^function (\w+)/gm)].map(([, name]) => name!);
      expect(functions.filter((name) => text.split(new RegExp(`\\b${name}\\b`)).length < 3)).toEqual([]);
    }
    expect(texts.map((text) => text.includes("checkRange("))).toEqual([false, false, true]);
  });
});

describe("bind of an emitted module", () => {
  const bind = (data: unknown, sizes?: unknown) => load(emitModule(logistic())).bind(data, sizes);
  const X = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const y = [1, -1, 1];
  const params = { w: [0.1, -0.2], b: 0.3 };

  it("takes numbers, nested arrays, typed arrays and values with a shape", () => {
    const expected = compileModel(logistic()).bind({ X, y }).loss(params);
    expect(bind({ X, y }).loss(params)).toBe(expected);
    expect(bind({ X: Float32Array.from(X.flat()), y: Int8Array.from(y) }).loss(params)).toBe(expected);
    expect(
      bind({ X: { data: X.flat(), shape: [3, 2] }, y }).loss({ w: Float64Array.of(0.1, -0.2), b: [0.3].at(0) }),
    ).toBe(expected);
  });

  it("solves sizes from the point when the data do not tell them, and again when it changes", () => {
    const module = load(emitModule(rosenbrock())).bind();
    expect(module.sizes).toEqual({ n: Number.NaN });
    expect(module.loss({ x: [1, 1, 1] })).toBe(0);
    expect(module.sizes).toEqual({ n: 3 });
    expect(module.lossFlat(new Float64Array(5).fill(1))).toBe(0);
    expect(module.sizes).toEqual({ n: 5 });
  });

  it("takes sizes that the model declares and nothing uses, as in memory", () => {
    const model = loadModel({ name: "spare.nabla", text: "size spare, m = 4\nparam x: [n]\nloss = sum(x^2)" });
    const spare = (sizes: Record<string, number>) => [
      load(emitModule(model)).bind({}, sizes),
      compileModel(model).bind({}, sizes),
    ];
    for (const bound of spare({ spare: 5 })) expect(bound.loss({ x: [1, 2] })).toBe(5);
    for (const bound of spare({})) expect(bound.loss({ x: [1, 2] })).toBe(5);
    for (const wrong of [{ spare: -1 }, { m: 4 }, { other: 1 }]) {
      expect(() => load(emitModule(model)).bind({}, wrong)).toThrow("size");
      expect(() => compileModel(model).bind({}, wrong)).toThrow("size");
    }
  });

  it.each([
    [{ X, y: [1, 2] }, undefined, 'axis 0 of "y" needs 3 (n; n = 3), got 2.'],
    [{ X: [1, 2], y }, undefined, '"X" needs shape [n, d], got [2].'],
    [{ X: [[1, 2], [3]], y }, undefined, '"X" is uneven: its rows differ in length.'],
    [{ X: [["a"]], y }, undefined, '"X" needs numbers, got string.'],
    [{ X, y: { data: [1, null, 1], shape: [3] } }, undefined, '"y" needs numbers, got null.'],
    [{ X, y: { data: [1, "1", 1], shape: [3] } }, undefined, '"y" needs numbers, got string.'],
    [{ X, y: { data: new Array(3), shape: [3] } }, undefined, '"y" needs numbers, got undefined.'],
    [{ X: { data: X.flat(), shape: [-3, -2] }, y }, undefined, '"X" needs a number, nested arrays, a typed array or'],
    [{ X: "text", y }, undefined, '"X" needs a number, nested arrays, a typed array or { data, shape }.'],
    [{ X, Y: y }, undefined, 'the model has no input "Y" here. It has: "X", "y".'],
    [{ X, y }, { m: 3 }, 'the model has no size "m".'],
    [{ X, y }, { n: 1.5 }, 'the size "n" needs a whole number, got 1.5.'],
    [
      { X: { data: null, shape: [3, 2] }, y },
      undefined,
      '"X" needs a number, nested arrays, a typed array or { data, shape }.',
    ],
    [null, undefined, "inputs are given as an object by name"],
    [3, undefined, "inputs are given as an object by name"],
    [y, undefined, "inputs are given as an object by name"],
    [{ X, y }, 3, "sizes are given as an object by name"],
    [{ X, y }, { n: 4 }, 'axis 0 of "X" needs 4 (n; n = 4), got 3.'],
    [{ X: Float64Array.of(1, 2, 3, 4), y }, undefined, 'the length of "X" needs 3 (n*d; n = 3, d = 1), got 4.'],
  ])("says what does not fit: %j %j", (data, sizes, message) => {
    expect(() => bind(data, sizes)).toThrow(message);
  });

  it("copies data at once, also where a point tells sizes later", () => {
    const text = "param w: [d]\ndata y: [n], k: int[m] within 0..9\nloss = sum(y) * sum(w) + sum(k)";
    const data = { y: Float64Array.of(1, 2, 3), k: Int32Array.of(1, 2) };
    const bound = load(emitModule(loadModel({ name: "late.nabla", text }))).bind(data);
    data.y.fill(100);
    data.k.fill(5);
    expect(bound.loss({ w: [1, 1] })).toBe(15);
    data.y.fill(200);
    expect(bound.loss({ w: [1, 1, 1] })).toBe(21);
  });

  it("refuses arrays that hold themselves", () => {
    const endless: unknown[] = [];
    endless.push(endless, endless);
    expect(() => bind({ X: endless, y })).toThrow('"X" is nested deeper than 64 levels.');
  });

  it("refuses results in the memory of each other, of a parameter or of the direction", () => {
    const bound = bind({ X, y });
    const memory = Float64Array.of(0.1, -0.2, 0.3, 0, 0, 0);
    const [point, apart] = [memory.subarray(0, 3), memory.subarray(3)];
    const parts = (of: Float64Array) => ({ w: of.subarray(0, 2), b: of.subarray(2, 3) });
    const [at, out] = [parts(point), parts(apart)];
    expect(bound.gradient(at, out)).toBe(out);
    expect(bound.gradient(at, out)).toBe(out);
    const sharing = /^the result "[wb]" shares memory with an input or another result/;
    expect(() => bound.gradient(at, { ...out, b: apart.subarray(1, 2) })).toThrow(sharing);
    expect(() => bound.lossAndGradient(at, { ...out, b: point.subarray(0, 1) })).toThrow(sharing);
    expect(() => bound.hvp(at, out, out)).toThrow(sharing);
    expect(() => bound.hvp(at, { w: [1, 0], b: 0 }, { ...out, w: apart })).toThrow('"w" needs a Float64Array of 2');
    expect(bound.gradient(at, out)).toBe(out);
  });

  it("takes time in proportion to the number of parameters where results have a place", () => {
    const names = Array.from({ length: 2000 }, (_, k) => `p${k}`);
    const text = `param ${names.map((name) => `${name}: [1]`).join(", ")}\nloss = ${names.map((name) => `sum(${name}^2)`).join(" + ")}`;
    const bound = load(emitModule(loadModel({ name: "many.nabla", text }))).bind();
    const arrays = () => Object.fromEntries(names.map((name) => [name, Float64Array.of(3)]));
    const [at, ...outs] = [arrays(), arrays(), arrays(), arrays()];
    const before = performance.now();
    for (const out of outs) expect(bound.gradient(at!, out).p1999).toEqual(Float64Array.of(6));
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("says what does not fit in a call", () => {
    const bound = bind({ X, y });
    const x = new Float64Array(3);
    expect(() => bound.loss({ w: [1, 2] })).toThrow('"b" has no value');
    expect(() => bound.loss({ w: [1, 2, 3], b: 0 })).toThrow('axis 0 of "w" needs 2');
    expect(() => bound.lossFlat(new Float64Array(4))).toThrow('the length of "x" needs 3');
    expect(() => bound.lossAndGradientFlat(x, x)).toThrow("shares memory");
    expect(() => bound.lossAndGradientFlat(x, new Float64Array(2))).toThrow("needs a Float64Array of 3 elements");
    expect(() => bound.hvpFlat(x, new Float64Array(2), x)).toThrow("the direction needs");
    expect(() => bound.hvp(params, { w: [1], b: 0 })).toThrow('axis 0 of "w" needs 2');
    expect(() => bound.hvp(params, { w: [[1, 2]], b: 0 })).toThrow('"w" needs');
    const call = (name: string, ...given: unknown[]) =>
      (bound as unknown as Record<string, (...given: unknown[]) => unknown>)[name]!(...given);
    for (const name of ["loss", "gradient", "lossAndGradient", "pack"]) {
      expect(() => call(name)).toThrow("inputs are given as an object by name");
    }
    expect(() => call("hvp", params)).toThrow("inputs are given as an object by name");
    for (const name of ["lossFlat", "gradientFlat", "hvpFlat", "unpack"]) {
      expect(() => call(name)).toThrow("a packed vector must be a Float64Array");
    }
    expect(() => bound.outputs(params, ["speed"])).toThrow('the model has no output "speed"');
    expect(() => bound.outputs({ w: [1, 2] }, ["probability"])).toThrow(
      '"b" has no value: the output "probability" needs it.',
    );
  });

  it("computes outputs from the inputs that they read", () => {
    const graph = new Graph();
    const d = Integer.named("d");
    const [w, b] = [graph.param("w", [d]), graph.param("b")];
    const y = graph.data("y");
    const loss = add(sum(mul(w, w)), mul(b, y));
    const named = {
      parameters: [
        { name: "w", expr: w },
        { name: "b", expr: b },
      ],
      data: [{ name: "y", expr: y }],
    };
    const model = { name: "m", graph, ...named, loss, outputs: new Map([["twice", mul(b, 2)]]) };
    expect(load(emitModule(model)).bind({}, { d: 3 }).outputs({ b: 4 })).toEqual({ twice: Float64Array.of(8) });
  });
});

describe("what only bound values can settle", () => {
  const graph = new Graph();
  const [n, m] = [Integer.named("n"), Integer.named("m")];
  const p = graph.data("p", [n], "int");
  const c = graph.data("c", [m]);
  const q = graph.param("q", [m]);
  const scale = graph.data("scale");
  const i = iterators(0);
  const picked = view(q, [n], [Integer.lookup(0, [i])], [], [p]);
  const model: CompilableModel = {
    name: "pick",
    graph,
    parameters: [{ name: "q", expr: q }],
    data: [
      { name: "p", expr: p },
      { name: "c", expr: c, fallback: toReal(graph.iota([m], 0)) },
      { name: "scale", expr: scale, fallback: graph.constant(3) },
    ],
    loss: add(mul(scale, sum(picked)), maximum(mul(q, c))),
    outputs: new Map(),
    requirements: [{ index: p, extent: m, guard: undefined, summary: "p[i] is an index of q." }],
  };
  const module = load(emitModule(model));

  it("is checked when it is bound", () => {
    const q = Float64Array.of(1, 2);
    expect(() => module.bind({ p: [0, 2] }).loss({ q })).toThrow(
      "p[i] is an index of q: needed 0..2, got 2 at position 1.",
    );
    expect(() => module.bind({ p: [0, 0.5] }, { m: 2 })).toThrow('"p" needs a whole number at position 1, got 0.5.');
    for (const beyond of [2 ** 31, -(2 ** 31)]) {
      expect(() => module.bind({ p: [0, beyond] }, { m: 2 })).toThrow(
        `"p" needs a whole number within 2^31 at position 1, got ${beyond}.`,
      );
    }
  });

  it("is checked for outputs too, as far as parameters are given", () => {
    const text = "param w: [3], t\nloss = t^2\noutput z = w[toInt(t)]\noutput s = sum(w)";
    const { outputs } = load(emitModule(loadModel({ name: "at.nabla", text }))).bind();
    expect(outputs({ w: [1, 2, 3], t: 2.5 })).toEqual({ z: Float64Array.of(3), s: Float64Array.of(6) });
    expect(() => outputs({ w: [1, 2, 3], t: 7 }, ["z"])).toThrow("must lie in 0..3: needed 0..3, got 7 at position 0.");
    expect(outputs({ w: [1, 2, 3] }, ["s"])).toEqual({ s: Float64Array.of(6) });
  });

  it("has defaults made from sizes and constants", () => {
    expect(module.bind({ p: [1, 1, 0] }).loss({ q: [10, 20] })).toBe(3 * 50 + 20);
    expect(module.bind({ p: [1], scale: 1, c: [5, 0] }).loss({ q: [10, 20] })).toBe(20 + 50);
  });
});
