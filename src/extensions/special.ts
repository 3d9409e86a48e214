import { arrayLooks, secondLooks, watching } from "../emit/javascript.ts";
import { arrayLook } from "../emit/look/arrays.ts";
import { secondLook } from "../emit/look/numbers.ts";
import { watchOf } from "../emit/watch/watch.ts";
import { able, extension } from "../ir/extension.ts";
import { rescaled } from "../rewrite/closing/homogeneous.ts";
import { closingRules, furtherRules } from "../rewrite/passes.ts";
import { finishing, settling } from "../rewrite/rewrite.ts";
import type { ListName, Rules } from "../rewrite/rule.ts";
import { complementRules } from "../rewrite/rules/complements.ts";
import { compositionRules } from "../rewrite/rules/compositions.ts";
import { growthRules } from "../rewrite/rules/compound-growth.ts";
import { differenceRules } from "../rewrite/rules/differences.ts";
import { dilationRules } from "../rewrite/rules/dilations.ts";
import { divergenceRules } from "../rewrite/rules/divergences.ts";
import { divisorRules } from "../rewrite/rules/divisors.ts";
import { expQuotientRules } from "../rewrite/rules/exp-quotients.ts";
import { expSumRules } from "../rewrite/rules/exp-sums.ts";
import { growingRules } from "../rewrite/rules/growing.ts";
import { logDomainRules } from "../rewrite/rules/log-domain.ts";
import { otherShareRules } from "../rewrite/rules/other-shares.ts";
import { powerSumRules } from "../rewrite/rules/power-sums.ts";
import { quotientRules } from "../rewrite/rules/quotients.ts";
import { readRules } from "../rewrite/rules/reads.ts";
import { rootRules } from "../rewrite/rules/roots.ts";
import { scaleRules } from "../rewrite/rules/scales.ts";
import { shareRules } from "../rewrite/rules/shares.ts";
import { slopeRules } from "../rewrite/rules/slopes.ts";
import { specialRules } from "../rewrite/rules/special.ts";
import { vanishingRules } from "../rewrite/rules/vanishing.ts";
import { varyingPowerRules } from "../rewrite/rules/varying-powers.ts";
import { withSeries } from "../rewrite/series/with-series.ts";

const all: readonly Rules[] = [
  readRules,
  otherShareRules,
  specialRules,
  powerSumRules,
  slopeRules,
  quotientRules,
  growthRules,
  varyingPowerRules,
  dilationRules,
  compositionRules,
  expSumRules,
  expQuotientRules,
  logDomainRules,
  differenceRules,
  divergenceRules,
  divisorRules,
  complementRules,
  rootRules,
  growingRules,
  scaleRules,
];
const listed = (list: ListName) => all.flatMap((rules) => rules[list] ?? []);

export const special = extension("special functions", [
  able(furtherRules, { exact: listed("exact"), stable: listed("stable"), real: listed("real") }),
  able(closingRules, { stable: [vanishingRules, shareRules].flatMap(({ stable = [] }) => stable) }),
  able(settling, withSeries),
  able(finishing, rescaled),
  able(watching, watchOf),
  able(secondLooks, secondLook),
  able(arrayLooks, arrayLook),
]);
