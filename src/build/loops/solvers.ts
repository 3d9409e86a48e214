import { slopeOf, solved } from "../../autodiff/implicit.ts";
import { sweeps } from "../../autodiff/sweeps.ts";
import { branch, loops } from "../../extensions/loops.ts";
import { applied, type Body, bodyOf } from "../../ir/bodies/body.ts";
import { whileOf } from "../../ir/bodies/while.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { axes, maximum, sum, view } from "../../ops/arrays/contractions.ts";
import { add, div, mul, neg, square, sub } from "../../ops/elementary/algebra.ts";
import {
  and,
  equal,
  greater,
  isFiniteReal,
  less,
  lessEqual,
  max,
  not,
  or,
  select,
} from "../../ops/elementary/comparison.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { logdet } from "../../ops/linear-algebra/functions.ts";

// Algorithms that find solutions, as graphs: one loop, whose condition is that some system is still on its way. Each of
// the systems along the leading axes moves on its own and stops on its own. At the end two full steps of Newton's method
// bring the solution to rounding, and with it whatever is carried beside it in complex and dual numbers.

/** Two units in the last place: a step below it, relative to the point, changes nothing. */
const negligible = 2 ** -51;
/** A full step of Newton's method from a solution is below this, relative to the point. */
const close = 1e-8;
/** Where solutions are 0, steps are measured by this part of the largest point on the way. */
const nearZero = 2 ** -20;
/** Changes of an objective below this part of it are rounding. */
const rounding = 2 ** -44;
/** Steps are halved no more often than this in a row. */
const shortest = 2 ** -60;

interface Problem {
  /** Parameters: the unknown, constants. Root: the residual. */
  readonly residual: Body;
  readonly leading: number;
  readonly limit: Integer;
}

/** What an algorithm sees of the problem: functions of the unknown, in the graph at hand. */
interface View {
  readonly constants: readonly Expr[];
  readonly residual: (x: Expr) => Expr;
  /** The residual where some system needs it, another of its values where none does. */
  readonly residualWhere: (needed: Expr, x: Expr, other: Expr) => Expr;
  /** The slope of the residual: a number for each system, or a matrix. */
  readonly slope: (x: Expr) => Expr;
  /** Minus slope^-1 residual, the step of Newton's method. */
  readonly newton: (x: Expr, F: Expr) => Expr;
  /** A number for each system from one for each of its unknowns. */
  readonly perSystem: (x: Expr, combine: "sum" | "max") => Expr;
  /** A number for each system at each of its unknowns. */
  readonly spread: (number: Expr, like: Expr) => Expr;
}

function viewIn(graph: Graph, { residual, leading }: Problem, constants: readonly Expr[]): View {
  const draft = new Graph();
  const variables = residual.parameters.map(({ shape, dtype }) => draft.variable(shape, dtype));
  const [F] = applied(residual, draft, variables);
  const slope = bodyOf(variables, [slopeOf(F!, variables[0]!, leading, sweeps)]);
  const at = (body: Body, x: Expr) => applied(body, graph, [x, ...constants])[0]!;
  return {
    constants,
    residual: (x) => at(residual, x),
    residualWhere: (needed, x, other) => {
      const operands = [x, other, ...constants];
      const sides = new Graph();
      const parameters = operands.map(({ shape, dtype }) => sides.variable(shape, dtype));
      const [point, value, ...others] = parameters as [Expr, Expr, ...Expr[]];
      const yes = applied(residual, sides, [point, ...others]);
      return branch(greater(maximum(flag(needed)), 0), { parameters, yes, no: [value] }, operands)[0]!;
    },
    slope: (x) => at(slope, x),
    newton: (x, value) => neg(solved(at(slope, x), value, leading)),
    perSystem: (x, combine) => {
      const summed = x.shape.slice(leading).map((_, axis) => leading + axis);
      return combine === "sum" ? sum(x, summed) : maximum(x, summed);
    },
    spread: (number, like) => view(number, like.shape, axes(leading)),
  };
}

/** How large unknowns are: the point, or, near 0, a part of the largest point that was seen. */
function sizeOf({ perSystem }: View, x: Expr, largest: Expr): Expr {
  const size = max(perSystem(abs(x), "max"), mul(largest, nearZero));
  return max(size, size.graph.constantLike(Number.MIN_VALUE, size));
}

