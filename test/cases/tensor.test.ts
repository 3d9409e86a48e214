import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import type { TensorProgram as Program } from "./tensor-program.ts";

/** The programs, which the files give in words, as models. */
const models: Readonly<Record<string, string>> = {
  broadcast_outer: "param a: [3, 1], b: [1, 4], c\nloss = sum(logsumexp(a * b + c, axis = 1))",
  einsum_trilinear: `
    param a: [2], b: [3], T: [2, 3, 4]
    let y = [k: sum(i, j: a[i] * b[j] * T[i, j, k])]
    loss = sum(sin(y))`,
  matmul_chain: "param A: [2, 3], B: [3, 4], C: [4, 2]\nloss = sum(tanh(A @ B @ C))",
  max_min_axes: `
    param X: [3, 4]
    loss = sum(max(X, axis = 0)) + sum(min(X, axis = 1)) + 0.5 * mean(X)^2`,
  softmax_xent: `
    param Z: [4, 3]
    data label: int[4] within 0..3 = [0, 2, 1, 2]
    loss = -mean(i: logSoftmax(Z)[i, label[i]])`,
  infonce: `
    param A: [3, 4], B: [3, 4]
    let C = [i, j: dot(A[i], B[j]) / (norm(A[i]) * norm(B[j]))]
    loss = -sum(i: logSoftmax(C / 0.1)[i, i])`,
  layernorm: `
    param X: [3, 5], g: [5], b: [5], R: [3, 5]
    let centred = [i, j: X[i, j] - mean(X[i])]
    let scale = [i: sqrt(variance(X[i]) + 1e-5)]
    let normed = [i, j: centred[i, j] / scale[i] * g[j] + b[j]]
    loss = sum(normed * R)`,
  mlp_softplus: `
    param X: [6, 3], W1: [3, 5], b1: [5], W2: [5, 2], b2: [2]
    data label: int[6] within 0..2 = [0, 1, 1, 0, 1, 0]
    let logits = softplus(X @ W1 + b1) @ W2 + b2
    loss = -mean(i: logSoftmax(logits)[i, label[i]]) + 0.01 * (sum(W1^2) + sum(W2^2))`,
  conv_s1_p0: `
    param x: [1, 1, 5, 5], w: [1, 1, 3, 3]
    loss = sum(tanh(conv2d(x, w, channels = first)))`,
  conv_s1x2_p1x0_k2x3: `
    param x: [1, 1, 5, 8], w: [2, 1, 2, 3], b: [2]
    let z = conv2d(x, w, padding = [1, 0], stride = [1, 2], channels = first)
    loss = sum(k: sum((z[:, k] + b[k])^2))`,
  maxpool_2_odd: `
    param x: [1, 1, 5, 5], w: [1, 1, 2, 2]
    loss = sum(maxPool2d(x, window = 2, channels = first)^2 * w)`,
  small_cnn: `
    param x: [2, 1, 8, 8], w1: [3, 1, 3, 3], b1: [3], w2: [2, 3, 3, 3], b2: [2]
    data label: int[2] within 0..2 = [1, 0]
    def biased(z: [m, k, p, q], b: [k]) = [i, c in 0..k: z[i, c] + b[c]]
    let first = softplus(biased(conv2d(x, w1, padding = same, channels = first), b1))
    let pooled = avgPool2d(first, window = 2, channels = first)
    let second = tanh(biased(conv2d(pooled, w2, channels = first), b2))
    let logits = mean(second, axis = [2, 3])
    loss = -mean(i: logSoftmax(logits)[i, label[i]])`,
  embedding: `
    param E: [5, 3], W: [6, 3]
    data idx: int[6] within 0..5 = [0, 2, 2, 4, 0, 2]
    loss = sum(tanh(E[idx]) * W) + 0.5 * sum(E[idx]^2)`,
  where_mask: `
    param x: [5]
    data y0: [5] = [0.5, 0, -2, 0, 4], m: int[5] = [1, 0, 1, 0, 1]
    loss = sum(select(m == 1, x / y0, log(1 + exp(x)))^2)`,
  attention: `
    param X: [4, 3], Wq: [3, 2], Wk: [3, 2], Wv: [3, 2], R: [4, 2]
    let Q = X @ Wq
    let K = X @ Wk
    loss = sum(softmax(Q @ K' / sqrt(2)) @ (X @ Wv) * R)`,
  quad_map: `
    param x, y
    def square(z: [2]) = [z[0]^2 - z[1]^2 + x, 2 * z[0] * z[1] + y]
    def twice(z: [2]) = square(square(z))
    let z = twice(twice(twice([0, 0])))
    loss = log1p(sum(z^2))`,
  sinkhorn: `
    param C: [3, 4]
    const e = 0.3
    def rows(g: [4]) = [i: -e * logsumexp((g - C[i]) / e) + e * log(1 / 3)]
    def columns(f: [3]) = [j: -e * logsumexp(i: (f[i] - C[i, j]) / e) + e * log(1 / 4)]
    def step(g: [4]) = columns(rows(g))
    let before = step(step(step(step(zeros(4)))))
    let f = rows(before)
    let g = columns(f)
    loss = sum(i, j: C[i, j] * exp((f[i] + g[j] - C[i, j]) / e))`,
  slogdet: "param A: [4, 4]\nloss = logdet(A)",
  inv_trace: `
    param A: [3, 3], C: [3, 3]
    let M = A @ A' + 2 * eye(3)
    loss = trace(inv(M) @ C)`,
  gru_step: `
    param x: [2, 3], h: [2, 2], Wi: [6, 3], Wh: [6, 2], bi: [6], bh: [6]
    def cell(x: [3], h: [2]) = {
      let gi = Wi @ x + bi
      let gh = Wh @ h + bh
      let r = sigmoid(gi[0..2] + gh[0..2])
      let z = sigmoid(gi[2..4] + gh[2..4])
      let n = tanh(gi[4..6] + r * gh[4..6])
      return (1 - z) * n + z * h
    }
    loss = sum(b: sum(scan(t in 0..1, s = h[b]: cell(x[b], s))^2))`,
  kalman: `
    param y: [8], a, lq, lr
    let run = scan(z in y, m = 0, P = 1: {
      let mean = a * m
      let spread = a^2 * P + exp(lq)
      let S = spread + exp(lr)
      let K = spread / S
      m = mean + K * (z - mean)
      P = (1 - K) * spread
      nll = 0.5 * (log(S) + (z - mean)^2 / S)
    })
    loss = sum(run.nll)`,
  gradient_penalty: `
    param x: [3], W1: [4, 3], b1: [4], w2: [4]
    let u = dot(w2, tanh(W1 @ x + b1))
    loss = (norm(grad(u, x)) - 1)^2 + u`,
  cumsum: "param x: [2, 5], w: [2, 5]\nloss = sum(sin(cumsum(x, axis = 1)) * w)",
};

