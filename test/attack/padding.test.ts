import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { lengths, paddedProgram, paddedPrograms, sizes } from "../generators/padded.ts";

const { n, t, d } = sizes;

/** Numbers without a pattern, between -1 and 1. */
const numbers = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(1.7 * k + 2.3 * seed + 0.3));

/** Data whose places behind the ends hold NaN, or numbers like others. */
function dataWith(isPadded: boolean) {
  const shown = (sequence: number, place: number) => !isPadded || place < lengths[sequence]!;
  const X = numbers(n * t * d, 1).map((x, k) =>
    shown(Math.floor(k / (t * d)), Math.floor(k / d) % t) ? x : Number.NaN,
  );
  const Y = numbers(n * t, 2).map((y, k) => (shown(Math.floor(k / t), k % t) ? y : Number.NaN));
  return {
    X: { data: X, shape: [n, t, d] },
    Y: { data: Y, shape: [n, t] },
    len: [...lengths],
    seen: [true, false, true],
  };
}

const point = { w: [0.4, -0.7], Q: numbers(4, 3), K: numbers(4, 4), p: 0.8, q: -0.6 };
const direction = { w: [0.3, 0.2], Q: numbers(4, 5), K: numbers(4, 6), p: 0.5, q: 0.9 };
const shaped = ({ Q, K, ...rest }: typeof point) => ({
  ...rest,
  Q: { data: Q, shape: [d, d] },
  K: { data: K, shape: [d, d] },
});

/** Loss, gradient and product with the Hessian in a row. */
function resultsOf(text: string, isPadded: boolean, rewrites: "all" | "exact" | "none"): number[] {
  const bound = compileText(text, { rewrites }).bind(dataWith(isPadded), sizes);
  const { loss, gradient } = bound.lossAndGradient(shaped(point));
  const product = bound.hvp(shaped(point), shaped(direction));
  return [loss, ...[gradient, product].flatMap((values) => Object.values(values).flatMap((value) => [...value!]))];
}

function expectUntouched(text: string, rewrites: "all" | "exact" | "none" = "all"): void {
  const [alone, padded] = [false, true].map((isPadded) => resultsOf(text, isPadded, rewrites)) as [number[], number[]];
  const scale = Math.max(1, ...alone.map(Math.abs));
  for (const [k, value] of alone.entries()) expect(Math.abs(padded[k]! - value) / scale, text).toBeLessThan(1e-10);
}

const losses = [
  "sum(i in 0..n, a in 0..len[i], c in 0..len[i]: exp(X[i, a, 0] * q * X[i, c, 0] * p))",
  "sum(i in 0..n, a in 0..len[i], c in 0..len[i]: (X[i, a, 0] * p + X[i, c, 0] * q)^2)",
  "sum(i in 0..n, a in 0..len[i], c in 0..len[i]: (X[i, c, 0] * p + X[i, a, 0] * q) * tanh(X[i, c, 0] * p))",
  "sum(i in 0..n, a in 0..len[i], c in 0..len[i]: (sin(dot(X[i, a], w)) - (X[i] @ Q)[c, 1]) * dot(X[i, c], w))",
  "sum(i in 0..n, a in 0..len[i]: sum(c in 0..len[i]: ((X[i] @ Q)[c, 1])^2))",
  "sum(i in 0..n, a in 0..len[i]: sum(c in 0..a+1: (X[i] @ Q)[a, 1]) * dot(X[i, a] @ Q, w))",
  "sum(i in 0..n: q * prod(c in 0..len[i]: X[i, c, 0] * q))",
  "sum(i in 0..n, a in 0..len[i]: prod(c in 0..len[i]: dot(X[i, c] @ Q, w))^2)",
  "mean(i in 0..n: mean(a in 0..len[i]: dot(w, softmax([c in 0..len[i]: dot(X[i, a] @ Q, X[i, c] @ K)]) @ (X[i, 0..len[i]] @ K))))",
] as const;

describe("what stands behind the ends of sequences", () => {
  it.each(losses.flatMap((loss) => (["all", "exact", "none"] as const).map((rewrites) => [rewrites, loss] as const)))(
    "touches no result if it is NaN, with rewrites %s: %s",
    (rewrites, loss) => expectUntouched(paddedProgram(loss), rewrites),
  );

  it("touches none of any program", () => {
    fc.assert(
      fc.property(paddedPrograms, (text) => expectUntouched(text)),
      { numRuns: 60 },
    );
  });
});
