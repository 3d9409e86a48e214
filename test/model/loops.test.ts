import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { IndexRangeError } from "../../src/ir/errors.ts";
import { loadModel } from "../../src/model/load.ts";
import { broken, complexStep, evaluate, type Inputs, lossAt } from "../build/evaluate.ts";

const load = (text: string) => loadModel({ name: "loop.nabla", text });

/** Two models of the same function: with a loop, and without one. */
const pairs: readonly (readonly [string, string, string, Inputs])[] = [
  [
    "rows and ranges of a map in step",
    "param x: [n], c\nlet y = map(v in x, w in 2 * x, i in 1..n+1: v^2 * w + c * i)\nloss = sum(y^2)",
    "param x: [n], c\nloss = sum(i: (2 * x[i]^3 + c * (i + 1))^2)",
    { x: [0.5, -1, 2], c: 0.3 },
  ],
  [
    "a plain body with one carry",
    "param h0, c\nloss = scan(i in 0..3, h = h0: sin(c * h))",
    "param h0, c\nloss = sin(c * sin(c * sin(c * h0)))",
    { h0: 0.4, c: 1.3 },
  ],
  [
    "a carry that begins as a whole number",
    "param x: [4]\nloss = scan(v in x, s = 0: 0.5 * s + v^2)",
    "param x: [4]\nloss = sum(i in 0..4: 0.5^(3 - i) * x[i]^2)",
    { x: [0.5, -1, 2, 0.25] },
  ],
  [
    "rows and the number of the step",
    "param X: [n, d]\nloss = sum(scan(row in X, i in 1..n+1, s = zeros(d): s + i * row * sin(s)))",
    `param X: [n, d]
    let a = [j in 0..d: 0 * X[0, j]]
    let b = a + 1 * X[0] * sin(a)
    let c = b + 2 * X[1] * sin(b)
    loss = sum(c + 3 * X[2] * sin(c))`,
    {
      X: [
        [1, 2],
        [0.5, 1],
        [-1, 0.25],
      ],
    },
  ],
  [
    "an element, by the step, of what a step computes",
    "param X: [n, n, k], u: [k]\nloss = scan(t in 0..n, h = 0.5: sin(h + (X[t] @ u)[t]))",
    "param X: [n, n, k], u: [k]\nloss = sin(sin(0.5 + X[0, 0] @ u) + X[1, 1] @ u)",
    {
      X: [
        [
          [1, 2],
          [0.5, 1],
        ],
        [
          [-1, 0.25],
          [0.75, -0.5],
        ],
      ],
      u: [0.5, -0.75],
    },
  ],
  [
    "a loop for each value of an iterator",
    "param h: [2], x: [2, 3]\nloss = sum(i: scan(v in x[i], s = h[i]: tanh(s + v * h[i])))",
    `param h: [2], x: [2, 3]
    def step(s, v, h) = tanh(s + v * h)
    loss = sum(i: step(step(step(h[i], x[i, 0], h[i]), x[i, 1], h[i]), x[i, 2], h[i]))`,
    {
      h: [0.5, -0.25],
      x: [
        [1, 2, 3],
        [-1, 0.5, 0.25],
      ],
    },
  ],
  [
    "an iterator that only the body brings in",
    "param h, x: [2]\nloss = sum(i in 0..2: scan(t in 0..2, s = h: s * x[i] + h))",
    "param h, x: [2]\nloss = sum(i in 0..2: (h * x[i] + h) * x[i] + h)",
    { h: 0.7, x: [1.5, -2] },
  ],
  [
    "a loop within a loop",
    "param h, w\nloss = scan(i in 0..2, s = h: scan(j in 0..2, r = s: sin(w * r + s)))",
    `param h, w
    def inner(s) = sin(w * sin(w * s + s) + s)
    loss = inner(inner(h))`,
    { h: 0.3, w: 1.1 },
  ],
  [
    "elements read by the number of the step",
    "param x: [n], h\nloss = scan(i in 0..n-1, s = h: s * x[i] + x[i+1]^2)",
    "param x: [n], h\nloss = ((h * x[0] + x[1]^2) * x[1] + x[2]^2) * x[2] + x[3]^2",
    { x: [0.5, -1, 2, 0.25], h: 3 },
  ],
  [
    "a loop that runs backwards",
    "param x: [n], h\nloss = reverseScan(v in x, i in 0..n, s = h: s * v + i)",
    "param x: [n], h\nloss = (((h * x[3] + 3) * x[2] + 2) * x[1] + 1) * x[0]",
    { x: [0.5, -1, 2, 0.25], h: 3 },
  ],
  [
    "stacked fields beside carries, all set together",
    `param x: [3], h
    let run = scan(v in x, a = h, b = 1: { a = b * v; b = a + v; y = a * b })
    loss = run.a + run.b * sum(run.y^2)`,
    `param x: [3], h
    let a1 = 1 * x[0]
    let b1 = h + x[0]
    let a2 = b1 * x[1]
    let b2 = a1 + x[1]
    let a3 = b2 * x[2]
    let b3 = a2 + x[2]
    loss = a3 + b3 * ((h * 1)^2 + (a1 * b1)^2 + (a2 * b2)^2)`,
    { x: [0.5, -1, 2], h: 0.8 },
  ],
  [
    "a derivative in a carry, inside the body",
    "param h\nloss = scan(i in 0..2, s = h: { let f = sin(s) * s^2\n return s - 0.1 * grad(f, s) })",
    `param h
    let f = sin(h) * h^2
    let s = h - 0.1 * grad(f, h)
    let g = sin(s) * s^2
    loss = s - 0.1 * grad(g, s)`,
    { h: 0.9 },
  ],
  [
    "a derivative in a name from outside",
    "param h\nlet z = h^2\nlet y = scan(i in 0..2, s = h: s * z)\nloss = y + grad(y, z)",
    "param h\nlet z = h^2\nlet y = h * z * z\nloss = y + grad(y, z)",
    { h: 0.9 },
  ],
  [
    "map, with a record",
    "param x: [3]\nlet m = map(v in x: { a = v^2; b = sin(v) })\nloss = sum(m.a * m.b)",
    "param x: [3]\nloss = sum(x^2 * sin(x))",
    { x: [0.5, -1, 2] },
  ],
  [
    "a scan of ints that choose rows",
    "param T: [3, 2]\ndata k: int[4] within 0..3\nloss = sum(scan(i in k, s = zeros(2): tanh(s + T[i])))",
    `param T: [3, 2]
    data k: int[4] within 0..3
    loss = sum(tanh(tanh(tanh(tanh(T[k[0]]) + T[k[1]]) + T[k[2]]) + T[k[3]]))`,
    {
      T: [
        [1, 2],
        [0.5, -1],
        [0.25, 0.75],
      ],
      k: [2, 0, 1, 0],
    },
  ],
];

