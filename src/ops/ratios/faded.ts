import type { Expr } from "../../ir/graph.ts";
import { binary } from "../define.ts";
import { mul } from "../elementary/algebra.ts";
import { and, equal, isFiniteReal, not, select } from "../elementary/comparison.ts";

/** 0 times what is infinite or NaN. */
export const hasFaded = (x: Expr, y: Expr) => and(equal(x, 0), not(isFiniteReal(y)));

/** x y, but 0 where x is 0, also where y is infinite: for an x that vanishes faster than y grows. A finite y is the slope in x there too. */
export const faded = binary("faded", {
  units: "a, b -> a*b",
  program: (x, y) => select(hasFaded(x, y), 0, mul(x, y)),
  partials: [(x, y) => select(hasFaded(x, y), 0, y), (x) => x],
  cost: 2,
});
