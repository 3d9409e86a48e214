import { Ability } from "../ir/extension.ts";
import type { Rules } from "./rule.ts";
import { constantRules } from "./rules/arithmetic/constant.ts";
import { opaqueRules } from "./rules/arithmetic/opaque.ts";
import { parityRules } from "./rules/arithmetic/parity.ts";
import { sumRules } from "./rules/arithmetic/sums.ts";
import { unitRules } from "./rules/arithmetic/units.ts";
import { flatRules } from "./rules/cancellation/flat.ts";
import { identityRules } from "./rules/cancellation/identities.ts";
import { removableRules } from "./rules/cancellation/removable.ts";
import { vanishingQuotientRules } from "./rules/cancellation/vanishing-quotients.ts";
import { comparisonRules } from "./rules/choices/comparison.ts";
import { extremeRules } from "./rules/choices/extremes.ts";
import { selectRules } from "./rules/choices/select.ts";
import { broadcastRules, narrowRules } from "./rules/contractions/broadcast.ts";
import { commonDivisorRules } from "./rules/contractions/common-divisors.ts";
import { domainRules, equalityRules } from "./rules/contractions/domains.ts";
import { factorRules, fixedProductRules } from "./rules/contractions/factors.ts";
import { lookupRules } from "./rules/contractions/lookups.ts";
import { maskRules } from "./rules/contractions/mask.ts";
import { orderRules } from "./rules/contractions/order.ts";
import { periodicRules } from "./rules/contractions/periodic.ts";
import { repeatedRules } from "./rules/contractions/repeated.ts";
import { viewRules } from "./rules/contractions/views.ts";
import { exponentialRules } from "./rules/exponentials/exponential.ts";
import { softmaxRules } from "./rules/exponentials/softmax.ts";
import { directionRules } from "./rules/powers/directions.ts";
import { lengthRules } from "./rules/powers/lengths.ts";
import { planeRules } from "./rules/powers/plane.ts";
import { powerRules } from "./rules/powers/powers.ts";

/** One sweep over the graph with the rules of some subjects, repeated until nothing changes. */
export interface Pass {
  readonly name: string;
  readonly rules: readonly Rules[];
  /** Rules of extensions that join it, before its own. */
  readonly joinedBy?: Ability<Rules>;
  /** Its rules pay off only together: the result is taken when the whole costs no more than before. */
  readonly mayRaiseCost?: boolean;
  /** What its rules make holds what they were made of: one sweep is all. */
  readonly isSweptOnce?: boolean;
}

/** Rules that an extension brings, for the passes that are open to them. */
export const furtherRules = new Ability<Rules>("rules");
/** Rules that an extension brings for what is left when patterns have met. */
export const settledRules = new Ability<Rules>("settled rules");
/** Rules that an extension brings for the end, when no expression changes any more. */
export const closingRules = new Ability<Rules>("closing rules");

const plain = [
  constantRules,
  unitRules,
  sumRules,
  selectRules,
  comparisonRules,
  extremeRules,
  parityRules,
  opaqueRules,
];
const maps = [...plain, powerRules, planeRules, lengthRules, exponentialRules, identityRules, softmaxRules];
const contractions = [maskRules, viewRules, domainRules, factorRules, commonDivisorRules];

/**
 * The order of rewriting. Equal nodes are one node from the start (graphs are hash-consed), so that merging needs no
 * pass: every rebuilt node meets its equals.
 */
export const passes: readonly Pass[] = [
  // first: later patterns meet one form of each expression, constants folded and units gone
  {
    name: "canonical",
    rules: [...plain, equalityRules, lookupRules, periodicRules],
  },
  // before products are taken apart: these patterns span several operations as people write them
  {
    name: "stable",
    joinedBy: furtherRules,
    rules: [...maps, repeatedRules],
  },
  // when no pattern matches any more: what still cancels near a point is its series there
  {
    name: "series",
    joinedBy: settledRules,
    rules: [removableRules, flatRules, vanishingQuotientRules],
    isSweptOnce: true,
  },
  // after the maps have settled: factors are read through views, and what leaves a sum may fold again
  {
    name: "contraction",
    joinedBy: furtherRules,
    rules: [...maps, broadcastRules, ...contractions],
  },
  // after views are plain: broadcast factors gather, and leave sums together
  {
    name: "narrow",
    joinedBy: furtherRules,
    rules: [...maps, broadcastRules, narrowRules, ...contractions, fixedProductRules],
    mayRaiseCost: true,
  },
  // when no factor can leave a sum any more: the order in which the rest meets, by cost
  {
    name: "order",
    joinedBy: furtherRules,
    rules: [...maps, broadcastRules, ...contractions, orderRules],
  },
  // at the end: what it guards no longer has a common factor
  {
    name: "closing",
    joinedBy: closingRules,
    rules: [directionRules],
    isSweptOnce: true,
  },
];
