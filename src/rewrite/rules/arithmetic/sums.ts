import type { Expr, Graph } from "../../../ir/graph.ts";
import { add, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { number, x, y } from "../../pattern.ts";
import { type Context, type Rules, rule, structural } from "../../rule.ts";

/** Longer sums stay nested, and are not searched for common factors: both would take time square in their length. */
const mostTerms = 32;
const mostFactors = 16;

/** Sums and differences: equal terms, cancellation, common factors. */
export const sumRules: Rules = {
  exact: [
    rule(add(x, x), mul(x, 2)),
    structural("first term that is a sum", { roots: [add], operands: [add] }, (node, context) =>
      flattened(node, context, true),
    ),
  ],
  real: [
    structural("terms that are sums", { roots: [add], operands: [add] }, (node, context) =>
      flattened(node, context, false),
    ),
    rule(sub(x, x), number(0)),
    rule(sub(add(x, y), x), y),
    rule(sub(x, add(x, y)), neg(y)),
    rule(add(sub(x, y), y), x),
    structural("equal terms", { roots: [add], operands: ["repeated"] }, (node, context) => {
      if (context.graph.operandCount(node.id) < 3 || isTaken(node, context)) return undefined;
      const counts = new Map<Expr, number>();
      for (const term of node.operands) counts.set(term, (counts.get(term) ?? 0) + 1);
      if (counts.size === node.operands.length) return undefined;
      const terms = [...counts].map(([term, count]) => (count === 1 ? term : mul(term, count)));
      return terms.length === 1 ? terms[0] : add(...terms);
    }),
    structural("terms that cancel", { roots: [add], operands: [neg] }, (node, { graph }) => {
      const terms = node.operands;
      const present = new Set(terms);
      const negated = terms.find((term) => isMap(term, neg) && present.has(term.operands[0]!));
      if (!negated) return undefined;
      const rest = [...terms];
      for (const gone of [negated, negated.operands[0]!]) rest.splice(rest.indexOf(gone), 1);
      if (rest.length === 0) return graph.constantLike(0, node, node.dtype);
      return rest.length === 1 ? rest[0] : add(...rest);
    }),
    structural("common factor", { roots: [add], operands: [mul] }, (node, context) => {
      if (context.graph.operandCount(node.id) > mostTerms || isTaken(node, context)) return undefined;
      return haveCommonFactor(node.id, context) ? factored(node.id, context) : undefined;
    }),
    structural("common factor of a difference", { roots: [sub], operands: [mul] }, (node, context) => {
      if (!haveCommonFactor(node.id, context)) return undefined;
      const { graph } = context;
      const a = factorsOf(graph.operandAt(node.id, 0), context);
      const b = factorsOf(graph.operandAt(node.id, 1), context);
      const [common, restA, restB] = [chosen(a, b, true), chosen(a, b, false), chosen(b, a, false)];
      if (common.length === 0 || restA.length === 0 || restB.length === 0) return undefined;
      return mul(productOf(graph, common), sub(productOf(graph, restA), productOf(graph, restB)));
    }),
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

/** Adds them to others, by a stack of those that may be products themselves. */
function pushFactors(term: number, factors: number[], { graph, isShared }: Context, pending: number[] = []): void {
  const most = factors.length + mostFactors;
  for (let next: number | undefined = term; next !== undefined; next = pending.pop()) {
    const isOpen = isProduct(graph, next) && factors.length + pending.length < most && !isShared(next);
    if (isOpen) pending.push(graph.operandAt(next, 0), graph.operandAt(next, 1));
    else factors.push(next);
  }
}

const isProduct = (graph: Graph, id: number) => graph.kindOf(id) === "map" && graph.primitiveOf(id) === mul.primitive;

/** True when two terms share a factor: most sums have none. */
function haveCommonFactor(id: number, context: Context): boolean {
  const { graph } = context;
  const factors: number[] = [];
  const pending: number[] = [];
  const count = graph.operandCount(id);
  for (let k = 0; k < count; k++) {
    const own = factors.length;
    pushFactors(graph.operandAt(id, k), factors, context, pending);
    for (let at = own; at < factors.length; at++) if (factors.indexOf(factors[at]!) < own) return true;
  }
  return false;
}

/** The factor that most terms share, with whatever else all of them share, times the sum of the rests. */
function factored(id: number, context: Context): Expr | undefined {
  const { graph } = context;
  const terms = graph.operandIds(id);
  const products: number[][] = [];
  for (let k = 0; k < terms.length; k++) products.push(factorsOf(terms[k]!, context));
  const best = commonestOf(products, graph);
  if (best < 0) return undefined;
  const others: number[] = [];
  const sharing: number[][] = [];
  for (let k = 0; k < terms.length; k++) {
    if (products[k]!.includes(best)) sharing.push(products[k]!);
    else others.push(terms[k]!);
  }
  let common = sharing[0]!;
  for (let k = 1; k < sharing.length; k++) common = chosen(common, sharing[k]!, true);
  // a term that is the common factor alone leaves a 1 behind, which saves nothing unless it is added to constants
  let [folds, leavesOne] = [true, false];
  for (let k = 0; k < sharing.length; k++) {
    const rest = chosen(sharing[k]!, common, false);
    sharing[k] = rest;
    if (rest.length === 0) leavesOne = true;
    else if (rest.length > 1 || graph.kindOf(rest[0]!) !== "constant") folds = false;
  }
  if (!folds && leavesOne) return undefined;
  const like = graph.expr(best);
  const one = graph.constantLike(1, like, like.dtype);
  const whole = productOf(graph, common);
  const sum = mul(whole, add(...sharing.map((rest) => (rest.length === 0 ? one : productOf(graph, rest)))));
  return others.length === 0 ? sum : add(...others.map((term) => graph.expr(term)), sum);
}

/** The factor that most products share, rather none that is a constant; negative where all differ. */
function commonestOf(products: readonly (readonly number[])[], graph: Graph): number {
  const counts = new Map<number, number>();
  for (const factors of products) {
    for (let k = 0; k < factors.length; k++) {
      const factor = factors[k]!;
      if (factors.indexOf(factor) === k) counts.set(factor, (counts.get(factor) ?? 0) + 1);
    }
  }
  let [best, most] = [-1, 1];
  for (const [factor, count] of counts) {
    const isPreferred = count === most && best >= 0 && graph.kindOf(best) === "constant";
    if (count > most || isPreferred) [best, most] = [factor, count];
  }
  return best;
}

/** The factors of a product, as often as they are there, that another one has too, or that it does not have. */
function chosen(factors: readonly number[], other: readonly number[], areShared: boolean): number[] {
  const left = other.slice();
  const found: number[] = [];
  for (let k = 0; k < factors.length; k++) {
    const at = left.indexOf(factors[k]!);
    if (at >= 0) left[at] = -1;
    if (at >= 0 === areShared) found.push(factors[k]!);
  }
  return found;
}
