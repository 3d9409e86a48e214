import type { Expr } from "../../ir/graph.ts";
import { add, neg, sub } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";
import type { Context } from "../rule.ts";
import { constantLike } from "./conditions.ts";

/** A term of a sum, with the sign that it has there. */
export interface SignedTerm {
  readonly term: Expr;
  readonly sign: number;
}

/** Sums of more terms are left as they are. */
const mostTerms = 24;

/** The terms of sums and differences within each other, as far as nothing else uses these; undefined of too many. */
export function signedTermsOf(
  node: Expr,
  { graph, isShared }: Pick<Context, "graph" | "isShared">,
): readonly SignedTerm[] | undefined {
  const found: SignedTerm[] = [];
  const pending: SignedTerm[] = [{ term: node, sign: 1 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { term, sign } = next;
    const isOpen = term === node || !isShared(term.id);
    const signs = [add, sub, neg].findIndex((operation) => isMap(term, operation));
    if (isOpen && signs >= 0 && graph.operandCount(term.id) <= mostTerms) {
      const [first, ...rest] = term.operands as [Expr, ...Expr[]];
      pending.push(...rest.reverse().map((each) => ({ term: each, sign: signs === 1 ? -sign : sign })));
      pending.push({ term: first, sign: signs === 2 ? -sign : sign });
    } else if (found.push(next) > mostTerms) return undefined;
  }
  return found;
}

/** The terms of a sum that is no part of another one. */
export function wholeSum(node: Expr, context: Context): readonly SignedTerm[] | undefined {
  const isPart = [add, sub].some(({ primitive }) => context.isTakenBy(node.id, primitive));
  return isPart ? undefined : signedTermsOf(node, context);
}

/** The sum of such terms, in the place of another node. */
export function sumOfSigned(terms: readonly SignedTerm[], like: Expr): Expr {
  const sumOf = (sign: number) => {
    const taken = terms.filter((each) => each.sign === sign).map(({ term }) => term);
    return taken.length > 1 ? add(...(taken as [Expr, Expr])) : taken[0];
  };
  const [taken, left] = [sumOf(1), sumOf(-1)];
  if (!left) return taken ?? constantLike(0, like);
  return taken ? sub(taken, left) : neg(left);
}

/** A sum less another one, all of whose terms it has. */
export function lessTerms(
  terms: readonly SignedTerm[],
  others: readonly SignedTerm[],
): readonly SignedTerm[] | undefined {
  const left = [...terms];
  for (const { term, sign } of others) {
    const at = left.findIndex((each) => each.term === term && each.sign === sign);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left;
}
