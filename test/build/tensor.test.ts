import { describe, expect, expectTypeOf, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import {
  array,
  concat,
  cond,
  constant,
  definePrimitive,
  f,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  logsumexp,
  max,
  mean,
  model,
  select,
  stack,
  sum,
  zeros,
} from "../../src/build/api/api.ts";
import { bool, data, int, mat, param, scalar, vec } from "../../src/build/api/declare.ts";
import { fixedPoint, repeatWhile, root, scan } from "../../src/build/api/loops.ts";
import { type Operand, type PrimitiveName, range, size, Tensor } from "../../src/build/api/tensor.ts";
import { broadcastTo } from "../../src/build/entries/arrays.ts";
import { coreVocabulary } from "../../src/build/functions/core.ts";
import type { ElaboratedModel } from "../../src/build/model.ts";
import { Complex } from "../../src/numeric/complex/complex.ts";
import { coreOperations } from "../../src/ops/core.ts";
import { operations } from "../../src/ops/registry.ts";
import { complexStep, evaluate, type Inputs, lossAt, outputAt } from "./evaluate.ts";

const inputs: Inputs = {
  x: [1, -2, 3],
  A: [
    [1, 2, 3],
    [4, 5, 6],
  ],
};

/** The value of an expression of a vector x and a matrix A. */
function elementsOf(build: (x: Tensor, A: Tensor) => Tensor): number[] {
  const m = model({ x: param([3]), A: mat(2, 3) }, ({ x, A }) => ({ out: build(x, A) }));
  return outputAt(m, "out", inputs);
}

/** A function by its name, of operands as plain JavaScript may give them. */
const call = (...given: readonly unknown[]): Tensor => Reflect.apply(f, undefined, given);

describe("Tensor", () => {
  it.each([
    ["add", (x: Tensor) => call("add", x, "x")],
    ["a list", (x: Tensor) => call("mul", x, ["x", "x", "x"])],
    ["matmul", (_: Tensor, A: Tensor) => call("matmul", A, "x")],
    ["grad", (x: Tensor) => call("grad", x.sum(), "x")],
  ])("takes no text as the size of that name where a value stands: %s", (_, build) => {
    expect(() => elementsOf(build)).toThrow(
      'a tensor, a number, a boolean or a list of them is needed, got the text "x".\nWrite size("x") for the size of that name.',
    );
  });

  it.each([
    ["a hole", new Array(3).fill(1, 0, 1)],
    ["undefined", [1, undefined, 3]],
  ])("says where a list has no value: %s", (_, list) => {
    const message = "a list needs a value at [1], got nothing.";
    expect(() => elementsOf((x) => call("add", x, list))).toThrow(message);
    expect(() => elementsOf((x) => call("add", x, [[1, 2, 3], list]))).toThrow(message);
  });

  it("has a method for every primitive and composite", () => {
    const missing = [...coreVocabulary.names()].filter(
      (name) => !["stack", "constructor"].includes(name) && !(name in Tensor.prototype),
    );
    expect(missing).toEqual([]);
    expectTypeOf<"softplus" | "sinc" | "atan2" | "isNaN">().toExtend<PrimitiveName>();
    expectTypeOf<Parameters<Tensor["exp" | "isNaN" | "toReal"]>>().toEqualTypeOf<[]>();
    expectTypeOf<Parameters<Tensor["sub" | "less" | "pow"]>>().toEqualTypeOf<[y: Operand]>();
    expectTypeOf<Parameters<Tensor["clamp"]>>().toEqualTypeOf<[y: Operand, z: Operand]>();
    expectTypeOf<Parameters<Tensor["add" | "and" | "logaddexp"]>>().toEqualTypeOf<[y: Operand, ...others: Operand[]]>();
    expect([...coreOperations.operations.keys()].every((name) => name in Tensor.prototype)).toBe(true);
  });

  it("computes with numbers, sizes, lists and booleans beside it", () => {
    expect(elementsOf((x) => x.add(1).mul(size("n").sub(size("n")).add(3)))).toEqual([6, -3, 12]);
    expect(elementsOf((x) => x.mul([1, 0, 2]))).toEqual([1, -0, 6]);
    expect(elementsOf((x) => select(x.greater(0), x, [0, -1, 0]))).toEqual([1, -1, 3]);
    expect(elementsOf((x) => x.max(0))).toEqual([1, 0, 3]);
    expect(elementsOf((x) => x.max())).toEqual([3]);
    expect(elementsOf((_, A) => A.max({ axis: 1 }))).toEqual([3, 6]);
    expect(elementsOf((x) => f("clamp", x, -1, 2))).toEqual([1, -1, 2]);
  });

  it("reads, arranges and multiplies", () => {
    expect(elementsOf((_, A) => A.at(1, range(1, 3)))).toEqual([5, 6]);
    expect(elementsOf((_, A) => A.at(":", 0))).toEqual([1, 4]);
    expect(elementsOf((x, A) => A.matmul(x))).toEqual([6, 12]);
    expect(elementsOf((_, A) => A.transpose().at(2))).toEqual([3, 6]);
    expect(elementsOf((_, A) => A.reshape([3, size("k").mul(0).add(2)]).at(1))).toEqual([3, 4]);
    expect(elementsOf((x) => x.pad([1]))).toEqual([0, 1, -2, 3, 0]);
    expect(elementsOf((x) => concat([x, zeros(1), constant([7])]))).toEqual([1, -2, 3, 0, 7]);
    expect(elementsOf((x) => stack([x, x.neg()], { axis: 1 }).at(0))).toEqual([1, -1]);
    expect(elementsOf((x) => x.concat(x, { axis: 0 }).sum())).toEqual([4]);
    expect(elementsOf((_, A) => A.softmax({ axis: 0 }).sum({ axis: 0 }).round())).toEqual([1, 1, 1]);
  });

  it("runs over ranges, rows and what reads allow", () => {
    expect(elementsOf((x) => array((i) => x.at(i.add(1)).sub(x.at(i))))).toEqual([-3, 5]);
    expect(elementsOf((_, A) => sum(A, (row) => row.max()))).toEqual([9]);
    expect(elementsOf((_, A) => mean(range(0, 2), range(0, 2), (i, j) => A.at(i, j)))).toEqual([3]);
    expect(elementsOf((x) => max((i) => x.at(i).mul(i)))).toEqual([6]);
    expect(elementsOf((x) => logsumexp((i) => x.at(i).mul(0)).exp())[0]).toBeCloseTo(3, 14);
    expect(
      elementsOf((x) =>
        sum((i) =>
          cond(
            i.greater(0),
            () => x.at(i.sub(1)),
            () => 10,
          ),
        ),
      ),
    ).toEqual([10 - 1 + 3]);
  });

  it("differentiates in leaves and in values on the way", () => {
    expect(elementsOf((x) => grad(x.pow(3).sum(), x))).toEqual([3, 12, 27]);
    expect(
      elementsOf((x) => {
        const z = x.mul(2);
        return z.square().mul(z).sum().grad(z);
      }),
    ).toEqual([12, 48, 108]);
    expect(
      elementsOf((x) => {
        const z = x.at(range(0, 2));
        return z.mul(z).sum().grad(z);
      }),
    ).toEqual([2, -4]);
    expect(elementsOf((x) => hvp(x.pow(3).sum(), x, [1, 0, 1]))).toEqual([6, -0, 18]);
    expect(elementsOf((x) => jvp(x.square(), x, x))).toEqual([2, 8, 18]);
    expect(elementsOf((x, A) => jacobian(A.matmul(x), x))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(elementsOf((x) => hessian(x.at(0).mul(x.at(1)), x))).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 0]);
  });

  it.each<[name: string, of: (v: Tensor) => Tensor]>([
    ["norm", (v) => v.norm()],
    ["norm under an iterator", (v) => sum((k) => v.at(k).mul(v.norm()))],
    ["logsumexp", (v) => v.logsumexp()],
    ["softmax", (v) => v.softmax().square().sum()],
    ["logSoftmax", (v) => v.logSoftmax().square().sum()],
    ["a norm of a stack of such", (v) => stack([v.norm(), v.logsumexp().exp()]).norm()],
  ])("differentiates %s in a stack as in any other vector", (_, of) => {
    const slopes = (v: Tensor) => concat([grad(of(v), v), hessian(of(v), v).flatten()]);
    const stacked = elementsOf((x) => slopes(stack([x.at(2), x.at(0)])));
    const taken = elementsOf((x) => slopes(array(range(0, 2), (k) => x.at(k.mul(-2).add(2)))));
    // forms for two numbers and forms for arrays differ in rounding
    expect(stacked.some((each) => Math.abs(each) > 0.01)).toBe(true);
    for (const [k, each] of stacked.entries()) expect(each).toBeCloseTo(taken[k]!, 12);
  });

  it.each<[name: string, of: (a: Tensor) => Tensor]>([
    ["is rewritten alone", (a) => a.exp().log()],
    ["is rewritten with what is around it", (a) => a.exp().mul(2)],
    ["is a number times a value", (a) => a.sin().mul(3)],
    ["is of a leaf's node", (a) => a.neg().neg()],
    ["repeats a number", (a) => a.at(0).mul([1, 1, 1])],
  ])("varies a value that %s in the derivatives of others", (_, of) => {
    const slopes = (x: Tensor, A: Tensor) => {
      const u = of(x);
      const b = A.at(0);
      // 2 u b in b, and 2 b in u
      return grad(grad(u.mul(b.square()).sum(), b).sum(), u);
    };
    expect(elementsOf(slopes)).toEqual([2, 4, 6]);
  });

  it("varies a value by the name that derivatives went through", () => {
    // u + a du/da, in which u is seen
    for (const of of [(a: Tensor) => a.square(), (a: Tensor) => a.exp(), (a: Tensor) => a.reciprocal()]) {
      const slope = (x: Tensor) => {
        const u = of(x);
        return grad(grad(u.mul(x).sum(), x).sum(), u);
      };
      expect(elementsOf(slope)).toEqual([1, 1, 1]);
    }
  });

  it("varies equal values as one", () => {
    expect(elementsOf((x) => grad(x.at(0).square().mul(x.at(1)), x.at(0)))).toEqual([-4]);
    const underIterators = (x: Tensor) => {
      const total = sum((i) => x.at(i).square());
      return array((i) => grad(x.at(i).square().square().mul(total), x.at(i).square()));
    };
    expect(elementsOf(underIterators)).toEqual([2 * 14, 8 * 14, 18 * 14]);
  });

  it("varies what loops and solutions read", () => {
    const slopes = (read: (u: Tensor) => Tensor) =>
      elementsOf((x) => {
        const u = broadcastTo(x.at(0), [2]);
        return grad(read(u).sum(), u);
      });
    expect(slopes((u) => fixedPoint(zeros(2), (y) => y.div(2).add(u)))).toEqual([2, 2]);
    expect(slopes((u) => root(zeros(2), (y) => y.mul(2).sub(u)))).toEqual([0.5, 0.5]);
    expect(
      slopes(
        (u) => scan({ over: { i: range(0, 3) }, carry: { h: 0 } }, ({ h }) => ({ carry: { h: h.add(u.sum()) } })).h,
      ),
    ).toEqual([3, 3]);
    expect(
      slopes(
        (u) =>
          repeatWhile({ carry: { h: 8 }, test: ({ h }) => h.greater(1), limit: 9 }, ({ h }) => ({
            h: h.mul(u.sum()).div(4),
          })).h,
      ),
    ).toEqual([1.5, 1.5]);
  });

  it("is not taken for a value", () => {
    expect(() => elementsOf((x) => x.mul(Number(x)))).toThrow("a tensor has no value while the model is built");
  });
});

