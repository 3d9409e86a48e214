import { computed } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** Constants are computed when the model is compiled. */
export const constantRules: Rules = {
  exact: [structural("constant operands", { roots: ["map"], operands: ["constants"] }, computed)],
};
