import { describe, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { expectReference, type Reference } from "./references.ts";

/** Log-likelihoods of counts, whose gamma functions nearly cancel. Values, gradients and products from mpmath at 80 digits. */
const references: readonly Reference[] = [
  {
    name: "a dispersion that counts",
    text: "param b, alpha\ndata x: [n], y: [n]\nlet mu = exp(b*x)\nloss = -sum(lgamma(y + 1/alpha) - lgamma(1/alpha) - lgamma(y + 1) + y*log(alpha*mu/(1 + alpha*mu)) - log(1 + alpha*mu)/alpha)",
    at: { b: 0.7, alpha: 0.001, y: [0, 1, 3, 7], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2, alpha: 1 },
    loss: 8.521243934788368,
    gradient: { b: [-6.659341649586498], alpha: [-5.873473009094259] },
    product: { b: [4.496300578497067], alpha: [24.252216000359617] },
  },
  {
    name: "negative binomial counts, by their dispersion",
    text: "param b, alpha\ndata x: [n], y: [n]\nlet mu = exp(b*x)\nloss = -sum(lgamma(y + 1/alpha) - lgamma(1/alpha) - lgamma(y + 1) + y*log(alpha*mu/(1 + alpha*mu)) - log(1 + alpha*mu)/alpha)",
    at: { b: 0.7, alpha: 1e-7, y: [0, 1, 3, 7], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2, alpha: 1 },
    loss: 8.52714527260204,
    gradient: { b: [-6.675592234545991], alpha: [-5.930502447577282] },
    product: { b: [4.58968139959492], alpha: [24.811094971472855] },
  },
  {
    name: "the same by its reciprocal",
    text: "param b, alpha\ndata x: [n], y: [n]\nlet mu = exp(b*x)\nlet r = 1/alpha\nloss = -sum(lgamma(y + r) - lgamma(r) - lgamma(y + 1) + y*log(mu/(r + mu)) - r*log1p(mu/r))",
    at: { b: 0.7, alpha: 1e-9, y: [0, 1, 3, 7], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2, alpha: 1 },
    loss: 8.527145859722063,
    gradient: { b: [-6.675593847426968], alpha: [-5.930508129640405] },
    product: { b: [4.589690687452984], alpha: [24.811150863046432] },
  },
  {
    name: "the same in index notation, by the logarithm of the mean",
    text: "param b, alpha\ndata x: [n], y: [n]\nloss = -sum(i: lgamma(y[i] + 1/alpha) - lgamma(1/alpha) - lgamma(y[i] + 1) - (y[i] + 1/alpha)*log(1 + alpha*exp(b*x[i])) + y[i]*(log(alpha) + b*x[i]))",
    at: { b: 0.7, alpha: 1e-12, y: [0, 1, 3, 7], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2, alpha: 1 },
    loss: 8.527145865646641,
    gradient: { b: [-6.675593863702407], alpha: [-5.930508186977623] },
    product: { b: [4.589690781175958], alpha: [24.81115142704379] },
  },
  {
    name: "the same, the total by its parameter",
    text: "param b, M\ndata x: [n], k: [n], N: [n]\nlet mu = 1/(1 + exp(-b*x))\nlet A = mu*M\nlet B = (1 - mu)*M\nloss = -sum(i: lgamma(k[i] + A[i]) - lgamma(A[i]) + lgamma(N[i] - k[i] + B[i]) - lgamma(B[i]) - lgamma(N[i] + M) + lgamma(M))",
    at: { b: 0.7, M: 10000000, k: [0, 2, 5, 3], N: [4, 4, 9, 3], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2 },
    loss: 13.104162824342916,
    gradient: { b: [-0.015864084772065485] },
    product: { b: [-5.71470976863235] },
  },
  {
    name: "beta-binomial counts, by their share and how alike they are",
    text: "param a, r\ndata k: [n], N: [n]\nlet mu = sigmoid(a)\nlet rho = sigmoid(r)\nlet A = mu*(1 - rho)/rho\nlet B = (1 - mu)*(1 - rho)/rho\nloss = -sum(lgamma(k + A) + lgamma(N - k + B) - lgamma(N + A + B) + lgamma(A + B) - lgamma(A) - lgamma(B))",
    at: { a: 0.25, r: -20, k: [0, 2, 5, 3], N: [4, 4, 9, 3] },
    along: { a: 0, r: 1 },
    loss: 14.018788390165907,
    gradient: { a: [1.2435300057836978], r: [-7.410963020108706e-9] },
    product: { a: [-1.1932264234325114e-8], r: [-7.410962900325718e-9] },
    // what is left of slopes in r is a share of 1e-9
    within: 2e-6,
  },
  {
    name: "beta-binomial counts, by their share and the size of what they are drawn from",
    text: "param p, s\ndata k: [n], N: [n]\nlet A = p*s\nlet B = (1 - p)*s\nloss = -sum(lgamma(k + A) + lgamma(N - k + B) - lgamma(N + A + B) - lgamma(A) - lgamma(B) + lgamma(A + B))",
    at: { p: 0.375, s: 10000000000, k: [0, 2, 5, 3], N: [4, 4, 9, 3] },
    along: { p: 1, s: 0 },
    loss: 14.508328821861285,
    gradient: { p: [-10.66666666003911], s: [7.133333324009334e-20] },
    product: { p: [96.71111104736522], s: [-6.627555544277902e-19] },
    within: 2e-6,
  },
  {
    name: "counts that are hardly more scattered than binomial ones",
    text: "param b, M\ndata x: [n], k: [n], N: [n]\nlet mu = sigmoid(b*x)\nlet A = mu*M\nlet B = (1 - mu)*M\nloss = -sum(lgamma(k + A) + lgamma(N - k + B) - lgamma(N + A + B) + lgamma(A + B) - lgamma(A) - lgamma(B))",
    at: { b: 0.7, M: 10000000000, k: [0, 2, 5, 3], N: [4, 4, 9, 3], x: [0.1, -0.4, 0.9, 1.3] },
    along: { b: -2 },
    loss: 13.104163055423145,
    gradient: { b: [-0.015863620600186035] },
    product: { b: [-5.714712940845388] },
  },
];

describe("sums of logarithms of gamma functions", () => {
  it.each(references)("keep value and slopes: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine]) expectReference(reference, engine);
  });
});
