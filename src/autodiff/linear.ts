import { type Guard, hasLookup, iterators } from "../ir/contraction.ts";
import { ShapeError } from "../ir/errors.ts";
import { type Expr, type Shape, sameShape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Partial, Primitive } from "../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square } from "../ops/algebra.ts";
import { toReal } from "../ops/cast.ts";
import { and, equal, not, select } from "../ops/comparison.ts";
import { axes, contract, type Read, reduce, type Terms, view } from "../ops/contractions.ts";

/**
 * How a node responds, to first order, to one of its operands: d node = factor * d operand (pointwise), or a
 * contraction of d operand with fixed factors. Both directions of differentiation read the same terms.
 */
export type LinearTerm =
  | { readonly kind: "pointwise"; readonly operand: Expr; readonly factor: Expr }
  | { readonly kind: "contraction"; readonly operand: Expr; readonly terms: Terms; readonly position: number };

/** Why a node has no derivative in an operand. */
export interface NoDerivative {
  readonly kind: "none";
  readonly operand: Expr;
  readonly reason: string;
}

/** The first-order response of `node` to those of its operands that `isActive`. */
export function linearTerms(node: Expr, isActive: (operand: Expr) => boolean): (LinearTerm | NoDerivative)[] {
  const activeReal = (operand: Expr) => operand.dtype === "real" && isActive(operand);
  switch (node.kind) {
    case "map":
      return mapTerms(node, activeReal);
    case "contraction":
      return contractionTerms(termsOf(node), activeReal);
    case "reduce":
      return node.graph.combineOf(node.id) === "prod" ? productTerms(node, activeReal) : extremeTerms(node, activeReal);
    default:
      return [];
  }
}

/**
 * The change of the node for a change `tangent` of the term's operand. With `batch`, the tangent carries extra axes
 * at its end, one change for each of their elements, and so does the result.
 */
export function applyForward(term: LinearTerm, tangent: Expr, batch: Shape = []): Expr | undefined {
  if (term.kind === "pointwise") {
    const { factor } = term;
    if (batch.length === 0) return scale(tangent, factor);
    return scalePart(tangent, factor) ?? scale(tangent, view(factor, tangent.shape, axes(factor.shape.length)));
  }
  const { terms, position } = term;
  const along = batch.map((_, axis) => iterators(terms.extents.length + axis));
  const factors = terms.factors.map((factor, k) =>
    k === position ? { of: tangent, index: [...factor.index, ...along] } : factor,
  );
  return contract({
    ...terms,
    factors: shielded(factors, position),
    extents: [...terms.extents, ...batch],
    output: [...terms.output, ...along],
    shape: [...terms.shape, ...batch],
  });
}

/** The transpose: what a cotangent of the node contributes to the operand's. Output and factor change places. */
export function applyTranspose(term: LinearTerm, cotangent: Expr): Expr | undefined {
  if (term.kind === "pointwise") return scale(cotangent, term.factor);
  const { terms, position } = term;
  const target = terms.factors[position]!;
  const factors: Read[] = terms.factors.map((factor, k) =>
    k === position ? { of: cotangent, index: terms.output } : factor,
  );
  return contract({ ...terms, factors: shielded(factors, position), output: target.index, shape: target.of.shape });
}

/**
 * The factors of a product with those masked that stand beside a masked one, where they share the axes of its condition:
 * rows that a choice leaves out may be NaN, and 0 times NaN is NaN.
 */
function shielded(factors: readonly Read[], position: number): readonly Read[] {
  const linear = factors[position]!;
  if (factors.length === 1) return factors;
  const conditions = conditionsOn(linear.of, linear.of.shape.length);
  if (conditions.length === 0) return factors;
  const reads = conditions.map((condition) => throughViews(condition, linear.index));
  return factors.map((factor, k) => {
    if (k === position || factor.of.dtype !== "real" || factor.of.kind === "constant") return factor;
    const own = reads.flatMap((read) => overAxesOf(factor, read) ?? []);
    const hidden = own.reduce((value, condition) => masked(condition, value) ?? value, factor.of);
    return hidden === factor.of ? factor : { of: hidden, index: factor.index };
  });
}

