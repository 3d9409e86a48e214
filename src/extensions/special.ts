import { able, extension } from "../ir/extension.ts";
import { furtherRules } from "../rewrite/passes.ts";
import { specialRules } from "../rewrite/rules/special.ts";

/** Special functions: rules for their complements and tails. */
export const special = extension("special functions", [able(furtherRules, specialRules)]);
