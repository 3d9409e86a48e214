import { gradientOf, lazily, lossOf, productOf } from "./models.ts";
import type { Eval } from "./tool.ts";

const model = lazily(
  "lse",
  `param x: [n]
let a = max(x)
loss = a + log(sum(exp(x - a)))`,
);

interface Input {
  readonly x: readonly number[];
}

/** log sum exp, by the largest element and a sum. */
export const lse: Eval<Input> = {
  primal: ({ x }) => lossOf(model().bind(), Float64Array.from(x)),
  gradient: ({ x }) => gradientOf(model().bind(), Float64Array.from(x)),
  hvp: ({ x }) => productOf(model().bind(), Float64Array.from(x)),
};
