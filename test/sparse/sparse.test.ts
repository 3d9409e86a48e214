import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { compileText } from "../../src/language/all.ts";
import { patternOfRows, symmetricPattern } from "../../src/sparse/pattern.ts";
import {
  colourColumns,
  colourStars,
  jacobianProduct,
  type Pattern,
  type SparseDerivative,
  sparseHessian,
  sparseJacobian,
} from "../../src/sparse.ts";
import { cpuTime } from "../bench/measure/measure.ts";
import { programs } from "../generators/programs.ts";

type Data = Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;

/** Model, data, sizes, products of the Hessian, its entries. */
const models: readonly (readonly [string, string, Data, Readonly<Record<string, number>>, number, number])[] = [
  ["separate", "param x: [n]\nloss = sum(exp(x) * sin(x))", {}, { n: 7 }, 1, 7],
  ["a chain", "param x: [n]\nloss = sum(i in 0..n-1: 100 * (x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", {}, { n: 7 }, 3, 19],
  ["an arrow-head", "param s, x: [n]\nloss = sum(exp(s * x) + x^4)", {}, { n: 7 }, 2, 22],
  ["a band of five", "param x: [n]\nloss = sum(i in 0..n-2: exp(x[i] * x[i+1] * x[i+2]))", {}, { n: 7 }, 5, 29],
  [
    "a band that a condition on positions keeps",
    "param x: [n]\nloss = sum(i in 0..n, j in 0..n: if abs(i - j) <= 1 then exp(x[i] * x[j]) else 0)",
    {},
    { n: 7 },
    3,
    19,
  ],
  [
    "a band matrix that a condition makes",
    "param x: [n]\nlet B = [i in 0..n, j in 0..n: if i <= j and j < i + 2 then 1 + i * j else 0]\nloss = sum((B @ x)^3)",
    {},
    { n: 7 },
    3,
    19,
  ],
  [
    "a band that a matrix of conditions keeps",
    "param x: [n]\nlet M = [i in 0..n, j in 0..n: abs(i - j) <= 1]\nloss = sum(select(M, exp(outer(x, x)), 0))",
    {},
    { n: 7 },
    3,
    19,
  ],
  [
    "a band by a product with triangles of ones",
    "param x: [n]\nlet M = tril(triu(ones(n, n), diagonal = -1), diagonal = 1)\nloss = sum(M * exp(outer(x, x)))",
    {},
    { n: 7 },
    3,
    19,
  ],
  ["single elements", "param x: [n]\nloss = x[0]^3 * x[3] + exp(x[5])", {}, { n: 7 }, 2, 4],
  [
    "lookups that repeat",
    "param x: [n]\ndata k: int[m] within 0..n\nloss = sum(i in 0..m-1: (x[k[i]] * x[k[i+1]])^3)",
    { k: [1, 1, 2, 5, 1] },
    { n: 7 },
    3,
    9,
  ],
  ["everything", "param x: [n]\nloss = exp(sum(x * x))", {}, { n: 4 }, 4, 16],
  ["a loop", "param x: [n]\nloss = sum(cumsum(sin(x))^2)", {}, { n: 4 }, 4, 16],
  [
    "a band of ten",
    "param x: [n]\nloss = sum(i in 0..n-9: tanh(sum(j in 0..10: x[i+j] / 8))^3)",
    {},
    { n: 23 },
    16,
    347,
  ],
  ["nothing", "param x: [n]\nloss = sum(floor(x)) + sum(x) + 1", {}, { n: 7 }, 1, 0],
  ["no parameter at all", "param x: [n]\nloss = sum(x^3)", {}, { n: 0 }, 0, 0],
  ["one parameter", "param x: [n]\nloss = sum(x^3)", {}, { n: 1 }, 1, 1],
  [
    "a softmax",
    "param W: [2, 3]\ndata X: [m, 2]\nloss = sum(logsumexp(X @ W, axis = 1))",
    {
      X: [
        [1, 2],
        [3, -1],
      ],
    },
    {},
    6,
    36,
  ],
];

const point = (n: number) => Float64Array.from({ length: n }, (_, k) => 0.3 + Math.sin(1.7 * k) / 2);

function dense({ pattern, values }: { pattern: Pattern; values: Float64Array }): Float64Array {
  const [m, n] = pattern.shape;
  const full = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let k = pattern.rows[i]!; k < pattern.rows[i + 1]!; k++) full[i * n + pattern.columns[k]!] = values[k]!;
  }
  return full;
}

