import type { Expr, Graph } from "../../ir/graph.ts";
import { add, mul, neg, sub } from "../../ops/algebra.ts";
import { isMap } from "../forms/nodes.ts";
import { x, y } from "../pattern.ts";
import { type Context, type Rules, rule, structural } from "../rule.ts";

/** Longer sums stay nested, and are not searched for common factors: both would take time square in their length. */
const mostTerms = 32;
const mostFactors = 16;

/** Sums and differences: equal terms, cancellation, common factors. */
export const sumRules: Rules = {
  exact: [
    rule(add(x, x), mul(x, 2)),
    structural("first term that is a sum", [add.primitive], (node, context) => flattened(node, context, true), [
      add.primitive,
    ]),
  ],
  real: [
    structural("terms that are sums", [add.primitive], (node, context) => flattened(node, context, false), [
      add.primitive,
    ]),
    rule(sub(x, x), (of) => of(x).graph.constantLike(0, of(x), of(x).dtype)),
    rule(sub(add(x, y), x), y),
    rule(sub(x, add(x, y)), neg(y)),
    rule(add(sub(x, y), y), x),
    structural(
      "equal terms",
      [add.primitive],
      (node, context) => {
        if (context.graph.operandCount(node.id) < 3 || isTaken(node, context)) return undefined;
        const counts = new Map<Expr, number>();
        for (const term of node.operands) counts.set(term, (counts.get(term) ?? 0) + 1);
        if (counts.size === node.operands.length) return undefined;
        const terms = [...counts].map(([term, count]) => (count === 1 ? term : mul(term, count)));
        return terms.length === 1 ? terms[0] : add(...terms);
      },
      ["repeated"],
    ),
    structural(
      "terms that cancel",
      [add.primitive],
      (node, { graph }) => {
        const terms = node.operands;
        const present = new Set(terms);
        const negated = terms.find((term) => isMap(term, neg.primitive) && present.has(term.operands[0]!));
        if (!negated) return undefined;
        const rest = [...terms];
        for (const gone of [negated, negated.operands[0]!]) rest.splice(rest.indexOf(gone), 1);
        if (rest.length === 0) return graph.constantLike(0, node, node.dtype);
        return rest.length === 1 ? rest[0] : add(...rest);
      },
      [neg.primitive],
    ),
    structural(
      "common factor",
      [add.primitive],
      (node, context) => {
        if (context.graph.operandCount(node.id) > mostTerms || isTaken(node, context)) return undefined;
        return haveCommonFactor(node.id, context) ? factored(node.id, context) : undefined;
      },
      [mul.primitive],
    ),
    structural(
      "common factor of a difference",
      [sub.primitive],
      (node, context) => {
        if (!haveCommonFactor(node.id, context)) return undefined;
        const { graph } = context;
        const [a, b] = graph.operandIds(node.id).map((term) => factorsOf(term, context)) as [number[], number[]];
        const [common, restA, restB] = shared(a, b);
        if (common.length === 0 || restA.length === 0 || restB.length === 0) return undefined;
        return mul(productOf(graph, common), sub(productOf(graph, restA), productOf(graph, restB)));
      },
      [mul.primitive],
    ),
  ],
};

/** Sums of up to so many terms are taken in by the sum around them; longer ones stay as they are. */
const mostTaken = 16;

/** True for a sum that the one around it takes in: what is done to sums is done once, to the whole. */
const isTaken = (node: Expr, context: Context) =>
  context.graph.operandCount(node.id) <= mostTaken && context.isTakenBy(node.id, add.primitive);

/** True for a sum that the one around it may take in. */
const isOpen = (id: number, { graph, isShared }: Context) =>
  graph.kindOf(id) === "map" &&
  graph.primitiveOf(id) === add.primitive &&
  graph.operandCount(id) <= mostTaken &&
  !isShared(id);

function opensAny(id: number, context: Context, firstOnly: boolean): boolean {
  const count = firstOnly ? 1 : context.graph.operandCount(id);
  for (let k = 0; k < count; k++) if (isOpen(context.graph.operandAt(id, k), context)) return true;
  return false;
}

