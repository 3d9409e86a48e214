/** The data of logistic regression, row-major; parameters are packed as w, then b. */
export interface LogisticData {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly lambda: number;
}

/**
 * mean softplus(-y (X w + b)) + lambda/2 |w|^2 and its gradient, by hand: one pass over the rows, four accumulators in
 * the product of a row with w, softplus and its slope from one exponential.
 */
export function gradient(data: LogisticData, x: Float64Array, g: Float64Array): number {
  const { X, y, rows, columns } = data;
  const unrolled = columns - (columns % 4);
  const b = x[columns]!;
  let loss = 0;
  let last = 0;
  g.fill(0);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let z = b;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    let j = 0;
    for (; j < unrolled; j += 4) {
      z += X[at + j]! * x[j]!;
      z1 += X[at + j + 1]! * x[j + 1]!;
      z2 += X[at + j + 2]! * x[j + 2]!;
      z3 += X[at + j + 3]! * x[j + 3]!;
    }
    for (; j < columns; j++) z += X[at + j]! * x[j]!;
    const label = y[row]!;
    const m = -label * (z + z1 + (z2 + z3));
    const e = Math.exp(-Math.abs(m));
    loss += 0.5 * (m + Math.abs(m)) + Math.log1p(e);
    const t = (-label * (m > 0 ? 1 : e)) / (1 + e);
    for (j = 0; j < unrolled; j += 4) {
      g[j] = g[j]! + t * X[at + j]!;
      g[j + 1] = g[j + 1]! + t * X[at + j + 1]!;
      g[j + 2] = g[j + 2]! + t * X[at + j + 2]!;
      g[j + 3] = g[j + 3]! + t * X[at + j + 3]!;
    }
    for (; j < columns; j++) g[j] = g[j]! + t * X[at + j]!;
    last += t;
  }
  return finishGradient(data, x, g, loss, last);
}

/** The same over four rows at a time, so that w and g are read a quarter as often. rows must be a multiple of four. */
export function gradientByFourRows(data: LogisticData, x: Float64Array, g: Float64Array): number {
  const { X, y, rows, columns } = data;
  const b = x[columns]!;
  let loss = 0;
  let last = 0;
  g.fill(0);
  for (let row = 0; row < rows; row += 4) {
    const at = row * columns;
    const at1 = at + columns;
    const at2 = at1 + columns;
    const at3 = at2 + columns;
    let z = b;
    let z1 = b;
    let z2 = b;
    let z3 = b;
    for (let j = 0; j < columns; j++) {
      const w = x[j]!;
      z += X[at + j]! * w;
      z1 += X[at1 + j]! * w;
      z2 += X[at2 + j]! * w;
      z3 += X[at3 + j]! * w;
    }
    const m = -y[row]! * z;
    const m1 = -y[row + 1]! * z1;
    const m2 = -y[row + 2]! * z2;
    const m3 = -y[row + 3]! * z3;
    const e = Math.exp(-Math.abs(m));
    const e1 = Math.exp(-Math.abs(m1));
    const e2 = Math.exp(-Math.abs(m2));
    const e3 = Math.exp(-Math.abs(m3));
    const loss01 = 0.5 * (m + Math.abs(m)) + Math.log1p(e) + (0.5 * (m1 + Math.abs(m1)) + Math.log1p(e1));
    const loss23 = 0.5 * (m2 + Math.abs(m2)) + Math.log1p(e2) + (0.5 * (m3 + Math.abs(m3)) + Math.log1p(e3));
    loss += loss01 + loss23;
    const t = (-y[row]! * (m > 0 ? 1 : e)) / (1 + e);
    const t1 = (-y[row + 1]! * (m1 > 0 ? 1 : e1)) / (1 + e1);
    const t2 = (-y[row + 2]! * (m2 > 0 ? 1 : e2)) / (1 + e2);
    const t3 = (-y[row + 3]! * (m3 > 0 ? 1 : e3)) / (1 + e3);
    for (let j = 0; j < columns; j++) {
      g[j] = g[j]! + (t * X[at + j]! + t1 * X[at1 + j]! + (t2 * X[at2 + j]! + t3 * X[at3 + j]!));
    }
    last += t + t1 + (t2 + t3);
  }
  return finishGradient(data, x, g, loss, last);
}