/** A condition over the axes of a factor, where these are all that it depends on. */
function overAxesOf({ of, index }: Read, { of: condition, index: at, guards }: GuardedRead): Expr | undefined {
  const axisOf = new Map<number, number>();
  for (const [axis, each] of index.entries()) {
    const unit = each.unitIterator();
    if (unit?.sign === 1 && unit.offset.value === 0) axisOf.set(unit.iterator, axis);
  }
  const all = [...at, ...guards.map((guard) => guard.index)];
  const isCovered = all.every((each) => !hasLookup(each) && each.iterators().every((iterator) => axisOf.has(iterator)));
  if (!isCovered) return undefined;
  const places: Integer[] = [];
  for (const [iterator, axis] of axisOf) places[iterator] = iterators(axis);
  const move = (each: Integer) => each.withIterators(places);
  const moved = guards.map((guard) => ({ index: move(guard.index), extent: guard.extent }));
  return view(condition, of.shape, at.map(move), moved);
}

/**
 * A tangent that is part of a batch only, as the identity is its diagonal, times a factor that is the same in the whole
 * batch: what is absent stays absent, and an infinite factor makes no 0 * Infinity of it.
 */
function scalePart(tangent: Expr, factor: Expr): Expr | undefined {
  const { graph } = tangent;
  if (!graph.isView(tangent.id)) return undefined;
  const { factors, guards, lookups } = termsOf(tangent);
  const { of, index } = factors[0]!;
  const own = axes(factor.shape.length);
  const isWhole = of.kind === "constant" || (sameShape(of.shape, factor.shape) && isSame(index, own));
  if (!isWhole) return undefined;
  const whole = of.kind === "constant" ? graph.constantLike(graph.constantOf(of.id), factor) : of;
  const scaled = scale(whole, factor);
  return scaled && view(scaled, tangent.shape, own, guards, lookups);
}

const isSame = (a: readonly Integer[], b: readonly Integer[]) =>
  a.length === b.length && a.every((index, axis) => index.equals(b[axis]!));

/** linear * factor, without terms that are structurally zero and without 0 * NaN from masked branches. */
export function scale(linear: Expr, factor: Expr): Expr | undefined {
  const { graph } = factor;
  if (factor.kind === "constant") {
    const value = graph.constantOf(factor.id);
    if (value === 0) return undefined;
    if (value === 1) return linear;
    if (value === -1) return negated(linear);
  }
  if (linear.kind === "constant" && graph.constantOf(linear.id) === 1) return factor;
  // a product with a masked value is taken under the mask: what it hides may be infinite or NaN
  const mask = maskOf(factor);
  if (!mask) return scaleMasked(linear, factor);
  return masked(mask.condition, mask.value === factor ? scaleMasked(linear, factor) : scale(linear, mask.value));
}

function scaleMasked(linear: Expr, factor: Expr): Expr | undefined {
  const mask = maskWithin(linear);
  if (!mask) return product(linear, factor);
  return masked(mask.condition, mask.value === linear ? product(linear, factor) : scale(mask.value, factor));
}

/** linear * factor, in an order in which nothing overflows or vanishes on the way to a result of ordinary size. */
function product(linear: Expr, factor: Expr): Expr {
  const inner = operandOf(factor, neg.primitive);
  const scaled = positiveProduct(linear, inner ?? factor);
  return inner ? neg(scaled) : scaled;
}

/** A square is multiplied in twice; what is divided by is divided by at the end. What is both factor and divisor is gone. */
function positiveProduct(linear: Expr, factor: Expr): Expr {
  const root = operandOf(factor, square.primitive);
  if (root) return mul(mul(linear, root), root);
  const divisor = operandOf(factor, reciprocal.primitive);
  if (divisor) return withoutFactor(linear, divisor) ?? mul(linear, factor);
  const quotient = operandsOf(factor, div.primitive);
  if (!quotient) return withoutDivisor(linear, factor) ?? mul(linear, factor);
  const [a, b] = quotient;
  const rest = withoutFactor(linear, b);
  if (rest) return mul(rest, a);
  const undivided = withoutDivisor(linear, a);
  return undivided ? div(undivided, b) : div(mul(linear, a), b);
}

