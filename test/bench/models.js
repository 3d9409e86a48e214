/** The models of the tasks as a user writes them. */
export const modelTexts = {
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
};
