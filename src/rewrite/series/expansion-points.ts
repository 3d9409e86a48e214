import type { Expr } from "../../ir/graph.ts";
import { followsFromData } from "../../ir/walks/given.ts";
import { inherited } from "../../ir/walks/inherited.ts";
import { termsOf } from "../../ops/arrays/contractions.ts";
import type { Operation } from "../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { exp, log } from "../../ops/elementary/exponential.ts";
import { otherLeg } from "../../ops/elementary/hyperbola.ts";
import { hypot, lengthOf, polarRadius } from "../../ops/elementary/lengths.ts";
import { radiusExcess } from "../../ops/elementary/plane.ts";
import { pow, sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { contrast, rootExcess } from "../../ops/ratios/contrasts.ts";
import { factsOf } from "../facts/facts.ts";
import { heldIn, isHeld } from "../forms/held-roots.ts";
import { areSquare, hasSquare, squareOf, storedIn, withSquare } from "../forms/lengths.ts";
import { varies } from "../forms/nodes.ts";
import { insideRoot, rootIn, squareOfRoot } from "../forms/roots.ts";
import { isTranscendental } from "./map-series.ts";

// Where functions may cancel: points of what they are functions of.

/** Where a series is taken: at base = centre; of an infinite centre in 1/base, for a large base. */
export class ExpansionPoint {
  readonly base: Expr;
  readonly centre: number;
  /** What the base is the reciprocal of, where the series is one in 1/x. */
  readonly pole: Expr | undefined;
  private root: { readonly squared: Expr | undefined } | undefined;

  constructor(base: Expr, centre: number) {
    this.base = base;
    this.centre = centre;
    this.pole = centre === 0 && isMap(base, reciprocal) ? base.operands[0] : undefined;
  }

  /** What the base is the root of, where it is one: most points are left before anyone asks. */
  get squared(): Expr | undefined {
    const isAround = this.centre === 0 || this.centre === Number.POSITIVE_INFINITY;
    this.root ??= { squared: isAround ? squareOfRootAlone(this.base) : undefined };
    return this.root.squared;
  }
}

/** A point of expansion: where `base` is `centre`, which may be infinite. */
export const pointAt = (base: Expr, centre: number): ExpansionPoint => new ExpansionPoint(base, centre);

export const isFar = ({ centre }: ExpansionPoint) => centre === Number.POSITIVE_INFINITY;
export const isSumOf = (node: Expr) => isMap(node, add) || isMap(node, sub) || isExcess(node);
export const isExcess = (node: Expr) => isOneOf(node, rootExcess, radiusExcess, contrast);
export const isVaryingPower = (node: Expr) => isMap(node, pow) && node.operands.every(varies);
export const primitiveOf = (node: Expr) => (node.kind === "map" ? node.graph.primitiveOf(node.id) : undefined);

/** How far down its variable is looked for. */
const deepest = 12;

/** x of -x, of a multiple of x and of its square, as far as it is looked into. */
export function unscaled(node: Expr): Expr {
  let inner = node;
  for (let k = 0; k < deepest; k++) {
    const isScaled = isMap(inner, neg) || isMap(inner, square);
    const factor = isMap(inner, mul) ? inner.operands.findIndex(({ kind }) => kind === "constant") : -1;
    if (!isScaled && factor < 0) break;
    inner = inner.operands[isScaled ? 0 : 1 - factor]!;
  }
  return inner;
}

/** The nodes on the way down as long as there is one that varies, the deepest first. */
export function chainOf(node: Expr): Expr[] {
  const chain = [node];
  for (let next: Expr | undefined = node; next?.kind === "map" && chain.length < deepest; ) {
    next = mainOperand(next);
    if (next) chain.push(next);
  }
  return chain.reverse();
}

/**
 * The operand by which a node varies: the only one, or the one whose series says most; of a choice, what is far from its point. Of
 * another function of several, what they are functions of alone.
 */
function mainOperand(node: Expr): Expr | undefined {
  const { operands } = node;
  if (operands.length === 1) return operands[0]!.kind === "constant" ? undefined : operands[0];
  if (isMap(node, select)) return heldIn(node) ?? operands[2];
  const varying = operands.filter(({ kind }, k) => kind !== "constant" && operands.indexOf(operands[k]!) === k);
  if (varying.length <= 1) return varying[0];
  if (isMap(node, div)) return operands[1];
  if (isSumOf(node) || isMap(node, mul)) return varying.sort((a, b) => rank(b) - rank(a))[0];
  const funnel = factsOf(node.graph).funnels.of(node.id);
  return funnel < 0 ? undefined : node.graph.expr(funnel);
}

/** Where a node may cancel: at 0 of what it is a function of, and where what it is divided by is 0. */
export function expansionPointsOf(node: Expr): ExpansionPoint[] {
  const operands =
    isSumOf(node) || isMap(node, mul) ? [...node.operands].sort((a, b) => rank(b) - rank(a)) : node.operands;
  const start = isMap(node, div) ? operands[1]! : operands[0]!;
  const chain = chainOf(start);
  const points = isMap(node, mul) ? [] : chain.flatMap(rootOf);
  const roots = [...new Set(rootsOver(node))];
  const isRooted = chain[1] && isRootOf(chain[1], chain[0]!);
  const far = [...chain.slice(0, 1), ...(isRooted ? [chain[1]!] : [])];
  return [
    ...[...roots, ...chain].map((base) => pointAt(base, 0)),
    ...points,
    ...far.map((base) => pointAt(base, Number.POSITIVE_INFINITY)),
  ];
}

/**
 * The lengths that one operand of a quotient or a sum is a function of and another one a function of their squares, or of the same:
 * to look at, what is made of a length is no function of its square.
 */
export function rootsOver(node: Expr): Expr[] {
  const { operands } = node;
  if (!(isMap(node, div) || isSumOf(node)) || !operands.some(({ graph, id }) => holdsLength(graph, id))) return [];
  const chains = operands.map(chainOf);
  return chains.flatMap((chain, k) => {
    const others = chains
      .filter((_, at) => at !== k)
      .flatMap((other) => other.flatMap((each) => [each, ...each.operands]));
    return chain.filter((base) => others.some((each) => (each === base ? squareOfLength(base) : isRootOf(base, each))));
  });
}

/** Whether a node is the square of a root or a length. */
export function isRootOf(root: Expr, node: Expr): boolean {
  const squared = squareOfRootAlone(root);
  return squared !== undefined && areSquare(squared, node);
}

const squareOfRootAlone = (root: Expr) => insideRoot(root) ?? squareOf(root);

/** True of x where a series is taken in its root. */
export const isSquare = (node: Expr, { squared }: ExpansionPoint) => squared !== undefined && areSquare(squared, node);

/** The square of a root, of a norm, and of multiples of them. */
export const squareOfLength = (x: Expr) => squareOfRoot(x) ?? squareOf(x);

/**
 * True of a multiple of a size, a root or a length that may be 0: other roots are as smooth as what they are of. What is 0 where data are
 * stays 0 whatever varies.
 */
export function mayVanish(x: Expr): boolean {
  const stored = storedIn(x);
  if (stored) return mayVanish(stored);
  if (isOneOf(x, abs, sqrt, otherLeg, lengthOf, polarRadius, hypot))
    return !factsOf(x.graph).isNonZero(x) && !vanishesByData(x) && !isHeld(x);
  return isOneOf(x, mul, div) && x.operands.some(isLength);
}

/** Whether a node is made, number by number, of a length that may be 0. */
export const holdsLength = inherited((graph, id) => {
  if (graph.isView(id)) return isLength(graph.expr(id));
  if (graph.kindOf(id) !== "map") return false;
  return isLength(graph.expr(id)) || undefined;
});

/** True of a root, a size, a norm and multiples of them that may be 0. */
export const isLength = (node: Expr): boolean => (rootIn(node) !== undefined || hasSquare(node)) && mayVanish(node);

/** Whether a node is 0 only where data are, as sums of squares of data over what varies. */
function vanishesByData(node: Expr, depth = 2 * deepest): boolean {
  if (followsFromData(node)) return true;
  if (depth === 0) return false;
  const does = (operand: Expr) => vanishesByData(operand, depth - 1);
  const { operands, graph, id } = node;
  const hasRoot = (factor: Expr) => !isMap(factor, exp) && !factsOf(graph).isNonZero(factor);
  if (isMap(node, mul)) return operands.every((factor) => !hasRoot(factor) || does(factor));
  if (isMap(node, div)) return does(operands[0]!);
  if (isMap(node, lengthOf)) return does(operands[1]!);
  if (node.kind === "contraction") {
    const squares = graph.isView(id) ? node : (withSquare(node) ?? node);
    const [factor, ...others] = termsOf(squares).factors;
    return others.length === 0 && (graph.isView(id) || isMap(factor!.of, square)) && does(factor!.of);
  }
  return isOneOf(node, abs, sqrt, square, neg, hypot, polarRadius) && operands.every(does);
}

/** The id of what is a function of nothing else at a point: the base, or what it is the reciprocal or the root of. */
export function startOf({ base, pole }: ExpansionPoint): number {
  const of = isMap(base, sqrt) ? 0 : isMap(base, lengthOf) && base.operands[0]!.kind === "constant" ? 1 : undefined;
  return pole?.id ?? (of === undefined ? base.id : base.graph.operandAt(base.id, of));
}

const rank = (node: Expr) =>
  node.kind === "constant" ? -1 : isTranscendental(primitiveOf(unscaled(node)) ?? add.primitive) ? 1 : 0;

/** The points where x + c, or log x, is 0: at x, and at what x is a function of as long as that has an inverse. */
function rootOf(node: Expr): ExpansionPoint[] {
  const isRoot = isMap(node, log) || (isMap(node, add) && node.operands.length === 2);
  const points: ExpansionPoint[] = [];
  for (let next = isRoot ? inverted(node, 0) : undefined; next; next = inverted(next.base, next.centre)) {
    if (points.push(next) === deepest) break;
  }
  return points;
}

/** The point of a function's operand where the function has its value. */
function inverted(base: Expr, centre: number): ExpansionPoint | undefined {
  if (base.kind !== "map") return undefined;
  const at = base.operands.findIndex(varies);
  const other = base.operands[1 - at];
  if (at < 0 || (other && other.kind !== "constant") || base.operands.length > 2) return undefined;
  const c = other?.constant ?? 0;
  const inverse = inverses.find(([f]) => isMap(base, f));
  const found = inverse?.[1](centre, c);
  // what is rounded is no root
  return found !== undefined &&
    Number(base.graph.primitiveOf(base.id).real(...(at === 0 ? [found, c] : [c, found]))) === centre
    ? pointAt(base.operands[at]!, found)
    : undefined;
}

const inverses: readonly (readonly [Operation, (value: number, c: number) => number])[] = [
  [log, (value) => Math.exp(value)],
  [exp, (value) => Math.log(value)],
  [add, (value, c) => value - c],
  [mul, (value, c) => value / c],
  [square, (value) => Math.sqrt(value)],
  [sqrt, (value) => value * value],
  [reciprocal, (value) => 1 / value],
];

/** How far the base is from the centre. */
export const distance = ({ base, centre }: ExpansionPoint) => (centre === 0 ? base : add(base, -centre));
