import { loops } from "../extensions/loops.ts";
import { iterators } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import { mul } from "../ops/algebra.ts";
import { toReal } from "../ops/cast.ts";
import { view } from "../ops/contractions.ts";
import type { Builder } from "./builder.ts";
import { alongOne } from "./functions.ts";
import { scan } from "./scan.ts";
import { termOf } from "./term.ts";
import type { Part } from "./vocabulary.ts";

/**
 * Running products as loops. Products over triangles have derivatives of more axes with each order; those of a loop are
 * loops, as long as it is.
 */
export const runningProduct: Part = {
  functions: {
    cumprod: alongOne((x, axis, builder) => productsAlong(builder, toReal(x), axis)),
  },
  extension: loops,
};

function productsAlong(builder: Builder, x: Expr, axis: number): Expr {
  const others = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const order = [axis, ...others];
  const rows = view(
    x,
    order.map((at) => x.shape[at]!),
    x.shape.map((_, at) => iterators(order.indexOf(at))),
  );
  const one = builder.graph.constant(1, rows.shape.slice(1));
  const { stacks } = scan(builder, {
    inputs: [{ name: "x", over: termOf(builder, rows) }],
    carries: [{ name: "z", first: termOf(builder, one) }],
    isReversed: false,
    body: ([row], [before]) => {
      const product = termOf(builder, mul(before!.expr, row!.expr));
      return { carries: [product], stacks: [product] };
    },
  });
  return view(
    stacks[0]!.expr,
    x.shape,
    order.map((at) => iterators(at)),
  );
}
