import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, ternary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { allOf, equal, greaterEqual, less, lessEqual, min, or, select } from "../elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../elementary/exponential.ts";
import { nonNegative, unit } from "../elementary/interval.ts";
import { hypot } from "../elementary/lengths.ts";
import { polynomial, wholePower } from "../elementary/polynomial.ts";
import { pow, powSlope, sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { faded } from "../ratios/faded.ts";
import { polygamma } from "./gamma.ts";
import { lgammaOfNext, stirlingRemainder } from "./gamma-density.ts";
import { gammaStep, logBeta } from "./gamma-steps.ts";
import {
  coefficientOf,
  depth,
  expGap,
  expOf,
  type Jet,
  jetOf,
  logGapAt,
  logOf,
  nodes,
  numberOfPair,
  pairOfNumber,
  powersUpTo,
  sumOf,
  total,
} from "./incomplete.ts";

// The regularised incomplete beta function I_x(a, b). With t / (1 - t) = e^-s x / y, y = 1 - x, it is
//   x^a y^b / B(a, b) times the integral from 0 to Infinity of f(s) = (t / x)^a ((1 - t) / y)^b,
// taken from that side of the mean a / (a + b) where x is, so that f falls from 1: as the incomplete gamma functions are. Where a is small
// and x is far from 1 the rest is not like that; there the series in x serves both, and so on the other side.
// What makes 1 / B(a, b) = a b / (a + b) gamma(a + b + 1) / (gamma(a + 1) gamma(b + 1)) small with a or b is a factor by itself in series:
// in the logarithm its own would cancel each other.

/** The operands with x and 1 - x, or those of the other side. */
interface Point {
  readonly a: Expr;
  readonly b: Expr;
  readonly x: Expr;
  readonly y: Expr;
}

const large = 10;

const areLarge = ({ a, b }: Point) => less(large, min(a, b));

/** b x - a y, which is 0 at the mean. */
const lead = ({ a, b, x, y }: Point) => sub(mul(b, x), mul(a, y));

/** What serves a small b, which is a factor of the mass by itself, or else the rest. */
const ofFactor = (b: Expr, small: Expr, rest: Expr | number) => select(less(b, 1), small, rest);

/** x^a y^b / B(a, b), over b where that is below 1. */
function mass(point: Point): Expr {
  const { a, b, x, y } = point;
  const ahead = lead(point);
  const gaps = add(mul(a, logGapAt(div(ahead, a))), mul(b, logGapAt(div(neg(ahead), b))));
  const logs = add(mul(a, logOfRise(point)), mul(b, logOfRise(mirrored(point))));
  const fall = select(less(abs(ahead), mul(0.5, min(a, b))), neg(gaps), logs);
  const sum = add(a, b);
  const remainder = sub(sub(stirlingRemainder(sum), stirlingRemainder(a)), stirlingRemainder(b));
  const stirling = mul(exp(add(remainder, fall)), sqrt(div(mul(a, div(b, sum)), 2 * Math.PI)));
  const powers = mul(powerOf(x, y, a), powerOf(y, x, b));
  const exponent = ofFactor(b, sub(gammaStep(1)(a, b), lgammaOfNext(b)), neg(logBeta(a, b)));
  return select(areLarge(point), stirling, mul(powers, exp(exponent)));
}

/** log of x over the mean. */
function logOfRise(point: Point): Expr {
  const { a, b, x } = point;
  const share = div(lead(point), a);
  return select(less(abs(share), 0.5), log1p(share), log(mul(div(add(a, b), a), x)));
}

/** x^a, by 1 - x where that is small. */
const powerOf = (x: Expr, y: Expr, a: Expr) => select(less(y, 0.5), exp(mul(a, log1p(neg(y)))), pow(x, a));

const logOfPart = (x: Expr, y: Expr) => select(less(y, 0.5), log1p(neg(y)), log(x));

/** log a - digamma(a) from 10 on. */
function digammaRemainder(a: Expr): Expr {
  const inverse = reciprocal(a);
  const coefficients = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];
  return mul(inverse, add(0.5, mul(inverse, polynomial(square(inverse), coefficients))));
}

