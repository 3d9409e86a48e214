import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { and, greater, greaterEqual, less, lessEqual, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1p } from "../../../ops/elementary/exponential.ts";
import { acosh, asinh, atanh, cosh, logCosh, sinh } from "../../../ops/elementary/hyperbolic.ts";
import { logPolarRadius } from "../../../ops/elementary/plane.ts";
import { sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { atanhGap } from "../../../ops/ratios/angle-gaps.ts";
import { logGap } from "../../../ops/ratios/gaps.ts";
import { logaddexp } from "../../../ops/special/special.ts";
import { complementOf } from "../../forms/cancellation/complements.ts";
import { areNoChoices, areOpposite, both, isNumber, orNaN, vary } from "../../forms/conditions.ts";
import { c, d, x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

/** From here on the logarithm is most of a function that grows as one. */
const border = 2;

/** The side on which the form as written stays has its variable bounded, which changes nothing and tells that a rule has been here. */
const bounded = (u: Expr, size = abs(u)): Expr => select(lessEqual(size, border), u, border);

const isNew = areNoChoices(x, y);
const onNumbers = both(isNumber, vary(x, y), isNew);

/** Functions that grow as logarithms, and what they are more than log |u|, of 1/u. */
const growing: readonly (readonly [f: Operation, rest: (v: Expr) => Expr, isOdd: boolean])[] = [
  [acosh, (v) => log1p(sqrt(sub(1, square(v)))), false],
  [asinh, (v) => log1p(sqrt(add(1, square(v)))), true],
];

function farAndNear(f: Operation, u: Expr, far: Expr, isOdd: boolean): Expr {
  const signed = isOdd ? select(greater(u, 0), far, neg(far)) : far;
  const size = isOdd ? abs(u) : u;
  return select(greater(size, border), signed, f(bounded(u, size)));
}

/**
 * Functions that grow as logarithms of products and quotients: far out they are sums of functions of each factor, and what is left of the
 * slope in both is lost in the slopes of the product. Quotients have forms of their own.
 */
const ofProducts = growing.map(([f, rest, isOdd]) =>
  structural(`${f.primitive.name} of a product`, { roots: [f] }, (node, { facts, isTakenBy }) => {
    const [u] = node.operands as [Expr];
    const isQuotient = isMap(u, div);
    if (!facts.isNumber(node) || !(isQuotient || isMap(u, mul))) return undefined;
    const [a, b] = u.operands as [Expr, Expr];
    if (isTakenBy(node.id, div.primitive) || a.kind === "constant" || b.kind === "constant") return undefined;
    if (f === acosh && complementOf(u)) return undefined;
    const [p, q] = [abs(a), abs(b)];
    const whole = isQuotient ? logGap(p, q) : add(log(p), log(q));
    return farAndNear(f, u, add(whole, rest(isQuotient ? div(b, a) : reciprocal(u))), isOdd);
  }),
);

/** sinh x over cosh x + y, which is 1 less what vanishes far out. */
function besideCosh(): Expr {
  const [size, divisor] = [abs(x), add(cosh(x), y)];
  const rest = div(add(exp(neg(size)), y), divisor);
  const far = sub(1, rest);
  return select(
    greater(size, 1),
    select(greater(x, 0), far, neg(far)),
    div(sinh(x), add(cosh(min(abs(x), border)), y)),
  );
}

/** artanh((x - y)/(1 - x y)) of two numbers between -1 and 1, by what it is of each; of others as it stands. */
function sumOfAngles(x: Expr, y: Expr): Expr {
  const isInside = and(less(abs(x), 1), less(abs(y), 1));
  const [p, q] = [select(isInside, 2, x), select(isInside, 2, y)];
  return select(isInside, atanhGap(x, y), atanh(div(sub(p, q), sub(1, mul(p, q)))));
}

export const growingRules: Rules = {
  stable: [
    ...ofProducts,
    rule(
      logPolarRadius(div(x, y), 1),
      select(
        greater(abs(div(x, y)), border),
        add(logGap(abs(x), abs(y)), mul(0.5, log1p(square(div(y, x))))),
        logPolarRadius(bounded(div(x, y)), 1),
      ),
      { where: onNumbers },
    ),
    rule(sub(logPolarRadius(x, y), log(x)), orNaN(greaterEqual(x, 0), logPolarRadius(div(y, x), 1)), {
      where: both(isNumber, vary(x, y)),
    }),
    rule(logaddexp(mul(x, c), mul(x, d)), add(logCosh(mul(x, c)), Math.LN2), {
      where: areOpposite(c, d),
    }),
    rule(atanh(div(sub(x, y), sub(1, mul(x, y)))), sumOfAngles(x, y), { where: isNew }),
    rule(atanh(div(add(x, y), add(mul(x, y), 1))), sumOfAngles(x, neg(y)), { where: both(vary(x, y), isNew) }),
    rule(div(sinh(x), add(cosh(x), y)), besideCosh(), {
      where: both(isNumber, vary(x, y)),
    }),
  ],
};
