import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { requireApart } from "../../src/compile/inputs/inputs.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compile, DataError, data, mat, model, param, vec } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";

const compiled = compile(model({ w: param(["n"]) }, ({ w }) => w.square().sum()));

/** What callers without types may pass. */
const call = (inputs: unknown) => () => compiled.loss(inputs as { w: number[] });

/** An array that holds itself `width` times. */
function endless(width: number): unknown[] {
  const array: unknown[] = [];
  for (let k = 0; k < width; k++) array.push(array);
  return array;
}

describe("the functions of a bound model", () => {
  const bound = compile(
    model({ w: param(["n"]), b: param() }, ({ w, b }) => ({ loss: w.sub(b).square().sum(), w })),
  ).bind();

  it("may be taken out of it", () => {
    const { loss, gradient, lossAndGradient, hvp, lossGradientHvp, hessian, outputs, pack, unpack, start, flat } =
      bound;
    const at = { w: [1, 2], b: 1 };
    expect(loss(at)).toBe(1);
    expect(gradient(at).b).toEqual(Float64Array.of(-2));
    expect(lossAndGradient(at).loss).toBe(1);
    expect(hvp(at, { w: [0, 0], b: 1 }).b).toEqual(Float64Array.of(4));
    expect(lossGradientHvp(at, at).loss).toBe(1);
    expect(hessian(at).b.b).toEqual(Float64Array.of(4));
    expect(outputs(at).w).toEqual(Float64Array.of(1, 2));
    expect(unpack(pack(at)).w).toEqual(Float64Array.of(1, 2));
    expect(start(at)).toEqual(pack(at));
    const H = new Float64Array(9);
    const { hessian: whole } = flat;
    whole(pack(at), H);
    expect(H[8]).toBe(4);
  });

  it("take flat arrays of several axes in the sizes of the call before", () => {
    const m = model({ A: param(["n", "m"]), b: param() }, ({ A, b }) => ({ loss: A.square().sum().mul(b), A }));
    const product = compile(m).bind();
    expect(() => product.pack({ A: new Float64Array(6), b: 2 })).toThrow('the size "n", "m" follows from no argument');
    const { A } = product.gradient({
      A: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      b: 1,
    });
    expect(product.pack({ A, b: 2 })).toEqual(Float64Array.of(2, 4, 6, 8, 10, 12, 2));
    expect(product.loss({ A, b: 2 })).toBe(728);
    expect(product.outputs({ A }, ["A"]).A).toEqual(A);
    expect(product.start({ A, b: 2 })[6]).toBe(2);
    expect(() => product.loss({ A: new Float64Array(5), b: 2 })).toThrow(
      '"A" needs 6 values (m*n; m = 3 from the last call, n = 2 from the last call), got 5.',
    );
    // nested ones still tell others
    expect(product.loss({ A: [[3]], b: 2 })).toBe(18);
  });

  it("give an output once, however often it is asked for", () => {
    expect(Object.keys(bound.outputs({ w: [1] }, ["w", "w"]))).toEqual(["w"]);
  });

  it.each(["w: [n]", "w: [n], b = 1"])("refuse other names, of typed arrays too, with param %s", (declared) => {
    const { loss, gradient, hvp } = compileText(`param ${declared}\ndata X: [n] = 1\nloss = sum(X * w^2)`).bind();
    const at = { w: Float64Array.of(1, 2), ...(declared.includes("b") && { b: Float64Array.of(1) }) };
    const more = { ...at, X: Float64Array.of(5, 6) };
    for (const _ of [1, 2]) {
      expect(loss(at)).toBe(5);
      expect(() => loss(more)).toThrow('"X" is data, and no parameter: it is given to bind.');
      expect(() => gradient(more)).toThrow('"X" is data');
      expect(() => hvp(at, more)).toThrow('"X" is data');
    }
  });

  it("name what came in the place of an array", () => {
    const [at, out] = [
      { w: [1, 2], b: 1 },
      { w: [0, 0], b: new Float64Array(1) },
    ];
    expect(() => bound.gradient(at, out as never)).toThrow(
      '"gradient.w" needs a Float64Array of 2 elements, got an array.',
    );
    expect(() => bound.flat.loss([1, 2, 3] as never)).toThrow("as pack(params) gives it, got an array.");
  });
});

