import type { ListName, Rule, Rules } from "../../src/rewrite/rule.ts";
import { constantRules } from "../../src/rewrite/rules/arithmetic/constant.ts";
import { opaqueRules } from "../../src/rewrite/rules/arithmetic/opaque.ts";
import { parityRules } from "../../src/rewrite/rules/arithmetic/parity.ts";
import { sumRules } from "../../src/rewrite/rules/arithmetic/sums.ts";
import { unitRules } from "../../src/rewrite/rules/arithmetic/units.ts";
import { besselRules } from "../../src/rewrite/rules/cancellation/bessel.ts";
import { complementRules } from "../../src/rewrite/rules/cancellation/complements.ts";
import { compositionRules } from "../../src/rewrite/rules/cancellation/compositions.ts";
import { differenceQuotientRules } from "../../src/rewrite/rules/cancellation/difference-quotients.ts";
import { differenceRules } from "../../src/rewrite/rules/cancellation/differences.ts";
import { dilationRules } from "../../src/rewrite/rules/cancellation/dilations.ts";
import { ellipticRules } from "../../src/rewrite/rules/cancellation/elliptic.ts";
import { expintRules } from "../../src/rewrite/rules/cancellation/expint.ts";
import { flatRules } from "../../src/rewrite/rules/cancellation/flat.ts";
import { gammaSumRules } from "../../src/rewrite/rules/cancellation/gamma-sums.ts";
import { growingRules } from "../../src/rewrite/rules/cancellation/growing.ts";
import { identityRules } from "../../src/rewrite/rules/cancellation/identities.ts";
import { incompleteRules } from "../../src/rewrite/rules/cancellation/incomplete.ts";
import { lambertRules } from "../../src/rewrite/rules/cancellation/lambert.ts";
import { momentRules } from "../../src/rewrite/rules/cancellation/moments.ts";
import { poleRules } from "../../src/rewrite/rules/cancellation/poles.ts";
import { quotientRules } from "../../src/rewrite/rules/cancellation/quotients.ts";
import { rateRules } from "../../src/rewrite/rules/cancellation/rates.ts";
import { removableRules } from "../../src/rewrite/rules/cancellation/removable.ts";
import { repeatedDivisorRules } from "../../src/rewrite/rules/cancellation/repeated-divisors.ts";
import { slopeRules } from "../../src/rewrite/rules/cancellation/slopes.ts";
import { specialRules } from "../../src/rewrite/rules/cancellation/special.ts";
import { vanishingRules } from "../../src/rewrite/rules/cancellation/vanishing.ts";
import { vanishingQuotientRules } from "../../src/rewrite/rules/cancellation/vanishing-quotients.ts";
import { comparisonRules } from "../../src/rewrite/rules/choices/comparison.ts";
import { extremeRules } from "../../src/rewrite/rules/choices/extremes.ts";
import { selectRules } from "../../src/rewrite/rules/choices/select.ts";
import { broadcastRules, narrowRules } from "../../src/rewrite/rules/contractions/broadcast.ts";
import { commonDivisorRules } from "../../src/rewrite/rules/contractions/common-divisors.ts";
import { domainRules } from "../../src/rewrite/rules/contractions/domains.ts";
import { factorRules, fixedProductRules } from "../../src/rewrite/rules/contractions/factors.ts";
import { lookupRules } from "../../src/rewrite/rules/contractions/lookups.ts";
import { maskRules } from "../../src/rewrite/rules/contractions/mask.ts";
import { orderRules } from "../../src/rewrite/rules/contractions/order.ts";
import { pairRules } from "../../src/rewrite/rules/contractions/pairs.ts";
import { periodicRules } from "../../src/rewrite/rules/contractions/periodic.ts";
import { readRules } from "../../src/rewrite/rules/contractions/reads.ts";
import { repeatedRules } from "../../src/rewrite/rules/contractions/repeated.ts";
import { viewRules } from "../../src/rewrite/rules/contractions/views.ts";
import { divergenceRules } from "../../src/rewrite/rules/exponentials/divergences.ts";
import { expQuotientRules } from "../../src/rewrite/rules/exponentials/exp-quotients.ts";
import { expSumRules } from "../../src/rewrite/rules/exponentials/exp-sums.ts";
import { exponentialRules } from "../../src/rewrite/rules/exponentials/exponential.ts";
import { logDomainRules } from "../../src/rewrite/rules/exponentials/log-domain.ts";
import { otherShareRules } from "../../src/rewrite/rules/exponentials/other-shares.ts";
import { shareRules } from "../../src/rewrite/rules/exponentials/shares.ts";
import { softmaxRules } from "../../src/rewrite/rules/exponentials/softmax.ts";
import { matrixRules } from "../../src/rewrite/rules/matrices/matrices.ts";
import { spectralRules } from "../../src/rewrite/rules/matrices/spectra.ts";
import { symmetryRules } from "../../src/rewrite/rules/matrices/symmetry.ts";
import { angleRules } from "../../src/rewrite/rules/powers/angles.ts";
import { growthRules } from "../../src/rewrite/rules/powers/compound-growth.ts";
import { directionRules } from "../../src/rewrite/rules/powers/directions.ts";
import { divisorRules } from "../../src/rewrite/rules/powers/divisors.ts";
import { lengthRules } from "../../src/rewrite/rules/powers/lengths.ts";
import { planeRules } from "../../src/rewrite/rules/powers/plane.ts";
import { powerSumRules } from "../../src/rewrite/rules/powers/power-sums.ts";
import { powerRules } from "../../src/rewrite/rules/powers/powers.ts";
import { rootRules } from "../../src/rewrite/rules/powers/roots.ts";
import { scaleRules } from "../../src/rewrite/rules/powers/scales.ts";
import { varyingPowerRules } from "../../src/rewrite/rules/powers/varying-powers.ts";

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
  directions: directionRules,
  plane: planeRules,
  lengths: lengthRules,
  angles: angleRules,
  exponential: exponentialRules,
  identities: identityRules,
  reads: readRules,
  repeated: repeatedRules,
  otherShares: otherShareRules,
  special: specialRules,
  expint: expintRules,
  elliptic: ellipticRules,
  lambert: lambertRules,
  incomplete: incompleteRules,
  softmax: softmaxRules,
  divergences: divergenceRules,
  divisors: divisorRules,
  powerSums: powerSumRules,
  logDomain: logDomainRules,
  dilations: dilationRules,
  repeatedDivisors: repeatedDivisorRules,
  gammaSums: gammaSumRules,
  slopes: slopeRules,
  quotients: quotientRules,
  growth: growthRules,
  varyingPowers: varyingPowerRules,
  bessel: besselRules,
  moments: momentRules,
  differenceQuotients: differenceQuotientRules,
  poles: poleRules,
  rates: rateRules,
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
  flat: flatRules,
  vanishingQuotients: vanishingQuotientRules,
  broadcast: broadcastRules,
  narrow: narrowRules,
  lookups: lookupRules,
  periodic: periodicRules,
  mask: maskRules,
  views: viewRules,
  domains: domainRules,
  factors: factorRules,
  commonDivisors: commonDivisorRules,
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
