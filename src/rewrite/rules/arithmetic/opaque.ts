import { anyUnit, stopGradient } from "../../../ops/elementary/opaque.ts";
import { x } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** What only derivatives or units needed. */
export const opaqueRules: Rules = {
  exact: [rule(anyUnit(x), x), rule(stopGradient(x), x, { phase: "last" })],
};
