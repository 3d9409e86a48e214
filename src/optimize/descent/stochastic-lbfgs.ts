import { dot, norm, type Vector } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { smallerRate } from "../first-order/first-order.ts";
import { rateAt } from "../first-order/schedule.ts";
import { defineMethod } from "../method.ts";
import type { Optimizer, OptimizerState } from "../optimizer.ts";
import { count, nonNegative, oneOf, positive, rate } from "../options.ts";
import type { Oracle } from "../oracle.ts";
import { checkedPair, multiplyInverse, type Pair, remember, scaleOf, sparePair } from "./curvature-pairs.ts";
import { moveAndProduct } from "./lbfgs.ts";

export interface StochasticLbfgsState extends OptimizerState {
  /** The last moves and the changes of the gradient along them, the oldest first. */
  readonly pairs: readonly Pair[];
  /** M g, of the move to come. */
  readonly descent: Vector;
  /** y of the last move, whether it was kept or not; zeros at the start. */
  readonly change: Vector;
}

const sources = ["products", "same-batch", "differences"] as const;

/**
 * L-BFGS for noisy gradients: theta -= rate M g without a search, M by two loops over the pairs s, y. Noise must not
 * reach y: the difference of gradients of two batches has the noise of both, whatever s is. So y comes
 *
 *     from "products": y = H^t s, the Hessian of the batch of the step times the move,
 *     from the "same-batch": y = g^t(theta+) - g^t(theta), both gradients by the batch of the step.
 *
 * ("differences" takes the noise in; it is there to show what is wrong with it.) `regularisation` s is added to y, a
 * lower bound on curvatures (Schraudolph, Yu, Guenter, 2007). A step M g longer than `longest` is shortened to it.
 */
export const stochasticLbfgs = defineMethod({
  name: "stochastic-lbfgs",
  summary: "lbfgs for mini-batches: curvature that noise does not reach, a rate and no search",
  options: {
    rate: rate("the part of the quasi-Newton step that is taken", 0.1),
    memory: count("moves that are remembered", 10),
    change: oneOf(sources)("where y comes from", "products"),
    regularisation: nonNegative("what is added to every curvature, in loss / parameter^2", 0),
    firstStep: positive("the length of the first move, before anything is known of the curvature", 1e-3),
    longest: positive("the length of the longest quasi-Newton step", 1e3),
  },
  create: ({ rate, memory, change, regularisation, firstStep, longest }): Optimizer<StochasticLbfgsState> => {
    const shares = new Float64Array(memory);
    const aim = (descent: Vector, gradient: Vector, pairs: readonly Pair[]): number => {
      descent.set(gradient);
      const newest = pairs.at(-1);
      multiplyInverse(descent, pairs, newest ? scaleOf(newest) : 1, shares);
      return Math.sqrt(Math.max(0, dot(descent, gradient)));
    };
    const pairOf = (
      state: StochasticLbfgsState,
      at: { readonly point: Vector; readonly gradient: Vector },
      oracle: Oracle,
      arrays: { readonly s: Vector; readonly y: Vector },
    ): Pair | undefined => {
      const { s, y } = arrays;
      if (change === "products") {
        moveAndProduct(arrays, at, state, oracle);
      } else {
        let gradientBefore: Vector = state.gradient;
        if (change === "same-batch") {
          gradientBefore = new Float64Array(s.length);
          oracle.lossAndGradient(state.point, gradientBefore);
        }
        for (let i = 0; i < s.length; i++) {
          s[i] = at.point[i]! - state.point[i]!;
          y[i] = at.gradient[i]! - gradientBefore[i]!;
        }
      }
      if (regularisation > 0) for (let i = 0; i < s.length; i++) y[i] = y[i]! + regularisation * s[i]!;
      return checkedPair(arrays);
    };
    return {
      name: "stochastic-lbfgs",
      remedy: smallerRate,
      needs: change === "products" ? ["hvp"] : [],
      init(oracle, x0) {
        const n = x0.length;
        const start = beginAt(oracle, x0);
        const descent = new Float64Array(n);
        const metricNorm = aim(descent, start.gradient, []);
        return { ...start, metricNorm, pairs: [], descent, change: new Float64Array(n) };
      },
      step(state, oracle, spare) {
        const n = state.point.length;
        const point = spare?.point ?? new Float64Array(n);
        const gradient = spare?.gradient ?? new Float64Array(n);
        const length = norm(state.descent);
        const taken = stepOf(length, state.pairs.length > 0 ? rateAt(rate, state.iteration) : undefined);
        for (let i = 0; i < n; i++) point[i] = state.point[i]! - taken * state.descent[i]!;
        const value = oracle.lossAndGradient(point, gradient);
        const arrays = sparePair(n, spare?.pairs, state.pairs);
        const pair = pairOf(state, { point, gradient }, oracle, arrays);
        const pairs = pair ? remember(state.pairs, pair, memory) : state.pairs;
        const seen = spare?.change ?? new Float64Array(n);
        seen.set(arrays.y);
        const descent = spare?.descent ?? new Float64Array(n);
        const metricNorm = aim(descent, gradient, pairs);
        return {
          ok: true,
          state: { iteration: state.iteration + 1, point, value, gradient, metricNorm, pairs, descent, change: seen },
        };
      },
    };

    /** The factor of a step of that length. Without a rate, nothing is known of the curvature yet. */
    function stepOf(length: number, eta: number | undefined): number {
      if (length === 0) return 0;
      return eta === undefined ? firstStep / length : eta * Math.min(1, longest / length);
    }
  },
});
