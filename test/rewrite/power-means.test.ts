import { describe, it } from "vitest";
import { expectReference, type Reference } from "./references.ts";

/** Tails, steps and means of powers near a limit, in arrays. Values, gradients and products from mpmath at 400 digits. */
const references: readonly Reference[] = [
  {
    name: "Mills' ratio",
    text: "param b\ndata x: [n]\nloss = mean((1 - normalCdf(b*x))/normalPdf(b*x))",
    at: { b: 2.0, x: [-1.5, 0.1, 15.0] },
    along: { b: -0.836 },
    loss: 75.48137909311228,
    gradient: { b: [338.47064682233105] },
    product: { b: [-1414.7379739361447] },
  },
  {
    name: "inverse of Mills' ratio beyond its asymptote",
    text: "param b\ndata x: [n]\nloss = mean(normalPdf(b*x)/normalCdf(b*x) + b*x)",
    at: { b: 2.0, x: [-150.0, 0.1, 2.0] },
    along: { b: 0.214 },
    loss: 1.6261800911727116,
    gradient: { b: [0.6793962964973526] },
    product: { b: [0.0008634151466749924] },
  },
  {
    name: "exponential beside the tail that it outgrows",
    text: "param a\ndata x: [n]\nloss = mean(erfc(a*x)*exp(a^2*x^2/2))",
    at: { a: 30.0, x: [0.01, 1.0, 0.9] },
    along: { a: 0.398 },
    loss: 0.23409170466764972,
    gradient: { a: [-0.0028934836936511865] },
    product: { a: [1.0155366331891981e-5] },
  },
  {
    name: "first passage",
    text: "param l, m\ndata x: [n]\nloss = mean(exp(2*l/m)*normalCdf(-sqrt(l/x)*(x/m + 1)))",
    at: { l: 2000.0, m: 1.1, x: [0.7, 1.0, 1.9] },
    along: { l: 0.368, m: -0.063 },
    loss: 4.0103017316296605e-7,
    gradient: { l: [-1.7573795297151853e-9], m: [-6.008642240631236e-5] },
    product: { l: [-1.4687394425525516e-8], m: [-0.0005394628547958673] },
  },
  {
    name: "half steps of log gamma far out",
    text: "param v\ndata x: [n]\nloss = mean(lgamma((v + 1)/2) - lgamma(v/2) - 0.5*log(v) - (v + 1)/2*log(1 + x^2/v))",
    at: { v: 100000000000.0, x: [0.1, -1.0, 2.5] },
    along: { v: -0.013 },
    loss: -1.5565735902611872,
    gradient: { v: [-1.8785499997943924e-22] },
    product: { v: [-4.884229999198131e-35] },
    // the means of what is 1e11 times as large cancel
    within: 1e-5,
  },
  {
    name: "production with constant elasticity near Cobb and Douglas'",
    text: "param a, r\ndata k: [n], l: [n]\nloss = mean((a*k^r + (1 - a)*l^r)^(1/r))",
    at: { a: 0.3, r: 1e-9, k: [2.0, 0.1], l: [3.0, 5.0] },
    along: { a: -0.295, r: -0.716 },
    loss: 2.101324977986083,
    gradient: { a: [-3.5630171061184246], r: [1.2652695081633647] },
    product: { a: [-1.7939252321932737], r: [0.2255678448802101] },
  },
  {
    name: "copula of Clayton near independence",
    text: "param h\ndata u: [n], v: [n]\nloss = mean(log(1 + h) - (1 + h)*log(u*v) - (2 + 1/h)*log(u^(-h) + v^(-h) - 1))",
    at: { h: 1e-9, u: [0.2, 0.95], v: [0.9, 0.05] },
    along: { h: -0.473 },
    loss: -1.2192959054897476e-9,
    gradient: { h: [-1.2192959058562627] },
    product: { h: [0.34672333755053886] },
    // logarithms of ordinary size cancel to 1e-9
    within: 1e-6,
  },
  {
    name: "mean of powers near the geometric one",
    text: "param x: [n], p\nloss = mean(x^p)^(1/p)",
    at: { x: [0.3, 1.7, 4.0], p: 1e-9 },
    along: { x: [0.156, -0.227, 0.64], p: -0.954 },
    loss: 1.2682651418133324,
    gradient: { x: [1.4091834888721917, 0.2486794396440993, 0.10568876193917649], p: [0.7363328495818573] },
    product: { x: [0.6814656699673975, -0.12873910041484676, -0.1720111921965179], p: [-0.333804598658711] },
  },
  {
    name: "log of a mean of powers in rows",
    text: "param X: [n, d], p\nloss = sum(log(mean(X^p, axis = 1)) / p)",
    at: {
      X: [
        [0.3, 1.7],
        [4.0, 0.2],
      ],
      p: -1e-8,
    },
    along: {
      X: [
        [0.92, 0.497],
        [-0.499, -0.959],
      ],
      p: -0.203,
    },
    loss: -0.44824406726805355,
    gradient: {
      X: [1.6666666811216755, 0.29411764450793965, 0.12499999812766732, 2.5000000374466533],
      p: [1.497906584520812],
    },
    product: {
      X: [-4.817674500022599, -0.1377690976150636, -0.022414606373196005, 12.747667302349152],
      p: [2.2946227779045616],
    },
  },
];

describe("functions of arrays near a limit", () => {
  it.each(references)("keep their digits: $name", (reference) => {
    expectReference(reference);
  });
});
