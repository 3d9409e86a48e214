import { lazily, lossOf, packed, rowsOf } from "./models.ts";
import type { Eval } from "./tool.ts";

const model = lazily(
  "kmeans",
  `param centroids: [k, d]
data points: [n, d]
loss = sum(i: min(j: sum(l: (centroids[j, l] - points[i, l])^2)))`,
);

interface Input {
  readonly points: readonly (readonly number[])[];
  readonly centroids: readonly (readonly number[])[];
}

const bound = ({ points, centroids }: Input) => model().bind({ points }, { k: centroids.length });

/** Squared distances to the nearest centroid; `dir` is the gradient over the Hessian, which is diagonal. */
export const kmeans: Eval<Input> = {
  cost: (input) => lossOf(bound(input), packed(input.centroids)),
  dir: (input) => {
    const { flat } = bound(input);
    const x = packed(input.centroids);
    // a diagonal matrix times ones is its diagonal
    const ones = new Float64Array(x.length).fill(1);
    const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
    return {
      run: () => {
        flat.lossGradientHvp(x, ones, g, h);
        for (let i = 0; i < g.length; i++) g[i]! /= h[i]!;
      },
      output: () => rowsOf(g, input.centroids[0]!.length),
    };
  },
};
