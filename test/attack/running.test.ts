import { describe, expect, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import type { EngineName } from "../../src/cli/eval/request.ts";
import { type CompiledModel, compileModel } from "../../src/compile/compile.ts";
import { reportModel } from "../../src/emit.ts";
import { compile, model, param } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";
import { cumprod as loopProduct } from "../../src/loops.ts";
import { loadModel } from "../../src/model/load.ts";
import { lossAt } from "../build/evaluate.ts";

/** Losses that read every element of a running combination in the loop that carries it along. */
const losses: readonly (readonly [string, string])[] = [
  ["a running sum under a sine", "param x: [n]\nloss = sum(sin(cumsum(x)))"],
  ["written as a triangle", "param x: [n]\nloss = sum(j in 0..n: sin(sum(k in 0..j+1: x[k])))"],
  ["without the element itself", "param x: [n]\nloss = sum(j in 0..n: x[j] * sin(sum(k in 0..j: x[k])))"],
  ["from the other end", "param x: [n]\nloss = sum(j in 0..n: sin(sum(k in j..n: x[k])))"],
  ["of a sum that reads another", "param x: [n]\nloss = sum(cumsum(sin(cumsum(x))) * x)"],
  ["a running product", "param x: [n]\nloss = sum(x * cumprod(x))"],
  ["a running maximum", "param x: [n]\nloss = sum(sin(cummax(x)))"],
];

describe("the loss alone of a model that reads a running combination", () => {
  it.each(losses)("is that of the interpreter: %s", (_name, text) => {
    const model = loadModel({ name: "running.nabla", text });
    const { flat } = compileModel(model).bind({});
    // around multiples of four, where sums are taken in four parts
    for (const n of [1, 3, 4, 5, 7, 8, 9, 13]) {
      const x = Array.from({ length: n }, (_, k) => ((7 * k + 3) % 11) / 8 - 0.5);
      expect(flat.loss(Float64Array.from(x))).toBeCloseTo(lossAt(model, { x }), 12);
    }
  });
});

/** Triangles whose sides differ by one: rounds and terms of these are not as many. */
const uneven = ["n - 1", "n", "n + 1", "n + 2"].flatMap((rounds) =>
  ["0..i", "0..i+1", "i..n", "i+1..n", "i-1..n"].flatMap((terms) =>
    ["sum", "prod"].map((name) => {
      const term = `if j >= 0 and j < n then x[j] else ${name === "sum" ? 0 : 1}`;
      return `param x: [n]\nloss = sum(i in 0..${rounds}: sin(${name}(j in ${terms}: ${term})))`;
    }),
  ),
);

/** Of triangles that end half-way. */
const halves = [
  "param x: [n]\nloss = sum(i in 0..n//2: sum(j in i+1..n: x[j]))",
  "param x: [n]\nloss = sum(i in 0..n//2, j in i+1..n: x[j]^2)",
];

const ragged = "param x: [n]\ndata l: int[3] within 0..n+1";

/** Losses whose derivatives take a number of operations that grows as the length does, whatever the order. */
const linear: readonly (readonly [string, string])[] = [
  ["cumsum", "param x: [n]\nloss = sum(sin(cumsum(x)))"],
  ["cumprod", "param x: [n]\nloss = sum(sin(cumprod(x)))"],
  ["products of slices that grow", "param x: [n]\nloss = sum(i in 0..n: sin(prod(x[0..i+1])))"],
  ["logsumexp of slices that shrink", "param x: [n]\nloss = sum(i in 0..n: sin(logsumexp(x[i..n])))"],
  ["sums of what is computed of slices that shrink", "param x: [n]\nloss = sum(i in 0..n: sin(sum(cos(x[i..n])))^2)"],
  ["sums of what lies behind", "param x: [n]\nloss = sum(i in 0..n: sin(sum(j in i..n: x[j])))"],
  ["sums of what lies further behind", "param x: [n]\nloss = sum(i in 0..n-1: sin(sum(j in i+1..n: exp(x[j]))))"],
  ["slices up to the end", "param x: [n]\nloss = sum(i in 0..n: sin(sum(x[i..n])))"],
  ["products of slices that end before", "param x: [n]\nloss = sum(i in 0..n: sin(prod(x[0..i])))"],
  ["products of what lies behind", "param x: [n]\nloss = sum(i in 0..n: sin(prod(j in i+1..n: x[j])))"],
  ["cummax", "param x: [n]\nloss = sum(sin(cummax(x)))"],
  ["cummin", "param x: [n]\nloss = sum(sin(cummin(x)))"],
  ["the largest of ranges that grow", "param x: [n]\nloss = sum(i in 0..n: sin(max(j in 0..i+1: x[j])))"],
  ["the least of slices that shrink", "param x: [n]\nloss = sum(i in 0..n: sin(min(x[i..n]^2)))"],
  ["logcumsumexp", "param x: [n]\nloss = sum(sin(logcumsumexp(x)))"],
  ["a product", "param x: [n]\nloss = sin(prod(cos(x)))"],
  ["a product of what is computed", "param x: [n]\nloss = sin(prod(1 - exp(-x))) * sum(x)"],
  ["products of rows", "param x: [n]\nloss = sum(k in 0..3: sin(prod(j: cos(x[j] * k))))"],
  ["products of rows of their own lengths", `${ragged}\nloss = sum(k in 0..3: sin(prod(j in 0..l[k]: cos(x[j] * k))))`],
  ["a reversed running sum", "param x: [n]\nloss = sum(sin(reverse(cumsum(reverse(exp(x))))))"],
];

describe("the work for derivatives", () => {
  it.each(linear)("grows with the length, not its square: %s", (_name, text) => {
    const workFor = (n: number) => {
      const { functions } = reportModel(loadModel({ name: "running.nabla", text }), { sizes: { n } });
      return functions.map(({ operations }) => operations);
    };
    const [short, long] = [workFor(1000), workFor(2000)];
    for (const [k, work] of long.entries()) expect(work / short[k]!).toBeLessThan(2.01);
    // the Hessian-vector product beside the loss
    expect(long[2]! / long[0]!).toBeLessThan(15);
  });
});

describe("a range up to a fixed end", () => {
  it.each(["max", "min"])("must hold something where the %s of it is asked for", (name) => {
    const compiled = (low: string) =>
      compileModel(
        loadModel({
          name: "running.nabla",
          text: `param x: [n]\nloss = sum(i in 0..n: ${name}(j in ${low}..n: x[j]))`,
        }),
      );
    expect(
      compiled("i")
        .bind({})
        .loss({ x: [1, 2, 2] }),
    ).toBe(name === "max" ? 6 : 5);
    expect(() =>
      compiled("i+1")
        .bind({})
        .loss({ x: [1, 2, 2] }),
    ).toThrow('the range of "j"');
  });
});

describe("a running product", () => {
  const texts = ["cumprod(A, axis = 0)", "cumprod(A, axis = 1)", "[i in 0..m: cumprod(A[i])]"];
  it.each(texts)("has the derivatives of products that are written out: %s", (product) => {
    const compiled = (text: string) =>
      compileModel(loadModel({ name: "running.nabla", text: `param A: [m, n]\ndata w: [m, n]\n${text}` }));
    const plain = product.includes("0)")
      ? "[i in 0..m, j in 0..n: prod(k in 0..m: if k <= i then A[k, j] else 1)]"
      : "[i in 0..m, j in 0..n: prod(k in 0..n: if k <= j then A[i, k] else 1)]";
    const [one, other] = [product, plain].map((value) => compiled(`loss = sum(w * sin(${value}))`)) as [
      CompiledModel,
      CompiledModel,
    ];
    for (const [m, n] of [
      [3, 4],
      [1, 5],
      [4, 1],
      [0, 3],
      [2, 0],
    ] as const) {
      const A = {
        data: Float64Array.from({ length: m * n }, (_, k) => (k % 4 === 2 ? 0 : Math.sin(k + 1))),
        shape: [m, n],
      };
      const data = { w: { data: A.data.map(Math.cos), shape: [m, n] } };
      const v = A.data.map((_, k) => 1 - k / 3);
      const results = [one, other].map((each) => {
        const { flat } = each.bind(data);
        const [g, h] = [new Float64Array(m * n), new Float64Array(m * n)];
        return [flat.lossGradientHvp(A.data, v, g, h), ...g, ...h];
      });
      for (const [k, value] of results[0]!.entries()) expect(value).toBeCloseTo(results[1]![k]!, 12);
    }
  });

  it("is the same loop in TypeScript, by name", () => {
    const asLoop = compile(model({ x: param(["n"]) }, ({ x }) => loopProduct(x).sin().sum()));
    const inText = compileText("param x: [n]\nloss = sum(sin(cumprod(x)))");
    const [x, v] = [{ x: [1.5, 0, -2, 0.5] }, { x: [1, 2, -1, 3] }];
    expect(asLoop.loss(x)).toBe(inText.loss(x));
    for (const [k, value] of asLoop.hvp(x, v).x.entries()) expect(value).toBeCloseTo(inText.hvp(x, v).x![k]!, 12);
  });
});

describe("products and logarithms of sums over ranges that grow or shrink", () => {
  // with loops, and with a choice in a range that does not vary
  const wholly = (range: string, name: string, none: string) =>
    `${name}(j in 0..n: if ${range} then x[j] * c[k] + x[j]^2 else ${none})`;
  const partly = (range: string, name: string) => `${name}(j in ${range}: x[j] * c[k] + x[j]^2)`;
  const ranges = [
    ["0..i+1", "j <= i"],
    ["i..n", "j >= i"],
    ["0..n-i", "j < n - i"],
    ["n-1-i..n", "j >= n - 1 - i"],
    ["0..i", "j < i"],
    ["i+1..n", "j > i"],
  ] as const;
  const gatherings = [
    ["prod", "1"],
    ["logsumexp", "-inf"],
  ] as const;
  const cases = ranges.flatMap(([range, condition]) =>
    gatherings.map(([name, none]) => [name, range, condition, none] as const),
  );
  const head = "param x: [n]\ndata c: [2], w: [n]\n";
  const around = (value: string) =>
    `${head}loss = sum(i in 0..n, k in 0..2: if w[i] > 0 then w[i] * sin(${value}) else 0)`;
  const inputs = { c: [0.7, -1.3], w: [0.5, -1, 2, 0.3, 1.1] };

  it.each(cases)("%s over %s has the derivatives of one over all positions", (name, range, condition, none) => {
    const [ours, plain] = [partly(range, name), wholly(condition, name, none)].map((value) =>
      compileText(around(value)),
    );
    for (const x of [
      [0.5, -1.2, 0.3, 0.8, -0.4],
      [0.5, 0, 0.3, 0, -0.4],
    ]) {
      const v = x.map((_, k) => 1 - k / 3);
      const [got, expected] = [ours!, plain!].map((each) => {
        // of no element the logarithm is -Infinity, and its sine NaN
        const weights = [...inputs.w];
        if (name === "logsumexp" && range === "0..i") weights[0] = -1;
        if (name === "logsumexp" && range === "i+1..n") weights[4] = -1;
        const bound = each.bind({ ...inputs, w: weights });
        return [bound.loss({ x }), ...bound.gradient({ x }).x!, ...bound.hvp({ x }, { x: v }).x!];
      });
      for (const [k, value] of expected!.entries()) expect(got![k]).toBeCloseTo(value, 12);
    }
  });

  it.each([
    ["cummax(x)", "max(j in 0..n: if j <= i then x[j] else -inf)"],
    ["cummin(x)", "min(j in 0..n: if j <= i then x[j] else inf)"],
    ["[i in 0..n: max(x[i..n])]", "max(j in 0..n: if j >= i then x[j] else -inf)"],
    ["[i in 0..n: min(j in 0..n-i: x[j])]", "min(j in 0..n: if j < n - i then x[j] else inf)"],
  ])("share the slope of the extreme among those that tie, in order or not: %s", (running, plain) => {
    const [ours, others] = [running, `[i in 0..n: ${plain}]`].map((value) =>
      compileText(`param x: [n]\ndata w: [n]\nloss = sum(w * sin(${value}))`),
    );
    for (const x of [
      [1, 2, 2, 0, 2, 3, 3, -1],
      [-1, -1, -1, -1, 5, -1, 5, 5],
      [2, 2, 1, 0.5, 0.5, 0.5, 0, 0],
    ]) {
      const w = x.map((_, k) => 1 + k / 8);
      const v = x.map((_, k) => 1 - k / 3);
      const [got, expected] = [ours!, others!].map((each) => {
        const bound = each.bind({ w });
        return [bound.loss({ x }), ...bound.gradient({ x }).x!, ...bound.hvp({ x }, { x: v }).x!];
      });
      for (const [k, value] of expected!.entries()) expect(got![k]).toBeCloseTo(value, 12);
    }
  });

  it("of whole numbers are whole", () => {
    const { outputs } = compileText("data k: int[n] within 0..4\nparam x: [4]\noutput y = x[cummax(k)] + x[cummin(k)]");
    expect(Array.from(outputs({ k: [1, 0, 3], x: [1, 10, 100, 1000] }).y!)).toEqual([20, 11, 1001]);
  });

  it("keep infinities and NaN", () => {
    const { outputs } = compileText("param x: [n]\noutput most = cummax(x), least = cummin(x)");
    const [high, low] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const of = (x: number[]) => Object.values(outputs({ x })).map((values) => Array.from(values as Float64Array));
    expect(of([low, low, 1, high, high])).toEqual([
      [low, low, 1, high, high],
      [low, low, low, low, low],
    ]);
    expect(of([1, Number.NaN, 2])).toEqual([
      [1, Number.NaN, Number.NaN],
      [1, Number.NaN, Number.NaN],
    ]);
  });

  it("have slopes where elements are -Infinity", () => {
    const { gradient } = compileText("param x: [n]\nloss = sum(i in 1..n: logsumexp(x[0..i+1]))");
    expect(Array.from(gradient({ x: [-Infinity, -Infinity, 0, 0] }).x!)).toEqual([0, 0, 1.5, 0.5]);
  });
});

/** Products, whose products with Hessians sum over triangles of products between two places. */
const products = [
  "param x: [n]\nloss = prod(x)",
  "param x: [n], a\nloss = prod(a * x) * prod(cos(x)) + sum(i: prod(j: x[j] - x[i] / 3))",
  "param x: [n]\nloss = sum(i, k in 0..2: sin(prod(j in 0..n-i: x[j] * k - 1)))",
  "param x: [n]\nloss = prod(i, j in 0..n: if i == j then 1 else x[i] - 2 * x[j])",
  "param x: [n]\nloss = sum(hessian(prod(x), x)^2)",
  `${ragged}\nloss = sum(k in 0..3: sin(prod(j in 0..l[k]: x[j] - k)))`,
  `${ragged}, y: [3, n]\nloss = sum(k in 0..3: sin(prod(j in 0..l[k]: x[j] - y[k, j])))`,
];

describe("the derivatives of a sum over a triangle", () => {
  it.each([...uneven, ...halves, ...products])("are those of the interpreter: %s", (text) => {
    const model = loadModel({ name: "running.nabla", text });
    const ask = (engine: EngineName, x: readonly number[]) => {
      const direction = { x: x.map((_, k) => 1 - k / 2), ...(text.includes(", a") ? { a: 0.5 } : {}) };
      // what lies behind the ends of rows may be anything
      const y = [0, 2, 3].map((length) => x.map((_, j) => (j < length ? j / 4 - 0.3 : Number.NaN)));
      const given = { ...(text.includes("l: ") ? { l: [0, 2, 3] } : {}), ...(text.includes("y: ") ? { y } : {}) };
      const inputs = { x, ...given, ...(text.includes(", a") ? { a: 1.25 } : {}) };
      const asked = { inputs, direction, engine, wrt: undefined, want: undefined };
      const { gradient, hvp } = new Evaluation(model).answer(asked);
      return [...Array.from(gradient!.x!.values), ...Array.from(hvp!.x!.values)];
    };
    for (const n of [3, 4, 5, 9]) {
      const x = Array.from({ length: n }, (_, k) => ((7 * k + 3) % 11) / 8 - 0.45);
      const expected = ask("interpreter", x);
      for (const [k, got] of ask("js", x).entries()) expect(got).toBeCloseTo(expected[k]!, 12);
    }
  });
});
