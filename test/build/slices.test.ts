import { describe, expect, it } from "vitest";
import { slice } from "../../src/arrays.ts";
import { compile, data, dot, grad, hvp, int, model, param, range, sum, type Tensor, vec } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";

interface Leaves {
  readonly x: Tensor;
  readonly X: Tensor;
  readonly ends: Tensor;
}

const upTo = (of: Tensor, i: Tensor) => slice(of, range(0, i.add(1)));
const over = (body: (i: Tensor) => Tensor) => sum(range(0, "n"), body);

/** Slices whose ends vary, in the language and in TypeScript. */
const rows: readonly (readonly [text: string, build: (leaves: Leaves) => Tensor])[] = [
  [
    "sum(i in 0..n: sum(sin(x[i..n]) * x[i])^3)",
    ({ x }) => over((i) => slice(x, range(i, "n")).sin().mul(x.at(i)).sum().pow(3)),
  ],
  ["sum(i in 0..n: logsumexp(x[0..i+1] * x[0])^2)", ({ x }) => over((i) => upTo(x, i).mul(x.at(0)).logsumexp().pow(2))],
  [
    "sum(i in 0..n: dot(softmax(x[0..i+1] * x[i]), x[0..i+1])^3)",
    ({ x }) => over((i) => upTo(x, i).mul(x.at(i)).softmax().dot(upTo(x, i)).pow(3)),
  ],
  [
    "sum(i in 0..n: max(sin(x[0..i+1]))^3 + prod(x[0..i+1]) * norm(x[0..i+1]))",
    ({ x }) =>
      over((i) =>
        upTo(x, i)
          .sin()
          .max()
          .pow(3)
          .add(upTo(x, i).prod().mul(upTo(x, i).norm())),
      ),
  ],
  [
    "sum(k in 0..3: variance(x[ends[k]..ends[k+1]])^2)",
    ({ x, ends }) =>
      sum(range(0, 3), (k) =>
        slice(x, range(ends.at(k), ends.at(k.add(1))))
          .variance()
          .pow(2),
      ),
  ],
  [
    "sum(i in 0..n: sum((sin(X[0..i+1] @ x[0..2]) @ X[0..i+1])^3))",
    ({ x, X }) =>
      over((i) =>
        upTo(X, i)
          .matmul(x.at(range(0, 2)))
          .sin()
          .matmul(upTo(X, i))
          .pow(3)
          .sum(),
      ),
  ],
];

describe("a slice whose ends vary, in TypeScript", () => {
  it.each(rows)("has value and derivatives to third order of the language's: %s", (text, build) => {
    const theirs = compileText(
      `param x: [n]\ndata v: [n], X: [n, 2], ends: int[4] within 0..6\nlet f = ${text}\nloss = f
output third = grad(dot(hvp(f, x, v), v), x)`,
    );
    const ours = compile(
      model(
        { x: param(["n"]), v: vec("n"), X: data(["n", 2]), ends: int([4], { within: [0, 6] }) },
        ({ v, ...leaves }) => {
          const loss = build(leaves);
          return { loss, third: grad(dot(hvp(loss, leaves.x, v), v), leaves.x) };
        },
      ),
    );
    const inputs = {
      x: [0.5, -1.2, 2.3, 0.7, -0.4],
      v: [1, -2, 0.5, 0.3, 2],
      X: [
        [0.3, -1],
        [0.8, 0.2],
        [-0.5, 1.5],
        [0.1, 0.9],
        [-0.7, 0.4],
      ],
      ends: [0, 2, 3, 5],
    };
    const all = ({ loss, gradient, hvp, outputs }: typeof ours) => [
      loss(inputs),
      ...gradient(inputs).x,
      ...hvp(inputs, { x: inputs.v }).x,
      ...outputs(inputs, ["third"]).third,
    ];
    const [got, wanted] = [all(ours), all(theirs as typeof ours)];
    const scale = Math.max(...wanted.map(Math.abs));
    expect(scale).toBeGreaterThan(0.01);
    for (const [k, value] of wanted.entries()) expect(Math.abs(got[k]! - value)).toBeLessThan(1e-13 * scale);
  });

  it("is an error where rows of one length are needed, and where it leaves its array", () => {
    const lossOf = (build: (x: Tensor) => Tensor) => () =>
      compile(model({ x: param(["n"]) }, ({ x }) => build(x))).loss({ x: [1, 2] });
    expect(lossOf((x) => over((i) => upTo(x, i).cumsum().sum()))).toThrow("rows of different lengths");
    expect(lossOf((x) => over((i) => x.at(range(0, i.add(1))).sum()))).toThrow("rows of different lengths");
    expect(lossOf((x) => over((i) => slice(x, range(0, i.add(2))).sum()))).toThrow("leaves axis 0");
  });
});
