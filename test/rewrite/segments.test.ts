import { describe, expect, it } from "vitest";
import { gradient, slopesAlong } from "../../src/autodiff/derivatives.ts";
import { compileText } from "../../src/language/all.ts";
import { lower } from "../../src/lower/lower.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { workOf } from "../lower/operations.ts";

// What falls from a row j to the element that data look up for it: sums, extremes and products of segments, messages along edges.

const head = "param e: [m], x: [n]\ndata dst: int[m], src: int[m] within 0..n, z: [n], w: [m]\n";

/** What is taken of the terms of each segment, under a condition. */
const gathers: Readonly<Record<string, (condition: string, term: string) => string>> = {
  sum: (c, t) => `loss = sum(i in 0..n: z[i] * sum(j in 0..m: if ${c} then ${t} else 0)^2)`,
  max: (c, t) => `let M = [i in 0..n: max(j in 0..m: if ${c} then ${t} else -inf)]
loss = sum(i in 0..n: if M[i] > -inf then z[i] * M[i]^2 else 0)`,
  min: (c, t) => `let M = [i in 0..n: min(j in 0..m: if ${c} then ${t} else inf)]
loss = sum(i in 0..n: if M[i] < inf then z[i] * M[i]^2 else 0)`,
  logsumexp: (c, t) => `let M = [i in 0..n: logsumexp(j in 0..m: if ${c} then ${t} else -inf)]
loss = sum(i in 0..n: if M[i] > -inf then z[i] * M[i] else 0)`,
  "logarithm of a sum": (c, t) => `let M = [i in 0..n: log(sum(j in 0..m: if ${c} then exp(${t}) else 0))]
loss = sum(i in 0..n: if M[i] > -inf then z[i] * M[i]^2 else 0)`,
  softmax: (c, t) => `let M = [i in 0..n: max(j in 0..m: if ${c} then ${t} else -inf)]
let S = [i in 0..n: sum(j in 0..m: if ${c} then exp(${t} - M[i]) else 0)]
loss = sum(i in 0..n, j in 0..m: if ${c} then z[i] * w[j] * exp(${t} - M[i]) / S[i] else 0)`,
  prod: (c, t) => `loss = sum(i in 0..n: z[i] * prod(j in 0..m: if ${c} then ${t} else 1))`,
};

const conditions = ["dst[j] == i", "dst[j] == i and w[j] > 0.5", "dst[j] + i == 4"];
const terms = ["e[j]", "exp(e[j])", "e[j] / w[j]", "x[src[j]] * x[i]", "exp(x[src[j]] * x[i])", "log(e[j]) * x[i]"];

/** Attention over the edges of a graph, as it is written. */
const attention = `${head}let M = [i in 0..n: max(j in 0..m: if dst[j] == i then e[j] else -inf)]
let S = [i in 0..n: sum(j in 0..m: if dst[j] == i then exp(e[j] - M[dst[j]]) else 0)]
loss = sum(j in 0..m: exp(e[j] - M[dst[j]]) / S[dst[j]] * x[src[j]])`;

function operations(text: string, n: number, m: number): number {
  const { loss, parameters } = loadModel({ name: "segments", text });
  const variables = parameters.map(({ expr }) => expr);
  const written = simplify([loss!])[0]!;
  const slopes = gradient(written, variables);
  const direction = variables.map((x) => x.graph.variable(x.shape));
  const roots = simplify([written, ...slopes, ...slopesAlong(slopes, variables, direction)], { last: true });
  const sizes = new Map([
    ["n", n],
    ["m", m],
  ]);
  return workOf(lower(roots.map((node, k) => ({ name: `r${k}`, node }))), sizes).operations;
}

describe("terms that fall where data say", () => {
  const texts = Object.entries(gathers).flatMap(([name, gather]) =>
    name === "prod" ? [] : terms.map((term) => [name, term, head + gather("dst[j] == i", term)] as const),
  );
  it.each([...texts, ["softmax", "e[j] - M[dst[j]]", attention] as const])(
    "take time for themselves: %s of %s",
    (_, __, text) => {
      // derivatives of softmax take some 200 operations a term
      expect(operations(text, 100, 1000)).toBeLessThan(400 * 1100);
    },
  );

  const n = 5;
  const m = 9;
  /** Numbers of which some are equal: k winners share. */
  const some = (count: number, from: number) =>
    Array.from({ length: count }, (_, k) => 0.5 + (((k + from) * (k + 3) * 7 + from) % 5) / 4);
  const positions = (from: number, least: number, most: number) =>
    Array.from({ length: m }, (_, k) => least + (((k * k + from) * 5 + k) % (most - least)));

  it.each(Object.entries(gathers))(
    "have the values and slopes of the loops as written, beside segments without terms: %s",
    (_, gather) => {
      for (const [at, term] of terms.entries()) {
        const text = head + gather(conditions[at % conditions.length]!, term);
        const [model, written] = [compileText(text), compileText(text, { rewrites: "none" })];
        for (const from of [0, 1]) {
          const body = text.slice(head.length);
          const inputs = {
            ...(body.includes("w[") ? { w: some(m, from) } : {}),
            ...(body.includes("src[") ? { src: positions(from, 0, n) } : {}),
            ...{
              e: some(m, from + 1),
              x: some(n, from + 2),
              z: some(n, from + 3),
              dst: positions(from + 1, -1, n + 1),
            },
          };
          const along = { e: some(m, from + 4), x: some(n, from + 5) };
          const results = [model, written].map(({ loss, gradient, hvp }) => [
            loss(inputs),
            ...Object.values(gradient(inputs)).flatMap((part) => [...part]),
            ...Object.values(hvp(inputs, along)).flatMap((part) => [...part]),
          ]);
          const [got, wanted] = results as [number[], number[]];
          const scale = Math.max(...wanted.map(Math.abs), 1);
          for (const [k, value] of got.entries()) {
            // a few hundred roundings of sums in another order
            expect(Math.abs(value - wanted[k]!), `${text}: ${got} for ${wanted}`).toBeLessThan(1e-12 * scale);
          }
        }
      }
    },
  );

  it("know that a segment may be empty", () => {
    const { loss } = compileText(
      "param e: [m]\ndata dst: int[m]\nlet M = [i in 0..3: max(j: if dst[j] == i then exp(e[j]) else -inf)]\nloss = sum(i: if M[i] > -inf then M[i] else 1)",
    );
    expect(loss({ e: [0, 0], dst: [0, 2] })).toBe(3);
  });
});
