import type { Vector } from "../../numeric/vectors.ts";

/** d_i = sqrt |H_ii|, or 1 where that is 0: H divided by d_i d_j does not depend on the parameters' units. */
export function curvatureScale(H: Vector, n: number): Vector {
  return Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.abs(H[i * n + i]!)) || 1);
}
