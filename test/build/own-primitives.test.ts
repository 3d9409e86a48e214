import { describe, expect, it } from "vitest";
import { definePrimitive, model } from "../../src/build/api/api.ts";
import { param } from "../../src/build/api/declare.ts";
import { range, type Tensor } from "../../src/build/api/tensor.ts";
import { compile } from "../../src/compile/api.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import type { Expr } from "../../src/ir/graph.ts";
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

describe.each(engines)("what a primitive prints, in %s", (_, options) => {
  it.each<[string, (x: string) => string]>([
    ["holds a comma", (x) => `0, 2 * ${x}`],
    ["chooses", (x) => `true ? 2 * ${x} : 0`],
    ["is a sum", (x) => `${x} + ${x}`],
    ["is of words", (x) => `0 in [] ? 0 : 2 * ${x}`],
    ["is an arrow that is called", (x) => `((y) => { const z = y; return 2 * z; })(${x})`],
    ["takes lines", (x) => `\n  2 *\n  ${x}\n`],
  ])("is one operand where it %s", (_, print) => {
    const stretch = definePrimitive(named(2, { print }));
    const build = ({ x }: { x: Tensor }) =>
      stretch(x.add(1))
        .mul(3)
        .exp()
        .log()
        .add(stretch(stretch(x).neg()));
    const { loss } = compile(model({ x: param() }, build), options);
    expect(loss({ x: 1 })).toBeCloseTo(12 - 4, 12);
  });
});

describe("a primitive's record", () => {
  const use = (wrong: object) => {
    const stretch = definePrimitive(named(2, wrong as Partial<Primitive>));
    return compile(model({ x: param([2]) }, ({ x }) => stretch(x).sum())).lossAndGradient({ x: [1, 2] });
  };

  it.each<[string, object, string]>([
    ["a name that is none", { name: 3 }, '"name" of a primitive needs a text, got 3'],
    ["no operands", { arity: 0 }, '"arity" of the primitive stretch needs a number of operands, or "variadic", got 0'],
    ["no value", { real: undefined }, '"real" of the primitive stretch needs a function, got nothing'],
    [
      "a value that is a text",
      { real: () => "2" },
      '"real" of the primitive stretch needs to give a number, got the text',
    ],
    ["a partial that is a number", { partials: [2] }, '"partials" of the primitive stretch needs functions, "zero"'],
    [
      "partials that are not one an operand",
      { partials: [] },
      '"partials" of the primitive stretch needs one for each operand',
    ],
    [
      "a reason that is none",
      { partials: [{ none: 3 }] },
      '"partials" of the primitive stretch needs functions, "zero" or',
    ],
    ["a partial that gives a number", { partials: [() => 2] }, "a partial of stretch needs an expression in the shape"],
    ["a partial that gives nothing", { partials: [() => undefined] }, "in the shape of its operands, got nothing"],
    [
      "a partial of another shape",
      { partials: [([x]: Expr[]) => x!.graph.constant(2)] },
      "a partial of stretch needs an expression in the shape of its operands, got a",
    ],
    [
      "a record in a partial that is none",
      { partials: [([x]: Expr[]) => x!.graph.map({ name: "slope" } as Primitive, [x!])] },
      '"arity" of the primitive slope needs a number of operands',
    ],
    ["no text", { print: undefined }, 'the primitive stretch needs "print" or "program", got nothing'],
    ["a text that is a number", { print: () => 7 }, '"print" of the primitive stretch needs to give a text, got 7'],
    [
      "a program that gives a number",
      { program: () => 7 },
      '"program" of the primitive stretch needs to give an expression, got 7',
    ],
    [
      "a program that gives nothing",
      { program: () => undefined, print: undefined },
      "to give an expression, got nothing",
    ],
    ["no cost", { cost: undefined }, '"cost" of the primitive stretch needs a number of operations, got nothing'],
    [
      "a cost that is a text",
      { cost: "1" },
      '"cost" of the primitive stretch needs a number of operations, got the text',
    ],
    ["a cost below 0", { cost: -1 }, '"cost" of the primitive stretch needs a number of operations, got -1'],
    ["types that are a text", { operands: "real" }, '"operands" of the primitive stretch needs a list, got the text'],
    ["a result that there is not", { result: "float" }, '"result" of the primitive stretch needs "real", "int"'],
    ["a flag that is a number", { isOpaque: 1 }, '"isOpaque" of the primitive stretch needs true or false, got 1'],
    ["a flag that is a text", { isCommutative: "no" }, '"isCommutative" of the primitive stretch needs true or false'],
    [
      "a range that is an interval",
      { range: [0, 1] },
      '"range" of the primitive stretch needs a function, got an array',
    ],
    ["a domain that is a text", { domain: "all" }, '"domain" of the primitive stretch needs a list, got the text'],
    ["units that are a number", { units: 1 }, '"units" of the primitive stretch needs a text, got 1'],
    ["a summary alone", { documentation: "2 x" }, '"documentation" of the primitive stretch needs an object'],
    [
      "a field that there is not",
      { partial: 2 },
      'the primitive stretch has no option "partial". Did you mean "partials"?',
    ],
  ])("is refused for %s", (_, wrong, message) => {
    expect(() => use(wrong)).toThrow(message);
  });

  it.each<[string, (x: string) => string]>([
    ["2*$; 1", (x) => `2*${x}; 1`],
    ["2*$ // twice", (x) => `2*${x} // twice`],
    ["2*$) + (1", (x) => `2*${x}) + (1`],
    ["2*$] + [1", (x) => `2*${x}] + [1`],
    ["", () => ""],
    ["2 $", (x) => `2 ${x}`],
    ["nowhere($)", (x) => `nowhere(${x})`],
  ])("is refused for a text that is no expression: %s", (text, print) => {
    const message = `"print" of the primitive stretch needs to give an expression, got "${text}": `;
    expect(() => use({ print })).toThrow(message);
  });
});
