import type { Expr } from "../../ir/graph.ts";
import { div, mul, neg, reciprocal, square } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { isMap, primitivesOf } from "../../ops/maps.ts";
import { constantLike } from "./conditions.ts";
import { varies } from "./nodes.ts";

/** A product of factors over a product of others. */
export interface Fraction {
  readonly over: readonly Expr[];
  readonly under: readonly Expr[];
}

/** So many factors are looked at. */
const mostFactors = 10;

const fractions = primitivesOf(mul, div, reciprocal, square, neg);
/** True of products, quotients, squares and signs, whose factors are others than themselves. */
export const isFraction = ({ kind, graph, id }: Expr): boolean =>
  kind === "map" && fractions.has(graph.primitiveOf(id));

/** The factors of products, quotients and squares within each other; a sign is the factor -1. One may stay closed. */
export function fractionOf(node: Expr, closed?: Expr): Fraction {
  const [over, under]: [Expr[], Expr[]] = [[], []];
  const pending: [factor: Expr, isOver: boolean][] = [[node, true]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [factor, isOver] = next;
    const isOpen = factor !== closed && over.length + under.length + pending.length < mostFactors && isFraction(factor);
    if (!isOpen) {
      (isOver ? over : under).push(factor);
      continue;
    }
    const [a, b] = factor.operands as [Expr, Expr];
    if (isMap(factor, mul)) pending.push([b, isOver], [a, isOver]);
    else if (isMap(factor, div)) pending.push([b, !isOver], [a, isOver]);
    else if (isMap(factor, reciprocal)) pending.push([a, !isOver]);
    else if (isMap(factor, square)) pending.push([a, isOver], [a, isOver]);
    else pending.push([a, isOver], [constantLike(-1, factor), isOver]);
  }
  return { over, under };
}

/** The factors of a node, those that a product is made of, or one over it, as that product. */
export function fractionWith(product: Expr, node: Expr): Fraction {
  const { over, under } = gathered(product, fractionOf(node, product));
  const inverse = gathered(product, { over: under, under: over });
  return { over: inverse.under, under: inverse.over };
}

function gathered(product: Expr, given: Fraction): Fraction {
  const parts = fractionOf(product);
  const [own, rest] = parted(parts, varies);
  const holds = (whole: readonly Expr[], factors: readonly Expr[]) =>
    commonFactors(factors, whole).length === factors.length;
  let whole = given;
  while (own.over.length > 0 && holds(whole.over, own.over) && holds(whole.under, own.under)) {
    whole = {
      over: [...own.over.reduce(without, whole.over), product, ...rest.under],
      under: [...own.under.reduce(without, whole.under), ...rest.over],
    };
    // what is the product alone is found again
    if (own.over[0] === product) break;
  }
  return whole;
}

/** The factors of which something is true, and the others. */
export function parted(whole: Fraction, isOwn: (factor: Expr) => boolean): readonly [own: Fraction, rest: Fraction] {
  const [over, under] = [whole.over, whole.under].map((factors) => {
    const [own, rest]: [Expr[], Expr[]] = [[], []];
    for (const factor of factors) (isOwn(factor) ? own : rest).push(factor);
    return { own, rest };
  });
  return [
    { over: over!.own, under: under!.own },
    { over: over!.rest, under: under!.rest },
  ];
}

/** The fraction as a node in the place of another. */
export function wholeOf({ over, under }: Fraction, like: Expr): Expr {
  const product = (factors: readonly Expr[]) =>
    factors.length > 0 ? factors.reduce((a, b) => mul(a, b)) : constantLike(1, like);
  return under.length > 0 ? div(product(over), product(under)) : product(over);
}

/** An exponent where a condition fails: what it is divided by may be 0 where it holds, and a slope in that infinite. */
export function unless(condition: Expr, exponent: Expr): Expr {
  const { over, under } = fractionOf(exponent);
  const bounded = under.map((factor) => (factor.kind === "constant" ? factor : select(condition, 1, factor)));
  return wholeOf({ over, under: bounded }, exponent);
}

/** The list without one occurrence of an element. */
export const without = (list: readonly Expr[], element: Expr): readonly Expr[] => {
  const at = list.indexOf(element);
  return at < 0 ? list : list.filter((_, k) => k !== at);
};

/** The factors that two products have in common, as often as both have them, constants aside. */
export function commonFactors(factors: readonly Expr[], others: readonly Expr[]): readonly Expr[] {
  let left = others;
  return factors.filter((factor) => {
    if (factor.kind === "constant" || !left.includes(factor)) return false;
    left = without(left, factor);
    return true;
  });
}
