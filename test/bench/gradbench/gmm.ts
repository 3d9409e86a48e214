import { lazily, lossOf, packed, productOf, rowsOf } from "./models.ts";
import type { Eval } from "./tool.ts";

const model = lazily(
  "gmm",
  `size n ~ 1000, k ~ 25, d ~ 10
param alpha: [k], mu: [k, d], q: [k, d], l: [k, d*(d-1)//2]
data x: [n, d], m: int, gamma
# lower triangular, its columns below the diagonal one after the other
let L = [c in 0..k, i in 0..d, j in 0..d:
  if i == j then exp(q[c, i])
  else if i > j then l[c, d*j - j*(j+1)//2 + i - j - 1]
  else 0]
let z = [s in 0..n, c in 0..k, i in 0..d: sum(j in 0..i+1: L[c, i, j] * (x[s, j] - mu[c, j]))]
let score = [s, c: alpha[c] + sum(q[c]) - 0.5 * sum(i: z[s, c, i]^2)]
let freedom = d + m + 1
let logGamma = 0.25 * d * (d - 1) * log(pi) + sum(j in 0..d: lgamma((freedom - j) / 2))
let prior = k * (freedom * d * log(gamma / sqrt(2)) - logGamma)
  - 0.5 * gamma^2 * (sum(exp(2 * q)) + sum(l^2)) + m * sum(q)
loss = sum(s: logsumexp(score[s])) - n * (0.5 * d * log(2 * pi) + logsumexp(alpha)) + prior`,
);

interface Input {
  readonly d: number;
  readonly k: number;
  readonly n: number;
  readonly x: readonly (readonly number[])[];
  readonly m: number;
  readonly gamma: number;
  readonly alpha: readonly number[];
  readonly mu: readonly (readonly number[])[];
  readonly q: readonly (readonly number[])[];
  readonly l: readonly (readonly number[])[];
}

const bound = ({ x, m, gamma, d }: Input) => model().bind({ x, m, gamma }, { d });
const pointOf = ({ alpha, mu, q, l }: Input) => packed(alpha, mu, q, l);

/** The log posterior of a Gaussian mixture under a Wishart prior. */
export const gmm: Eval<Input> = {
  objective: (input) => lossOf(bound(input), pointOf(input)),
  jacobian: (input) => {
    const model = bound(input);
    const x = pointOf(input);
    const g = new Float64Array(x.length);
    const { d } = input;
    return {
      run: () => model.flat.gradient(x, g),
      output: () => {
        const { alpha, mu, q, l } = model.unpack(g) as Record<"alpha" | "mu" | "q" | "l", Float64Array>;
        const triangle = (d * (d - 1)) / 2;
        return {
          alpha: Array.from(alpha),
          mu: rowsOf(mu, d),
          q: rowsOf(q, d),
          l: triangle === 0 ? input.l : rowsOf(l, triangle),
        };
      },
    };
  },
  hvp: (input) => productOf(bound(input), pointOf(input)),
};
