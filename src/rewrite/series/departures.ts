import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { equal, less, lessEqual, select } from "../../ops/elementary/comparison.ts";
import { expm1, log, log1p } from "../../ops/elementary/exponential.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { byPrimitive, isMap, primitivesOf } from "../../ops/maps.ts";
import { rootExcess } from "../../ops/ratios/contrasts.ts";
import { differenceAs, logGap } from "../../ops/ratios/gaps.ts";
import { expm1Ratio, log1pRatio } from "../../ops/ratios/ratios.ts";
import { softsign } from "../../ops/special/activation.ts";
import { slopeOfFunction, slopeOfPower } from "../forms/cancellation/slopes.ts";
import { constantLike } from "../forms/conditions.ts";
import { isConstant } from "../forms/contractions/splat.ts";
import { computed } from "../forms/nodes.ts";
import { pointAt, unscaled } from "./expansion-points.ts";
import { nearlyAt } from "./near-forms.ts";

// What an expression is where a part of it, x, has another value c, and its slope (f(x) - f(c))/(x - c) from there: of sums, products and
// functions by those of their parts, as derivatives are. Where x is near c nothing cancels in it. What is no such function of x is held as
// it is: f(x, s) - f(c, s) is a difference of the same function, whatever s is of.

/** An expression from where a part of it has another value. */
export interface Departure {
  /** What it is there. */
  readonly at: Expr;
  /** The slope from there; undefined of what does not depend on the part. */
  readonly slope?: Expr | undefined;
  /** Whether the part is in a function other than a polynomial. */
  readonly isSteep?: boolean;
}

const isZero = (node: Expr) => node.constant === 0;
const isOne = (node: Expr) => isConstant(node, 1);

/** The map of these operands, of which some are constants. */
function simplified(primitive: Primitive, operands: readonly Expr[], like: Expr): Expr {
  const made = like.graph.map(primitive, operands);
  const known = computed(made);
  if (known) return known;
  const [a, b] = operands as [Expr, Expr];
  if (primitive === add.primitive) {
    const terms = operands.filter((each) => !isZero(each));
    return terms.length === operands.length
      ? made
      : terms.length > 1
        ? simplified(primitive, terms, like)
        : (terms[0] ?? a);
  }
  if (primitive === sub.primitive) return a === b ? constantLike(0, like) : isZero(b) ? a : isZero(a) ? neg(b) : made;
  if (primitive === mul.primitive) return isZero(a) || isOne(b) ? a : isZero(b) || isOne(a) ? b : made;
  if (primitive === div.primitive) return isZero(a) || isOne(b) ? a : a === b ? constantLike(1, like) : made;
  if (primitive === logGap.primitive && a === b) return constantLike(0, like);
  if (primitive === select.primitive && b === operands[2]) return b;
  if (primitive === pow.primitive) return isZero(b) || isOne(a) ? constantLike(1, like) : isOne(b) ? a : made;
  return made;
}

const times = (x: Expr, y: Expr) => (isOne(x) ? y : isOne(y) ? x : mul(x, y));

const negative = (slope: Expr) => (slope.kind === "constant" ? constantLike(-slope.constant!, slope) : neg(slope));

const steepAtZero = primitivesOf(sqrt, cbrt, rsqrt, log, reciprocal);

/** Larger expressions are not looked through. */
const mostNodes = 100;

/** A map of operands of which some depart from where they are at the point. */
interface Step {
  readonly node: Expr;
  readonly operands: readonly Expr[];
  readonly parts: readonly Departure[];
  /** What it is at the point. */
  readonly at: Expr;
  /** A sum of slopes; where the terms cancel, the node by its parts, elsewhere as it stands. */
  readonly total: (terms: readonly Expr[], slopes: readonly Expr[]) => Expr;
}

/** The slope of a map from the point; undefined where it is not known. */
type SlopeOf = (step: Step) => Expr | undefined;

