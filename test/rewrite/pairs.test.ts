import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** Of elements i and j: the same in both orders, the opposite, or neither. */
const parts = [
  ...[
    "(x[i] - x[j])",
    "x[i] * x[j]",
    "(x[i] + x[j])",
    "S[i,j]",
    "G[j,i]",
    "sum(c in 0..2: (p[i,c] - p[j,c])^2)",
    "(i + j)",
  ],
  ...["A[i,j]", "A[j,i]", "x[i]", "x[k[j]]", "x[k[i]] * x[k[j]]", "x[(i + j) // 2]", "(i - j)", "B[i,j]"],
];
const functions = ["exp(-_^2)", "sin(_)", "1 / (1 + _^2)", "sqrt(1 + _^2)", "_^2", "tanh(_)"];
const conditions = [
  "i < j",
  "i != j",
  "abs(i - j) <= 2",
  "S[i,j] > 0",
  "A[i,j] > 0",
  "k[i] != k[j]",
  "mod(i + j, 2) == 0",
];
const sums = [
  "sum(i in 0..n, j in 0..n: _)",
  "sum(i in 0..n: sin(sum(j in 0..n: _)))",
  "log(1 + sum(i in 0..n, j in 0..n: _)^2)",
  "sum([i in 0..n, j in 0..n: _] @ x)",
  "sum(i in 0..n, j in 0..n, l in 0..n: S[i,l] * _ * x[l])",
  "logsumexp([i in 0..n, j in 0..n: _])",
];
const within = (form: string, inner: string) => form.replaceAll("_", inner);

const terms = fc.letrec<{ term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...parts),
    fc.tuple(fc.constantFrom(...functions), tie("term")).map(([form, inner]) => within(form, `(${inner})`)),
    fc.tuple(tie("term"), fc.constantFrom("*", "+", "-"), tie("term")).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
  ),
})).term;
const losses = fc
  .tuple(fc.constantFrom(...sums), terms, fc.option(fc.constantFrom(...conditions), { nil: undefined }))
  .map(([form, term, condition]) => within(form, condition ? `(if ${condition} then ${term} else 0)` : term));

/** Value, gradient and a product with the Hessian, in one list. */
function derivativesOf(loss: string, rewrites: "all" | "none", n: number): number[] {
  const text = `size n
param x: [n], p: [n, 2], A: [n, n]
data B: [n, n], k: int[n] within 0..n
let S = A + A.T, G = B @ B.T
loss = ${loss}`;
  // nothing in it is alike, and places repeat
  const numbers = (length: number, from: number) => Float64Array.from({ length }, (_, at) => Math.sin(from + 1.7 * at));
  const data = { B: numbers(n * n, 0.3), k: Int32Array.from({ length: n }, (_, at) => (at * at) % Math.max(1, n - 1)) };
  const { flat } = compileText(text, { rewrites }).bind(data, { n });
  const x = numbers(3 * n + n * n, 0.9);
  const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
  const value = flat.lossAndGradient(x, g);
  flat.hvp(x, numbers(x.length, 2.2), h);
  return [value, ...g, ...h];
}

function agree(loss: string, n: number): void {
  const [got, wanted] = [derivativesOf(loss, "all", n), derivativesOf(loss, "none", n)];
  const size = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-3);
  for (const [k, each] of wanted.entries()) expect(Math.abs(got[k]! - each), `entry ${k}`).toBeLessThan(1e-10 * size);
}

describe("sums over all pairs", () => {
  it.each([
    "sum([i in 0..n, j in 0..n: exp(-(exp(-(x[i] - x[j])^2) + x[k[i]] * x[k[j]])^2)] @ x)",
    "sum(i in 0..n, j in 0..n: sin(x[k[i]] * x[k[j]] * S[i,j]))",
    "sum(i in 0..n, j in 0..n: x[(i + j) // 2] * exp(-(x[i] - x[j])^2))",
  ])("scatter to places that follow from one of the two: %s", (loss) => {
    for (const n of [1, 2, 9]) agree(loss, n);
  });

  it("have the derivatives of the sums as they are written", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(losses, fc.constantFrom(1, 3, 9), (loss, n) => agree(loss, n)),
      { numRuns: 60, seed: 7 },
    );
  });
});
