import { nowhere } from "../../../ops/elementary/nowhere.ts";
import { anyUnit, stopGradient } from "../../../ops/elementary/opaque.ts";
import { number, x } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** What only derivatives or units needed. */
export const opaqueRules: Rules = {
  exact: [
    rule(anyUnit(x), x),
    rule(stopGradient(x), x, { phase: "last" }),
    rule(nowhere(x), number(Number.NaN), { phase: "last" }),
  ],
};
