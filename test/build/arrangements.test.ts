import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { complexStep, type Inputs, outputAt } from "./evaluate.ts";

const load = (text: string) => loadModel({ name: "case.nabla", text });

const inputs: Inputs = {
  x: [1, 2, 3, 4],
  y: [0.5, -1, 2, 4],
  A: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  v: [1, 0, 2],
  at: [2, 0, 0],
  order: [
    [2, 0, 1],
    [0, 0, 2],
  ],
};

const declared = "x: [n], y: [n], A: [r, 3], v: [3]";
const ints = "at: int[3] within 0..3, order: int[r, 3] within 0..3";

type Row = readonly [expression: string, expected: readonly number[]];

const arrangements: readonly Row[] = [
  ["reverse(x)", [4, 3, 2, 1]],
  ["reverse(A, axis = [0, 1])", [6, 5, 4, 3, 2, 1]],
  ["roll(x, 1)", [4, 1, 2, 3]],
  ["roll(x, -1)", [2, 3, 4, 1]],
  ["roll(x, 2 - r)", [1, 2, 3, 4]],
  ["roll(x, -r)", [3, 4, 1, 2]],
  ["roll(x, 4)", [1, 2, 3, 4]],
  ["roll(x, n)", [1, 2, 3, 4]],
  ["roll(A, 1, axis = 0)", [4, 5, 6, 1, 2, 3]],
  ["tile(x, 2)", [1, 2, 3, 4, 1, 2, 3, 4]],
  ["tile(A, 2, axis = 0)", [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]],
  ["tile(x, 0)", []],
  ["repeatElements(v, 2)", [1, 1, 0, 0, 2, 2]],
  ["repeatElements(A, 2, axis = 0)", [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]],
  ["split(x, 2)[1]", [3, 4]],
  ["split(A, 3, axis = 1)", [1, 4, 2, 5, 3, 6]],
  ["tril(A)", [1, 0, 0, 4, 5, 0]],
  ["tril(A, diagonal = 1)", [1, 2, 0, 4, 5, 6]],
  ["tril(A, diagonal = -1)", [0, 0, 0, 4, 0, 0]],
  ["triu(A)", [1, 2, 3, 0, 5, 6]],
  ["triu(A, diagonal = 1)", [0, 2, 3, 0, 0, 6]],
  ["diag(v)", [1, 0, 0, 0, 0, 0, 0, 0, 2]],
  ["diag(outer(v, x[0..3]))", [1, 0, 6]],
  ["diff(x^2)", [3, 5, 7]],
  ["diff(A, axis = 0)", [3, 3, 3]],
  ["cummax(y)", [0.5, 0.5, 2, 4]],
  ["cummin(y)", [0.5, -1, -1, -1]],
  ["logcumsumexp([0, log(2), 800])", [0, Math.log(3), 800]],
  ["cumprod(A, axis = 0)", [1, 2, 3, 4, 10, 18]],
  ["cross(A, v)", [4, 1, -2, 10, -2, -5]],
  ["kron(A, [[1, 10]])", [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60]],
  ["take(v, at)", [2, 1, 1]],
  ["take(A, at, axis = 1)", [3, 1, 1, 6, 4, 4]],
  ["take(A, order, axis = 1)[0]", [3, 1, 2, 1, 1, 3]],
  ["take(x, 2)", [3]],
  ["takeAlongAxis(A, order)", [3, 1, 2, 4, 4, 6]],
  ["scatterAdd(v, at, 3)", [2, 0, 1]],
  ["scatterAdd(v, at, n)", [2, 0, 1, 0]],
  ["scatterAdd(outer(v, x), at, 3)[0]", [2, 4, 6, 8]],
  ["scatterAdd(A, order, 3)", [2 + 4 + 5, 3, 1 + 6]],
  ["oneHot(at, 3)", [0, 0, 1, 1, 0, 0, 1, 0, 0]],
  ["oneHot(at, 3) @ v", [2, 1, 1]],
  ["[k: sum(roll(A[k], 1) * v)]", [3 + 4, 6 + 10]],
  ["[k: sum(tril(outer(A[k], v)))]", [1 + 2 + 3 + 0 + 0 + 6, 4 + 5 + 6 + 0 + 0 + 12]],
  ["[k in 0..r: sum(oneHot(order[k, 0], 3) * v)]", [2, 1]],
  ["[k: scatterAdd(A[k], at, 3)]", [5, 0, 1, 11, 0, 4]],
  ["[k: take(A[k], order[k])]", [3, 1, 2, 4, 4, 6]],
];

