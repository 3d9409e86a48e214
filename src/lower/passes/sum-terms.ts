import { add, neg, sub } from "../../ops/elementary/algebra.ts";
import type { Apply, Temporary, Value } from "../program/loops.ts";

/** The sums that stand for names, as terms of other sums. */
export type Parts = ReadonlyMap<Temporary, Value>;

const real = (primitive: Apply["primitive"], operands: readonly Value[]): Value => ({
  kind: "apply",
  primitive,
  operands,
  dtype: "real",
});

/** True of a sum of real terms. */
export const isSum = (value: Value): value is Apply =>
  value.kind === "apply" && value.primitive === add.primitive && value.dtype === "real";

/** The sum of one or more terms. */
export const sumOf = (terms: readonly Value[]): Value => (terms.length === 1 ? terms[0]! : real(add.primitive, terms));

/** One more term. */
export function withTerm(sum: Value, term: Value): Value {
  const isNegated = term.kind === "apply" && term.primitive === neg.primitive;
  return isNegated ? real(sub.primitive, [sum, term.operands[0]!]) : sumOf([sum, term]);
}

/** The terms of a sum, in order, with those of its parts; those of a plain sum are its operands themselves. */
export function termsOf(value: Value, parts: Parts): readonly Value[] {
  const sumIn = (term: Value): Apply | undefined => {
    const inner = term.kind === "temporary" ? parts.get(term) : term;
    return inner && isSum(inner) ? inner : undefined;
  };
  const sum = sumIn(value);
  if (!sum) return [value];
  if (!sum.operands.some(sumIn)) return sum.operands;
  const terms: Value[] = [];
  const pending: Value[] = [sum];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const inner = sumIn(next);
    if (!inner) terms.push(next);
    else for (let k = inner.operands.length - 1; k >= 0; k--) pending.push(inner.operands[k]!);
  }
  return terms;
}
