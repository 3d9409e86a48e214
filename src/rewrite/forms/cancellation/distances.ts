import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, square, sub } from "../../../ops/elementary/algebra.ts";
import { hypot, polarRadius } from "../../../ops/elementary/lengths.ts";

import { isMap, isOneOf } from "../../../ops/maps.ts";
import { constantLike } from "../conditions.ts";

// Differences of two expressions that share a part: the part cancels exactly, and what is left is small where they are near each other.

/** Squares and lengths are looked through so far. */
const deepest = 3;

/** u - v, where the two share a term or a factor. */
export function distanceOf(u: Expr, v: Expr, depth = deepest): Expr | undefined {
  if (depth === 0) return undefined;
  const [p, q] = [termsOf(u), termsOf(v)];
  const isSum = !p.subtracted && !q.subtracted;
  const left = p.terms.find((term) => (isSum || term.kind !== "constant") && q.terms.includes(term));
  if (left) {
    const rest = ({ terms }: Sum) => terms.filter((_, k) => k !== terms.indexOf(left));
    const plus = [...rest(p), ...(q.subtracted ? [q.subtracted] : [])];
    const minus = [...rest(q), ...(p.subtracted ? [p.subtracted] : [])];
    if (plus.length === 0) return minus.length === 0 ? constantLike(0, u) : negated(total(minus));
    if (minus.length === 0) return total(plus);
    return distanceOf(total(plus), total(minus), depth - 1) ?? sub(total(plus), total(minus));
  }
  if (isMap(u, square) && isMap(v, square)) {
    const [s, t] = [u.operands[0]!, v.operands[0]!];
    const distance = distanceOf(s, t, depth - 1);
    return distance && mul(distance, add(s, t));
  }
  const sides = sidesOf(u, v);
  if (sides) {
    const [s, t] = sides;
    const distance = distanceOf(s, t, depth - 1);
    return distance && mul(distance, div(add(s, t), add(u, v)));
  }
  const [multiple, base] = [factorOf(u), factorOf(v)];
  if (multiple.base !== base.base || multiple.factor === base.factor) return undefined;
  return mul(base.base, multiple.factor - base.factor);
}

const isLength = (node: Expr) => isOneOf(node, hypot, polarRadius) && node.operands.length === 2;

/** The sides in which two lengths over one other side differ. */
export function sidesOf(a: Expr, b: Expr): readonly [Expr, Expr] | undefined {
  if (!isLength(a) || !isLength(b)) return undefined;
  const shared = a.operands.find((side) => b.operands.includes(side));
  const other = ({ operands }: Expr) => operands[1 - operands.indexOf(shared!)]!;
  return shared && [other(a), other(b)];
}

/** (u - v)/c where the two share a part and what is left has the factors of c. */
export function rateOf(u: Expr, v: Expr, c: Expr): Expr | undefined {
  const distance = distanceOf(u, v);
  if (distance) return withoutFactors(distance, c);
  // c p and c q
  const [p, q] = [u, v].map((side) => withoutFactors(side, c));
  return p && q && sub(p, q);
}

/** The factors of a product, and the number that stands before them. */
function factorsOf(node: Expr): { readonly number: number; readonly factors: Expr[] } {
  let number = 1;
  const factors: Expr[] = [];
  const pending = [node];
  for (let next = pending.pop(); next && factors.length <= mostFactors; next = pending.pop()) {
    if (next.kind === "constant") number *= next.constant!;
    else if (isMap(next, mul)) pending.push(...next.operands);
    else if (isMap(next, neg)) {
      number = -number;
      pending.push(next.operands[0]!);
    } else factors.push(next);
  }
  return { number, factors };
}

/** Longer products are left alone. */
const mostFactors = 6;

/** A product without the factors of another, which it holds. */
export function withoutFactors(node: Expr, other: Expr): Expr | undefined {
  const [own, divisor] = [factorsOf(node), factorsOf(other)];
  if (divisor.number === 0 || !Number.isFinite(divisor.number)) return undefined;
  for (const factor of divisor.factors) {
    const at = own.factors.indexOf(factor);
    if (at < 0) return undefined;
    own.factors.splice(at, 1);
  }
  const number = own.number / divisor.number;
  if (own.factors.length === 0) return constantLike(number, node);
  const product = own.factors.reduce((a, b) => mul(a, b));
  return number === 1 ? product : mul(product, number);
}

function total(terms: readonly Expr[]): Expr {
  const [first, second] = terms as [Expr, Expr];
  if (terms.length === 2 && first === second) return mul(first, 2);
  return terms.reduce((a, b) => add(a, b));
}

const negated = (x: Expr) => (x.kind === "constant" ? constantLike(-x.constant!, x) : neg(x));

interface Sum {
  readonly terms: readonly Expr[];
  readonly subtracted?: Expr;
}

function termsOf(node: Expr): Sum {
  if (isMap(node, add)) return { terms: node.operands };
  if (isMap(node, sub)) return { terms: [node.operands[0]!], subtracted: node.operands[1]! };
  return { terms: [node] };
}

/** True of a sum that may share a term with another one. */
export const isSum = (node: Expr) => termsOf(node).terms.length > 1 || isMap(node, sub);

function factorOf(node: Expr): { readonly base: Expr; readonly factor: number } {
  const at = isMap(node, mul) ? node.operands.findIndex(({ kind }) => kind === "constant") : -1;
  return at < 0 ? { base: node, factor: 1 } : { base: node.operands[1 - at]!, factor: node.operands[at]!.constant! };
}