/** The derivative of log(x^a y^b / B(a, b)) in a. */
function rate(point: Point): Expr {
  const { a, b, x, y } = point;
  const byMean = add(logOfRise(point), sub(digammaRemainder(a), digammaRemainder(add(a, b))));
  return select(areLarge(point), byMean, add(logOfPart(x, y), gammaStep(2)(a, b)));
}

const mirrored = ({ a, b, x, y }: Point): Point => ({ a: b, b: a, x: y, y: x });

/** The series of the logarithm of the mass in a and b. */
const jetOfMass = (k: number, l: number, point: Point): Jet =>
  jetOf([k, l], ([m, n]) => {
    const { a, b, x, y } = point;
    // where b is below 1, of gamma(b + 1) in place of gamma(b)
    const ofNext = gammaStep(n! + 1)(add(b, 1), sub(a, 1));
    if (m === 1 && n === 0) return rate(point);
    if (m === 0 && n === 1) return ofFactor(b, add(logOfPart(y, x), ofNext), rate(mirrored(point)));
    if (n === 0) return mul(1 / factorial(m!), gammaStep(m! + 1)(a, b));
    if (m === 0) return mul(1 / factorial(n!), ofFactor(b, ofNext, gammaStep(n! + 1)(b, a)));
    return mul(1 / (factorial(m!) * factorial(n!)), polygamma(m! + n! - 1)(add(a, b)));
  });

/** x s + log(1 + x (e^-s - 1)), about x y s^2/2. */
const betaGap = ternary("betaGap", {
  program: (x, y, s) => {
    const small = mul(x, expm1(neg(s)));
    const left = sub(mul(x, expGap(s)), logGapAt(small));
    const change = mul(y, expm1(s));
    const near = sub(mul(y, expGap(neg(s))), logGapAt(change));
    return select(lessEqual(x, 0.5), left, select(less(change, 0.5), near, sub(log1p(change), mul(y, s))));
  },
  partials: [
    { none: "it is part of a program" },
    { none: "it is part of a program" },
    { none: "it is part of a program" },
  ],
  cost: 80,
});

/** The integral of ((t/x)^a ((1-t)/y)^b over the logarithm of t/(1-t) up to x's, and its series in a and b. */
function integrals(point: Point, k: number, l: number) {
  const { a, b, x, y } = point;
  const slope = neg(lead(point));
  const sum = add(a, b);
  const curvature = mul(sum, mul(x, y));
  let end = div(2 * depth, add(slope, hypot(slope, sqrt(mul(2 * depth, curvature)))));
  for (let turn = 0; turn < 3; turn++) {
    const height = add(mul(slope, end), mul(sum, betaGap(x, y, end)));
    const fall = neg(expm1(neg(end)));
    const steep = add(slope, div(mul(curvature, fall), sub(1, mul(x, fall))));
    end = add(end, div(sub(depth, height), steep));
  }
  const values = nodes().map(({ at, weight }) => {
    const s = mul(end, at);
    const value = mul(weight, exp(neg(add(mul(slope, s), mul(sum, betaGap(x, y, s))))));
    // how much log t falls and log(1 - t) grows
    const [fall, rise] = k + l > 0 ? [neg(log1p(mul(y, expm1(s)))), neg(log1p(mul(x, expm1(neg(s)))))] : [s, s];
    return { value, fall, rise };
  });
  const size = total(values.map(({ value }) => value))!;
  const jet = jetOf([k, l], ([m, n]) => {
    const moments = values.map(({ value, fall, rise }) => {
      const powers = [...(m! > 0 ? [wholePower(fall, m!)] : []), ...(n! > 0 ? [wholePower(rise, n!)] : [])];
      return powers.reduce((all, power) => mul(all, power), value);
    });
    return mul(1 / (factorial(m!) * factorial(n!)), div(total(moments)!, size));
  });
  return { size: mul(end, size), jet };
}

