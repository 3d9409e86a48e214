import { describe, it } from "vitest";
import { expectReference, type Reference } from "./references.ts";

/** Classes between thresholds that grow. */
const thresholds = `param w: [d], c0, dc: [k]
data X: [n, d], y: int[n]
let cut = c0 + concat([0], cumsum(exp(dc)))
let eta = X @ w
let p = [i: if y[i] == 0 then normalCdf(cut[0] - eta[i])
            else if y[i] == k + 1 then normalCdf(eta[i] - cut[k])
            else normalCdf(cut[y[i]] - eta[i]) - normalCdf(cut[y[i] - 1] - eta[i])]
loss = -sum(log(p))`;
const thresholdsData = {
  X: [
    [0.6153, -1.1577],
    [1.252, 0.6115],
    [0.1605, -0.6109],
    [0.3166, -0.3018],
    [0.2725, -0.5474],
    [-1.1235, 0.2837],
  ],
  y: [0, 1, 2, 3, 1, 2],
};

/** Counts with more zeros than chance has. */
const moreZeros = `param b: [d], g: [d]
data X: [n, d], y: int[n]
let lambda = exp(X @ b), inflate = sigmoid(X @ g)
let p = [i: if y[i] == 0 then inflate[i] + (1 - inflate[i]) * exp(-lambda[i])
            else (1 - inflate[i]) * exp(y[i] * log(lambda[i]) - lambda[i] - lgamma(y[i] + 1))]
loss = -sum(log(p))`;
const moreZerosData = {
  X: [
    [-0.6439, 0.0964],
    [-1.0009, 0.2436],
    [-0.9847, -0.0618],
    [0.4692, -0.8786],
    [1.1159, 1.129],
  ],
  y: [0, 0, 3, 1, 12],
};

/** Shares above thresholds, 1 and 0 beyond the first and the last, in several spellings. */
const declared = "param t: [n], c: [k]\ndata y: int[n] within 0..k+1\n";
const answers: Readonly<Record<string, (share: string) => string>> = {
  "by definitions": (share) => `${declared}def up(i) = if y[i] == 0 then 1 else ${share}(t[i] - c[y[i]-1])
def down(i) = if y[i] == k then 0 else ${share}(t[i] - c[y[i]])
loss = -sum(i: log(up(i) - down(i)))`,
  "by a table of shares": (share) =>
    `${declared}let S = [i in 0..n, j in 0..k+2: if j == 0 then 1 else if j == k+1 then 0 else ${share}(t[i] - c[j-1])]
loss = -sum(i: log(S[i, y[i]] - S[i, y[i]+1]))`,
  "by a table of classes": (share) => `${declared}let P = [i, j in 0..k+1:
  (if j == 0 then 1 else ${share}(t[i] - c[j-1])) - (if j == k then 0 else ${share}(t[i] - c[j]))]
loss = -sum(i: log(P[i, y[i]]))`,
};
const answersData = { c: [-1.3, 0.4, 1.1], y: [0, 1, 2, 3, 2, 1] };
const alongAnswers = { t: [0.3, -0.2, 0.5, 0.1, -0.7, 0.4], c: [0.2, -0.5, 0.3] };
const answersBy = (share: string, values: Omit<Reference, "name" | "text" | "along">): Reference[] =>
  Object.entries(answers).map(([name, textOf]) => ({
    name: `${share} above thresholds, ${name}`,
    text: textOf(share),
    along: alongAnswers,
    ...values,
  }));

/** Probabilities that are chosen by the outcome, of which logarithms are taken. Values, gradients and products from mpmath. */
const references: readonly Reference[] = [
  {
    name: "classes between thresholds, far out",
    text: thresholds,
    at: {
      w: [4.5, -6],
      c0: -0.5,
      dc: [0.1, -0.2],
      ...thresholdsData,
    },
    along: { w: [-0.346, 0.975], c0: -0.363, dc: [0.577, 0.74] },
    loss: 104.54094055185824,
    gradient: {
      w: [18.55279925675062, -17.196688818632616],
      c0: [-11.81268074121389],
      dc: [-1.9565947376143724, -2.7486389533365383],
    },
    product: {
      w: [-1.529313869170133, 2.611077162242792],
      c0: [3.0213537227517944],
      dc: [1.6524296485674963, -0.4084178839776096],
    },
  },
  {
    name: "classes between thresholds, where probabilities underflow",
    text: thresholds,
    at: {
      w: [12, -16],
      c0: -0.5,
      dc: [0, 0.3],
      ...thresholdsData,
    },
    along: { w: [0.74, -0.426], c0: 0.206, dc: [0.555, 0.432] },
    loss: 663.5215627658276,
    gradient: {
      w: [48.07568791033229, -45.305143764537355],
      c0: [-34.364695065708695],
      dc: [-7.946478449245535, -13.431192701015956],
    },
    product: {
      w: [2.0334602641663126, -0.6309888841746234],
      c0: [2.3266339446073823],
      dc: [-1.2596850313368444, -4.512109361188099],
    },
  },
  {
    name: "counts with more zeros than chance has, rare",
    text: moreZeros,
    at: {
      b: [0.3, 0.5],
      g: [40, -80],
      ...moreZerosData,
    },
    along: { b: [0.74, -0.426], g: [0.206, 0.555] },
    loss: 106.94409168585703,
    gradient: { b: [-9.919979880816783, -10.118388060614203], g: [0.4692000000000015, -0.8786000000000005] },
    product: { b: [2.6912355402842136, 0.3025929478861814], g: [-1.9454099080706137e-15, 3.4581753015733527e-16] },
  },
  {
    name: "counts with more zeros than chance has, never",
    text: moreZeros,
    at: {
      b: [0.3, 0.5],
      g: [-200, 400],
      ...moreZerosData,
    },
    along: { b: [0.912, -0.585], g: [0.657, -0.701] },
    loss: 416.8264942887127,
    gradient: { b: [-8.525673269183281, -10.405562085016916], g: [0.13119999999999987, 1.0672] },
    product: { b: [1.9200622820711293, 0.415759631639768], g: [7.711886123625756e-75, -9.517149388567828e-76] },
  },
  ...answersBy("sigmoid", {
    at: { t: [40, -30, -25, -60, 60, 33], ...answersData },
    loss: 249.77613979696602,
    gradient: {
      t: [1, -0.9999999999995939, -0.9999999999860677, -1, 1, 0.9999999999999918],
      c: [0.44703252516931247, 1.5258352020899066, -1.9728677272735493],
    },
    product: {
      c: [0.3828660951147405, -3.5180431046587826, 3.13517700953392],
    },
  }),
  ...answersBy("normalCdf", {
    at: { t: [40 / 3, -10, -25 / 3, -20, 20, 11], ...answersData },
    loss: 661.3599282602055,
    gradient: {
      t: [
        14.701046609492208, -8.812088380423873, -8.843900790489258, -21.14718281364547, 18.95261692872957,
        10.692730562782637,
      ],
      c: [-5.888957407451878, -1.8334575094793113, 2.179192800485375],
    },
    product: {
      t: [
        0.09954560288930098, -0.3950927475659026, 0.9813535775893204, -0.19955671716456894, -0.997233345344449,
        0.8923886457301938,
      ],
      c: [0.2955526236994155, -1.9811053979902258, 1.3041477581569156],
    },
  }),
];

describe("logarithms of choices", () => {
  it.each(references)("have values and derivatives where the sides have: $name", (reference) => {
    expectReference(reference);
  });
});
