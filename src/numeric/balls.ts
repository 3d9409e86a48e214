// Numbers of any size and as many digits as asked for, each with a bound on its error, so that what is left of a result is known
// and not guessed (van der Hoeven, Ball arithmetic, 2009).

/** m 2^e, off by less than 2^r; exact where r is undefined. `special` in its place: an infinity, or NaN for what is not known. */
export interface Ball {
  readonly m: bigint;
  readonly e: bigint;
  readonly r?: bigint | undefined;
  readonly special?: number | undefined;
}

export const lost: Ball = { m: 0n, e: 0n, special: Number.NaN };

/** What has no value: the logarithm of a number that is surely negative. */
export const none: Ball = { m: 0n, e: 0n, r: 0n, special: Number.NaN };

/** True where nothing is known, and more digits may tell. */
export const isOpen = (x: Ball): boolean => x !== none && Number.isNaN(x.special);

const size = (m: bigint) => (m < 0n ? -m : m);
/** How many bits a whole number has. */
function bits(m: bigint): number {
  const digits = size(m).toString(16);
  return m === 0n ? 0 : 4 * digits.length - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}
const shift = (m: bigint, by: bigint) => (by >= 0n ? m << by : m >> -by);
const larger = (a: bigint, b: bigint) => (a > b ? a : b);
/** The bound on two errors together. */
const joined = (a: bigint | undefined, b: bigint | undefined, more = 1n) =>
  a === undefined ? b : b === undefined ? a : larger(a, b) + more;
const moved = (r: bigint | undefined, by: bigint) => (r === undefined ? undefined : r + by);

/** |x| < 2^magnitude; of 0, its error. */
export const magnitude = ({ m, e, r }: Ball) => (m === 0n && r !== undefined ? r : e + BigInt(bits(m)));

/** Exponents beyond these are taken for what they tend to. */
const longest = 4096n;

export const isExactZero = (x: Ball): boolean => x.m === 0n && x.r === undefined && x.special === undefined;
/** -1, 0 or 1, undefined where the error leaves it open. */
export function signOf(x: Ball): number | undefined {
  if (x.special !== undefined) return Number.isNaN(x.special) ? undefined : Math.sign(x.special);
  if (x.r !== undefined && (x.m === 0n || x.r >= magnitude(x) - 1n)) return undefined;
  return x.m === 0n ? 0 : x.m < 0n ? -1 : 1;
}

/** The number, whatever is known of it. */
export function numberOf({ m, e, special }: Ball): number {
  if (special !== undefined) return special;
  const surplus = bits(m) - 64;
  const [head, at] = surplus > 0 ? [m >> BigInt(surplus), e + BigInt(surplus)] : [m, e];
  const exponent = Number(at > longest ? longest : at < -longest ? -longest : at);
  // in three steps, of which the last alone may leave what numbers hold
  const third = Math.trunc(exponent / 3);
  return Number(head) * 2 ** third * 2 ** third * 2 ** (exponent - 2 * third);
}

/** The number where `digits` bits of it are sure, or 0 where it is sure to vanish; NaN elsewhere. */
export function certain(x: Ball, digits: number): number {
  if (x.special !== undefined) return x.special;
  const top = magnitude(x);
  if (x.r === undefined || x.r < top - BigInt(digits)) return numberOf(x);
  return x.r < -1080n && top < -1080n ? 0 : Number.NaN;
}

export function ballOf(value: number): Ball {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? lost : { m: 0n, e: 0n, special: value };
  if (value === 0) return { m: 0n, e: 0n };
  let exponent = Math.max(-1074, Math.floor(Math.log2(Math.abs(value))) - 53);
  let scaled = value;
  if (exponent < -1000) {
    scaled *= 2 ** 100;
    exponent = exponent + 100;
    const m = scaled * 2 ** -exponent;
    return { m: BigInt(m), e: BigInt(exponent - 100) };
  }
  return { m: BigInt(scaled * 2 ** -exponent), e: BigInt(exponent) };
}

