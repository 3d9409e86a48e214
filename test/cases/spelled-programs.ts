/** A model's text, alone or with data that the case has not. */
type Spelling = string | readonly [text: string, data: Readonly<Record<string, readonly (number | boolean)[]>>];

/** The programs of the cases, each in several of the ways in which people write it. */
export const spelledPrograms: Readonly<Record<string, readonly Spelling[]>> = {
attention: [
`param X: [4, 3], Wq: [3, 2], Wk: [3, 2], Wv: [3, 2], R: [4, 2]
let Q = X @ Wq, K = X @ Wk, V = X @ Wv
let O = softmax(Q @ K' / sqrt(2), axis = 1) @ V
loss = sum(O * R)`,
`param X: [n, d], Wq: [d, h], Wk: [d, h], Wv: [d, h], R: [n, h]
Q = X @ Wq
K = X @ Wk
V = X @ Wv
S = softmax(Q @ K.T / sqrt(2), axis = -1)
loss = (S @ V * R).sum()`,
`param X: [n, d], Wq: [d, h], Wk: [d, h], Wv: [d, h], R: [n, h]
let Q = matmul(X, Wq), K = matmul(X, Wk), V = matmul(X, Wv)
let s = [i, j: sum(k: Q[i, k] * K[j, k]) / sqrt(2)]
let P = [i in 0..n: softmax(s[i])]
loss = sum(i, k: sum(j: P[i, j] * V[j, k]) * R[i, k])`,
`param X: [n, d], Wq: [d, h], Wk: [d, h], Wv: [d, h], R: [n, h]
let Q = einsum("nd,dh->nh", X, Wq), K = einsum("nd,dh->nh", X, Wk), V = einsum("nd,dh->nh", X, Wv)
let logits = einsum("ih,jh->ij", Q, K) / 2^0.5
let e = exp(logits - max(logits, axis = 1, keepdims = true))
loss = sum(e / sum(e, axis = 1, keepdims = true) @ V * R)`,
],
broadcast_outer: [
`param a: [3, 1], b: [1, 4], c
loss = sum(logsumexp(a * b + c, axis = 1))`,
`param a: [3, 1], b: [1, 4], c: []
loss = sum(logsumexp(a * b + c, axis = -1))`,
`param a: [n, 1], b: [1, m], c
loss = sum(i: logsumexp(j: a[i, 0] * b[0, j] + c))`,
`param a: [n, 1], b: [1, m], c
loss = sum(i in 0..n: log(sum(j in 0..m: exp(a[i, 0] * b[0, j] + c))))`,
`param a: [n, 1], b: [1, m], c
let z = outer(a[:, 0], b[0]) + c
loss = sum([i in 0..n: logsumexp(z[i])])`,
`param a: [n, 1], b: [1, m], c
loss = sum(logsumexp(a @ b + c, axis = 1))`,
],
small_cnn: [
`param x: [2, 1, 8, 8], w1: [3, 1, 3, 3], b1: [3], w2: [2, 3, 3, 3], b2: [2]
data labels: int[2] within 0..2 = [1, 0]
let h = softplus(conv2d(x, w1, padding = 1, channels = first) + reshape(b1, [3, 1, 1]))
let p = avgPool2d(h, window = 2, stride = 2, channels = first)
let z = tanh(conv2d(p, w2, channels = first) + reshape(b2, [2, 1, 1]))
let logits = mean(z, axis = [2, 3])
loss = -mean(i: logSoftmax(logits)[i, labels[i]])`,
`param x: [2, 1, H, H], w1: [K, 1, 3, 3], b1: [K], w2: [L, K, 3, 3], b2: [L]
const labels = [1, 0]
let h = softplus(conv2d(x, w1, 1, 1, channels = "first") + b1[:, None, None])
let p = avg_pool2d(h, 2, 2, channels = "first")
let z = tanh(conv2d(p, w2, channels = "first") + b2[:, None, None])
let logits = z.mean(axis = (2, 3))
loss = -mean(i: log_softmax(logits, axis = -1)[i, labels[i]])`,
`param x: [2, 1, 8, 8], w1: [3, 1, 3, 3], b1: [3], w2: [2, 3, 3, 3], b2: [2]
const label = [1, 0]
let xp = pad(x, [0, 0, 1, 1])
let h = [m in 0..2, k in 0..3, i in 0..8, j in 0..8: softplus(b1[k] + sum(u, v: w1[k, 0, u, v] * xp[m, 0, i + u, j + v]))]
let p = [m in 0..2, k in 0..3, i in 0..4, j in 0..4: mean(u in 0..2, v in 0..2: h[m, k, 2*i + u, 2*j + v])]
let z = [m in 0..2, k in 0..2, i in 0..2, j in 0..2: tanh(b2[k] + sum(c, u, v: w2[k, c, u, v] * p[m, c, i + u, j + v]))]
let logits = [m, k: mean(i, j: z[m, k, i, j])]
loss = mean(m: logsumexp(logits[m]) - logits[m, label[m]])`,
],
conv_s1_p0: [
`param x: [1, 1, 5, 5], w: [1, 1, 3, 3]
loss = sum(tanh(conv2d(x, w, channels = first)))`,
`param x: [1, 1, 5, 5], w: [1, 1, 3, 3]
let y = [n in 0..1, o in 0..1, i in 0..3, j in 0..3: sum(c, u, v: w[o, c, u, v] * x[n, c, i + u, j + v])]
loss = sum(tanh(y))`,
`param x: [B, C, H, W], w: [O, C, kh, kw]
let y = [n, o, i, j: sum(c, u, v: w[o, c, u, v] * x[n, c, i+u, j+v])]
loss = sum(tanh(y))`,
`param x: [B, C, H, W], w: [O, C, F, F]
loss = sum(tanh(conv2d(x, w, stride = 1, padding = 0, channels = "first")))`,
],
conv_s1x2_p1x0_k2x3: [
`param x: [1, 1, 5, 8], w: [2, 1, 2, 3], b: [2]
let y = conv2d(x, w, stride = [1, 2], padding = [1, 0], channels = first) + reshape(b, [2, 1, 1])
loss = sum(y^2)`,
`param x: [1, 1, 5, 8], w: [2, 1, 2, 3], b: [2]
let xp = pad(x, [0, 0, 1, 0])
let y = [n in 0..1, o in 0..2, i in 0..6, j in 0..3: b[o] + sum(u in 0..2, v in 0..3: w[o, 0, u, v] * xp[n, 0, i + u, 2*j + v])]
loss = sum(square(y))`,
`param x: [N, C, H, W], w: [O, C, kh, kw], b: [O]
let y = conv2d(x, w, (1, 2), (1, 0), channels = "first") + b[None, :, None, None]
loss = sum(y ^ 2)`,
`param x: [1, 1, 5, 8], w: [2, 1, 2, 3], b: [2]
let y = conv2d(transpose(x, axis = [0, 2, 3, 1]), transpose(w, axis = [2, 3, 1, 0]), stride = [1, 2], padding = [1, 0]) + b
loss = sum(y^2)`,
],
cumsum: [
`param x: [2, 5], w: [2, 5]
loss = sum(sin(cumsum(x, axis = 1)) * w)`,
`param x: [n, m], w: [n, m]
loss = sum(sin(cumsum(x)) * w)`,
`param x: [n, m], w: [n, m]
let c = [i in 0..n, j in 0..m: sum(k in 0..j+1: x[i, k])]
loss = sum(sin(c) * w)`,
`param x: [n, m], w: [n, m]
let c = [i in 0..n: scan(v in x[i], s = 0: { s = s + v; out = s + v }).out]
loss = sum(sin(c) * w)`,
`param x: [n, m], w: [n, m]
loss = sum(sin(cumsum(x, axis = -1)) * w)`,
`param x: [n, m], w: [n, m]
let run = scan(v in x', s = zeros(n): { s = s + v; c = s + v })
loss = sum(sin(run.c') * w)`,
`param x: [n, m], w: [n, m]
loss = sum(sin(x @ triu(ones(m, m))) * w)`,
],
einsum_trilinear: [
`param a: [2], b: [3], T: [2, 3, 4]
loss = sum(k: sin(sum(i, j: a[i] * b[j] * T[i, j, k])))`,
`param a: [I], b: [J], T: [I, J, K]
let y = [k in 0..K: sum(i in 0..I, j in 0..J: a[i] * b[j] * T[i, j, k])]
loss = sum(sin(y))`,
`param a: [I], b: [J], T: [I, J, K]
loss = sum(sin(einsum("i,j,ijk->k", a, b, T)))`,
`param a: [I], b: [J], T: [I, J, K]
loss = sum(sin(a @ reshape(b @ T, [I, K])))`,
`param a: [I], b: [J], T: [I, J, K]
loss = sum(sin(sum(outer(a, b)[:, :, None] * T, axis = [0, 1])))`,
],
embedding: [
`param E: [5, 3], W: [6, 3]
data idx: int[6] within 0..5 = [0, 2, 2, 4, 0, 2]
loss = sum(tanh(E[idx]) * W) + 0.5 * sum(E[idx]^2)`,
`param E: [v, d], W: [6, d]
const idx = [0, 2, 2, 4, 0, 2]
let e = E[idx]
loss = sum(tanh(e) * W) + 0.5 * sum(e^2)`,
[`param E: [v, d], W: [n, d]
data idx: int[n] within 0..v
let e = [i, j: E[idx[i], j]]
loss = sum(tanh(e) * W) + 0.5 * sum(e^2)`, {idx:[0,2,2,4,0,2]}],
[`param E: [v, d], W: [n, d]
data idx: [n]
let e = E[idx]
loss = sum(tanh(e) * W) + 0.5 * sum(e ^ 2)`, {idx:[0,2,2,4,0,2]}],
[`param E: [v, d], W: [n, d]
data idx: [n]
loss = sum(i in 0..n: sum(j: tanh(E[idx[i], j]) * W[i, j] + 0.5 * E[idx[i], j]^2))`, {idx:[0,2,2,4,0,2]}],
[`param E: [v, d], W: [n, d]
data idx: int[n]
let e = take(E, idx)
loss = sum(tanh(e) * W) + 0.5 * sum(e ^ 2)`, {idx:[0,2,2,4,0,2]}],
[`param E: [v, d], W: [n, d]
data idx: int[n]
let e = one_hot(idx, v) @ E
loss = sum(tanh(e) * W) + 0.5 * sum(e ^ 2)`, {idx:[0,2,2,4,0,2]}],
[`param E: [v, d], W: [n, d]
data idx: [n]
loss = sum(i in 0..n: sum(tanh(E[idx[i]]) * W[i]) + 0.5 * sum(E[idx[i]]^2))`, {idx:[0,2,2,4,0,2]}],
],
where_mask: [
[`param x: [5]
data m: [5], y0: [5]
loss = sum(where(m, x / y0, log(1 + exp(x)))^2)`, {m:[1,0,1,0,1],y0:[0.5,0,-2,0,4]}],
[`param x: [5]
data m: bool[5], y0: [5]
let y = select(m, x / y0, softplus(x))
loss = sum(y^2)`, {m:[true,false,true,false,true],y0:[0.5,0,-2,0,4]}],
[`param x: [n]
data m: int[n], y0: [n]
let y = [i in 0..n: if m[i] == 1 then x[i] / y0[i] else log(1 + exp(x[i]))]
loss = sum(y^2)`, {m:[1,0,1,0,1],y0:[0.5,0,-2,0,4]}],
[`param x: [n]
data m: int[n], y0: [n]
loss = sum(square(where(m == 1, x / y0, log1p(exp(x)))))`, {m:[1,0,1,0,1],y0:[0.5,0,-2,0,4]}],
[`param x: [n]
data m: bool[n], y0: [n]
loss = sum((if m then x / y0 else log(1 + exp(x)))^2)`, {m:[1,0,1,0,1],y0:[0.5,0,-2,0,4]}],
`param x: [5]
const m = [1, 0, 1, 0, 1], y0 = [0.5, 0, -2, 0, 4]
let y = where(m > 0, x / y0, log(1 + exp(x)))
loss = sum(y^2)`,
`param x: [5]
const m = [true, false, true, false, true], y0 = [0.5, 0, -2, 0, 4]
loss = sum(where(m, x / y0, log(1 + exp(x)))^2)`,
],
slogdet: [
`param A: [4, 4]
loss = logdet(A)`,
`param A: [n, n]
let r = slogdet(A)
loss = r.logabsdet`,
`param A: [n, n]
loss = slogdet(A)[1]`,
`param A: [n, n]
loss = log(abs(det(A)))`,
],
inv_trace: [
`param A: [3, 3], C: [3, 3]
let M = A @ A' + 2 * eye(3)
loss = trace(inverse(M) @ C)`,
`param A: [n, n], C: [n, n]
M = A @ A.T + 2 * eye(n)
loss = trace(inv(M) @ C)`,
`param A: [n, n], C: [n, n]
let M = [i, j: sum(k: A[i, k] * A[j, k]) + (if i == j then 2 else 0)]
loss = trace(solve(M, C))`,
`param A: [3, 3], C: [3, 3]
let M = A @ transpose(A) + 2 * identity(3)
loss = sum(diag(inverse(M) @ C))`,
`param A: [n, n], C: [n, n]
let M = A @ A' + diag(2 * ones(n))
loss = sum(i: (inv(M) @ C)[i, i])`,
],
softmax_xent: [
`param Z: [4, 3]
data labels: int[4] within 0..3 = [0, 2, 1, 2]
loss = mean(i: -logSoftmax(Z)[i, labels[i]])`,
`param Z: [n, k]
const labels = [0, 2, 1, 2]
loss = -mean(i in 0..n: logSoftmax(Z, axis = 1)[i, labels[i]])`,
[`param Z: [n, k]
data labels: [n]
loss = -mean(i: log(softmax(Z, axis = 1))[i, labels[i]])`, {labels:[0,2,1,2]}],
[`param Z: [n, k]
data labels: int[n]
let lp = log_softmax(Z, axis = -1)
loss = -mean(lp[arange(n), labels])`, {labels:[0,2,1,2]}],
[`param Z: [n, k]
data labels: int[n]
loss = -sum(one_hot(labels, k) * log_softmax(Z, 1)) / n`, {labels:[0,2,1,2]}],
[`param Z: [n, k]
data labels: int[n] within 0..k
loss = mean(i: logsumexp(Z[i]) - Z[i, labels[i]])`, {labels:[0,2,1,2]}],
],
infonce: [
`param A: [3, 4], B: [3, 4]
let C = [i, j: dot(A[i], B[j]) / (norm(A[i]) * norm(B[j]))]
loss = -sum(i: logSoftmax(C / 0.1)[i, i])`,
`param A: [n, d], B: [n, d]
let An = A / norm(A, axis = 1, keepdims = true), Bn = B / norm(B, axis = 1, keepdims = true)
loss = -trace(log_softmax(An @ Bn' / 0.1, axis = 1))`,
`param A: [n, d], B: [n, d]
let nA = sqrt(sum(A^2, axis = 1)), nB = sqrt(sum(B^2, axis = 1))
let C = A @ B' / outer(nA, nB)
loss = -sum(diagonal(logSoftmax(C / 0.1, axis = 1)))`,
`param A: [n, d], B: [n, d]
let C = (A @ B.T) / (norm(A, axis = 1)[:, None] * norm(B, axis = 1)[None, :])
loss = sum(i: logsumexp(C[i] / 0.1) - C[i, i] / 0.1)`,
],
matmul_chain: [
`param A: [2, 3], B: [3, 4], C: [4, 2]
loss = sum(tanh(A @ B @ C))`,
`param A: [m, n], B: [n, p], C: [p, q]
loss = sum(tanh(matmul(matmul(A, B), C)))`,
`param A: [m, n], B: [n, p], C: [p, q]
loss = sum(i, l: tanh(sum(j, k: A[i, j] * B[j, k] * C[k, l])))`,
`param A: [m, n], B: [n, p], C: [p, q]
loss = (A @ B @ C).tanh().sum()`,
`param A: [m, n], B: [n, p], C: [p, q]
loss = sum(tanh(einsum("ij,jk,kl->il", A, B, C)))`,
],
quad_map: [
`param x, y
let r = scan(i in 0..6, a = 0, b = 0: { a = a^2 - b^2 + x; b = 2*a*b + y })
loss = log1p(r.a^2 + r.b^2)`,
`param x: [], y: []
def step(z: [2]) = [z[0]^2 - z[1]^2 + x, 2 * z[0] * z[1] + y]
let z = scan(i in 0..6, z = zeros(2): step(z))
loss = log1p(sum(z^2))`,
`param x, y
let a1 = x, b1 = y
let a2 = a1^2 - b1^2 + x, b2 = 2*a1*b1 + y
let a3 = a2^2 - b2^2 + x, b3 = 2*a2*b2 + y
let a4 = a3^2 - b3^2 + x, b4 = 2*a3*b3 + y
let a5 = a4^2 - b4^2 + x, b5 = 2*a4*b4 + y
let a6 = a5^2 - b5^2 + x, b6 = 2*a5*b5 + y
loss = log(1 + a6^2 + b6^2)`,
`param x, y
def step(p) = { a = p.a^2 - p.b^2 + x; b = 2 * p.a * p.b + y }
let z = step(step(step(step(step(step({ a = 0; b = 0 }))))))
loss = log1p(z.a^2 + z.b^2)`,
],
mlp_softplus: [
[`param W1: [3, 5], b1: [5], W2: [5, 2], b2: [2], X: [6, 3]
data labels: int[6] within 0..2
let logits = softplus(X @ W1 + b1) @ W2 + b2
loss = -mean(i: logSoftmax(logits)[i, labels[i]]) + 0.01 * (sum(W1^2) + sum(W2^2))`, {labels:[0,1,1,0,1,0]}],
[`param X: [n, d], W1: [d, h], b1: [h], W2: [h, k], b2: [k]
data labels: [n]
H = softplus(X @ W1 + b1)
Z = H @ W2 + b2
xent = mean(i: logsumexp(Z[i]) - Z[i, labels[i]])
loss = xent + 0.01 * (sum(W1^2) + sum(W2^2))`, {labels:[0,1,1,0,1,0]}],
[`param X: [n, d], W1: [d, h], b1: [h], W2: [h, k], b2: [k]
data y: int[n]
let Z = (X.matmul(W1) + b1).softplus().matmul(W2) + b2
loss = -mean(Z.log_softmax(axis = -1)[arange(n), y]) + 0.01 * (W1.square().sum() + W2.square().sum())`, {y:[0,1,1,0,1,0]}],
],
gradient_penalty: [
`param x: [3], W1: [4, 3], b1: [4], w2: [4]
let u = dot(w2, tanh(W1 @ x + b1))
loss = (norm(grad(u, x)) - 1)^2 + u`,
`param x: [d], W1: [h, d], b1: [h], w2: [h]
def u(x: [d]) = w2 @ tanh(W1 @ x + b1)
let g = grad(u(x), x)
loss = (sqrt(sum(g^2)) - 1)^2 + u(x)`,
`param x: [d], W1: [h, d], b1: [h], w2: [h]
let t = tanh(W1 @ x + b1)
let u = sum(w2 * t)
let g = W1' @ (w2 * (1 - t^2))
loss = (norm(g) - 1)^2 + u`,
`param x: [d], W1: [h, d], b1: [h], w2: [h]
let u = w2 @ tanh(W1 @ x + b1)
let g = gradient(u, x)
loss = (norm(g) - 1)^2 + u`,
],
layernorm: [
`param X: [3, 5], g: [5], b: [5], R: [3, 5]
loss = sum((layerNorm(X, epsilon = 1e-5) * g + b) * R)`,
`param X: [n, d], g: [d], b: [d], R: [n, d]
let mu = mean(X, axis = 1, keepdims = true), v = var(X, axis = 1, keepdims = true)
loss = sum(((X - mu) / sqrt(v + 1e-5) * g + b) * R)`,
`param X: [n, d], g: [d], b: [d], R: [n, d]
def ln_(x: [d]) = (x - mean(x)) / sqrt(variance(x) + 1e-5) * g + b
loss = sum(i: sum(ln_(X[i]) * R[i]))`,
`param X: [n, d], g: [d], b: [d], R: [n, d]
loss = sum(layer_norm(X, eps = 1e-5) * g * R + b * R)`,
`param X: [n, d], g: [d], b: [d], R: [n, d]
let mu = mean(X, 1)[:, None]
let s2 = mean((X - mu)^2, 1)[:, None]
let LN = (X - mu) / sqrt(s2 + 1e-5) * g + b
loss = sum(LN * R)`,
`param X: [n, d], g: [d], b: [d], R: [n, d]
let LN = [r in 0..n: {
  let m = mean(X[r])
  let v = mean((X[r] - m)^2)
  return (X[r] - m) / sqrt(v + 1e-5) * g + b
}]
loss = sum(LN * R)`,
],
sinkhorn: [
`param C: [3, 4]
const e = 0.3
let r = scan(t in 0..5, f = zeros(3), g = zeros(4): {
  let f1 = [i: -e * logsumexp(j: (g[j] - C[i, j]) / e) + e * log(1/3)]
  let g1 = [j: -e * logsumexp(i: (f1[i] - C[i, j]) / e) + e * log(1/4)]
  f = f1
  g = g1
})
loss = sum(i, j: C[i, j] * exp((r.f[i] + r.g[j] - C[i, j]) / e))`,
`param C: [n, m]
const eps = 0.3
def newf(g: [m]) = -eps * logsumexp((g - C) / eps, axis = 1) + eps * log(1 / n)
def newg(f: [n]) = -eps * logsumexp((f[:, None] - C) / eps, axis = 0) + eps * log(1 / m)
let s = scan(k in 0..5, f = zeros(n), g = zeros(m): {
  let f2 = newf(g)
  f = f2
  g = newg(f2)
})
loss = sum(C * exp((s.f[:, None] + s.g[None, :] - C) / eps))`,
`param C: [n, m]
let e = 0.3
let g0 = zeros(m)
def step(g: [m]) = {
  let f = -e * logsumexp((g - C) / e, axis = 1) + e * log(1/3)
  return -e * logsumexp((reshape(f, [n, 1]) - C) / e, axis = 0) + e * log(1/4)
}
let g4 = scan(k in 0..4, g = g0: step(g))
let f = -e * logsumexp((g4 - C) / e, axis = 1) + e * log(1/3)
let g = step(g4)
loss = sum(i, j: C[i, j] * exp((f[i] + g[j] - C[i, j]) / e))`,
],
maxpool_2_odd: [
`param x: [1, 1, 5, 5], w: [1, 1, 2, 2]
let y = maxPool2d(x, window = 2, stride = 2, channels = first)
loss = sum(y^2 * w)`,
`param x: [1, 1, 5, 5], w: [1, 1, 2, 2]
let y = max_pool2d(x, 2, 2, channels = "first")
loss = sum(y^2 * w)`,
`param x: [1, 1, 5, 5], w: [1, 1, 2, 2]
let y = [i in 0..2, j in 0..2: max(u in 0..2, v in 0..2: x[0, 0, 2*i + u, 2*j + v])]
loss = sum(y^2 * w[0, 0])`,
`param x: [N, C, 5, 5], w: [N, C, 2, 2]
let y = [n in 0..N, c in 0..C, i in 0..2, j in 0..2: max(x[n, c, 2*i..2*i+2, 2*j..2*j+2])]
loss = sum(y^2 * w)`,
`param x: [1, 1, 5, 5], w: [1, 1, 2, 2]
let a = x[:, :, :4, :4]
let y = max(max(a[:, :, ::2, ::2], a[:, :, 1::2, ::2]), max(a[:, :, ::2, 1::2], a[:, :, 1::2, 1::2]))
loss = sum(y^2 * w)`,
],
max_min_axes: [
`param X: [3, 4]
loss = sum(max(X, axis = 0)) + sum(min(X, axis = 1)) + 0.5 * mean(X)^2`,
`param X: [n, m]
loss = sum(j: max(i: X[i, j])) + sum(i: min(j: X[i, j])) + 0.5 * mean(X)^2`,
`param X: [n, m]
loss = sum(j: max(X[:, j])) + sum(i: min(X[i])) + mean(X)^2 / 2`,
`param X: [n, m]
loss = X.max(axis = 0).sum() + X.min(axis = -1).sum() + 0.5 * X.mean()^2`,
],
gru_step: [
`param x: [2, 3], h: [2, 2], Wi: [6, 3], Wh: [6, 2], bi: [6], bh: [6]
let gi = x @ Wi' + bi, gh = h @ Wh' + bh
let r = sigmoid(gi[:, 0..2] + gh[:, 0..2])
let z = sigmoid(gi[:, 2..4] + gh[:, 2..4])
let n = tanh(gi[:, 4..6] + r * gh[:, 4..6])
loss = sum(((1 - z) * n + z * h)^2)`,
`param x: [b, d], h: [b, k], Wi: [3*k, d], Wh: [3*k, k], bi: [3*k], bh: [3*k]
let gi = x @ Wi.T + bi, gh = h @ Wh.T + bh
let r = sigmoid(gi[:, :k] + gh[:, :k])
let z = sigmoid(gi[:, k:2*k] + gh[:, k:2*k])
let n = tanh(gi[:, 2*k:] + r * gh[:, 2*k:])
let h2 = (1 - z) * n + z * h
loss = sum(h2^2)`,
`param x: [b, d], h: [b, k], Wi: [3*k, d], Wh: [3*k, k], bi: [3*k], bh: [3*k]
let out = [s in 0..b: {
  let gi = Wi @ x[s] + bi
  let gh = Wh @ h[s] + bh
  let r = sigmoid(gi[0..k] + gh[0..k])
  let z = sigmoid(gi[k..2*k] + gh[k..2*k])
  let n = tanh(gi[2*k..3*k] + r * gh[2*k..3*k])
  return (1 - z) * n + z * h[s]
}]
loss = sum(out^2)`,
],
kalman: [
`param y: [8], a, lq, lr
let run = scan(yt in y, m = 0, P = 1: {
  let mp = a * m
  let Pp = a^2 * P + exp(lq)
  let S = Pp + exp(lr)
  let K = Pp / S
  m = mp + K * (yt - mp)
  P = (1 - K) * Pp
  nll = 0.5 * (log(S) + (yt - mp)^2 / S)
})
loss = sum(run.nll)`,
`param y: [n], a, lq, lr
let run = scan(t in 0..n, m = 0, P = 1, L = 0: {
  mp = a * m
  Pp = a^2 * P + exp(lq)
  S = Pp + exp(lr)
  K = Pp / S
  return { m = mp + K * (y[t] - mp); P = (1 - K) * Pp; L = L + 0.5 * (log(S) + (y[t] - mp)^2 / S) }
})
loss = run.L`,
],
};
