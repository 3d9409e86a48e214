import { describe, expect, it } from "vitest";
import { batch, hvps } from "../../src/compile/batch.ts";
import type { BoundModel } from "../../src/compile/bound/model.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import type { Value } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { workOf } from "../lower/operations.ts";

const engines = { javaScriptEngine, closureEngine, wasm: webAssembly({ use: "always" }) };

interface Case {
  readonly text: string;
  readonly data: Parameters<BoundModel["refill"]>[0];
  readonly sizes: Readonly<Record<string, number>>;
}

const numbers = (length: number, seed: number) =>
  Float64Array.from({ length }, (_, k) => ((k * 7919 + seed * 104729) % 97) / 64 - 0.75);

const X = { data: numbers(10, 1), shape: [5, 2] };

const cases: Readonly<Record<string, Case>> = {
  "one parameter": {
    text: "param w: [d]\ndata X: [n, d], y: [n]\nloss = mean(softplus(-y * (X @ w)))",
    data: { X, y: numbers(5, 2) },
    sizes: {},
  },
  "a matrix, a vector and a number": {
    text: `param W: [d, k], u: [k], s
data X: [n, d], y: [n]
loss = sum((tanh(X @ W) @ u * exp(s) - y)^2) + s^4`,
    data: { X, y: numbers(5, 2) },
    sizes: { k: 3 },
  },
  "a loop": {
    text: "param A: [k, k], h: [k]\nloss = sum(scan(i in 0..6, z = h: tanh(A @ z))^2)",
    data: {},
    sizes: { k: 3 },
  },
  "a system": {
    text: "param A: [k, k], b: [k]\nloss = logdet(A @ A' + eye(k)) + dot(b, solve(A @ A' + eye(k), b))",
    data: {},
    sizes: { k: 3 },
  },
  "an index that follows from a parameter": {
    text: "param w: [k], t\ndata y: [n]\nloss = sum(w^3) * y[toInt(t)] + t^2",
    data: { y: numbers(5, 2) },
    sizes: { k: 2 },
  },
};

function bound(name: string, engine: keyof typeof engines) {
  const { text, data, sizes } = cases[name]!;
  const model = compileModel(loadModel({ name: "batch", text }), { engine: engines[engine] }).bind(data, sizes);
  const length = model.layout().reduce((total, part) => total + part.length, 0);
  return { model, length };
}

/** Points whose last entry, where it is an index, is one of 0 to 3. */
function pointsOf(name: string, count: number, length: number): Float64Array {
  const points = numbers(count * length, 5);
  if (name.startsWith("an index")) for (let row = 0; row < count; row++) points[row * length + length - 1] = row % 4;
  return points;
}

function expectClose(got: Float64Array, expected: Float64Array): void {
  const largest = Math.max(1, ...expected.map(Math.abs));
  // sums in another order
  for (const [at, value] of expected.entries()) expect(Math.abs(got[at]! - value)).toBeLessThan(1e-12 * largest);
}

