import {
  type Ball,
  ballOf,
  blurred,
  isExactZero,
  joined,
  lost,
  magnitude,
  moved,
  negated,
  none,
  onBalls,
  signOf,
} from "./balls.ts";
import { bits, larger, rootOf, shift } from "./fixed-point.ts";

/** The four operations and roots, with p bits. */
export function ballOperations(p: number) {
  const wide = BigInt(p);
  const one = ballOf(1);

  function rounded(m: bigint, e: bigint, r?: bigint): Ball {
    const surplus = BigInt(bits(m)) - wide;
    if (surplus <= 0n) return { m, e, r };
    return { m: m >> surplus, e: e + surplus, r: joined(r, e + surplus) };
  }

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

  return { one, rounded, add, sub, mul, div, sqrt, halved, doubled };
}

export type BallOperations = ReturnType<typeof ballOperations>;

/** A fixed point number with w bits behind the point. */
export const fixed = (x: Ball, w: bigint): bigint => shift(x.m, x.e + w);

/** What begins with x, by f where x is not tiny. */
export function beginning(x: Ball, wide: bigint, f: () => Ball, power = 1n): Ball {
  const top = magnitude(x);
  if (x.m === 0n || top > -(wide / 2n + 4n) * (power === 1n ? 2n : 1n)) return f();
  return blurred({ m: x.m, e: x.e, r: moved(x.r, 1n) }, top * (power + 1n) + 1n);
}
