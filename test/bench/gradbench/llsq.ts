import { gradientOf, lazily, lossOf, productOf } from "./models.ts";
import type { Eval } from "./tool.ts";

const model = lazily(
  "llsq",
  `size n
param x: [m]
let t = [i in 0..n: -1 + i * 2 / (n - 1)]
let power = [i in 0..n, j in 0..m: prod(k in 0..j: t[i])]
loss = 0.5 * sum(i in 0..n: (sign(t[i]) - sum(j in 0..m: x[j] * power[i, j]))^2)`,
);

interface Input {
  readonly x: readonly number[];
  readonly n: number;
}

/** Half the squared distance of a polynomial from the sign function, on n points. */
export const llsq: Eval<Input> = {
  primal: ({ x, n }) => lossOf(model().bind({}, { n }), Float64Array.from(x)),
  gradient: ({ x, n }) => gradientOf(model().bind({}, { n }), Float64Array.from(x)),
  hvp: ({ x, n }) => productOf(model().bind({}, { n }), Float64Array.from(x)),
};
