import type { Expr } from "../../../ir/graph.ts";
import { add, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { log } from "../../../ops/elementary/exponential.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import { vary } from "../../forms/conditions.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

const total = add(x, y);
const entropyOf = (of: Expr) => mul(of, log(of));
/** Of two parts of a whole: both terms have one sign. */
const mixing = add(mul(x, logProportion(x, y)), mul(y, logProportion(y, x)));

/** What two parts of a whole lose by mixing; other divergences are series where their numbers are nearly equal. */
export const divergenceRules: Rules = {
  stable: [
    rule(sub(add(entropyOf(x), entropyOf(y)), entropyOf(total)), mixing, { where: vary(x, y) }),
    rule(sub(sub(entropyOf(total), entropyOf(x)), entropyOf(y)), neg(mixing), { where: vary(x, y) }),
  ],
};
