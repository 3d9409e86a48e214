import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

// Sums of exponentials as people write them: with a number added to all exponents the logarithm of each is that much more, and what is
// left of shares is the same. Arrays are so long that results which are not finite are not looked at again.

const head = `param x: [n], v: [n]
data w: [n], z: [n], seg: int[n] within 0..n, lo: int[n] within 0..n
`;

/** The loss, and what it gains where all of x gain 1. */
const spellings: Readonly<Record<string, readonly [text: string, gain: number]>> = {
  "of all": ["loss = log(sum(exp(x)))", 1],
  "with base 10": ["loss = log10(sum(10^(x * 0.5)))", 0.5],
  "to the end": ["loss = mean(i in 0..n: log(sum(j in i..n: exp(x[j]))))", 1],
  "from the beginning": ["loss = mean(i in 0..n: log(sum(exp(x[0..i+1]))))", 1],
  "of slices between data": ["loss = mean(i in 0..n: log(sum(exp(x[lo[i]..i+1]))))", 1],
  running: ["loss = mean(log(cumsum(exp(x))))", 1],
  "running, reversed": ["loss = mean(log(reverse(cumsum(reverse(exp(x))))))", 1],
  "running, with weights": ["loss = mean(log(cumsum(w * exp(x))))", 1],
  "with a mask": ["loss = log(sum(select(w > 0.5, exp(x), 0)))", 1],
  "of those at risk": ["loss = mean(i in 0..n: log(sum(j in 0..n: if w[j] >= w[i] then exp(x[j]) else 0)))", 1],
  "of those at risk, as a product": ["loss = mean(i in 0..n: log(sum(j in 0..n: (w[j] >= w[i]) * exp(x[j]))))", 1],
  "of segments": [
    "let s = [i in 0..n: log(sum(j in 0..n: if seg[j] == i then exp(x[j]) else 0))]\nloss = mean(j in 0..n: s[seg[j]])",
    1,
  ],
  "of segments, with exponents of -inf": [
    "let s = [i in 0..n: log(sum(j in 0..n: exp(if seg[j] == i then x[j] else -inf)))]\nloss = mean(j in 0..n: s[seg[j]])",
    1,
  ],
  "of a product of matrices": ["let A = [i in 0..40, j in 0..30: x[i + j]]\nloss = mean(log(exp(A) @ exp(A')))", 2],
  "in shares of the rest": ["loss = mean(i in 0..n: sum(j in i..n: exp(x[j]) * v[j]) / sum(j in i..n: exp(x[j])))", 0],
  "in shares of segments": [
    "let s = [i in 0..n: sum(j in 0..n: if seg[j] == i then exp(x[j]) else 0)]\nloss = sum(j in 0..n: z[j] * exp(x[j]) / s[seg[j]])",
    0,
  ],
  "in logarithms of shares of segments": [
    "let s = [i in 0..n: sum(j in 0..n: if seg[j] == i then exp(x[j]) else 0)]\nloss = sum(j in 0..n: z[j] * log(exp(x[j]) / s[seg[j]]))",
    0,
  ],
  "in shares with a mask": ["let t = [j in 0..n: if w[j] > 0.2 then exp(x[j]) else 0]\nloss = sum(z * t / sum(t))", 0],
  "in a partial likelihood": ["loss = mean(i in 0..n: x[i] - log(sum(j in i..n: exp(x[j]))))", 0],
};

const n = 300;
const numbers = (from: number) => Array.from({ length: n }, (_, k) => ((k * 37 + from * 11) % 64) / 64 + 0.25);
const positions = Array.from({ length: n }, (_, k) => (k * 7) % 50);

describe("a sum of exponentials", () => {
  it.each(Object.entries(spellings))("neither overflows nor vanishes: %s", (_, [body, gain]) => {
    const given = {
      w: numbers(1),
      z: numbers(2),
      seg: positions,
      lo: positions.map((_, k) => k >> 1),
    };
    const data = Object.fromEntries(Object.entries(given).filter(([name]) => new RegExp(`\\b${name}\\b`).test(body)));
    const model = compileText(head + body);
    const along = { x: numbers(5), v: numbers(6) };
    const resultsAt = (shift: number) => {
      const inputs = { ...data, x: numbers(3).map((x) => x + shift), v: numbers(4) };
      const [gradient, product] = [model.gradient(inputs), model.hvp(inputs, along)];
      return { loss: model.loss(inputs), parts: [gradient, product].flatMap(({ x, v }) => [...x!, ...v!]) };
    };
    const near = resultsAt(0);
    const scale = Math.max(...near.parts.map(Math.abs));
    for (const shift of [1024, -1024]) {
      const far = resultsAt(shift);
      // exponents of a thousand have 3 digits less than those of 1
      expect(Math.abs(far.loss - near.loss - gain * shift)).toBeLessThan(1e-10);
      for (const [k, value] of far.parts.entries())
        expect(Math.abs(value - near.parts[k]!)).toBeLessThan(1e-11 * scale);
    }
  });
});
