import type { Level, ListName, Phase, Rule, Rules } from "./rule.ts";
import { broadcastRules, narrowRules } from "./rules/broadcast.ts";
import { constantRules } from "./rules/constant.ts";
import { contractionRules, fixedProductRules } from "./rules/contraction.ts";
import { orderRules } from "./rules/order.ts";
import { sumRules } from "./rules/sums.ts";
import { unitRules } from "./rules/units.ts";

export type { Level };

/** One sweep over the graph with the rules of some subjects, repeated until nothing changes. */
export interface Pass {
  readonly name: string;
  /** Why the pass stands where it does in the list. */
  readonly reason: string;
  readonly rules: readonly Rules[];
  /** Its rules pay off only together: the result is taken when the whole costs no more than before. */
  readonly mayRaiseCost?: boolean;
}

export const passes: readonly Pass[] = [
  {
    name: "canonical",
    reason: "first: later patterns meet one form of each expression, constants folded and units gone",
    rules: [constantRules, unitRules, sumRules],
  },
  {
    name: "contraction",
    reason: "after the maps have settled: factors are read through views, and what leaves a sum may fold again",
    rules: [constantRules, unitRules, sumRules, broadcastRules, contractionRules],
  },
  {
    name: "narrow",
    reason: "after views are plain: broadcast factors gather, and leave sums together",
    rules: [constantRules, unitRules, sumRules, broadcastRules, narrowRules, contractionRules, fixedProductRules],
    mayRaiseCost: true,
  },
  {
    name: "order",
    reason: "when no factor can leave a sum any more: the order in which the rest meets, by cost",
    rules: [constantRules, unitRules, sumRules, broadcastRules, contractionRules, orderRules],
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