/** The size of a step relative to the point, the largest of a system's unknowns. */
function relativeStep(view: View, step: Expr, x: Expr, largest: Expr): Expr {
  return div(view.perSystem(abs(step), "max"), sizeOf(view, x, largest));
}

/** A point moved by Newton's steps until rounding is all that is left, NaN where it was no solution. */
function polished(
  view: View,
  { x, F, largest, isOpen }: State,
  isRight?: (x: Expr) => Expr,
): [solution: Expr, isFound: Expr] {
  const first = add(x!, view.newton(x!, F ?? view.residual(x!)));
  const at = add(first, view.newton(first, view.residual(first)));
  const last = view.newton(at, view.residual(at));
  const isSmall = less(relativeStep(view, last, at, largest!), close);
  const isSound = and(and(isSmall, equal(isOpen!, 0)), isFiniteReal(view.perSystem(at, "sum")));
  const isFound = isRight ? and(isSound, isRight(at)) : isSound;
  return [select(view.spread(isFound, at), at, at.graph.constantLike(Number.NaN, at)), isFound];
}

/** The number for each system. */
function numberLike(value: number, x: Expr, { perSystem }: View): Expr {
  return x.graph.constantLike(value, perSystem(x, "sum"));
}

/** The state of an algorithm: carries by name. */
type State = Readonly<Record<string, Expr>>;

/** Runs steps while `isOpen` holds of some system, and polishes what `x` has become. */
function solverOf(
  problem: Problem,
  begin: (view: View, start: Expr) => State,
  step: (view: View, state: State) => State,
  isRight?: (view: View, x: Expr) => Expr,
): Body {
  const graph = new Graph();
  const [start, ...constants] = problem.residual.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype)) as [
    Expr,
    ...Expr[],
  ];
  const outer = viewIn(graph, problem, constants);
  const first: State = { ...begin(outer, start), largest: outer.perSystem(abs(start), "max") };
  const names = Object.keys(first);
  const inner = new Graph();
  const inside = constants.map(({ shape, dtype }) => inner.variable(shape, dtype));
  const state = Object.fromEntries(names.map((name) => [name, inner.variable(first[name]!.shape, first[name]!.dtype)]));
  const view = viewIn(inner, problem, inside);
  const moved = step(view, state);
  const next: State = { ...moved, largest: max(state.largest!, view.perSystem(abs(moved.x!), "max")) };
  const loop = whileOf({
    extension: loops,
    limit: problem.limit,
    isLimited: true,
    carries: names.map((name) => state[name]!),
    constants: inside,
    next: names.map((name) => next[name]!),
    condition: greater(maximum(state.isOpen!), 0),
  });
  const results = graph.operation(loop, [...names.map((name) => first[name]!), ...constants]);
  const last = Object.fromEntries(names.map((name, k) => [name, results[k]!]));
  const [solution, isFound] = polished(outer, last, isRight && ((x) => isRight(outer, x)));
  return bodyOf([start, ...constants], [solution, isFound]);
}

/**
 * Newton's method for residual(x) = 0. A step that does not make the residual smaller is halved. Once a single unknown has
 * been seen on both sides of a root, it stays between them, and halves the interval where Newton's step is slow.
 */
export function newtonRoot(problem: Problem): Body {
  const isSingle = problem.residual.parameters[0]!.shape.length === problem.leading;
  return solverOf(problem, beginRoot, isSingle ? stepSingle : stepSystem);
}

function beginRoot(view: View, x: Expr): State {
  const number = (value: number) => numberLike(value, x, view);
  // a start from the model is not yet on its way: nothing of it but its value counts
  const F = view.residual(x);
  return { x, F, other: number(0), isBracketed: number(0), isSlow: number(0), scale: number(1), isOpen: number(1) };
}

const chosen = (condition: Expr, yes: Expr, no: Expr): Expr => select(condition, yes, no);
const flag = (condition: Expr): Expr =>
  select(condition, condition.graph.constantLike(1, condition), condition.graph.constantLike(0, condition));
const holds = (flagged: Expr): Expr => greater(flagged, 0);

