import type { Expr } from "../../ir/graph.ts";
import { broadcast, sum } from "../../ops/arrays/contractions.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { greater, select } from "../../ops/elementary/comparison.ts";
import { exp, log } from "../../ops/elementary/exponential.ts";
import { tanh } from "../../ops/elementary/hyperbolic.ts";
import { pow, sqrt } from "../../ops/elementary/powers.ts";
import { sigmoid } from "../../ops/special/activation.ts";
import { type Bounded, held, largest, repaired } from "./boxes.ts";
import type { Elementwise } from "./elementwise.ts";
import { kindOf, magnitude, mostRows, within } from "./kinds.ts";

// What people write in place of a function of the registry, or in more steps than needed: rewriting looks for these.

/** Operands small enough for a few exponentials to multiply. */
const small = (x: Bounded) => held(x, 2).node;
/** An operand away from zero. */
const positive = (x: Bounded) => repaired(x, [0.25, largest]);

const ofOne: readonly ((x: Expr) => Expr)[] = [
  (x) => log(add(1, exp(x))),
  (x) => sub(exp(x), 1),
  (x) => reciprocal(add(1, exp(neg(x)))),
  (x) => div(exp(x), add(1, exp(x))),
  (x) => log(sigmoid(x)),
  (x) => log(sub(1, sigmoid(x))),
  (x) => sub(1, square(tanh(x))),
  (x) => log(add(1, square(x))),
  (x) => add(add(x, 0.5), 0.25),
  (x) => mul(mul(x, 3), 0.5),
  (x) => add(x, x),
  (x) => mul(x, mul(x, x)),
];

const ofTwo: readonly ((x: Expr, y: Expr) => Expr)[] = [
  (x, y) => log(add(exp(x), exp(y))),
  (x, y) => mul(exp(x), exp(y)),
  (x, y) => sub(add(x, y), x),
  (x, y) => add(sub(x, y), y),
  (x, y) => mul(neg(x), neg(y)),
  (x, y) => sub(x, neg(y)),
  (x, y) => add(mul(x, y), mul(x, 3)),
  (x, y) => div(neg(x), add(1, square(y))),
];

const ofPositive: readonly ((x: Expr) => Expr)[] = [
  (x) => sqrt(square(x)),
  (x) => square(sqrt(x)),
  (x) => exp(log(x)),
  (x) => log(sqrt(x)),
  (x) => reciprocal(sqrt(x)),
  (x) => pow(x, 2),
  (x) => pow(x, 0.5),
  (x) => pow(x, -1),
  (x) => div(div(1, x), x),
];

/** Elements of all of these stay below this bound. */
const bound = 128;

export const idioms: readonly Elementwise[] = [
  ...ofOne.map(
    (f): Elementwise =>
      (x) =>
        within(f(small(x)), bound),
  ),
  ...ofTwo.map(
    (f): Elementwise =>
      (x, y) =>
        within(f(small(x), small(y)), bound),
  ),
  ...ofPositive.map(
    (f): Elementwise =>
      (x) =>
        within(f(positive(x).node), largest ** 2),
  ),
];

/** Zeros chosen in place of a value, times another. */
export const masks: readonly Elementwise[] = [
  (x, y, z) => within(mul(x.node, select(greater(z.node, 0.3), y.node, 0)), magnitude(x) * magnitude(y)),
  (x, y, z) => within(mul(select(greater(z.node, -0.7), 0, x.node), y.node), magnitude(x) * magnitude(y)),
  (x, y, z) => {
    const condition = greater(z.node, 0.1);
    return within(add(select(condition, x.node, 0), select(condition, 0, y.node)), magnitude(x) + magnitude(y));
  },
];

/** Sums of exponentials over a vector, as they stand in formulas. */
export const vectorIdioms: readonly ((x: Bounded) => Bounded)[] = [
  (x) => within(log(sum(exp(small(x)))), 2 + Math.log(mostRows)),
  (x) => {
    const e = exp(small(x));
    return within(div(e, broadcast(sum(e), e.shape)), 1);
  },
  (x) => {
    const e = exp(small(x));
    return within(log(div(e, broadcast(sum(e), e.shape))), 8);
  },
];

export const isVector = (node: Expr) => kindOf(node) === "rows" || kindOf(node) === "columns";
