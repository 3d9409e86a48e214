import { describe, expect, it, vi } from "vitest";
import { batch, hvps } from "../../src/batch.ts";
import { javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";
import { jacobianProduct } from "../../src/sparse.ts";
import { webAssembly } from "../../src/wasm.ts";
import { countInstances } from "../emit/wasm/count-instances.ts";

const text = "param w: [2]\ndata X: [n, 2], label: int[n] within 0..3\nloss = sum(i: (X[i, :] @ w - label[i])^2)";
const first = {
  X: [
    [1, 2],
    [3, 4],
  ],
  label: [0, 2],
};
const second = {
  X: [
    [5, 6],
    [7, 9],
  ],
  label: [1, 0],
};

describe("refill", () => {
  it("refuses arrays of another shape, and changes nothing", () => {
    const bound = compileText(text).bind(first);
    const w = Float64Array.of(0.5, -0.25);
    const before = bound.flat.loss(w);
    expect(() => bound.refill({ X: [[5, 6, 7, 9]] })).toThrow(
      '"X" needs 2 along axis 0 (n; n = 2 from what is bound), got 1.',
    );
    expect(bound.flat.loss(w)).toBe(before);
    // flat arrays tell no shape
    bound.refill({ X: Float64Array.of(5, 6, 7, 9), label: [1, 0] });
    expect(bound.flat.loss(w)).toBe(compileText(text).bind(second).flat.loss(w));
  });

  it("computes with the new data what a new binding would, in functions that were taken before", () => {
    const compiled = compileText(text);
    const bound = compiled.bind(first);
    const w = Float64Array.of(0.5, -0.25);
    const { loss, lossAndGradient } = bound.flat;
    loss(w);
    bound.refill(second);
    const fresh = compiled.bind(second).flat;
    const [g, wanted] = [new Float64Array(2), new Float64Array(2)];
    expect(loss(w)).toBe(fresh.loss(w));
    expect(lossAndGradient(w, g)).toBe(fresh.lossAndGradient(w, wanted));
    expect(g).toEqual(wanted);
    // one of several: the others stay
    bound.refill({ label: [0, 2] });
    expect(loss(w)).toBe(compiled.bind({ ...second, label: [0, 2] }).flat.loss(w));
  });

  it("reaches functions that were made before other sizes were bound in between", () => {
    const bound = compileText("param w: [d]\ndata y: [n]\nloss = sum(y) * sum(w^3)\noutput r = w * sum(y)").bind({
      y: [1, 2],
    });
    const w = Float64Array.of(1, 2);
    bound.loss({ w });
    const [{ loss }, products, product] = [batch(bound, 1), hvps(bound, 1), jacobianProduct(bound, "r")];
    const results = () => {
      const [losses, h, z] = [new Float64Array(1), new Float64Array(2), new Float64Array(2)];
      loss(w, losses);
      products(w, Float64Array.of(1, 0), h);
      product(w, Float64Array.of(0, 1), z);
      return [...losses, ...h, ...z];
    };
    expect(results()).toEqual([27, 18, 0, 0, 3]);
    bound.loss({ w: [1, 2, 3] });
    bound.refill({ y: [10, 10] });
    expect(results()).toEqual([180, 120, 0, 0, 20]);
    expect(bound.sizes.d).toBe(2);
    bound.refill({ y: [1, 1] });
    expect(results()).toEqual([18, 12, 0, 0, 2]);
  });

  it("refuses other sizes, values out of range, and data that are not there", () => {
    const bound = compileText(text).bind(first);
    expect(() => bound.refill({ X: [[1, 2]] })).toThrow('"X" is bound with 4 values, got 2.');
    expect(() => bound.refill({ label: [0, 3] })).toThrow("needed 0..3, got 3 at [1]");
    expect(() => bound.refill({ label: [0, 0.5] })).toThrow('"label" at [1] needs a whole number, got 0.5.');
    expect(() => bound.refill({ y: [1] })).toThrow('no input "y"');
    expect(() => compileText("param v: [m]\ndata x\nloss = sum(v) * x").bind({ x: 1 }).refill({ x: 2 })).toThrow(
      "bind them first",
    );
  });
});

describe("a refill that is refused", () => {
  const text = "param w: [2]\ndata X: [n, 2], table: [m], at: int[n]\nloss = sum((X @ w)^2) + sum(table[at])";
  const data = {
    X: [
      [1, 2],
      [3, 4],
    ],
    table: [5, 6, 7],
    at: [0, 2],
  };
  const others = { X: [[9, 9], [9, 9]] }; // biome-ignore format: rows side by side

  it.each([
    ["a value of the wrong type", { ...others, at: [1, 0.5] }],
    ["a position that leaves its table", { ...others, at: [1, 3] }],
    ["a name that is not bound", { ...others, extra: 1 }],
  ])("changes nothing: %s", (_, refused) => {
    const bound = compileText(text).bind(data);
    const w = Float64Array.of(0.5, -0.25);
    const before = bound.flat.loss(w);
    expect(() => bound.refill(refused)).toThrow();
    expect(bound.flat.loss(w)).toBe(before);
    expect(bound.loss({ w: [0.5, -0.25] })).toBe(before);
  });
});

describe("a call that binds its data itself", () => {
  const rows = (X: number[][], label: number[]) => ({ X, label });
  const wanted = (data: Parameters<typeof rows>, w: number[]) =>
    compileText(text)
      .bind(rows(...data))
      .loss({ w });

  it.each([
    ["JavaScript", javaScriptEngine],
    ["WebAssembly", webAssembly({ use: "always" })],
  ])("sees the data of each call, in %s", (_, engine) => {
    const { loss } = compileText(text, { engine });
    const w = [0.5, -0.25];
    const calls: Parameters<typeof rows>[] = [
      [first.X, first.label],
      [second.X, second.label],
      [[[1, 2]], [2]],
      [[[3, 2]], [1]],
      [first.X, first.label],
    ];
    for (const data of calls) expect(loss({ ...rows(...data), w })).toBe(wanted(data, w));
  });

  it("refuses what does not fit, and goes on", () => {
    const { loss } = compileText(text);
    const w = [1, 1];
    loss({ ...first, w });
    expect(() => loss({ ...first, label: [0, 3], w })).toThrow("needed 0..3, got 3 at [1]");
    expect(() => loss({ ...first, label: [0, 0.5], w })).toThrow("whole number");
    expect(() => loss({ X: first.X, w })).toThrow('"label" has no value');
    expect(() => loss({ ...first, w }, { m: 3 })).toThrow('no size "m"');
    expect(loss({ ...second, w })).toBe(wanted([second.X, second.label], w));
  });

  it("solves the sizes of flat data anew", () => {
    const { loss } = compileText("param w: [d]\ndata X: [n, d]\nloss = sum(i: (X[i, :] @ w)^2)");
    const X = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect(loss({ X, w: [1, 1] })).toBe(3 ** 2 + 7 ** 2 + 11 ** 2);
    expect(loss({ X, w: [1, 1, 1] })).toBe(6 ** 2 + 15 ** 2);
    expect(loss({ X, w: Float64Array.of(1, 1) })).toBe(3 ** 2 + 7 ** 2 + 11 ** 2);
  });

  it("takes sizes that parameters tell anew, though data have the same shape", () => {
    const { loss } = compileText("param c: [q]\ndata at: int[r] within 0..q\nloss = sum(i: c[at[i]]^3)");
    expect(loss({ c: [2], at: [0] })).toBe(8);
    expect(loss({ c: [1, 2, 3], at: [2] })).toBe(27);
    expect(() => loss({ c: [2], at: [2] })).toThrow("needed 0..1, got 2");
    expect(loss({ c: [1, 2, 3], at: [1] })).toBe(8);
  });

  it("makes one instance in WebAssembly for all calls of the same sizes", () => {
    const instances = countInstances();
    const { loss } = compileText(text, { engine: webAssembly({ use: "always" }) });
    for (let call = 0; call < 10; call++) loss({ ...(call % 2 === 0 ? first : second), w: [call, 1] });
    expect(instances.made).toBe(1);
    // another size, and the first again
    for (let call = 0; call < 10; call++)
      loss({ ...(call % 2 === 0 ? first : { X: [[1, 2]], label: [1] }), w: [1, 1] });
    expect(instances.made).toBe(2);
    vi.unstubAllGlobals();
  });
});
