import { stopGradient } from "../../ops/opaque.ts";
import { x } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

/** What only derivatives needed goes once the last is taken. */
export const opaqueRules: Rules = {
  exact: [rule("no derivative left to stop", stopGradient(x), x, { phase: "last" })],
};
