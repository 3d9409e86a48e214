import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { expectClose, expectReference, type Reference } from "./references.ts";

/** Functions of z, or of p = q = sigmoid(z), with their first two derivatives at a point, from mpmath at 160 digits. */
const references: readonly (readonly [text: string, z: number, derivatives: readonly [number, number, number]])[] = [
  ["log1p(-sigmoid(z))", 42, [-42, -1, -5.74952226429356e-19]],
  ["log1p(-sigmoid(z))", -40, [-4.248354255291589e-18, -4.248354255291589e-18, -4.248354255291589e-18]],
  ["3 * log1p(-1 / (1 + exp(-z)))", 50, [-150, -3, -5.786249543891753e-22]],
  ["log1p(-tanh(z))", 12, [-23.306852819477808, -1.9999999999244973, -1.510053817597626e-10]],
  ["log1p(-tanh(z))", 30, [-59.30685281944005, -2, -3.502604305078608e-26]],
  ["log1p(-tanh(z)^2)", -12, [-22.61370563895561, 1.9999999998489946, -3.020107635195252e-10]],
  ["log1p(-tanh(z)^2)", 30, [-58.61370563888011, -2, -7.005208610157216e-26]],
  ["log1p(-erf(z))", 12, [-147.06071417798702, -24.08276442664215, -1.9931961897290107]],
  ["log1p(-normalCdf(z))", 12, [-75.4106730015688, -12.082214175254284, -0.9933292736641541]],
  ["log1p(-normalCdf(z))", -9, [-1.1285884059538405e-19, -1.0279773571668915e-18, -9.251796214502023e-18]],
  ["log1p(-sigmoid(z)^2)", 42, [-41.30685281944005, -1, -8.62428339644034e-19]],
  ["log1p(-sigmoid(z)^2)", -30, [-8.756510762694881e-27, -1.7513021525388124e-26, -3.5026043050771335e-26]],
  ["log(1 - (1 - sigmoid(z))^3)", -45, [-43.90138771133189, 1, -5.725037161098787e-20]],
  ["log(1 - (1 - sigmoid(z))^3)", 30, [-8.194012623988215e-40, 2.4582037871962347e-39, -7.374611361587784e-39]],
  ["log(1 - (if c then sigmoid(z) else 0))", 42, [-42, -1, -5.74952226429356e-19]],
  ["1 - (if c then tanh(z)^2 else 0)", 12, [1.510053817597626e-10, -3.0201076349672256e-10, 6.040215269022346e-10]],
  ["xlogy(3, sigmoid(z))", -800, [-2400, 3, 0]],
  ["xlogy(k, exp(z))", -800, [-1600, 2, 0]],
  ["xlog1py(3, -sigmoid(z))", 42, [-126, -3, -1.724856679288068e-18]],
  // in loops: what p is outside is not seen in a step
  [
    "scan(t in 0..2, c = 1: 1 - p[t] + p[t] * (1 - q[t]) * c)",
    42,
    [5.74952226429356e-19, -5.74952226429356e-19, 5.74952226429356e-19],
  ],
  [
    "scan(t in 0..2, c = 1: 1 - p[t] + p[t] * (1 - q[t]) * c)",
    -3,
    [0.9976491746028037, -0.004570644779674916, -0.008744643937440363],
  ],
  ["scan(t in 0..2, c = 0: c - log(q[t]) - log(1 - p[t]))", -800, [1600, -2, 0]],
  ["scan(t in 0..2, c = 0: c - log(q[t]) - log(1 - p[t]))", 42, [84, 2, 2.299808905717424e-18]],
];

