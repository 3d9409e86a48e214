import { loops } from "../../extensions/loops.ts";
import { hasLookup } from "../../ir/contraction.ts";
import { able, extension } from "../../ir/extension.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { mul } from "../../ops/algebra.ts";
import { toReal } from "../../ops/cast.ts";
import { equal, select } from "../../ops/comparison.ts";
import { transpose } from "../../ops/contractions.ts";
import { logaddexp } from "../../ops/special.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { type Running, runningGather, whereRead } from "../binders/gather.ts";
import { affine } from "../binders/indexing.ts";
import { scan } from "../loops/scan.ts";
import type { Builder } from "../terms/builder.ts";
import { axesFor, ownRead, readTerm, realOf, termOf, termsOf, unionOf, viewOf } from "../terms/term.ts";
import { alongOne } from "./core.ts";
import type { Part } from "./vocabulary.ts";

/** How a loop takes one more element. */
interface Step {
  /** What comes of no element. */
  readonly none: number;
  readonly next: (before: Expr, x: Expr) => Expr;
}

const steps = {
  prod: { none: 1, next: mul },
  // of no element the slopes of logaddexp are NaN
  logsumexp: {
    none: Number.NEGATIVE_INFINITY,
    next: (before, x) => select(equal(x, Number.NEGATIVE_INFINITY), before, logaddexp(before, x)),
  },
} as const satisfies Readonly<Record<Parameters<Running>[0], Step>>;

/**
 * Running products as loops. Products over triangles have derivatives of more axes with each order; those of a loop are
 * loops, as long as it is.
 */
export const runningProduct: Part = {
  functions: {
    cumprod: alongOne((x, axis, builder) => alongAxis(builder, toReal(x), axis, steps.prod, false)),
  },
  extension: loops,
};

function alongAxis(builder: Builder, x: Expr, axis: number, { none, next }: Step, isReversed: boolean): Expr {
  const others = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const order = [axis, ...others];
  const rows = transpose(x, order);
  builder.graph.extend(loops);
  const { stacks } = scan(builder, {
    inputs: [{ name: "x", over: termOf(builder, rows) }],
    carries: [{ name: "z", first: termOf(builder, builder.graph.constant(none, rows.shape.slice(1))) }],
    isReversed,
    body: ([row], [before]) => {
      const after = termOf(builder, next(before!.expr, row!.expr));
      return { carries: [after], stacks: [after] };
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
  if (another || further || !guard || guard.extent || hasLookup(guard.index) || builder.isSearching) return undefined;
  const j = Integer.iterator(own!.token);
  const side = guard.index.coefficientOf(own!.token)?.value;
  if (side !== 1 && side !== -1) return undefined;
  // j <= last, or first <= j
  const end = side === 1 ? j.minus(guard.index) : guard.index.plus(j);
  const outer = builder.iteratorsOf(end);
  const body = realOf(given);
  if (!body.iterators.includes(own!) || body.iterators.some((each) => outer.includes(each))) return undefined;
  const room = side === 1 ? own!.extent.minus(1).minus(end) : end;
  // an empty range has no element in the stack
  if (!isNonNegative(builder, room) || !isNonNegative(builder, side === 1 ? end : own!.extent.minus(1).minus(end)))
    return undefined;
  const step = steps[name];
  const others = body.iterators.filter((each) => each !== own);
  const axes = axesFor([own!, ...others], body.shape);
  const read = body.reads?.length === 1 ? body.reads[0]! : ownRead(body);
  const x = viewOf(termsOf(builder, axes, [], [whereRead(body, bound, step.none)(read)]));
  const of = alongAxis(builder, x, 0, step, side === 1);
  const index = [affine(builder, end), ...axes.slice(1).map(({ atom }) => Integer.iterator(atom))];
  return readTerm(builder, [{ of, index }], unionOf([outer, others]), body.shape, "real");
};

/** Products and logarithms of sums of exponentials over ranges that grow or shrink, as loops. */
export const runningLoops = extension("running", [able<Running>(runningGather, running)]);
