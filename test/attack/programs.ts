/** Models in the language, each with shapes of its parameters and, where `loss` stands, the loss as plain loops. */
export interface Program {
  readonly name: string;
  readonly text: string;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly sizes?: Readonly<Record<string, number>>;
  // biome-ignore lint/suspicious/noExplicitAny: every program reads tensors of shapes of its own
  readonly loss?: (at: Readonly<Record<string, any>>) => number;
  /** Keeps a parameter positive. */
  readonly positive?: readonly string[];
}

type Row = readonly number[];
type Matrix = readonly Row[];
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const total = (values: Row) => values.reduce((sum, x) => sum + x, 0);
const along = (n: number, f: (i: number) => number) => total(range(n).map(f));
const dot = (a: Row, b: Row) => along(a.length, (i) => a[i]! * b[i]!);
const mm = (A: Matrix, B: Matrix): number[][] =>
  A.map((row) => B[0]!.map((_, k) => along(B.length, (j) => row[j]! * B[j]![k]!)));
const T = (A: Matrix): number[][] => A[0]!.map((_, j) => A.map((row) => row[j]!));
const lse = (v: Row) => Math.max(...v) + Math.log(total(v.map((x) => Math.exp(x - Math.max(...v)))));
const logSoftmax = (v: Row) => v.map((x) => x - lse(v));
const softmax = (v: Row) => logSoftmax(v).map(Math.exp);
const mean = (v: Row) => total(v) / v.length;
const variance = (v: Row) => mean(v.map((x) => (x - mean(v)) ** 2));
const flat = (A: Matrix) => A.flat();
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const norm = (v: Row) => Math.sqrt(dot(v, v));
const cos = (a: Row, b: Row) => dot(a, b) / norm(a) / norm(b);
const cumsum = (v: Row) => v.map((_, i) => total(v.slice(0, i + 1)));
const cumprod = (v: Row) => v.map((_, i) => v.slice(0, i + 1).reduce((p, x) => p * x, 1));

