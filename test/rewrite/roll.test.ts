import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { reachableIds } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { view } from "../../src/ops/arrays/contractions.ts";
import { add, mul, square, sub } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { rolled } from "../../src/rewrite/loops/roll/roll.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

const points = 12;
const declarations = `model parts
param x: [${points}], y: [${points}], s, A: [4, 3]
data t: [${points}], at: int[5] within 0..${points}, X: [40, 3]
`;

const load = (text: string) => loadModel({ name: "parts.nabla", text: `${declarations}${text}` });
const lossOf = (text: string): Expr => load(text).loss!;

const countOf = (roots: readonly Expr[]) =>
  reachableIds(
    roots[0]!.graph,
    roots.map(({ id }) => id),
  ).length;

/** A number for every element, the same in every run. */
const numbers = (count: number, seed: number) =>
  Array.from({ length: count }, (_, k) => Math.sin(1.7 * k + seed) * 2 + 0.1 * ((k * seed) % 5));

const inputs = {
  t: numbers(points, 3),
  at: [0, 11, 3, 3, 7],
  X: { data: Float64Array.from(numbers(120, 5)), shape: [40, 3] },
};
const point = Float64Array.from([...numbers(points, 1), ...numbers(points, 2), 0.3, ...numbers(12, 4)]);
const direction = Float64Array.from(numbers(point.length, 6));

/** Loss, gradient and product at one point. */
function resultsOf(text: string, rewrites: "all" | "none"): number[] {
  const { flat } = compileModel(load(text), { rewrites }).bind(inputs);
  const [g, h] = [new Float64Array(point.length), new Float64Array(point.length)];
  const loss = flat.lossAndGradient(point, g);
  flat.hvp(point, direction, h);
  return [loss, ...g, ...h];
}

function expectSame(text: string): void {
  const [got, expected] = [resultsOf(text, "all"), resultsOf(text, "none")];
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  // a sum of a hundred terms in another order, each within the largest result: a hundred roundings of it
  for (const [k, value] of got.entries()) expect(Math.abs(value - expected[k]!), `${k}`).toBeLessThan(1e-13 * largest);
}

const pick = (k: number, step: number) => (k * step + (k >> 2)) % points;
const sumOf = (count: number, term: (k: number) => string) =>
  Array.from({ length: count }, (_, k) => term(k)).join(" + ");

/** Models of terms that are alike, and what becomes of them: at most so many nodes. */
const models: readonly (readonly [what: string, text: string, nodes: number])[] = [
  [
    "springs between points",
    `loss = ${sumOf(80, (k) => `(sqrt((x[${pick(k, 5)}] - x[${pick(k, 7)}])^2 + (y[${pick(k, 5)}] - y[${pick(k, 7)}])^2 + 1) - ${1 + (k % 8) / 8})^2`)}`,
    32,
  ],
  [
    "neighbours, by position",
    `loss = ${sumOf(11, (k) => `(x[${k + 1}] - x[${k}]^2)^2 * exp(s - t[${k}]) / (1 + y[${k}]^2) * sin(x[${k}]) * cos(y[${k}]) * tanh(x[${k}] * y[${k}]) * exp(x[${k}] + 1) * (y[${k}] - 2) * sin(2 * x[${k}]) * cos(3 * y[${k}]) * (x[${k}] - 4) * exp(-y[${k}]) * (1 + x[${k}]) * (2 - y[${k}]) * sin(y[${k}] + 2)`)}`,
    90,
  ],
  [
    "terms that are taken away, and other ones",
    `loss = 3 * s^2 + ${sumOf(90, (k) => `sin(x[${pick(k, 5)}] * ${k}) * t[${pick(k, 3)}]`)} - ${Array.from({ length: 90 }, (_, k) => `exp(y[${pick(k, 7)}] / ${k + 2}) * s`).join(" - ")} - x[3]`,
    50,
  ],
  [
    "values that all terms share",
    `let u = exp(s)
let v = sin(x[2]) + u
loss = ${sumOf(90, (k) => `log(v^2 + u * x[${pick(k, 5)}]^2 + ${k}) * u`)}`,
    36,
  ],
  [
    "values that are alike themselves, each shared by many terms",
    `${Array.from({ length: points }, (_, k) => `let u${k} = exp(x[${k}]) / (1 + y[${k}]^2) + ${k}\n`).join("")}loss = ${sumOf(100, (k) => `(u${pick(k, 5)} - u${pick(k, 7)} * ${k % 3})^2 / (1 + u${pick(k, 5)}^2)`)}`,
    50,
  ],
  [
    "elements of a vector that is written out",
    `let v = [${Array.from({ length: 60 }, (_, k) => `sin(x[${pick(k, 5)}] + ${k}) * exp(s * y[${pick(k, 7)}]) / 3`).join(", ")}]\nloss = sum(i: v[i] * v[59 - i])`,
    40,
  ],
  [
    "rows of data, each a sum",
    `loss = ${sumOf(40, (k) => `(sum(j: A[${k % 4}, j] * X[${k}, j])  - exp(t[${k % points}] * s) * sin(s) + cos(x[${pick(k, 5)}]) * y[${pick(k, 7)}] - ${k})^2`)}`,
    50,
  ],
  [
    "elements at positions of data",
    `loss = ${sumOf(80, (k) => `sin(x[at[${k % 5}]] * ${k} + s) * cos(y[${pick(k, 5)}] + s) * exp(s)`)}`,
    40,
  ],
  [
    "long sums within terms",
    `loss = ${sumOf(9, (i) => `exp((${sumOf(12, (k) => `sin(x[${pick(k + i, 5)}] * ${k + 12 * i}) * (y[${pick(k, 7)}] - ${i}) * t[${k}]`)}) / 9)`)}`,
    400,
  ],
  [
    "a long sum by which every term is divided",
    `let z = ${sumOf(90, (k) => `exp(x[${pick(k, 5)}] * ${k / 90}) * 2`)}\nloss = ${sumOf(90, (k) => `(exp(x[${pick(k, 5)}] * ${k / 90}) / z - ${k})^2`)}`,
    60,
  ],
];

