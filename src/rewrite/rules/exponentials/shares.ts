import type { Expr } from "../../../ir/graph.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import { add, div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { equal, max, select } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1p } from "../../../ops/elementary/exponential.ts";
import { belowLargest, logShare, otherShares, share, shareProduct, shareSlope } from "../../../ops/special/special.ts";
import { type Rules, structural } from "../../rule.ts";

/** The powers of three exponents over that of the largest, and what is made of them: the same nodes in whatever order they come. */
function powersOf(exponents: readonly Expr[]) {
  const [a, b, c] = [...exponents].sort((x, y) => x.id - y.id) as [Expr, Expr, Expr];
  const largest = max(a, max(b, c));
  const power = (x: Expr) => exp(belowLargest(x, largest));
  const total = add(power(a), power(b), power(c));
  const others = (x: Expr) => add(...([a, b, c].filter((each) => each !== x).map(power) as [Expr, Expr]));
  return { largest, total, others, share: (x: Expr) => div(power(x), total) };
}

type Form = (powers: ReturnType<typeof powersOf>, x: Expr, y: Expr) => Expr;

const forms: readonly (readonly [Primitive, Form])[] = [
  [share.primitive, (of, x) => of.share(x)],
  [otherShares.primitive, (of, x) => div(of.others(x), of.total)],
  [shareSlope.primitive, (of, x) => mul(of.share(x), div(of.others(x), of.total))],
  [shareProduct.primitive, (of, x, y) => mul(of.share(x), of.share(y))],
  [
    logShare.primitive,
    (of, x) => select(equal(x, of.largest), neg(log1p(of.others(x))), sub(sub(x, of.largest), log(of.total))),
  ],
];

/** Losses of three classes and their derivatives read the shares of each: for arrays, the powers and their sum are taken once. */
export const shareRules: Rules = {
  stable: forms.map(([primitive, form]) =>
    structural(
      `${primitive.name} by powers that others share`,
      { roots: [primitive], operands: ["array"], phase: "last" },
      ({ operands }) => {
        if (new Set(operands).size < 3) return undefined;
        return form(powersOf(operands), operands[0]!, operands[1]!);
      },
    ),
  ),
};
