import type { Expr } from "../../../ir/graph.ts";
import { termsOf, view } from "../../../ops/arrays/contractions.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { isOneOf } from "../../../ops/maps.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isTotal } from "../../facts/facts.ts";
import { constantLike } from "../conditions.ts";
import { isConstant, isNarrow } from "../contractions/splat.ts";
import { isView } from "../nodes.ts";

/** A product as e^x for the sum x of some exponents, times the rest, which is 1 where it is undefined. */
export interface PowerOfE {
  readonly exponents: readonly Expr[];
  readonly rest: Expr | undefined;
  /** How many exponentials are factors, less those that are divisors. */
  readonly degree: number;
  /** A sum is among the factors, of which the largest term has become an exponent. */
  readonly isScaled?: boolean;
}

/** What else is e^x times something. */
export type Further = (node: Expr, depth: number) => PowerOfE | undefined;

/** What stands deeper is part of the rest. */
const deepest = 6;

/** The sum of exponents. */
export const totalOf = (exponents: readonly Expr[]): Expr => exponents.reduce((sum, each) => add(sum, each));

/** A product or a quotient with exponentials among its factors, taken apart. */
export function powerOfE(node: Expr, further?: Further, depth = deepest): PowerOfE | undefined {
  if (depth === 0 || node.dtype !== "real") return undefined;
  if (isView(node)) return viewOf(node, further, depth);
  const [a, b] = node.operands as [Expr, Expr];
  const isOf = (...operations: readonly Operation[]) => isOneOf(node, ...operations);
  if (isOf(exp)) return { exponents: [a], rest: undefined, degree: 1 };
  if (isOf(gaussian)) return { exponents: [neg(square(a))], rest: undefined, degree: 1 };
  if (isOf(select)) return chosen(node, further, depth);
  if (!isOf(neg, reciprocal, square, mul, div)) return further?.(node, depth - 1);
  const p = powerOfE(a, further, depth - 1);
  if (isOf(neg)) return p && { ...p, rest: p.rest ? neg(p.rest) : constantLike(-1, a) };
  if (isOf(square)) {
    const exponents = p?.exponents.map((x) => mul(2, x));
    return p && { ...p, exponents: exponents!, rest: p.rest && square(p.rest), degree: 2 * p.degree };
  }
  if (isOf(reciprocal)) {
    const exponents = p?.exponents.map((x) => neg(x));
    return p && { ...p, exponents: exponents!, rest: p.rest && reciprocal(p.rest), degree: -p.degree };
  }
  const q = powerOfE(b, further, depth - 1);
  if (!p && !q) return undefined;
  const [above, below] = [p ? p.rest : a, q ? q.rest : b];
  const [own, others] = [p?.exponents ?? [], q?.exponents ?? []];
  const isScaled = p?.isScaled || q?.isScaled || false;
  const [degree, other] = [p?.degree ?? 0, q?.degree ?? 0];
  if (isOf(mul)) {
    const rest = above && below ? mul(above, below) : (above ?? below);
    return { exponents: [...own, ...others], rest, degree: degree + other, isScaled };
  }
  const rest = !below ? above : above ? div(above, below) : reciprocal(below);
  return { exponents: [...own, ...others.map((x) => neg(x))], rest, degree: degree - other, isScaled };
}

/** Of e^x or 0, which is e to the power of x or -Infinity; of what is repeated each is taken once. */
function chosen({ operands }: Expr, further: Further | undefined, depth: number): PowerOfE | undefined {
  const [condition, ...sides] = operands as [Expr, Expr, Expr];
  const at = sides.findIndex((side, k) => isConstant(sides[1 - k]!, 0) && !isNarrow(side));
  const inner = at < 0 ? undefined : powerOfE(sides[at]!, further, depth - 1);
  if (!inner) return undefined;
  const choose = (side: Expr, other: number) =>
    at === 0 ? select(condition, side, other) : select(condition, other, side);
  const exponent = choose(totalOf(inner.exponents), Number.NEGATIVE_INFINITY);
  return { ...inner, exponents: [exponent], rest: inner.rest && choose(inner.rest, 0) };
}

/** Of what is read elsewhere. What guards or ranges leave out is 0, as the rest is there. */
function viewOf(node: Expr, further: Further | undefined, depth: number): PowerOfE | undefined {
  const { factors, guards, lookups } = termsOf(node);
  const { of, index } = factors[0]!;
  const inner = powerOfE(of, further, depth - 1);
  if (!inner) return undefined;
  const again = (part: Expr) => view(part, node.shape, index, guards, lookups);
  const rest = inner.rest ?? (isTotal(node.graph, node.id) ? undefined : constantLike(1, of));
  return { ...inner, exponents: inner.exponents.map(again), rest: rest && again(rest) };
}
