import { ofLibrary } from "../ir/arguments/require-primitive.ts";
import { alwaysHolds, areAxes, type Guard, mayHoldLookup } from "../ir/contraction.ts";
import type { Expr, Graph, Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Primitive } from "../ir/primitive.ts";
import { rebuild } from "../ir/walks/traverse.ts";
import { present } from "../ops/arrays/composites.ts";
import { axes, contract, type Read, type Terms, termsOf, view } from "../ops/arrays/contractions.ts";
import { add, div, mul, neg, sub } from "../ops/elementary/algebra.ts";
import { toReal } from "../ops/elementary/cast.ts";
import { allOf, and, greater, not, notEqual, or, select } from "../ops/elementary/comparison.ts";
import { stopGradient } from "../ops/elementary/opaque.ts";
import { pow } from "../ops/elementary/powers.ts";
import { isMap } from "../ops/maps.ts";
import { xlog1py, xlogy } from "../ops/special/special.ts";
import { conjunctsOf, isZero, partOver, throughViews } from "./masks.ts";

// Steep slopes: that of sqrt(x) is infinite at 0. Where x is an element of a pad, or t k with t = 0 in the data, it does not vary,
// and the slope counts for nothing: it is taken as 0 there, for 0 * Infinity would be NaN.

type Test = (node: Expr) => boolean;

/** What is known of a node that has one value, and does not vary, at some elements. */
interface Rest {
  readonly value: number;
  /** True where this is the same at every call, exponents' signs aside. */
  readonly isFixed: boolean;
  /** True of all others: a bool of the node's shape, made when it is needed. */
  readonly moves: () => Expr;
}

/** Nodes that a query looks at, at most, and steps down to them. */
const mostNodes = 64;
const deepest = 16;

/**
 * Where a node with a slope that may be infinite varies with an operand: elsewhere the slope is to be 0. Undefined where the slope is
 * finite, or the operand varies everywhere. `depends` is true of nodes that depend on a variable.
 */
export function variationAtSteep(node: Expr, position: number, depends: Test): Expr | undefined {
  const steep = steepPoints(node, position);
  if (steep.length === 0) return undefined;
  const rest = new Rests(depends).of(node.operands[position]!);
  if (!rest || !steep.includes(rest.value)) return undefined;
  const moves = rest.moves();
  return isAlways(moves) ? undefined : moves;
}

/**
 * Where the slope of a function in an operand is infinite and its value is not; of two operands, in the first one alone. Functions of
 * people's own are not called to find out.
 */
function steepPoints({ graph, id }: Expr, position: number): readonly number[] {
  const count = graph.operandCount(id);
  if (position > 0 || count > 2) return [];
  const primitive = graph.primitiveOf(id);
  if (!ofLibrary.has(primitive)) return [];
  const exponent = primitive === pow.primitive ? graph.expr(graph.operandAt(id, 1)).constant : undefined;
  if (exponent !== undefined) return exponent > 0 && exponent < 1 ? [0] : [];
  const found = known.get(primitive) ?? pointsOf(primitive, count > 1);
  known.set(primitive, found);
  return found;
}

const known = new WeakMap<Primitive, readonly number[]>();

/** Roots are steep at 0, inverse sines at 1 and -1: slopes of other functions stay below 1e6 over the least step. */
function pointsOf(primitive: Primitive, isOfTwo: boolean): readonly number[] {
  if (primitive === xlogy.primitive || primitive === xlog1py.primitive) return [0];
  const isSteep = (at: number, ...other: number[]) => {
    const f = (x: number) => Number(primitive.real(x, ...other));
    const step = at === 0 ? 1e-300 : 2 ** -52;
    // less is rounding
    const least = Math.max(1e6 * step, 1e-10 * Math.abs(f(at)));
    return Number.isFinite(f(at)) && [step, -step].some((change) => Math.abs(f(at + change) - f(at)) > least);
  };
  // powers x^y and their slopes in y or x are steep at 0 for some y
  return isOfTwo ? [0].filter((at) => isSteep(at, 0.5) || isSteep(at, 1.5)) : [-1, 0, 1].filter((at) => isSteep(at));
}

