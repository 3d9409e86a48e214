import { loops } from "../../extensions/loops.ts";
import { mayHoldLookup } from "../../ir/contraction.ts";
import { able, extension } from "../../ir/extension.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { concat } from "../../ops/arrays/arrays.ts";
import { running as runningTerms } from "../../ops/arrays/composites.ts";
import { reduce, transpose } from "../../ops/arrays/contractions.ts";
import { add, div, mul, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import {
  and,
  equal,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  lessEqual,
  or,
  select,
} from "../../ops/elementary/comparison.ts";
import { logaddexp } from "../../ops/special/special.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { type Running, type RunningName, runningGather, whereRead } from "../binders/gather.ts";
import { affine } from "../binders/indexing.ts";
import { scan } from "../loops/scan.ts";
import type { Builder } from "../terms/builder.ts";
import { axesFor, oneRead, readTerm, realOf, termOf, termsOf, unionOf, viewOf } from "../terms/term.ts";
import { alongOne } from "./core.ts";
import type { Part } from "./vocabulary.ts";

/** How a loop takes one more element: what it carries, the result first. */
interface Step {
  /** What comes of no element. */
  readonly none: readonly [number, ...number[]];
  readonly next: (before: readonly Expr[], x: Expr) => readonly Expr[];
}

/**
 * The largest so far, and how many there are of it. Of equal ones the result is their mean, so that each has its part of the slope. NaN
 * is larger than all.
 */
const extreme = (none: number, isBeyond: (x: Expr, y: Expr) => Expr): Step => ({
  none: [none, 0],
  next: ([before, count], x) => {
    const more = add(count!, 1);
    const mean = add(before!, div(sub(x, before!), more));
    const isTie = equal(x, before!);
    const stays = or(isBeyond(before!, x), isNaNReal(before!));
    return [
      select(stays, select(and(isTie, isFiniteReal(before!)), mean, before!), x),
      select(stays, select(isTie, more, count!), 1),
    ];
  },
});

const steps: Readonly<Record<RunningName, Step>> = {
  prod: { none: [1], next: ([before], x) => [mul(before!, x)] },
  // of no element the slopes of logaddexp are NaN
  logsumexp: {
    none: [Number.NEGATIVE_INFINITY],
    next: ([before], x) => [select(equal(x, Number.NEGATIVE_INFINITY), before!, logaddexp(before!, x))],
  },
  max: extreme(Number.NEGATIVE_INFINITY, greaterEqual),
  min: extreme(Number.POSITIVE_INFINITY, lessEqual),
};

const along = (name: RunningName) =>
  alongOne((x, axis, builder) => {
    // whole numbers stay whole, and have no derivatives
    if (x.dtype !== "real" && (name === "max" || name === "min")) return reduce(name, runningTerms(x, axis));
    return alongAxis(builder, toReal(x), axis, steps[name], false);
  });

/**
 * Running products, extremes and logarithms of sums of exponentials as loops. Derivatives of triangles have more terms than these,
 * and more axes with each order; those of a loop are loops, as long as it is.
 */
export const runningFunctions: Part = {
  functions: { cumprod: along("prod"), cummax: along("max"), cummin: along("min"), logcumsumexp: along("logsumexp") },
  extension: loops,
};

function alongAxis(builder: Builder, x: Expr, axis: number, { none, next }: Step, isReversed: boolean): Expr {
  const others = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const order = [axis, ...others];
  const rows = transpose(x, order);
  builder.graph.extend(loops);
  const { stacks } = scan(builder, {
    inputs: [{ name: "x", over: termOf(builder, rows) }],
    carries: none.map((value, k) => {
      const first = termOf(builder, builder.graph.constant(value, rows.shape.slice(1)));
      return { name: k === 0 ? "z" : `z${k}`, first };
    }),
    isReversed,
    body: ([row], before) => {
      const after = next(
        before.map(({ expr }) => expr),
        row!.expr,
      ).map((each) => termOf(builder, each));
      return { carries: after, stacks: after.slice(0, 1) };
    },
  });
  const back = x.shape.map((_, at) => order.indexOf(at));
  return transpose(stacks[0]!.expr, back);
}

/** Over j in 0..i+1, or i..n, of what does not depend on i: an element of what a loop stacks. */
const running: Running = (name, given, bound) => {
  const { builder } = given;
  const [own, another] = bound;
  const [guard, further] = own!.guards;
  if (another || further || !guard || guard.extent || mayHoldLookup(guard.index) || builder.isSearching)
    return undefined;
  const isExtreme = name === "max" || name === "min";
  if (isExtreme && given.dtype !== "real") return undefined;
  const j = Integer.iterator(own!.token);
  const side = guard.index.coefficientOf(own!.token)?.value;
  if (side !== 1 && side !== -1) return undefined;
  // j <= last, or first <= j
  const end = side === 1 ? j.minus(guard.index) : guard.index.plus(j);
  const outer = builder.iteratorsOf(end);
  const body = realOf(given);
  if (!body.iterators.includes(own!) || body.iterators.some((each) => outer.includes(each))) return undefined;
  const isWithin = (at: Integer, size: Integer) =>
    isNonNegative(builder, at) && isNonNegative(builder, size.minus(1).minus(at));
  // where a range may hold nothing, what comes of nothing stands before the first element
  const isPadded = !isWithin(end, own!.extent);
  const place = isPadded && side === -1 ? end.plus(1) : end;
  if (isPadded && (isExtreme || !isWithin(place, own!.extent.plus(1)))) return undefined;
  const step = steps[name];
  const others = body.iterators.filter((each) => each !== own);
  const axes = axesFor([own!, ...others], body.shape);
  const read = oneRead(body);
  const x = viewOf(termsOf(builder, axes, [], [whereRead(body, bound, step.none[0])(read)]));
  const padding = builder.graph.constant(step.none[0], [Integer.one, ...x.shape.slice(1)]);
  const rows = isPadded ? concat(side === -1 ? [padding, x] : [x, padding], 0) : x;
  const of = alongAxis(builder, rows, 0, step, side === 1);
  const index = [affine(builder, place), ...axes.slice(1).map(({ atom }) => Integer.iterator(atom))];
  return readTerm(builder, [{ of, index }], unionOf([outer, others]), body.shape, "real");
};

/** Products, extremes and logarithms of sums of exponentials over ranges that grow or shrink, as loops. */
export const runningLoops = extension("running", [able<Running>(runningGather, running)]);
