import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, square, sub } from "../../ops/elementary/algebra.ts";
import { wholePower } from "../../ops/elementary/polynomial.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { isMap } from "../../ops/maps.ts";
import { constantLike } from "./conditions.ts";
import { fractionOf } from "./fractions.ts";

/** A number times powers of nodes, whose exponents are multiples of 1/2. */
export interface Monomial {
  readonly number: number;
  readonly powers: ReadonlyMap<Expr, number>;
}

export const times = (a: Monomial, b: Monomial): Monomial => {
  const powers = new Map(a.powers);
  for (const [factor, power] of b.powers) {
    const sum = (powers.get(factor) ?? 0) + power;
    if (sum === 0) powers.delete(factor);
    else powers.set(factor, sum);
  }
  return { number: a.number * b.number, powers };
};

/** Sums and roots are looked into this deep, and longer sums are factors like others. */
const deepest = 3;
const mostTerms = 8;

const isSum = (node: Expr) => (isMap(node, add) || isMap(node, sub)) && node.operands.length <= mostTerms;

const factorOf = (node: Expr): Monomial => ({ number: 1, powers: new Map([[node, 1]]) });

/** A product as a monomial, in which sums are factors like others, but for one. */
function productOf(node: Expr, depth: number): { readonly monomial: Monomial; readonly sum?: Expr | undefined } {
  const { over, under } = fractionOf(node);
  const sum = over.find(isSum);
  let monomial: Monomial = { number: 1, powers: new Map() };
  let left = sum;
  for (const [factors, sign] of [
    [over, 1],
    [under, -1],
  ] as const) {
    for (const factor of factors) {
      if (factor === left && sign === 1) {
        left = undefined;
        continue;
      }
      if (factor.kind === "constant")
        monomial = times(monomial, { number: factor.constant! ** sign, powers: new Map() });
      else if (isMap(factor, sqrt) && depth < deepest) {
        const inner = withoutSum(factor.operands[0]!, depth + 1);
        const powers = new Map([...inner.powers].map(([base, power]) => [base, (power * sign) / 2]));
        monomial = times(monomial, { number: inner.number ** (sign / 2), powers });
      } else monomial = times(monomial, { number: 1, powers: new Map([[factor, sign]]) });
    }
  }
  return { monomial, sum };
}

function withoutSum(node: Expr, depth: number): Monomial {
  const { monomial, sum } = productOf(node, depth);
  return sum ? times(monomial, factorOf(sum)) : monomial;
}

/** A product as a monomial, with sums as factors. */
export const monomialOf = (node: Expr): Monomial => withoutSum(node, 0);

/** A monomial over powers of nodes. */
export const over = (monomial: Monomial, powers: Monomial["powers"]): Monomial =>
  times(monomial, { number: 1, powers: new Map([...powers].map(([factor, power]) => [factor, -power])) });

/** The terms of a sum, or of a product with one. */
export function monomialsOf(node: Expr, depth = 0): readonly Monomial[] {
  if (depth > deepest) return [factorOf(node)];
  if (isSum(node)) {
    return node.operands.flatMap((term, k) => signed(term, isMap(node, sub) && k === 1 ? -1 : 1, depth + 1));
  }
  const { monomial, sum } = productOf(node, depth);
  return sum ? monomialsOf(sum, depth + 1).map((term) => times(monomial, term)) : [monomial];
}

const signed = (term: Expr, sign: number, depth: number): readonly Monomial[] =>
  (isSum(term) || isMap(term, neg) ? monomialsOf(term, depth) : [withoutSum(term, depth)]).map((each) => ({
    ...each,
    number: sign * each.number,
  }));

/** The terms of a sum, in which all products with sums are multiplied out; undefined of too many. */
export function termsOf(node: Expr, most: number, depth = deepest): readonly Monomial[] | undefined {
  if (depth < 0) return [factorOf(node)];
  if (isSum(node)) {
    const parts = node.operands.map((term, k) => {
      const sign = isMap(node, sub) && k === 1 ? -1 : 1;
      return termsOf(term, most, depth - 1)?.map((each) => ({ ...each, number: sign * each.number }));
    });
    const all = parts.flatMap((part) => part ?? []);
    return parts.includes(undefined) || all.length > most ? undefined : all;
  }
  const { over: factors, under } = fractionOf(node);
  let terms: readonly Monomial[] = [{ number: 1, powers: new Map() }];
  for (const factor of factors) {
    const others = isSum(factor) ? termsOf(factor, most, depth - 1) : [numberOr(factor)];
    if (!others || terms.length * others.length > most) return undefined;
    terms = product(terms, others);
  }
  const divisor = under.map(numberOr).reduce(times, { number: 1, powers: new Map() });
  return terms.map((term) => over({ ...term, number: term.number / divisor.number }, divisor.powers));
}