/** What is at rest among the operands of a node, as far as one query has asked. */
class Rests {
  private readonly depends: Test;
  private readonly known = new Map<Expr, Rest | undefined>();

  constructor(depends: Test) {
    this.depends = depends;
  }

  of(node: Expr, depth = deepest): Rest | undefined {
    if (depth === 0 || this.known.size > mostNodes) return undefined;
    if (!this.known.has(node)) this.known.set(node, this.find(node, depth - 1));
    return this.known.get(node);
  }

  private find(node: Expr, depth: number): Rest | undefined {
    const constant = node.constant;
    if (constant !== undefined)
      return { value: constant, isFixed: true, moves: () => node.graph.constantLike(0, node, "bool") };
    if (node.dtype !== "real") return undefined;
    if (!this.depends(node))
      return node.kind === "size" ? undefined : { value: 0, isFixed: true, moves: () => isNotZero(node) };
    if (node.kind === "map") return this.ofMap(node, depth);
    return node.kind === "contraction" ? this.ofContraction(node, depth) : undefined;
  }

  private ofMap(node: Expr, depth: number): Rest | undefined {
    const [x, y] = node.operands as [Expr, Expr];
    const zero = (operand: Expr) => zeroOf(this.of(operand, depth));
    if (isMap(node, mul)) {
      const zeros = node.operands.flatMap((operand) => zero(operand) ?? []);
      if (zeros.length > 0)
        return { value: 0, isFixed: areFixed(zeros), moves: () => zeros.map(({ moves }) => moves()).reduce(both) };
    }
    const first = isMap(node, div) || isMap(node, xlogy) || isMap(node, xlog1py) ? zero(x) : undefined;
    if (first && !(isMap(node, div) && this.depends(y) && zero(y))) return first;
    if (isMap(node, pow)) {
      const base = zero(x);
      const exponent = y.constant;
      if (base && exponent === undefined) return { ...base, moves: () => either(base.moves(), not(greater(y, 0))) };
    }
    if (isMap(node, select)) return this.ofChoice(node, depth);
    return this.ofFunction(node, depth) ?? (isMap(node, add) || isMap(node, sub) ? ofDifference(node) : undefined);
  }

  /** A choice rests where the side that it takes does. */
  private ofChoice({ operands }: Expr, depth: number): Rest | undefined {
    const [condition, yes, no] = operands as [Expr, Expr, Expr];
    const sides = [this.of(yes, depth), this.of(no, depth)] as const;
    const value = (sides.find((side) => side?.value === 0) ?? sides[0] ?? sides[1])?.value;
    if (value === undefined) return undefined;
    const moves = (side: Rest | undefined, taken: Expr) => (side?.value === value ? both(taken, side.moves()) : taken);
    const isFixed = !this.depends(condition) && sides.every((side) => side?.isFixed ?? true);
    return { value, isFixed, moves: () => either(moves(sides[0], condition), moves(sides[1], not(condition))) };
  }

  /** A function rests where all of its operands do. */
  private ofFunction(node: Expr, depth: number): Rest | undefined {
    const rests: Rest[] = [];
    for (const operand of node.operands) {
      const rest = this.of(operand, depth);
      if (!rest) return undefined;
      rests.push(rest);
    }
    const value = Number(node.graph.primitiveOf(node.id).real(...rests.map((rest) => rest.value)));
    const moves = () => rests.map((rest) => rest.moves()).reduce(either);
    return Number.isFinite(value) ? { value, isFixed: areFixed(rests), moves } : undefined;
  }

