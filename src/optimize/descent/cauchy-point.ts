import { dot, type Vector } from "../../numeric/vectors.ts";
import type { Box } from "./bounds.ts";
import type { CompactModel } from "./compact-model.ts";

/** The way from x to a minimiser of the model along the projected gradient, and W' times it. */
export interface CauchyPoint {
  /** Not the point itself: where x is large beside the gradient, x + way has no digits of the way left. */
  readonly way: Vector;
  readonly moved: Vector;
}

/**
 * The generalised Cauchy point (Byrd, Lu, Nocedal, Zhu, 1995, algorithm CP): the first local minimiser of the model
 * along P(x - t g), which is a chain of straight pieces between the t where a coordinate meets its bound.
 */
export function cauchyPoint(model: CompactModel, x: Vector, g: Vector, { lower, upper }: Box): CauchyPoint {
  const { theta, width } = model;
  const n = x.length;
  const way = new Float64Array(n);
  const d = new Float64Array(n);
  const breaks = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const room = g[i]! < 0 ? x[i]! - upper[i]! : g[i]! > 0 ? x[i]! - lower[i]! : Number.POSITIVE_INFINITY;
    breaks[i] = g[i] === 0 ? Number.POSITIVE_INFINITY : room / g[i]!;
    if (breaks[i]! > 0) d[i] = -g[i]!;
  }
  const p = new Float64Array(width);
  const c = new Float64Array(width);
  const row = new Float64Array(width);
  const product = new Float64Array(width);
  model.transposed(p, d);
  let slope = -dot(d, d);
  model.timesMiddle(product, p);
  const unbent = -theta * slope;
  let bend = unbent - dot(p, product);
  let wanted = -slope / bend;
  let reached = 0;
  for (const b of ascending(breaks)) {
    const length = breaks[b]! - reached;
    if (wanted < length) break;
    reached = breaks[b]!;
    const z = (d[b]! > 0 ? upper[b]! : lower[b]!) - x[b]!;
    way[b] = z;
    for (let k = 0; k < width; k++) c[k] = c[k]! + length * p[k]!;
    model.row(row, b);
    model.timesMiddle(product, row);
    slope += length * bend + g[b]! ** 2 + theta * g[b]! * z - g[b]! * dot(c, product);
    bend += -theta * g[b]! ** 2 - 2 * g[b]! * dot(p, product) - g[b]! ** 2 * dot(row, product);
    // cancellation must not make a convex model flat
    bend = Math.max(bend, Number.EPSILON * unbent);
    for (let k = 0; k < width; k++) p[k] = p[k]! + g[b]! * row[k]!;
    d[b] = 0;
    wanted = -slope / bend;
  }
  const rest = Math.max(wanted, 0);
  reached += Number.isFinite(rest) ? rest : 0;
  for (let k = 0; k < width; k++) c[k] = c[k]! + (Number.isFinite(rest) ? rest : 0) * p[k]!;
  for (let i = 0; i < n; i++) if (d[i] !== 0) way[i] = reached * d[i]!;
  return { way, moved: c };
}

/** The indices of numbers above 0 and below infinity by their size, each found when it is asked for: few of many are. */
function* ascending(numbers: Vector): Generator<number> {
  const heap = new Int32Array(numbers.length);
  let size = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i]! > 0 && numbers[i]! < Number.POSITIVE_INFINITY) heap[size++] = i;
  }
  const isBefore = (a: number, b: number) => numbers[a]! < numbers[b]! || (numbers[a] === numbers[b] && a < b);
  // below each place are two with larger numbers
  const settle = (from: number, index: number) => {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < size && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (below >= size || !isBefore(heap[below]!, index)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = index;
  };
  for (let at = size >> 1; at-- > 0; ) settle(at, heap[at]!);
  while (size > 0) {
    const least = heap[0]!;
    size -= 1;
    settle(0, heap[size]!);
    yield least;
  }
}

/**
 * The model's minimiser over the coordinates that are free at the Cauchy point, brought back into the box (the direct
 * primal method of the paper, with the projection of Morales and Nocedal, 2011). Writes the direction from x to it;
 * where the projection is no descent, the way from the Cauchy point is cut at the first bound instead.
 */
export function subspaceDirection(
  direction: Vector,
  model: CompactModel,
  { point: x, gradient: g }: { readonly point: Vector; readonly gradient: Vector },
  { way, moved }: CauchyPoint,
  { lower, upper }: Box,
): void {
  const { theta, width } = model;
  const n = x.length;
  const least = new Float64Array(n);
  const most = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    least[i] = lower[i]! - x[i]!;
    most[i] = upper[i]! - x[i]!;
  }
  const isFree = new Uint8Array(n);
  const r = new Float64Array(n);
  const image = new Float64Array(n);
  const product = new Float64Array(width);
  model.timesMiddle(product, moved);
  model.times(image, product);
  for (let i = 0; i < n; i++) {
    if (!(way[i]! > least[i]! && way[i]! < most[i]!)) continue;
    isFree[i] = 1;
    r[i] = g[i]! + theta * way[i]! - image[i]!;
  }
  const v = new Float64Array(width);
  const solved = new Float64Array(width);
  model.transposed(v, r);
  model.timesMiddle(product, v);
  model.solveFree(solved, product, isFree);
  model.times(image, solved);
  for (let i = 0; i < n; i++) if (isFree[i] === 1) r[i] = -(r[i]! + image[i]! / theta) / theta;
  for (let i = 0; i < n; i++) {
    direction[i] = Math.min(Math.max(way[i]! + r[i]!, least[i]!), most[i]!);
  }
  if (dot(direction, g) < 0) return;
  let share = 1;
  for (let i = 0; i < n; i++) {
    if (r[i]! > 0) share = Math.min(share, (most[i]! - way[i]!) / r[i]!);
    else if (r[i]! < 0) share = Math.min(share, (least[i]! - way[i]!) / r[i]!);
  }
  for (let i = 0; i < n; i++) direction[i] = way[i]! + share * r[i]!;
}
