import { able, extension } from "../ir/extension.ts";
import { closingRules, furtherRules } from "../rewrite/passes.ts";
import { compositionRules } from "../rewrite/rules/compositions.ts";
import { divisorRules } from "../rewrite/rules/divisors.ts";
import { logSumRules } from "../rewrite/rules/log-sums.ts";
import { powerSumRules } from "../rewrite/rules/power-sums.ts";
import { quotientRules } from "../rewrite/rules/quotients.ts";
import { specialRules } from "../rewrite/rules/special.ts";
import { differenceRules, vanishingRules } from "../rewrite/rules/vanishing.ts";

const stable = [
  specialRules,
  powerSumRules,
  quotientRules,
  compositionRules,
  logSumRules,
  differenceRules,
  divisorRules,
].flatMap((rules) => rules.stable ?? []);

/** Special functions: rules for their complements and tails, and for rarer compositions of all functions. */
export const special = extension("special functions", [
  able(furtherRules, { ...specialRules, stable }),
  able(closingRules, vanishingRules),
]);