  /** A sum is 0 where each of its terms is absent, or has a factor that is 0. */
  private ofContraction(node: Expr, depth: number): Rest | undefined {
    const terms = termsOf(node);
    const [first, ...others] = terms.factors as [Read, ...Read[]];
    const open = openGuards(terms);
    if (open.length === 0 && others.length === 0 && node.graph.isView(node.id)) {
      const rest = this.of(first.of, depth);
      return rest && { ...rest, moves: () => readAt(rest.moves(), first.index, terms) };
    }
    const zeros = terms.factors.flatMap(({ of, index }) => {
      const rest = zeroOf(this.of(of, depth));
      return rest ? [{ rest, index }] : [];
    });
    const { output, shape } = terms;
    const isGathered = areAxes(output) && output.length === shape.length;
    if (zeros.length === 0 && open.length === 0 && isGathered) return undefined;
    const isFixed = areFixed(zeros.map(({ rest }) => rest));
    const domain = { ...terms, guards: open };
    const conditions = () => zeros.map(({ rest, index }) => ({ of: rest.moves(), index }));
    if (!isGathered) return isFixed ? { value: 0, isFixed, moves: () => haveAny(domain, conditions()) } : undefined;
    return { value: 0, isFixed, moves: () => haveTerms(domain, conditions(), isFixed) };
  }
}

/** Where a place of the result has a term that meets all conditions. */
function haveAny(terms: Required<Terms>, conditions: readonly Read[]): Expr {
  const factors = conditions.map(({ of, index }) => ({ of: toReal(of), index }));
  const one = { of: terms.factors[0]!.of.graph.constant(1), index: [] };
  return greater(contract({ ...terms, factors: factors.length > 0 ? factors : [one] }), 0);
}

/** The same of a sum, or some places more where telling them would take a sum at every call. */
function haveTerms(terms: Required<Terms>, conditions: readonly Read[], isFixed: boolean): Expr {
  const { shape, extents } = terms;
  const withTerms = isPresent(terms.factors[0]!.of.graph, shape, openOver(terms), terms.lookups);
  if (extents.length === shape.length) {
    return conditions.map(({ of, index }) => readAt(of, index, terms)).reduce(both, withTerms);
  }
  const parts = conditions.flatMap(({ of, index }) => [...conjunctsOf(of)].map((part) => partOver(shape, part, index)));
  const told = parts.filter((part) => part !== undefined);
  return isFixed && told.length < parts.length ? haveAny(terms, conditions) : told.reduce(both, withTerms);
}

/** x - y of two elements of one array, which may be the same. */
function ofDifference(node: Expr): Rest | undefined {
  const [x, y] = node.operands as [Expr, Expr];
  const other = isMap(node, sub) ? y : isMap(y, neg) ? y.operands[0]! : undefined;
  const [a, b] = [x, other].map((side) => side && throughViews(side, axes(side.shape.length)));
  if (!a || !b || a.of !== b.of || a.guards.length + b.guards.length > 0) return undefined;
  const gaps = a.index.flatMap((each, axis) => (each.equals(b.index[axis]!) ? [] : [each.minus(b.index[axis]!)]));
  if (gaps.some((gap) => !gap.isVariable() || mayHoldLookup(gap))) return undefined;
  const guards = gaps.map((index) => ({ index, extent: Integer.one }));
  return { value: 0, isFixed: true, moves: () => not(isPresent(node.graph, node.shape, guards)) };
}

/** The guards of a domain and the ranges of what it reads, as far as they may fail. */
function openGuards({ factors, guards, extents }: Required<Terms>): Guard[] {
  const ranges = factors.flatMap(({ of, index }) =>
    index.map((each, axis) => ({ index: each, extent: of.shape[axis]! })),
  );
  return [...guards, ...ranges].filter((guard) => !alwaysHolds(guard, extents));
}