describe("an arrangement", () => {
  it.each(arrangements)("%s", (expression, expected) => {
    const model = load(`data ${declared}, ${ints}\noutput z = ${expression}`);
    expect(outputAt(model, "z", inputs)).toEqual(expected);
  });

  it.each(arrangements)("%s has the derivatives of the complex step, compiled, to second order", (expression) => {
    const model = load(`
      param ${declared}
      data ${ints}
      let z = ${expression}
      loss = sum(sin(z) + z^2 / 3) + dot(x, y) + sum(A) + sum(v)
      output slope = sum(grad(loss, x)^3) + sum(grad(loss, v)^3) + sum(grad(loss, A)^2) + sum(grad(loss, y)^2)`);
    const bound = compileModel(model).bind(
      Object.fromEntries(["at", "order"].map((name) => [name, inputs[name]!])) as never,
    );
    const point = Object.fromEntries(["x", "y", "A", "v"].map((name) => [name, inputs[name]!])) as never;
    const { gradient } = bound.lossAndGradient(point);
    const twice = compileModel(
      load(`
      param ${declared}
      data ${ints}
      let z = ${expression}
      let f = sum(sin(z) + z^2 / 3) + dot(x, y) + sum(A) + sum(v)
      loss = sum(grad(f, x)^3) + sum(grad(f, v)^3) + sum(grad(f, A)^2) + sum(grad(f, y)^2)`),
    )
      .bind(Object.fromEntries(["at", "order"].map((name) => [name, inputs[name]!])) as never)
      .lossAndGradient(point).gradient;
    for (const name of ["x", "y", "A", "v"]) {
      const wanted = complexStep(model, model.loss!, name, inputs);
      const second = complexStep(model, model.outputs.get("slope")!, name, inputs);
      for (const [k, value] of wanted.entries()) expect(gradient[name]![k], `${name}[${k}]`).toBeCloseTo(value, 11);
      const scale = Math.max(1, ...second.map(Math.abs));
      for (const [k, value] of second.entries()) {
        expect(Math.abs(twice[name]![k]! - value), `second order, ${name}[${k}]`).toBeLessThan(1e-12 * scale);
      }
    }
  });

  it.each([
    ["any(x > 3)", [1]],
    ["all(x > 3)", [0]],
    ["any(A > 5, axis = 0)", [0, 0, 1]],
    ["all(A > 1, axis = 1)", [0, 1]],
    ["sum(oneHot(argmax(A, axis = 1), 3) * A)", [9]],
    ["tril(A > 1)", [0, 0, 0, 1, 1, 0]],
    ["roll(at, 1)", [0, 2, 0]],
  ])("%s is of conditions or of whole numbers", (expression, expected) => {
    expect(outputAt(load(`data ${declared}, ${ints}\noutput z = ${expression}`), "z", inputs)).toEqual(expected);
  });

  it.each([
    ["roll(v, 4)", "moves by at most the size of the axis, 3, got 4"],
    ["split(v, 2)", "3 is no multiple of 2"],
    ["split(v, 0)", "a count from 1 on"],
    ["tile(v, -1)", "the count of tile is 0 or more, got -1"],
    ["tril(v)", "tril needs a matrix"],
    ["any(v)", "any needs conditions, got a real"],
    ["take(v, 3)", "reaches 3"],
    ["take(v, v > 1)", "an index needs an int"],
    ["takeAlongAxis(A, at)", "positions of the array's shape outside axis 1"],
    ["scatterAdd(x, at, 3)", "a position for each leading place"],
    ["cross(A, x)", "cross needs two arrays [.., 3]"],
    ["kron(A, v)", "kron needs two matrices"],
  ])("%s is refused", (expression, message) => {
    expect(() => load(`data ${declared}, ${ints}\noutput z = ${expression}`)).toThrow(message);
  });

  it.each([
    ["take(x, at)", "at [1]"],
    ["takeAlongAxis(x, at)", "at [1]"],
    ["scatterAdd(x, at, 3)", "at [1]"],
    ["oneHot(at, 3)", "at [1]"],
    ["scatterAdd(x, at, 2)", "0..2"],
  ])("%s with a position outside is refused when data are bound, with its place", (expression, place) => {
    const bind = () =>
      compileModel(load(`data x: [3], at: int[3]\noutput z = ${expression}`))
        .bind({ x: [1, 2, 3], at: [0, 3, 1] })
        .outputs({});
    expect(bind).toThrow(place);
  });
});

describe("a product with one-hot rows", () => {
  it("is a lookup: its work does not grow with the number of classes", () => {
    const model = load("param W: [k, d]\ndata at: int[n] within 0..k\nloss = sum(tanh(oneHot(at, k) @ W)^2)");
    const lookup = load("param W: [k, d]\ndata at: int[n] within 0..k\nloss = sum(tanh([i, j: W[at[i], j]])^2)");
    const sourceOf = (one: typeof model) => compileModel(one).source("lossAndGradient");
    expect(sourceOf(model)).toBe(sourceOf(lookup));
  });
});