/** Sums in another order: a few roundings of the largest entry, or of the terms of entries that cancel. */
function expectClose(actual: Float64Array, expected: Float64Array, terms = 0): void {
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), terms);
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of expected.entries()) expect(Math.abs(actual[k]! - value)).toBeLessThanOrEqual(1e-11 * size);
}

describe("sparseHessian", () => {
  it.each(models)("equals the dense Hessian of %s, in few products", (_, text, data, sizes, products, entries) => {
    const bound = compileText(text).bind(data, sizes);
    const x = point(bound.coordinateNames().length);
    const H = sparseHessian(bound);
    expect([H.products, H.pattern.columns.length]).toEqual([products, entries]);
    const { values } = H.matrix(x);
    const full = new Float64Array(x.length ** 2);
    bound.flat.hessian(x, full);
    expectClose(dense({ pattern: H.pattern, values }), full);
  });

  it("equals the dense Hessian of random programs", () => {
    fc.assert(
      fc.property(programs(), (program) => {
        const { graph, output, parameters, data, sizes, values } = program;
        const named = (leaves: readonly Expr[]) => leaves.map((expr) => ({ name: graph.leafOf(expr.id).name, expr }));
        const inputs = (leaves: readonly Expr[]) =>
          Object.fromEntries(named(leaves).map(({ name, expr }) => [name, Float64Array.from(values.get(expr)!)]));
        const model = {
          name: "random",
          graph,
          parameters: named(parameters),
          data: named(data),
          loss: output,
          outputs: new Map(),
        };
        const bound = compileModel(model).bind(inputs(data), Object.fromEntries(sizes));
        const x = bound.pack(inputs(parameters));
        const H = sparseHessian(bound);
        const { pattern } = H;
        const { values: entries } = H.matrix(x);
        const full = new Float64Array(x.length ** 2);
        bound.flat.hessian(x, full);
        if (full.every(Number.isFinite)) expectClose(dense({ pattern, values: entries }), full, 0.01);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["an arrow-head", "param s, x: [n]\nloss = sum(exp(s * x) + x^4)", 2],
    ["a band", "param x: [n]\nloss = sum(i in 0..n-2: exp(x[i] * x[i+1] * x[i+2]))", 6],
  ])("of %s of size 10,000 needs few products and far less than a second", (_, text, most) => {
    const bound = compileText(text).bind({}, { n: 10_000 });
    const before = process.cpuUsage();
    const H = sparseHessian(bound);
    const { user } = process.cpuUsage(before);
    expect(H.products).toBeLessThanOrEqual(most);
    expect(user / 1e6).toBeLessThan(1.5);
  });

  it("is there where ranges within a range that is empty are of negative length", () => {
    const bound = compileText("param a, b: [m]\nloss = a^2 + sum(i in 0..m: prod(j in 0..i: a))").bind({}, { m: 0 });
    expect(Array.from(sparseHessian(bound).matrix(Float64Array.of(3)).values)).toEqual([2]);
  });

  it("is refused where the pattern is too large, however many elements a place may be", () => {
    const bound = compileText("param x: [n], y: [m]\nloss = exp(x[argmax(y)]) + sum(y^2)").bind(
      {},
      { n: 200_000, m: 2 },
    );
    expect(() => sparseHessian(bound)).toThrow("use products with vectors");
  });

  it("of a grid of 40,000 elements takes no longer than 2,000 of its products", () => {
    const grid = `param u: [n, n]
loss = sum(i in 0..n-1, j in 0..n: (u[i+1, j] - u[i, j])^2) + sum(i in 0..n, j in 0..n-1: exp(u[i, j+1] * u[i, j]))`;
    const bound = compileText(grid).bind({}, { n: 200 });
    const [x, v, h] = [0.5, 1, 0].map((value) => new Float64Array(40_000).fill(value)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const product = () => bound.flat.hvp(x, v, h);
    for (let k = 0; k < 50; k++) product();
    const time = cpuTime(() => {
      for (let k = 0; k < 50; k++) product();
    });
    let H: SparseDerivative | undefined;
    const whole = cpuTime(() => {
      H = sparseHessian(bound);
    });
    expect(H!.products).toBe(5);
    expect(whole).toBeLessThan(40 * time);
  });

  it("is refused for data that came later and decide its places", () => {
    const bound = compileText("param x: [n]\ndata k: int[m] within 0..n\nloss = sum(i: x[k[i]]^3)").bind(
      { k: [0, 1] },
      { n: 3 },
    );
    const H = sparseHessian(bound);
    const values = new Float64Array(2);
    H.evaluate(Float64Array.of(1, 2, 3), values);
    expect(Array.from(values)).toEqual([6, 12]);
    bound.refill({ k: [2, 2] });
    expect(() => H.evaluate(Float64Array.of(1, 2, 3), values)).toThrow("ask for the sparse derivative again");
    expect(sparseHessian(bound).matrix(Float64Array.of(1, 2, 3)).values).toEqual(Float64Array.of(36));
    expect(() => H.evaluate(Float64Array.of(1), values)).toThrow();
    expect(() => H.evaluate(Float64Array.of(1, 2, 3), new Float64Array(1))).toThrow("needs 2 elements");
  });
});

describe("sparseJacobian", () => {
  it.each([
    ["differences", "param x: [n]\noutput y = [i in 0..n-1: x[i+1] * x[i]^2]", { n: 6 }, 2],
    ["one sum", "param x: [n]\noutput y = sum(x^3)", { n: 6 }, 1],
    ["one factor", "param x\ndata a: [m]\noutput y = a * x^2", {}, 1],
    ["lookups", "param x: [n]\ndata k: int[p] within 0..n\noutput y = [i in 0..p: exp(x[k[i]])]", { n: 6 }, 1],
  ])("has the products of %s", (_, text, sizes, products) => {
    const data = { a: [1, 2, 3], k: [5, 5, 0] };
    const names = Object.entries(data).filter(([name]) => text.includes(`data ${name}:`));
    const bound = compileText(text).bind(Object.fromEntries(names), sizes);
    const x = point(bound.coordinateNames().length);
    const J = sparseJacobian(bound, "y");
    expect(J.products).toBe(products);
    const [m, n] = J.pattern.shape;
    const full = dense({ pattern: J.pattern, values: J.matrix(x).values });
    const byColumn = jacobianProduct(bound, "y");
    const expected = new Float64Array(m * n);
    const y = new Float64Array(m);
    for (let j = 0; j < n; j++) {
      byColumn(
        x,
        Float64Array.from({ length: n }, (_, k) => Number(k === j)),
        y,
      );
      for (let i = 0; i < m; i++) expected[i * n + j] = y[i]!;
    }
    expectClose(full, expected);
  });

  it("names outputs that there are not", () => {
    const bound = compileText("param x\noutput y = x").bind();
    expect(() => sparseJacobian(bound, "z")).toThrow('the model has no output "z"');
  });
});

describe("colourings", () => {
  const patterns = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 40 }))
    .map(([n, pairs]) => {
      const inside = pairs.filter(([i, j]) => i < n && j < n);
      return patternOfRows([n, n], (row, columns) => {
        const members = new Set(inside.flatMap(([i, j]) => (i === row ? [j] : [])));
        for (const column of [...members].sort((a, b) => a - b)) columns.push(column);
      });
    });
  const row = ({ rows, columns }: Pattern, i: number) => Array.from(columns.subarray(rows[i], rows[i + 1]));

  it("of columns never meet in a row", () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        const { colours } = colourColumns(pattern);
        for (let i = 0; i < pattern.shape[0]; i++) {
          const seen = row(pattern, i).map((j) => colours[j]);
          expect(new Set(seen).size).toBe(seen.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("by stars show each entry alone on one side", () => {
    fc.assert(
      fc.property(patterns, (oneSided) => {
        const pattern = symmetricPattern(oneSided);
        const { colours } = colourStars(pattern);
        const isAlone = (i: number, j: number) => row(pattern, i).filter((k) => colours[k] === colours[j]).length === 1;
        for (let i = 0; i < pattern.shape[0]; i++) {
          for (const j of row(pattern, i)) {
            expect(isAlone(i, j) || isAlone(j, i)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("by stars need both of two mirrored entries", () => {
    const oneSided = patternOfRows([2, 2], (row, columns) => row === 0 && columns.push(1));
    expect(() => colourStars(oneSided)).toThrow("colourStars needs a symmetric pattern");
  });
});