const slopeOfTerms: SlopeOf = ({ node, operands, parts, total }) => {
  const isDifference = isMap(node, sub);
  const slopes = parts.flatMap(({ slope }, k) => (slope ? [isDifference && k === 1 ? negative(slope) : slope] : []));
  const varying = parts.flatMap(({ at, slope }, k) => (slope ? [operands[k]!, ...(isZero(at) ? [] : [at])] : []));
  return varying.length > slopes.length ? total(varying, slopes) : slopes.reduce((s, t) => add(s, t));
};

const slopeOfProduct: SlopeOf = ({ node, operands: [a, b], parts: [p, q], at, total }) => {
  if (p!.slope && (!q!.slope || isZero(p!.at))) return times(p!.slope, b!);
  if (!p!.slope || isZero(q!.at)) return times(q!.slope!, a!);
  return total([node, at], [times(p!.slope, b!), times(q!.slope!, p!.at)]);
};

const slopeOfQuotient: SlopeOf = ({ node, operands: [, b], parts: [p, q], at, total }) => {
  if (p!.slope && (!q!.slope || isZero(p!.at))) return div(p!.slope, b!);
  const second = negative(div(times(q!.slope!, at), b!));
  return p!.slope ? total([node, at], [div(p!.slope, b!), second]) : second;
};

const slopeInPower: SlopeOf = ({ operands: [a, b], parts: [p, q] }) => {
  // what is left of a power that vanishes
  const exponent = b!.constant ?? 0;
  if (isZero(p!.at) && exponent > 1) return times(p!.slope!, pow(a!, exponent - 1));
  if ((p!.slope && q!.slope) || isZero(p!.at)) return undefined;
  return p!.slope ? times(p!.slope, slopeOfPower(a!, p!.at, b!)) : times(q!.slope!, slopeInExponent(a!, b!, q!.at));
};

/** Of r = sqrt(x^2 + y) - x, of which r^2 + 2 x r is y. */
const slopeOfExcess: SlopeOf = ({ node, operands: [a], parts: [p, q], at }) => {
  const plus = add(add(node, at), mul(2, a!));
  const rate =
    p!.slope && q!.slope ? sub(q!.slope, mul(times(p!.slope, at), 2)) : (q!.slope ?? mul(times(p!.slope!, at), -2));
  return div(rate, plus);
};

const slopeOfLogGap: SlopeOf = ({ operands: [a, b], parts: [p, q] }) => {
  if (p!.slope && q!.slope) return undefined;
  const [varying, part] = p!.slope ? [a!, p!] : [b!, q!];
  const slope = times(part.slope!, slopeOfFunction(log.primitive)!(varying, part.at));
  return p!.slope ? slope : neg(slope);
};

const slopeOfChoice: SlopeOf = ({ node, operands: [condition], parts: [asked, yes, no] }) => {
  if (asked!.slope) return undefined;
  const zero = constantLike(0, node);
  return select(condition!, yes!.slope ?? zero, no!.slope ?? zero);
};

const slopes = byPrimitive<SlopeOf>([
  [add, slopeOfTerms],
  [sub, slopeOfTerms],
  [neg, ({ parts: [p] }) => negative(p!.slope!)],
  [square, ({ operands: [a], parts: [p] }) => times(p!.slope!, isZero(p!.at) ? a! : add(a!, p!.at))],
  [mul, slopeOfProduct],
  [div, slopeOfQuotient],
  [pow, slopeInPower],
  [rootExcess, slopeOfExcess],
  [logGap, slopeOfLogGap],
  // which is the same in a form that does not cancel
  [differenceAs, ({ parts: [, , value] }) => value!.slope],
  [select, slopeOfChoice],
]);

/** Of a function of one operand. */
const slopeOfOther: SlopeOf = ({ node, operands, parts: [p], at }) => {
  const primitive = node.graph.primitiveOf(node.id);
  if (operands.length > 1 || (isZero(p!.at) && steepAtZero.has(primitive))) return undefined;
  const [a] = operands as [Expr];
  const slope = isZero(p!.at) && isZero(at) ? ratioOf(node, a) : slopeOfFunction(primitive)?.(a, p!.at);
  return slope && times(p!.slope!, slope);
};

