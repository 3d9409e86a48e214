import type { Expr } from "../../../ir/graph.ts";
import { direction, directionSine, polarRadius } from "../../../ops/elementary/lengths.ts";
import { type Rules, structural } from "../../rule.ts";

/** Slopes of a length in the order of its operands, so that all take one root: at the end, for patterns know `direction` alone. */
export const directionRules: Rules = {
  exact: [
    structural("direction in the order of its length", { roots: [direction], phase: "last" }, ({ operands }) => {
      const [x, y] = operands as [Expr, Expr];
      return polarRadius(x, y).operands[0] === x ? undefined : directionSine(y, x);
    }),
  ],
};
