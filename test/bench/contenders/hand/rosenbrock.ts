/** sum_i 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 and its gradient, by hand: one pass, what i owes to i + 1 in a local. */
export function gradient(x: Float64Array, g: Float64Array): number {
  const last = x.length - 1;
  let loss = 0;
  let owed = 0;
  let a = x[0]!;
  for (let i = 0; i < last; i++) {
    const next = x[i + 1]!;
    const t = next - a * a;
    const s = 1 - a;
    loss += 100 * t * t + s * s;
    g[i] = owed - 400 * a * t - 2 * s;
    owed = 200 * t;
    a = next;
  }
  g[last] = owed;
  return loss;
}

/** The Hessian times v. */
export function product(x: Float64Array, v: Float64Array, h: Float64Array): void {
  const last = x.length - 1;
  let owed = 0;
  let a = x[0]!;
  let da = v[0]!;
  for (let i = 0; i < last; i++) {
    const next = x[i + 1]!;
    const dnext = v[i + 1]!;
    const t = next - a * a;
    const dt = dnext - 2 * a * da;
    h[i] = owed - 400 * (da * t + a * dt) + 2 * da;
    owed = 200 * dt;
    a = next;
    da = dnext;
  }
  h[last] = owed;
}