/** Polynomials, quotients and choices. */
const plain = primitivesOf(add, sub, neg, square, mul, div, reciprocal, select, differenceAs);

const isSteep = ({ node, operands: [, b], parts }: Step): boolean =>
  parts.some((part) => part.isSteep) ||
  !(isMap(node, pow) ? parts[0]!.slope && b!.kind === "constant" : plain.has(node.graph.primitiveOf(node.id)));

/** The departures of an expression and its parts, from where a part `x` is `c`. */
export class Departures {
  private readonly known: Map<Expr, Departure>;
  private readonly distance: Expr;
  private left = mostNodes;

  constructor(x: Expr, c: Expr) {
    this.known = new Map([[x, { at: c, slope: constantLike(1, x) }]]);
    this.distance = sub(x, c);
  }

  of(node: Expr): Departure {
    const found = this.known.get(node);
    if (found) return found;
    const isOpen = node.kind === "map" && node.dtype === "real" && this.left-- > 0;
    const departure = isOpen ? this.ofMap(node) : { at: node };
    this.known.set(node, departure);
    return departure;
  }

  private ofMap(node: Expr): Departure {
    const { operands, graph } = node;
    const parts = operands.map((operand) => this.of(operand));
    if (!parts.some(({ slope }) => slope)) return { at: node };
    const primitive = graph.primitiveOf(node.id);
    const there = parts.map((part) => part.at);
    const at = simplified(primitive, there, node);
    const total: Step["total"] = (terms, slopes) => this.total(node, at, terms, slopes);
    const step = { node, operands, parts, at, total };
    // nothing departs from infinity
    const slope = Number.isFinite(at.constant ?? 0) ? (slopes.get(primitive) ?? slopeOfOther)(step) : undefined;
    return slope ? { at, slope, isSteep: isSteep(step) } : { at: node };
  }

  private total(node: Expr, at: Expr, terms: readonly Expr[], slopes: readonly Expr[]): Expr {
    const whole = slopes.reduce((a, b) => add(a, b));
    if (slopes.length < 2 || slopes.every(({ kind }) => kind === "constant")) return whole;
    const difference = isZero(at) ? node : sub(node, at);
    const size = terms.map((term) => abs(term)).reduce((a, b) => add(a, b));
    const isNear = lessEqual(abs(difference), mul(0.25, size));
    return select(isNear, whole, div(difference, select(isNear, 1, this.distance)));
  }
}

/** Functions that are 0 at 0 with f(x)/x as a function of its own, whose derivatives lose no digits. */
const ratios = byPrimitive<(x: Expr) => Expr>([
  [expm1, expm1Ratio],
  [log1p, log1pRatio],
  [softsign, (x) => reciprocal(add(1, abs(x)))],
]);

/** f(x)/x of a function that is 0 at 0. */
function ratioOf(f: Expr, x: Expr): Expr | undefined {
  const primitive = f.graph.primitiveOf(f.id);
  const own = ratios.get(primitive);
  if (own || hasKink(primitive)) return own?.(x);
  const ratio = div(f, x);
  // at what x is a multiple of, where the ratio is looked at next
  return nearlyAt(ratio, pointAt(unscaled(x), 0)) ?? ratio;
}

/** Whether a function that is 0 at 0 has two slopes there, as relu: what is smooth is odd but for squares. */
const hasKink = ({ real }: Primitive, h = 2 ** -20): boolean =>
  !(Math.abs(Number(real(h)) + Number(real(-h))) < 2 ** -10 * h);

/** (x^a - x^b)/(a - b), where the power does not overflow between the two. */
function slopeInExponent(x: Expr, a: Expr, b: Expr): Expr {
  const logarithm = log(select(equal(x, 0), 1, x));
  const distance = sub(a, b);
  const gap = mul(distance, logarithm);
  const isNear = less(abs(gap), 1);
  const near = mul(mul(isZero(b) ? constantLike(1, x) : pow(x, b), logarithm), expm1Ratio(select(isNear, gap, 0)));
  return select(isNear, near, div(sub(pow(x, a), pow(x, b)), select(isNear, 1, distance)));
}