/** A product or quotient without one of its factors: x log x has the slope log x + 1, where x/x would be 0/0 at 0. */
function withoutFactor(whole: Expr, gone: Expr): Expr | undefined {
  if (whole === gone) return whole.graph.constantLike(1, whole);
  const negation = operandOf(whole, neg.primitive);
  if (negation) return opposite(withoutFactor(negation, gone));
  const [a, b] = operandsOf(whole, mul.primitive) ?? [];
  if (a === gone || b === gone) return a === gone ? b : a;
  const [numerator, denominator] = operandsOf(whole, div.primitive) ?? [];
  const rest = numerator && withoutFactor(numerator, gone);
  if (rest) return div(rest, denominator!);
  const [over, under] = operandsOf(denominator, div.primitive) ?? [];
  if (under === gone) return div(numerator!, over!);
  // as c / (a/b) does, 1 / (a/b) holds b as a factor
  const [inner, outer] = operandsOf(operandOf(whole, reciprocal.primitive), div.primitive) ?? [];
  return outer === gone ? reciprocal(inner!) : undefined;
}

/** A quotient without one of the factors that it is divided by: the slopes of log(x y) are 1/x and 1/y. */
function withoutDivisor(whole: Expr, gone: Expr): Expr | undefined {
  const negation = operandOf(whole, neg.primitive);
  if (negation) return opposite(withoutDivisor(negation, gone));
  const divisor = operandOf(whole, reciprocal.primitive);
  if (divisor === gone) return whole.graph.constantLike(1, whole);
  const [a, b] = operandsOf(divisor, mul.primitive) ?? [];
  if (a === gone || b === gone) return reciprocal(a === gone ? b! : a!);
  const [numerator, denominator] = operandsOf(whole, div.primitive) ?? [];
  if (denominator === gone) return numerator;
  const [c, d] = operandsOf(denominator, mul.primitive) ?? [];
  return c === gone || d === gone ? div(numerator!, c === gone ? d! : c!) : undefined;
}

const opposite = (x: Expr | undefined) => x && neg(x);

/** The operands of a node that applies `primitive` to two. */
function operandsOf(node: Expr | undefined, primitive: Primitive): readonly [Expr, Expr] | undefined {
  const applies = node?.kind === "map" && node.graph.primitiveOf(node.id) === primitive;
  return applies ? (node.operands as [Expr, Expr]) : undefined;
}

/** The operand of a node that applies `primitive`. */
function operandOf(node: Expr, primitive: Primitive): Expr | undefined {
  return node.kind === "map" && node.graph.primitiveOf(node.id) === primitive ? node.operands[0] : undefined;
}

/** A node that is 0 unless a condition holds, and its value where it does: another node, or itself. */
interface Mask {
  readonly condition: Expr;
  readonly value: Expr;
}

/** Views of views of a mask are looked through so far. */
const deepestMask = 8;

function maskOf(node: Expr, depth = 0): Mask | undefined {
  const { graph } = node;
  if (node.kind === "operation") return chosenMask(node);
  if (depth < deepestMask && graph.isView(node.id)) return viewedMask(node, depth);
  if (depth < deepestMask && node.kind === "contraction") return gatheredMask(node, depth);
  if (node.kind !== "map") return undefined;
  const primitive = graph.primitiveOf(node.id);
  if (primitive === neg.primitive && depth < deepestMask) {
    const inner = maskOf(node.operands[0]!, depth + 1);
    return inner && { condition: inner.condition, value: inner.value === node.operands[0] ? node : neg(inner.value) };
  }
  if (primitive !== select.primitive) return undefined;
  const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
  if (isZero(no)) return { condition, value: yes };
  return isZero(yes) ? { condition: not(condition), value: no } : undefined;
}