/** lgamma(x + y) - lgamma(x) of x >= 1 and y <= 1, from some steps further up where x is not large: lgamma itself has fewer digits. */
function lgammaRise(x: Expr, y: Expr): Expr {
  // the product of 1 + y / (x + i), less 1
  let excess = div(y, x);
  for (let i = 1; i <= large; i++) {
    const factor = div(y, add(x, i));
    excess = add(excess, add(factor, mul(excess, factor)));
  }
  const further = sub(gammaStep(1)(add(x, large + 1), y), log1p(excess));
  return select(less(x, large + 2), further, gammaStep(1)(x, y));
}

/** b / (a + b), whose complex steps keep their digits where it is about 1. */
const quotientOf = (a: Expr, b: Expr) => select(less(a, b), sub(1, div(a, add(a, b))), div(b, add(a, b)));

/** A coefficient of the series of that in a and b. */
function ofQuotient(a: Expr, b: Expr, m: number, n: number): Expr {
  const inverse = reciprocal(add(a, b));
  if (m + n === 0) return quotientOf(a, b);
  const factor = ((-1) ** (m + n) * factorial(m + n - 1)) / (factorial(m) * factorial(n));
  return mul(mul(factor, mul(sub(mul(m, b), mul(n, a)), inverse)), wholePower(inverse, m + n));
}

/** The share below x where a < 1, x <= 1/2 and b x < 1, the rest, and the coefficient of its series, k times in a and l times in b. */
function small(point: Point, k: number, l: number) {
  const { a, b, x } = point;
  const one = a.graph.constantLike(1, a);
  // x^n (1 - b)_n / n! and its series in b
  const count = 54;
  let factor: (Expr | undefined)[] = [one, ...Array.from({ length: l }, () => undefined)];
  const sums = new Map<string, (Expr | undefined)[]>();
  for (let n = 1; n <= count; n++) {
    const part = mul(1 / n, x);
    const share = mul(part, sub(n, b));
    factor = factor.map((each, i) => {
      const before = i > 0 ? factor[i - 1] : undefined;
      return total([each && mul(each, share), before && neg(mul(part, before))]);
    });
    const inverse = reciprocal(add(a, n));
    for (let i = 0; i <= k; i++) {
      // of a/(a + n) = 1 - n/(a + n)
      const inA = i === 0 ? inverse : mul(-n * (-1) ** i, wholePower(inverse, i + 1));
      for (let j = 0; j <= l; j++) {
        const term = factor[j] && mul(factor[j]!, inA);
        sums.set(`${i},${j}`, [...(sums.get(`${i},${j}`) ?? []), term]);
      }
    }
  }
  const sumAt = (i: number, j: number) => {
    const all = sums.get(`${i},${j}`)!.filter((term) => term !== undefined);
    const sum = all.reduceRight((rest, term) => add(rest, term));
    return i === 0 ? mul(a, sum) : sum;
  };
  const beside = sumAt(0, 0);
  const series = add(1, beside);
  const logSeries = logOf(
    [k, l],
    jetOf([k, l], ([m, n]) => div(sumAt(m!, n!), series)),
  );
  // without b / (a + b)
  const step = lgammaRise(add(b, 1), a);
  const exponent = sub(select(equal(a, 0), 0, mul(a, log(x))), sub(lgammaOfNext(a), step));
  const excess = expm1(exponent);
  const quotient = quotientOf(a, b);
  const rest = mul(mul(pow(x, a), exp(sub(step, lgammaOfNext(a)))), series);
  const lower = mul(quotient, rest);
  const complement = sub(quotientOf(b, a), mul(quotient, add(excess, mul(add(excess, 1), beside))));
  const logPower = jetOf([k, l], ([m, n]) => {
    if (m === 0) return mul(1 / factorial(n!), gammaStep(n! + 1)(add(b, 1), a));
    if (n! > 0) return mul(1 / (factorial(m!) * factorial(n!)), polygamma(m! + n! - 1)(add(add(a, b), 1)));
    const ofGamma = mul(1 / factorial(m!), gammaStep(m! + 1)(add(a, 1), b));
    return m === 1 ? add(log(x), ofGamma) : ofGamma;
  });
  const jet = expOf([k, l], sumOf([k, l], [logSeries, logPower]));
  const terms = [[0, 0], ...powersUpTo([k, l])].map(([m, n]) => {
    const factor = ofQuotient(a, b, k - m!, l - n!);
    return m! + n! > 0 ? mul(factor, coefficientOf(jet, [m!, n!])!) : factor;
  });
  const upper = select(less(lower, 0.5), sub(1, lower), complement);
  return { lower, upper, coefficient: mul(rest, total(terms)!) };
}

