import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { factorial } from "../../numeric/factorial.ts";
import { binary, family, type Operation, ternary } from "../define.ts";
import { add, div, mul, neg, reciprocal, sub } from "../elementary/algebra.ts";
import { allOf, equal, greater, greaterEqual, less, lessEqual, select } from "../elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../elementary/exponential.ts";
import { nonNegative, unit } from "../elementary/interval.ts";
import { hypot } from "../elementary/lengths.ts";
import { wholePower } from "../elementary/polynomial.ts";
import { pow, sqrt } from "../elementary/powers.ts";
import {
  gammaKernel,
  gammaOfNext,
  jetOfLogMass,
  large,
  lgammaOfNext,
  logMass,
  mass,
  whereDefined,
} from "./gamma-density.ts";
import {
  coefficientOf,
  depth,
  expGap,
  expOf,
  type Jet,
  jetOf,
  logOf,
  nodes,
  numberOfPair,
  pairOfNumber,
  sumOf,
  timesJet,
  total,
} from "./incomplete.ts";

// The regularised incomplete gamma functions P(a, x) and Q(a, x). With t = x e^-u they are
//   x^a e^-x / gamma(a) times the integral of f(u) = e^(-(a - x) u - x (u + e^-u - 1)),
// from 0 to Infinity for P and from -Infinity to 0 for Q. The one is taken where x <= a and the other where not, so that f falls from
// 1 and is between an exponential and a Gaussian: one rule of quadrature serves all a and x, and moments of it are the derivatives, in
// which nothing cancels. Below x = 1 Q is not like that; there the series of P in x serves both.
// Variables of series are x and a, in this order.

const [domain, cost] = [[nonNegative, nonNegative], 1500] as const;

/** f(u) with `excess` for a - x. */
const gammaDecay = ternary("gammaDecay", {
  program: (excess, x, u) => exp(neg(add(mul(excess, u), mul(x, expGap(u))))),
  partials: [
    (_excess, _x, u, z) => neg(mul(u, z)),
    (_excess, _x, u, z) => neg(mul(expGap(u), z)),
    (excess, x, u, z) => mul(sub(mul(x, expm1(neg(u))), excess), z),
  ],
  cost: 60,
});

const isSmall = (x: Expr) => less(x, 1);
const isLeft = (a: Expr, x: Expr) => lessEqual(x, a);

/** How far u has to go, with its sign. */
function reach(a: Expr, x: Expr): Expr {
  const excess = sub(a, x);
  // u^2 / (2 + u) is below u + e^-u - 1
  const turned = sub(mul(2, excess), depth);
  const left = div(4 * depth, add(turned, hypot(turned, sqrt(mul(8 * depth, a)))));
  // u^2 / 2 is below e^u - 1 - u, and far too small where x is: then x e^u = x + depth + a u
  const behind = neg(excess);
  const quadratic = div(2 * depth, add(behind, hypot(behind, sqrt(mul(2 * depth, x)))));
  const nearer = (u: Expr) => log1p(div(add(depth, mul(a, u)), x));
  return select(isLeft(a, x), left, neg(nearer(nearer(quadratic))));
}

/** Integrals of f(u) times powers of -u, by their own size. */
function integrals(a: Expr, x: Expr, highest: number) {
  const end = reach(a, x);
  const excess = sub(a, x);
  const values = nodes().map(({ at, weight }) => ({ at, weight, f: gammaDecay(excess, x, mul(end, at)) }));
  const sums = Array.from(
    { length: highest + 1 },
    (_, k) => total(values.map(({ at, weight, f }) => mul(weight * at ** k, f)))!,
  );
  const jet = jetOf([0, highest], ([, k]) => {
    const moment = div(sums[k!]!, sums[0]!);
    return mul((-1) ** k! / factorial(k!), mul(wholePower(end, k!), moment));
  });
  return { size: mul(select(isLeft(a, x), end, neg(end)), sums[0]!), jet };
}