/** A choice of which one side is 0 is masked by its condition. */
function chosenMask(node: Expr): Mask | undefined {
  const { graph, id } = node;
  const operation = graph.operationOf(id);
  if (operation.kind !== "choice") return undefined;
  const result = graph.resultOf(id);
  const everywhere = (condition: Expr) => view(condition, node.shape, []);
  const condition = node.operands[0]!;
  if (isZero(operation.no.roots[result]!)) return { condition: everywhere(condition), value: node };
  return isZero(operation.yes.roots[result]!) ? { condition: everywhere(not(condition)), value: node } : undefined;
}

/** A view of a masked value is the view of the value under the view of the condition. */
function viewedMask(node: Expr, depth: number): Mask | undefined {
  const { factors, guards, lookups } = termsOf(node);
  const { of, index } = factors[0]!;
  const inner = maskOf(of, depth + 1);
  if (!inner) return undefined;
  const value = inner.value === of ? node : view(inner.value, node.shape, index, guards, lookups);
  // where a guard fails the value is 0, whatever the condition: without guards one condition has one form
  return { condition: view(inner.condition, node.shape, index, [], lookups), value };
}

/** The mask of a node, products without a sum among them. */
function maskWithin(node: Expr): Mask | undefined {
  const isProduct = node.kind === "contraction" && !node.graph.isView(node.id);
  return isProduct ? factorMask(node, 0) : maskOf(node);
}

/** A sum is masked by the conditions on a factor that no summed iterator changes. */
function gatheredMask(node: Expr, depth: number): Mask | undefined {
  const { shape, extents } = termsOf(node);
  // a product without a sum stays one: what reads it takes its factors
  return extents.length === shape.length ? undefined : factorMask(node, depth);
}

/** The conditions on a factor, where no summed iterator changes them. */
function factorMask(node: Expr, depth: number): Mask | undefined {
  const { factors, output, shape } = termsOf(node);
  const rank = shape.length;
  if (!isSame(output, axes(rank))) return undefined;
  const stays = (index: Integer) => !index.atoms().some((atom) => atom.kind === "lookup") && isBelow(rank, index);
  for (const { of, index } of factors) {
    const mask = maskOf(of, depth + 1);
    if (!mask) continue;
    const [first, ...others] = [...conjunctsOf(mask.condition)].flatMap((condition) => {
      const read = throughView(condition, index);
      const indices = [...read.index, ...read.guards.map((guard) => guard.index)];
      return indices.every(stays) ? [view(read.of, shape, read.index, read.guards)] : [];
    });
    if (first) return { condition: others.reduce((all, condition) => and(all, condition), first), value: node };
  }
  return undefined;
}

/**
 * The conditions without which a node is 0, as far as they depend on its first `rank` axes alone: bools of those axes.
 */
export function conditionsOn(node: Expr, rank: number): Expr[] {
  const isContraction = node.kind === "contraction" && !node.graph.isView(node.id);
  const mask = isContraction ? factorMask(node, 0) : maskOf(node);
  if (!mask) return [];
  return [...conjunctsOf(mask.condition)].flatMap((condition) => {
    const read = throughViews(condition, axes(node.shape.length));
    const indices = [...read.index, ...read.guards.map((guard) => guard.index)];
    const stays = indices.every((index) => isBelow(rank, index) && !hasLookup(index));
    return stays ? [view(read.of, node.shape.slice(0, rank), read.index, read.guards)] : [];
  });
}

const isBelow = (rank: number, index: Integer) => index.iterators().every((iterator) => iterator < rank);

interface GuardedRead extends Read {
  readonly guards: readonly Guard[];
}

/** What a read of views of views reads in the end. */
function throughViews(node: Expr, index: readonly Integer[]): GuardedRead {
  let read: GuardedRead = { of: node, index, guards: [] };
  for (let depth = 0; depth < deepestMask && read.of.graph.isView(read.of.id); depth++) {
    const inner = throughView(read.of, read.index);
    read = { ...inner, guards: [...read.guards, ...inner.guards] };
  }
  return read;
}