const isSmall = ({ a, b, x }: Point) => allOf([less(a, 1), lessEqual(x, 0.5), less(mul(b, x), 1)]);

/** The share below x, or its derivative k times in a and l times in b. */
function derivativeOf(k: number, l: number, a: Expr, b: Expr, x: Expr): Expr {
  const here: Point = { a, b, x, y: sub(1, x) };
  const there = mirrored(here);
  const isLeft = lessEqual(lead(here), 0);
  const choose = (yes: Expr, no: Expr) => select(isLeft, yes, no);
  // from the side of the mean where x is
  const near: Point = {
    a: choose(here.a, there.a),
    b: choose(here.b, there.b),
    x: choose(here.x, there.x),
    y: choose(here.y, there.y),
  };
  const both = Math.max(k, l);
  const { size, jet } = integrals(near, both, both);
  const rest = mul(mass(near), size);
  const share = mul(rest, ofFactor(near.b, near.b, 1));
  const [low, high] = [small(here, k, l), small(there, l, k)];
  const parts = (below: Expr, above: Expr, middle: Expr) =>
    select(isSmall(here), below, select(isSmall(there), above, middle));
  if (both === 0) return parts(low.lower, high.upper, choose(share, sub(1, share)));
  const whole = expOf([both, both], sumOf([both, both], [logOf([both, both], jet), jetOfMass(both, both, near)]));
  const coefficient = (m: number, n: number) => {
    const [own, before] = [coefficientOf(whole, [m, n])!, n > 0 ? coefficientOf(whole, [m, n - 1]) : undefined];
    return ofFactor(near.b, n > 0 ? add(mul(near.b, own), before ?? 1) : mul(near.b, own), own);
  };
  // on the other side the parameters change places
  const middle = mul(rest, choose(coefficient(k, l), neg(coefficient(l, k))));
  const found = mul(factorial(k) * factorial(l), parts(low.coefficient, neg(high.coefficient), middle));
  return select(or(equal(x, 0), equal(x, 1)), 0, found);
}

/** What lies beyond is no different, and its products do not overflow. */
const furthest = 1e100;

const whereDefined = (a: Expr, b: Expr, x: Expr, f: (a: Expr, b: Expr, x: Expr) => Expr) =>
  select(
    allOf([greaterEqual(a, 0), greaterEqual(b, 0), greaterEqual(x, 0), lessEqual(x, 1)]),
    f(min(a, furthest), min(b, furthest), x),
    Number.NaN,
  );

const ordinary: Interval = [0.5, 15];
/** Of tiny parameters the density and the rates have values too, but further derivatives lose digits. */
const parameter: Interval = [0.05, Number.POSITIVE_INFINITY];
const domain = [parameter, parameter, unit];
const cost = 4000;

/** The regularised incomplete beta function I_x(a, b). */
export const betainc = ternary("betainc", {
  domain: [nonNegative, nonNegative, unit],
  program: (a, b, x) => whereDefined(a, b, x, (a, b, x) => derivativeOf(0, 0, a, b, x)),
  partials: [
    (a, b, x) => betaincSlope(numberOfPair(1, 0))(a, b, x),
    (a, b, x) => betaincSlope(numberOfPair(0, 1))(a, b, x),
    (a, b, x) => betaDensity(a, b, x),
  ],
  cost,
  range: () => unit,
});

