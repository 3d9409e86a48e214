import type { Expr } from "../../ir/graph.ts";
import { contract, termsOf } from "../../ops/arrays/contractions.ts";
import { div, mul, neg } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";
import { isView } from "./nodes.ts";

/** A number other than 0 times an array, also where it is read elsewhere. */
export function asMultiple(x: Expr): { by: number; of: Expr } | undefined {
  if (isMap(x, neg)) return { by: -1, of: x.operands[0]! };
  if (isMap(x, mul)) {
    const at = x.operands.findIndex(({ kind }) => kind === "constant");
    const by = x.operands[at]?.constant;
    return by && Number.isFinite(by) ? { by, of: x.operands[1 - at]! } : undefined;
  }
  if (!isView(x)) return undefined;
  const terms = termsOf(x);
  const { of, index } = terms.factors[0]!;
  const inner = isView(of) ? undefined : asMultiple(of);
  return inner && { by: inner.by, of: contract({ ...terms, factors: [{ of: inner.of, index }] }) };
}

/** A base and what it is multiplied by. */
interface ConstantMultiple {
  readonly base: Expr;
  readonly factor: number;
}

/** What a node is a multiple of. */
export function multipleOf(node: Expr): ConstantMultiple {
  let [base, factor] = [node, 1];
  for (;;) {
    const [a, b] = base.operands as [Expr, Expr];
    if (isMap(base, neg)) [base, factor] = [a, -factor];
    else if (isMap(base, mul) && b.kind === "constant") [base, factor] = [a, factor * b.constant!];
    else if (isMap(base, mul) && a.kind === "constant") [base, factor] = [b, factor * a.constant!];
    else if (isMap(base, div) && b.kind === "constant") [base, factor] = [a, factor / b.constant!];
    else return { base, factor };
  }
}