describe.each(Object.keys(cases))("a batch of %s", (name) => {
  describe.each(Object.keys(engines) as (keyof typeof engines)[])("by %s", (engine) => {
    const { model, length } = bound(name, engine);

    it.each([1, 3])("is one call after the other, for %i rows", (count) => {
      const points = pointsOf(name, count, length);
      const directions = numbers(count * length, 9);
      const { flat } = model;
      const expected = {
        losses: new Float64Array(count),
        g: new Float64Array(count * length),
        h: new Float64Array(count * length),
        along: new Float64Array(count * length),
      };
      const row = (array: Float64Array, at: number) => array.slice(at * length, (at + 1) * length);
      for (let b = 0; b < count; b++) {
        const [g, h, along] = [0, 1, 2].map(() => new Float64Array(length)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        expected.losses[b] = flat.lossAndGradient(row(points, b), g);
        flat.hvp(row(points, b), row(directions, b), h);
        flat.hvp(row(points, 0), row(directions, b), along);
        for (const [target, values] of [
          [expected.g, g],
          [expected.h, h],
          [expected.along, along],
        ] as const)
          target.set(values, b * length);
      }
      const functions = batch(model, count);
      const losses = new Float64Array(count);
      const [g, h] = [new Float64Array(count * length), new Float64Array(count * length)];
      functions.loss(points, losses);
      expectClose(losses, expected.losses);
      functions.gradient(points, g);
      expectClose(g, expected.g);
      losses.fill(0);
      g.fill(0);
      functions.lossAndGradient(points, losses, g);
      expectClose(losses, expected.losses);
      expectClose(g, expected.g);
      functions.hvp(points, directions, h);
      expectClose(h, expected.h);
      h.fill(0);
      hvps(model, count)(row(points, 0), directions, h);
      expectClose(h, expected.along);
    });
  });
});

describe("products with several directions", () => {
  it("compute once what does not depend on the direction", () => {
    const { model } = bound("a matrix, a vector and a number", "javaScriptEngine");
    const count = 8;
    hvps(model, count);
    const { functions, sizes } = model.parts();
    const several = functions
      .made("batch hvps", () => {
        throw new Error("derived once");
      })
      .whole();
    const all = new Map([...sizes, ["batch size", count]]);
    const one = workOf(functions.get("hvp").whole(), sizes).operations;
    expect(workOf(several, all).operations).toBeLessThan(0.75 * count * one);
  });
});

describe("a batch that keeps more than a cache holds", () => {
  it("takes one row after the other, with the bits of single calls", () => {
    const [n, d, k, count] = [4000, 2, 20, 3];
    const text = "size n, d, k\nparam W: [d, k], u: [k]\ndata X: [n, d]\nloss = sum((tanh(X @ W) @ u)^2)";
    const model = compileModel(loadModel({ name: "wide", text })).bind(
      { X: { data: numbers(n * d, 1), shape: [n, d] } },
      { k },
    );
    const length = d * k + k;
    const [X, V] = [numbers(count * length, 5), numbers(count * length, 9)];
    const { gradient, hvp, loss, lossAndGradient } = batch(model, count);
    const [G, H, both] = [0, 1, 2].map(() => new Float64Array(count * length)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const [losses, again] = [new Float64Array(count), new Float64Array(count)];
    loss(X, losses);
    gradient(X, G);
    lossAndGradient(X, again, both);
    hvp(X, V, H);
    const made = () => {
      throw new Error("not made");
    };
    for (const form of ["loss", "gradient", "lossAndGradient", "hvp"])
      expect(() => model.parts().functions.made(`batch ${form}`, made)).toThrow("not made");
    for (let row = 0; row < count; row++) {
      const part = (array: Float64Array) => array.slice(row * length, (row + 1) * length);
      const [g, h] = [new Float64Array(length), new Float64Array(length)];
      expect(losses[row]).toBe(model.flat.loss(part(X)));
      model.flat.gradient(part(X), g);
      expect(part(G)).toEqual(g);
      expect(again[row]).toBe(model.flat.lossAndGradient(part(X), g));
      expect(part(both)).toEqual(g);
      model.flat.hvp(part(X), part(V), h);
      expect(part(H)).toEqual(h);
    }
  });

  it("takes all rows at once where they read more data than they keep", () => {
    const X = { data: numbers(8000 * 20, 1), shape: [8000, 20] };
    const model = compileModel(loadModel({ name: "long", text: cases["one parameter"]!.text })).bind({
      X,
      y: numbers(8000, 2),
    });
    batch(model, 20).gradient(numbers(400, 3), new Float64Array(400));
    const made = () => {
      throw new Error("derived once");
    };
    expect(model.parts().functions.made("batch gradient", made).whole().parts.length).toBeGreaterThan(0);
  });
});

describe("rows of packed vectors", () => {
  it.each(["js", "wasm"])("are asked of no part whether it is inside, by %s", (name) => {
    const text = `size n, d, h
param W: [d, h], b: [h], u: [h]
data X: [n, d]
loss = sum((tanh(X @ W + b) @ u)^2)`;
    const engine = name === "js" ? javaScriptEngine : engines.wasm;
    const model = compileModel(loadModel({ name: "layers", text }), { engine }).bind({ X }, { h: 3 });
    const points = new Float64Array(2 * 12);
    batch(model, 2).gradient(points, new Float64Array(2 * 12));
    const program = model
      .parts()
      .functions.made("batch gradient", () => {
        throw new Error("derived once");
      })
      .whole();
    const guarded: Value[] = [];
    const value = (each: Value) => each.kind === "guarded" && guarded.push(each);
    for (const statement of statementsOf(program)) visitStatement(statement, { value });
    expect(guarded).toEqual([]);
  });
});

describe("a batch", () => {
  const { model, length } = bound("one parameter", "javaScriptEngine");
  const two = new Float64Array(2 * length);

  it("has at least one row", () => {
    expect(() => batch(model, 0)).toThrow("a batch has a whole number of rows, at least 1, got 0.");
    expect(() => hvps(model, 1.5)).toThrow("a batch has a whole number of rows, at least 1, got 1.5.");
  });

  it("refuses arrays of other lengths, and results on inputs", () => {
    const { gradient, loss } = batch(model, 3);
    expect(() => gradient(two, new Float64Array(6))).toThrow(
      "the array of points needs a Float64Array of 3 rows of 2 elements",
    );
    expect(() => loss(new Float64Array(6), two)).toThrow("the array of losses");
    const six = new Float64Array(6);
    expect(() => gradient(six, six)).toThrow("the array of gradients");
    expect(() => hvps(model, 2)(two, two, new Float64Array(4))).toThrow("the point needs a Float64Array of 2 elements");
  });

  it("checks indices that follow from points in every row", () => {
    const { model, length } = bound("an index that follows from a parameter", "javaScriptEngine");
    const points = pointsOf("an index", 3, length);
    points[2 * length - 1] = 7;
    expect(() => batch(model, 3).loss(points, new Float64Array(3))).toThrow("7");
  });
});
