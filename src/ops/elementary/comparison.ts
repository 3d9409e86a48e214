import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, folded, ternary, unary } from "../define.ts";
import { union, unit } from "./interval.ts";

// Conditions are bool, 1 or 0 in kernels. They compare real parts and never vary.

type Test = (x: number, y: number) => boolean;

/** Kernels of a condition. */
const condition = (test: Test) => ({
  result: "bool" as const,
  real: (x: number, y: number) => (test(x, y) ? 1 : 0),
  cost: 1,
  range: () => unit,
});

const comparison = (name: string, sign: string, isCommutative: boolean, test: Test) =>
  binary(name, {
    units: "a, a -> 1",
    ...condition(test),
    isCommutative,
    partials: ["zero", "zero"],
    print: (x, y) => `${x} ${sign} ${y}`,
  });

export const less = comparison("less", "<", false, (x, y) => x < y);
export const lessEqual = comparison("lessEqual", "<=", false, (x, y) => x <= y);
export const greater = comparison("greater", ">", false, (x, y) => x > y);
export const greaterEqual = comparison("greaterEqual", ">=", false, (x, y) => x >= y);
export const equal = comparison("equal", "===", true, (x, y) => x === y);
export const notEqual = comparison("notEqual", "!==", true, (x, y) => x !== y);

export const and = folded("and", {
  ...condition((a, b) => a !== 0 && b !== 0),
  operands: ["bool"],
  isCommutative: true,
  partials: ["zero", "zero"],
  print: (a, b) => `${a} && ${b}`,
});

/** One condition of several, in an array of one shape. */
export const allOf = (conditions: readonly Expr[]): Expr => conditions.reduce((all, each) => and(all, each));

export const or = folded("or", {
  ...condition((a, b) => a !== 0 || b !== 0),
  operands: ["bool"],
  isCommutative: true,
  partials: ["zero", "zero"],
  print: (a, b) => `${a} || ${b}`,
});

export const not = unary("not", {
  ...condition((a) => a === 0),
  operands: ["bool"],
  partial: "zero",
  print: (a) => `!${a}`,
});

export const isFiniteReal = unary("isFinite", {
  units: "a -> 1",
  ...condition((x) => Number.isFinite(x)),
  partial: "zero",
  print: (x) => `Number.isFinite(${x})`,
});

export const isNaNReal = unary("isNaN", {
  units: "a -> 1",
  ...condition((x) => Number.isNaN(x)),
  partial: "zero",
  print: (x) => `Number.isNaN(${x})`,
});

const one = (like: Expr) => like.graph.constantLike(1, like);
const zero = (like: Expr) => like.graph.constantLike(0, like);

/** c ? x : y in every element. Both sides are computed; the derivative of the other side never enters. */
export const select = ternary("select", {
  units: "1, a, a -> a",
  operands: ["bool", "real", "real"],
  result: "same",
  real: (c, x, y) => (c !== 0 ? x : y),
  partials: ["zero", (c, x) => select(c, one(x), zero(x)), (c, _x, y) => select(c, zero(y), one(y))],
  print: (c, x, y) => `${c} ? ${x} : ${y}`,
  cost: 1,
  range: (_c, x, y) => union(x, y),
});

/** 1 for the winner, 0 for the loser, 1/2 each at a tie: the weight of the operand that wins unless `loses`. */
const weight = (loses: Expr, x: Expr, y: Expr) =>
  select(loses, 0, select(equal(x, y), x.graph.constantLike(0.5, x), 1));

export const max = folded("max", {
  units: "a, a -> a",
  isCommutative: true,
  result: "same",
  real: (x, y) => Math.max(x, y),
  partials: [(x, y) => weight(less(x, y), x, y), (x, y) => weight(less(y, x), x, y)],
  print: (x, y) => `Math.max(${x}, ${y})`,
  cost: 1,
  range: (x, y) => [Math.max(x[0], y[0]), Math.max(x[1], y[1])],
});

export const min = folded("min", {
  units: "a, a -> a",
  isCommutative: true,
  result: "same",
  real: (x, y) => Math.min(x, y),
  partials: [(x, y) => weight(greater(x, y), x, y), (x, y) => weight(greater(y, x), x, y)],
  print: (x, y) => `Math.min(${x}, ${y})`,
  cost: 1,
  range: (x, y) => [Math.min(x[0], y[0]), Math.min(x[1], y[1])],
});

const clampReal = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

/** x held between low and high; high wins where the two are crossed. */
export const clamp = ternary("clamp", {
  units: "a, a, a -> a",
  result: "same",
  real: (x, low, high) => clampReal(x, low, high),
  partials: [
    (x, low, high) => select(and(lessEqual(low, x), lessEqual(x, high)), one(x), 0),
    (x, low, high) => select(and(less(x, low), lessEqual(low, high)), one(x), 0),
    (x, low, high) => select(greater(max(x, low), high), one(x), 0),
  ],
  print: (x, low, high) => `Math.min(Math.max(${x}, ${low}), ${high})`,
  cost: 2,
  range: (x, low, high): Interval => [clampReal(x[0], low[0], high[0]), clampReal(x[1], low[1], high[1])],
});
