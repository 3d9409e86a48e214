import type { Expr } from "../../../ir/graph.ts";
import { mul, sub } from "../../../ops/elementary/algebra.ts";
import { less, select } from "../../../ops/elementary/comparison.ts";
import { sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { acos, asin } from "../../../ops/elementary/trigonometric.ts";
import { constantLike } from "../../forms/conditions.ts";
import { distanceOf, isHaversine, rootOf } from "../../forms/cosines.ts";
import { type Rules, structural } from "../../rule.ts";

/** From this size of the cosine on angles are taken by unit vectors. */
const steep = 0.9;

/** The angle whose cosine is that between two vectors: where they are nearly parallel, by the distance of their unit vectors. */
function between(cosine: Expr): Expr | undefined {
  const isTurned = less(cosine, 0);
  const distance = distanceOf(cosine, isTurned);
  if (!distance) return undefined;
  const small = mul(2, asin(mul(0.5, rootOf(distance))));
  const near = select(isTurned, sub(Math.PI, small), small);
  const isNear = less(steep, abs(cosine));
  return select(isNear, near, acos(select(isNear, constantLike(0, cosine), cosine)));
}

/** The arc cosine, and a root, have an infinite slope where it is 0, and half of the digits of the angle are lost in the cosine. */
export const angleRules: Rules = {
  stable: [
    structural("angle between two vectors", { roots: [acos], phase: "early" }, ({ operands: [x] }) => between(x!)),
    structural("root of a haversine", { roots: [sqrt], phase: "early" }, ({ operands: [x] }) =>
      isHaversine(x!) ? rootOf(x!) : undefined,
    ),
  ],
};