/** The terms of P gamma(a + 1) / x^a = 1 + sum_n a/(a + n) (-x)^n / n!, below 1. */
const terms = Array.from({ length: 19 }, (_, n) => n + 1);

const sumOfSeries = (a: Expr, x: Expr): Expr =>
  mul(
    mul(a, x),
    polynomialOf(x, (n) => div((-1) ** n / factorial(n), add(a, n)), 0),
  );

/** sum_n c_n x^(n - 1 - lost). */
function polynomialOf(x: Expr, coefficient: (n: number) => Expr, lost: number): Expr {
  const all = terms.filter((n) => n > lost).map(coefficient);
  return all.reduceRight((sum, each) => add(mul(sum, x), each));
}

/** The derivatives of that series. */
const jetOfSeries = (j: number, k: number, a: Expr, x: Expr): Jet =>
  jetOf([j, k], ([m, n]) => {
    // of a/(a + i) = 1 - i/(a + i), and of x^i
    const inA = (i: number) =>
      n === 0 ? div(a, add(a, i)) : mul(-i * (-1) ** n!, wholePower(reciprocal(add(a, i)), n! + 1));
    const coefficient = (i: number) => mul((-1) ** i / (factorial(i - m!) * factorial(m!)), inA(i));
    const sum = polynomialOf(x, coefficient, Math.max(m! - 1, 0));
    return m === 0 ? mul(x, sum) : sum;
  });

/** P and Q where both are below 1, and the series of log P. */
function small(a: Expr, x: Expr, [j, k]: readonly [number, number]) {
  const beside = sumOfSeries(a, x);
  const series = add(1, beside);
  const ofPower = select(less(a, large), div(pow(x, a), gammaOfNext(a)), mul(mass(a, x), exp(x)));
  const lower = mul(ofPower, series);
  // x^a / gamma(a + 1) - 1
  const excess = expm1(sub(select(equal(a, 0), 0, mul(a, log(x))), lgammaOfNext(a)));
  const upper = select(less(a, 1), neg(add(excess, mul(add(excess, 1), beside))), sub(1, lower));
  const highest = [j, k];
  const logSeries = logOf(highest, timesJet(jetOfSeries(j, k, a, x), reciprocal(series)));
  // the derivative in x is a e^-x / (x series)
  const lessX = Math.max(j - 1, 0);
  const rate = div(exp(neg(x)), mul(x, series));
  const rates = expOf(
    [lessX, k],
    jetOf([lessX, k], (power) => total([jetOfPower(power, x), negative(coefficientOf(logSeries, power))])),
  );
  const rateAt = (m: number, n: number) => (m === 0 && n === 0 ? rate : scaled(rate, coefficientOf(rates, [m, n])));
  const jet = jetOf(highest, ([m, n]) => {
    if (m === 0)
      return total([coefficientOf(jetOfLogMass(0, n!, a, x, 0), [0, n!]), coefficientOf(logSeries, [0, n!])]);
    const [here, before] = [rateAt(m! - 1, n!), n! > 0 ? rateAt(m! - 1, n! - 1) : undefined];
    return mul(1 / m!, total([scaled(a, here), before])!);
  });
  return { lower, upper, jet };
}

/** So many more terms in a where it is tiny. */
const further = 4;

/** The series of log Q where x is below 1. Of a tiny a that of Q / a is found from that of P, which is 1 at a = 0. */
function smallUpper(a: Expr, x: Expr, [j, k]: readonly [number, number]): Jet {
  const highest = [j, k];
  const { jet, lower, upper } = small(a, x, [j, k + further]);
  const powers = expOf([j, k + further], jet);
  const ordinary = logOf(highest, timesJet(powers, neg(div(lower, upper))));
  // Q / a by sums of the terms that follow, for P a = 0 gives 1
  const following = ([m, n]: readonly number[]) => {
    const rest = Array.from({ length: k + further - n! }, (_, i) => coefficientOf(powers, [m!, n! + 1 + i]));
    return rest.reduceRight((sum, next) => total([next, scaled(neg(a), sum)]));
  };
  const own = following([0, 0])!;
  const ofQuotient = jetOf(highest, (power) => {
    const found = following(power);
    return found && div(found, own);
  });
  const ofLog = logOf(highest, ofQuotient);
  const isTiny = less(mul(a, sub(1, log(x))), 1e-3);
  return jetOf(highest, (power) => {
    const [m, n] = power;
    const ofFactor = m === 0 ? mul((-1) ** (n! - 1) / n!, wholePower(reciprocal(a), n!)) : undefined;
    const [first, second] = [total([coefficientOf(ofLog, power), ofFactor]), coefficientOf(ordinary, power)];
    return select(isTiny, first!, second!);
  });
}

