import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { array, cond, grad, mean, model, sum } from "../../src/build/api/api.ts";
import { data, int, mat, param, vec } from "../../src/build/api/declare.ts";
import { fixedPoint, minimizer, repeatWhile, root, scan } from "../../src/build/api/loops.ts";
import { range, size } from "../../src/build/api/tensor.ts";
import { compile } from "../../src/compile/api.ts";
import { loadModel } from "../../src/model/load.ts";
import { broken, complexStep, evaluate, lossAt, outputAt } from "./evaluate.ts";

const logistic = () =>
  model({ w: vec("d"), X: mat("n", "d"), y: vec("n") }, ({ w, X, y }) => {
    const z = X.matmul(w);
    return z.softplus().sub(y.mul(z)).mean();
  });

const X = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
];
const w = [0.3, -0.2, 0.9];

describe("model", () => {
  it("builds the loss of the first example", () => {
    const z = X.map((row) => row.reduce((all, x, j) => all + x * w[j]!, 0));
    const expected = z.map((x, i) => Math.log1p(Math.exp(x)) - [1, 0][i]! * x).reduce((a, b) => a + b) / 2;
    expect(lossAt(logistic(), { X, w, y: [1, 0] })).toBeCloseTo(expected, 14);
  });

  it("differentiates as the complex step does", () => {
    const m = logistic();
    const leaf = m.data.find(({ name }) => name === "w")!.expr;
    const [g] = evaluate(m, gradient(m.loss!, [leaf]), { X, w, y: [1, 0] });
    const reference = complexStep(m, m.loss!, "w", { X, w, y: [1, 0] });
    for (const [k, slope] of g!.entries()) expect(slope).toBeCloseTo(reference[k]!, 14);
  });

  it("finds the range of softmax regression's labels", () => {
    const m = model(
      { W: param(["d", "k"]), b: param(["k"]), X: mat("n", "d"), label: int(["n"], { within: [0, "k"] }) },
      ({ W, b, X, label }) => {
        const p = X.matmul(W).add(b).logSoftmax();
        return {
          loss: mean((i) => p.at(i, label.at(i)))
            .neg()
            .add(W.square().sum().mul(5e-5)),
          rows: array((i) => p.at(i, 0)),
        };
      },
    );
    const W = [
      [1, 2],
      [0, -1],
      [0.5, 0.25],
    ];
    const inputs = { W, b: [0.1, -0.1], X, label: [1, 0] };
    const logits = X.map((row) => [0, 1].map((k) => row.reduce((all, x, j) => all + x * W[j]![k]!, inputs.b[k]!)));
    const logp = logits.map((z) => z.map((x) => x - Math.log(Math.exp(z[0]!) + Math.exp(z[1]!))));
    const penalty = 5e-5 * W.flat().reduce((all, x) => all + x * x, 0);
    expect(lossAt(m, inputs)).toBeCloseTo(-(logp[0]![1]! + logp[1]![0]!) / 2 + penalty, 14);
    expect(broken(m, inputs)).toEqual([]);
    expect(broken(m, { ...inputs, label: [2, 0] })).toHaveLength(1);
    const rows: readonly number[] = outputAt(m, "rows", inputs);
    expect(rows[1]).toBeCloseTo(logp[1]![0]!, 14);
  });

  it("takes the end of a range for a size, whether or not anything reads it", () => {
    const m = model({ w: param(["n"]), at: int(["n"], { within: [0, "k"] }) }, ({ w }) => w.square().sum());
    expect(m.sizes.free).toEqual(["n", "k"]);
    expect(compile(m).loss({ w: [1, 2], at: [0, 2] }, { k: 3 })).toBe(5);
    expect(() => compile(m).loss({ w: [1, 2], at: [0, 2] }, { k: 2 })).toThrow("needed 0..2, got 2");
  });

  it("sums over ranges of sizes and under conditions", () => {
    const n = size("n");
    const m = model({ x: param(["n"]) }, ({ x }) => ({
      loss: sum(range(0, n.div(2)), (i) =>
        x
          .at(i.mul(2).add(1))
          .sub(x.at(i.mul(2)))
          .square(),
      ),
      steps: array(range(0, n), (i) =>
        cond(
          i.greater(0),
          () => x.at(i).sub(x.at(i.sub(1))),
          () => x.at(i),
        ),
      ),
      slope: grad(x.square().sum(), x),
    }));
    expect(lossAt(m, { x: [1, 3, 2, 5] })).toBe(4 + 9);
    expect(outputAt(m, "steps", { x: [1, 3, 2, 5] })).toEqual([1, 2, -1, 3]);
    expect(outputAt(m, "slope", { x: [1, 3, 2, 5] })).toEqual([2, 6, 4, 10]);
    expect(broken(m, { x: [1, 3, 2, 5] })).toEqual([]);
  });

  it("agrees with the same model as text, bit for bit", () => {
    const text = `param w: [d]
data X: [n, d], y: [n]
let z = X @ w
loss = mean(softplus(z) - y * z)`;
    const inputs = { X, w, y: [1, 0] };
    expect(lossAt(logistic(), inputs)).toBe(lossAt(loadModel({ name: "logistic.nabla", text }), inputs));
  });

  it("tells where a requirement and a node come from", () => {
    const m = model({ x: vec("n"), at: int([]) }, ({ x, at }) => x.at(at).exp(), { trace: true });
    expect(m.requirements[0]?.site).toMatch(/api\.test\.ts:\d+:\d+$/);
    expect(m.graph.originOf(m.loss!.id)).toMatch(/api\.test\.ts:\d+:\d+$/);
  });

  it("names the line of TypeScript that made an error", () => {
    expect(() => model({ X: mat("n", "d"), y: vec("n") }, ({ X, y }) => X.matmul(y).sum())).toThrow(
      /api\.test\.ts:\d+:\d+: shape mismatch: matmul needs \[m, n\] @ \[n\], got \[n, d\] @ \[n\]\./,
    );
  });

  it("takes names that objects treat in their own way", () => {
    const names = ["__proto__", "constructor"];
    const spec = Object.fromEntries(names.map((name) => [name, data()]));
    const m = model(spec, (leaves) => Object.values(leaves).reduce((all, leaf) => all.mul(leaf)));
    expect(m.data.map(({ name }) => name)).toEqual(names);
  });
});

