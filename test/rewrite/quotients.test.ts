import { describe, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { expectReference, type Reference } from "./references.ts";

// Quotients and powers in arrays: values, gradients and products from mpmath.

const vanishing: readonly Reference[] = [
  {
    name: "fixation of mutants, neutral ones too",
    text: "param s: [n], N\nloss = sum((1 - exp(-2 * s)) / (1 - exp(-4 * N * s)))",
    at: { s: [0.0, 1e-13, -1e-8, 2e-5, -0.001, 0.05, 0.7, -0.4], N: 100.0 },
    along: { s: [1.0, -0.7, 0.4, 1.3, -0.2, 0.9, 0.5, -1.1], N: 1.0 },
    loss: 0.8726560933014802,
    gradient: {
      s: [
        0.995, 0.995000000013134, 0.9949986865999803, 0.9976267151106779, 0.86416977250481, 1.8096747613440565,
        0.493193927883213, 1.582374860021009e-67,
      ],
      N: [-0.0002493867776164716],
    },
    product: {
      s: [
        131.34005, -91.93794999997213, 52.53605157062202, 170.73067138748522, -25.92523257988965, -3.2573891382582416,
        -0.493193927883213, -6.924129548428076e-65,
      ],
      N: [0.00039249402175867354],
    },
  },
  {
    name: "logarithms of fixation, by a coefficient of 0",
    text: "param b, N\ndata x: [n]\nloss = mean(i: log((1 - exp(-2 * b * x[i])) / (1 - exp(-4 * N * b * x[i]))))",
    at: { b: 0.0, N: 100.0, x: [1.0, -0.5, 1e-9, 0.002] },
    along: { b: 1.0, N: -0.7 },
    loss: -5.298317366548036,
    gradient: { b: [24.97450004975], N: [-0.01] },
    product: { b: [-4166.75153300035], N: [0.25093000050000003] },
  },
];

const growing: readonly Reference[] = [
  {
    name: "adsorption where a power overflows",
    text: "param q, K, t\ndata p: [n]\nloss = sum((q * K * p / (1 + (K * p)^t)^(1 / t) - 1)^2)",
    at: { q: 2.0, K: 1e100, t: 5.0, p: [0.0, 0.5, 2.0] },
    along: { q: 1.0, K: -7e99, t: 0.4 },
    loss: 3.0,
    gradient: { q: [4.0], K: [0.0], t: [0.0] },
    product: { q: [4.0], K: [0.0], t: [0] },
  },
  {
    name: "adsorption at high pressure",
    text: "param q, K, t\ndata p: [n]\nloss = mean(i: (q * p[i] / (K + p[i]^t)^(1 / t) - 1)^2)",
    at: { q: 2.0, K: 0.5, t: 5.0, p: [0.001, 0.5, 2.0, 1e80] },
    along: { q: 1.0, K: -0.7, t: 0.4 },
    loss: 0.7503126107601374,
    gradient: { q: [1.0330525854351602], K: [-0.03444597374809499], t: [0.0014471545300347242] },
    product: { q: [1.258258871964632], K: [-0.2476447273696084], t: [-0.01306316304326668] },
  },
];

/** Parameters in exponents, at 0. */
const powers: readonly Reference[] = [
  {
    name: "extreme values of shape 0",
    text: "param k, s\ndata x: [n]\nloss = sum((1 + k * x / s)^(-1 / k) + (1 / k + 1) * log(1 + k * x / s)) + n * log(s)",
    at: { k: 0.0, s: 1.3, x: [0.5, -0.3, 1.7] },
    along: { k: 1.0, s: -0.7 },
    loss: 4.45935562657197,
    gradient: { k: [0.8210416570864434], s: [1.4332777995819108] },
    product: { k: [-0.6789024582808708], s: [0.1425436458276744] },
  },
  {
    name: "an exponential of Tsallis, one by one",
    text: "param k, s\ndata x: [n]\nloss = mean(i: (1 - k * x[i] * s)^(1 / k))",
    at: { k: 0.0, s: 1.3, x: [0.5, -0.3, 1.7] },
    along: { k: 1.0, s: -0.7 },
    loss: 0.7029090730530567,
    gradient: { k: [-0.16350034280761475], s: [-0.0014732508973615453] },
    product: { k: [0.01797099571420435], s: [-0.22802827151289062] },
  },
  {
    name: "production where inputs replace each other by the same shares",
    text: "param a, r\ndata K: [n], L: [n]\nloss = sum(((a * K^(-r) + (1 - a) * L^(-r))^(-1 / r) - 1)^2)",
    at: { a: 0.3, r: 0.0, K: [3.0, 0.5, 1.7], L: [2.0, 1.1, 1.6] },
    along: { a: 1.0, r: -0.7 },
    loss: 1.9977588462086535,
    gradient: { a: [2.6101524964590856], r: [-0.08401474662473948] },
    product: { a: [3.5784056111242264], r: [-0.22234639407140716] },
  },
];

const engines = [javaScriptEngine, closureEngine, webAssembly({ use: "always" })];

describe("quotients of exponentials less one", () => {
  it.each(vanishing)("have their limit where a factor of both exponents is 0: $name", (reference) => {
    for (const engine of engines) expectReference(reference, engine);
  });
});

describe("quotients by the root of a sum with a power", () => {
  it.each(growing)("have their limit where the power overflows: $name", (reference) => {
    for (const engine of engines) expectReference(reference, engine);
  });
});

describe("powers of what comes to 1 where the exponent is divided by 0", () => {
  it.each(powers)("have their limit: $name", (reference) => {
    for (const engine of engines) expectReference(reference, engine);
  });
});