/** The guards under which a place of the result has terms, as far as the ends of the summed iterators tell. */
function openOver({ guards, extents, shape }: Required<Terms>): Guard[] {
  let ends = guards.flatMap(({ index, extent }) => (extent ? [index, extent.minus(1).minus(index)] : [index]));
  for (let summed = shape.length; summed < extents.length; summed++) {
    const isSummed = (each: Integer) => each.iterators().includes(summed);
    const signs = new Set(
      ends.filter(isSummed).map((each) => Math.sign(each.coefficientOf(summed)?.value ?? Number.NaN)),
    );
    const [sign] = signs;
    const end = sign === 1 ? extents[summed]!.minus(1) : Integer.zero;
    const isTold = signs.size === 1 && !Number.isNaN(sign);
    const places = extents.map((_, iterator) => (iterator === summed ? end : undefined));
    ends = isTold ? ends.map((each) => each.withIterators(places)) : ends.filter((each) => !isSummed(each));
  }
  return ends.map((index) => ({ index, extent: undefined }));
}

/** Where guards hold. */
const isPresent = (graph: Graph, shape: Shape, guards: readonly Guard[], lookups: readonly Expr[] = []): Expr =>
  guards.length > 0 ? present(graph, shape, guards, lookups) : graph.constant(1, shape, "bool");

/** A condition read over the domain of a view. */
function readAt(condition: Expr, index: readonly Integer[], { shape, guards, lookups }: Required<Terms>): Expr {
  const value = condition.constant;
  return value === 0 ? condition.graph.constant(0, shape, "bool") : view(condition, shape, index, guards, lookups);
}

const areFixed = (rests: readonly Rest[]) => rests.every(({ isFixed }) => isFixed);
const zeroOf = (rest: Rest | undefined) => (rest?.value === 0 ? rest : undefined);
const isAlways = (condition: Expr) => condition.constant === 1;
const isNever = (condition: Expr) => condition.constant === 0;

const both = (a: Expr, b: Expr): Expr => (isAlways(a) || isNever(b) ? b : isAlways(b) || isNever(a) ? a : and(a, b));
const either = (a: Expr, b: Expr): Expr => (isNever(a) || isAlways(b) ? b : isNever(b) || isAlways(a) ? a : or(a, b));

/** Whether a node that does not vary is other than 0, in a form that tells this from conditions of the model. */
const isNotZero = (fixed: Expr) => notEqual(stopGradient(stopGradient(fixed)), 0);

/** The node that such a condition takes for fixed. */
function fixedIn(condition: Expr): Expr | undefined {
  if (!isMap(condition, notEqual) || !condition.operands.some(isZero)) return undefined;
  const fixed = condition.operands.find((side) => isMap(side, stopGradient))?.operands[0];
  return fixed && isMap(fixed, stopGradient) ? fixed : undefined;
}

/** The roots as they are where nothing is taken for fixed: at a point where something is 0, what points around lead to. */
export const allVarying = (roots: readonly Expr[]): Expr[] =>
  rebuild(roots, (_, original) => (fixedIn(original) ? original.graph.constantLike(1, original, "bool") : undefined));

/** Conditions are looked through so far. */
const mostParts = 64;

/**
 * A condition without the parts that take for fixed what depends on a variable of this derivative, whatever an earlier one took it
 * for. Undefined where that is all of it.
 */
export function withoutFixed(condition: Expr, depends: Test): Expr | undefined {
  if (!depends(condition)) return condition;
  const parts = [...conjunctsOf(condition)];
  const kept = parts.filter((part) => !takesForFixed(part, depends));
  return kept.length === parts.length ? condition : kept.length > 0 ? allOf(kept) : undefined;
}

/** Whether a condition takes for fixed what `depends` holds for. */
export function takesForFixed(condition: Expr, depends: Test = () => true): boolean {
  const pending = [condition];
  for (let k = 0; k < pending.length && k < mostParts; k++) {
    const fixed = fixedIn(pending[k]!);
    if (fixed && depends(fixed)) return true;
    if (!fixed) pending.push(...pending[k]!.operands.filter((operand) => depends(operand) && isOfConditions(operand)));
  }
  return false;
}

/** True of a condition, and of what counts them. */
const isOfConditions = (node: Expr) => node.dtype === "bool" || node.kind === "contraction" || isMap(node, toReal);
