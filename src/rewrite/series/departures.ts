import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { equal, less, lessEqual, select } from "../../ops/elementary/comparison.ts";
import { expm1, log, log1p } from "../../ops/elementary/exponential.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { rootExcess } from "../../ops/ratios/contrasts.ts";
import { logGap } from "../../ops/ratios/gaps.ts";
import { expm1Ratio, log1pRatio } from "../../ops/ratios/ratios.ts";
import { slopeOfFunction, slopeOfPower } from "../forms/cancellation/slopes.ts";
import { constantLike } from "../forms/conditions.ts";
import { isConstant } from "../forms/contractions/splat.ts";
import { computed } from "../forms/nodes.ts";
import { pointAt } from "./expansion-points.ts";
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

/** The departures of an expression and its parts, from where a part `x` is `c`. */
export function departures(x: Expr, c: Expr): (node: Expr) => Departure {
  const known = new Map<Expr, Departure>([[x, { at: c, slope: constantLike(1, x) }]]);
  const distance = sub(x, c);
  let left = mostNodes;

  /** A sum of slopes; where the terms cancel, the whole by its parts, elsewhere as it stands. */
  function total(node: Expr, at: Expr, terms: readonly Expr[], slopes: readonly Expr[]): Expr {
    const whole = slopes.reduce((a, b) => add(a, b));
    if (slopes.length < 2 || slopes.every(({ kind }) => kind === "constant")) return whole;
    const difference = isZero(at) ? node : sub(node, at);
    const size = terms.map((term) => abs(term)).reduce((a, b) => add(a, b));
    const isNear = lessEqual(abs(difference), mul(0.25, size));
    return select(isNear, whole, div(difference, select(isNear, 1, distance)));
  }

  function ofMap(node: Expr): Departure {
    const { operands, graph } = node;
    const primitive = graph.primitiveOf(node.id);
    const parts = operands.map(of);
    if (!parts.some(({ slope }) => slope)) return { at: node };
    const at = simplified(
      primitive,
      parts.map((part) => part.at),
      node,
    );
    const isSteep = parts.some((part) => part.isSteep);
    const [p, q] = parts as [Departure, Departure];
    const [a, b] = operands as [Expr, Expr];
    if (primitive === add.primitive || primitive === sub.primitive) {
      const signed = parts.flatMap(({ slope }, k) =>
        slope ? [primitive === sub.primitive && k === 1 ? negative(slope) : slope] : [],
      );
      const varying = parts.flatMap((part, k) =>
        part.slope ? [operands[k]!, ...(isZero(part.at) ? [] : [part.at])] : [],
      );
      const isApart = varying.length > signed.length;
      const slope = isApart ? total(node, at, varying, signed) : signed.reduce((s, t) => add(s, t));
      return { at, slope, isSteep };
    }
    if (primitive === neg.primitive) return { at, slope: negative(p.slope!), isSteep };
    if (primitive === square.primitive) return { at, slope: times(p.slope!, isZero(p.at) ? a : add(a, p.at)), isSteep };
    if (primitive === mul.primitive) {
      if (!q.slope || isZero(p.at)) return { at, slope: times(p.slope!, b), isSteep };
      if (!p.slope || isZero(q.at)) return { at, slope: times(q.slope, a), isSteep };
      return { at, slope: total(node, at, [node, at], [times(p.slope, b), times(q.slope, p.at)]), isSteep };
    }
    if (primitive === div.primitive) {
      if (!q.slope || isZero(p.at)) return { at, slope: div(p.slope!, b), isSteep };
      const second = negative(div(times(q.slope, at), b));
      return { at, slope: p.slope ? total(node, at, [node, at], [div(p.slope, b), second]) : second, isSteep };
    }
    if (primitive === pow.primitive) {
      if (isZero(p.at) && b.kind === "constant" && b.graph.constantOf(b.id) > 1) {
        // slope times what is left of the power
        const rest = b.graph.constantOf(b.id) - 1;
        const isWhole = Number.isInteger(rest);
        return { at: p.at, slope: times(p.slope!, pow(a, rest)), isSteep: isSteep || !isWhole };
      }
      if ((p.slope && q.slope) || isZero(p.at)) return { at: node };
      const slope = p.slope ? times(p.slope, slopeOfPower(a, p.at, b)) : times(q.slope!, slopeInExponent(a, b, q.at));
      return { at, slope, isSteep: isSteep || !p.slope || b.kind !== "constant" };
    }
    if (primitive === rootExcess.primitive) {
      // r = sqrt(x^2 + y) - x, of which r^2 + 2 x r is y
      const plus = add(add(node, at), mul(2, a));
      const rate =
        p.slope && q.slope ? sub(q.slope, mul(times(p.slope, at), 2)) : (q.slope ?? mul(times(p.slope!, at), -2));
      return { at, slope: div(rate, plus), isSteep: true };
    }
    if (primitive === logGap.primitive) {
      if (p.slope && q.slope) return { at: node };
      const [varying, part] = p.slope ? [a, p] : [b, q];
      const slope = times(part.slope!, slopeOfFunction(log.primitive)!(varying, part.at));
      return { at, slope: p.slope ? slope : neg(slope), isSteep: true };
    }
    if (primitive === select.primitive) {
      const zero = constantLike(0, node);
      const slope = select(a, q.slope ?? zero, parts[2]!.slope ?? zero);
      return p.slope ? { at: node } : { at, slope, isSteep };
    }
    if (operands.length > 1 || (isZero(p.at) && steepAtZero.has(primitive))) return { at: node };
    const slope = isZero(p.at) && isZero(at) ? ratioOf(node, a) : slopeOfFunction(primitive)?.(a, p.at);
    if (!slope) return { at: node };
    return { at, slope: times(p.slope!, slope), isSteep: isSteep || primitive !== reciprocal.primitive };
  }

  function of(node: Expr): Departure {
    const found = known.get(node);
    if (found) return found;
    const departure = node.kind === "map" && node.dtype === "real" && left-- > 0 ? ofMap(node) : { at: node };
    known.set(node, departure);
    return departure;
  }
  return of;
}

const negative = (slope: Expr) => (slope.kind === "constant" ? constantLike(-slope.constant!, slope) : neg(slope));

const steepAtZero = new Set([sqrt, cbrt, rsqrt, log, reciprocal].map(({ primitive }) => primitive));

/** Larger expressions are not looked through. */
const mostNodes = 100;

/** Functions that are 0 at 0 with f(x)/x as a function of its own, whose derivatives lose no digits. */
const ratios = new Map([
  [expm1.primitive, expm1Ratio],
  [log1p.primitive, log1pRatio],
]);

/** f(x)/x of a function that is 0 at 0. */
function ratioOf(f: Expr, x: Expr): Expr {
  const own = ratios.get(f.graph.primitiveOf(f.id));
  if (own) return own(x);
  const ratio = div(f, x);
  return nearlyAt(ratio, pointAt(x, 0)) ?? ratio;
}

/** (x^a - x^b)/(a - b), where the power does not overflow between the two. */
function slopeInExponent(x: Expr, a: Expr, b: Expr): Expr {
  const logarithm = log(select(equal(x, 0), 1, x));
  const distance = sub(a, b);
  const gap = mul(distance, logarithm);
  const isNear = less(abs(gap), 1);
  const near = mul(mul(isZero(b) ? constantLike(1, x) : pow(x, b), logarithm), expm1Ratio(select(isNear, gap, 0)));
  return select(isNear, near, div(sub(pow(x, a), pow(x, b)), select(isNear, 1, distance)));
}
