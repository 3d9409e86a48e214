import type { Expr } from "../../ir/graph.ts";
import { binary, operation, unary } from "../define.ts";
import { addIntervals, divIntervals, mulIntervals, negInterval } from "./interval.ts";

/** The constant in the shape of x: how partials state plain numbers. */
const constant = (value: number, x: Expr): Expr => x.graph.constantLike(value, x);

/** x + y + ...: summed from left to right. */
export const add = operation({
  name: "add",
  units: "a -> a",
  arity: "variadic",
  isCommutative: true,
  result: "same",
  real: (...terms) => terms.reduce((sum, term) => sum + term),
  partials: [([x]) => constant(1, x!)],
  print: (...terms) => terms.reduce((sum, term) => `${sum} + ${term}`),
  cost: 1,
  range: (...terms) => terms.reduce(addIntervals),
});

export const sub = binary("sub", {
  units: "a, a -> a",
  result: "same",
  real: (x, y) => x - y,
  partials: [(x) => constant(1, x), (x) => constant(-1, x)],
  print: (x, y) => `${x} - ${y}`,
  cost: 1,
  range: (x, y) => addIntervals(x, negInterval(y)),
});

export const neg = unary("neg", {
  units: "a -> a",
  result: "same",
  real: (x) => -x,
  partial: (x) => constant(-1, x),
  print: (x) => `-${x}`,
  cost: 1,
  range: negInterval,
});

export const mul = binary("mul", {
  units: "a, b -> a*b",
  isCommutative: true,
  result: "same",
  real: (x, y) => x * y,
  partials: [(_x, y) => y, (x) => x],
  print: (x, y) => `${x} * ${y}`,
  cost: 1,
  range: mulIntervals,
});

/** x / y in real numbers. The partial in y reuses the quotient: -z/y. */
export const div = binary("div", {
  units: "a, b -> a/b",
  real: (x, y) => x / y,
  partials: [(_x, y) => reciprocal(y), (_x, y, z) => neg(div(z, y))],
  print: (x, y) => `${x} / ${y}`,
  cost: 1,
  range: divIntervals,
});

export const reciprocal = unary("reciprocal", {
  units: "a -> 1/a",
  real: (x) => 1 / x,
  partial: (x, z) => neg(div(z, x)),
  print: (x) => `1 / ${x}`,
  cost: 1,
  range: (x) => divIntervals([1, 1], x),
});

export const square = unary("square", {
  units: "a -> a^2",
  result: "same",
  real: (x) => x * x,
  partial: (x) => mul(2, x),
  print: (x) => `${x} * ${x}`,
  cost: 1,
  range: ([low, high]) => {
    const ends = [low * low, high * high] as const;
    return [low <= 0 && high >= 0 ? 0 : Math.min(...ends), Math.max(...ends)];
  },
});
