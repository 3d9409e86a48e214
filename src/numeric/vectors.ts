/** Vectors in R^n as Float64Arrays. Lengths are the caller's promise: these loops check nothing. */
export type Vector = Float64Array;

/** <x, y>, in four running sums that are added pairwise at the end. */
export function dot(x: Vector, y: Vector): number {
  const n = x.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += x[i]! * y[i]!;
    s1 += x[i + 1]! * y[i + 1]!;
    s2 += x[i + 2]! * y[i + 2]!;
    s3 += x[i + 3]! * y[i + 3]!;
  }
  for (let i = whole; i < n; i++) s0 += x[i]! * y[i]!;
  return s0 + s1 + (s2 + s3);
}

/** Squares below this are subnormal or close to it and lose digits. */
const smallestSafeSquare = 2 ** -960;

/** The Euclidean norm; right where the squares of entries overflow or vanish, NaN where an entry is NaN. */
export function norm(x: Vector): number {
  const square = dot(x, x);
  if (square >= smallestSafeSquare && square < Number.POSITIVE_INFINITY) return Math.sqrt(square);
  const scale = maxNorm(x);
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! / scale) ** 2;
  return scale * Math.sqrt(sum);
}

/** The power of two at or below a size above 0; 1 for what has none. Dividing by it loses no bits. */
export function binade(size: number): number {
  return size > 0 && size < Number.POSITIVE_INFINITY ? 2 ** Math.max(-1022, Math.floor(Math.log2(size))) : 1;
}

/** max |x_i|; 0 for no entries, NaN where an entry is NaN. */
export function maxNorm(x: Vector): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]!);
    if (size > largest) largest = size;
    else if (Number.isNaN(size)) return size;
  }
  return largest;
}

/** y += a x. */
export function addScaled(y: Vector, a: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + a * x[i]!;
}

/** out = x + a d. */
export function moveTo(out: Vector, x: Vector, a: number, d: Vector): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i]! + a * d[i]!;
}

/** x *= a. */
export function scale(x: Vector, a: number): void {
  for (let i = 0; i < x.length; i++) x[i] = a * x[i]!;
}

/** out = x - y. */
export function difference(out: Vector, x: Vector, y: Vector): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i]! - y[i]!;
}

/** True where no entry is NaN or infinite. */
export function allFinite(x: Vector): boolean {
  for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i]!)) return false;
  return true;
}
