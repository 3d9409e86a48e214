import type { Expr } from "../../../ir/graph.ts";
import { div, mul, square } from "../../../ops/elementary/algebra.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { repeatedIn } from "../../forms/contractions/views.ts";
import { commonFactors, type Fraction, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { varies } from "../../forms/nodes.ts";
import { chainOf, isRootOf, pointAt } from "../../series/expansion-points.ts";
import { choiceBy, expanderAt } from "../../series/near-forms.ts";

// Functions of x y, or of y sqrt(x), over powers of x: near 0 they are their series without these powers.

/** f(x y)/x^k, where f vanishes to that order; among other factors too, where it is of a root of x, or x a number in arrays. */
export function overFactor(node: Expr): Expr | undefined {
  if (!isOneOf(node, mul, div)) return undefined;
  const [numerator, divisor] = node.operands as [Expr, Expr];
  const whole = isMap(node, div) ? nearFactor(numerator, divisor, powerOf(divisor)) : undefined;
  if (whole) return whole;
  for (const { power, divisor, rest, besides } of divisorsIn(fractionOf(node))) {
    for (const factor of rest.over) {
      const found = nearFactor(factor, divisor, power, besides);
      if (found) return wholeOf({ over: [found, ...without(rest.over, factor)], under: rest.under }, node);
    }
  }
  return undefined;
}

/** Powers of one base by which the rest is divided, each with what is to be beside a series. */
interface Divisor {
  readonly power: Power;
  readonly divisor: Expr;
  readonly rest: Fraction;
  readonly besides: typeof powersBeside;
}

function divisorsIn({ over, under }: Fraction): Divisor[] {
  const bases = [...new Set(under.map((factor) => powerOf(factor)[0]))];
  const inRoots = bases.map((x) => [x, rootBeside] as const);
  const asNumbers = bases.filter(repeatedIn).map((x) => [x, powersBeside] as const);
  const powers = [...inRoots, ...asNumbers].map(([x, besides]) => {
    const ofBase = under.filter((factor) => powerOf(factor)[0] === x);
    const exponent = ofBase.reduce((sum, factor) => sum + powerOf(factor)[1], 0);
    const divisor = ofBase.reduce((p, q) => mul(p, q));
    return { power: [x, exponent] as const, divisor, rest: { over, under: ofBase.reduce(without, under) }, besides };
  });
  const roots = over.flatMap((root) => {
    const x = underRoot(root);
    if (!x) return [];
    const rest = { over: without(over, root), under };
    return [{ power: [x, 0.5] as const, divisor: sqrt(x), rest, besides: rootBeside }];
  });
  return [...powers, ...roots];
}

/** x of 1/sqrt(x), and y/z of sqrt(z/y). */
function underRoot(factor: Expr): Expr | undefined {
  const [x] = factor.operands as [Expr];
  if (isMap(factor, rsqrt)) return x;
  return isMap(factor, sqrt) && isMap(x, div) ? div(x.operands[1]!, x.operands[0]!) : undefined;
}

/** Near 0 the series of f without what it is divided by, times what is left of the powers of its base. */
function nearFactor(numerator: Expr, divisor: Expr, power: Power, besides = powersBeside): Expr | undefined {
  const [x, exponent] = power;
  if (!(exponent > 0 && Number.isInteger(2 * exponent)) || x.kind === "constant") return undefined;
  for (const base of chainOf(numerator)) {
    if (base === numerator) continue;
    const beside = besides(base, power, divisor);
    const point = pointAt(base, 0);
    const expander = expanderAt(point);
    const series = beside ? expander.seriesOf(numerator) : undefined;
    if (!beside || !series || series.logs || series.coefficients.length === 0 || series.order < beside.count) continue;
    const shifted = { order: series.order - beside.count, coefficients: series.coefficients };
    const quotient = div(numerator, beside.divisor);
    const { conditions, side } = expander;
    return choiceBy(quotient, point, { series: shifted, conditions, side }, beside.factor);
  }
  return undefined;
}

type Power = readonly [base: Expr, exponent: number];

function powerOf(node: Expr): Power {
  if (isMap(node, square)) return [node.operands[0]!, 2];
  if (isMap(node, sqrt)) return [node.operands[0]!, 0.5];
  const [base, exponent] = node.operands;
  return isMap(node, pow) && exponent!.kind === "constant" ? [base!, exponent!.constant!] : [node, 1];
}

/** A divisor beside a series, and what is left of so many powers of the base over it. */
interface Beside {
  readonly count: number;
  readonly factor: Expr;
  readonly divisor: Expr;
}

/** (x y)^k over x^k, or what is left of powers of a root. */
function powersBeside(base: Expr, power: Power, divisor: Expr): Beside | undefined {
  const [x, count] = power;
  const { over, under } = fractionOf(base, x);
  if (!isOneOf(base, mul, div) || !over.includes(x) || !Number.isInteger(count))
    return rootBeside(base, power, divisor);
  return { count, factor: wholePower(wholeOf({ over: without(over, x), under }, base), count), divisor };
}

/** (y sqrt(a))^2e over b^e, where b is a, or has no other factors than it. */
function rootBeside(base: Expr, [b, exponent]: Power, divisor: Expr): Beside | undefined {
  const { over, under } = fractionOf(base);
  const root = over.find((each) => isRootOf(each, b)) ?? over.find((each) => isMap(each, sqrt));
  if (!root) return undefined;
  const count = 2 * exponent;
  const y = wholeOf({ over: without(over, root), under }, base);
  if (isRootOf(root, b)) {
    // by whole powers, and the root that may be held beside the series
    const isHalf = exponent > 1 && !Number.isInteger(exponent);
    const whole = isHalf ? mul(wholePower(b, exponent - 0.5), root) : divisor;
    return { count, factor: wholePower(y, count), divisor: whole };
  }
  const ratio = reduced(root.operands[0]!, b);
  if (!ratio || Number.isInteger(exponent)) {
    return ratio && { count, factor: wholePower(mul(square(y), ratio), exponent), divisor };
  }
  const scale = wholePower(sqrt(ratio), count);
  return { count, factor: mul(wholePower(y, count), scale), divisor: div(wholePower(root, count), scale) };
}

/** a/b, where they share factors, and no root is left under it, which may be of one of them. */
function reduced(a: Expr, b: Expr): Expr | undefined {
  const [above, below] = [fractionOf(a), fractionOf(b)];
  const common = commonFactors(below.over, above.over);
  const rest = common.reduce(without, below.over);
  if (!common.some(varies) || rest.some((factor) => isMap(factor, sqrt))) return undefined;
  return wholeOf(
    { over: [...common.reduce(without, above.over), ...below.under], under: [...above.under, ...rest] },
    a,
  );
}