describe("a loop in the language", () => {
  it.each(pairs)("equals its steps written out: %s", (_, looped, flat, inputs) => {
    const [loop, plain] = [load(looped), load(flat)];
    expect(lossAt(loop, inputs)).toBeCloseTo(lossAt(plain, inputs), 13);
    const [a, b] = [loop, plain].map((model) => compileModel(model).bind(dataOf(model, inputs)));
    const point = pointOf(loop, inputs);
    const [mine, theirs] = [a!.lossAndGradient(point), b!.lossAndGradient(point)];
    expect(mine.loss).toBeCloseTo(theirs.loss, 13);
    const along = Object.fromEntries(loop.parameters.map(({ name }) => [name, point[name]!]));
    const [hvp, reference] = [a!.hvp(point, along), b!.hvp(point, along)];
    for (const { name } of loop.parameters) {
      const slope = complexStep(loop, loop.loss!, name, inputs);
      for (const [k, value] of slope.entries()) {
        expect(mine.gradient[name]![k]).toBeCloseTo(value, 11);
        expect(hvp[name]![k]).toBeCloseTo(reference[name]![k]!, 10);
      }
    }
  });

  it("gives its beginning when there is nothing to run over", () => {
    const model = load(
      "param x: [n], h\nlet run = scan(v in x, s = h: { s = s * v; y = s })\nloss = run.s + sum(run.y)",
    );
    const bound = compileModel(model).bind({}, { n: 0 });
    const { loss, gradient } = bound.lossAndGradient({ x: [], h: 4 });
    expect([loss, gradient.h![0]]).toEqual([4, 1]);
  });

  it("refuses a length below zero when sizes are bound", () => {
    const model = load("param h\ndata x: [n]\nloss = scan(i in 0..n-3, s = h: s * s) + sum(x)");
    expect(() => compileModel(model).bind({ x: [1] })).toThrow(IndexRangeError);
    expect(
      compileModel(model)
        .bind({ x: [1, 2, 3] })
        .lossAndGradient({ h: 2 }).loss,
    ).toBe(8);
  });

  it("checks what it reads in every step", () => {
    const model = load("data k: int[m], x: [n]\noutput y = scan(i in k, s = 0.5: s + x[i])");
    expect(broken(model, { k: [0, 2], x: [1, 2, 3] })).toEqual([]);
    expect(broken(model, { k: [0, 3], x: [1, 2, 3] })).toEqual(['in x[i] the index "i" must lie in 0..n']);
  });

  it("has the stacked values in the order of the steps, both ways", () => {
    const model = load(`data x: [n]
      let up = scan(v in x, s = 0.0: { s = s + v; y = s + v })
      let down = reverseScan(v in x, s = 0.0: { s = s + v; y = s + v })
      output a = up.y
      output b = down.y`);
    const roots = [model.outputs.get("a")!, model.outputs.get("b")!];
    expect(evaluate(model, roots, { x: [1, 2, 4] })).toEqual([
      [1, 3, 7],
      [7, 6, 4],
    ]);
  });
});

function dataOf(model: ReturnType<typeof load>, inputs: Inputs) {
  return Object.fromEntries(model.data.map(({ name }) => [name, inputs[name] as number[]]));
}

function pointOf(model: ReturnType<typeof load>, inputs: Inputs) {
  return Object.fromEntries(model.parameters.map(({ name }) => [name, inputs[name] as number[]]));
}