/** The sum with the terms of sums within it, in order, in parts of `mostTerms`; `firstOnly`: of those that come first. */
function flattened(node: Expr, context: Context, firstOnly: boolean): Expr | undefined {
  const { graph } = context;
  if (isTaken(node, context) || !opensAny(node.id, context, firstOnly)) return undefined;
  const terms: Expr[] = [];
  const pending = node.operands.reverse();
  for (let term = pending.pop(); term; term = pending.pop()) {
    if (!(firstOnly && terms.length > 0) && isOpen(term.id, context)) pending.push(...term.operands.reverse());
    else terms.push(term);
  }
  if (terms.length === graph.operandCount(node.id)) return undefined;
  let sum = graph.map(add.primitive, terms.slice(0, mostTerms));
  for (let from = mostTerms; from < terms.length; from += mostTerms - 1) {
    sum = graph.map(add.primitive, [sum, ...terms.slice(from, from + mostTerms - 1)]);
  }
  return sum;
}

// Factors are ids: lists of them, empty or not, are of one kind to an engine.

const productOf = (graph: Graph, factors: readonly number[]): Expr =>
  factors.map((factor) => graph.expr(factor)).reduce((product, factor) => mul(product, factor));

/** The factors of a product that nothing else needs. */
function factorsOf(term: number, context: Context): number[] {
  const factors: number[] = [];
  pushFactors(term, factors, context);
  return factors;
}

function pushFactors(term: number, factors: number[], { graph, isShared }: Context): void {
  const isProduct = (id: number) => graph.kindOf(id) === "map" && graph.primitiveOf(id) === mul.primitive;
  if (!isProduct(term)) {
    factors.push(term);
    return;
  }
  const most = factors.length + mostFactors;
  const pending = [term];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const isOpen = isProduct(next) && factors.length + pending.length < most && !isShared(next);
    if (isOpen) pending.push(graph.operandAt(next, 0), graph.operandAt(next, 1));
    else factors.push(next);
  }
}

/** True when two terms share a factor: most sums have none. */
function haveCommonFactor(id: number, context: Context): boolean {
  const { graph } = context;
  const factors: number[] = [];
  const count = graph.operandCount(id);
  for (let k = 0; k < count; k++) {
    const own = factors.length;
    pushFactors(graph.operandAt(id, k), factors, context);
    for (let at = own; at < factors.length; at++) if (factors.indexOf(factors[at]!) < own) return true;
  }
  return false;
}

/** The factor that most terms share, with whatever else all of them share, times the sum of the rests. */
function factored(id: number, context: Context): Expr | undefined {
  const { graph } = context;
  const terms = graph.operandIds(id);
  const products = terms.map((term) => factorsOf(term, context));
  const counts = new Map<number, number>();
  for (const factors of products) {
    for (const factor of new Set(factors)) counts.set(factor, (counts.get(factor) ?? 0) + 1);
  }
  let [best, most] = [-1, 1];
  for (const [factor, count] of counts) {
    const isPreferred = count === most && best >= 0 && graph.kindOf(best) === "constant";
    if (count > most || isPreferred) [best, most] = [factor, count];
  }
  if (best < 0) return undefined;
  const sharing = products.filter((factors) => factors.includes(best));
  const common = sharing.reduce((a, b) => shared(a, b)[0]);
  const rests = sharing.map((factors) => shared(factors, common)[1]);
  // a term that is the common factor alone leaves a 1 behind, which saves nothing unless it is added to constants
  const folds = rests.every(
    (rest) => rest.length === 0 || (rest.length === 1 && graph.kindOf(rest[0]!) === "constant"),
  );
  if (!folds && rests.some((rest) => rest.length === 0)) return undefined;
  const like = graph.expr(best);
  const one = graph.constantLike(1, like, like.dtype);
  const sum = mul(
    productOf(graph, common),
    add(...rests.map((rest) => (rest.length === 0 ? one : productOf(graph, rest)))),
  );
  const others = terms.filter((_, k) => !products[k]!.includes(best));
  return others.length === 0 ? sum : add(...others.map((term) => graph.expr(term)), sum);
}

/** What two products share, and what is left of each. */
function shared(a: readonly number[], b: readonly number[]): [common: number[], restA: number[], restB: number[]] {
  const restB = [...b];
  const common: number[] = [];
  const restA: number[] = [];
  for (const factor of a) {
    const at = restB.indexOf(factor);
    if (at < 0) restA.push(factor);
    else {
      common.push(factor);
      restB.splice(at, 1);
    }
  }
  return [common, restA, restB];
}
