import { type Guard, iterators, mayHoldLookup } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { add, div, mul, neg, square, sub } from "../../ops/elementary/algebra.ts";
import { cosh, sech2 } from "../../ops/elementary/hyperbolic.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { cos } from "../../ops/elementary/trigonometric.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { gaussian } from "../../ops/special/gaussian.ts";
import { isSplat } from "../forms/contractions/splat.ts";
import { asMultiple } from "../forms/multiples.ts";
import { isResult, isView } from "../forms/nodes.ts";

/** 1: the one is the other with two axes exchanged. -1: its negation is. 0: neither is seen. */
type Exchange = 1 | -1 | 0;

/** Steps that are looked through: what is made in more is taken for something else. */
const deepest = 16;

/** f(-x) = f(x). */
const even = [square, abs, cos, cosh, sech2, gaussian];

/** True of a node that stays as it is when two of its axes are exchanged, as far as that is seen in how it is made. */
export function isSymmetric(node: Expr, axes: Axes, exchanges = new Exchanges()): boolean {
  return exchanges.of(node, node, axes, 0) === 1;
}

/** Two axes of one length. */
export type Axes = readonly [number, number];

/** What was found of pairs of nodes so far: parts that are shared are looked at once. */
export class Exchanges {
  private readonly known = new Map<string, Exchange>();

