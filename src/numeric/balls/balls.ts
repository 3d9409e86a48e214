import { bits, larger } from "./fixed-point.ts";

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

/** What is beyond all numbers that are computed with: it stays open, whatever the digits. */
export const beyond: Ball = { m: 0n, e: 0n, special: Number.NaN };

/** What has no value: the logarithm of a number that is surely negative. */
export const none: Ball = { m: 0n, e: 0n, r: 0n, special: Number.NaN };

/** True where nothing is known; more digits may tell, unless it is `beyond`. */
export const isOpen = (x: Ball): boolean => x !== none && Number.isNaN(x.special);

/** The bound on two errors together. */
export const joined = (a: bigint | undefined, b: bigint | undefined) =>
  a === undefined ? b : b === undefined ? a : larger(a, b) + 1n;
/** An error times a power of two. */
export const moved = (r: bigint | undefined, by: bigint) => (r === undefined ? undefined : r + by);

/** |x| < 2^magnitude; of 0, its error. */
export const magnitude = ({ m, e, r }: Ball) => (m === 0n && r !== undefined ? r : e + BigInt(bits(m)));

/** Exponents beyond these are taken for what they tend to. */
export const longest = 4096n;

/** True of 0 without an error. */
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

/** A number as a ball without an error; NaN as what is lost. */
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

/** The function where all operands are numbers; of infinities by numbers. */
export const onBalls =
  (f: (...operands: Ball[]) => Ball, special: (...operands: number[]) => number) =>
  (...operands: Ball[]): Ball => {
    if (operands.every((each) => each.special === undefined)) return f(...operands);
    if (operands.some(isOpen)) return operands.includes(beyond) ? beyond : lost;
    const value = special(...operands.map(numberOf));
    return Number.isNaN(value) ? none : ballOf(value);
  };