describe("scan", () => {
  it("carries, stacks and runs backwards", () => {
    const built = (reverse: boolean) =>
      model({ x: vec("n"), h: param([]) }, ({ x, h }) => {
        const run = scan({ over: { v: x, i: range(0, "n") }, carry: { s: h, p: 1 }, reverse }, ({ v, i, s, p }) => ({
          carry: { s: s.mul(v).add(i), p: p.mul(2) },
          stack: { y: s.sin() },
        }));
        return run.s.add(run.p.mul(run.y.sum()));
      });
    for (const reverse of [false, true]) {
      const x = [0.5, -1, 2];
      let [s, p, total] = [0.3, 1, 0];
      for (const k of reverse ? [2, 1, 0] : [0, 1, 2]) {
        total += Math.sin(s);
        s = s * x[k]! + k;
        p *= 2;
      }
      expect(lossAt(built(reverse), { x, h: 0.3 })).toBeCloseTo(s + p * total, 13);
    }
  });

  it("says what is missing", () => {
    const build = (step: Parameters<typeof scan>[1]) => () =>
      model({ x: vec("n") }, ({ x }) => scan({ over: { v: x }, carry: { s: 0 } }, step as never).s);
    expect(build(() => ({ carry: {} }))).toThrow('gives no next "s"');
    expect(build(({ s }) => ({ carry: { s: s!, t: 1 } }))).toThrow('a carry "t" that has no first value');
    expect(build(({ s }) => ({ carry: { s: s! }, stack: { s: 1 } }))).toThrow('"s" is carried and stacked');
    expect(() => scan({ over: {}, carry: {} }, () => ({ carry: {} }))).toThrow("belongs in the callback of model");
    expect(() =>
      model({ x: vec("n") }, ({ x }) => scan({ over: { v: x }, carry: {} }, () => ({ carry: {} })) as never),
    ).toThrow("no carry is given");
  });
});

describe("implicit functions and loops of unknown length", () => {
  it("are solved for a number or a vector", () => {
    const built = model({ a: param([]) }, ({ a }) => {
      const s = root(1, (x) => x.mul(x).sub(a));
      const m = minimizer([1, 1], (z) => z.sub(a).square().sum());
      const y = fixedPoint(1, (x) => x.add(a.div(x)).mul(0.5), { limit: 50 });
      const { w } = repeatWhile({ carry: { w: a }, test: ({ w }) => w.greater(1), limit: 9 }, ({ w }) => ({
        w: w.div(2),
      }));
      return s.add(m.sum()).add(y).add(w);
    });
    expect(lossAt(built, { a: 2.5 })).toBeCloseTo(2 * Math.sqrt(2.5) + 5 + 0.625, 12);
    expect(complexStep(built, built.loss!, "a", { a: 2.5 })[0]).toBeCloseTo(1 / Math.sqrt(2.5) + 2 + 0.25, 12);
  });

  it("say what is missing", () => {
    const missing = () => repeatWhile({ carry: { w: 1 }, test: ({ w }) => w.less(3) }, () => ({}) as never).w;
    expect(() => model({}, missing)).toThrow('no next "w"');
    expect(() => model({}, () => root(1, () => 1))).toThrow("does not vary with it");
  });
});
