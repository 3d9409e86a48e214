import type { Expr } from "../../ir/graph.ts";
import { binary, type Operand, type Operation, operation, ternary } from "../define.ts";
import { add, div, mul, neg, square } from "./algebra.ts";
import { and, equal, greater, less, select } from "./comparison.ts";
import { absInterval, nonNegative, symmetricUnit, widen } from "./interval.ts";
import { rsqrt, sqrt } from "./powers.ts";
import { abs, sign } from "./rounding.ts";

// Lengths, and the coordinates of unit vectors, which are their slopes. A length and its slopes take the same sum of squares,
// in the same order: they share one root.

/** The length s sqrt(x) of what has the sum of squares x in units of s, as norms are made of. Slope 0 at x = 0. */
export const lengthOf = binary("lengthOf", {
  units: "a, b^2 -> a*b",
  domain: [nonNegative, nonNegative],
  program: (s, x) => {
    const isZero = equal(x, 0);
    return select(isZero, 0, mul(s, sqrt(select(isZero, 1, x))));
  },
  partials: [
    (_s, x) => sqrt(x),
    (s, x) => {
      const isZero = equal(x, 0);
      return select(isZero, 0, mul(0.5, mul(s, rsqrt(select(isZero, Number.POSITIVE_INFINITY, x)))));
    },
  ],
  cost: 6,
  range: () => nonNegative,
});

/** Between these bounds a sum of squares has lost nothing that counts. */
export const [leastSum, greatestSum] = [1e-290, 1e300] as const;

const isSafeSum = (sum: Expr) => and(greater(sum, leastSum), less(sum, greatestSum));

/**
 * sqrt(x^2 + y^2 + ...) without overflow. It is no chain of pairs: where x = y = 0 the length of a pair has no slope,
 * but that of (x, y, 5) is smooth.
 */
export const hypot: Operation = operation({
  name: "hypot",
  arity: "variadic",
  units: "a -> a",
  isCommutative: true,
  real: Math.hypot,
  partials: [
    (operands, _z, position) => {
      if (operands.length === 3) return spaceDirections[position]!(operands[0]!, operands[1]!, operands[2]!);
      const others = operands.filter((_, k) => k !== position);
      return direction(operands[position]!, others.length === 1 ? others[0]! : hypot(...others));
    },
  ],
  print: (...x) => `Math.hypot(${x.join(", ")})`,
  cost: 12,
  range: (...x) => {
    const sizes = x.map(absInterval);
    return widen([Math.hypot(...sizes.map(([low]) => low)), Math.hypot(...sizes.map(([, high]) => high))], nonNegative);
  },
});

/** x / sqrt(x^2 + y^2), the cosine of the angle of (x, y); its own derivatives do not cancel as those of a quotient would. */
export const direction = binary("direction", {
  units: "a, a -> 1",
  program: coordinateOverLength(0),
  partials: [
    (x, y) => mul(direction(y, x), div(direction(y, x), lengthOrInfinity(x, y))),
    (x, y, z) => neg(mul(z, div(direction(y, x), lengthOrInfinity(x, y)))),
  ],
  cost: 10,
  range: () => symmetricUnit,
});

/** y / sqrt(x^2 + y^2), the sine of that angle: with the operands in the order of the length it shares the root with it. */
export const directionSine = binary("directionSine", {
  units: "a, a -> 1",
  program: coordinateOverLength(1),
  partials: [
    (x, y, z) => neg(mul(z, div(direction(x, y), lengthOrInfinity(x, y)))),
    (x, y) => mul(direction(x, y), div(direction(x, y), lengthOrInfinity(x, y))),
  ],
  cost: 10,
  range: () => symmetricUnit,
});

/** One coordinate of a point over its length, from the sum of squares that all coordinates take. */
function coordinateOverLength(axis: number): (...point: Expr[]) => Expr {
  return (...point) => {
    const sum = add(...(point.map((x) => square(x)) as [Expr, Expr]));
    const [one, ...others] = point.filter((_, k) => k !== axis) as [Expr, ...Expr[]];
    const rest = others.length > 0 ? hypot(one, ...others) : one;
    return select(isSafeSum(sum), div(point[axis]!, sqrt(sum)), scaledDirection(point[axis]!, rest));
  };
}

/** The same by the quotient of the shorter and the longer side, whose squares neither overflow nor vanish. */
export function scaledDirection(x: Expr, y: Expr): Expr {
  const flat = div(sign(x), sqrt(add(1, square(div(y, x)))));
  const slope = div(x, abs(y));
  const steep = select(equal(y, 0), 0, div(slope, sqrt(add(1, square(slope)))));
  return select(greater(abs(x), abs(y)), flat, steep);
}

export const spaceDirection1 = spaceDirection(0);
export const spaceDirection2 = spaceDirection(1);
export const spaceDirection3 = spaceDirection(2);

/** The coordinates of the unit vector along (x, y, z), each of the same operands: they and the length share one root. */
export const spaceDirections = [spaceDirection1, spaceDirection2, spaceDirection3] as const;

function spaceDirection(axis: number): Operation<[x: Operand, y: Operand, z: Operand]> {
  /** The slope in the coordinate along another axis, or along its own. */
  const slope = (by: number) => (x: Expr, y: Expr, z: Expr, unit: Expr) => {
    const rate = (other: number) => div(spaceDirections[other]!(x, y, z), lengthOrInfinity(x, y, z));
    if (by !== axis) return neg(mul(unit, rate(by)));
    const others = [0, 1, 2].filter((other) => other !== axis);
    return add(...others.map((other) => mul(spaceDirections[other]!(x, y, z), rate(other))));
  };
  return ternary(`spaceDirection${axis + 1}`, {
    units: "a, a, a -> 1",
    program: coordinateOverLength(axis),
    partials: [slope(0), slope(1), slope(2)],
    cost: 12,
    range: () => symmetricUnit,
  });
}

/** sqrt(x^2 + y^2): as it stands wherever the sum neither overflows nor vanishes. */
export const polarRadius = binary("polarRadius", {
  units: "a, a -> a",
  isCommutative: true,
  program: (x, y) => {
    const sum = add(square(x), square(y));
    return select(isSafeSum(sum), sqrt(sum), hypot(x, y));
  },
  partials: [(x, y) => direction(x, y), (x, y) => direction(y, x)],
  cost: 8,
  range: (x, y) => {
    const [a, b] = [absInterval(x), absInterval(y)];
    return widen([Math.hypot(a[0], b[0]), Math.hypot(a[1], b[1])], nonNegative);
  },
});

/** sqrt(x^2 + y^2 + z^2), the same of a point in space. */
export const sphericalRadius = ternary("sphericalRadius", {
  units: "a, a, a -> a",
  program: (x, y, z) => {
    const sum = add(square(x), square(y), square(z));
    return select(isSafeSum(sum), sqrt(sum), hypot(x, y, z));
  },
  partials: [
    (x, y, z) => spaceDirection1(x, y, z),
    (x, y, z) => spaceDirection2(x, y, z),
    (x, y, z) => spaceDirection3(x, y, z),
  ],
  cost: 10,
  range: (...operands) => {
    const sizes = operands.map(absInterval);
    return widen([Math.hypot(...sizes.map(([low]) => low)), Math.hypot(...sizes.map(([, high]) => high))], nonNegative);
  },
});

/** The length; at the origin infinite, so that what is divided by it is 0 there. */
function lengthOrInfinity(...coordinates: [Expr, Expr, ...Expr[]]): Expr {
  const length = hypot(...coordinates);
  return select(equal(length, 0), Number.POSITIVE_INFINITY, length);
}
