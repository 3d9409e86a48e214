import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { compileText } from "../../src/language/all.ts";

interface Dataset {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
}

export function readCase<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../cases/${name}`, import.meta.url), "utf8")) as Content;
}

/** Every column with mean 0 and deviation 1 over the rows. */
function standardised(X: Dataset["X"]): number[][] {
  const n = X.length;
  const columns = X[0]!.map((_, j) => {
    const mean = X.reduce((sum, row) => sum + row[j]!, 0) / n;
    return { mean, deviation: Math.sqrt(X.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / n) };
  });
  return X.map((row) => row.map((entry, j) => (entry - columns[j]!.mean) / columns[j]!.deviation));
}

/** Binary logistic regression on standardised features; the bias is not penalised. */
export function logisticRegression(lambda: number) {
  const { X, y } = readCase<Dataset>("datasets/breast_cancer.json");
  const text = `
param w: [d] = 0, b = 0
data X: [n, d], s: [n], lambda
loss = mean(softplus(-s*(X @ w + b))) + lambda/2*sum(w^2)`;
  return compileText(text).bind({ X: standardised(X), s: y.map((label) => 2 * label - 1), lambda });
}

/** Softmax regression with as many biases as classes, of which one too many. */
export function softmaxRegression(lambda: number) {
  const { X, y } = readCase<Dataset>("datasets/iris.json");
  const text = `
param W: [d, 3] = 0, b: [3] = 0
data X: [n, d], Y: [n, 3], lambda
let z = X @ W + b
loss = mean(i: logsumexp(z[i]) - dot(Y[i], z[i])) + lambda/2*sum(W^2)`;
  return compileText(text).bind({ X, Y: y.map((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0))), lambda });
}

/** Softmax regression on the first hundred images of each digit: pixels as stored, k/255 to three decimals. */
export function digitsRegression(lambda: number) {
  const bytes = gunzipSync(readFileSync(new URL("../cases/datasets/mnist1000.gz", import.meta.url)));
  const text = `
param W: [d, 10] = 0, b: [10] = 0
data X: [n, d], label: int[n] within 0..10, lambda
let z = X @ W + b
loss = mean(i: logsumexp(z[i]) - z[i, label[i]]) + lambda/2*sum(W^2)`;
  return compileText(text).bind({
    X: { data: Float64Array.from(bytes, (k) => Math.round((1000 * k) / 255) / 1000), shape: [1000, 784] },
    label: Int32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 100)),
    lambda,
  });
}

/** x'Ax/2 - b'x with A = H diag(lambdas) H, H a reflection along u_i = sin(i), and b_i = cos(i), i = 1, 2, ... */
export function quadraticOf(lambdas: readonly number[]) {
  const text = `
param x: [n] = 0
data u: [n], lambdas: [n], b: [n]
let y = x - 2*u*dot(u, x)/dot(u, u)
loss = sum(lambdas*y^2)/2 - dot(b, x)`;
  const along = (wave: (i: number) => number) => lambdas.map((_, i) => wave(i + 1));
  return compileText(text).bind({ u: along(Math.sin), lambdas, b: along(Math.cos) });
}
