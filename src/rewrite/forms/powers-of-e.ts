import type { Expr } from "../../ir/graph.ts";
import { div, mul, neg, reciprocal, square } from "../../ops/algebra.ts";
import { termsOf, view } from "../../ops/contractions.ts";
import type { Operation } from "../../ops/define.ts";
import { exp } from "../../ops/exponential.ts";
import { gaussian } from "../../ops/gaussian.ts";
import { constantLike } from "./conditions.ts";
import { isMap, isView } from "./nodes.ts";

/** A product as e^x for the sum x of some exponents, times the rest, which is 1 where it is undefined. */
export interface PowerOfE {
  readonly exponents: readonly Expr[];
  readonly rest: Expr | undefined;
}

/** What stands deeper is part of the rest. */
const deepest = 6;

/** A product or a quotient with exponentials among its factors, taken apart. */
export function powerOfE(node: Expr, depth = deepest): PowerOfE | undefined {
  if (depth === 0 || node.dtype !== "real") return undefined;
  if (isView(node)) return viewOf(node, depth);
  if (node.kind !== "map") return undefined;
  const [a, b] = node.operands as [Expr, Expr];
  if (isMap(node, exp.primitive)) return { exponents: [a], rest: undefined };
  if (isMap(node, gaussian.primitive)) return { exponents: [neg(square(a))], rest: undefined };
  const isOf = (...operations: readonly Operation[]) => operations.some(({ primitive }) => isMap(node, primitive));
  if (!isOf(neg, reciprocal, mul, div)) return undefined;
  const p = powerOfE(a, depth - 1);
  if (isOf(neg)) return p && { ...p, rest: p.rest ? neg(p.rest) : constantLike(-1, a) };
  if (isOf(reciprocal))
    return p && { exponents: p.exponents.map((each) => neg(each)), rest: p.rest && reciprocal(p.rest) };
  const q = powerOfE(b, depth - 1);
  if (!p && !q) return undefined;
  const [above, below] = [p ? p.rest : a, q ? q.rest : b];
  const [own, others] = [p?.exponents ?? [], q?.exponents ?? []];
  if (isOf(mul)) {
    return { exponents: [...own, ...others], rest: above && below ? mul(above, below) : (above ?? below) };
  }
  const rest = !below ? above : above ? div(above, below) : reciprocal(below);
  return { exponents: [...own, ...others.map((each) => neg(each))], rest };
}

/** Of what is repeated along axes. What guards or ranges leave out is no exponential. */
function viewOf(node: Expr, depth: number): PowerOfE | undefined {
  const terms = termsOf(node);
  const { of, index } = terms.factors[0]!;
  const isWhole = index.every((each, axis) => {
    const iterator = each.unitIterator();
    const isPlain = iterator?.sign === 1 && iterator.offset.value === 0;
    return isPlain && terms.extents[iterator.iterator]!.equals(of.shape[axis]!);
  });
  const inner = isWhole && terms.guards.length === 0 ? powerOfE(of, depth - 1) : undefined;
  const again = (part: Expr) => view(part, node.shape, index);
  return inner && { exponents: inner.exponents.map(again), rest: inner.rest && again(inner.rest) };
}
