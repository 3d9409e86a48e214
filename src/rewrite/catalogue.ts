import type { ListName, Rule, Rules } from "./rule.ts";
import { broadcastRules, narrowRules } from "./rules/broadcast.ts";
import { comparisonRules } from "./rules/comparison.ts";
import { complementRules } from "./rules/complements.ts";
import { compositionRules } from "./rules/compositions.ts";
import { growthRules } from "./rules/compound-growth.ts";
import { constantRules } from "./rules/constant.ts";
import { differenceRules } from "./rules/differences.ts";
import { dilationRules } from "./rules/dilations.ts";
import { divergenceRules } from "./rules/divergences.ts";
import { divisorRules } from "./rules/divisors.ts";
import { domainRules } from "./rules/domains.ts";
import { expQuotientRules } from "./rules/exp-quotients.ts";
import { expSumRules } from "./rules/exp-sums.ts";
import { exponentialRules } from "./rules/exponential.ts";
import { extremeRules } from "./rules/extremes.ts";
import { factorRules, fixedProductRules } from "./rules/factors.ts";
import { growingRules } from "./rules/growing.ts";
import { identityRules } from "./rules/identities.ts";
import { lengthRules } from "./rules/lengths.ts";
import { logDomainRules } from "./rules/log-domain.ts";
import { lookupRules } from "./rules/lookups.ts";
import { maskRules } from "./rules/mask.ts";
import { matrixRules } from "./rules/matrices.ts";
import { opaqueRules } from "./rules/opaque.ts";
import { orderRules } from "./rules/order.ts";
import { otherShareRules } from "./rules/other-shares.ts";
import { parityRules } from "./rules/parity.ts";
import { planeRules } from "./rules/plane.ts";
import { powerSumRules } from "./rules/power-sums.ts";
import { powerRules } from "./rules/powers.ts";
import { quotientRules } from "./rules/quotients.ts";
import { readRules } from "./rules/reads.ts";
import { removableRules } from "./rules/removable.ts";
import { repeatedRules } from "./rules/repeated.ts";
import { rootRules } from "./rules/roots.ts";
import { scaleRules } from "./rules/scales.ts";
import { selectRules } from "./rules/select.ts";
import { shareRules } from "./rules/shares.ts";
import { slopeRules } from "./rules/slopes.ts";
import { softmaxRules } from "./rules/softmax.ts";
import { specialRules } from "./rules/special.ts";
import { spectralRules } from "./rules/spectra.ts";
import { sumRules } from "./rules/sums.ts";
import { symmetryRules } from "./rules/symmetry.ts";
import { unitRules } from "./rules/units.ts";
import { vanishingRules } from "./rules/vanishing.ts";
import { varyingPowerRules } from "./rules/varying-powers.ts";
import { viewRules } from "./rules/views.ts";

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
  spectra: spectralRules,
  order: orderRules,
} satisfies Record<string, Rules>;

const listed = (list: ListName): readonly Rule[] =>
  Object.values<Rules>(catalogue).flatMap((rules) => rules[list] ?? []);

export const stableRules = listed("stable");
export const realRules = listed("real");