/** Mixtures, and what is left of a term less its part, from mpmath at 480 digits. */
const mixtures: readonly Reference[] = [
  {
    name: "what is left of a guess that may be sure",
    text: "param c, a: [n], b\ndata y: bool[n]\nlet g = sigmoid(c)\nlet p = g + (1 - g)*sigmoid(a - b)\nloss = -sum(log(if y then p else 1 - p))",
    at: { c: -1.5, a: [60, 0.5, -0.25, -300], b: 0.125, y: [0, 1, 0, 1] },
    along: { c: 1, a: [-1, 0.5, 2, 1], b: -0.25 },
    loss: 62.90736639961343,
    gradient: {
      c: [-0.5438098516967406],
      a: [1, -0.2959228487529424, 0.4073334000459302, -2.0361526864596294e-130],
      b: [-1.111410551292988],
    },
    product: {
      c: [0.45858647234419736],
      a: [-7.441819968759433e-27, 0.18774943017569992, 0.5431790278191428, -5.090381716149074e-131],
      b: [-0.7309284579948429],
    },
  },
  {
    name: "what is left of a mixture",
    text: "param a, u: [n], v: [n]\nlet w = sigmoid(a)\nlet p = w*normalCdf(u) + (1 - w)*(1 - exp(-v))\nloss = sum(log(1 - p))",
    at: { a: 0.5, u: [9, 1, -3], v: [45, 2, 0.25] },
    along: { a: 1, u: [-1, 0.5, 2], v: [1, -0.5, 0.25] },
    loss: -45.94536867009454,
    gradient: {
      a: [0.3372094476234448],
      u: [-7.894104625752703, -1.005111201598929, -0.003012779221601381],
      v: [-0.13332770474975736, -0.34096914725560556, -0.3211157067656286],
    },
    product: {
      a: [0.7901588198620807],
      u: [-10.835059491056203, -0.17392461764347886, -0.019304142418226172],
      v: [1.283605706597888, -0.05900136071542656, 0.27056561058440265],
    },
  },
  {
    name: "what is left of answers that are guessed or missed",
    text: "param g, h, m, s\ndata x: [n], y: [n]\nlet p = g + (1 - g - h)*normalCdf((x - m)*exp(s))\nloss = -sum(y*log(p) + (1 - y)*log(1 - p))",
    at: { g: 0.125, h: 2 ** -40, m: 0.25, s: 1.5, x: [-1, 0.5, 9, 3], y: [0.25, 0.5, 0.75, 1] },
    along: { g: 0.5, h: 2 ** -40, m: -1, s: 0.25 },
    loss: 8.694511534362556,
    gradient: { g: [-0.6455786591298319], h: [-274877906945.541], m: [-3.1638003016748244], s: [0.790950486161229] },
    product: { g: [9.469014446650299], h: [274877906908.25272], m: [-12.77565216082841], s: [6.357717248456497] },
  },
  {
    name: "between two levels",
    text: "param e, z: [n]\ndata g: [n]\nlet p = g + (e - g)/(1 + exp(-z))\nloss = sum(log(1 - p))",
    at: { e: 0.9999999999999432, z: [36, 2, -3], g: [0.25, 0.125, 0] },
    along: { e: 2.842170943040401e-14, z: [-1, 0.5, 2] },
    loss: -32.80446696261531,
    gradient: { e: [-17538510996178.746], z: [-0.003051073249806877, -0.8807970779774025, -0.04742587317756395] },
    product: { e: [-8688988575476.653], z: [-0.004562646302746899, -0.05249679270175326, -0.09035331946182001] },
  },
  {
    name: "what an epidemic leaves",
    text: "param b, S: [n]\nlet new = S*(1 - exp(-b))\nloss = sum(new - log(S - new))",
    at: { b: 60, S: [0.75, 0.125] },
    along: { b: 1, S: [-1, 0.5] },
    loss: 123.24212361413161,
    gradient: { b: [2], S: [-0.3333333333333333, -7] },
    product: { b: [-1.2040202298707715e-26], S: [-1.7777777777777777, 32] },
  },
];

describe("what is left of a mixture", () => {
  it.each(mixtures)("keeps its digits: $name", (reference) => {
    expectReference(reference);
  });

  // more terms than a second look is taken at
  it("has a logarithm far beyond the least number, from mpmath at 600 digits", () => {
    const { loss, gradient, hvp } = compileText(
      "param g, a: [n]\ndata z: [n]\nlet p = g + (1 - g)*sigmoid(a)\nloss = -mean(z*log(p) + (1 - z)*log(1 - p))",
    );
    const tiled = (values: readonly number[]) => Array.from({ length: 1000 }, (_, k) => values[k % 4]!);
    const at = { g: 0.25, a: tiled([800, 0.5, -0.25, 1020]), z: tiled([1, 0, 1, 0]) };
    expectClose([loss(at)], [255.5242466783278], 1e-13);
    expectClose(gradient(at).g!, [0.4236652964172736], 1e-13);
    expectClose(hvp(at, { g: 1, a: tiled([-1, 0.5, 2, 1]) }).g!, [1.4929909612738403], 1e-13);
  });
});

describe("what is left of one, in arrays and loops", () => {
  it.each(references)("%s at z = %d", (text, v, [value, slope, curvature]) => {
    const model = compileText(`param v
data one: [n], c: bool[n], k: [n]
let p = sigmoid(v * one), q = sigmoid(v * one)
loss = mean(i in 0..n: { let z = v * one[i], c = c[i], k = k[i]; return ${text} })`);
    const at = { v, one: [1, 1], c: [1, 1], k: [2, 2] };
    expectClose([model.loss(at)], [value], 1e-13);
    expectClose(model.gradient(at).v!, [slope], 1e-13);
    expectClose(model.hvp(at, { v: 1 }).v!, [curvature], 1e-13);
    expect(Number.isFinite(model.loss(at))).toBe(true);
  });
});

describe("what is left of one, in loops over numbers", () => {
  it("has its digits beside powers of sums: what percolates through a store, from mpmath at 160 digits", () => {
    const model = compileText(`param s
data rain: [n]
loss = scan(r in rain, s = s, p = 0: {
  let lost = s * (1 - (1 + (s / 4)^4)^(-0.25))
  s = s - lost + r
  p = lost
}).p`);
    const at = { s: 0.01, rain: [0, 0] };
    const [value, slope, curvature] = [9.765624999284746e-14, 4.8828124993562704e-11, 1.953124999485016e-8] as const;
    expectClose([model.loss(at)], [value], 1e-13);
    expectClose(model.gradient(at).s!, [slope], 1e-13);
    expectClose(model.hvp(at, { s: 1 }).s!, [curvature], 1e-13);
  });
});