/** Derivatives of I in a and b, by the numbers of pairs: once in b, once in a, twice in b, once in each, twice in a, and so on. */
export const betaincSlope = family("betaincSlope", 1, (order, name) => {
  const [k, l] = pairOfNumber(order);
  return ternary(name, {
    domain: [ordinary, ordinary, [0.05, 0.95]],
    program: (a, b, x) => whereDefined(a, b, x, (a, b, x) => derivativeOf(k, l, a, b, x)),
    partials: [
      (a, b, x) => betaincSlope(numberOfPair(k + 1, l))(a, b, x),
      (a, b, x) => betaincSlope(numberOfPair(k, l + 1))(a, b, x),
      (a, b, x) => faded(betaDensity(a, b, x), densityFactor(k, l, a, b, x)),
    ],
    cost: cost + 1000 * (k + l),
  });
});

/** The derivative of the density, k times in a and l times in b, over the density itself. */
function densityFactor(k: number, l: number, a: Expr, b: Expr, x: Expr): Expr {
  const jet = jetOf([k, l], ([m, n]) => {
    if (m === 1 && n === 0) return betaRate(a, b, x);
    if (m === 0 && n === 1) return betaRestRate(a, b, x);
    if (n === 0) return mul(1 / factorial(m!), gammaStep(m! + 1)(a, b));
    if (m === 0) return mul(1 / factorial(n!), gammaStep(n! + 1)(b, a));
    return mul(1 / (factorial(m!) * factorial(n!)), polygamma(m! + n! - 1)(add(a, b)));
  });
  return mul(factorial(k) * factorial(l), coefficientOf(expOf([k, l], jet), [k, l])!);
}

/** The density x^(a - 1) (1 - x)^(b - 1) / B(a, b). */
export const betaDensity = ternary("betaDensity", {
  domain,
  program: (a, b, x) =>
    whereDefined(a, b, x, (a, b, x) => {
      const y = sub(1, x);
      const plain = mul(mul(powerOf(x, y, sub(a, 1)), powerOf(y, x, sub(b, 1))), exp(neg(logBeta(a, b))));
      const point = { a, b, x, y };
      const isInside = allOf([areLarge(point), less(0, x), less(x, 1)]);
      return select(isInside, div(div(mass(point), x), y), plain);
    }),
  partials: [
    (a, b, x, z) => faded(z, betaRate(a, b, x)),
    (a, b, x, z) => faded(z, betaRestRate(a, b, x)),
    (a, b, x, z) => {
      const inside = mul(z, sub(div(sub(a, 1), x), div(sub(b, 1), sub(1, x))));
      return select(or(equal(x, 0), equal(x, 1)), slopeAtEnds(a, b, x), inside);
    },
  ],
  cost: 500,
});

/** The slope of the density in x at 0 and 1, where one power of it is the whole. */
function slopeAtEnds(a: Expr, b: Expr, x: Expr): Expr {
  const [p, q, y] = [sub(a, 1), sub(b, 1), sub(1, x)];
  const scale = exp(neg(logBeta(a, b)));
  return sub(faded(mul(powSlope(1)(x, p), pow(y, q)), scale), faded(mul(pow(x, p), powSlope(1)(y, q)), scale));
}

/** log x - digamma(a) + digamma(a + b). */
export const betaRate = ternary("betaRate", {
  domain,
  program: (a, b, x) => rate({ a, b, x, y: sub(1, x) }),
  partials: [(a, b) => gammaStep(3)(a, b), (a, b) => polygamma(1)(add(a, b)), (_a, _b, x) => reciprocal(x)],
  cost: 200,
});

/** log(1 - x) - digamma(b) + digamma(a + b). */
export const betaRestRate = ternary("betaRestRate", {
  domain,
  program: (a, b, x) => rate({ a: b, b: a, x: sub(1, x), y: x }),
  partials: [
    (a, b) => polygamma(1)(add(a, b)),
    (a, b) => gammaStep(3)(b, a),
    (_a, _b, x) => neg(reciprocal(sub(1, x))),
  ],
  cost: 200,
});
