import type { ListName, Rule, Rules } from "../../src/rewrite/rule.ts";
import { broadcastRules, narrowRules } from "../../src/rewrite/rules/broadcast.ts";
import { comparisonRules } from "../../src/rewrite/rules/comparison.ts";
import { complementRules } from "../../src/rewrite/rules/complements.ts";
import { compositionRules } from "../../src/rewrite/rules/compositions.ts";
import { growthRules } from "../../src/rewrite/rules/compound-growth.ts";
import { constantRules } from "../../src/rewrite/rules/constant.ts";
import { differenceRules } from "../../src/rewrite/rules/differences.ts";
import { dilationRules } from "../../src/rewrite/rules/dilations.ts";
import { divergenceRules } from "../../src/rewrite/rules/divergences.ts";
import { divisorRules } from "../../src/rewrite/rules/divisors.ts";
import { domainRules } from "../../src/rewrite/rules/domains.ts";
import { expQuotientRules } from "../../src/rewrite/rules/exp-quotients.ts";
import { expSumRules } from "../../src/rewrite/rules/exp-sums.ts";
import { exponentialRules } from "../../src/rewrite/rules/exponential.ts";
import { extremeRules } from "../../src/rewrite/rules/extremes.ts";
import { factorRules, fixedProductRules } from "../../src/rewrite/rules/factors.ts";
import { growingRules } from "../../src/rewrite/rules/growing.ts";
import { identityRules } from "../../src/rewrite/rules/identities.ts";
import { lengthRules } from "../../src/rewrite/rules/lengths.ts";
import { logDomainRules } from "../../src/rewrite/rules/log-domain.ts";
import { lookupRules } from "../../src/rewrite/rules/lookups.ts";
import { maskRules } from "../../src/rewrite/rules/mask.ts";
import { matrixRules } from "../../src/rewrite/rules/matrices.ts";
import { opaqueRules } from "../../src/rewrite/rules/opaque.ts";
import { orderRules } from "../../src/rewrite/rules/order.ts";
import { otherShareRules } from "../../src/rewrite/rules/other-shares.ts";
import { pairRules } from "../../src/rewrite/rules/pairs.ts";
import { parityRules } from "../../src/rewrite/rules/parity.ts";
import { planeRules } from "../../src/rewrite/rules/plane.ts";
import { powerSumRules } from "../../src/rewrite/rules/power-sums.ts";
import { powerRules } from "../../src/rewrite/rules/powers.ts";
import { quotientRules } from "../../src/rewrite/rules/quotients.ts";
import { readRules } from "../../src/rewrite/rules/reads.ts";
import { removableRules } from "../../src/rewrite/rules/removable.ts";
import { repeatedRules } from "../../src/rewrite/rules/repeated.ts";
import { rootRules } from "../../src/rewrite/rules/roots.ts";
import { scaleRules } from "../../src/rewrite/rules/scales.ts";
import { selectRules } from "../../src/rewrite/rules/select.ts";
import { shareRules } from "../../src/rewrite/rules/shares.ts";
import { slopeRules } from "../../src/rewrite/rules/slopes.ts";
import { softmaxRules } from "../../src/rewrite/rules/softmax.ts";
import { specialRules } from "../../src/rewrite/rules/special.ts";
import { spectralRules } from "../../src/rewrite/rules/spectra.ts";
import { sumRules } from "../../src/rewrite/rules/sums.ts";
import { symmetryRules } from "../../src/rewrite/rules/symmetry.ts";
import { unitRules } from "../../src/rewrite/rules/units.ts";
import { vanishingRules } from "../../src/rewrite/rules/vanishing.ts";
import { varyingPowerRules } from "../../src/rewrite/rules/varying-powers.ts";
import { viewRules } from "../../src/rewrite/rules/views.ts";

/** Every rule, by subject. */
export const catalogue = {
  constant: constantRules,
  units: unitRules,
  sums: sumRules,
  select: selectRules,
  comparison: comparisonRules,
  extremes: extremeRules,
  parity: parityRules,
  opaque: opaqueRules,
  powers: powerRules,
  plane: planeRules,
  lengths: lengthRules,
  exponential: exponentialRules,
  identities: identityRules,
  reads: readRules,
  repeated: repeatedRules,
  otherShares: otherShareRules,
  special: specialRules,
  softmax: softmaxRules,
  divergences: divergenceRules,
  divisors: divisorRules,
  powerSums: powerSumRules,
  logDomain: logDomainRules,
  dilations: dilationRules,
  slopes: slopeRules,
  quotients: quotientRules,
  growth: growthRules,
  varyingPowers: varyingPowerRules,
  complements: complementRules,
  roots: rootRules,
  growing: growingRules,
  scales: scaleRules,
  compositions: compositionRules,
  expSums: expSumRules,
  expQuotients: expQuotientRules,
  shares: shareRules,
  differences: differenceRules,
  vanishing: vanishingRules,
  removable: removableRules,
  broadcast: broadcastRules,
  narrow: narrowRules,
  lookups: lookupRules,
  mask: maskRules,
  views: viewRules,
  domains: domainRules,
  factors: factorRules,
  fixedProduct: fixedProductRules,
  matrices: matrixRules,
  symmetry: symmetryRules,
  pairs: pairRules,
  spectra: spectralRules,
  order: orderRules,
} satisfies Record<string, Rules>;

const listed = (list: ListName): readonly Rule[] =>
  Object.values<Rules>(catalogue).flatMap((rules) => rules[list] ?? []);

export const stableRules = listed("stable");
export const realRules = listed("real");
