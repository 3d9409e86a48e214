import {
  type Ball,
  ballOf,
  beyond,
  blurred,
  isExactZero,
  longest,
  lost,
  magnitude,
  moved,
  none,
  onBalls,
  signOf,
} from "./balls.ts";
import { arcSeries, bits, expFixed, ln2, size } from "./fixed-point.ts";
import { type BallOperations, beginning, fixed } from "./operations.ts";

/** Exponentials and logarithms. */
export function ballExponentials(p: number, { one, add, sub, div, doubled, rounded }: BallOperations) {
  const wide = BigInt(p);

  const exp = onBalls((x) => {
    if (isExactZero(x)) return one;
    const top = magnitude(x);
    if (top > longest && signOf(x) === 1) return beyond;
    if (x.r !== undefined && x.r > -2n) return lost;
    if (top > longest) return { m: 0n, e: 0n, r: -(1n << 4000n) };
    const w = wide + 24n + (top > 0n ? 2n * top : 0n);
    const value = fixed(x, w);
    const unit = ln2(w);
    const k = value / unit;
    const e = expFixed(value - k * unit, w);
    const made = rounded(e, k - w, k - w + 12n + (top > 0n ? top : 0n));
    return x.r === undefined ? made : blurred(made, magnitude(made) + x.r + 1n);
  }, Math.exp);

  const expm1 = onBalls((x) => {
    if (isExactZero(x)) return x;
    return beginning(x, wide, () => {
      const top = magnitude(x);
      if (top > -2n) return sub(exp(x), one);
      const w = wide - top + 24n;
      const made = rounded(expFixed(fixed(x, w), w) - (1n << w), -w, 12n - w);
      return x.r === undefined ? made : blurred(made, x.r + 1n);
    });
  }, Math.expm1);

  /** log(1 + t) = 2 artanh(t / (2 + t)), for |t| < 1/2. */
  const near = (t: Ball) =>
    beginning(t, wide, () => {
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

  return { exp, expm1, log, log1p };
}
