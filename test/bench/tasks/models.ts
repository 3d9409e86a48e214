import type { TaskData } from "./tasks.ts";

/** The models of the tasks as a user writes them. */
export function textOf(data: TaskData): string {
  return data.group === "layout" ? layoutText(data) : modelTexts[data.group];
}

export const modelTexts: Readonly<Record<Exclude<TaskData["group"], "layout">, string>> = {
  logistic: `model logistic
size n, d
param w: [d], b: []
data X: [n, d], y: [n]
const lambda = 1e-3
let margin = y * (X @ w + b)
loss = mean(softplus(-margin)) + 0.5 * lambda * dot(w, w)
`,
  rosenbrock: `model rosenbrock
param x: [n]
loss = sum(i: 100 * (x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
`,
  mlp: `model mlp
param W1: [d, h], b1: [h], W2: [h, c], b2: [c]
data X: [n, d], label: int[n] within 0..c
let logp = logSoftmax(tanh(X @ W1 + b1) @ W2 + b2)
loss = -mean(i: logp[i, label[i]])
`,
  cnn: `model cnn
param F: [3, 3, 8], a: [8], W: [13, 13, 8, 10], b: [10]
data images: [n, 28, 28], label: int[n] within 0..10
let H = [i, x, y, k: relu(sum(u, v: F[u, v, k] * images[i, 2*x + u, 2*y + v]) + a[k])]
let logp = logSoftmax([i, c: sum(x, y, k: H[i, x, y, k] * W[x, y, k, c]) + b[c]])
loss = -mean(i: logp[i, label[i]])
`,
  seir: `model seir
param beta, sigma, gamma, start
data seen: [days]
let run = scan(cases in seen, c = [1 - exp(start), exp(start), 0]: {
  let infected = exp(beta) * c[0] * c[2]
  let ill = exp(sigma) * c[1]
  let before = c[2]
  c = [c[0] - infected, c[1] + infected - ill, c[2] + ill - exp(gamma) * c[2]]
  cost = (cases - before)^2
})
loss = sum(run.cost)
`,
  hmm: `model hmm
param A: [k, k], B: [k, m], start: [k]
data shown: int[steps] within 0..m
let moves = logSoftmax(A), shows = logSoftmax(B)
let last = scan(symbol in shown, a = logSoftmax(start): {
  let b = [i: a[i] + shows[i, symbol]]
  return [j: logsumexp(i: b[i] + moves[i, j])]
})
loss = -logsumexp(last)
`,
  tsne: `model tsne
param Y: [n, 2]
data P: [n, n]
def far(i, j) = 1 + sum(k: (Y[i, k] - Y[j, k])^2)
let total = 2 * sum(i, j in 0..i: 1 / far(i, j))
loss = 2 * sum(i, j in 0..i: P[i, j] * log(P[i, j] * far(i, j) * total))
`,
  stress: `model stress
param Y: [n, 2]
data D: [n, n]
loss = sum(i, j in 0..i: ((norm(Y[i] - Y[j]) - D[i, j]) / D[i, j])^2)
`,
};

/** Springs between points of the plane, each pair written out: a graph of scalars without loops. */
function layoutText({ points, first, second, length }: Extract<TaskData, { group: "layout" }>): string {
  const terms = Array.from(length, (rest, k) => {
    const [i, j] = [first[k]!, second[k]!];
    return `(sqrt((x[${i}] - x[${j}])^2 + (y[${i}] - y[${j}])^2 + 1) - ${rest})^2`;
  });
  return `model layout\nparam x: [${points}], y: [${points}]\nloss = ${terms.join(" +\n  ")}\n`;
}
