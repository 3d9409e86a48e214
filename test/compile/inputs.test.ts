import { describe, expect, it } from "vitest";
import { compile, DataError, model, param } from "../../src/index.ts";

const compiled = compile(model({ w: param(["n"]) }, ({ w }) => w.square().sum()));

/** What callers without types may pass. */
const call = (inputs: unknown) => () => compiled.loss(inputs as { w: number[] });

/** An array that holds itself `width` times. */
function endless(width: number): unknown[] {
  const array: unknown[] = [];
  for (let k = 0; k < width; k++) array.push(array);
  return array;
}

describe("the inputs of a call", () => {
  it.each([1, 2, 3])("may not hold themselves, %i wide", (width) => {
    expect(call({ w: endless(width) })).toThrow(DataError);
    expect(call({ w: [endless(width)] })).toThrow('"w" is nested deeper than 64 levels.');
  });

  it.each([undefined, null, 3, "w"])("are a record by name, not %j", (inputs) => {
    expect(call(inputs)).toThrow(DataError);
    expect(call(inputs)).toThrow("inputs are given as an object of arrays by name");
  });

  it("may share rows", () => {
    const row = [1, 2];
    const summed = compile(model({ w: param(["m", "n"]) }, ({ w }) => w.square().sum()));
    expect(summed.loss({ w: [row, row] })).toBe(10);
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
