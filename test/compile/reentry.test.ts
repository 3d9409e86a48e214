import { describe, expect, it } from "vitest";
import { definePrimitive, model } from "../../src/build/api/api.ts";
import { param } from "../../src/build/api/declare.ts";
import { compile } from "../../src/compile/api.ts";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/wasm.ts";

const engines = [javaScriptEngine, closureEngine, webAssembly({ use: "always" })];

/** A sum over a primitive whose value is what `inner` makes of each element. */
function recursive(inner: () => (x: number) => number, engine: (typeof engines)[number]) {
  const real = (x: number) => inner()(x);
  Object.assign(globalThis, { again: real });
  const again = definePrimitive({
    name: "again",
    arity: 1,
    real,
    print: (x) => `globalThis.again(${x})`,
    complex: (x) => x,
    partials: [([x]) => x!.graph.constantLike(2, x!)],
    cost: 1000,
  });
  const twice = model({ x: param(["n"]), y: param([]) }, ({ x, y }) => {
    return { loss: again(x).mul(y).sum(), size: x.square() };
  });
  return compile(twice, { engine });
}

describe.each(engines.map((engine) => [engine.name, engine] as const))("by %s, a primitive", (_, engine) => {
  it("may call the compiled function that calls it", () => {
    const value = (x: number): number => (x > 0.9 ? x * x : compiled.loss({ x: [x + 0.5, x + 0.6], y: 3 }));
    const compiled = recursive(() => value, engine);
    const expected = (x: number): number => (x > 0.9 ? x * x : 3 * (expected(x + 0.5) + expected(x + 0.6)));
    expect(compiled.loss({ x: [0.2, 0.3], y: 2 })).toBeCloseTo(2 * (expected(0.2) + expected(0.3)), 12);
    expect(compiled.loss({ x: [1, 2], y: 2 })).toBe(10);
  });

  it("is refused what would use the arrays of the bound model that computes it", () => {
    const uses: readonly (() => unknown)[] = [
      () => bound.loss({ x: [9, 9], y: 9 }),
      () => bound.lossAndGradient({ x: [9, 9, 9], y: 9 }),
      () => bound.outputs({ x: [9, 9], y: 9 }),
      () => bound.pack({ x: [9, 9, 9], y: 9 }),
      () => bound.flat.loss(Float64Array.of(9, 9, 9)),
      () => bound.flat.hvp(Float64Array.of(9, 9), Float64Array.of(1, 1), new Float64Array(2)),
    ];
    const messages = new Set<string>();
    let isBound = false;
    const bound = recursive(
      () => (x) => {
        if (!isBound) return 0;
        for (const use of uses)
          expect(use).toThrow("a primitive of your own uses the bound model that is computing it.");
        messages.add("refused");
        return x * x;
      },
      engine,
    ).bind();
    isBound = true;
    // to have caught it is to be right
    for (let call = 0; call < 3; call++) {
      messages.clear();
      expect(bound.loss({ x: [1, 2], y: 2 })).toBe(10);
      expect(bound.flat.loss(Float64Array.of(1, 3, 2))).toBe(20);
      expect({ ...bound.lossAndGradient({ x: [1, 2], y: 2 }).gradient }).toEqual({
        x: Float64Array.of(4, 4),
        y: Float64Array.of(5),
      });
      expect(messages.size).toBe(1);
    }
  });

  it("may change nothing of how sizes follow from points", () => {
    const bound = recursive(() => (x) => 2 * x, engine).bind();
    expect(bound.flat.loss(Float64Array.of(1, 2))).toBe(4);
    expect(bound.flat.loss(Float64Array.of(1, 2, 5))).toBe(30);
    expect(bound.flat.loss(Float64Array.of(1, 2))).toBe(4);
    expect(bound.loss({ x: [1, 2, 3], y: 1 })).toBe(12);
  });
});