function finishGradient(
  { rows, columns, lambda }: LogisticData,
  x: Float64Array,
  g: Float64Array,
  loss: number,
  last: number,
): number {
  let squares = 0;
  for (let j = 0; j < columns; j++) {
    const w = x[j]!;
    squares += w * w;
    g[j] = g[j]! / rows + lambda * w;
  }
  g[columns] = last / rows;
  return loss / rows + 0.5 * lambda * squares;
}

/** The Hessian times v: sum_i y_i^2 s_i (1 - s_i) (X_i v_w + v_b) X_i / n + lambda v_w, in one pass. */
export function product(data: LogisticData, x: Float64Array, v: Float64Array, h: Float64Array): void {
  const { X, y, rows, columns } = data;
  const unrolled = columns - (columns % 4);
  const b = x[columns]!;
  const db = v[columns]!;
  let last = 0;
  h.fill(0);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let z = b;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    let dz = db;
    let dz1 = 0;
    let dz2 = 0;
    let dz3 = 0;
    let j = 0;
    for (; j < unrolled; j += 4) {
      const a = X[at + j]!;
      const a1 = X[at + j + 1]!;
      const a2 = X[at + j + 2]!;
      const a3 = X[at + j + 3]!;
      z += a * x[j]!;
      z1 += a1 * x[j + 1]!;
      z2 += a2 * x[j + 2]!;
      z3 += a3 * x[j + 3]!;
      dz += a * v[j]!;
      dz1 += a1 * v[j + 1]!;
      dz2 += a2 * v[j + 2]!;
      dz3 += a3 * v[j + 3]!;
    }
    for (; j < columns; j++) {
      z += X[at + j]! * x[j]!;
      dz += X[at + j]! * v[j]!;
    }
    const t = curvature(y[row]!, z + z1 + (z2 + z3)) * (dz + dz1 + (dz2 + dz3));
    for (j = 0; j < unrolled; j += 4) {
      h[j] = h[j]! + t * X[at + j]!;
      h[j + 1] = h[j + 1]! + t * X[at + j + 1]!;
      h[j + 2] = h[j + 2]! + t * X[at + j + 2]!;
      h[j + 3] = h[j + 3]! + t * X[at + j + 3]!;
    }
    for (; j < columns; j++) h[j] = h[j]! + t * X[at + j]!;
    last += t;
  }
  finishProduct(data, v, h, last);
}

/** The same over four rows at a time. rows must be a multiple of four. */
export function productByFourRows(data: LogisticData, x: Float64Array, v: Float64Array, h: Float64Array): void {
  const { X, y, rows, columns } = data;
  const b = x[columns]!;
  const db = v[columns]!;
  let last = 0;
  h.fill(0);
  for (let row = 0; row < rows; row += 4) {
    const at = row * columns;
    const at1 = at + columns;
    const at2 = at1 + columns;
    const at3 = at2 + columns;
    let z = b;
    let z1 = b;
    let z2 = b;
    let z3 = b;
    let dz = db;
    let dz1 = db;
    let dz2 = db;
    let dz3 = db;
    for (let j = 0; j < columns; j++) {
      const w = x[j]!;
      const dw = v[j]!;
      const a = X[at + j]!;
      const a1 = X[at1 + j]!;
      const a2 = X[at2 + j]!;
      const a3 = X[at3 + j]!;
      z += a * w;
      dz += a * dw;
      z1 += a1 * w;
      dz1 += a1 * dw;
      z2 += a2 * w;
      dz2 += a2 * dw;
      z3 += a3 * w;
      dz3 += a3 * dw;
    }
    const t = curvature(y[row]!, z) * dz;
    const t1 = curvature(y[row + 1]!, z1) * dz1;
    const t2 = curvature(y[row + 2]!, z2) * dz2;
    const t3 = curvature(y[row + 3]!, z3) * dz3;
    for (let j = 0; j < columns; j++) {
      h[j] = h[j]! + (t * X[at + j]! + t1 * X[at1 + j]! + (t2 * X[at2 + j]! + t3 * X[at3 + j]!));
    }
    last += t + t1 + (t2 + t3);
  }
  finishProduct(data, v, h, last);
}

/** y^2 s (1 - s) for s = sigmoid(y z): even in z, so the stable exponential serves both signs. */
function curvature(y: number, z: number): number {
  const e = Math.exp(-Math.abs(y * z));
  return (y * y * e) / ((1 + e) * (1 + e));
}

function finishProduct({ rows, columns, lambda }: LogisticData, v: Float64Array, h: Float64Array, last: number): void {
  for (let j = 0; j < columns; j++) h[j] = h[j]! / rows + lambda * v[j]!;
  h[columns] = last / rows;
}