/** What a read of a view reads, and where. */
function throughView(node: Expr, index: readonly Integer[]): GuardedRead {
  if (!node.graph.isView(node.id)) return { of: node, index, guards: [] };
  const { factors, guards = [] } = termsOf(node);
  const move = (inner: Integer) => inner.withIterators(index);
  const moved = guards.map((guard) => ({ index: move(guard.index), extent: guard.extent }));
  return { of: factors[0]!.of, index: factors[0]!.index.map(move), guards: moved };
}

const isZero = (x: Expr) => x.kind === "constant" && x.graph.constantOf(x.id) === 0;

const isSelect = (node: Expr) => node.kind === "map" && node.graph.primitiveOf(node.id) === select.primitive;

function negated(linear: Expr): Expr {
  const mask = isSelect(linear) ? maskOf(linear) : undefined;
  return mask ? select(mask.condition, neg(mask.value), 0) : neg(linear);
}

/** Masks of masks are one mask, so that a chain of them never nests. */
function masked(condition: Expr, value: Expr | undefined): Expr | undefined {
  if (!value) return undefined;
  const inner = isSelect(value) ? maskOf(value) : undefined;
  return inner ? select(bothOf(condition, inner.condition), inner.value, 0) : select(condition, value, 0);
}

/** Both conditions, each part once. */
function bothOf(a: Expr, b: Expr): Expr {
  const known = conjunctsOf(b);
  return [...conjunctsOf(a)].filter((part) => !known.has(part)).reduce((all, part) => and(part, all), b);
}

/** So many terms are one sum; more are sums of sums, for operands are spread as arguments. */
const widestSum = 1000;

/** Sum of terms; undefined, the structural zero, for none. What is masked in all of them is masked in the sum. */
export function sumOfTerms(terms: readonly Expr[]): Expr | undefined {
  if (terms.length < 2) return terms[0];
  if (terms.length <= widestSum) return sumUnderMask(terms) ?? add(...terms);
  const parts = Math.ceil(terms.length / widestSum);
  return sumOfTerms(
    Array.from({ length: parts }, (_, k) => sumOfTerms(terms.slice(k * widestSum, (k + 1) * widestSum))!),
  );
}

/** The sum under the conditions that mask every term: what they hide is not multiplied on with factors that may be infinite. */
function sumUnderMask(terms: readonly Expr[]): Expr | undefined {
  const masks: Mask[] = [];
  for (const term of terms) {
    const mask = maskWithin(term);
    if (!mask) return undefined;
    masks.push(mask);
  }
  const conditions = masks.map(({ condition }) => conjunctsOf(condition));
  const shared = [...conditions[0]!].filter((condition) => conditions.every((others) => others.has(condition)));
  const [first, ...others] = shared;
  if (!first) return undefined;
  const values = masks.map(({ value }, k) => {
    const [own, ...more] = [...conditions[k]!].filter((condition) => !shared.includes(condition));
    return own
      ? select(
          more.reduce((all, condition) => and(all, condition), own),
          value,
          0,
        )
      : value;
  });
  return select(
    others.reduce((all, condition) => and(all, condition), first),
    add(...values),
    0,
  );
}

/** So many conditions that hold together are told apart. */
const mostConjuncts = 16;

/** The conditions that a conjunction is made of. */
function conjunctsOf(condition: Expr): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const pending = [condition];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const isConjunction = next.kind === "map" && next.graph.primitiveOf(next.id) === and.primitive;
    if (isConjunction && found.size + pending.length < mostConjuncts) pending.push(...next.operands);
    else found.add(next);
  }
  return found;
}

function mapTerms(node: Expr, isActive: (operand: Expr) => boolean): (LinearTerm | NoDerivative)[] {
  const primitive = node.graph.primitiveOf(node.id);
  const operands = node.operands;
  const terms: (LinearTerm | NoDerivative)[] = [];
  for (const [position, operand] of operands.entries()) {
    if (!isActive(operand)) continue;
    const partial: Partial = primitive.partials[Math.min(position, primitive.partials.length - 1)]!;
    if (partial === "zero") continue;
    if (typeof partial === "object") terms.push({ kind: "none", operand, reason: partial.none });
    else terms.push({ kind: "pointwise", operand, factor: partial(operands, node, position) });
  }
  return terms;
}

