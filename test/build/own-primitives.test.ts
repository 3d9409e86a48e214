import { describe, expect, it } from "vitest";
import { definePrimitive, model } from "../../src/build/api/api.ts";
import { param } from "../../src/build/api/declare.ts";
import { range, type Tensor } from "../../src/build/api/tensor.ts";
import { compile } from "../../src/compile/api.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { loadModel } from "../../src/language.ts";
import { scan } from "../../src/loops.ts";
import { webAssembly } from "../../src/wasm.ts";

const named = (rate: number, more: Partial<Primitive> = {}): Primitive => ({
  name: "stretch",
  arity: 1,
  real: (x) => rate * x,
  complex: ({ re, im }) => ({ re: rate * re, im: rate * im }),
  partials: [([x]) => x!.graph.constantLike(rate, x!)],
  print: (x) => `${rate} * ${x}`,
  cost: 1,
  ...more,
});

/** rate x^2, whose slope is a record made anew at every call. */
const squared = (rate: number): Primitive =>
  named(rate, {
    name: "bend",
    real: (x) => rate * x * x,
    partials: [([x]) => x!.graph.map(named(2 * rate), [x!])],
    print: (x) => `${rate} * ${x} * ${x}`,
  });

const repeated = (step: (h: Tensor) => Tensor, x: Tensor) =>
  scan({ over: { t: range(0, 2) }, carry: { h: x } }, ({ h }) => ({ carry: { h: step(h) } })).h;

const engines = [
  ["JavaScript", {}],
  ["JavaScript as written", { rewrites: "none" }],
  ["closures", { engine: closureEngine }],
  ["WebAssembly", { engine: webAssembly({ use: "always" }) }],
] as const;

describe.each(engines)("primitives of one name in %s", (_, options) => {
  const [double, triple] = [definePrimitive(named(2)), definePrimitive(named(3))];
  const [bend, bendMore] = [definePrimitive(squared(0.5)), definePrimitive(squared(2))];
  // x = 3; value, slope, curvature
  it.each<[string, (x: Tensor) => Tensor, readonly [number, number, number]]>([
    ["are two in a sum", (x) => double(x).add(triple(x)), [15, 5, 0]],
    ["are two in loops", (x) => repeated(double, x).sub(repeated(triple, x)), [-15, -5, 0]],
    ["have two slopes", (x) => bend(x).add(bendMore(x)), [22.5, 15, 5]],
    // h = x^2/2 twice is x^4/8; 2 x^2 twice is 8 x^4
    ["have two slopes in loops", (x) => repeated(bend, x).add(repeated(bendMore, x)), [658.125, 877.5, 877.5]],
  ])("%s", (_, build, [value, slope, curvature]) => {
    const { lossAndGradient, hvp } = compile(
      model({ x: param() }, ({ x }) => build(x)),
      options,
    );
    const { loss, gradient } = lossAndGradient({ x: 3 });
    expect([loss, gradient.x[0], hvp({ x: 3 }, { x: 1 }).x[0]]).toEqual([value, slope, curvature]);
  });
});

describe("a primitive with the name of another", () => {
  it("is itself of whole numbers too", () => {
    const cubed = (name: string) =>
      definePrimitive(named(1, { name, real: (x) => x ** 3, print: (x) => `${x} ** 3`, partials: ["zero"] }));
    const { loss } = compile(model({ x: param() }, ({ x }) => x.add(cubed("square")(2)).add(cubed("neg")(3))));
    expect(loss({ x: 1 })).toBe(1 + 8 + 27);
  });
});

describe("a primitive of whole numbers", () => {
  it.each(["mod(k)", "mod(k, 2, 3)", "floorDiv(k)", "sub(k, 1, 2)", "neg(k, k)", "square(k, k)", "add(k)", "mul(k)"])(
    "refuses operands that it does not take: %s",
    (call) => {
      const wanted = /^(add|mul)/.test(call) ? "operands, got 1" : /takes [12] operands?, got/;
      expect(() => loadModel({ name: "k.nabla", text: `data k: int\noutput y = ${call}` })).toThrow(wanted);
    },
  );
});

describe("a primitive's record", () => {
  it.each<[string, object, string]>([
    [
      "a partial that is a number",
      { partials: [2] },
      '"partials" of the primitive stretch needs a function, "zero" or',
    ],
    ["a partial that gives a number", { partials: [() => 2] }, "a partial of stretch needs an expression, got 2"],
    [
      "a partial that gives nothing",
      { partials: [() => undefined] },
      "a partial of stretch needs an expression, got nothing",
    ],
    ["no text", { print: undefined }, 'stretch needs "print" or "program"'],
  ])("is refused for %s", (_, wrong, message) => {
    const use = () => {
      const stretch = definePrimitive(named(2, wrong as Partial<Primitive>));
      return compile(model({ x: param() }, ({ x }) => stretch(x))).lossAndGradient({ x: 1 });
    };
    expect(use).toThrow(message);
  });
});