const negative = (x: Expr | undefined) => x && neg(x);
const scaled = (x: Expr, y: Expr | undefined) => y && mul(x, y);

/** The coefficients of -x - log x. */
function jetOfPower([m, n]: readonly number[], x: Expr): Expr | undefined {
  if (n !== 0) return undefined;
  const inverse = mul((-1) ** m! / m!, wholePower(reciprocal(x), m!));
  return m === 1 ? sub(inverse, 1) : inverse;
}

/** The series of the rates 1 / (x size) at which P grows or Q falls with x, for every power of x but the highest, by their size. */
function ratesOf(a: Expr, x: Expr, j: number, k: number, inA: Jet): Jet {
  const highest = [j - 1, k];
  if (j === 1) return expOf(highest, timesJet(inA, -1));
  const end = reach(a, x);
  const excess = sub(a, x);
  const values = nodes().map(({ at, weight }) => {
    const u = mul(end, at);
    return { u, value: mul(weight, gammaDecay(excess, x, u)) };
  });
  const logOfSum = (terms: readonly { readonly value: Expr; readonly jet: Jet }[]) => {
    const size = total(terms.map(({ value }) => value))!;
    return logOf(
      highest,
      jetOf(highest, (power) => {
        const sum = total(terms.map(({ value, jet }) => scaled(value, coefficientOf(jet, power))));
        return sum && div(sum, size);
      }),
    );
  };
  // e^(a log t + x - t) with t = x e^-u
  const left = logOfSum(
    values.map(({ u, value }) => ({
      value,
      jet: expOf(
        highest,
        jetOf(highest, ([m, n]) => (m === 1 && n === 0 ? neg(expm1(neg(u))) : m === 0 && n === 1 ? neg(u) : undefined)),
      ),
    })),
  );
  // (1 + v/x)^(a - 1) e^-v with v = x (e^-u - 1), which does not move with x
  const right = logOfSum(
    values.map(({ u, value }) => ({
      value,
      jet: expOf(
        highest,
        jetOf(highest, ([m, n]) => {
          if (m === 0) return n === 1 ? neg(u) : undefined;
          if (n! > 1) return undefined;
          const inX = mul((-1) ** m! / m!, mul(neg(expm1(mul(m!, u))), wholePower(reciprocal(x), m!)));
          return n === 1 ? inX : mul(sub(a, 1), inX);
        }),
      ),
    })),
  );
  const jets = {
    left: expOf(highest, timesJet(sumOf(highest, [left, jetOfLog(highest, x)]), -1)),
    right: expOf(highest, timesJet(right, -1)),
  };
  return jetOf(highest, (power) => {
    const [onLeft, onRight] = [coefficientOf(jets.left, power), coefficientOf(jets.right, power)];
    return select(isLeft(a, x), onLeft ?? 0, onRight ?? x.graph.constantLike(0, x));
  });
}

const jetOfLog = (highest: readonly number[], x: Expr): Jet =>
  jetOf(highest, ([m, n]) => (n === 0 ? mul((-1) ** (m! - 1) / m!, wholePower(reciprocal(x), m!)) : undefined));

/** P where x <= a and Q where not: by x^a e^-x / gamma(a + 1), the integral and the series of its logarithm in a. */
function nearer(a: Expr, x: Expr, k: number) {
  const { size, jet } = integrals(a, x, k);
  const value = mul(a, mul(mass(a, x), size));
  const inA = logOf([0, k], jet);
  const ofMass = sumOf([0, k], [inA, jetOfLogMass(0, k, a, x, 0)]);
  return { value, size, inA, ofMass, logarithm: add(add(log(a), logMass(a, x)), log(size)) };
}