describe("long sums of terms that are alike", () => {
  for (const [what, text, nodes] of models) {
    it(`become loops with the same results: ${what}`, () => {
      const loss = lossOf(text);
      const [loop] = rolled([loss]);
      expect(countOf([loss])).toBeGreaterThan(nodes);
      expect(countOf([loop!])).toBeLessThanOrEqual(nodes);
      expectSame(text);
    });
  }

  it("stay where they are short", () => {
    const loss = lossOf(`loss = ${sumOf(30, (k) => `sin(x[${pick(k, 5)}]) * ${k}`)}`);
    expect(rolled([loss])).toEqual([loss]);
  });

  it("stay where each term needs the one before", () => {
    const text = `let u0 = s\n${Array.from({ length: 200 }, (_, k) => `let u${k + 1} = sin(u${k}) * x[${pick(k, 5)}] + ${k}\n`).join("")}loss = ${sumOf(200, (k) => `u${k}^2`)}`;
    const loss = lossOf(text);
    expect(countOf(rolled([loss]))).toBeLessThanOrEqual(countOf([loss]));
    expectSame(text);
  });

  it("stay where bits are to be kept", () => {
    const loss = lossOf(models[0]![1]);
    const [exact] = simplify([loss], { level: "exact" });
    expect(countOf([exact!])).toBeGreaterThan(100);
  });

  it("are seen in derivatives too", () => {
    const { loss, parameters } = load(models[0]![1]);
    const slopes = gradient(loss!, parameters.map(({ expr }) => expr).slice(0, 2));
    expect(countOf(simplify(slopes, { last: true }))).toBeLessThan(countOf(slopes));
  });

  it("have the values of the terms, whatever the terms are", () => {
    const leaf = fc.oneof(
      fc.nat(points - 1).map((k) => `x[${k}]`),
      fc.nat(points - 1).map((k) => `y[${k}]`),
      fc.integer({ min: -4, max: 4 }).map((k) => `${k / 2}`),
      fc.constantFrom("s", "t[3]", "exp(s)", "x[0] * y[0]"),
    );
    const { shape } = fc.letrec<{ shape: (parts: readonly string[]) => string }>((tie) => ({
      shape: fc.oneof(
        { maxDepth: 4 },
        fc.nat(3).map((k) => (parts: readonly string[]) => parts[k]!),
        fc.tuple(fc.constantFrom("+", "-", "*"), tie("shape"), tie("shape")).map(
          ([sign, a, b]) =>
            (parts: readonly string[]) =>
              `(${a(parts)} ${sign} ${b(parts)})`,
        ),
        fc.tuple(fc.constantFrom("sin", "cos", "tanh"), tie("shape")).map(
          ([name, a]) =>
            (parts: readonly string[]) =>
              `${name}(${a(parts)})`,
        ),
      ),
    }));
    const terms = fc.tuple(
      fc.array(shape, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.tuple(leaf, leaf, leaf, leaf), fc.nat(2), fc.boolean()), { minLength: 60, maxLength: 120 }),
    );
    fc.assert(
      fc.property(terms, ([shapes, all]) => {
        const text = all
          .map(([parts, which, isTaken]) => `${isTaken ? "-" : "+"} ${shapes[which % shapes.length]!(parts)}`)
          .join(" ");
        const { loss, parameters, data } = load(`loss = 0 ${text}`);
        const values = new Map<Expr, readonly number[]>();
        let start = 0;
        for (const { expr } of parameters) {
          const count = expr.shape.reduce((product, size) => product * size.value!, 1);
          values.set(expr, Array.from(point.subarray(start, start + count)));
          start += count;
        }
        for (const { name, expr } of data) {
          const given = inputs[name as keyof typeof inputs];
          values.set(expr, Array.isArray(given) ? given : Array.from(given.data));
        }
        const bindings = { sizes: new Map<string, number>(), values };
        const [[expected], [got]] = [[loss!], rolled([loss!])].map(
          (roots) => interpret(roots, bindings, realField)[0]!,
        ) as [number[], number[]];
        // 120 terms of at most 8^16 each would be beyond any bound; those drawn are products of few
        expect(Math.abs(got! - expected!)).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(expected!)));
      }),
      { numRuns: 60 },
    );
  });

  it("are found in time that grows with their number", () => {
    const timeOf = (count: number) => {
      const graph = new Graph();
      const [x, y] = ["x", "y"].map((name) => graph.param(name, [Integer.constant(points)])) as [Expr, Expr];
      const at = (of: Expr, k: number) => view(of, [], [Integer.constant(k)]);
      let loss = exp(at(x, 0));
      for (let k = 0; k < count; k++) loss = add(loss, square(sub(at(x, pick(k, 5)), mul(at(y, pick(k, 7)), k))));
      const start = process.cpuUsage();
      const [loop] = rolled([loss]);
      const { user } = process.cpuUsage(start);
      expect(countOf([loop!])).toBeLessThan(20);
      return user;
    };
    timeOf(2000);
    // ten times as many; the first ones may still be interpreted
    expect(timeOf(20_000)).toBeLessThan(40 * timeOf(2000));
  });
});
