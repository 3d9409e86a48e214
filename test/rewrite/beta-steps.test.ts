import { describe, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { expectClose, expectReference, type Reference } from "./references.ts";

/** Counts that vary more than chance has it. */
const betaBinomial = `param w: [d], lp
data X: [n, d], N: int[n], y: int[n]
let mu = sigmoid(X @ w), phi = exp(lp)
let a = mu * phi, b = (1 - mu) * phi
def lbeta(p, q) = lgamma(p) + lgamma(q) - lgamma(p + q)
loss = -sum(lbeta(y + a, N - y + b) - lbeta(a, b) + lgamma(N + 1) - lgamma(y + 1) - lgamma(N - y + 1))`;
const betaBinomialData = {
  X: [
    [-1.1722, 0.5973],
    [-0.3722, 1.1327],
    [-0.9379, 0.4661],
    [0.8481, 0.5289],
  ],
  N: [5, 10, 3, 0],
  y: [0, 10, 2, 0],
};

/** Counts that vary more than chance has it, and all but so. Values, gradients and products from mpmath. */
const references: readonly Reference[] = [
  {
    name: "a beta-binomial regression",
    text: betaBinomial,
    at: {
      w: [0.3, -0.5],
      lp: 1,
      ...betaBinomialData,
    },
    along: { w: [0.25, 0.794], lp: 0.551 },
    loss: 6.75109654236306,
    gradient: { w: [0.10223606371698311, -1.8027771389607496], lp: [2.00230721996097] },
    product: { w: [-0.1317595936761051, -0.3516139841075629], lp: [-0.21812620082328163] },
  },
  {
    name: "one that is nearly binomial",
    text: betaBinomial,
    at: {
      w: [0.3, -0.5],
      lp: 20,
      ...betaBinomialData,
    },
    along: { w: [-0.346, 0.975], lp: -0.363 },
    loss: 14.321407742323183,
    gradient: { w: [1.2819612402447236, -6.898020837026667], lp: [1.9279910618971682e-7] },
    product: { w: [-2.8430208358080122, 4.0394341020299205], lp: [-1.4739221085786702e-7] },
    within: 1e-7,
  },
];

describe("steps of logarithms of beta functions", () => {
  it.each(references)("keep their digits where both numbers are large: $name", (reference) => {
    expectReference(reference);
  });

  it("end in binomial probabilities", () => {
    const { text, at } = references[0]!;
    const { loss, gradient } = compileText(text);
    const binomial = { ...at, lp: 36 };
    expectClose([loss(binomial)], [14.321407935122272], 1e-14);
    expectClose(gradient(binomial).w!, [1.2819612988763414, -6.898021039172029], 1e-14);
  });
});
