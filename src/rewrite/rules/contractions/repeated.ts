import { type Expr, sameShape } from "../../../ir/graph.ts";
import { broadcast, contract, type Read, termsOf } from "../../../ops/arrays/contractions.ts";
import { mul } from "../../../ops/elementary/algebra.ts";
import { isTotal } from "../../facts/facts.ts";
import { isNarrow } from "../../forms/contractions/splat.ts";
import { isOnlyRead, withFactor } from "../../forms/contractions/terms.ts";
import { insideRepeated, isOfLeaves, viewed } from "../../forms/contractions/views.ts";
import { fractionOf } from "../../forms/fractions.ts";
import { varies } from "../../forms/nodes.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** A repeated function of numbers that are given, as the function of these repeated: what stands beside it may be of the same. */
export const repeatedRules: Rules = {
  stable: [
    structural("function of what is repeated", { roots: ["view"], phase: "early" }, (node) => {
      if (!isNarrow(node)) return undefined;
      const read = viewed(node);
      return read?.of.kind === "map" && isTotal(node.graph, node.id) && isOfLeaves(read.of)
        ? insideRepeated(read, node.shape)
        : undefined;
    }),
    structural("maps read at the same place as one", { roots: ["sum"], phase: "early" }, asOneMap),
    structural("map and a quotient of numbers as one", { roots: ["sum"], phase: "early" }, withQuotient),
  ],
};

/** Whether a node is a function of another, as far as it is looked into. */
function isMadeOf(node: Expr, part: Expr, depth = 3): boolean {
  return depth > 0 && node.operands.some((operand) => operand === part || isMadeOf(operand, part, depth - 1));
}

/** The sum with f g as one factor where it has f[i] and g[i]: patterns of products span both, and their derivatives too. */
function asOneMap(node: Expr, { isShared }: Context): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  const terms = termsOf(node);
  const isOpen = ({ of }: Read, at: number) => of.kind === "map" && of.dtype === "real" && isOnlyRead(terms, at);
  /** Whether nothing else uses f, or g is a function of it. */
  const isOwn = ({ of }: Read, { of: other }: Read) => !isShared(of.id) || isMadeOf(other, of);
  for (const [at, read] of terms.factors.entries()) {
    if (!isOpen(read, at)) continue;
    const other = terms.factors.findIndex(
      (each, k) =>
        k > at &&
        isOpen(each, k) &&
        isOwn(read, each) &&
        isOwn(each, read) &&
        sameShape(each.of.shape, read.of.shape) &&
        sameShape(each.index, read.index),
    );
    if (other < 0) continue;
    const both = { ...read, of: mul(read.of, terms.factors[other]!.of) };
    return contract(withFactor(withFactor(terms, other), at, both));
  }
  return undefined;
}

/** The sum with f[i]/c as one factor where it has f[i] and a quotient of numbers by c: where f vanishes with c, nothing is 0/0 then. */
function withQuotient(node: Expr): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  const terms = termsOf(node);
  const number = terms.factors.findIndex(({ of }) => of.shape.length === 0 && isOfLeaves(of) && isQuotient(of));
  const at = terms.factors.findIndex(({ of }, k) => of.kind === "map" && of.shape.length > 0 && isOnlyRead(terms, k));
  if (number < 0 || at < 0) return undefined;
  const read = terms.factors[at]!;
  const { shape } = read.of;
  const repeated = insideRepeated({ of: terms.factors[number]!.of, again: (part) => broadcast(part, shape) }, shape);
  const both = { ...read, of: mul(read.of, repeated) };
  return contract(withFactor(withFactor(terms, at, both), number));
}

const isQuotient = (node: Expr) => fractionOf(node).under.some(varies);
