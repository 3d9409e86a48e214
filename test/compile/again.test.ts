import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile/api.ts";
import { loadModel } from "../../src/language/all.ts";

const text = "param w: [d], b\ndata X: [n, d], y: [n], s: [n] = 1\nloss = sum(i: s[i]*(X[i, :] @ w + b - y[i])^2)";
const shaped = (data: readonly number[], shape: readonly number[]) => ({ data, shape });
const first = { w: [1, 2], b: 3, X: shaped([1, 2, 3, 4], [2, 2]), y: Float64Array.of(5, 6) };
const value = ({ w, b }: typeof first, X: readonly number[], y: Float64Array) =>
  Array.from(y).reduce((sum, yi, i) => sum + (X[2 * i]! * w[0]! + X[2 * i + 1]! * w[1]! + b - yi) ** 2, 0);

describe("calls with all inputs by name", () => {
  const { loss, gradient } = compile(loadModel({ name: "again", text }));
  const call = loss as (inputs: object, sizes?: object) => number;

  it("take the data of each call, whatever their form, and those that are left out", () => {
    const wanted = value(first, first.X.data, first.y);
    expect(call(first)).toBe(wanted);
    const y = Float64Array.of(-1, 2);
    expect(call({ ...first, y })).toBe(value(first, first.X.data, y));
    y[0] = 7;
    expect(call({ ...first, y, s: undefined })).toBe(value(first, first.X.data, y));
    expect(
      call({
        ...first,
        X: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toBe(wanted);
    expect(call({ ...first, s: [2, 2] })).toBe(2 * wanted);
    expect(call(first)).toBe(wanted);
    expect((gradient as (inputs: object) => Record<string, Float64Array>)(first).b![0]).toBe(
      2 * (5 + 3 - 5 + 11 + 3 - 6),
    );
  });

  it("are refused after calls that were not", () => {
    expect(() => call({ ...first, z: [1] })).toThrow(/no input "z"/);
    expect(() => call({ ...first, X: shaped([1, 2, 3, 4], [4, 1]) })).toThrow();
    expect(() => call({ ...first, y: Float64Array.of(1) })).toThrow();
    expect(() => call({ ...first, w: undefined })).toThrow(/w/);
    expect(() => call(first, { n: 3 })).toThrow();
    expect(() => call(null as unknown as object)).toThrow(/object of arrays/);
    expect(call(first)).toBe(value(first, first.X.data, first.y));
  });
});