describe("the inputs of a call", () => {
  it("may not have been handed to another thread", () => {
    const X = new Float64Array(6);
    structuredClone(X.buffer, { transfer: [X.buffer] });
    const { loss } = compile(
      model({ w: param(["d"]), X: mat("n", "d"), y: vec("n") }, ({ w, X, y }) => X.matmul(w).sub(y).sum()),
    );
    expect(() => loss({ w: [1, 2], X, y: [1, 2, 3] })).toThrow('"X" was handed to another thread.');
    // nothing else tells its size here
    const text = compileText("param w\ndata x: [n], k: int[m]\nloss = w + sum(x) + sum(k)");
    const [x, k] = [Float64Array.of(1), Int32Array.of(1)];
    structuredClone([x.buffer, k.buffer], { transfer: [x.buffer, k.buffer] });
    expect(() => text.loss({ w: 1, x, k: [1] })).toThrow('"x" was handed to another thread.');
    expect(() => text.bind({ x: [1], k })).toThrow('"k" was handed to another thread.');
  });

  it.each([1, 2, 3])("may not hold themselves, %i wide", (width) => {
    expect(call({ w: endless(width) })).toThrow(DataError);
    expect(call({ w: [endless(width)] })).toThrow('"w" is nested deeper than 64 levels.');
  });

  it.each([undefined, null, 3, "w"])("are a record by name, not %j", (inputs) => {
    expect(call(inputs)).toThrow(DataError);
    expect(call(inputs)).toThrow("inputs are given as an object of arrays by name");
  });

  it("are told from sizes, which stand in an argument of their own", () => {
    const { loss } = compileText("size g\nparam w\ndata y: [n]\nloss = w * sum(y) * g");
    expect(() => loss({ w: 1, y: [2], g: 3 } as never)).toThrow('"g" is a size, and no input: it is given in sizes');
    expect(loss({ w: 1, y: [2] }, { g: 3 })).toBe(6);
  });

  it("are called by their names, also where one parameter is the packed vector", () => {
    const lines = compile(model({ w: param(["n"]), X: mat("m", "n") }, ({ w, X }) => X.matmul(w).square().sum()));
    const X = [[1, 2]];
    expect(() => lines.loss({ w: new Float64Array(3), X })).toThrow('"w" needs 2 values (n; n = 2 from "X"), got 3.');
    const gone = new Float64Array(2);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(() => lines.gradient({ w: gone, X }, { w: new Float64Array(2) })).toThrow('"w" needs 2 values');
    // @ts-expect-error: without the parameter
    expect(() => lines.loss({ X })).toThrow('"w" has no value');
    // @ts-expect-error: without the parameter
    expect(() => lines.hvp({ X }, { w: [1, 2] })).toThrow('"w" has no value');
    // data may have defaults, and models from text have names that are not known
    const dotted = compileText("param w: [n]\ndata k = 2\nloss = k * sum(w)\noutput twice = 2 * k");
    const given: { readonly w: readonly number[]; readonly k?: number } = { w: [1, 2] };
    expect([dotted.loss(given), dotted.outputs({}, ["twice"]).twice![0]]).toEqual([6, 4]);
    // @ts-expect-error: without a direction
    expect(() => lines.hvp({ w: [1, 2], X })).toThrow(
      "the direction is given as an object of arrays by name, got nothing",
    );
  });

  it("may be pixels as a canvas gives them", () => {
    expect(compiled.loss({ w: Uint8ClampedArray.of(3, 4) })).toBe(25);
  });

  it("are named where all that would tell a size are left out", () => {
    const { loss, gradient, bind } = compileText("param w: [d]\ndata X: [n, d], y: [n]\nloss = sum((X @ w - y)^2)");
    const X = { data: [], shape: [0, 1] };
    expect(() => loss({ w: [1] })).toThrow('"X" has no value');
    expect(() => loss({ w: [1], X })).toThrow('"y" has no value');
    expect(() => gradient({ y: [1] })).toThrow('"w" has no value');
    expect(() => bind({}).loss({})).toThrow('"w" has no value');
    expect(() => bind({}).flat.gradient(Float64Array.of(1), new Float64Array(1))).toThrow('"X" has no value');
    expect(() => bind({}, { n: 0 }).loss({ w: [1] })).toThrow('"X" has no value');
    const prepared = compileText("param w: [d]\ndata X: [n, d]\nloss = dot(w, (X' @ X) @ w) / n");
    expect(() => prepared.hvp({ w: [1] }, { w: [1] })).toThrow('"X" has no value');
  });

  it("are read where they are inherited, of what every object inherits nothing is", () => {
    const { loss, bind, outputs } = compileText(
      "size g\nparam w: [d], b\ndata X: [n, d], constructor = 3\nloss = g * sum(X @ w + b)\noutput c = 2 * constructor",
    );
    const [X, w, b, g] = [[[1, 2]], [3, 4], 5, 2];
    class Point {
      get w() {
        return w;
      }
      readonly b = b;
    }
    const sizes: Record<string, number> = Object.create({ g });
    for (const inputs of [Object.create({ X, w, b }), Object.assign(new Point(), { X })]) {
      expect(loss(inputs, sizes)).toBe(32);
      expect(loss(inputs, sizes)).toBe(32);
    }
    const bound = bind(Object.create({ X }), sizes);
    const point = new Point() as never;
    expect(bound.loss(point)).toBe(32);
    expect(bound.hvp(point, Object.create({ w, b })).b).toEqual(Float64Array.of(0));
    expect(outputs(Object.create({ w, b })).c).toEqual(Float64Array.of(6));
    expect(() => loss(Object.create({ X, w, b, q: 1 }), sizes)).toThrow('the model has no input "q"');
    expect(() => loss({ X, w, b, toString: 1 } as never, sizes)).toThrow('the model has no input "toString"');
    expect(() => bind({ X }, Object.create({ q: 1 }))).toThrow('no size "q"');
  });

  it("are counted as one where there is one", () => {
    const { loss, gradient } = compileText("param w: [d, 1]\nloss = sum(w^2)");
    expect(() => loss({ w: [[1], [2, 3]] })).toThrow("the row at [1] has 2 entries, the first has 1.");
    expect(() => loss({ w: [[1, 2], [3]] })).toThrow("the row at [1] has 1 entry, the first has 2.");
    expect(() => loss({ w: { data: [1, 2], shape: [1, 1] } })).toThrow('"w" of shape [1, 1] needs 1 value, got 2.');
    expect(() => gradient({ w: [[1]] }, { w: new Float64Array(2) })).toThrow("needs 1 element, got 2.");
  });

  it("say what came in place of an array or a shape", () => {
    expect(call({ w: new ArrayBuffer(16) })).toThrow("got an ArrayBuffer.");
    expect(call({ w: { data: [1], shape: [Number.NaN] } })).toThrow('the shape of "w" needs whole numbers, got [NaN].');
    expect(call({ w: { data: [1], shape: 1 } })).toThrow('the shape of "w" needs whole numbers, got 1.');
  });

  it("may have no holes, however many", () => {
    const holes: number[] = [];
    holes.length = 2 ** 32 - 1;
    expect(call({ w: holes })).toThrow('"w" at [0] needs a number, got nothing.');
    expect(call({ w: [[1, 2], holes] })).toThrow('"w" is uneven');
    const late = [1, 2];
    late[3] = 4;
    expect(call({ w: late })).toThrow('"w" at [2] needs a number, got nothing.');
  });

  it("may be got by functions that call the same function", () => {
    const scaled = compile(model({ w: param(["n"]), c: data() }, ({ w, c }) => w.sum().mul(c)));
    const inputs = {
      c: 10,
      get w() {
        expect(scaled.loss({ w: [1, 1], c: 2 })).toBe(4);
        return [1, 2];
      },
    };
    expect(scaled.loss({ w: [1, 2], c: 10 })).toBe(30);
    expect(scaled.loss(inputs)).toBe(30);
  });

  it("hold no packed vector where the model has no parameters", () => {
    const { flat } = compile(model({ w: vec(2) }, ({ w }) => w.square().sum())).bind({ w: [1, 2] });
    expect(flat.loss(new Float64Array(0))).toBe(5);
    expect(() => flat.loss(Float64Array.of(1, 2))).toThrow(
      "a packed vector needs parameters, and there are none: declare a leaf as param, or name leaves in wrt.",
    );
  });

  it("may have typed arrays for rows", () => {
    const { loss } = compile(model({ X: mat("n", "d"), w: param(["d"]) }, ({ X, w }) => X.matmul(w).sum()));
    expect(loss({ X: [Float64Array.of(1, 2), Float32Array.of(3, 4)], w: [1, 10] })).toBe(64);
  });

  it("may share rows", () => {
    const row = [1, 2];
    const summed = compile(model({ w: param(["m", "n"]) }, ({ w }) => w.square().sum()));
    expect(summed.loss({ w: [row, row] })).toBe(10);
  });
});