const numberOr = (factor: Expr): Monomial =>
  factor.kind === "constant" ? { number: factor.constant!, powers: new Map() } : factorOf(factor);

/** The product of two sums. */
export const product = (a: readonly Monomial[], b: readonly Monomial[]): readonly Monomial[] =>
  a.flatMap((x) => b.map((y) => times(x, y)));

export const keyOf = ({ powers }: Monomial) =>
  [...powers]
    .map(([factor, power]) => `${factor.id}:${power}`)
    .sort()
    .join();

/** What two sums differ in, where equal terms cancel but for the rounding of their numbers. */
export function difference(a: readonly Monomial[], b: readonly Monomial[]): readonly Monomial[] {
  const sums = new Map<string, { monomial: Monomial; size: number }>();
  for (const [terms, sign] of [
    [a, 1],
    [b, -1],
  ] as const) {
    for (const term of terms) {
      const key = keyOf(term);
      const { monomial, size } = sums.get(key) ?? { monomial: { ...term, number: 0 }, size: 0 };
      const number = monomial.number + sign * term.number;
      sums.set(key, { monomial: { ...term, number }, size: size + Math.abs(term.number) });
    }
  }
  return [...sums.values()].flatMap(({ monomial, size }) =>
    Math.abs(monomial.number) > 8 * Number.EPSILON * size ? [monomial] : [],
  );
}

/** A monomial as a node. */
export function nodeOf({ number, powers }: Monomial, like: Expr): Expr {
  const part = (sign: number) => {
    const whole: Expr[] = [];
    const halves: Expr[] = [];
    for (const [factor, power] of powers) {
      const exponent = power * sign;
      if (exponent >= 1) whole.push(wholePower(factor, Math.floor(exponent)));
      if (exponent > 0 && exponent % 1 !== 0) halves.push(factor);
    }
    if (halves.length > 0) whole.push(sqrt(halves.reduce((a, b) => mul(a, b))));
    return whole.length > 0 ? whole.reduce((a, b) => mul(a, b)) : undefined;
  };
  const [over, under] = [part(1), part(-1)];
  const product = over ? (number === 1 ? over : mul(over, number)) : constantLike(number, like);
  return under ? div(product, under) : product;
}

/** The square root of a monomial, but for its sign. */
const rootOf = ({ number, powers }: Monomial): Monomial => ({
  number: Math.sqrt(Math.abs(number)),
  powers: new Map([...powers].map(([factor, power]) => [factor, power / 2])),
});

/** One term, or three that are a square with a sign, in which nothing cancels; undefined of other sums. */
export function asSquare(terms: readonly Monomial[], like: Expr): Expr | undefined {
  if (terms.length === 1) return nodeOf(terms[0]!, like);
  if (terms.length !== 3) return undefined;
  for (const mixed of terms) {
    const [p, q] = terms.filter((term) => term !== mixed) as [Monomial, Monomial];
    const sign = Math.sign(p.number);
    if (sign !== Math.sign(q.number)) continue;
    const [r, s] = [rootOf(p), rootOf(q)];
    const twice = times(r, s);
    const isHalf = [...r.powers.values(), ...s.powers.values()].every((power) => Number.isInteger(2 * power));
    const isMixed =
      keyOf(twice) === keyOf(mixed) && Math.abs(2 * twice.number - Math.abs(mixed.number)) < 1e-15 * twice.number * 8;
    if (!isHalf || !isMixed) continue;
    const [a, b] = [nodeOf(r, like), nodeOf(s, like)];
    const whole = square(sign * mixed.number > 0 ? add(a, b) : sub(a, b));
    return sign < 0 ? neg(whole) : whole;
  }
  return undefined;
}
