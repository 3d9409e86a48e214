import { neg, sub } from "../../../ops/elementary/algebra.ts";
import { exp, log, log1p } from "../../../ops/elementary/exponential.ts";
import { gammainc, gammaincc, logGammainc, logGammaincc } from "../../../ops/special/incomplete-gamma.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** What is left beside a share, and logarithms of shares: they are lost, or underflow, when computed from the shares themselves. */
const pairs = [
  { share: gammainc(x, y), logarithm: logGammainc(x, y), rest: gammaincc(x, y), logOfRest: logGammaincc(x, y) },
  { share: gammaincc(x, y), logarithm: logGammaincc(x, y), rest: gammainc(x, y), logOfRest: logGammainc(x, y) },
] as const;

export const incompleteRules: Rules = {
  stable: pairs.flatMap(({ share, logarithm, rest, logOfRest }) => [
    rule(sub(1, share), rest),
    rule(log(share), logarithm),
    rule(log1p(neg(share)), logOfRest),
    rule(exp(logarithm), share),
  ]),
};
