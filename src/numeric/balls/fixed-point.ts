// Fixed point numbers: whole numbers in units of 2^-w, so w bits stand behind the point.

export const size = (m: bigint) => (m < 0n ? -m : m);
/** How many bits a whole number has. */
export function bits(m: bigint): number {
  const digits = size(m).toString(16);
  return m === 0n ? 0 : 4 * digits.length - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}
/** m 2^by, rounded down. */
export const shift = (m: bigint, by: bigint) => (by >= 0n ? m << by : m >> -by);
export const larger = (a: bigint, b: bigint) => (a > b ? a : b);

/** The square root of a whole number, rounded down. */
export function rootOf(n: bigint): bigint {
  let x = 1n << BigInt((bits(n) + 1) >> 1);
  for (let next = (x + n / x) >> 1n; next < x; next = (x + n / x) >> 1n) x = next;
  return x;
}

/** The sum of z^(2k+1)/(2k+1), of alternating sign for -1, of a fixed point number with w bits behind the point. */
export function arcSeries(z: bigint, w: bigint, sign: 1n | -1n): bigint {
  const square = (z * z) >> w;
  let [sum, power] = [z, z];
  for (let k = 3n; power !== 0n && power !== -1n; k += 2n) {
    power = sign * ((power * square) >> w);
    sum += power / k;
  }
  return sum;
}

const kept = new Map<string, bigint>();
/** A constant with w bits behind the point, computed once. */
function constant(name: string, w: bigint, make: (w: bigint) => bigint): bigint {
  const key = `${name} ${w}`;
  const known = kept.get(key) ?? make(w + 16n) >> 16n;
  kept.set(key, known);
  return known;
}
const inverse = (n: bigint, w: bigint) => (1n << w) / n;
/** log 2 with w bits behind the point, by artanh(1/26), artanh(1/4801) and artanh(1/8749): equal to 18, -2 and 8 of them. */
export const ln2 = (w: bigint) =>
  constant("ln2", w, (v) => {
    const part = (n: bigint) => arcSeries(inverse(n, v), v, 1n);
    return 18n * part(26n) - 2n * part(4801n) + 8n * part(8749n);
  });
/** pi/2 with w bits behind the point, by Machin's formula: pi/4 = 4 atan(1/5) - atan(1/239). */
export const halfPi = (w: bigint) =>
  constant("pi", w, (v) => 8n * arcSeries(inverse(5n, v), v, -1n) - 2n * arcSeries(inverse(239n, v), v, -1n));

/** e^x for |x| < 1 with w bits behind the point. */
export function expFixed(x: bigint, w: bigint): bigint {
  const halvings = 8n;
  const v = w + 2n * halvings;
  const small = shift(x, v - w) >> halvings;
  let [sum, term] = [1n << v, 1n << v];
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = ((term * small) >> v) / k;
    sum += term;
  }
  for (let k = 0n; k < halvings; k++) sum = (sum * sum) >> v;
  return sum >> (v - w);
}

/** sin x and cos x for |x| < 1 with w bits behind the point. */
export function circleFixed(x: bigint, w: bigint): readonly [sin: bigint, cos: bigint] {
  const sums = [1n << w, 0n, 0n, 0n];
  let term = 1n << w;
  for (let k = 1; term !== 0n && term !== -1n; k++) {
    term = ((term * x) >> w) / BigInt(k);
    sums[k % 4]! += term;
  }
  return [sums[1]! - sums[3]!, sums[0]! - sums[2]!];
}