export const programs: readonly Program[] = [
  // broadcast
  {
    name: "row and column",
    text: "param a: [3], b: [4]\nloss = sum([i, j: sin(a[i] * b[j]) + a[i] - b[j]])",
    params: { a: [3], b: [4] },
    loss: ({ a, b }) => along(3, (i) => along(4, (j) => Math.sin(a[i] * b[j]) + a[i] - b[j])),
  },
  {
    name: "matrix plus vector",
    text: "param A: [3, 4], b: [4], c\nloss = sum(tanh(A + b) * c)",
    params: { A: [3, 4], b: [4], c: [] },
    loss: ({ A, b, c }) => along(3, (i) => along(4, (j) => Math.tanh(A[i][j] + b[j]) * c)),
  },
  {
    name: "ones of both sides",
    text: "param a: [3, 1, 2], b: [1, 4, 1]\nloss = sum(exp(a * b) / (1 + b^2))",
    params: { a: [3, 1, 2], b: [1, 4, 1] },
    loss: ({ a, b }) =>
      along(3, (i) => along(4, (j) => along(2, (k) => Math.exp(a[i][0][k] * b[0][j][0]) / (1 + b[0][j][0] ** 2)))),
  },
  {
    name: "scalar everywhere",
    text: "param s, X: [2, 3]\nloss = sum((X - s)^2 / (1 + s^2)) + s",
    params: { s: [], X: [2, 3] },
    loss: ({ s, X }) => total(flat(X).map((x) => (x - s) ** 2 / (1 + s * s))) + s,
  },
  {
    name: "column of a row",
    text: "param x: [3], y: [3]\nlet D = [i, j: (x[i] - y[j])^2]\nloss = sum(exp(-D)) + sum(sqrt(D + 1), axis = 0)[1]",
    params: { x: [3], y: [3] },
    loss: ({ x, y }) =>
      along(3, (i) => along(3, (j) => Math.exp(-((x[i] - y[j]) ** 2)))) +
      along(3, (i) => Math.sqrt((x[i] - y[1]) ** 2 + 1)),
  },
  {
    name: "outer sum logsumexp",
    text: "param a: [3], b: [4]\nloss = logsumexp([i, j: a[i] + b[j]])",
    params: { a: [3], b: [4] },
    loss: ({ a, b }) => lse(range(3).flatMap((i) => range(4).map((j) => a[i] + b[j]))),
  },
  {
    name: "symbolic sizes, broadcast",
    text: "param A: [n, 1], B: [1, m]\nloss = mean(sigmoid(A * B - A + B))",
    params: { A: [3, 1], B: [1, 2] },
    sizes: { n: 3, m: 2 },
    loss: ({ A, B }) =>
      mean(range(3).flatMap((i) => range(2).map((j) => sigmoid(A[i][0] * B[0][j] - A[i][0] + B[0][j])))),
  },
  {
    name: "comparison mask",
    text: "param X: [3, 4], t\nloss = sum(select(X > 0.1, X * t, X^2))",
    params: { X: [3, 4], t: [] },
    loss: ({ X, t }) => total(flat(X).map((x) => (x > 0.1 ? x * t : x * x))),
  },
  // einsum
  {
    name: "bilinear form",
    text: "param x: [3], A: [3, 4], y: [4]\nloss = sum(i, j: x[i] * A[i, j] * y[j])^2",
    params: { x: [3], A: [3, 4], y: [4] },
    loss: ({ x, A, y }) => along(3, (i) => along(4, (j) => x[i] * A[i][j] * y[j])) ** 2,
  },
  {
    name: "batch matmul by indices",
    text: "param A: [2, 3, 4], B: [2, 4, 2]\nlet C = [b, i, k: sum(j: A[b, i, j] * B[b, j, k])]\nloss = sum(C^3)",
    params: { A: [2, 3, 4], B: [2, 4, 2] },
    loss: ({ A, B }) => along(2, (b) => total(flat(mm(A[b], B[b])).map((x) => x ** 3))),
  },
  {
    name: "batch matmul by @",
    text: "param A: [2, 3, 4], B: [2, 4, 2]\nloss = sum(sin(A @ B))",
    params: { A: [2, 3, 4], B: [2, 4, 2] },
    loss: ({ A, B }) => along(2, (b) => total(flat(mm(A[b], B[b])).map(Math.sin))),
  },
  {
    name: "batch with one matrix",
    text: "param A: [2, 3, 4], B: [4, 2]\nloss = sum(cos(A @ B))",
    params: { A: [2, 3, 4], B: [4, 2] },
    loss: ({ A, B }) => along(2, (b) => total(flat(mm(A[b], B)).map(Math.cos))),
  },
  {
    name: "Tucker",
    text: "param G: [2, 2, 2], U: [3, 2], V: [3, 2], W: [3, 2]\nlet R = [i, j, k: sum(a, b, c: G[a, b, c] * U[i, a] * V[j, b] * W[k, c])]\nloss = sum(R^2)",
    params: { G: [2, 2, 2], U: [3, 2], V: [3, 2], W: [3, 2] },
    loss: ({ G, U, V, W }) =>
      along(3, (i) =>
        along(3, (j) =>
          along(
            3,
            (k) => along(2, (a) => along(2, (b) => along(2, (c) => G[a][b][c] * U[i][a] * V[j][b] * W[k][c]))) ** 2,
          ),
        ),
      ),
  },
  {
    name: "CP decomposition",
    text: "param A: [3, 2], B: [4, 2], C: [2, 2]\ndata X: [3, 4, 2]\nloss = sum(i, j, k: (X[i, j, k] - sum(r: A[i, r] * B[j, r] * C[k, r]))^2)",
    params: { A: [3, 2], B: [4, 2], C: [2, 2] },
    data: { X: range(3).map((i) => range(4).map((j) => range(2).map((k) => Math.sin(i + 2 * j + 3 * k)))) },
    loss: ({ A, B, C, X }) =>
      along(3, (i) =>
        along(4, (j) => along(2, (k) => (X[i][j][k] - along(2, (r) => A[i][r] * B[j][r] * C[k][r])) ** 2)),
      ),
  },
  {
    name: "diagonal of a product",
    text: "param A: [3, 4], B: [4, 3]\nloss = sum(tanh(diagonal(A @ B)))",
    params: { A: [3, 4], B: [4, 3] },
    loss: ({ A, B }) => along(3, (i) => Math.tanh(mm(A, B)[i]![i]!)),
  },
  {
    name: "trace of a product",
    text: "param A: [3, 4], B: [4, 3]\nloss = trace(A @ B)^2 + trace(B @ A)",
    params: { A: [3, 4], B: [4, 3] },
    loss: ({ A, B }) => along(3, (i) => mm(A, B)[i]![i]!) ** 2 + along(4, (i) => mm(B, A)[i]![i]!),
  },
  {
    name: "sum over a repeated index",
    text: "param T: [3, 3, 3]\nloss = sum(i: T[i, i, i]^2) + sum(i, j: T[i, j, i] * T[j, i, i])",
    params: { T: [3, 3, 3] },
    loss: ({ T }) => along(3, (i) => T[i][i][i] ** 2) + along(3, (i) => along(3, (j) => T[i][j][i] * T[j][i][i])),
  },
  {
    name: "outer and dot",
    text: "param x: [3], y: [4]\nlet O = outer(x, y)\nloss = dot(O @ y, x) + sum(O^2)",
    params: { x: [3], y: [4] },
    loss: ({ x, y }) => dot(x, x) * dot(y, y) * 2,
  },
  {
    name: "permuted axes",
    text: "param T: [2, 3, 4]\nlet P = transpose(T, axis = [2, 0, 1])\nloss = sum(k, i, j: P[k, i, j]^2 * (k + 1) * (i + 2)) + sum(sin(T'))",
    params: { T: [2, 3, 4] },
    loss: ({ T }) =>
      along(2, (i) => along(3, (j) => along(4, (k) => T[i][j][k] ** 2 * (k + 1) * (i + 2) + Math.sin(T[i][j][k])))),
  },
  // matmul
  {
    name: "quadratic form",
    text: "param x: [3], A: [3, 3]\nloss = x @ A @ x",
    params: { x: [3], A: [3, 3] },
    loss: ({ x, A }) =>
      dot(
        x,
        A.map((row: Row) => dot(row, x)),
      ),
  },
  {
    name: "Gram matrix",
    text: "param X: [4, 3]\nlet G = X' @ X\nloss = sum(log(1 + G^2)) + sum((X @ X' - eye(4))^2)",
    params: { X: [4, 3] },
    loss: ({ X }) =>
      total(flat(mm(T(X), X)).map((g) => Math.log(1 + g * g))) +
      along(4, (i) => along(4, (j) => (dot(X[i], X[j]) - (i === j ? 1 : 0)) ** 2)),
  },
  {
    name: "orthogonality",
    text: "param W: [3, 4], x: [4]\nloss = norm(W @ x) + norm(W' @ (W @ x))^2",
    params: { W: [3, 4], x: [4] },
    loss: ({ W, x }) => {
      const y = W.map((r: Row) => dot(r, x));
      return norm(y) + norm(T(W).map((r) => dot(r, y))) ** 2;
    },
  },
  {
    name: "power of a matrix",
    text: "param A: [3, 3]\nloss = trace(A @ A @ A @ A) + sum(A @ A)",
    params: { A: [3, 3] },
    loss: ({ A }) => {
      const B = mm(A, A);
      return along(3, (i) => mm(B, B)[i]![i]!) + total(flat(B));
    },
  },
  {
    name: "ridge",
    text: "param w: [3], lambda\ndata X: [5, 3], y: [5]\nlet r = X @ w - y\nloss = dot(r, r) / 5 + exp(lambda) * dot(w, w)",
    params: { w: [3], lambda: [] },
    data: { X: range(5).map((i) => range(3).map((j) => Math.cos(i * 3 + j))), y: [1, 2, -1, 0.5, 0] },
    loss: ({ w, lambda, X, y }) => along(5, (i) => (dot(X[i], w) - y[i]) ** 2) / 5 + Math.exp(lambda) * dot(w, w),
  },
  {
    name: "low rank",
    text: "param U: [4, 2], V: [3, 2]\ndata M: [4, 3], seen: bool[4, 3]\nloss = sum(i, j: if seen[i, j] then (M[i, j] - dot(U[i], V[j]))^2 else 0) + 0.1 * (sum(U^2) + sum(V^2))",
    params: { U: [4, 2], V: [3, 2] },
    data: {
      M: range(4).map((i) => range(3).map((j) => i - j)),
      seen: range(4).map((i) => range(3).map((j) => (i + j) % 2 === 0)),
    },
    loss: ({ U, V, M, seen }) =>
      along(4, (i) => along(3, (j) => (seen[i][j] ? (M[i][j] - dot(U[i], V[j])) ** 2 : 0))) +
      0.1 * (total(flat(U).map((x) => x * x)) + total(flat(V).map((x) => x * x))),
  },
  // reduce
  {
    name: "means along axes",
    text: "param X: [3, 4, 2]\nloss = sum(mean(X, axis = 1)^2) + mean(sum(X, axis = [0, 2])^3)",
    params: { X: [3, 4, 2] },
    loss: ({ X }) =>
      along(3, (i) => along(2, (k) => (along(4, (j) => X[i][j][k]) / 4) ** 2)) +
      along(4, (j) => along(3, (i) => along(2, (k) => X[i][j][k])) ** 3) / 4,
  },
  {
    name: "variance along an axis",
    text: "param X: [3, 4]\nloss = sum(variance(X, axis = 0) * [1, 2, 3, 4]) + variance(X) + sum(standardDeviation(X, axis = 1))",
    params: { X: [3, 4] },
    loss: ({ X }) =>
      along(4, (j) => variance(T(X)[j]!) * (j + 1)) + variance(flat(X)) + along(3, (i) => Math.sqrt(variance(X[i]))),
  },
  {
    name: "products",
    text: "param X: [3, 4]\nloss = sum(prod(X, axis = 1)) + prod(j in 0..3: X[j, j])",
    params: { X: [3, 4] },
    loss: ({ X }) => along(3, (i) => X[i].reduce((p: number, x: number) => p * x, 1)) + X[0][0] * X[1][1] * X[2][2],
  },
  {
    name: "norms along axes",
    text: "param X: [3, 4]\nloss = sum(norm(X, axis = 1)) + norm(X) + sum(norm(X, axis = 0)^3)",
    params: { X: [3, 4] },
    loss: ({ X }) => along(3, (i) => norm(X[i])) + norm(flat(X)) + along(4, (j) => norm(T(X)[j]!) ** 3),
  },
  {
    name: "largest and smallest",
    text: "param X: [3, 4]\nloss = sum(max(X, axis = 1)^2) - sum(min(X, axis = 0)) + max(X) * min(X)",
    params: { X: [3, 4] },
    loss: ({ X }) =>
      along(3, (i) => Math.max(...(X[i] as Row)) ** 2) -
      along(4, (j) => Math.min(...T(X)[j]!)) +
      Math.max(...flat(X)) * Math.min(...flat(X)),
  },
  {
    name: "max of binders",
    text: "param X: [3, 4]\nloss = max(i: sum(j: X[i, j]^2)) + sum(j: min(i: X[i, j] * (i + 1)))",
    params: { X: [3, 4] },
    loss: ({ X }) =>
      Math.max(...range(3).map((i) => dot(X[i], X[i]))) +
      along(4, (j) => Math.min(...range(3).map((i) => X[i][j] * (i + 1)))),
  },
  {
    name: "log-sum-exp of axes",
    text: "param X: [3, 4]\nloss = logsumexp(X) + sum(logsumexp(X, axis = 0)) + logsumexp(i: X[i, 1] * 2)",
    params: { X: [3, 4] },
    loss: ({ X }) => lse(flat(X)) + along(4, (j) => lse(T(X)[j]!)) + lse(range(3).map((i) => X[i][1] * 2)),
  },
  {
    name: "mean of nothing but reads",
    text: "param x: [5]\nloss = mean(i: (x[i] - mean(x))^2) - variance(x) + mean(i in 1..4: x[i]^3)",
    params: { x: [5] },
    loss: ({ x }) => mean(x.slice(1, 4).map((v: number) => v ** 3)),
  },
  {
    name: "argmax as an index",
    text: "param X: [3, 4]\nlet k = argmax(X, axis = 1)\nloss = sum(i: X[i, k[i]]^2) + X[0, argmin(X[0])]",
    params: { X: [3, 4] },
    loss: ({ X }) => along(3, (i) => Math.max(...(X[i] as Row)) ** 2) + Math.min(...(X[0] as Row)),
  },
  // loss
  {
    name: "binary cross entropy",
    text: "param z: [5]\ndata y: [5]\nloss = -mean(y * logSigmoid(z) + (1 - y) * logSigmoid(-z))",
    params: { z: [5] },
    data: { y: [1, 0, 1, 1, 0] },
    loss: ({ z, y }) => mean(range(5).map((i) => softplus(z[i]) - y[i] * z[i])),
  },
  {
    name: "cross entropy, one-hot",
    text: "param Z: [4, 3]\ndata label: int[4] within 0..3\nlet hot = [i, k in 0..3: if label[i] == k then 1 else 0]\nloss = -sum(hot * logSoftmax(Z)) / 4",
    params: { Z: [4, 3] },
    data: { label: [2, 0, 1, 1] },
    loss: ({ Z, label }) => -along(4, (i) => logSoftmax(Z[i])[label[i]]!) / 4,
  },
  {
    name: "label smoothing",
    text: "param Z: [4, 3]\ndata label: int[4] within 0..3\nlet p = logSoftmax(Z)\nloss = -mean(i: 0.9 * p[i, label[i]] + 0.1 * mean(p[i]))",
    params: { Z: [4, 3] },
    data: { label: [2, 0, 1, 1] },
    loss: ({ Z, label }) =>
      -mean(range(4).map((i) => 0.9 * logSoftmax(Z[i])[label[i]]! + 0.1 * mean(logSoftmax(Z[i])))),
  },
  {
    name: "focal loss",
    text: "param Z: [4, 3]\ndata label: int[4] within 0..3\nlet p = logSoftmax(Z)\nloss = -mean(i: (1 - exp(p[i, label[i]]))^2 * p[i, label[i]])",
    params: { Z: [4, 3] },
    data: { label: [2, 0, 1, 1] },
    loss: ({ Z, label }) =>
      -mean(range(4).map((i) => (1 - softmax(Z[i])[label[i]]!) ** 2 * logSoftmax(Z[i])[label[i]]!)),
  },
  {
    name: "binary focal loss",
    text: "param z: [4]\ndata y: [4]\nlet p = sigmoid(z)\nlet q = select(y > 0.5, p, 1 - p)\nloss = -mean((1 - q)^2.5 * log(q))",
    params: { z: [4] },
    data: { y: [1, 0, 0, 1] },
    loss: ({ z, y }) =>
      mean(
        range(4).map((i) => {
          const q = sigmoid(y[i] > 0.5 ? z[i] : -z[i]);
          return -((1 - q) ** 2.5) * Math.log(q);
        }),
      ),
  },
  {
    name: "hinge",
    text: "param w: [3], b\ndata X: [4, 3], y: [4]\nloss = mean(max(0, 1 - y * (X @ w + b))) + 0.5 * dot(w, w)",
    params: { w: [3], b: [] },
    data: { X: range(4).map((i) => range(3).map((j) => Math.sin(2 * i + j))), y: [1, -1, 1, -1] },
    loss: ({ w, b, X, y }) => mean(range(4).map((i) => Math.max(0, 1 - y[i] * (dot(X[i], w) + b)))) + 0.5 * dot(w, w),
  },
  {
    name: "squared hinge, multiclass",
    text: "param Z: [3, 4]\ndata label: int[3] within 0..4\nloss = sum(i, k in 0..4: if k == label[i] then 0 else max(0, 1 + Z[i, k] - Z[i, label[i]])^2) / 3",
    params: { Z: [3, 4] },
    data: { label: [3, 0, 2] },
    loss: ({ Z, label }) =>
      along(3, (i) => along(4, (k) => (k === label[i] ? 0 : Math.max(0, 1 + Z[i][k] - Z[i][label[i]]) ** 2))) / 3,
  },
  {
    name: "Huber",
    text: "param r: [5], d\nloss = mean(huber(r, 0.7)) + huber(d, 1.5)",
    params: { r: [5], d: [] },
    loss: ({ r, d }) =>
      mean(r.map((x: number) => (Math.abs(x) <= 0.7 ? (x * x) / 2 : 0.7 * (Math.abs(x) - 0.35)))) +
      (Math.abs(d) <= 1.5 ? (d * d) / 2 : 1.5 * (Math.abs(d) - 0.75)),
  },
  {
    name: "log-cosh and pseudo-Huber",
    text: "param r: [5]\nloss = mean(log(cosh(r))) + sum(sqrt(1 + (r / 0.3)^2) - 1)",
    params: { r: [5] },
    loss: ({ r }) =>
      mean(r.map((x: number) => Math.log(Math.cosh(x)))) +
      total(r.map((x: number) => Math.sqrt(1 + (x / 0.3) ** 2) - 1)),
  },
  {
    name: "quantile loss",
    text: "param p: [4]\ndata y: [4]\nconst tau = 0.3\nlet e = y - p\nloss = mean(max(tau * e, (tau - 1) * e))",
    params: { p: [4] },
    data: { y: [1, -0.3, 0.2, 2] },
    loss: ({ p, y }) => mean(range(4).map((i) => Math.max(0.3 * (y[i] - p[i]), -0.7 * (y[i] - p[i])))),
  },
  {
    name: "KL of softmaxes",
    text: "param A: [3, 4], B: [3, 4]\nlet p = logSoftmax(A), q = logSoftmax(B)\nloss = sum(exp(p) * (p - q)) / 3",
    params: { A: [3, 4], B: [3, 4] },
    loss: ({ A, B }) =>
      along(3, (i) =>
        dot(
          softmax(A[i]),
          logSoftmax(A[i]).map((x, k) => x - logSoftmax(B[i])[k]!),
        ),
      ) / 3,
  },
  {
    name: "KL of Gaussians",
    text: "param mu: [3], s: [3]\nloss = 0.5 * sum(exp(2 * s) + mu^2 - 1 - 2 * s)",
    params: { mu: [3], s: [3] },
    loss: ({ mu, s }) => 0.5 * along(3, (i) => Math.exp(2 * s[i]) + mu[i] ** 2 - 1 - 2 * s[i]),
  },
  {
    name: "Jensen-Shannon",
    text: "param a: [4], b: [4]\nlet p = softmax(a), q = softmax(b)\nlet m = (p + q) / 2\nloss = 0.5 * sum(p * log(p / m)) + 0.5 * sum(q * log(q / m))",
    params: { a: [4], b: [4] },
    loss: ({ a, b }) => {
      const p = softmax(a),
        q = softmax(b);
      return (
        0.5 *
        along(
          4,
          (i) => p[i]! * Math.log((2 * p[i]!) / (p[i]! + q[i]!)) + q[i]! * Math.log((2 * q[i]!) / (p[i]! + q[i]!)),
        )
      );
    },
  },
  {
    name: "entropy",
    text: "param z: [5]\nlet p = softmax(z)\nloss = -sum(xlogy(p, p))",
    params: { z: [5] },
    loss: ({ z }) => -dot(softmax(z), logSoftmax(z)),
  },
  {
    name: "cosine similarity",
    text: "param A: [3, 4], B: [3, 4]\ndef cosine(a: [k], b: [k]) = dot(a, b) / (norm(a) * norm(b))\nloss = mean(i: 1 - cosine(A[i], B[i]))",
    params: { A: [3, 4], B: [3, 4] },
    loss: ({ A, B }) => mean(range(3).map((i) => 1 - cos(A[i], B[i]))),
  },
  {
    name: "triplet",
    text: "param a: [4], p: [4], n: [4]\nloss = max(0, norm(a - p)^2 - norm(a - n)^2 + 1) + relu(sum((a - p)^2) - sum((a - n)^2) + 2)",
    params: { a: [4], p: [4], n: [4] },
    loss: ({ a, p, n }) => {
      const d = along(4, (i) => (a[i] - p[i]) ** 2 - (a[i] - n[i]) ** 2);
      return Math.max(0, d + 1) + Math.max(0, d + 2);
    },
  },
  {
    name: "contrastive",
    text: "param X: [4, 3]\ndata same: bool[4, 4]\nloss = mean(i in 0..4, j in 0..4: if i == j then 0 else if same[i, j] then sum((X[i] - X[j])^2) else max(0, 1 - norm(X[i] - X[j]))^2)",
    params: { X: [4, 3] },
    data: { same: range(4).map((i) => range(4).map((j) => i % 2 === j % 2)) },
    loss: ({ X, same }) =>
      along(4, (i) =>
        along(4, (j) => {
          const d = norm(range(3).map((k) => X[i][k] - X[j][k]));
          return i === j ? 0 : same[i][j] ? d * d : Math.max(0, 1 - d) ** 2;
        }),
      ) / 16,
  },
  {
    name: "Poisson and gamma",
    text: "param eta: [4], a\ndata y: [4]\nloss = mean(exp(eta) - y * eta + lgamma(y + 1)) + lgamma(softplus(a)) + digamma(softplus(a))",
    params: { eta: [4], a: [] },
    data: { y: [0, 3, 1, 7] },
  },
  {
    name: "Student t",
    text: "param mu, s, nu\ndata y: [5]\nlet n = 1 + exp(nu)\nlet z = (y - mu) / exp(s)\nloss = -sum(lgamma((n + 1) / 2) - lgamma(n / 2) - 0.5 * log(n * pi) - s - (n + 1) / 2 * log1p(z^2 / n))",
    params: { mu: [], s: [], nu: [] },
    data: { y: [0.3, -1, 2, 5, 0.1] },
  },
  {
    name: "masked mean",
    text: "param X: [3, 4], b: [4]\ndata mask: bool[3, 4]\nloss = sum(i, j: if mask[i, j] then (X[i, j] - b[j])^2 else 0) / sum(i, j: if mask[i, j] then 1 else 0)",
    params: { X: [3, 4], b: [4] },
    data: { mask: range(3).map((i) => range(4).map((j) => (i * j) % 3 !== 1)) },
    loss: ({ X, b, mask }) =>
      along(3, (i) => along(4, (j) => (mask[i][j] ? (X[i][j] - b[j]) ** 2 : 0))) /
      along(3, (i) => along(4, (j) => (mask[i][j] ? 1 : 0))),
  },
  {
    name: "masked softmax",
    text: "param Z: [3, 4]\ndata mask: bool[3, 4]\nlet p = softmax([i, j: if mask[i, j] then Z[i, j] else -inf])\nloss = sum(p^2) + sum(i: logsumexp([j: if mask[i, j] then Z[i, j] else -inf]))",
    params: { Z: [3, 4] },
    data: { mask: range(3).map((i) => range(4).map((j) => j <= i)) },
    loss: ({ Z, mask }) =>
      along(3, (i) => {
        const v = range(4)
          .filter((j) => mask[i][j])
          .map((j) => Z[i][j]);
        return total(softmax(v).map((p) => p * p)) + lse(v);
      }),
  },
  {
    name: "CRF-like path",
    text: "param E: [4, 3], S: [3, 3]\ndata path: int[4] within 0..3\nloss = -sum(t: E[t, path[t]]) - sum(t in 0..3: S[path[t], path[t + 1]]) + logsumexp([a, b, c, d: E[0, a] + S[a, b] + E[1, b] + S[b, c] + E[2, c] + S[c, d] + E[3, d]])",
    params: { E: [4, 3], S: [3, 3] },
    data: { path: [0, 2, 1, 1] },
    loss: ({ E, S, path }) =>
      -along(4, (t) => E[t][path[t]]) -
      along(3, (t) => S[path[t]][path[t + 1]]) +
      lse(
        range(81).map((p) => {
          const q = [Math.floor(p / 27), Math.floor(p / 9) % 3, Math.floor(p / 3) % 3, p % 3];
          return along(4, (t) => E[t][q[t]!]) + along(3, (t) => S[q[t]!][q[t + 1]!]);
        }),
      ),
  },
  // norm
  {
    name: "layer norm",
    text: "param X: [3, 5], g: [5], b: [5]\nloss = sum(sin(layerNorm(X) * g + b))",
    params: { X: [3, 5], g: [5], b: [5] },
    loss: ({ X, g, b }) =>
      along(3, (i) =>
        along(5, (j) => Math.sin(((X[i][j] - mean(X[i])) / Math.sqrt(variance(X[i]) + 1e-5)) * g[j] + b[j])),
      ),
  },
  {
    name: "batch norm",
    text: "param X: [4, 3], g: [3], b: [3]\nlet m = mean(X, axis = 0), v = variance(X, axis = 0)\nlet Y = [i, j: (X[i, j] - m[j]) / sqrt(v[j] + 1e-3) * g[j] + b[j]]\nloss = sum(Y^3)",
    params: { X: [4, 3], g: [3], b: [3] },
    loss: ({ X, g, b }) =>
      along(4, (i) =>
        along(3, (j) => (((X[i][j] - mean(T(X)[j]!)) / Math.sqrt(variance(T(X)[j]!) + 1e-3)) * g[j] + b[j]) ** 3),
      ),
  },
  {
    name: "RMS norm",
    text: "param X: [3, 4], g: [4]\nlet r = [i: rsqrt(mean(X[i]^2) + 1e-6)]\nloss = sum(i, j: tanh(X[i, j] * r[i] * g[j]))",
    params: { X: [3, 4], g: [4] },
    loss: ({ X, g }) =>
      along(3, (i) => along(4, (j) => Math.tanh((X[i][j] / Math.sqrt(dot(X[i], X[i]) / 4 + 1e-6)) * g[j]))),
  },
  {
    name: "group norm",
    text: "param X: [2, 6]\nlet G = reshape(X, [2, 2, 3])\nlet m = mean(G, axis = 2), v = variance(G, axis = 2)\nloss = sum(b, g, c: ((G[b, g, c] - m[b, g]) / sqrt(v[b, g] + 1e-5))^3 * (c + 1))",
    params: { X: [2, 6] },
    loss: ({ X }) =>
      along(2, (b) =>
        along(2, (g) =>
          along(3, (c) => {
            const v = X[b].slice(3 * g, 3 * g + 3);
            return ((v[c] - mean(v)) / Math.sqrt(variance(v) + 1e-5)) ** 3 * (c + 1);
          }),
        ),
      ),
  },
  {
    name: "instance norm",
    text: "param X: [2, 3, 4]\nlet Y = layerNorm(X, axis = [1, 2], epsilon = 1e-3)\nloss = sum(exp(Y) * X)",
    params: { X: [2, 3, 4] },
    loss: ({ X }) =>
      along(2, (b) => {
        const v = flat(X[b]);
        return total(v.map((x) => Math.exp((x - mean(v)) / Math.sqrt(variance(v) + 1e-3)) * x));
      }),
  },
  {
    name: "weight norm",
    text: "param V: [3, 4], g: [3], x: [4]\nloss = sum(i: tanh(g[i] * dot(V[i], x) / norm(V[i])))",
    params: { V: [3, 4], g: [3], x: [4] },
    loss: ({ V, g, x }) => along(3, (i) => Math.tanh((g[i] * dot(V[i], x)) / norm(V[i]))),
  },
  {
    name: "spectral norm, one step",
    text: "param W: [3, 4], u: [3]\nlet v = W' @ u / norm(W' @ u)\nloss = norm(W @ v)",
    params: { W: [3, 4], u: [3] },
    loss: ({ W, u }) => {
      const v = T(W).map((r) => dot(r, u));
      return norm(W.map((r: Row) => dot(r, v) / norm(v)));
    },
  },
  {
    name: "standardise then correlate",
    text: "param x: [6], y: [6]\nlet a = (x - mean(x)) / standardDeviation(x), b = (y - mean(y)) / standardDeviation(y)\nloss = mean(a * b)",
    params: { x: [6], y: [6] },
    loss: ({ x, y }) =>
      mean(range(6).map((i) => (x[i] - mean(x)) * (y[i] - mean(y)))) / Math.sqrt(variance(x) * variance(y)),
  },
  // mlp
  {
    name: "two layers, relu",
    text: "param W: [3, 4], b: [4], V: [4, 2], c: [2]\ndata X: [5, 3], Y: [5, 2]\nloss = mean((relu(X @ W + b) @ V + c - Y)^2)",
    params: { W: [3, 4], b: [4], V: [4, 2], c: [2] },
    data: {
      X: range(5).map((i) => range(3).map((j) => Math.sin(i * 2 + j))),
      Y: range(5).map((i) => range(2).map((j) => Math.cos(i - j))),
    },
    loss: ({ W, b, V, c, X, Y }) =>
      along(5, (i) => {
        const h = range(4).map((k) => Math.max(0, along(3, (j) => X[i][j] * W[j][k]) + b[k]));
        return along(2, (o) => (along(4, (k) => h[k]! * V[k][o]) + c[o] - Y[i][o]) ** 2);
      }) / 10,
  },
  {
    name: "residual, gelu",
    text: "param W: [4, 4], b: [4], v: [4]\ndata X: [3, 4]\ndef block(x: [n, k]) = x + gelu(x @ W + b)\nloss = mean(tanh(block(block(X)) @ v))",
    params: { W: [4, 4], b: [4], v: [4] },
    data: { X: range(3).map((i) => range(4).map((j) => Math.sin(i + 2 * j))) },
  },
  {
    name: "gated units",
    text: "param W: [3, 4], V: [3, 4], u: [4]\ndata X: [5, 3]\nloss = sum(silu(X @ W) * (X @ V) @ u)",
    params: { W: [3, 4], V: [3, 4], u: [4] },
    data: { X: range(5).map((i) => range(3).map((j) => Math.sin(i * 2 + j))) },
    loss: ({ W, V, u, X }) =>
      along(5, (i) =>
        along(4, (k) => {
          const a = along(3, (j) => X[i][j] * W[j][k]);
          return a * sigmoid(a) * along(3, (j) => X[i][j] * V[j][k]) * u[k];
        }),
      ),
  },
  {
    name: "mixture of activations",
    text: "param x: [7]\nloss = sum(elu(x) + mish(x) + selu(x) + softsign(x) + leakyRelu(x, 0.1) + logSigmoid(x) + softplus(x) * gelu(x))",
    params: { x: [7] },
  },
  {
    name: "autoencoder",
    text: "param W: [4, 2]\ndata X: [5, 4]\nloss = sum((sigmoid(X @ W) @ W' - X)^2) + 0.1 * sum(abs(W))",
    params: { W: [4, 2] },
    data: { X: range(5).map((i) => range(4).map((j) => Math.sin(i * 3 + j))) },
    loss: ({ W, X }) =>
      along(5, (i) => {
        const h = range(2).map((k) => sigmoid(along(4, (j) => X[i][j] * W[j][k])));
        return along(4, (j) => (dot(h, W[j]) - X[i][j]) ** 2);
      }) +
      0.1 * total(flat(W).map(Math.abs)),
  },
  {
    name: "attention",
    text: "param Q: [3, 2], K: [4, 2], V: [4, 2]\nloss = sum((softmax(Q @ K' / sqrt(2)) @ V)^2)",
    params: { Q: [3, 2], K: [4, 2], V: [4, 2] },
    loss: ({ Q, K, V }) =>
      along(3, (i) => {
        const p = softmax(range(4).map((j) => dot(Q[i], K[j]) / Math.SQRT2));
        return along(2, (c) => along(4, (j) => p[j]! * V[j][c]) ** 2);
      }),
  },
  {
    name: "causal attention",
    text: "param X: [4, 3], W: [3, 3]\nlet S = [i in 0..4, j in 0..4: if j <= i then dot(X[i] @ W, X[j]) else -inf]\nlet P = softmax(S)\nloss = sum((P @ X)^2)",
    params: { X: [4, 3], W: [3, 3] },
    loss: ({ X, W }) =>
      along(4, (i) => {
        const q = range(3).map((k) => along(3, (j) => X[i][j] * W[j][k]));
        const p = softmax(range(i + 1).map((j) => dot(q, X[j])));
        return along(3, (c) => along(i + 1, (j) => p[j]! * X[j][c]) ** 2);
      }),
  },
  // cumulative
  {
    name: "running sums",
    text: "param x: [6], w: [6]\nloss = dot(sin(cumsum(x)), w) + sum(cumsum(x^2)^2)",
    params: { x: [6], w: [6] },
    loss: ({ x, w }) => along(6, (i) => Math.sin(cumsum(x)[i]!) * w[i] + cumsum(x.map((v: number) => v * v))[i]! ** 2),
  },
  {
    name: "running sums along the first axis",
    text: "param X: [4, 3]\nloss = sum(cumsum(X, axis = 0)^3)",
    params: { X: [4, 3] },
    loss: ({ X }) => along(3, (j) => total(cumsum(T(X)[j]!).map((v) => v ** 3))),
  },
  {
    name: "running products",
    text: "param x: [5], w: [5]\nloss = dot(cumprod(x), w) + sum(log(1 + cumprod(x)^2))",
    params: { x: [5], w: [5] },
    loss: ({ x, w }) => along(5, (i) => cumprod(x)[i]! * w[i] + Math.log(1 + cumprod(x)[i]! ** 2)),
  },
  {
    name: "running products with a zero",
    text: "param x: [5], w: [5]\nlet z = [i: if i == 2 then 0 * x[i] else x[i]]\nloss = dot(cumprod(z), w) + prod(i: if i == 1 then x[i] - x[i] else x[i])",
    params: { x: [5], w: [5] },
    loss: ({ x, w }) => x[0] * w[0] + x[0] * x[1] * w[1],
  },
  {
    name: "reverse running sums",
    text: "param x: [5]\nlet r = [i in 0..5: sum(j in i..5: x[j])]\nloss = sum(exp(r)) + sum(reverse(cumsum(reverse(x)))^2)",
    params: { x: [5] },
    loss: ({ x }) => along(5, (i) => Math.exp(total(x.slice(i))) + total(x.slice(i)) ** 2),
  },
  {
    name: "running log-sum-exp",
    text: "param x: [5]\nlet c = [i in 0..5: logsumexp(j in 0..i+1: x[j])]\nloss = sum(c^2)",
    params: { x: [5] },
    loss: ({ x }) => along(5, (i) => lse(x.slice(0, i + 1)) ** 2),
  },
  {
    name: "running largest",
    text: "param x: [5]\nlet c = [i in 0..5: max(j in 0..i+1: x[j])]\nloss = sum(c^2)",
    params: { x: [5] },
    loss: ({ x }) => along(5, (i) => Math.max(...x.slice(0, i + 1)) ** 2),
  },
  {
    name: "Cox partial likelihood",
    text: "param w: [3]\ndata X: [5, 3], event: bool[5]\nlet s = X @ w\nloss = -sum(i in 0..5: if event[i] then s[i] - logsumexp(j in i..5: s[j]) else 0)",
    params: { w: [3] },
    data: {
      X: range(5).map((i) => range(3).map((j) => Math.sin(i * 2 + 3 * j))),
      event: [true, false, true, true, false],
    },
    loss: ({ w, X, event }) => {
      const s = X.map((r: Row) => dot(r, w));
      return -along(5, (i) => (event[i] ? s[i] - lse(s.slice(i)) : 0));
    },
  },
  {
    name: "differences and windows",
    text: "param x: [7]\nloss = sum(i: (x[i + 1] - x[i])^2) + sum(i: (x[i] - 2 * x[i + 1] + x[i + 2])^2) + sum(i in 0..5: mean(j in 0..3: x[i + j])^2)",
    params: { x: [7] },
    loss: ({ x }) =>
      along(6, (i) => (x[i + 1] - x[i]) ** 2) +
      along(5, (i) => (x[i] - 2 * x[i + 1] + x[i + 2]) ** 2 + ((x[i] + x[i + 1] + x[i + 2]) / 3) ** 2),
  },
  {
    name: "discounted returns",
    text: "param r: [5], g\nlet d = sigmoid(g)\nloss = sum(i in 0..5: sum(j in i..5: r[j] * d^(j - i))^2)",
    params: { r: [5], g: [] },
    loss: ({ r, g }) => along(5, (i) => along(5 - i, (k) => r[i + k] * sigmoid(g) ** k) ** 2),
  },
  // shapes
  {
    name: "reshape, concat, pad, stack",
    text: "param a: [6], B: [2, 3]\nlet C = concat(reshape(a, [2, 3]), B)\nlet D = pad(B, [1, 0])\nlet S = stack(B, reshape(a, [2, 3]))\nloss = sum(C^2 * 2) + sum(D[0]) + sum(sin(S)) + sum(i, j: C[i, j] * D[i, j])",
    params: { a: [6], B: [2, 3] },
    loss: ({ a, B }) => {
      const A = [a.slice(0, 3), a.slice(3)];
      const C = [...A, ...B];
      const D = [[0, 0, 0], ...B, [0, 0, 0]];
      return (
        2 * total(flat(C).map((x) => x * x)) +
        total([...flat(A), ...flat(B)].map(Math.sin)) +
        along(4, (i) => along(3, (j) => C[i]![j]! * D[i]![j]!))
      );
    },
  },
  {
    name: "slices",
    text: "param X: [4, 5]\nloss = sum(X[1..3, :]^2) + sum(X[:, 2]) * sum(X[0, 1..4]) + X[3, 4]^3",
    params: { X: [4, 5] },
    loss: ({ X }) =>
      total(flat(X.slice(1, 3)).map((x) => x * x)) +
      along(4, (i) => X[i][2]) * (X[0][1] + X[0][2] + X[0][3]) +
      X[3][4] ** 3,
  },
  {
    name: "gather and scatter",
    text: "param E: [5, 3], w: [3]\ndata id: int[4] within 0..5\nlet rows = [i: E[id[i]]]\nloss = sum(tanh(rows @ w)) + sum(E[id[0]] * E[id[1]])",
    params: { E: [5, 3], w: [3] },
    data: { id: [4, 1, 4, 0] },
    loss: ({ E, w, id }) => along(4, (i) => Math.tanh(dot(E[id[i]], w))) + dot(E[id[0]], E[id[1]]),
  },
  {
    name: "triangles",
    text: "param A: [4, 4]\nlet L = [i in 0..4, j in 0..4: if i >= j then A[i, j] else 0]\nloss = sum((L @ L')^2) + sum(i: log(L[i, i]^2 + 1)) + sum(i in 0..4, j in 0..i: A[i, j])",
    params: { A: [4, 4] },
    loss: ({ A }) => {
      const L = range(4).map((i) => range(4).map((j) => (i >= j ? A[i][j] : 0)));
      return (
        total(flat(mm(L, T(L))).map((x) => x * x)) +
        along(4, (i) => Math.log(A[i][i] ** 2 + 1)) +
        along(4, (i) => along(i, (j) => A[i][j]))
      );
    },
  },
  {
    name: "pairwise distances",
    text: "param X: [4, 3]\nlet D = [i, j: norm(X[i] - X[j])]\nloss = sum(D) + sum(i in 0..4, j in 0..i: 1 / sum((X[i] - X[j])^2))",
    params: { X: [4, 3] },
    loss: ({ X }) =>
      along(4, (i) => along(4, (j) => norm(range(3).map((k) => X[i][k] - X[j][k])))) +
      along(4, (i) => along(i, (j) => 1 / along(3, (k) => (X[i][k] - X[j][k]) ** 2))),
  },
  {
    name: "RBF kernel",
    text: "param X: [3, 2], a: [3], g\nlet K = [i, j: exp(-exp(g) * sum(k: (X[i, k] - X[j, k])^2))]\nloss = a @ K @ a",
    params: { X: [3, 2], a: [3], g: [] },
    loss: ({ X, a, g }) =>
      along(3, (i) =>
        along(3, (j) => a[i] * a[j] * Math.exp(-Math.exp(g) * along(2, (k) => (X[i][k] - X[j][k]) ** 2))),
      ),
  },
  {
    name: "polynomial features",
    text: "param c: [4], w: [3]\ndata x: [5]\nlet P = [i, k in 0..4: x[i]^k]\nloss = sum((P @ c)^2) + sum(i: (w[0] + w[1] * x[i] + w[2] * x[i]^2 - sin(x[i]))^2)",
    params: { c: [4], w: [3] },
    data: { x: [-1, -0.5, 0, 0.3, 2] },
    loss: ({ c, w, x }) =>
      along(
        5,
        (i) => along(4, (k) => c[k] * x[i] ** k) ** 2 + (w[0] + w[1] * x[i] + w[2] * x[i] ** 2 - Math.sin(x[i])) ** 2,
      ),
  },
  {
    name: "nested definitions",
    text: "param A: [n, n], x: [n]\ndef f(v: [k]) = tanh(A @ v)\ndef g(v: [k]) = f(f(v)) + v\nlet y = { let t = g(x)\n return t * t }\nloss = sum(y) + sum(i: { let s = x[i]^2\n return s * sin(s) })",
    params: { A: [3, 3], x: [3] },
    loss: ({ A, x }) => {
      const f = (v: Row) => A.map((r: Row) => Math.tanh(dot(r, v)));
      return along(3, (i) => (f(f(x))[i] + x[i]) ** 2 + x[i] ** 2 * Math.sin(x[i] ** 2));
    },
  },
  {
    name: "derivative inside the loss",
    text: "param x: [3], w: [3]\nlet f = sum(sin(x) * w) + x[0] * x[1]\nlet g = grad(f, x)\nloss = sum(g^2) + sum(hvp(f, x, w))",
    params: { x: [3], w: [3] },
    loss: ({ x, w }) => {
      const g = [Math.cos(x[0]) * w[0] + x[1], Math.cos(x[1]) * w[1] + x[0], Math.cos(x[2]) * w[2]];
      const h = [
        -Math.sin(x[0]) * w[0] * w[0] + w[1],
        -Math.sin(x[1]) * w[1] * w[1] + w[0],
        -Math.sin(x[2]) * w[2] * w[2],
      ];
      return dot(g, g) + total(h);
    },
  },
  {
    name: "Toeplitz by index arithmetic",
    text: "param t: [7], x: [4]\nlet y = [i in 0..4: sum(j in 0..4: t[i - j + 3] * x[j])]\nloss = sum(y^3)",
    params: { t: [7], x: [4] },
    loss: ({ t, x }) => along(4, (i) => along(4, (j) => t[i - j + 3] * x[j]) ** 3),
  },
  {
    name: "strided reads",
    text: "param x: [8], w: [3]\nlet y = [i in 0..3: sum(k in 0..3: w[k] * x[2 * i + k])]\nloss = sum(relu(y)^2) + sum(i in 0..4: x[7 - 2 * i])",
    params: { x: [8], w: [3] },
    loss: ({ x, w }) =>
      along(
        3,
        (i) =>
          Math.max(
            0,
            along(3, (k) => w[k] * x[2 * i + k]),
          ) ** 2,
      ) +
      x[7] +
      x[5] +
      x[3] +
      x[1],
  },
  {
    name: "integer division and remainder",
    text: "param X: [2, 3]\nloss = sum(k in 0..6: X[k // 3, mod(k, 3)]^2 * k)",
    params: { X: [2, 3] },
    loss: ({ X }) => along(6, (k) => X[Math.floor(k / 3)][k % 3] ** 2 * k),
  },
  {
    name: "softmax along the first axis",
    text: "param X: [3, 4]\nloss = sum(softmax(X, axis = 0)^2) + sum(logSoftmax(X, axis = 0) * X) + sum(softmax(X, axis = [0, 1])^3)",
    params: { X: [3, 4] },
    loss: ({ X }) =>
      along(4, (j) => {
        const c = T(X)[j]!;
        return total(softmax(c).map((p) => p * p)) + dot(logSoftmax(c), c);
      }) + total(softmax(flat(X)).map((p) => p ** 3)),
  },
  {
    name: "powers of arrays",
    text: "param x: [4], p: [4]\nlet u = softplus(x)\nloss = sum(u^p) + sum(u^-1.5) + sum(x^3) + prod(u)^0.5",
    params: { x: [4], p: [4] },
    loss: ({ x, p }) =>
      along(4, (i) => softplus(x[i]) ** p[i] + softplus(x[i]) ** -1.5 + x[i] ** 3) +
      Math.sqrt(x.map(softplus).reduce((a: number, b: number) => a * b, 1)),
  },
  {
    name: "graph Laplacian",
    text: "param u: [5]\ndata edge: int[4, 2] within 0..5, w: [4]\nloss = sum(e: w[e] * (u[edge[e, 0]] - u[edge[e, 1]])^2) + sum(e: abs(u[edge[e, 0]] - u[edge[e, 1]])^1.5)",
    params: { u: [5] },
    data: {
      edge: [
        [0, 1],
        [1, 2],
        [2, 4],
        [4, 0],
      ],
      w: [1, 2, 0.5, 3],
    },
    loss: ({ u, edge, w }) =>
      along(4, (e) => w[e] * (u[edge[e][0]] - u[edge[e][1]]) ** 2 + Math.abs(u[edge[e][0]] - u[edge[e][1]]) ** 1.5),
  },
  {
    name: "repeated labels are summed",
    text: "param c: [3], x: [6]\ndata k: int[6] within 0..3\nlet m = [j in 0..3: sum(i: if k[i] == j then x[i] else 0)]\nloss = sum((m - c)^2) + sum(i: (x[i] - c[k[i]])^2)",
    params: { c: [3], x: [6] },
    data: { k: [0, 2, 2, 0, 1, 2] },
    loss: ({ c, x, k }) =>
      along(3, (j) => (along(6, (i) => (k[i] === j ? x[i] : 0)) - c[j]) ** 2) + along(6, (i) => (x[i] - c[k[i]]) ** 2),
  },
  // matrices
  {
    name: "log determinant of a Gram matrix",
    text: "param A: [3, 3]\nloss = logdet(A @ A' + eye(3)) + sum(A)",
    params: { A: [3, 3] },
  },
];
