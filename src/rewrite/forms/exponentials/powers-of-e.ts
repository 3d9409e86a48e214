import type { Expr } from "../../../ir/graph.ts";
import { termsOf, view } from "../../../ops/arrays/contractions.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { exp, exp2 } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { isOneOf } from "../../../ops/maps.ts";
import { choiceOr, sideOr } from "../../../ops/masked.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isTotal } from "../../facts/facts.ts";
import { constantLike, constantOf } from "../conditions.ts";
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
  if (isOf(exp2)) return { exponents: [mul(a, Math.LN2)], rest: undefined, degree: 1 };
  if (isOf(pow)) return powerOf(a, b);
  if (isOf(select)) return masked(node, further, depth);
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

/** A positive number to a power that varies. */
function powerOf(base: Expr, exponent: Expr): PowerOfE | undefined {
  if (base.kind !== "constant" || exponent.kind === "constant") return undefined;
  const logarithm = Math.log(constantOf(base));
  return Number.isFinite(logarithm) ? { exponents: [mul(exponent, logarithm)], rest: undefined, degree: 1 } : undefined;
}

/** Of what is 0 unless a condition holds: what the exponents are elsewhere leaves no trace. */
function masked(node: Expr, further: Further | undefined, depth: number): PowerOfE | undefined {
  const choice = choiceOr(node, 0);
  const inner = choice && powerOfE(choice[2], further, depth - 1);
  if (!inner) return undefined;
  const { exponents, rest = constantLike(1, node) } = inner;
  const under = (part: Expr) => sideOr(choice, part, 0);
  return { ...inner, exponents: exponents.map(under), rest: under(rest) };
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
