import { anyUnit, stopGradient } from "../../ops/opaque.ts";
import { x } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

/** What only derivatives or units needed. */
export const opaqueRules: Rules = {
  exact: [
    rule("a number in any unit", anyUnit(x), x),
    rule("no derivative left to stop", stopGradient(x), x, { phase: "last" }),
  ],
};
