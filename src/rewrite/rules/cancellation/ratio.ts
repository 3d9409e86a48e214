import type { Operation } from "../../../ops/define.ts";
import { div, mul } from "../../../ops/elementary/algebra.ts";
import { c, x } from "../../pattern.ts";
import { type Rule, rule } from "../../rule.ts";

/** f(x)/x for a function with f(0) = 0: as quotients they lose their digits near 0, and their derivatives cancel. */
export function ratioRules(f: Operation, ratio: Operation): Rule[] {
  return [rule(div(f(x), x), ratio(x)), rule(div(f(mul(x, c)), x), mul(ratio(mul(x, c)), c))];
}
