import { able, extension } from "../ir/extension.ts";
import { furtherFamilies } from "../lower/kin/kin.ts";
import { tails } from "../lower/kin/tails.ts";
import { rescaled } from "../rewrite/closing/homogeneous.ts";
import { closingRules, furtherRules, settledRules } from "../rewrite/passes.ts";
import { finishing, settling } from "../rewrite/rewrite.ts";
import type { ListName, Rules } from "../rewrite/rule.ts";
import { besselRules } from "../rewrite/rules/cancellation/bessel.ts";
import { complementRules } from "../rewrite/rules/cancellation/complements.ts";
import { compositionRules } from "../rewrite/rules/cancellation/compositions.ts";
import { differenceQuotientRules } from "../rewrite/rules/cancellation/difference-quotients.ts";
import { differenceRules } from "../rewrite/rules/cancellation/differences.ts";
import { dilationRules } from "../rewrite/rules/cancellation/dilations.ts";
import { ellipticRules } from "../rewrite/rules/cancellation/elliptic.ts";
import { expintRules } from "../rewrite/rules/cancellation/expint.ts";
import { gammaSumRules } from "../rewrite/rules/cancellation/gamma-sums.ts";
import { growingRules } from "../rewrite/rules/cancellation/growing.ts";
import { incompleteRules } from "../rewrite/rules/cancellation/incomplete.ts";
import { lambertRules } from "../rewrite/rules/cancellation/lambert.ts";
import { momentRules } from "../rewrite/rules/cancellation/moments.ts";
import { poleRules } from "../rewrite/rules/cancellation/poles.ts";
import { quotientRules } from "../rewrite/rules/cancellation/quotients.ts";
import { rateRules } from "../rewrite/rules/cancellation/rates.ts";
import { repeatedDivisorRules } from "../rewrite/rules/cancellation/repeated-divisors.ts";
import { slopeRules } from "../rewrite/rules/cancellation/slopes.ts";
import { specialRules } from "../rewrite/rules/cancellation/special.ts";
import { vanishingRules } from "../rewrite/rules/cancellation/vanishing.ts";
import { readRules } from "../rewrite/rules/contractions/reads.ts";
import { divergenceRules } from "../rewrite/rules/exponentials/divergences.ts";
import { expQuotientRules } from "../rewrite/rules/exponentials/exp-quotients.ts";
import { expSumRules } from "../rewrite/rules/exponentials/exp-sums.ts";
import { logDomainRules } from "../rewrite/rules/exponentials/log-domain.ts";
import { otherShareRules } from "../rewrite/rules/exponentials/other-shares.ts";
import { shareRules } from "../rewrite/rules/exponentials/shares.ts";
import { angleRules } from "../rewrite/rules/powers/angles.ts";
import { growthRules } from "../rewrite/rules/powers/compound-growth.ts";
import { divisorRules } from "../rewrite/rules/powers/divisors.ts";
import { powerSumRules } from "../rewrite/rules/powers/power-sums.ts";
import { rootRules } from "../rewrite/rules/powers/roots.ts";
import { scaleRules } from "../rewrite/rules/powers/scales.ts";
import { varyingPowerRules } from "../rewrite/rules/powers/varying-powers.ts";
import { withSeries } from "../rewrite/series/with-series.ts";

const all: readonly Rules[] = [
  readRules,
  otherShareRules,
  specialRules,
  expintRules,
  ellipticRules,
  lambertRules,
  gammaSumRules,
  incompleteRules,
  powerSumRules,
  slopeRules,
  quotientRules,
  growthRules,
  varyingPowerRules,
  dilationRules,
  repeatedDivisorRules,
  compositionRules,
  expSumRules,
  expQuotientRules,
  logDomainRules,
  differenceRules,
  differenceQuotientRules,
  momentRules,
  poleRules,
  rateRules,
  divergenceRules,
  divisorRules,
  complementRules,
  rootRules,
  growingRules,
  besselRules,
  scaleRules,
];
const listed = (list: ListName) => all.flatMap((rules) => rules[list] ?? []);

export const special = extension("special functions", [
  able(furtherRules, { exact: listed("exact"), stable: listed("stable"), real: listed("real") }),
  able(settledRules, angleRules),
  able(closingRules, { stable: [vanishingRules, shareRules].flatMap(({ stable = [] }) => stable) }),
  able(settling, withSeries),
  able(finishing, rescaled),
  able(furtherFamilies, [tails]),
]);
