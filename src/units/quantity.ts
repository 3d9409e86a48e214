import type { Primitive } from "../ir/primitive.ts";
import { unary } from "../ops/define.ts";

/**
 * An identity made for one definition that states a unit: `const g in m/s^2 = 9.81`. Unit inference looks it up;
 * nothing else needs it, and it is gone from the graph before anything is compiled.
 */
export function quantity(): Primitive {
  return unary("quantity", {
    result: "same",
    real: (x) => x,
    complex: (z) => z,
    partial: (x) => x.graph.constantLike(1, x),
    print: (x) => x,
    cost: 0,
    range: (x) => x,
    documentation: { summary: "x, in the unit that its definition states", derivative: "1" },
  }).primitive;
}
