import { ballArithmetic } from "./arithmetic.ts";
import { type Ball, ballOf, blurred, isExactZero, lost, magnitude, negated, numberOf, signOf } from "./balls.ts";

/** The error functions and the derivatives of log gamma with about p bits, each with a bound on its error. */
export function specialBalls(p: number) {
  const { one, add, sub, mul, div, sqrt, exp, log, halved, doubled, rounded, pi } = ballArithmetic(p);
  const w = BigInt(p) + 32n;
  const square = (x: Ball) => mul(x, x);

  /** A sum of numbers with v bits behind the point, each made of the last one; at least as many of them as errors have bits. */
  const series = (first: bigint, v: bigint, next: (term: bigint, n: bigint) => bigint): Ball => {
    let [sum, term, n] = [first, first, 1n];
    for (; term !== 0n && term !== -1n; n++) {
      term = next(term, n);
      sum += term;
    }
    return rounded(sum, -v, 4n - v + BigInt(n.toString(2).length));
  };

  /** f of x as if it were exact, blurred by its slope: less than 2^steep beside the value, or in itself. */
  const exactly = (x: Ball, f: (x: Ball) => Ball, blur: (value: Ball, r: bigint) => bigint): Ball => {
    const value = f({ m: x.m, e: x.e });
    return x.r === undefined ? value : blurred(value, blur(value, x.r));
  };

  /** 2/sqrt(pi) e^(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...), of which no term cancels. */
  const erfOf = (x: Ball): Ball => {
    const value = numberOf(x);
    if (value ** 2 > p + 60) return value > 0 ? sub(one, erfcOf(x)) : sub(erfcOf(negated(x)), one);
    const v = w + (magnitude(x) < 0n ? -magnitude(x) : 0n);
    const fixed = (y: Ball) => (y.e + v >= 0n ? y.m << (y.e + v) : y.m >> -(y.e + v));
    const twice = 2n * ((fixed(x) * fixed(x)) >> v);
    const sum = series(fixed(x), v, (term, n) => ((term * twice) >> v) / (2n * n + 1n));
    return mul(div(ballOf(2), sqrt(pi())), mul(exp(negated(square(x))), sum));
  };
  const erf = (x: Ball): Ball => {
    if (isExactZero(x)) return x;
    if (x.special !== undefined) return Number.isNaN(x.special) ? x : ballOf(Math.sign(x.special));
    return exactly(x, erfOf, (_, r) => r + 1n);
  };

  const erfcOf = (x: Ball): Ball => {
    const value = numberOf(x);
    if (value < 0) return add(one, erfOf(negated(x)));
    // where 1 - erf x has digits enough, and where the series in 1/x^2 ends before its terms grow again
    if (value ** 2 < p + 60)
      return sub(one, value === 0 ? x : specialBalls(p + Math.ceil(1.5 * value ** 2) + 64).erf(x));
    const step = fixedOf(div(one, doubled(square(x))));
    const sum = series(1n << w, w, (term, n) => -(((term * step) >> w) * (2n * n - 1n)));
    return div(mul(exp(negated(square(x))), sum), mul(x, sqrt(pi())));
  };
  const erfc = (x: Ball): Ball => {
    if (x.special !== undefined) return Number.isNaN(x.special) ? x : ballOf(x.special > 0 ? 0 : 2);
    if (x.r !== undefined && x.r > -magnitude(x) - 2n) return lost;
    return exactly(x, erfcOf, (value, r) => magnitude(value) + r + 3n + (magnitude(x) > 0n ? magnitude(x) : 0n));
  };

  /** The inverse of erf at x by Newton's steps, from a number for what x leaves of 1; open at the poles. */
  const erfinv = (x: Ball, inverse: (rest: number) => number): Ball => {
    if (isExactZero(x)) return x;
    const half = halved(sqrt(pi()));
    const start = inverse(numberOf(sub(one, x.m < 0n ? negated(x) : x)));
    let y = magnitude(x) < -30n ? mul(x, half) : ballOf(x.m < 0n ? -start : start);
    if (signOf(sub(square(x), one)) !== -1) return lost;
    for (let bits = 16; ; bits *= 2) {
      y = { m: y.m, e: y.e };
      const step = mul(mul(sub(erfOf(y), x), half), exp(square(y)));
      const next = sub(y, step);
      // the next step would be about y step^2
      if (bits > p) return blurred(next, 2n * magnitude(step) + magnitude(y) + 3n);
      y = next;
    }
  };
  const fixedOf = ({ m, e }: Ball) => (e + w >= 0n ? m << (e + w) : m >> -(e + w));

  /** The n-th derivative of log gamma by Stirling's series, from where it has the digits. */
  const gamma =
    (n: number) =>
    (x: Ball): Ball => {
      if (x.special !== undefined || signOf(x) !== 1 || p > mostBits) return lost;
      const steps = Math.max(0, Math.ceil(0.2 * p + 8 - numberOf(x)));
      const made = stirling(n, add(x, ballOf(steps)));
      if (steps === 0) return made;
      const passed = Array.from({ length: steps }, (_, k) => add(x, ballOf(k)));
      return sub(
        made,
        n === 0
          ? log(inPairs(passed, mul))
          : inPairs(
              passed.map((at) => slopeOfLog(n, at)),
              add,
            ),
      );
    };
  /** Neighbours first, so that errors grow as slowly as they can. */
  const inPairs = (all: readonly Ball[], join: (a: Ball, b: Ball) => Ball): Ball => {
    if (all.length === 1) return all[0]!;
    const middle = all.length >> 1;
    return join(inPairs(all.slice(0, middle), join), inPairs(all.slice(middle), join));
  };
  /** The n-th derivative of log x. */
  const slopeOfLog = (n: number, x: Ball): Ball => {
    let value = div(one, x);
    for (let k = 1; k < n; k++) value = mul(value, div(ballOf(-k), x));
    return value;
  };
  const stirling = (n: number, y: Ball): Ball => {
    const head =
      n === 0
        ? add(sub(mul(sub(y, halved(one)), log(y)), y), halved(log(doubled(pi()))))
        : sub(n === 1 ? log(y) : slopeOfLog(n - 1, y), halved(slopeOfLog(n, y)));
    // the sum of B_2k/(2k (2k-1)) y^(1-2k), derived n times
    const squared = fixedOf(div(one, square(y)));
    let [sum, power, rising] = [0n, 1n << w, 1n];
    for (let k = 2n; k <= BigInt(n); k++) rising *= k;
    for (let k = 1; ; k++) {
      const [top, bottom] = bernoulli(k);
      const m = BigInt(2 * k);
      const term = (power * top * rising) / (bottom * m * (m - 1n));
      if (term === 0n) break;
      sum += term;
      power = (power * squared) >> w;
      const [low, high] = [m - 1n, m - 1n + BigInt(n)];
      rising = (rising * high * (high + 1n)) / (low * (low + 1n));
    }
    const tail = rounded(n % 2 === 0 ? sum : -sum, -w, 16n - w);
    let beside = div(one, y);
    for (let k = 0; k < n; k++) beside = div(beside, y);
    return add(head, mul(tail, beside));
  };

  return { erf, erfc, erfinv, gamma };
}

/** Wider numbers take too many terms of Stirling's series. */
const mostBits = 2560;

const tangents: bigint[] = [];
/** B_2k as a quotient, from tangent numbers (Brent and Harvey, Fast computation of Bernoulli, tangent and secant numbers, 2013). */
function bernoulli(k: number): readonly [top: bigint, bottom: bigint] {
  if (k > tangents.length) {
    const count = 2 * k + 32;
    const t: bigint[] = [1n];
    for (let j = 1; j < count; j++) t.push(BigInt(j) * t[j - 1]!);
    for (let i = 1; i < count; i++) {
      for (let j = i; j < count; j++) t[j] = BigInt(j - i) * t[j - 1]! + BigInt(j - i + 2) * t[j]!;
    }
    tangents.splice(0, tangents.length, ...t);
  }
  const power = 4n ** BigInt(k);
  const top = BigInt(2 * k) * tangents[k - 1]!;
  return [k % 2 === 0 ? -top : top, power * (power - 1n)];
}