  of(a: Expr, b: Expr, axes: Axes, depth: number): Exchange {
    const key = `${a.id} ${b.id} ${axes}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const found = depth > deepest ? 0 : this.find(a, b, axes, depth + 1);
    this.known.set(key, found);
    return found;
  }

  private find(a: Expr, b: Expr, axes: Axes, depth: number): Exchange {
    if (isTranspose(a, b, axes) || isTranspose(b, a, axes)) return 1;
    if (a.kind !== b.kind || a.shape.length !== b.shape.length || a.dtype !== b.dtype) return 0;
    if (!a.shape[axes[0]]!.equals(a.shape[axes[1]]!)) return 0;
    if (isSplat(a)) return a === b ? 1 : 0;
    if (a.kind === "iota") return a.graph.iotaAxisOf(a.id) === exchanged(b.graph.iotaAxisOf(b.id), axes) ? 1 : 0;
    if (a.kind === "map") return this.ofMaps(a, b, axes, depth);
    if (a.kind === "contraction") return this.ofContractions(a, b, axes, depth);
    const isOfMatrix = axes[0] === a.shape.length - 2 && axes[1] === a.shape.length - 1;
    return a === b && isOfMatrix && isResult(a, "choleskyInverse", "choleskyCotangent") ? 1 : 0;
  }

  private ofMaps(a: Expr, b: Expr, axes: Axes, depth: number): Exchange {
    const primitive = a.graph.primitiveOf(a.id);
    if (!isMap(b, { primitive })) return 0;
    const of = (x: Expr, y: Expr) => this.of(x, y, axes, depth);
    const [x, y] = [a.operands, b.operands];
    if (isOneOf(a, sub)) {
      // b - a is a - b with a sign
      if (of(x[0]!, y[1]!) === 1 && of(x[1]!, y[0]!) === 1) return -1;
    }
    if (isOneOf(a, add, mul)) return this.inAnyOrder(x, y, isOneOf(a, mul), of);
    if (primitive.isCommutative) return this.inAnyOrder(x, y, false, of) === 1 ? 1 : 0;
    const signs = x.map((operand, k) => of(operand, y[k]!));
    if (signs.includes(0)) return 0;
    if (isOneOf(a, neg)) return signs[0]!;
    if (isOneOf(a, div)) return signs[0] === signs[1] ? 1 : -1;
    if (isOneOf(a, ...even)) return 1;
    return signs.includes(-1) ? 0 : 1;
  }

  /** Sums and products: each operand of the one meets another operand of the other. */
  private inAnyOrder(
    x: readonly Expr[],
    y: readonly Expr[],
    isProduct: boolean,
    of: (x: Expr, y: Expr) => Exchange,
  ): Exchange {
    const left = [...y];
    const signs: Exchange[] = [];
    for (const operand of x) {
      const at = left.findIndex((other) => of(operand, other) !== 0);
      if (at < 0) return 0;
      signs.push(of(operand, left.splice(at, 1)[0]!));
    }
    if (left.length > 0) return 0;
    const negative = signs.filter((sign) => sign === -1).length;
    if (isProduct) return negative % 2 === 0 ? 1 : -1;
    return negative === 0 ? 1 : negative === signs.length ? -1 : 0;
  }

  private ofContractions(a: Expr, b: Expr, [p, q]: Axes, depth: number): Exchange {
    const [one, two] = [termsOf(a), termsOf(b)];
    const all = [
      ...one.output,
      ...two.output,
      ...[one, two].flatMap((terms) => indicesOf(terms.factors, terms.guards)),
    ];
    if (all.some(mayHoldLookup) || one.extents.length !== two.extents.length) return 0;
    if (!one.extents.every((extent, k) => extent.equals(two.extents[k]!))) return 0;
    const isGathered = (output: readonly Integer[]) => output.every((index, axis) => index.equals(iterators(axis)));
    if (!isGathered(one.output) || !isGathered(two.output)) return 0;
    const places = one.extents.map((_, k) => iterators(exchanged(k, [p, q])));
    const turned = (index: Integer) => index.withIterators(places);
    if (
      !sameGuards(
        one.guards.map(({ index, extent }) => ({ index: turned(index), extent })),
        two.guards,
      )
    )
      return 0;
    const [first, second] = [bare(one.factors), bare(two.factors)];
    if (first.by !== second.by) return 0;
    const left = [...second.factors];
    let sign: Exchange = 1;
    for (const { of, index } of first.factors) {
      const read = { of, index: index.map(turned) };
      const signs = left.map((other) => this.ofReads(read, other, depth));
      const at = signs.findIndex((each) => each !== 0);
      if (at < 0) return 0;
      left.splice(at, 1);
      sign = (sign * signs[at]!) as Exchange;
    }
    return left.length === 0 ? sign : 0;
  }

  /** Whether two reads have one value: at one place of one array, or of arrays with axes exchanged at places that are so. */
  private ofReads(a: Read, b: Read, depth: number): Exchange {
    if (a.index.length !== b.index.length) return 0;
    const apart = [...a.index.keys()].filter((axis) => !a.index[axis]!.equals(b.index[axis]!));
    if (apart.length === 0) return a.of === b.of ? 1 : 0;
    const [r, s, ...others] = apart as [number, number, ...number[]];
    if (apart.length !== 2 || others.length > 0) return 0;
    if (!a.index[r]!.equals(b.index[s]!) || !a.index[s]!.equals(b.index[r]!)) return 0;
    return this.of(a.of, b.of, [r, s], depth);
  }
}

/** True of a view of an array with two axes exchanged, and no more. */
function isTranspose(view: Expr, of: Expr, axes: Axes): boolean {
  if (!isView(view)) return false;
  const { factors, guards } = termsOf(view);
  const { index, ...read } = factors[0]!;
  return (
    read.of === of && guards.length === 0 && index.every((each, axis) => each.equals(iterators(exchanged(axis, axes))))
  );
}

/** The axis in whose place an axis stands when two are exchanged. */
export const exchanged = (axis: number, [p, q]: Axes): number => (axis === p ? q : axis === q ? p : axis);

/** Factors without the numbers that they are multiples by, and the product of these. */
function bare(factors: readonly Read[]): { by: number; factors: readonly Read[] } {
  let by = 1;
  const plain = factors.map((read) => {
    const multiple = asMultiple(read.of);
    by *= multiple?.by ?? 1;
    return multiple ? { of: multiple.of, index: read.index } : read;
  });
  return { by, factors: plain };
}

const indicesOf = (factors: readonly Read[], guards: readonly Guard[]): Integer[] => [
  ...factors.flatMap(({ index }) => index),
  ...guards.map(({ index }) => index),
];

/** Equal guards, in any order; one that holds for 0 alone may have the other sign. */
function sameGuards(a: readonly Guard[], b: readonly Guard[]): boolean {
  const left = [...b];
  for (const { index, extent } of a) {
    const at = left.findIndex((other) => {
      const hasExtent = extent && other.extent ? extent.equals(other.extent) : extent === other.extent;
      return hasExtent && (index.equals(other.index) || (extent?.value === 1 && index.plus(other.index).value === 0));
    });
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
