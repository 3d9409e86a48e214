import { areAxes, iteratorOf } from "../../ir/contraction.ts";
import { type Expr, sameShape } from "../../ir/graph.ts";
import { fewParts } from "../../ops/arrays/composites.ts";
import { axes, contract, type Read, sum, type Terms, termsOf, view } from "../../ops/arrays/contractions.ts";
import { add, div, mul, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { clamp, less, max, min, select } from "../../ops/elementary/comparison.ts";
import { lengthOf } from "../../ops/elementary/lengths.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { cos, sin } from "../../ops/elementary/trigonometric.ts";
import { isMap } from "../../ops/maps.ts";
import { constantLike } from "./conditions.ts";
import { isConstant } from "./contractions/splat.ts";
import { areSquare, squareOf } from "./lengths.ts";
import { isView } from "./nodes.ts";
import { alongOf, but, inOrder, rowsIn, rowsOf } from "./rows.ts";

/** Products, quotients and what a cosine is held in are taken apart so far. */
const deepest = 4;

/**
 * The square of the distance of the ends of two unit vectors, or of one and the opposite of the other where they are turned away, for
 * each element of the cosine between the vectors: 2 - 2 cos. It is small where they are nearly parallel, and keeps all digits there.
 * Between lines, and turns as quaternions, the size of the cosine is one too.
 */
export function distanceOf(cosine: Expr, isTurned?: Expr): Expr | undefined {
  const inner = within(cosine);
  if (isMap(inner, abs)) return distanceOf(inner.operands[0]!, less(inner.operands[0]!, 0));
  const quotient: Quotient = { over: [], under: [] };
  collect(inner, quotient);
  const { over, under } = quotient;
  const [product, ...others] = over;
  if (!product || others.length > 0) return undefined;
  const turn = isTurned && select(isTurned, constantLike(-1, cosine), 1);
  if (product.kind !== "contraction") {
    const products = addends(product);
    return under.length === 0 ? onSphere(products, isTurned) : betweenParts(products, under, turn);
  }
  const sum = termsOf(product);
  const reads = rowsIn(sum);
  if (!reads) return undefined;
  const products = ofParts(reads, sum);
  return products ? betweenParts(products, under, turn) : betweenRows(reads, sum, under, turn);
}

const squaredGap = (u: Expr, v: Expr, turn: Expr | undefined) => square(sub(u, turn ? mul(turn, v) : v));

/** Of points by their latitudes and the difference of their longitudes: sin a sin b + cos a cos b cos d. */
function onSphere(products: readonly Expr[], isTurned: Expr | undefined): Expr | undefined {
  const factors = products.map((product) => factorsOf(product));
  const sines = factors.find((each) => each.length === 2 && each.every((factor) => isMap(factor, sin)));
  const cosines = factors.find((each) => each.length === 3 && each.every((factor) => isMap(factor, cos)));
  if (factors.length !== 2 || !sines || !cosines) return undefined;
  const [a, b] = sines.map(({ operands }) => operands[0]!) as [Expr, Expr];
  const angles = cosines.map(({ operands }) => operands[0]!);
  if (!take(angles, a) || !take(angles, b)) return undefined;
  const halfTurn = mul(0.5, angles[0]!);
  const [rise, turn] = [sub(a, b), sin(halfTurn)];
  const [height, width] = isTurned
    ? [select(isTurned, add(a, b), rise), select(isTurned, cos(halfTurn), turn)]
    : [rise, turn];
  return mul(4, add(square(sin(mul(0.5, height))), mul(mul(cos(a), cos(b)), square(width))));
}

/** True of sin^2 a + cos b cos c sin^2 d, the square of half of such a distance as people write it. */
export function isHaversine(node: Expr): boolean {
  const [one, other, ...others] = addends(node).sort((x, y) => factorsOf(x).length - factorsOf(y).length);
  if (!other || others.length > 0 || !isSquaredSine(one!)) return false;
  const factors = factorsOf(other);
  const isEach = factors.length === 3 && factors.every((factor) => isMap(factor, cos) || isSquaredSine(factor));
  return isEach && factors.filter(isSquaredSine).length === 1;
}

const isSquaredSine = (node: Expr) => isMap(node, square) && isMap(node.operands[0]!, sin);

const factorsOf = (node: Expr): Expr[] => (isMap(node, mul) ? node.operands.flatMap(factorsOf) : [node]);

/** The cosine in what is held between -1 and 1, beyond which rounding may take it, or in a choice beside a number. */
function within(node: Expr, depth = deepest): Expr {
  const [x, y, z] = node.operands;
  if (depth === 0) return node;
  if (isMap(node, clamp) && isConstant(y!, -1) && isConstant(z!, 1)) return within(x!, depth - 1);
  if ((isMap(node, min) || isMap(node, max)) && node.operands.length === 2) {
    const at = node.operands.findIndex((limit) => isConstant(limit, isMap(node, min) ? 1 : -1));
    return at < 0 ? node : within(node.operands[1 - at]!, depth - 1);
  }
  // 0 stands where angles are taken by such distances already
  if (!isMap(node, select) || isConstant(y!, 0)) return node;
  return y!.kind === "constant" ? within(z!, depth - 1) : z!.kind === "constant" ? within(y!, depth - 1) : node;
}

/** What is over and what is under in a quotient of products. */
interface Quotient {
  readonly over: Expr[];
  readonly under: Expr[];
}

function collect(node: Expr, { over, under }: Quotient, depth = deepest): void {
  const [x, y] = node.operands;
  const isProduct = depth > 0 && isMap(node, mul);
  if (isProduct) for (const factor of node.operands) collect(factor, { over, under }, depth - 1);
  else if (depth > 0 && (isMap(node, div) || isMap(node, reciprocal))) {
    if (y) collect(x!, { over, under }, depth - 1);
    collect(y ?? x!, { over: under, under: over }, depth - 1);
  } else if (isMap(node, sqrt) && isMap(x!, mul)) over.push(...x!.operands.map(rootOf));
  else if (isMap(node, lengthOf) && isConstant(x!, 1) && isMap(y!, mul)) over.push(...y!.operands.map(rootOf));
  else over.push(node);
}

/** The root of a sum of squares, whose slope is 0 at 0. */
export const rootOf = (squares: Expr) => lengthOf(constantLike(1, squares), squares);

/** Of vectors that are rows of arrays. */
function betweenRows(
  reads: readonly Read[],
  product: Required<Terms>,
  under: readonly Expr[],
  turn: Expr | undefined,
): Expr | undefined {
  const units = unitsOf(reads, product, under);
  if (!units) return undefined;
  const { extents, output } = product;
  const squared = squaredGap(units[0]!, units[1]!, turn && view(turn, extents, output));
  return contract({ ...product, factors: [{ of: squared, index: axes(extents.length) }], lookups: [] });
}

/** Two arrays of unit vectors over all that a sum goes through, where it is over both of their lengths or they are over these. */
function unitsOf(reads: readonly Read[], product: Required<Terms>, under: readonly Expr[]): Expr[] | undefined {
  const { extents, output } = product;
  const rows = reads.map((read) => rowsOf(read, product));
  if (under.length === 0) return reads.every((read) => isUnit(read, product)) ? rows : undefined;
  const lengths = inOrder(under, reads, product, squareOf);
  return lengths && rows.map((row, k) => div(row, view(lengths[k]!, extents, output)));
}

/** The products of the coordinates of two vectors that are written as [x, y, z]. */
function ofParts(reads: readonly Read[], { extents, output }: Required<Terms>): readonly Expr[] | undefined {
  if (!reads.every(({ index }) => areAxes(index) && index.length === extents.length)) return undefined;
  const kept = output.map(iteratorOf);
  const summed = extents.flatMap((_, axis) => (kept.includes(axis) ? [] : [axis]));
  const [one, other] = reads.map(({ of }) => fewParts(of, summed));
  return one && other?.length === one.length ? one.map((x, k) => mul(x, other[k]!)) : undefined;
}

/** Of vectors whose coordinates are written out: x1*x2 + y1*y2 over the roots of x1^2 + y1^2 and x2^2 + y2^2. */
function betweenParts(products: readonly Expr[], under: readonly Expr[], turn: Expr | undefined): Expr | undefined {
  const [one, other] = under.map(coordinatesOf);
  if (!one || !other || products.length < 2 || one.length !== products.length || other.length !== products.length)
    return undefined;
  const pairs = products.map((product) => {
    const [x, y] = isMap(product, square) ? [product.operands[0]!, product.operands[0]!] : product.operands;
    if (!(isMap(product, mul) || isMap(product, square))) return undefined;
    return taken(one, x!, other, y!) ?? taken(one, y!, other, x!);
  });
  const gaps = pairs.map((pair) => pair && squaredGap(div(pair[0], under[0]!), div(pair[1], under[1]!), turn));
  return gaps.every((gap) => gap !== undefined) ? gaps.reduce((all, gap) => add(all, gap)) : undefined;
}

/** Coordinates of two vectors, taken from what is left of them. */
function taken(one: Expr[], x: Expr, other: Expr[], y: Expr): readonly [Expr, Expr] | undefined {
  if (!one.includes(x) || !other.includes(y)) return undefined;
  take(one, x);
  take(other, y);
  return [x, y];
}

/** Takes a node out of some; false where it is not among them. */
function take(from: Expr[], node: Expr): boolean {
  const at = from.indexOf(node);
  if (at >= 0) from.splice(at, 1);
  return at >= 0;
}

/** What the squares are of that a length is the root of the sum of; undefined of anything else. */
function coordinatesOf(length: Expr): Expr[] | undefined {
  const squared = isMap(length, sqrt) ? length.operands[0]! : squareOf(length);
  const parts = squared && addends(squared).map((term) => (isMap(term, square) ? term.operands[0]! : undefined));
  return parts?.every((part) => part !== undefined) ? parts : undefined;
}

const addends = (node: Expr): Expr[] => (isMap(node, add) ? node.operands.flatMap(addends) : [node]);

/** True of vectors that are read along what a sum sums, each over its length. */
function isUnit(read: Read, product: Required<Terms>): boolean {
  const [x, spread] = read.of.operands;
  if (!isMap(read.of, div) || !isView(spread!)) return false;
  const { of: length, index } = termsOf(spread!).factors[0]!;
  const along = alongOf(read, product);
  const squared = squareOf(length);
  const isOwn = along && squared && areSquare(squared, sum(square(x!), along));
  return isOwn === true && sameShape(index, but(axes(x!.shape.length), along));
}