describe("data that are bound", () => {
  const text = "param w: [d]\ndata y: [n], k: int[m] within 0..9\nloss = sum(y) * sum(w) + sum(k)";

  it.each(["before", "after"])("are copied at once, also where a point tells sizes %s they are changed", (when) => {
    const y = Float64Array.of(1, 2, 3);
    const k = { data: [1, 2], shape: [2] };
    const bound = compileText(text).bind({ y, k });
    if (when === "before") bound.loss({ w: [1, 1] });
    y.fill(100);
    k.data.fill(5);
    expect(bound.loss({ w: [1, 1] })).toBe(15);
    // these are bound anew
    expect(bound.loss({ w: [1, 1, 1] })).toBe(21);
  });

  it("are checked at once", () => {
    expect(() => compileText(text).bind({ y: [1], k: [1, 0.5] })).toThrow('"k" at [1] needs a whole number, got 0.5.');
  });
});

describe("a dense Hessian", () => {
  const point = { w: new Float64Array(2 ** 14 + 1) };

  it("has as many entries as its limit at most: a message says so, and what to take instead", () => {
    const expected = /Hessian in 16,385 numbers has 268,468,225 entries.*268,435,456.*\n.*"hvp".*sparseHessian/;
    expect(() => compiled.hessian(point)).toThrow(expected);
    expect(() => compiled.bind({}).hessian(point)).toThrow(expected);
    expect(compiled.hvp(point, { w: point.w.fill(1) }).w[0]).toBe(2);
  });
});

