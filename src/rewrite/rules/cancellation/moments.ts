import { iteratorOf } from "../../../ir/contraction.ts";
import { type Expr, sameShape } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { axes, contract, type Terms, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, div, mul, square, sub } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { isMap } from "../../../ops/maps.ts";
import { type Monomial, monomialsOf, nodeOf, over } from "../../forms/monomials.ts";
import { isSum, isView } from "../../forms/nodes.ts";
import { rowsOf } from "../../forms/rows.ts";
import { type Rules, structural } from "../../rule.ts";

/** A sum of products, with what it multiplies over all that it goes through. */
interface Moment {
  readonly node: Expr;
  readonly terms: Required<Terms>;
  readonly factors: readonly Expr[];
}

function momentOf(node: Expr): Moment | undefined {
  if (!isSum(node)) return undefined;
  const terms = termsOf(node);
  if (terms.guards.length > 0 || terms.output.some((index) => iteratorOf(index) === undefined)) return undefined;
  const factors = terms.factors.flatMap(({ of, index }) =>
    partsOf(of).map((part) => rowsOf({ of: part, index }, terms)),
  );
  return { node, terms, factors };
}

function partsOf(node: Expr): Expr[] {
  if (isMap(node, square)) return [...partsOf(node.operands[0]!), ...partsOf(node.operands[0]!)];
  return isMap(node, mul) ? node.operands.flatMap(partsOf) : [node];
}

/** What is left of some nodes without others; undefined where these are not among them. */
function lessAll(all: readonly Expr[], others: readonly Expr[]): Expr[] | undefined {
  const left = [...all];
  for (const each of others) {
    const at = left.indexOf(each);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left;
}

/** The sums in a monomial, each as often as it is a factor. */
const sumsIn = ({ powers }: Monomial): Moment[] =>
  [...powers].flatMap(([factor, power]) => {
    const moment = power === 1 || power === 2 ? momentOf(factor) : undefined;
    return moment ? Array.from({ length: power }, () => moment) : [];
  });

/** The arrays whose product a total sums: none where it counts the terms of other sums. Undefined of anything else. */
function weightsOf({ number, powers }: Monomial, { terms }: Moment): readonly Expr[] | undefined {
  const kept = terms.output.map(iteratorOf);
  const count = Integer.product(terms.extents.filter((_, k) => !kept.includes(k)));
  if (powers.size === 0) return number === count.value ? [] : undefined;
  const [total, power] = [...powers][0]!;
  if (powers.size > 1 || power !== 1) return undefined;
  const spread = isView(total) ? total.operands[0]! : total;
  const size = isMap(spread, toReal) ? spread.operands[0]! : spread;
  if (size.kind === "size") {
    const counted = 1 / number;
    return Number.isInteger(counted) && size.graph.sizeOf(size.id).equals(count.scaled(counted)) ? [] : undefined;
  }
  const moment = number === 1 ? momentOf(total) : undefined;
  return moment && areAlike(moment.terms, terms) ? moment.factors : undefined;
}

const areAlike = (a: Required<Terms>, b: Required<Terms>) =>
  sameShape(a.extents, b.extents) && sameShape(a.output, b.output);

/**
 * The mean of a product less the product of the means, by deviations from these: sum(x y) - sum(x) sum(y) / n, which loses what all of x
 * and all of y have in common. With weights too, and multiples of it.
 */
function byDeviations(node: Expr): Expr | undefined {
  const terms = monomialsOf(node);
  if (terms.length !== 2) return undefined;
  for (const [whole, means] of [terms, [...terms].reverse()] as [Monomial, Monomial][]) {
    for (const product of sumsIn(whole)) {
      const sums = sumsIn(means).filter((sum) => areAlike(sum.terms, product.terms));
      for (const [i, x] of sums.entries()) {
        for (const y of sums.slice(i + 1)) {
          const found = deviations(whole, means, product, [x, y]);
          if (found) return found;
        }
      }
    }
  }
  return undefined;
}

function deviations(whole: Monomial, means: Monomial, product: Moment, sums: readonly Moment[]): Expr | undefined {
  const factor = over(whole, new Map([[product.node, 1]]));
  const other = sums.reduce((left, { node }) => over(left, new Map([[node, 1]])), means);
  const total = over({ ...factor, number: -factor.number / other.number }, other.powers);
  const weights = weightsOf(total, product);
  if (!weights) return undefined;
  const parts = sums.flatMap(({ factors }) => {
    const left = lessAll(factors, weights);
    return left && left.length > 0 ? [left] : [];
  });
  const isWhole = parts.length === 2 && lessAll(product.factors, [...weights, ...parts.flat()])?.length === 0;
  if (!isWhole) return undefined;
  const { extents, output } = product.terms;
  const gaps = sums.map(({ node }, k) => {
    const mean = div(node, nodeOf(total, node));
    return sub(productOf(parts[k]!), view(mean, extents, output));
  });
  const [one, second] = gaps as [Expr, Expr];
  const squared = one === second ? square(one) : mul(one, second);
  const of = weights.length > 0 ? mul(productOf(weights), squared) : squared;
  const sum = contract({ ...product.terms, factors: [{ of, index: axes(extents.length) }], lookups: [] });
  return mul(nodeOf(factor, product.node), sum);
}

const productOf = (factors: readonly Expr[]) => factors.reduce((all, factor) => mul(all, factor));

export const momentRules: Rules = {
  stable: [
    structural("mean of a product less a product of means", { roots: [sub, add], phase: "early" }, byDeviations),
  ],
};