function stepSingle(view: View, state: State): State {
  const { x, F, other, isBracketed, isSlow, scale, isOpen, largest } = state as Record<string, Expr>;
  const full = usable(view, view.newton(x!, F!), x!);
  const size = sizeOf(view, x!, largest!);
  const isExact = or(equal(F!, 0), lessEqual(abs(full), mul(size, negligible)));
  const moves = and(holds(isOpen!), not(isExact));

  const between = holds(isBracketed!);
  const newton = add(x!, full);
  const isInside = less(mul(sub(newton, x!), sub(newton, other!)), 0);
  const middle = mul(add(x!, other!), 0.5);
  const inBracket = chosen(or(not(isInside), holds(isSlow!)), middle, newton);
  const candidate = chosen(between, inBracket, add(x!, mul(scale!, full)));
  const value = view.residual(candidate);
  // while no change of sign is known, the whole step is looked at too: it may pass a root that short ones never reach
  const isShort = and(and(not(between), less(scale!, 1)), holds(isOpen!));
  const beyond = view.residualWhere(isShort, newton, value);
  const crosses = isOpposite(F!, value);
  const passes = and(not(between), isOpposite(F!, beyond));
  const isSmaller = less(abs(value), abs(F!));
  const takes = or(between, isSmaller);
  const nextX = chosen(takes, candidate, x!);
  const nextOther = chosen(crosses, chosen(takes, x!, candidate), chosen(passes, newton, other!));
  const nextBracketed = or(between, or(crosses, passes));
  const isNarrow = and(nextBracketed, lessEqual(abs(sub(nextX, nextOther)), mul(size, negligible)));
  // rounding is all that keeps the residual from falling
  const isRounded = and(not(or(takes, nextBracketed)), less(abs(full), mul(size, close)));
  const isDone = or(isExact, or(isNarrow, or(isRounded, less(scale!, shortest))));
  const next = (after: Expr, before: Expr) => chosen(moves, after, before);
  return {
    x: next(nextX, x!),
    F: next(chosen(takes, value, F!), F!),
    other: next(nextOther, other!),
    isBracketed: next(flag(nextBracketed), isBracketed!),
    isSlow: next(flag(not(less(abs(value), mul(abs(F!), 0.5)))), isSlow!),
    scale: next(chosen(isSmaller, atMostOne(mul(scale!, 2)), mul(scale!, 0.5)), scale!),
    isOpen: chosen(isDone, isOpen!.graph.constantLike(0, isOpen!), isOpen!),
  };
}

/** Finite values on both sides of 0. */
const isOpposite = (x: Expr, y: Expr): Expr =>
  and(or(and(less(x, 0), greater(y, 0)), and(greater(x, 0), less(y, 0))), isFiniteReal(y));

/** A scale of steps: 1 at most. */
const atMostOne = (x: Expr): Expr => select(less(x, 1), x, x.graph.constantLike(1, x));

/**
 * A step is good where the residual gets smaller, or the next step by the same slope does, in which no units of equations count:
 * rates of many sizes let residuals grow on the way to the solution. Source: Deuflhard (2004), the natural monotonicity test.
 */
function stepSystem(view: View, state: State): State {
  const { x, F, scale } = state as Record<string, Expr>;
  const merit = (value: Expr) => view.perSystem(square(value), "sum");
  const full = view.newton(x!, F!);
  return descent(view, state, usable(view, full, x!), (candidate) => {
    const value = view.residual(candidate);
    // the slope is factored once for both steps
    const left = square(sub(scale!.graph.constantLike(1, scale!), mul(scale!, 0.25)));
    const isNearer = less(merit(view.newton(x!, value)), mul(left, merit(full)));
    return { isBetter: or(less(merit(value), merit(F!)), isNearer), isExact: equal(merit(F!), 0), there: { F: value } };
  });
}

interface Trial {
  readonly isBetter: Expr;
  readonly isExact: Expr;
  /** What is carried beside the point, at the candidate. */
  readonly there?: State;
  /** Rounding is all that a whole step could change of what is to fall. */
  readonly isRounded?: Expr;
}