/** A contraction or reduce node as terms over its operands. */
export function termsOf(node: Expr): Terms {
  const structure = node.graph.contractionOf(node.id);
  const operands = node.operands;
  return {
    extents: structure.extents,
    output: structure.output,
    shape: structure.shape,
    factors: structure.factors.map((factor) => ({ of: operands[factor.operand]!, index: factor.index })),
    guards: structure.guards,
    lookups: operands,
  };
}

/** Multilinear: one term per factor. */
function contractionTerms(terms: Terms, isActive: (operand: Expr) => boolean): LinearTerm[] {
  return terms.factors.flatMap((factor, position) =>
    isActive(factor.of) ? [{ kind: "contraction" as const, operand: factor.of, terms, position }] : [],
  );
}

/**
 * max, min: the change of the winners; k tied winners weigh 1/k each. The weight is a tensor over the whole domain.
 */
function extremeTerms(node: Expr, isActive: (operand: Expr) => boolean): LinearTerm[] {
  const terms = termsOf(node);
  const read = terms.factors[0]!;
  if (!isActive(read.of)) return [];
  const domain = terms.extents;
  const everywhere = axes(domain.length);
  const present = [
    ...(terms.guards ?? []),
    ...read.index.map((index, axis) => ({ index, extent: read.of.shape[axis]! })),
  ];
  const lookups = terms.lookups ?? [];
  const candidate = view(read.of, domain, read.index, [], lookups);
  const winner = view(node, domain, terms.output, [], lookups);
  const wins = equal(candidate, winner);
  const counted = contract({ ...terms, factors: [{ of: toReal(wins), index: everywhere }], guards: present });
  const weight = select(wins, div(1, view(counted, domain, terms.output, [], lookups)), 0);
  return contractionTerms(
    { ...terms, guards: present, factors: [read, { of: weight, index: everywhere }] },
    (operand) => operand === read.of,
  ).slice(0, 1);
}

/**
 * prod: each factor changes the result by the product of all the others, earlier ones times later ones.
 */
function productTerms(node: Expr, isActive: (operand: Expr) => boolean): LinearTerm[] {
  const terms = termsOf(node);
  const read = terms.factors[0]!;
  if (!isActive(read.of)) return [];
  const kept = terms.output.length;
  const domain = terms.extents;
  if (terms.output.some((index, axis) => index.key !== iterators(axis).key)) {
    throw new ShapeError("prod needs one output iterator per axis.");
  }
  const guards = terms.guards ?? [];
  let others: Expr | undefined;
  for (let level = kept; level < domain.length; level++) {
    // the other factor agrees in the iterators before `level` and is smaller or larger at `level`
    const primed = (iterator: number) => iterators(domain.length + iterator - level);
    const rename = domain.map((_, iterator) => (iterator < level ? undefined : primed(iterator)));
    const move = (index: Integer) => index.withIterators(rename);
    for (const gap of [iterators(level).minus(primed(level)), primed(level).minus(iterators(level))]) {
      const product = reduce("prod", {
        extents: [...domain, ...domain.slice(level)],
        output: axes(domain.length),
        shape: domain,
        factors: [{ of: read.of, index: read.index.map(move) }],
        guards: [
          { index: gap.minus(1), extent: undefined },
          ...guards.map((guard) => ({ index: move(guard.index), extent: guard.extent })),
        ],
        lookups: terms.lookups ?? [],
      });
      others = others ? mul(others, product) : product;
    }
  }
  const weight = others ?? node.graph.constant(1, domain);
  return contractionTerms(
    { ...terms, factors: [read, { of: weight, index: axes(domain.length) }] },
    (operand) => operand === read.of,
  ).slice(0, 1);
}