/** The series of the logarithm of that in x and a, and of one less it. */
function nearerJets(a: Expr, x: Expr, j: number, k: number) {
  const { value, size, inA, ofMass } = nearer(a, x, k);
  const highest = [j, k];
  const found = j > 0 ? ratesOf(a, x, j, k, inA) : undefined;
  const rate = select(isLeft(a, x), reciprocal(mul(x, size)), neg(reciprocal(mul(x, size))));
  // the value is a times the rest
  const rest = jetOf(highest, ([m, n]) => {
    if (m === 0) return coefficientOf(ofMass, [0, n!]);
    const own = m === 1 && n === 0 ? rate : scaled(rate, coefficientOf(found!, [m! - 1, n!]));
    return own && mul(1 / m!, own);
  });
  const factor = jetOf(highest, ([m, n]) =>
    m === 0 ? mul((-1) ** (n! - 1) / n!, wholePower(reciprocal(a), n!)) : undefined,
  );
  const share = neg(div(mul(mass(a, x), size), sub(1, value)));
  return {
    ofValue: sumOf(highest, [rest, factor]),
    ofComplement: logOf(highest, timesJet(timesA(a, highest, expOf(highest, rest)), share)),
  };
}

/** The series of a e, where e begins with 1. */
const timesA = (a: Expr, highest: readonly number[], e: Jet): Jet =>
  jetOf(highest, ([m, n]) => {
    const before = n === 1 && m === 0 ? a.graph.constantLike(1, a) : coefficientOf(e, [m!, n! - 1]);
    return total([scaled(a, coefficientOf(e, [m!, n!])), before]);
  });

/** By P, and then by Q, on the three parts of the quadrant. */
const parts = (a: Expr, x: Expr, both: Expr, left: Expr, right: Expr) =>
  select(isSmall(x), both, select(isLeft(a, x), left, right));

/** The regularised lower incomplete gamma function P(a, x). */
export const gammainc = binary("gammainc", {
  domain,
  program: (a, x) =>
    whereDefined(a, x, (a, x) => {
      const { value } = nearer(a, x, 0);
      return parts(a, x, small(a, x, [0, 0]).lower, value, sub(1, value));
    }),
  partials: [(a, x) => gammaincSlope(1)(a, x), (a, x) => mul(a, gammaKernel(1)(a, x))],
  cost,
  range: () => unit,
});

/** The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x). */
export const gammaincc = binary("gammaincc", {
  domain,
  program: (a, x) =>
    whereDefined(a, x, (a, x) => {
      const { value } = nearer(a, x, 0);
      return parts(a, x, small(a, x, [0, 0]).upper, sub(1, value), value);
    }),
  partials: [(a, x) => neg(gammaincSlope(1)(a, x)), (a, x) => neg(mul(a, gammaKernel(1)(a, x)))],
  cost,
  range: () => unit,
});

/** The k-th derivative of P in a. */
export const gammaincSlope = family("gammaincSlope", 1, (k, name) =>
  binary(name, {
    domain,
    program: (a, x) =>
      whereDefined(a, x, (a, x) => {
        const { size, ofMass } = nearer(a, x, k);
        const jet = timesA(a, [0, k], expOf([0, k], ofMass));
        const own = mul(mul(mass(a, x), size), coefficientOf(jet, [0, k])!);
        const { lower, jet: smallJet } = small(a, x, [0, k]);
        const ofSmall = mul(lower, coefficientOf(expOf([0, k], smallJet), [0, k])!);
        const found = mul(factorial(k), parts(a, x, ofSmall, own, neg(own)));
        return select(equal(x, 0), 0, select(allOf([greaterEqual(a, 1), equal(mass(a, x), 0)]), 0, found));
      }),
    partials: [
      (a, x) => gammaincSlope(k + 1)(a, x),
      (a, x) => {
        const [own, before] = [numberOfPair(0, k), numberOfPair(0, k - 1)].map((n) => gammaKernel(n + 1)(a, x));
        return add(mul(a, own!), mul(k, before!));
      },
    ],
    cost: cost + 100 * k,
  }),
);