describe("arrays that results go to", () => {
  const bound = compile(
    model({ a: param(["n"]), b: param(["n"]) }, ({ a, b }) => a.mul(b).square().sum()),
    {},
  ).bind({});
  const memory = Float64Array.of(1, 2, 3, 4, 5);
  const params = { a: memory.subarray(0, 2), b: memory.subarray(2, 4) };
  const apart = { a: new Float64Array(2), b: new Float64Array(2) };

  it("take their parts, also where others took them before", () => {
    const { gradient } = bound.lossAndGradient(params, { loss: 0, gradient: apart });
    expect(gradient).toBe(apart);
    expect([...apart.a, ...apart.b]).toEqual([18, 64, 6, 32]);
    bound.hvp(params, { a: [1, 0], b: [0, 0] }, apart);
    expect([...apart.a, ...apart.b]).toEqual([18, 0, 12, 0]);
  });

  it("have the names of the parameters alone", () => {
    const single = compile(model({ a: param(["n"]) }, ({ a }) => a.square().sum())).bind();
    const more = { ...apart, bb: new Float64Array(2) };
    for (const _ of [1, 2]) {
      expect(bound.gradient(params, apart)).toBe(apart);
      const refused = (name: string) => `the output "${name}" has no "bb". Did you mean "b"?`;
      expect(() => bound.gradient(params, more)).toThrow(refused("gradient"));
      expect(() => bound.lossAndGradient(params, { loss: 0, gradient: more })).toThrow(refused("gradient"));
      expect(() => bound.hvp(params, params, more)).toThrow(refused("hvp"));
      expect(() => single.gradient({ a: params.a }, more)).toThrow('the output "gradient" has no "b". It has: a.');
    }
  });

  it("may change, where the loss is set in them", () => {
    const single = compileText("param a: [n]\nloss = sum(a^2)").bind({});
    const shown = { a: Float64Array.of(1, 2) };
    const numbers = { a: [1, 2] };
    for (const given of [shown, numbers]) {
      const out = Object.freeze({ loss: 0, gradient: { a: new Float64Array(2) } });
      for (const _ of [1, 2])
        expect(() => single.lossAndGradient(given, out)).toThrow(
          new DataError('"loss" of the result cannot be set: give an object that may change.'),
        );
    }
  });

  it("may not lie over the parameter of their name, whatever the calls before took", () => {
    const over = { ...apart, b: memory.subarray(3, 5) };
    for (const out of [apart, over, apart]) {
      const call = () => bound.gradient(params, out);
      if (out === apart) expect(call()).toBe(apart);
      else for (const _ of [1, 2]) expect(call).toThrow('the output "gradient.b" shares memory with an input');
    }
    const moved = { ...params, a: apart.a };
    expect(() => bound.hvp(moved, params, apart)).toThrow('the output "hvp.a" shares memory with an input');
    expect(() => bound.gradient(params, { ...apart, b: new Float64Array(3) })).toThrow("needs 2 elements, got 3");
  });

  it("may not lie over each other, another parameter or the direction", () => {
    const both = new Float64Array(5);
    const over = { a: both.subarray(0, 2), b: both.subarray(1, 3) };
    expect(() => bound.gradient(params, over)).toThrow(
      'the output "gradient.b" shares memory with an input or another result',
    );
    expect(() => bound.lossAndGradient(params, { loss: 0, gradient: { a: apart.a, b: apart.a } })).toThrow(
      "shares memory",
    );
    expect(() => bound.gradient(params, { ...apart, a: memory.subarray(3, 5) })).toThrow('"gradient.a" shares memory');
    expect(() => bound.hvp(params, apart, { ...apart, a: new Float64Array(2) })).toThrow('"hvp.b" shares memory');
    expect(both).toEqual(new Float64Array(5));
    const beside = { a: both.subarray(0, 2), b: both.subarray(2, 4) };
    expect(bound.gradient(params, beside)).toBe(beside);
    expect([...both]).toEqual([18, 64, 6, 32, 0]);
  });

  it("may be many views of one memory, and are looked at in no more than linear time", () => {
    const count = 20_000;
    const names = Array.from({ length: count }, (_, k) => `p${k}`);
    const of = (view: Float64Array, what = "p") => ({ what, view, isResult: true });
    const none = names.map((_, k) => of(new Float64Array(memory.buffer, 8 * (k % 5), 0)));
    const all = new Float64Array(count);
    const parts = names.map((_, k) => of(all.subarray(k, k + 1)));
    const before = performance.now();
    requireApart([...none, { ...of(memory), isResult: false }, ...parts]);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(() => requireApart([...parts, of(all.subarray(count - 1), "q")])).toThrow("q shares memory");
  });

  it("are called by the place where they were to be given, in flat functions too", () => {
    const { flat } = bound;
    const x = memory.slice(0, 4);
    expect(() => flat.gradient(x, new Float64Array(3))).toThrow("the array of the gradient needs 4 elements, got 3");
    expect(() => flat.hvp(x, x, x)).toThrow("the array of the product shares memory with an input");
    expect(() => flat.hvp(x, new Float64Array(3), x)).toThrow("the direction of flat.hvp needs 4 elements, got 3.");
    expect(() => bound.pack({ a: [1, 2], b: x.subarray(2) }, x)).toThrow(
      "the packed vector shares memory with an input",
    );
    expect(() => bound.pack(params, new Float64Array(3))).toThrow("the packed vector needs 4 elements, got 3");
    expect(() => flat.hessian(x, new Float64Array(4))).toThrow("the array of the Hessian needs 16 elements, got 4");
    // @ts-expect-error: an output that the model does not have
    expect(() => bound.outputs(params, ["q"])).toThrow('the model has no output "q". It has none.');
  });
});

describe("arrays handed to another thread after a call", () => {
  const engines = { javaScriptEngine, closureEngine, wasm: webAssembly({ use: "always" }) };

  it.each(["javaScriptEngine", "closureEngine", "wasm"] as const)("have lost their elements, in %s", (engine) => {
    const squares = model({ w: vec("n"), y: vec("n") }, ({ w, y }) => w.sub(y).square().sum());
    const { flat } = compile(squares, { wrt: ["w"], engine: engines[engine] }).bind({ y: [1, 2, 3] });
    const [x, g] = [Float64Array.of(4, 5, 6), new Float64Array(3)];
    for (const _ of [1, 2]) expect(flat.lossAndGradient(x, g)).toBe(27);
    structuredClone(g, { transfer: [g.buffer] });
    expect(() => flat.lossAndGradient(x, g)).toThrow("the array of the gradient needs 3 elements, got 0");
    expect(flat.lossAndGradient(x, new Float64Array(3))).toBe(27);
    structuredClone(x, { transfer: [x.buffer] });
    for (const _ of [1, 2]) {
      expect(() => flat.lossAndGradient(x, new Float64Array(3))).toThrow(
        '"packed vector" needs 3 values (n; n = 3 from "y"), got 0',
      );
    }
  });
});
