import {
  type Ball,
  beyond,
  blurred,
  isExactZero,
  longest,
  lost,
  magnitude,
  moved,
  negated,
  onBalls,
  signOf,
} from "./balls.ts";
import { arcSeries, bits, circleFixed, halfPi, larger } from "./fixed-point.ts";
import { type BallOperations, beginning, fixed } from "./operations.ts";

/** Functions of angles. */
export function ballAngles(p: number, { one, add, sub, mul, div, sqrt, doubled, rounded }: BallOperations) {
  const wide = BigInt(p);
  const quarterTurn = () => rounded(halfPi(wide + 24n), -wide - 24n, -wide - 20n);
  const pi = () => doubled(quarterTurn());

  /** x and 1 beside terms of x^2 and x^3. */
  const tiny = (x: Ball, top: bigint): readonly [sin: Ball, cos: Ball] => [
    blurred({ m: x.m, e: x.e, r: moved(x.r, 1n) }, 3n * top),
    blurred(one, 2n * top),
  ];
  /** sin and cos of x, and the quarter turns that were taken from it. */
  const turned = (x: Ball): readonly [sin: Ball, cos: Ball] => {
    const top = magnitude(x);
    if (top > longest) return [beyond, beyond];
    if (x.r !== undefined && x.r > -2n) return [lost, lost];
    const most = x.r === undefined ? top : larger(top, x.r) + 1n;
    if (most < -wide) return tiny(x, most);
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
  const sin = onBalls((x) => (isExactZero(x) ? x : beginning(x, wide, () => turned(x)[0], 2n)), Math.sin);
  const cos = onBalls((x) => (isExactZero(x) ? one : turned(x)[1]), Math.cos);

  const atan: (x: Ball) => Ball = onBalls((x) => {
    if (isExactZero(x)) return x;
    return beginning(
      x,
      wide,
      () => {
        const top = magnitude(x);
        if (top > 1n) {
          const quarter = quarterTurn();
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

  return { pi, sin, cos, atan };
}