const families = [
  "broadcast",
  "einsum",
  "matmul",
  "reduce",
  "loss",
  "norm",
  "mlp",
  "cumulative",
  "linalg",
  "scan",
  "conv",
  "pool",
  "cnn",
  "index",
  "attention",
  "misc",
  "nested",
  "ot",
];
const programs = families.flatMap((family) => {
  const text = readFileSync(new URL(`./tensor/${family}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly cases: readonly Program[] }).cases;
});

/** Largest deviation, relative to the largest entry or 1. */
function deviation(got: ArrayLike<number>, wanted: readonly number[]): number {
  const scale = Math.max(1, ...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, k) => Math.abs(got[k]! - value))) / scale;
}

describe("tensor programs", () => {
  it.each(programs.map((program) => [program.id, program] as const))("%s has the reference derivatives", (id, program) => {
    const bound = compileModel(loadModel({ name: `${id}.nabla`, text: models[id]! })).bind();
    const at = Object.fromEntries(Object.entries(program.inputs));
    const along = Object.fromEntries(
      Object.entries(program.v).map(([name, data]) => [name, { data, shape: program.inputs[name]!.shape }]),
    );
    const { loss, gradient } = bound.lossAndGradient(at);
    expect(deviation([loss], [program.loss])).toBeLessThan(1e-12);
    const hvp = bound.hvp(at, along);
    for (const name of Object.keys(program.grad)) {
      expect(deviation(gradient[name]!, program.grad[name]!), `gradient in ${name}`).toBeLessThan(1e-10);
      expect(deviation(hvp[name]!, program.hvp[name]!), `HVP in ${name}`).toBeLessThan(1e-10);
      // what is 0 is 0 exactly
      for (const [k, value] of program.grad[name]!.entries()) if (value === 0) expect(gradient[name]![k]).toBe(0);
    }
  });
});
