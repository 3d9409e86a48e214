/** The data of logistic regression, row-major; parameters are packed as w, then b. */
export interface LogisticData {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly lambda: number;
}

/**
 * mean softplus(-y (X w + b)) + lambda/2 |w|^2 and its gradient, by hand: one pass over the rows, two rows at a time so
 * that w and g are read half as often, the softplus and its slope from one exponential.
 */
export function logisticGradient(data: LogisticData, x: Float64Array, g: Float64Array): number {
  const { X, y, rows, columns, lambda } = data;
  const b = x[columns]!;
  let loss = 0;
  let slope = 0;
  g.fill(0);
  const even = rows - (rows % 2);
  for (let row = 0; row < even; row += 2) {
    const first = row * columns;
    const second = first + columns;
    let z = b;
    let z2 = b;
    for (let j = 0; j < columns; j++) {
      const w = x[j]!;
      z += X[first + j]! * w;
      z2 += X[second + j]! * w;
    }
    const m = -y[row]! * z;
    const m2 = -y[row + 1]! * z2;
    const e = Math.exp(-Math.abs(m));
    const e2 = Math.exp(-Math.abs(m2));
    loss += (m > 0 ? m : 0) + Math.log1p(e) + ((m2 > 0 ? m2 : 0) + Math.log1p(e2));
    const t = (-y[row]! * (m > 0 ? 1 : e)) / (1 + e);
    const t2 = (-y[row + 1]! * (m2 > 0 ? 1 : e2)) / (1 + e2);
    for (let j = 0; j < columns; j++) g[j] = g[j]! + (t * X[first + j]! + t2 * X[second + j]!);
    slope += t + t2;
  }
  if (even < rows) {
    const first = even * columns;
    let z = b;
    for (let j = 0; j < columns; j++) z += X[first + j]! * x[j]!;
    const m = -y[even]! * z;
    const e = Math.exp(-Math.abs(m));
    loss += (m > 0 ? m : 0) + Math.log1p(e);
    const t = (-y[even]! * (m > 0 ? 1 : e)) / (1 + e);
    for (let j = 0; j < columns; j++) g[j] = g[j]! + t * X[first + j]!;
    slope += t;
  }
  let squares = 0;
  for (let j = 0; j < columns; j++) {
    squares += x[j]! * x[j]!;
    g[j] = g[j]! / rows + lambda * x[j]!;
  }
  g[columns] = slope / rows;
  return loss / rows + 0.5 * lambda * squares;
}

/** The Hessian times v: sum_i y_i^2 s_i (1 - s_i) (X_i v_w + v_b) X_i / n + lambda v_w. */
export function logisticProduct(data: LogisticData, x: Float64Array, v: Float64Array, h: Float64Array): void {
  const { X, y, rows, columns, lambda } = data;
  const b = x[columns]!;
  const vb = v[columns]!;
  let last = 0;
  h.fill(0);
  const even = rows - (rows % 2);
  for (let row = 0; row < even; row += 2) {
    const first = row * columns;
    const second = first + columns;
    let z = b;
    let z2 = b;
    let u = vb;
    let u2 = vb;
    for (let j = 0; j < columns; j++) {
      const w = x[j]!;
      const d = v[j]!;
      const a = X[first + j]!;
      const a2 = X[second + j]!;
      z += a * w;
      z2 += a2 * w;
      u += a * d;
      u2 += a2 * d;
    }
    const t = curvature(y[row]!, z) * u;
    const t2 = curvature(y[row + 1]!, z2) * u2;
    for (let j = 0; j < columns; j++) h[j] = h[j]! + (t * X[first + j]! + t2 * X[second + j]!);
    last += t + t2;
  }
  if (even < rows) {
    const first = even * columns;
    let z = b;
    let u = vb;
    for (let j = 0; j < columns; j++) {
      z += X[first + j]! * x[j]!;
      u += X[first + j]! * v[j]!;
    }
    const t = curvature(y[even]!, z) * u;
    for (let j = 0; j < columns; j++) h[j] = h[j]! + t * X[first + j]!;
    last += t;
  }
  for (let j = 0; j < columns; j++) h[j] = h[j]! / rows + lambda * v[j]!;
  h[columns] = last / rows;
}

/** y^2 s (1 - s) for s = sigmoid(y z): even in z, so the stable exponential serves both signs. */
function curvature(y: number, z: number): number {
  const e = Math.exp(-Math.abs(y * z));
  return (y * y * e) / ((1 + e) * (1 + e));
}
