import { div, mul, reciprocal } from "../../ops/algebra.ts";
import type { Operation } from "../../ops/define.ts";
import { between } from "../conditions.ts";
import { c, x } from "../pattern.ts";
import { type Rule, rule } from "../rule.ts";

/** f(x)/x for a function with f(0) = 0: as quotients they lose their digits near 0, and their derivatives cancel. */
export function ratioRules(f: Operation, ratio: Operation): Rule[] {
  const { name } = f.primitive;
  const domain = [between(x, 0.1, 5), between(c, 0.5, 3)];
  return [
    rule(`${name} over its operand`, div(f(x), x), ratio(x), { domain }),
    rule(`${name} of a multiple over its operand`, div(f(mul(x, c)), x), mul(ratio(mul(x, c)), c), { domain }),
  ];
}

/** x f(1/x) for such a function. */
export const reciprocalRatioRule = (f: Operation, ratio: Operation): Rule =>
  rule(`${f.primitive.name} of a reciprocal times its operand`, mul(x, f(reciprocal(x))), ratio(reciprocal(x)), {
    domain: [between(x, 0.1, 5)],
  });
