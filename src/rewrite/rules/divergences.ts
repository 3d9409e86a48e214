import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, sub } from "../../ops/algebra.ts";
import { lessEqual, select } from "../../ops/comparison.ts";
import { logProportion } from "../../ops/compositions.ts";
import { log, log1p } from "../../ops/exponential.ts";
import { differenceAs, logGap } from "../../ops/gaps.ts";
import { isNumber } from "../forms/conditions.ts";
import { x, y } from "../pattern.ts";
import { type Condition, type Rules, rule } from "../rule.ts";

/** log(x/y), as the rules of scales leave it. */
const logQuotient = select(lessEqual(0, y), logGap(x, y), logGap(neg(x), neg(y)));

/** t - log(1 + t) for the share t that one number is more than the other: a series where it cancels. */
const excessOver = (share: Expr) => sub(share, log1p(share));
const moreThanX = div(sub(y, x), x);
const moreThanY = div(sub(x, y), y);

const total = add(x, y);
const entropyOf = (of: Expr) => mul(of, log(of));
/** Of two parts of a whole: both terms have one sign. */
const mixing = add(mul(x, logProportion(x, y)), mul(y, logProportion(y, x)));
const isMixing: Condition = (of) => [x, y].every((part) => of(part).kind !== "constant");

/** Divergences, x log(x/y) - x + y and x/y - 1 - log(x/y), which vanish with the square of x - y. */
export const divergenceRules: Rules = {
  stable: [
    rule(sub(add(entropyOf(x), entropyOf(y)), entropyOf(total)), mixing, { where: isMixing }),
    rule(sub(sub(entropyOf(total), entropyOf(x)), entropyOf(y)), neg(mixing), { where: isMixing }),
    ...(
      [
        [
          add(y, sub(mul(x, logQuotient), x)),
          differenceAs(y, sub(x, mul(x, logQuotient)), mul(x, excessOver(moreThanX))),
        ],
        [
          sub(add(y, mul(x, logQuotient)), x),
          differenceAs(y, sub(x, mul(x, logQuotient)), mul(x, excessOver(moreThanX))),
        ],
        [sub(add(div(x, y), -1), logQuotient), differenceAs(add(div(x, y), -1), logQuotient, excessOver(moreThanY))],
        [sub(sub(log(x), log(y)), moreThanY), differenceAs(sub(log(x), log(y)), moreThanY, neg(excessOver(moreThanY)))],
      ] as const
    ).map(([left, right]) => rule(left, right, { where: isNumber })),
  ],
};