export const negated = (x: Ball): Ball =>
  x.special === undefined ? { m: -x.m, e: x.e, r: x.r } : Number.isNaN(x.special) ? x : { ...x, special: -x.special };
/** x with an error of 2^r besides its own. */
export const blurred = (x: Ball, r: bigint): Ball => (x.special === undefined ? { ...x, r: joined(x.r, r) } : x);
/** x with a relative error of 2^-digits besides its own. */
export const blurredBy = (x: Ball, digits: number): Ball =>
  x.m === 0n ? x : blurred(x, magnitude(x) - BigInt(digits));

/** The square root of a whole number, rounded down. */
function rootOf(n: bigint): bigint {
  let x = 1n << BigInt((bits(n) + 1) >> 1);
  for (let next = (x + n / x) >> 1n; next < x; next = (x + n / x) >> 1n) x = next;
  return x;
}

/** The sum of z^(2k+1)/(2k+1), of alternating sign for -1, of a fixed point number with w bits behind the point. */
function arcSeries(z: bigint, w: bigint, sign: 1n | -1n): bigint {
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
const ln2 = (w: bigint) =>
  constant("ln2", w, (v) => {
    const part = (n: bigint) => arcSeries(inverse(n, v), v, 1n);
    return 18n * part(26n) - 2n * part(4801n) + 8n * part(8749n);
  });
const halfPi = (w: bigint) =>
  constant("pi", w, (v) => 8n * arcSeries(inverse(5n, v), v, -1n) - 2n * arcSeries(inverse(239n, v), v, -1n));

/** e^x for |x| < 1 with w bits behind the point. */
function expFixed(x: bigint, w: bigint): bigint {
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
function circleFixed(x: bigint, w: bigint): readonly [sin: bigint, cos: bigint] {
  const sums = [1n << w, 0n, 0n, 0n];
  let term = 1n << w;
  for (let k = 1; term !== 0n && term !== -1n; k++) {
    term = ((term * x) >> w) / BigInt(k);
    sums[k % 4]! += term;
  }
  return [sums[1]! - sums[3]!, sums[0]! - sums[2]!];
}

/** Arithmetic and the elementary functions with p bits. */
export function ballArithmetic(p: number) {
  const wide = BigInt(p);
  const one = ballOf(1);

  function rounded(m: bigint, e: bigint, r?: bigint): Ball {
    const surplus = BigInt(bits(m)) - wide;
    if (surplus <= 0n) return { m, e, r };
    return { m: m >> surplus, e: e + surplus, r: joined(r, e + surplus) };
  }

  /** The function where all operands are numbers; of infinities by numbers. */
  const onBalls =
    (f: (...operands: Ball[]) => Ball, special: (...operands: number[]) => number) =>
    (...operands: Ball[]): Ball => {
      if (operands.every((each) => each.special === undefined)) return f(...operands);
      if (operands.some(isOpen)) return lost;
      const value = special(...operands.map(numberOf));
      return Number.isNaN(value) ? none : ballOf(value);
    };

  const add = onBalls(
    (a, b) => {
      if (a.m === 0n || b.m === 0n) {
        const [zero, other] = a.m === 0n ? [a, b] : [b, a];
        return zero.r === undefined ? other : { ...other, r: joined(other.r, zero.r) };
      }
      const [high, low] = magnitude(a) > magnitude(b) ? [a, b] : [b, a];
      // what is far below the last digit is an error of that size
      if (magnitude(low) < high.e - 4n && magnitude(low) < magnitude(high) - wide - 4n) {
        return { m: high.m, e: high.e, r: joined(joined(high.r, low.r), magnitude(low)) };
      }
      const e = -larger(-a.e, -b.e);
      return rounded((a.m << (a.e - e)) + (b.m << (b.e - e)), e, joined(a.r, b.r));
    },
    (a, b) => a + b,
  );
  const sub = (a: Ball, b: Ball) => add(a, negated(b));
  const mul = onBalls(
    (a, b) => {
      if (isExactZero(a) || isExactZero(b)) return ballOf(0);
      const r = joined(
        joined(moved(b.r, magnitude(a)), moved(a.r, magnitude(b))),
        a.r === undefined ? undefined : moved(b.r, a.r),
      );
      return rounded(a.m * b.m, a.e + b.e, r);
    },
    (a, b) => a * b,
  );
  const div = onBalls(
    (a, b) => {
      const sign = signOf(b);
      if (sign === 0) return none;
      if (!sign || (b.r !== undefined && b.r > magnitude(b) - 3n)) return lost;
      if (isExactZero(a)) return a;
      const up = BigInt(Math.max(0, p + 4 + bits(b.m) - bits(a.m)));
      const e = a.e - up - b.e;
      const r = joined(a.r, moved(b.r, magnitude(a) - magnitude(b) + 2n));
      return rounded((a.m << up) / b.m, e, joined(moved(r, 2n - magnitude(b)), e));
    },
    (a, b) => a / b,
  );
  const halved = (x: Ball): Ball => (x.special === undefined ? { m: x.m, e: x.e - 1n, r: moved(x.r, -1n) } : x);
  const doubled = (x: Ball): Ball => (x.special === undefined ? { m: x.m, e: x.e + 1n, r: moved(x.r, 1n) } : x);

  const sqrt = onBalls((x) => {
    if (isExactZero(x)) return x;
    if (signOf(x) === -1) return none;
    if (signOf(x) !== 1 || (x.r !== undefined && x.r > magnitude(x) - 3n)) return lost;
    let up = BigInt(Math.max(0, 2 * p + 4 - bits(x.m)));
    if ((x.e - up) % 2n !== 0n) up++;
    const e = (x.e - up) / 2n;
    const root = rootOf(x.m << up);
    return rounded(root, e, joined(moved(x.r, 1n - (e + BigInt(bits(root)))), e));
  }, Math.sqrt);

  /** A fixed point number with w bits behind the point, and what is off in it. */
  const fixed = (x: Ball, w: bigint) => shift(x.m, x.e + w);

  const exp = onBalls((x) => {
    if (isExactZero(x)) return one;
    const top = magnitude(x);
    if (x.r !== undefined && x.r > -2n) return lost;
    if (top > longest) return x.m > 0n ? lost : { m: 0n, e: 0n, r: -(1n << 4000n) };
    const w = wide + 24n + (top > 0n ? 2n * top : 0n);
    const value = fixed(x, w);
    const unit = ln2(w);
    const k = value / unit;
    const e = expFixed(value - k * unit, w);
    const made = rounded(e, k - w, k - w + 12n + (top > 0n ? top : 0n));
    return x.r === undefined ? made : blurred(made, magnitude(made) + x.r + 1n);
  }, Math.exp);

  /** What begins with x, by f where x is not tiny. */
  const beginning = (x: Ball, f: () => Ball, power = 1n): Ball => {
    const top = magnitude(x);
    if (x.m === 0n || top > -(wide / 2n + 4n) * (power === 1n ? 2n : 1n)) return f();
    return blurred({ m: x.m, e: x.e, r: moved(x.r, 1n) }, top * (power + 1n) + 1n);
  };

  const expm1 = onBalls((x) => {
    if (isExactZero(x)) return x;
    return beginning(x, () => {
      const top = magnitude(x);
      if (top > -2n) return sub(exp(x), one);
      const w = wide - top + 24n;
      const made = rounded(expFixed(fixed(x, w), w) - (1n << w), -w, 12n - w);
      return x.r === undefined ? made : blurred(made, x.r + 1n);
    });
  }, Math.expm1);

  /** log(1 + t) = 2 artanh(t / (2 + t)), for |t| < 1/2. */
  const near = (t: Ball) =>
    beginning(t, () => {
      const z = div(t, add(ballOf(2), t));
      if (z.special !== undefined || z.m === 0n) return doubled(z);
      const w = wide - magnitude(z) + 24n;
      const made = rounded(2n * arcSeries(fixed(z, w), w, 1n), -w, 12n - w + BigInt(bits(w)));
      return z.r === undefined ? made : blurred(made, z.r + 2n);
    });

  const log = onBalls((x) => {
    if (isExactZero(x)) return ballOf(Number.NEGATIVE_INFINITY);
    if (signOf(x) === -1) return none;
    if (signOf(x) !== 1 || (x.r !== undefined && x.r > magnitude(x) - 3n)) return lost;
    // x = 2^k y with y near 1
    const k = magnitude(x) - (BigInt(bits(x.m)) > 1n && size(x.m) >> BigInt(bits(x.m) - 2) === 2n ? 1n : 0n);
    const y = { m: x.m, e: x.e - k, r: moved(x.r, -k) };
    const w = wide + 24n + BigInt(bits(k));
    return k === 0n ? near(sub(y, one)) : add(near(sub(y, one)), rounded(k * ln2(w), -w, BigInt(bits(k)) + 2n - w));
  }, Math.log);
  const log1p = onBalls((t) => (magnitude(t) < -1n ? near(t) : log(add(one, t))), Math.log1p);

  /** sin and cos of x, and the quarter turns that were taken from it. */
  const turned = (x: Ball): readonly [sin: Ball, cos: Ball] => {
    const top = magnitude(x);
    if (top > longest || (x.r !== undefined && x.r > -2n)) return [lost, lost];
    const w = 2n * wide + 24n + (top > 0n ? 2n * top : -top);
    const value = fixed(x, w);
    const quarter = halfPi(w);
    const turns = value >= 0n ? (value + quarter / 2n) / quarter : -((quarter / 2n - value) / quarter);
    const off = 12n - w + (top > 0n ? top : 0n) + BigInt(bits(w));
    const [s, c] = circleFixed(value - turns * quarter, w).map((m) => {
      const made = rounded(m, -w, off);
      return x.r === undefined ? made : blurred(made, x.r);
    }) as [Ball, Ball];
    const place = Number(((turns % 4n) + 4n) % 4n);
    return [[s, c, negated(s), negated(c)][place]!, [c, negated(s), negated(c), s][place]!];
  };
  const sin = onBalls((x) => (isExactZero(x) ? x : beginning(x, () => turned(x)[0], 2n)), Math.sin);
  const cos = onBalls((x) => (isExactZero(x) ? one : turned(x)[1]), Math.cos);

  const atan: (x: Ball) => Ball = onBalls((x) => {
    if (isExactZero(x)) return x;
    return beginning(
      x,
      () => {
        const top = magnitude(x);
        if (top > 1n) {
          const quarter = rounded(halfPi(wide + 24n), -wide - 24n, -wide - 20n);
          return signOf(x) === undefined ? lost : sub(x.m < 0n ? negated(quarter) : quarter, atan(div(one, x)));
        }
        // atan x = 2 atan(x / (1 + sqrt(1 + x^2)))
        const half = (t: Ball) => div(t, add(one, sqrt(add(one, mul(t, t)))));
        const t = half(half(half(x)));
        if (t.special !== undefined || t.m === 0n) return lost;
        const w = wide - magnitude(t) + 24n;
        const made = rounded(8n * arcSeries(fixed(t, w), w, -1n), -w, 16n - w + BigInt(bits(w)));
        return t.r === undefined ? made : blurred(made, t.r + 4n);
      },
      2n,
    );
  }, Math.atan);

  const pi = () => doubled(rounded(halfPi(wide + 24n), -wide - 24n, -wide - 20n));

  return {
    pi,
    one,
    add,
    sub,
    mul,
    div,
    sqrt,
    exp,
    expm1,
    log,
    log1p,
    sin,
    cos,
    atan,
    halved,
    doubled,
    rounded,
    halfPi,
    ln2,
  };
}
