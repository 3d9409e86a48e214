import type { Expr } from "../../ir/graph.ts";
import { binary, family } from "../define.ts";
import { add, div, mul, neg, square, sub } from "../elementary/algebra.ts";
import { and, equal, greaterEqual, isFiniteReal, less, not, or, select } from "../elementary/comparison.ts";
import { nonNegative, symmetricUnit } from "../elementary/interval.ts";
import { direction, polarRadius } from "../elementary/lengths.ts";
import { pow } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";

/** Of x^a y^b (x^c + y^c)^d, with c > 0. */
export interface Exponents {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Exponents are multiples of 1/12, below `most` of these: with 1 for c and -1 for d at 0, their four counts make one number. */
const parts = 12;
const most = 4800;
const middle: Exponents = { a: 0, b: 0, c: 1, d: -1 };
const places = ["a", "b", "c", "d"] as const;

/** The number that stands for exponents; undefined where there is none. */
function numberOf(exponents: Exponents): number | undefined {
  let number = 0;
  for (const place of [...places].reverse()) {
    const exact = parts * (exponents[place] - middle[place]);
    const count = Math.round(exact);
    if (Math.abs(exact - count) > 1e-12 || Math.abs(count) >= most) return undefined;
    number = number * 2 * most + (count > 0 ? 2 * count - 1 : -2 * count);
  }
  return number;
}

function exponentsOf(number: number): Exponents {
  const found: { -readonly [Place in keyof Exponents]: number } = { ...middle };
  let rest = number;
  for (const place of places) {
    const digit = rest % (2 * most);
    rest = Math.floor(rest / (2 * most));
    found[place] += (digit % 2 === 1 ? (digit + 1) / 2 : -digit / 2) / parts;
  }
  return found;
}

/** Derivatives are told from their exponents, too: this one has a name, and a few of its derivatives have. */
export const hasNumber = ({ a, b, c, d }: Exponents): boolean =>
  numberOf({ a: Math.abs(a) + fewest * c, b: Math.abs(b) + fewest * c, c, d: Math.abs(d) + fewest }) !== undefined;
const fewest = 2;

/** The exponents of a node that is such a function. */
export function exponentsOfName(node: Expr): Exponents | undefined {
  const name = node.kind === "map" ? node.graph.primitiveOf(node.id).name : "";
  return name.startsWith(familyName) ? exponentsOf(Number(name.slice(familyName.length)) - 1) : undefined;
}
const familyName = "powerSum";

/** x^a y^b (x^c + y^c)^d as a function of x and y; of exponents beyond those with a name, as it stands. */
export function powerSumOf(exponents: Exponents): (x: Expr, y: Expr) => Expr {
  const number = numberOf(exponents);
  if (number !== undefined) return powerSum(number + 1);
  const { a, b, c, d } = exponents;
  return (x, y) =>
    productOf([...power(x, a), ...power(y, b), ...power(add(...[x, y].flatMap((each) => power(each, c))), d)], x);
}

const times = (factor: number, x: Expr): Expr | undefined =>
  factor === 0 ? undefined : factor === 1 ? x : mul(factor, x);

/** factor x^a y^b (x^c + y^c)^d plus another such term; terms of factor 0 are left out. */
function total(x: Expr, y: Expr, terms: readonly (readonly [factor: number, exponents: Exponents])[]): Expr {
  const present = terms.flatMap(([factor, exponents]) =>
    factor === 0 ? [] : (times(factor, powerSumOf(exponents)(x, y)) ?? []),
  );
  return present.length === 0 ? x.graph.constantLike(0, x) : present.reduce((a, b) => add(a, b));
}

const signOf = (x: Expr) => select(less(x, 0), -1, x.graph.constantLike(1, x));
/** Beside that sign, also of what is carried along 0: abs has the slope 0 there. */
const sizeOf = (x: Expr) => select(less(x, 0), neg(x), x);
const productOf = (factors: readonly Expr[], like: Expr): Expr =>
  factors.length === 0 ? like.graph.constantLike(1, like) : factors.reduce((product, factor) => mul(product, factor));
const power = (base: Expr, exponent: number): Expr[] =>
  exponent === 0 ? [] : exponent === 1 ? [base] : [pow(base, exponent)];

/** Powers of negative numbers have values, too. */
const isSignedFor = ({ a, b, c }: Exponents) => [a, b, c].every(Number.isInteger);

/** long^p short^q for sizes, as a power of their quotient as far as one grows where the other falls. */
function sizes(long: Expr, p: number, short: Expr, q: number, ratio: Expr): Expr {
  const paired = p * q < 0 ? Math.sign(q) * Math.min(Math.abs(p), Math.abs(q)) : 0;
  return productOf([...power(ratio, paired), ...power(long, p + paired), ...power(short, q - paired)], long);
}

/**
 * x^a y^b (x^c + y^c)^d with the larger one taken out of the sum: nothing on the way overflows or vanishes much before the result
 * does.
 */
function program({ a, b, c, d }: Exponents, x: Expr, y: Expr): Expr {
  const isFlat = greaterEqual(abs(x), abs(y));
  const long = select(isFlat, x, y);
  const short = select(isFlat, y, x);
  // of two that are equal only as zeros or infinities: between numbers the quotient carries what changes it
  const isWithoutQuotient = and(equal(short, long), or(equal(long, 0), not(isFiniteReal(long))));
  const ratio = select(isWithoutQuotient, 1, div(short, long));
  const isSigned = isSignedFor({ a, b, c, d });
  const [size, lesser, quotient] = isSigned ? [sizeOf(long), sizeOf(short), sizeOf(ratio)] : [long, short, ratio];
  const sum = add(1, pow(ratio, c));
  const flat = sizes(size, a + c * d, lesser, b, quotient);
  const value = mul(
    a === b ? flat : select(isFlat, flat, sizes(size, b + c * d, lesser, a, quotient)),
    productOf(
      [
        ...power(isSigned && c % 2 === 1 ? mul(signOf(long), sum) : sum, d),
        ...(isSigned && a % 2 !== 0 ? [signOf(x)] : []),
        ...(isSigned && b % 2 !== 0 ? [signOf(y)] : []),
      ],
      x,
    ),
  );
  // without a limit at the origin it is 0/0 there; of degree 0 and a root it is the slope of a length, 0
  const degree = Math.round(parts * (a + b + c * d));
  const atOrigin = degree || Number.isInteger(d) ? Number.NaN : 0;
  const whole = degree <= 0 && (a > 0 || b > 0) ? select(equal(long, 0), atOrigin, value) : value;
  // broken powers have no value left of 0
  return isSigned ? whole : select(and(greaterEqual(x, 0), greaterEqual(y, 0)), whole, Number.NaN);
}

/**
 * x^a y^b (x^c + y^c)^d, numbered by its exponents. Its slopes are one or two of its kind: where the quotient rule's terms cancel
 * for all x and y, they are left out.
 */
export const powerSum = family(familyName, 1, (number, name) => {
  const exponents = exponentsOf(number - 1);
  const { a, b, c, d } = exponents;
  return binary(name, {
    ...(isSignedFor(exponents) ? {} : { domain: [nonNegative, nonNegative] }),
    program: (x, y) => program(exponents, x, y),
    partials: [
      (x, y) =>
        total(x, y, [
          [a + c * d, { a: a + c - 1, b, c, d: d - 1 }],
          [a, { a: a - 1, b: b + c, c, d: d - 1 }],
        ]),
      (x, y) =>
        total(x, y, [
          [b + c * d, { a, b: b + c - 1, c, d: d - 1 }],
          [b, { a: a + c, b: b - 1, c, d: d - 1 }],
        ]),
    ],
    cost: 60,
  });
});

/** (x^2 - y^2) / (x^2 + y^2), of which no square overflows and the difference keeps its digits. */
export const squareContrast = binary("squareContrast", {
  units: "a, a -> 1",
  program: (x, y) => {
    const isFlat = greaterEqual(abs(x), abs(y));
    const long = select(isFlat, x, y);
    const ratio = div(select(isFlat, y, x), long);
    const squared = square(ratio);
    const small = mul(select(isFlat, 1, x.graph.constantLike(-1, x)), sub(1, squared));
    const large = mul(div(sub(x, y), long), div(add(x, y), long));
    return div(select(less(abs(ratio), 0.5), small, large), add(1, squared));
  },
  partials: [
    (x, y) => mul(4, div(mul(direction(x, y), square(direction(y, x))), polarRadius(x, y))),
    (x, y) => mul(-4, div(mul(square(direction(x, y)), direction(y, x)), polarRadius(x, y))),
  ],
  cost: 10,
  range: () => symmetricUnit,
});
