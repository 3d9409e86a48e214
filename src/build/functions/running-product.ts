import { loops } from "../../extensions/loops.ts";
import type { Expr } from "../../ir/graph.ts";
import { mul } from "../../ops/algebra.ts";
import { toReal } from "../../ops/cast.ts";
import { transpose } from "../../ops/contractions.ts";
import { scan } from "../loops/scan.ts";
import type { Builder } from "../terms/builder.ts";
import { termOf } from "../terms/term.ts";
import { alongOne } from "./core.ts";
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
  const rows = transpose(x, order);
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
  const back = x.shape.map((_, at) => order.indexOf(at));
  return transpose(stacks[0]!.expr, back);
}
