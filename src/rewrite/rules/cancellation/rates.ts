import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { isOneOf } from "../../../ops/maps.ts";
import { expm1Dilation, log1pDilation } from "../../../ops/ratios/dilations.ts";
import { expm1Ratio, log1pRatio } from "../../../ops/ratios/ratios.ts";
import { keyOf, type Monomial, monomialOf, nodeOf, over, termsOf, times } from "../../forms/monomials.ts";
import { multipleOf } from "../../forms/multiples.ts";
import { type SignedTerm, signedTermsOf } from "../../forms/signed-terms.ts";
import { type Context, type Rules, structural } from "../../rule.ts";
import { pointAt } from "../../series/expansion-points.ts";
import { nearlyAt } from "../../series/near-forms.ts";

/** Sums of more terms are left as they are. */
const mostTerms = 8;

const isAlgebra = (node: Expr) => isOneOf(node, add, sub, mul, div, neg, reciprocal, square);

/** Functions f(a t) of a rate and a time over the rate, as times and functions of their product. */
function opened(term: Monomial): Monomial {
  return [...term.powers].reduce((whole, [factor, power]) => {
    const ratio = isOneOf(factor, expm1Dilation) ? expm1Ratio : isOneOf(factor, log1pDilation) ? log1pRatio : undefined;
    if (!ratio) return whole;
    const [rate, time] = factor.operands as [Expr, Expr];
    const { base, factor: number } = multipleOf(time);
    const ofProduct = ratio(mul(number, mul(rate, base)));
    const powers = new Map([
      [factor, -power],
      [base, power],
      [ofProduct, power],
    ] as const);
    return times(whole, { number: number ** power, powers });
  }, term);
}

/** A rate in what functions are of, such as `a` in exp(-a t): u = rate^power rest. */
interface Rate {
  readonly u: Expr;
  readonly rate: Expr;
  readonly power: number;
  readonly rest: Monomial;
}

/** What a function of one operand is of, without numbers that it is multiplied by or added to. */
function innerOf(node: Expr): Expr | undefined {
  if (node.kind !== "map" || isAlgebra(node) || node.operands.length !== 1) return undefined;
  let inner = node.operands[0]!;
  for (;;) {
    const { base } = multipleOf(inner);
    const terms = isOneOf(base, add, sub) ? base.operands.filter((term) => term.kind !== "constant") : [];
    if (base === inner && terms.length !== 1) return inner;
    inner = terms.length === 1 ? terms[0]! : base;
  }
}

/** The rates that functions in the terms are of, where two terms or more are infinite at 0. */
function ratesIn(terms: readonly Monomial[]): Rate[] {
  const inner = new Set(terms.flatMap(({ powers }) => [...powers.keys()].map(innerOf)));
  return [...inner].flatMap((u) => {
    const whole = u && isOneOf(u, mul, div) ? monomialOf(u) : undefined;
    if (!u || !whole || whole.number !== 1) return [];
    return [...whole.powers].flatMap(([rate, power]): Rate[] => {
      const isSteep = ({ powers }: Monomial) => (powers.get(rate) ?? 0) * power < 0;
      if (Math.abs(power) !== 1 || terms.filter(isSteep).length < 2) return [];
      return [{ u, rate, power, rest: over(whole, new Map([[rate, power]])) }];
    });
  });
}

/** True of what is made of a node, as far as it is looked into. */
function isMadeOf(node: Expr, part: Expr, depth = 8): boolean {
  return node === part || (depth > 0 && node.operands.some((operand) => isMadeOf(operand, part, depth - 1)));
}

/** A term of the sum as it is written, and what it is multiplied out. */
interface Written extends SignedTerm {
  readonly parts: readonly Monomial[];
}

/** Terms that are the same multiple of functions of u, each with what it is a part of. */
interface Group {
  readonly key: Monomial;
  readonly parts: { readonly ofU: Monomial; readonly from: Written }[];
}

