import type { Ball } from "../../src/numeric/balls/balls.ts";

/** A decimal number as a quotient of whole numbers. */
export function fraction(text: string): readonly [bigint, bigint] {
  const [, sign, whole, part = "", exponent = "0"] = /^(-?)(\d+)\.?(\d*)(?:e([-+]?\d+))?$/.exec(text)!;
  const digits = BigInt(`${sign}${whole}${part}`);
  const power = Number(exponent) - part.length;
  return power >= 0 ? [digits * 10n ** BigInt(power), 1n] : [digits, 10n ** BigInt(-power)];
}

/** |ball - n/d| < 2^r, and the digits that are given. */
export function holds({ m, e, r }: Ball, [n, d]: readonly [bigint, bigint]): boolean {
  const [up, down] = e >= 0n ? [m << e, 1n] : [m, 1n << -e];
  const gap = up * d - n * down;
  const size = gap < 0n ? -gap : gap;
  const bound = r === undefined ? 0n : r >= 0n ? (d * down) << r : (d * down) >> -r;
  const last = (n < 0n ? -n : n) * down;
  return size <= bound + last / 10n ** 58n;
}

/** How many bits of a ball are sure. */
export function bitsOf({ m, e, r }: Ball): number {
  return r === undefined ? Number.POSITIVE_INFINITY : Number(e - r) + m.toString(2).replace("-", "").length;
}
