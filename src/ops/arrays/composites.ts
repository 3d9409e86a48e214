import { type Guard, iterators } from "../../ir/contraction.ts";
import { ShapeError } from "../../ir/errors.ts";
import { type Expr, type Graph, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { add, div, mul, square, sub } from "../elementary/algebra.ts";
import { toReal } from "../elementary/cast.ts";
import {
  and,
  equal,
  greater,
  isFiniteReal,
  isNaNReal,
  less,
  max,
  notEqual,
  or,
  select,
} from "../elementary/comparison.ts";
import { exp, log } from "../elementary/exponential.ts";
import { hypot, lengthOf } from "../elementary/lengths.ts";
import { anyUnit, stopGradient } from "../elementary/opaque.ts";
import { pow, sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { isMap } from "../maps.ts";
import { logSigmoid, sigmoid } from "../special/activation.ts";
import { logaddexp, logShare, share } from "../special/special.ts";
import { partsOf, stack } from "./arrays.ts";
import {
  allAxes,
  axes,
  broadcast,
  contract,
  maximum,
  minimum,
  type Read,
  reduce,
  sum,
  type Terms,
  termsOf,
  view,
} from "./contractions.ts";

// Composites are ordinary functions of expressions: their derivatives follow from the primitives they are made of.

const keptAxes = (x: Expr, reduced: readonly number[]) => allAxes(x).filter((axis) => !reduced.includes(axis));

/** What a reduction of x over `reduced` gave, repeated along these axes again. */
function spread(result: Expr, x: Expr, reduced: readonly number[]): Expr {
  return reduced.length === 0 ? result : broadcast(result, x.shape, keptAxes(x, reduced));
}

/** The number of elements over the given axes, less a correction, as a real in the shape of `like`. */
function countAlong(x: Expr, reduced: readonly number[], like: Expr, correction = 0): Expr {
  const count = toReal(x.graph.size(Integer.product(reduced.map((axis) => x.shape[axis]!)), like.shape));
  return correction === 0 ? count : sub(count, correction);
}

/** sum x / n over the given axes, by default all. NaN over nothing. */
export function mean(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  const total = sum(toReal(x), reduced);
  return div(total, countAlong(x, reduced, total));
}

/** x less its mean over the given axes. */
function centred(x: Expr, reduced: readonly number[]): Expr {
  return sub(x, spread(mean(x, reduced), x, reduced));
}

/**
 * Variance: the sum of the squared distances from the mean, which come first and so do not cancel, over n - correction.
 * The correction 0 gives that of a population, 1 that of a sample.
 */
export function variance(x: Expr, reduced: readonly number[] = allAxes(x), correction = 0): Expr {
  const squares = sum(square(centred(toReal(x), reduced)), reduced);
  return div(squares, countAlong(x, reduced, squares, correction));
}

/** The root of the variance, without overflow or underflow of squares. Slope 0 where all elements are equal. */
export function standardDeviation(x: Expr, reduced: readonly number[] = allAxes(x), correction = 0): Expr {
  const length = norm(centred(toReal(x), reduced), reduced);
  return div(length, sqrt(countAlong(x, reduced, length, correction)));
}

// Of a few stacked arrays, as [a, b, c] makes them, norms and sums of exponentials are those of primitives, whose
// derivatives do not cancel where one of the arrays outweighs the others.

/** So many arrays meet in pairs; of more, each pair with each would be too many. */
const few = 4;

/** The arrays stacked along the only reduced axis, if they are few. */
export function fewParts(x: Expr, reduced: readonly number[]): readonly [Expr, Expr, ...Expr[]] | undefined {
  const [axis, ...others] = reduced;
  const parts = axis === undefined || others.length > 0 ? undefined : partsOf(x, axis);
  if (!parts || parts.length < 2 || parts.length > few) return undefined;
  return parts.map((part) => toReal(part)) as [Expr, Expr, ...Expr[]];
}

/** e^x over its sum with one or two others; of one it is a sigmoid, whose second slope is right where the two are equal. */
function shareOf(x: Expr, [y, w]: readonly Expr[]): Expr {
  return w ? share(x, y!, w) : sigmoid(sub(x, y!));
}

function logShareOf(x: Expr, [y, w]: readonly Expr[]): Expr {
  return w ? logShare(x, y!, w) : logSigmoid(sub(x, y!));
}

/** Each of two or three parts with the others. */
function partsAndOthers(x: Expr, reduced: readonly number[]): (readonly [Expr, readonly Expr[]])[] | undefined {
  const parts = fewParts(x, reduced);
  if (!parts || parts.length > 3) return undefined;
  return parts.map((part, i) => [part, parts.filter((_, j) => j !== i)] as const);
}

/** What arrays of smaller numbers are divided by, for their norm: it has a reciprocal, and squares of what is left lose nothing. */
export const leastScale = 2 ** -1021;

/** Between these sums of squares have lost nothing, and what slopes of any order divide by stays in the range of numbers. */
const moderate = [1e-60, 1e60] as const;

/** The largest of some sizes, held constant, where these can be divided by it. */
function unitOf(largest: Expr): Expr {
  return select(isFiniteReal(largest), max(largest, anyUnitLike(leastScale, largest)), anyUnitLike(1, largest));
}

const largestOf = (sizes: Expr, reduced: readonly number[]): Expr => stopGradient(maximum(sizes, reduced));

/** A number in whatever units: of numbers near the smallest, what is divided by would have no reciprocal. */
const anyUnitLike = (value: number, like: Expr): Expr => anyUnit(like.graph.constantLike(value, like));

/**
 * Euclidean length m sqrt(sum (x/m)^2) with m = 1 where the sum of squares loses nothing, else max |x| held constant: nothing
 * overflows or underflows. 0 over nothing. Slope 0 at the origin.
 */
export function norm(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  const parts = fewParts(x, reduced);
  if (parts) return hypot(...parts);
  const real = toReal(x);
  const largest = largestOf(abs(real), reduced);
  const [least, most] = moderate.map((limit) => anyUnitLike(limit, largest));
  const held = stopGradient(sum(square(real), reduced));
  const isModerate = and(greater(held, least!), less(held, most!));
  const scale = select(isModerate, anyUnitLike(1, largest), unitOf(largest));
  const squares = sum(square(div(real, spread(scale, x, reduced))), reduced);
  return lengthOf(scale, squares);
}

/** (sum |x|^order)^(1/order) for an order above 0, taken as the Euclidean length is. Slope 0 at the origin. */
export function normOfOrder(x: Expr, reduced: readonly number[], order: number): Expr {
  const sizes = abs(toReal(x));
  const scale = unitOf(largestOf(sizes, reduced));
  const total = sum(pow(div(sizes, spread(scale, x, reduced)), order), reduced);
  const isZero = equal(total, 0);
  return select(isZero, 0, mul(scale, pow(select(isZero, 1, total), 1 / order)));
}

/** max x where it is finite, else 0: a shift for exponentials that no derivative sees. */
export function finiteShift(largest: Expr): Expr {
  const held = stopGradient(largest);
  return select(isFiniteReal(held), held, 0);
}

/** log sum e^x over the given axes, shifted by the largest element. -Infinity over nothing. */
export function logsumexp(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  const parts = fewParts(x, reduced);
  if (parts) return logaddexp(...parts);
  const index = axes(x.shape.length);
  const kept = keptAxes(x, reduced);
  return logsumexpOver({
    extents: x.shape,
    output: kept.map((axis) => iterators(axis)),
    shape: kept.map((axis) => x.shape[axis]!),
    factors: [{ of: toReal(x), index }],
  });
}

/**
 * log sum w e^x over the domain of a contraction, whose first factor is x, read at exactly its iterators; others are weights w, of
 * which those that are 0 leave the shift alone.
 */
export function logsumexpOver(terms: Terms): Expr {
  const [read, ...weights] = terms.factors as readonly [Read, ...Read[]];
  const { largest, shift, shifted } = shiftedPowers(terms);
  const total = contract({ ...terms, factors: [{ ...read, of: exp(shifted) }, ...weights] });
  // the total of nothing counts as 1, so that slopes are 0; of something the largest term is 1
  const isNone = equal(largest, Number.NEGATIVE_INFINITY);
  return add(log(add(total, toReal(isNone))), select(isNone, Number.NEGATIVE_INFINITY, shift));
}

/** The largest exponent of such a sum, the shift that no derivative sees, and the exponents less that. */
export function shiftedPowers(terms: Terms) {
  const [read, ...weights] = terms.factors as readonly [Read, ...Read[]];
  const { extents, lookups = [] } = terms;
  const isIn = weights.map(({ of, index }) => notEqual(view(of, extents, index, [], lookups), 0));
  const counted = isIn.reduce((x, each) => select(each, x, Number.NEGATIVE_INFINITY), read.of);
  const largest = reduce("max", { ...terms, factors: [{ ...read, of: counted }] });
  const shift = finiteShift(largest);
  const shiftThere = view(shift, extents, terms.output);
  // where a guard fails the exponent may be anything: it must not overflow, for 0 * Infinity would enter derivatives
  return { largest, shift, shifted: sub(whereGuarded(terms, read.of, shiftThere), shiftThere) };
}

/** x where the guards of a domain hold, and `otherwise` elsewhere. */
export function whereGuarded(terms: Terms, x: Expr, otherwise: Expr | number): Expr {
  const { guards = [], lookups = [], extents } = terms;
  if (guards.length === 0) return x;
  return select(present(x.graph, extents, guards, lookups), x, otherwise);
}

/** Where guards hold. */
export const present = (graph: Graph, shape: Shape, guards: readonly Guard[], lookups: readonly Expr[]): Expr =>
  equal(view(graph.constant(1), shape, [], guards, lookups), 1);

/** The domain with the guards of which `present` made a condition. */
export function presenceOf(condition: Expr): Required<Terms> | undefined {
  if (!isMap(condition, equal)) return undefined;
  const shown = condition.operands.find(({ graph, id }) => graph.isView(id));
  const terms = shown && termsOf(shown);
  if (!terms || !condition.operands.some(isOne)) return undefined;
  const { of } = terms.factors[0]!;
  return of.isScalar && isOne(of) ? terms : undefined;
}

const isOne = ({ constant }: Expr): boolean => constant === 1;

/** e^x / sum e^x over the given axes. */
export function softmax(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  const parts = partsAndOthers(x, reduced);
  if (parts)
    return stack(
      parts.map(([part, others]) => shareOf(part, others)),
      reduced[0],
    );
  const weights = exp(sub(toReal(x), spread(finiteShift(maximum(toReal(x), reduced)), x, reduced)));
  return div(weights, spread(sum(weights, reduced), x, reduced));
}

/** x - log sum e^x over the given axes; the shift is taken off first, so that small differences survive. */
export function logSoftmax(x: Expr, reduced: readonly number[] = allAxes(x)): Expr {
  const parts = partsAndOthers(x, reduced);
  if (parts)
    return stack(
      parts.map(([part, others]) => logShareOf(part, others)),
      reduced[0],
    );
  const shifted = sub(toReal(x), spread(finiteShift(maximum(toReal(x), reduced)), x, reduced));
  return sub(shifted, spread(log(sum(exp(shifted), reduced)), x, reduced));
}

/** (x - mean) / sqrt(variance + epsilon) over the given axes. */
export function layerNorm(x: Expr, reduced: readonly number[] = allAxes(x), epsilon = 1e-5): Expr {
  const distance = centred(toReal(x), reduced);
  return div(distance, spread(sqrt(add(mean(square(distance), reduced), epsilon)), x, reduced));
}

/** The position of the largest element along an axis, the first of equals; NaN counts as the largest. */
export function argmax(x: Expr, axis: number): Expr {
  return firstPosition(x, spread(maximum(x, [axis]), x, [axis]), axis);
}

/** The position of the smallest element along an axis, the first of equals; NaN counts as the smallest. */
export function argmin(x: Expr, axis: number): Expr {
  return firstPosition(x, spread(minimum(x, [axis]), x, [axis]), axis);
}

function firstPosition(x: Expr, winner: Expr, axis: number): Expr {
  return minimum(winningPositions(x, winner, axis), [axis]);
}

/** The first position of an extreme along the only axis that a domain of one whole read gathers. */
export function positionOver(how: "max" | "min", terms: Terms, axis: number): Expr {
  const [read] = terms.factors;
  const { of } = read!;
  const positions = winningPositions(of, spread(reduce(how, terms), of, [axis]), axis);
  return reduce("min", { ...terms, factors: [{ ...read!, of: positions }] });
}

/** Along an axis, positions where x is the winner or NaN, and the size elsewhere. */
function winningPositions(x: Expr, winner: Expr, axis: number): Expr {
  const { graph } = x;
  const wins = or(equal(x, winner), isNaNReal(toReal(x)));
  return select(wins, graph.iota(x.shape, axis), graph.size(x.shape[axis]!, x.shape));
}

/** Running terms along an axis: element i meets the elements j <= i. */
export function running(x: Expr, axis: number): Terms {
  const earlier = iterators(x.shape.length);
  return {
    extents: [...x.shape, x.shape[axis]!],
    output: axes(x.shape.length),
    shape: x.shape,
    factors: [{ of: x, index: axes(x.shape.length).map((index, at) => (at === axis ? earlier : index)) }],
    guards: [{ index: iterators(axis).minus(earlier), extent: undefined }],
  };
}

/** z_i = x_0 + ... + x_i along an axis: a sum over a triangle. */
export function cumsum(x: Expr, axis: number): Expr {
  return contract(running(x, axis));
}

/** How the axes of a matrix product meet, told in letters: what both share and the output lacks is summed. */
export interface ProductAxes {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly output: readonly string[];
}

/**
 * The axes of x @ y by rank: [n] @ [n], [m, n] @ [n], [n] @ [n, p], [m, n] @ [n, p]. Of more axes all but the last two
 * are a batch, aligned from the right.
 */
export function matmulAxes(leftRank: number, rightRank: number): ProductAxes {
  const batch = (rank: number) => Array.from({ length: Math.max(0, rank - 2) }, (_, k) => `b${rank - 3 - k}`);
  const widest = batch(Math.max(leftRank, rightRank));
  const row = leftRank >= 2 ? ["m"] : [];
  const column = rightRank >= 2 ? ["p"] : [];
  return {
    left: [...batch(leftRank), ...row, "n"],
    right: [...batch(rightRank), "n", ...column],
    output: [...widest, ...row, ...column],
  };
}

/** Sum of products over named axes: each factor's axes are letters; letters that the output lacks are summed. */
export function einsum(
  factors: readonly { readonly of: Expr; readonly axes: readonly string[] }[],
  output: readonly string[],
): Expr {
  const letters = [...new Set([...output, ...factors.flatMap((factor) => factor.axes)])];
  const extents = letters.map((letter) => extentOf(letter, factors));
  const atom = (letter: string) => iterators(letters.indexOf(letter));
  return contract({
    extents,
    output: output.map(atom),
    shape: output.map((letter) => extents[letters.indexOf(letter)]!),
    factors: factors.map(({ of, axes: names }): Read => ({ of, index: names.map(atom) })),
  });
}

function extentOf(
  letter: string,
  factors: readonly { readonly of: Expr; readonly axes: readonly string[] }[],
): Integer {
  const sizes = factors.flatMap(({ of, axes: names }) => {
    const at = names.indexOf(letter);
    return at < 0 ? [] : [of.shape[at]!];
  });
  const size = sizes[0];
  if (!size) throw new ShapeError(`the axis "${letter}" is in no factor.`);
  if (sizes.some((other) => !other.equals(size))) {
    const shapes = factors.map(({ of }) => showShape(of.shape));
    throw new ShapeError(`the axis "${letter}" has different sizes in ${shapes.join(" and ")}.`, { shapes });
  }
  return size;
}

/** Matrix product z[.., i, k] = sum_j x[.., i, j] y[.., j, k]; see {@link matmulAxes}. Throws ShapeError. */
export function matmul(x: Expr, y: Expr): Expr {
  const { left, right, output } = matmulAxes(x.shape.length, y.shape.length);
  return einsum(
    [
      { of: toReal(x), axes: left },
      { of: toReal(y), axes: right },
    ],
    output,
  );
}

/** z[i.., j..] = x[i..] y[j..]. */
export function outer(x: Expr, y: Expr): Expr {
  const left = x.shape.map((_, axis) => `x${axis}`);
  const right = y.shape.map((_, axis) => `y${axis}`);
  return einsum(
    [
      { of: toReal(x), axes: left },
      { of: toReal(y), axes: right },
    ],
    [...left, ...right],
  );
}

/** z[.., i] = x[.., i, i]: the diagonal of the last two axes, which are equal. */
export function diagonal(x: Expr): Expr {
  return einsum([{ of: x, axes: squareAxes(x) }], squareAxes(x).slice(0, -1));
}

/** sum_i x[.., i, i]. */
export function trace(x: Expr): Expr {
  return einsum([{ of: x, axes: squareAxes(x) }], squareAxes(x).slice(0, -2));
}

function squareAxes(x: Expr): string[] {
  const rank = x.shape.length;
  const [rows, columns] = x.shape.slice(-2);
  if (!rows || !columns?.equals(rows)) {
    throw new ShapeError(`a diagonal needs a square matrix [n, n], got ${showShape(x.shape)}.`, {
      shapes: [showShape(x.shape)],
    });
  }
  return [...Array.from({ length: rank - 2 }, (_, k) => `b${k}`), "i", "i"];
}

/** 1 on the diagonal of a square matrix, 0 elsewhere. */
export function eye(graph: Graph, size: Integer): Expr {
  return view(graph.constant(1), [size, size], [], [{ index: iterators(0).minus(iterators(1)), extent: Integer.one }]);
}