/**
 * A sum of terms with a rate under them and functions of its product with a time, in which the terms cancel where the rate is small: by
 * the product, as functions of one variable, which have a series, times what is left. That of s^2/a^2 ((1 - exp(-a t))/a - t) is s^2 t^3,
 * beside the function (1 - exp(-u) - u)/u^3 of u = a t.
 */
function byProduct(node: Expr, context: Context): Expr | undefined {
  const { isTakenBy } = context;
  if (isTakenBy(node.id, add.primitive) || isTakenBy(node.id, sub.primitive)) return undefined;
  const written = signedTermsOf(node, context)?.flatMap(({ term, sign }): Written[] => {
    const parts = termsOf(term, mostTerms);
    return parts ? [{ term, sign, parts: parts.map((part) => opened({ ...part, number: sign * part.number })) }] : [];
  });
  const all = written?.flatMap(({ parts }) => parts);
  if (!written || !all || written.length < 2 || all.length > mostTerms) return undefined;
  for (const rate of ratesIn(all)) {
    const groups = groupsOf(written, rate);
    const found = groups && merged(node, written, groups, rate.u);
    if (found) return found;
  }
  return undefined;
}

/** The terms in groups; undefined if not all that is made of the rate is of u. */
function groupsOf(written: readonly Written[], { u, rate, power, rest }: Rate): readonly Group[] | undefined {
  const groups = new Map<string, Group>();
  for (const from of written) {
    for (const { number, powers } of from.parts) {
      const factors = [...powers].filter(([factor]) => factor !== rate);
      const [ofU, others] = [factors.filter(([of]) => innerOf(of) === u), factors.filter(([of]) => innerOf(of) !== u)];
      if (others.some(([factor]) => isMadeOf(factor, rate))) return undefined;
      const order = (powers.get(rate) ?? 0) * power;
      let key: Monomial = { number: 1, powers: new Map(others) };
      for (let k = 0; k < Math.abs(order); k++) key = order > 0 ? over(key, rest.powers) : times(key, rest);
      const group = groups.get(keyOf(key)) ?? { key, parts: [] };
      groups.set(keyOf(key), group);
      group.parts.push({
        ofU: { number, powers: new Map([...ofU, ...(order === 0 ? [] : [[u, order] as const])]) },
        from,
      });
    }
  }
  return [...groups.values()];
}

/** The sum with the groups in which terms cancel as one term each, and with what these terms are parts of. */
function merged(node: Expr, written: readonly Written[], groups: readonly Group[], u: Expr): Expr | undefined {
  const orderOf = ({ parts }: Group) => Math.min(...parts.map(({ ofU }) => ofU.powers.get(u) ?? 0));
  const steep = groups.filter(
    (group) => group.key.powers.size > 0 && orderOf(group) < 0 && new Set(group.parts.map(({ from }) => from)).size > 1,
  );
  if (steep.length === 0) return undefined;
  const open = new Set(steep.flatMap(({ parts }) => parts.map(({ from }) => from)));
  const terms = written.flatMap((each) => (open.has(each) ? [] : [each.sign < 0 ? neg(each.term) : each.term]));
  for (const group of groups) {
    const parts = group.parts.filter(({ from }) => open.has(from));
    if (parts.length === 0) continue;
    const order = Math.min(0, orderOf(group));
    const power = new Map([[u, -order]]);
    const whole = parts
      .map(({ ofU }) => nodeOf(times(ofU, { number: 1, powers: power }), node))
      .reduce((all, part) => add(all, part));
    const quotient = order < 0 ? div(whole, wholePower(u, -order)) : whole;
    const near = nearlyAt(quotient, pointAt(u, 0));
    if (!near && steep.includes(group)) return undefined;
    terms.push(mul(nodeOf(group.key, node), near ?? quotient));
  }
  return terms.reduce((all, term) => add(all, term));
}

export const rateRules: Rules = {
  stable: [structural("terms over a rate", { roots: [add, sub], phase: "early" }, byProduct)],
};
