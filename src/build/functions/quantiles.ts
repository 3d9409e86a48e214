import { ShapeError, UsageError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import { mul, sub } from "../../ops/elementary/algebra.ts";
import { and, greater, greaterEqual, lessEqual, select } from "../../ops/elementary/comparison.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { requirePositive } from "../binders/gather.ts";
import { apply } from "../terms/elementwise.ts";
import { integerTerm, realTerm, type Term, termOf } from "../terms/term.ts";
import { Call } from "./calls.ts";
import { core } from "./core.ts";
import { withAxes } from "./new-axes.ts";
import type { TermFunction } from "./vocabulary.ts";

/**
 * Between the sorted elements at q (n - 1), in a straight line: sum_k max(0, 1 - |q (n - 1) - k|) sorted[k].
 * By default over all axes. NaN for q outside of 0 to 1; an error where q is a number in the text. Source: Hyndman and Fan (1996), type 7, the default of R and NumPy.
 */
function quantileOf(call: Call, q: Term, sorted: (x: Term, axis: number) => Term): Term {
  if (q.rank > 0) throw new ShapeError("quantile takes one q; several are an array: [q in qs: quantile(x, q)].");
  const { builder } = call;
  const [zero, one] = [realTerm(builder, 0), realTerm(builder, 1)];
  const value = q.expr.constant;
  if (value !== undefined && !(value >= 0 && value <= 1))
    throw new UsageError(`quantile takes q from 0 to 1, got ${value}.`);
  const isWhole = !call.options.has("axis");
  const x = isWhole ? core.functions!.flatten!.build(new Call(builder, "flatten", [call.first])) : call.first;
  const axis = isWhole ? 0 : call.axis("last");
  const size = x.shape[axis]!;
  requirePositive(builder, size, `axis ${axis} of the array`);
  const further = Array.from({ length: x.rank - axis - 1 }, (_, k) => k + 1);
  const places = withAxes(termOf(builder, builder.graph.iota([size], 0)), further);
  const at = apply(mul, [q, integerTerm(builder, size.minus(1))]);
  const weight = apply(sub, [one, apply(abs, [apply(sub, [at, places])])]);
  // absent, not 0 times: an infinite element far from q leaves no NaN
  const terms = apply(select, [apply(greater, [weight, zero]), apply(mul, [weight, sorted(x, axis)]), zero]);
  const over = new Map([["axis", integerTerm(builder, Integer.constant(axis))]]);
  const between = core.functions!.sum!.build(new Call(builder, "sum", [terms], over));
  if (value !== undefined) return between;
  const isWithin = apply(and, [apply(greaterEqual, [q, zero]), apply(lessEqual, [q, one])]);
  return apply(select, [isWithin, between, realTerm(builder, Number.NaN)]);
}

/** quantile(x, q) and median(x), with what sorts along an axis. */
export function quantiles(sort: TermFunction): Readonly<Record<string, TermFunction>> {
  const sorted = (x: Term, axis: number) =>
    sort.build(new Call(x.builder, "sort", [x], new Map([["axis", integerTerm(x.builder, Integer.constant(axis))]])));
  return {
    quantile: {
      operands: ["x", "q"],
      options: ["axis"],
      build: (call) => quantileOf(call, call.operands[1]!, sorted),
    },
    median: {
      operands: ["x"],
      options: ["axis"],
      build: (call) => quantileOf(call, realTerm(call.builder, 0.5), sorted),
    },
  };
}
