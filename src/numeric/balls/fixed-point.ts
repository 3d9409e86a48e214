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

/** A constant with w bits behind the point, from the longest form so far. */
function constant(make: (w: bigint) => bigint): (w: bigint) => bigint {
  let [known, length] = [0n, 0n];
  return (w) => {
    if (w > length) {
      length = w + w / 4n;
      known = make(length + 16n) >> 16n;
    }
    return known >> (length - w);
  };
}
const inverse = (n: bigint, w: bigint) => (1n << w) / n;
/** log 2 with w bits behind the point, by artanh(1/26), artanh(1/4801) and artanh(1/8749): equal to 18, -2 and 8 of them. */
export const ln2 = constant((w) => {
  const part = (n: bigint) => arcSeries(inverse(n, w), w, 1n);
  return 18n * part(26n) - 2n * part(4801n) + 8n * part(8749n);
});
/** pi/2 with w bits behind the point, by Machin's formula: pi/4 = 4 atan(1/5) - atan(1/239). */
export const halfPi = constant(
  (w) => 8n * arcSeries(inverse(5n, w), w, -1n) - 2n * arcSeries(inverse(239n, w), w, -1n),
);

/** How often what a series is in is halved: about as many steps as terms are left. */
const halvingsFor = (w: bigint) => BigInt(Math.ceil(Math.sqrt(Number(w)) / 2));

/** e^x for |x| < 1 with w bits behind the point. */
export function expFixed(x: bigint, w: bigint): bigint {
  const halvings = halvingsFor(w);
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
  const halvings = halvingsFor(w);
  const v = w + 2n * halvings + 8n;
  const small = shift(x, v - w) >> halvings;
  const sums = [1n << v, 0n, 0n, 0n];
  let term = 1n << v;
  for (let k = 1; term !== 0n && term !== -1n; k++) {
    term = ((term * small) >> v) / BigInt(k);
    sums[k % 4]! += term;
  }
  let [s, c] = [sums[1]! - sums[3]!, sums[0]! - sums[2]!];
  for (let k = 0n; k < halvings; k++) [s, c] = [(2n * s * c) >> v, (c * c - s * s) >> v];
  return [s >> (v - w), c >> (v - w)];
}
