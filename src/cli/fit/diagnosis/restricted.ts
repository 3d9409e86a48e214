import type { Oracle } from "../../../optimize/oracle.ts";

/** The oracle as a function of some coordinates, the others staying at a point. */
export function restricted(oracle: Oracle, point: Float64Array, free: readonly number[], scale = 1): Oracle {
  const n = point.length;
  const whole = (x: Float64Array) => {
    const full = point.slice();
    for (const [k, i] of free.entries()) full[i] = x[k]!;
    return full;
  };
  const rowsOf = (from: Float64Array, to: Float64Array, rows: readonly number[], factor: number) => {
    for (const [a, row] of rows.entries()) {
      for (const [b, column] of free.entries()) to[a * free.length + b] = factor * from[row * n + column]!;
    }
  };
  const m = oracle.residualCount ?? 0;
  return {
    loss: (x) => scale * oracle.loss(whole(x)),
    lossAndGradient(x, g) {
      const full = new Float64Array(n);
      const value = oracle.lossAndGradient(whole(x), full);
      for (const [k, i] of free.entries()) g[k] = scale * full[i]!;
      return scale * value;
    },
    hvp(x, v, h) {
      const direction = new Float64Array(n);
      for (const [k, i] of free.entries()) direction[i] = v[k]!;
      const full = new Float64Array(n);
      oracle.hvp!(whole(x), direction, full);
      for (const [k, i] of free.entries()) h[k] = scale * full[i]!;
    },
    hessian(x, H) {
      const full = new Float64Array(n * n);
      oracle.hessian!(whole(x), full);
      rowsOf(full, H, free, scale);
    },
    residualCount: m,
    residuals: (x, r) => oracle.residuals!(whole(x), r),
    jacobian(x, J) {
      const full = new Float64Array(m * n);
      oracle.jacobian!(whole(x), full);
      rowsOf(
        full,
        J,
        Array.from({ length: m }, (_, row) => row),
        1,
      );
    },
  };
}
