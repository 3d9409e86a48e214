import { describe, expect, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import type { EngineName } from "../../src/cli/eval/request.ts";
import { loadModel } from "../../src/model/load.ts";

const given = {
  x: [0.5, -1.2, 2.3, 0.7],
  w: [1.5, 0.3, -0.8, 2],
  X: [
    [0.4, -1.1, 0.9],
    [1.3, 0.2, -0.6],
  ],
  len: [1, 3],
  at: [0, 1, 4],
  m: 3,
};
const declared = `param x: [n], w: [n], X: [b, t]
data len: int[b], at: int[k+1], m: int
let none = 0 * (sum(x) + sum(w) + sum(X) + sum(len) + sum(at) + m)
`;
const direction = { x: [1, -2, 0.5, 0.3], w: [0.2, 1, -1, 0.7], X: given.X.map((row) => row.map(Math.cos)) };

function numbers(loss: string, engine: EngineName = "js", inputs: Record<string, unknown> = given): number[] {
  const model = loadModel({ name: "reach.nabla", text: `${declared}loss = ${loss} + none` });
  const { loss: value, ...rest } = new Evaluation(model).answer({
    inputs,
    direction,
    engine,
    wrt: undefined,
    want: ["loss", "gradient", "hvp"],
  });
  const derivatives = [rest.gradient!, rest.hvp!].flatMap((tensors) => Object.values(tensors));
  return [value!, ...derivatives.flatMap(({ values }) => Array.from(values))];
}

/** With ranges that reads tell, and the same written out. */
const pairs: readonly (readonly [told: string, written: string])[] = [
  // iterators without a range, on which ranges further in depend
  ["sum(i, j in 0..i: x[i] * x[j]^2)", "sum(i in 0..n, j in 0..i: x[i] * x[j]^2)"],
  ["sum(i: w[i] * exp(sum(j in 0..i: x[j])))", "sum(i in 0..n: w[i] * exp(sum(j in 0..i: x[j])))"],
  ["sum(i: w[i] * exp(sum(x[0..i])))", "sum(i in 0..n: w[i] * exp(sum(j in 0..i: x[j])))"],
  ["sum(i: w[i] * exp(sum(x[i+1..n])))", "sum(i in 0..n: w[i] * exp(sum(j in i+1..n: x[j])))"],
  ["sum(i: w[i] * max(k in 0..i+1: x[k]))", "sum(i in 0..n: w[i] * max(k in 0..i+1: x[k]))"],
  ["prod(i, j in i+1..n: x[j] - x[i])", "prod(i in 0..n, j in i+1..n: x[j] - x[i])"],
  ["sum(i, j in 0..i, k in 0..j: x[i] * x[j] * w[k])", "sum(i in 0..n, j in 0..i, k in 0..j: x[i] * x[j] * w[k])"],
  // of a read alone: as far as it reaches, from 0 or where it begins to read
  ["sum(i: sin(sum(k in 0..i+2: x[k])))", "sum(i in -1..n-1: sin(sum(k in 0..i+2: x[k])))"],
  ["sum(i: cos(sum(j in i..n: x[j])))", "sum(i in 0..n: cos(sum(j in i..n: x[j])))"],
  ["sum(i: cos(sum(x[i..n])))", "sum(i in 0..n: cos(sum(j in i..n: x[j])))"],
  ["sum(i: cos(sum(j in 0..i: x[j])))", "sum(i in 0..n+1: cos(sum(j in 0..i: x[j])))"],
  ["sum(i: cos(sum(j in 0..i: x[n-1-j])))", "sum(i in 0..n+1: cos(sum(x[n-i..n])))"],
  ["sum(i: [s: sum(x[0..s])][i] * w[i])", "sum(i in 0..n: sum(x[0..i]) * w[i])"],
  ["sum(i: [s: exp(sum(j in 2..s: x[j]))][i] * w[i])", "sum(i in 0..n: w[i] * exp(sum(j in 2..i: x[j])))"],
  // what stands behind "and" or "or" is read where the outcome is open
  ["sum(i in 0..n: if i > 0 and x[i-1] > 0 then x[i]^2 else 0)", "sum(i in 1..n: if x[i-1] > 0 then x[i]^2 else 0)"],
  ["sum(i: if i > 0 and x[i-1] > 0 then x[i]^2 else 0)", "sum(i in 1..n: if x[i-1] > 0 then x[i]^2 else 0)"],
  [
    "sum(i in 0..n: if i < 1 or x[i-1] < 0 then x[i]^3 else 0)",
    "x[0]^3 + sum(i in 1..n: if x[i-1] < 0 then x[i]^3 else 0)",
  ],
  ["sum(i in 0..n: if i > 0 and i < n-1 and x[i-1] < x[i+1] then x[i]^3 else 0)", "x[1]^3 + x[2]^3"],
  ["sum(s in 0..k+1: if at[s] < n and x[at[s]] > 0 then w[0]^2 else 0)", "w[0]^2"],
  ["sum(if at < n and x[at] > 0 then w[0]^3 else 0)", "w[0]^3"],
  // ends that are data of no declared range
  ["sum(c: sin(sum(j in 0..len[c]: X[c, j]^2)))", "sin(X[0, 0]^2) + sin(sum(X[1]^2))"],
  ["sum(c, j in 0..len[c]: X[c, j]^3)", "X[0, 0]^3 + sum(X[1]^3)"],
  ["sum(c: logsumexp(X[c, :len[c]]))", "X[0, 0] + logsumexp(X[1])"],
  ["sum(c: softmax(X[c, :len[c]]) @ X[c, :len[c]])", "X[0, 0] + softmax(X[1]) @ X[1]"],
  ["sum(x[:m]^3) + prod(i in 0..m: w[i])", "sum(x[0..3]^3) + prod(w[0..3])"],
  ["sum(s: exp(sum(i in at[s]..at[s+1]: x[i] * w[i])))", "exp(x[0] * w[0]) + exp(dot(x[1..4], w[1..4]))"],
  ["sum(s: max(x[at[s]..at[s+1]])^2)", "x[0]^2 + max(x[1..4])^2"],
  ["sum(i in 0..3, j in 0..i*i: sin(w[i] * x[j]))", "sin(w[1] * x[0]) + sum(j in 0..4: sin(w[2] * x[j]))"],
];

describe("ranges as far as reads reach", () => {
  it.each(pairs)("%s", (told, written) => {
    const wanted = numbers(written);
    for (const engine of ["js", "interpreter", "complex", "dual"] as const) {
      for (const [k, value] of numbers(told, engine).entries()) expect(value, engine).toBeCloseTo(wanted[k]!, 10);
    }
  });

  it.each([
    [
      "sum(c, j in 0..len[c]: X[c, j])",
      { len: [1, 4] },
      /range of "j" must lie in 0\.\.t, .* needed 0..4, got 4 at \[1\]/,
    ],
    ["sum(c: sum(X[c, :len[c]]))", { len: [1, 4] }, /leaves axis 1 of X, .* needed 0..4, got 4 at \[1\]/],
    [
      "sum(s: sum(i in at[s]..at[s+1]: x[i]))",
      { at: [-1, 1, 4] },
      /range of "i" must lie in 0\.\.n, .* got -1 at \[0\]/,
    ],
    ["sum(i in 0..m: 1.5)", {}, /"i" is m long, for which no largest value is known.*declared within a range/s],
    ["sum(i, j in 0..i*i: w[i] * x[j])", {}, /"j" is i\*i long, for which no largest value is known/],
    ["sum(i: sum(j in 0..i: 1.5))", {}, /the range of "i" is not known/],
  ])("%s with %o is refused", (loss, changed, message) => {
    expect(() => numbers(loss, "js", { ...given, ...changed })).toThrow(message);
  });
});
