import type { Expr } from "../../ir/graph.ts";
import { binary, type Operation } from "../define.ts";
import { add, div, mul, neg, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { expm1, log1p } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";
import { logProportion } from "./compositions.ts";
import { faded } from "./faded.ts";
import { expm1Ratio, log1pMoment, log1pRatio, proportion } from "./ratios.ts";

// f(x y)/x, and y f(x/y), for functions with f(0) = 0. One slope is that of f itself; the other one cancels where f is nearly
// linear, unless it is taken from f(u)/u, and cancels far from there if it is.

const slopeOf = ({ primitive }: Operation, u: Expr): Expr => {
  const [partial] = primitive.partials;
  if (typeof partial !== "function") throw new Error(`internal: ${primitive.name} has no slope`);
  return partial([u], u.graph.map(primitive, [u]), 0);
};

const isNear = (u: Expr) => less(abs(u), 1);

function dilation(f: Operation, ratio: Operation): Operation {
  return binary(`${f.primitive.name}Dilation`, {
    program: (x, y) => {
      const u = mul(x, y);
      return select(isNear(u), mul(y, ratio(u)), div(f(u), x));
    },
    partials: [
      (x, y, z) => {
        const u = mul(x, y);
        // y may be the logarithm of 0
        const rate = faded(slopeOf(f, u), y);
        return select(isNear(u), mul(square(y), slopeOf(ratio, u)), div(sub(rate, z), x));
      },
      (x, y) => slopeOf(f, mul(x, y)),
    ],
    domain: [nonNegative, nonNegative],
    cost: 6 + f.primitive.cost + ratio.primitive.cost,
  });
}

/** y log(1 + x/y). */
export const log1pPerspective = binary("log1pPerspective", {
  domain: [nonNegative, nonNegative],
  program: (x, y) => {
    const u = div(x, y);
    return select(isNear(u), mul(x, log1pRatio(u)), faded(y, log1p(u)));
  },
  partials: [
    (x, y) => proportion(y, x),
    (x, y) => {
      const u = div(x, y);
      return select(isNear(u), mul(square(u), log1pMoment(1)(u)), neg(add(logProportion(y, x), proportion(x, y))));
    },
  ],
  cost: 60,
});

export const expm1Dilation = dilation(expm1, expm1Ratio);
export const log1pDilation = dilation(log1p, log1pRatio);