/** Where third derivatives have all their digits; further out they lose some to the first ones, beside which they are small. */
const ordinary: Interval = [0.5, 15];

/** The derivatives of log P, where `ofLower`, or log Q: j times in x and k times in a. */
function logSlope(ofLower: boolean): (order: number, name: string) => Operation {
  const next = (order: number) => (ofLower ? logGammaincSlope(order) : logGammainccSlope(order));
  return (order, name) => {
    const [j, k] = pairOfNumber(order);
    return binary(name, {
      domain: [ordinary, ordinary],
      program: (a, x) =>
        whereDefined(a, x, (a, x) => {
          const highest = [j, k];
          const { ofValue, ofComplement } = nearerJets(a, x, j, k);
          const ofSmall = ofLower ? small(a, x, [j, k]).jet : smallUpper(a, x, [j, k]);
          const sides = ofLower ? [ofSmall, ofValue, ofComplement] : [ofSmall, ofComplement, ofValue];
          const [both, left, right] = sides.map((side) => coefficientOf(side, highest)!) as [Expr, Expr, Expr];
          if (!ofLower && order === 2) {
            const density = mul(a, gammaKernel(1)(a, x));
            const plain = neg(div(density, small(a, x, [0, 0]).upper));
            return parts(a, x, select(less(a, 0.5), select(equal(x, 0), plain, both), plain), left, right);
          }
          const inside = mul(factorial(j) * factorial(k), parts(a, x, both, left, right));
          if (ofLower) return k === 0 ? select(equal(a, 0), 0, inside) : inside;
          // of a = 1 the logarithm is -x
          const straight = k === 0 ? select(equal(a, 1), 0, inside) : inside;
          return select(allOf([equal(x, 0), greater(a, j)]), 0, straight);
        }),
      partials: [(a, x) => next(numberOfPair(j, k + 1))(a, x), (a, x) => next(numberOfPair(j + 1, k))(a, x)],
      cost: cost + 1000 * j + 100 * k,
    });
  };
}

export const logGammaincSlope = family("logGammaincSlope", 1, logSlope(true));
export const logGammainccSlope = family("logGammainccSlope", 1, logSlope(false));

const belowZero = (): Interval => [Number.NEGATIVE_INFINITY, 0];

/** log P(a, x), finite where P underflows. */
export const logGammainc = binary("logGammainc", {
  domain,
  program: (a, x) =>
    whereDefined(
      a,
      x,
      (a, x) => {
        const { value, logarithm } = nearer(a, x, 0);
        const power = select(
          less(a, 1),
          sub(select(equal(a, 0), 0, mul(a, log(x))), lgammaOfNext(a)),
          add(logMass(a, x), x),
        );
        return parts(a, x, add(power, log1p(sumOfSeries(a, x))), logarithm, log1p(neg(value)));
      },
      (a) => a,
    ),
  partials: [(a, x) => logGammaincSlope(1)(a, x), (a, x) => logGammaincSlope(2)(a, x)],
  cost,
  range: belowZero,
});

/** log Q(a, x), finite where Q underflows. */
export const logGammaincc = binary("logGammaincc", {
  domain,
  program: (a, x) =>
    whereDefined(
      a,
      x,
      (a, x) => {
        const { value, logarithm } = nearer(a, x, 0);
        const { lower, upper } = small(a, x, [0, 0]);
        const ofSmall = select(less(lower, 0.5), log1p(neg(lower)), log(upper));
        return parts(a, x, ofSmall, log1p(neg(value)), logarithm);
      },
      (_a, x) => x,
    ),
  partials: [(a, x) => logGammainccSlope(1)(a, x), (a, x) => logGammainccSlope(2)(a, x)],
  cost,
  range: belowZero,
});
