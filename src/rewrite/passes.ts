import { catalogue } from "./catalogue.ts";
import type { Level, ListName, Phase, Rule, Rules } from "./rule.ts";
import { RuleIndex } from "./rule-index.ts";

/** One sweep over the graph with the rules of some subjects, repeated until nothing changes. */
export interface Pass {
  readonly name: string;
  /** Why the pass stands where it does in the list. */
  readonly reason: string;
  readonly rules: readonly Rules[];
  /** Its rules pay off only together: the result is taken when the whole costs no more than before. */
  readonly mayRaiseCost?: boolean;
}

const { constant, units, sums, select, comparison, extremes, parity, opaque } = catalogue;
const { powers, exponential, special, softmax } = catalogue;
const { broadcast, narrow, mask, contraction, fixedProduct, matrices, order } = catalogue;

const plain = [constant, units, sums, select, comparison, extremes, parity, opaque];
const maps = [...plain, powers, exponential, special, softmax];

/**
 * The order of rewriting. Equal nodes are one node from the start (graphs are hash-consed), so that merging needs no
 * pass: every rebuilt node meets its equals.
 */
export const passes: readonly Pass[] = [
  {
    name: "canonical",
    reason: "first: later patterns meet one form of each expression, constants folded and units gone",
    rules: plain,
  },
  {
    name: "stable",
    reason: "before products are taken apart: these patterns span several operations as people write them",
    rules: [...maps, matrices],
  },
  {
    name: "contraction",
    reason: "after the maps have settled: factors are read through views, and what leaves a sum may fold again",
    rules: [...maps, broadcast, mask, contraction, matrices],
  },
  {
    name: "narrow",
    reason: "after views are plain: broadcast factors gather, and leave sums together",
    rules: [...maps, broadcast, narrow, mask, contraction, fixedProduct, matrices],
    mayRaiseCost: true,
  },
  {
    name: "order",
    reason: "when no factor can leave a sum any more: the order in which the rest meets, by cost",
    rules: [...maps, broadcast, mask, contraction, matrices, order],
  },
];

const listsOf: Readonly<Record<Level, readonly ListName[]>> = {
  none: [],
  exact: ["exact"],
  all: ["exact", "stable", "real"],
};

/** The rules of a pass that a level and a phase allow, exact ones first. */
export function rulesOf(pass: Pass, level: Level, phase: Phase): Rule[] {
  return listsOf[level]
    .flatMap((list) => pass.rules.flatMap((rules) => rules[list] ?? []))
    .filter((rule) => rule.phase === "anytime" || phase === "last");
}

const indices = new WeakMap<Pass, Map<string, RuleIndex>>();

/** The rules of a pass that a level and a phase allow, indexed; made once. */
export function indexOf(pass: Pass, level: Level, phase: Phase): RuleIndex {
  const ofPass = indices.get(pass) ?? new Map<string, RuleIndex>();
  indices.set(pass, ofPass);
  const key = `${level} ${phase}`;
  const known = ofPass.get(key) ?? new RuleIndex(rulesOf(pass, level, phase));
  ofPass.set(key, known);
  return known;
}