describe("model", () => {
  it("knows the names of leaves and outputs", () => {
    const m = model({ w: param(["d"]), x: data(["d"]), keep: bool(["d"]) }, ({ w, x, keep }) => ({
      loss: select(keep, w.sub(x), 0).square().sum(),
      size: w.norm(),
    }));
    expectTypeOf(m).toEqualTypeOf<ElaboratedModel<"w" | "x" | "keep", "size", "w">>();
    // @ts-expect-error: a leaf that is not declared
    expect(() => model({ w: param() }, ({ v }) => v)).toThrow('unknown name "v"');
    expect(m.parameters.map(({ name }) => name)).toEqual(["w"]);
    expect(lossAt(m, { w: [1, 2], x: [0, 0], keep: [1, 0] })).toBe(1);
  });

  it("keeps starts, ranges and hints", () => {
    const m = model(
      { w: param(["d"], { start: 0.5 }), label: int(["n"], { within: [1, 4] }), y: scalar({ start: 2 }) },
      ({ w, label, y }) => w.sum().mul(y).add(label.sum()),
      { name: "kept", hints: { n: 1000 } },
    );
    expect(evaluate(m, [m.parameters[0]!.start!], {}, { d: 2 })).toEqual([[0.5, 0.5]]);
    expect(lossAt(m, { w: [1, 2], label: [1, 3] })).toBe(10);
    expect(m.sizes.hints.get("n")).toBe(1000);
    expect(m.requirements).toHaveLength(1);
  });

  it("takes lists of starts", () => {
    const m = model({ w: param([2], { start: [250, 0.5] }), V: data([2, 2], { start: [1, 2, 3, 4] }) }, ({ w, V }) =>
      V.matmul(w).sum(),
    );
    expect(evaluate(m, [m.parameters[0]!.start!], {}, {})).toEqual([[250, 0.5]]);
    expect(evaluate(m, [m.data[0]!.fallback!], {}, {})).toEqual([[1, 2, 3, 4]]);
    expect(() => param([2], { start: [1] })).toThrow("start needs a list of 2 numbers for the shape [2], got");
    expect(() => param(["d"], { start: [1] })).toThrow("[d] are not");
    expect(() => param([2], { start: [1, "2"] as never })).toThrow("a number, or a list of them");
  });

  it("refuses what cannot be a loss", () => {
    expect(() => model({ x: vec("n") }, ({ x }) => x)).toThrow("the loss must be a scalar, got the shape [n].");
    expect(() => model({ x: vec("n") }, () => ({}))).toThrow("got nothing");
    expect(() => model({ x: vec("n") }, (() => undefined) as never)).toThrow("got nothing");
    expect(() => sum((i) => i)).toThrow("belongs in the callback of model");
    let stray: Tensor | undefined;
    expect(() =>
      model({ x: vec("n") }, ({ x }) => {
        sum((i) => {
          stray = x.at(i);
          return stray;
        });
        return stray!;
      }),
    ).toThrow('uses the iterator "i" outside');
    expect(() => model({ x: scalar() }, ({ x }) => model({ y: scalar() }, ({ y }) => y.add(x)).name as never)).toThrow(
      "an expression of another model",
    );
    expect(() => model({ x: scalar() }, ({ x }) => grad(x, constant(2.5)))).toThrow("needs a variable to vary");
  });

  it("refuses a function that makes other tensors each time, where derivatives vary them", () => {
    let times = 0;
    const other = (x: Tensor) => {
      let y = x.sin();
      for (let k = 0; k < times; k++) y = y.sin();
      times++;
      return y;
    };
    expect(() => model({ x: scalar() }, ({ x }) => other(x))).not.toThrow();
    expect(() =>
      model({ x: scalar() }, ({ x }) => {
        const y = other(x);
        return grad(y.square(), y);
      }),
    ).toThrow("makes other tensors each time it runs");
    expect(times).toBeLessThan(100);
  });

  it("warns of a parameter that nothing reads", () => {
    const m = model({ w: param(), v: param() }, ({ w }) => w.square());
    expect(m.warnings.map(({ summary }) => summary)).toEqual(['the parameter "v" is not used.']);
  });

  it("builds graphs a hundred thousand nodes deep", () => {
    const m = model({ x: param() }, ({ x }) => {
      let y = x;
      for (let k = 0; k < 100_000; k++) y = y.mul(x).add(k);
      return y;
    });
    expect(m.graph.length).toBeGreaterThan(200_000);
  });
});

describe("definePrimitive", () => {
  it("makes a user's primitive with its derivatives", () => {
    const cube = definePrimitive({
      name: "cube",
      arity: 1,
      real: (x) => x ** 3,
      complex: (z) => Complex.mul(z, Complex.mul(z, z)),
      print: (x) => `${x} ** 3`,
      partials: [([x]) => operations.get("mul")!(3, operations.get("square")!(x!))],
      cost: 2,
      documentation: { summary: "x^3", derivative: "3 x^2" },
    });
    const m = model({ x: param(["n"]) }, ({ x }) => cube(x).sum());
    expect(lossAt(m, { x: [2, 3] })).toBe(35);
    const [slope] = evaluate(m, gradient(m.loss!, [m.parameters[0]!.expr]), { x: [2, 3] });
    expect(slope).toEqual([12, 27]);
    expect(complexStep(m, m.loss!, "x", { x: [2, 3] })).toEqual([12, 27]);
  });
});
