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

const inArrays: readonly Reference[] = [
  {
    name: "logarithmic mean of what is nearly equal",
    text: "param a: [n], b: [n]\nloss = sum(i: (a[i] - b[i]) / log(a[i] / b[i]))",
    at: { a: [3.0, 2.0, 1.5, 4.0], b: [3.0, 2.000000001, 0.2, 40.0] },
    along: { a: [1.0, -0.7, 0.4, 1.3], b: [0.5, 0.3, -1.1, 0.2] },
    loss: 21.279793691649086,
    gradient: {
      a: [0.5, 0.5000000000833333, 0.28282838715745456, 1.2632107912012736],
      b: [0.5, 0.49999999991666666, 1.1047488094791982, 0.2645439545927993],
    },
    product: {
      a: [-0.027777777777777776, 0.08333333334166666, -0.3878836549542066, -0.19209418268986161],
      b: [0.027777777777777776, -0.08333333329999999, 2.9091274121565496, 0.019209418268986162],
    },
  },
  {
    name: "rate of a logarithm",
    text: "param a: [n], b: [n]\nloss = sum(i: log(a[i] / b[i]) / (a[i] - b[i]))",
    at: { a: [3.0, 2.0, 1.5, 4.0], b: [3.0, 2.000000001, 0.2, 40.0] },
    along: { a: [1.0, -0.7, 0.4, 1.3], b: [0.5, 0.3, -1.1, 0.2] },
    loss: 2.4472194306530723,
    gradient: {
      a: [-0.05555555555555555, -0.12499999995833333, -0.6794297951926616, -0.0051677584158996565],
      b: [-0.05555555555555555, -0.12499999991666666, -2.6539035381406717, -0.001082241584100344],
    },
    product: {
      a: [0.030864197530864196, -0.04583333332083333, -1.389350045281892, 0.0019064147634727988],
      b: [0.024691358024691357, -0.004166666672916666, -16.055094399162552, 0.0001560852365272012],
    },
  },
  {
    name: "product of a sum whose parts overflow and vanish",
    text: "param x: [n]\ndata w: [n]\nloss = sum(i: w[i] * exp(x[i]^2) * erfc(x[i]))",
    at: { x: [30.0, 0.5, 28.0], w: [2.0, 0.001, -1.0] },
    along: { x: [1.0, -0.7, 0.4] },
    loss: 0.018070666102812154,
    gradient: { x: [-0.0012516708210149681, -0.0005126888229025868, 0.0007182570995130745] },
    product: { x: [8.330618476891775e-5, -0.0005030843058382855, -2.0482542278554602e-5] },
  },
  {
    name: "logarithm of a power that vanishes",
    text: "param p: [n], k: [n]\nloss = sum(i: log(p[i]^k[i]))",
    at: { p: [0.3, 0.6, 0.01], k: [2000.0, 3.0, 0.5] },
    along: { p: [1.0, -0.7, 0.4], k: [0.3, 0.5, 0.7] },
    loss: -2411.780670616164,
    gradient: { p: [6666.666666666667, 5.0, 50.0], k: [-1.2039728043259361, -0.5108256237659907, -4.605170185988091] },
    product: {
      p: [-22221.222222222223, 6.666666666666667, -1930.0],
      k: [3.3333333333333335, -1.1666666666666667, 40.0],
    },
  },
  {
    name: "heat of an oscillator that is cold",
    text: "param T: [n]\nloss = sum(i: (1 / T[i])^2 * exp(1 / T[i]) / (exp(1 / T[i]) - 1)^2)",
    at: { T: [0.001, 0.5, 3.0, 100.0] },
    along: { T: [1.0, -0.7, 0.4, 1.3] },
    loss: 2.7148452828142555,
    gradient: { T: [0.0, 0.906627395038836, 0.006104703677439519, 1.666650000099206e-7] },
    product: { T: [0.0, 2.8627585665318507, -0.0024238316355476427, -6.499891667569439e-9] },
  },
  {
    name: "logarithm of an expected improvement",
    text: "param x: [n]\nloss = sum(i: log(x[i] * normalCdf(x[i]) + normalPdf(x[i])))",
    at: { x: [-40.0, -3.0, -1.0, 0.5, 5.0] },
    along: { x: [1.0, -0.7, 0.4, 1.3, 0.2] },
    loss: -817.4037652025543,
    gradient: {
      x: [40.04990665764852, 3.5323375176251606, 1.9042712333296918, 0.9909227180041099, 0.19999994053122006],
    },
    product: {
      x: [-0.9987569804183741, 0.6162770498827597, -0.28879107870291754, -0.6206059496763202, -0.007999935773718358],
    },
  },
  {
    name: "powers less one over the step",
    text: "param x: [n]\nloss = sum(i: ((1 + x[i])^0.3 - 1) / x[i] + (1 / sqrt(1 + x[i]) - 1) / x[i])",
    at: { x: [0.0, 1e-9, 0.7, -0.5] },
    along: { x: [1.0, -0.7, 0.4, 1.3] },
    loss: -0.9393263270173577,
    gradient: { x: [0.27, 0.269999999494, 0.09676947862761472, 0.9478604142013852] },
    product: { x: [-0.506, 0.35419999902024496, -0.045544482240102636, -4.328032399020921] },
  },
  {
    name: "power of one and a square, less one",
    text: "param x: [n]\nloss = sum(i: ((1 + x[i]^2)^0.3 - 1) / x[i]^2)",
    at: { x: [0.0, 1e-5, 0.7, -0.5] },
    along: { x: [1.0, -0.7, 0.4, 1.3] },
    loss: 1.1362913617914676,
    gradient: { x: [0.0, -2.099999999762e-6, -0.09263859587225376, 0.08128838386746792] },
    product: { x: [-0.21, 0.14699999995002, -0.011768822582397639, -0.11321728307559173] },
  },
];

const gaps: readonly Reference[] = [
  {
    name: "a gap between roots of sums",
    text: "param x\nloss = (3 - sqrt(5 + x)) / (1 - sqrt(5 - x))",
    at: { x: 4.0 },
    along: { x: 1.0 },
    loss: -0.3333333333333333,
    gradient: { x: [0.09259259259259259] },
    product: { x: [0.0360082304526749] },
  },
  {
    name: "a gap between roots",
    text: "param x\nloss = (2 - sqrt(x)) / (4 - x)",
    at: { x: 4.0 },
    along: { x: 1.0 },
    loss: 0.25,
    gradient: { x: [-0.015625] },
    product: { x: [0.00390625] },
  },
  {
    name: "a gap of a power whose exponents are rounded",
    text: "param x\nloss = ((1 + sin(x))^0.3 - 1) / x",
    at: { x: 0.0 },
    along: { x: 1.0 },
    loss: 0.3,
    gradient: { x: [-0.105] },
    product: { x: [0.019000000000000003] },
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

describe("formulas in arrays", () => {
  it.each(inArrays)("keep the digits and the range that they have as formulas of numbers: $name", (reference) => {
    for (const engine of engines) expectReference(reference, engine);
  });
});

describe("roots of sums over what is 0 where they are", () => {
  it.each(gaps)("have the value that points around lead to: $name", (reference) => expectReference(reference));
});
