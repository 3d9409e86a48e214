import { mul, sub } from "../../../ops/elementary/algebra.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { expint, expintScaled } from "../../../ops/special/expint.ts";
import { x } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";
import { logarithmsOf } from "../exponentials/logarithms.ts";

/** The exponential integral E_1 where it underflows. */
export const expintRules: Rules = {
  stable: [
    ...logarithmsOf([[expint(1), (of) => sub(log(expintScaled(1)(of)), of)]]),
    rule(mul(exp(x), expint(1)(x)), expintScaled(1)(x)),
  ],
};