/** A step of some length where Newton's method gives none, as at a point where the slope is 0. */
function usable({ perSystem, spread }: View, full: Expr, x: Expr): Expr {
  return chosen(spread(isFiniteReal(perSystem(full, "sum")), x), full, add(abs(x), 1));
}

/** A step along a direction, halved where it makes nothing better. */
function descent(view: View, state: State, full: Expr, trial: (candidate: Expr) => Trial): State {
  const { x, scale, isOpen, largest } = state as Record<string, Expr>;
  const candidate = add(x!, mul(view.spread(scale!, x!), full));
  const { isBetter, isExact, isRounded, there = {} } = trial(candidate);
  const relative = relativeStep(view, full, x!, largest!);
  const isNear = isRounded ? or(isRounded, less(relative, close)) : less(relative, close);
  const isDone = or(
    isExact,
    or(lessEqual(relative, negligible), or(and(not(isBetter), isNear), less(scale!, shortest))),
  );
  const moves = and(and(holds(isOpen!), isBetter), not(isExact));
  const moved = (after: Expr, before: Expr) => chosen(view.spread(moves, before), after, before);
  const beside = Object.entries(there).map(([name, value]) => [name, moved(value, state[name]!)] as const);
  return {
    ...state,
    ...Object.fromEntries(beside),
    x: moved(candidate, x!),
    scale: chosen(isBetter, atMostOne(mul(scale!, 2)), mul(scale!, 0.5)),
    isOpen: chosen(isDone, isOpen!.graph.constantLike(0, isOpen!), isOpen!),
  };
}

/**
 * Newton's method for a minimum of `objective`, whose gradient is the residual: where Newton's direction does not descend,
 * the gradient's is taken; steps are halved until the objective falls. Where rounding hides what a step of Newton's would win,
 * the gradient's length is to fall in place of the objective.
 */
export function newtonMinimum(problem: Problem, objective: Body): Body {
  const begin = (view: View, x: Expr): State => ({ x, scale: numberLike(1, x, view), isOpen: numberLike(1, x, view) });
  const step = (view: View, state: State): State => {
    const x = state.x!;
    const { graph } = x;
    const value = (at: Expr) => applied(objective, graph, [at, ...view.constants])[0]!;
    const gradient = view.residual(x);
    const newton = view.newton(x, gradient);
    // rounding may turn a last step of Newton's: of a single unknown the curvature says as much, and does not turn
    const isDescent =
      x.shape.length === problem.leading
        ? greater(view.slope(x), 0)
        : less(view.perSystem(mul(newton, gradient), "sum"), 0);
    const full = chosen(view.spread(isDescent, x), newton, neg(gradient));
    const slope = view.perSystem(mul(full, gradient), "sum");
    const before = value(x);
    const bound = add(before, mul(mul(state.scale!, slope), 1e-4));
    const isRounded = and(isDescent, lessEqual(abs(slope), mul(abs(before), rounding)));
    const merit = (residual: Expr) => view.perSystem(square(residual), "sum");
    return descent(view, state, full, (candidate) => ({
      isBetter: chosen(
        isRounded,
        less(merit(view.residual(candidate)), merit(gradient)),
        lessEqual(value(candidate), bound),
      ),
      isExact: equal(merit(gradient), 0),
      isRounded,
    }));
  };
  const isMinimum = ({ slope }: View, x: Expr): Expr => {
    const H = slope(x);
    return H.shape.length === problem.leading ? greater(H, 0) : isFiniteReal(logdet(H, "positive definite"));
  };
  return solverOf(problem, begin, step, isMinimum);
}

/** x, g(x), g(g(x)), ... until it stays; the residual is g(x) - x. */
export function iteration(problem: Problem): Body {
  const begin = (view: View, x: Expr): State => ({ x, isOpen: numberLike(1, x, view) });
  return solverOf(problem, begin, (view, { x, isOpen, largest }) => {
    const change = view.residual(x!);
    const isDone = or(
      lessEqual(relativeStep(view, change, x!, largest!), 1e-10),
      equal(view.perSystem(abs(change), "max"), 0),
    );
    const moves = view.spread(holds(isOpen!), x!);
    return {
      x: chosen(moves, add(x!, change), x!),
      isOpen: chosen(isDone, isOpen!.graph.constantLike(0, isOpen!), isOpen!),
    };
  });
}
