import { type PivotedQR, pivotedQR, solveLeastSquares } from "../../numeric/dense/least-squares.ts";
import { addScaled, dot, type Vector } from "../../numeric/vectors.ts";
import type { Pair } from "./curvature-pairs.ts";

/**
 * The BFGS matrix of a few pairs in compact form (Byrd, Nocedal, Schnabel, 1994), B = theta I - W M W' with
 *
 *     W = [Y, theta S],   M^-1 = [[-D, L'], [L, theta S'S]],   theta = <y, y> / <y, s> of the newest pair,
 *
 * D and L the diagonal and what is below it of S'Y. Without pairs it is I. Every pair is divided by sqrt(<y, s>), which does
 * not change B, so that moves of all lengths weigh the same in M.
 */
export class CompactModel {
  readonly theta: number;
  /** The number of columns of W: two for each pair. */
  readonly width: number;
  private readonly pairs: readonly Pair[];
  private readonly products: PairProducts;
  private readonly scales: Vector;
  private readonly middle: Vector;
  private readonly factors: PivotedQR | undefined;

  constructor(pairs: readonly Pair[], products: PairProducts) {
    const m = pairs.length;
    const newest = pairs.at(-1);
    this.pairs = pairs;
    this.products = products;
    this.width = 2 * m;
    this.theta = newest ? dot(newest.y, newest.y) / newest.product : 1;
    this.scales = Float64Array.from(pairs, ({ product }) => 1 / Math.sqrt(product));
    this.middle = new Float64Array(4 * m * m);
    for (let i = 0; i < m; i++) {
      this.middle[i * 2 * m + i] = -1;
      for (let j = 0; j < m; j++) {
        const scale = this.scales[i]! * this.scales[j]!;
        this.middle[(m + i) * 2 * m + m + j] = this.theta * scale * products.ss[i]![j]!;
        if (j >= i) continue;
        this.middle[(m + i) * 2 * m + j] = scale * products.sy[i]![j]!;
        this.middle[j * 2 * m + m + i] = scale * products.sy[i]![j]!;
      }
    }
    this.factors = m > 0 ? pivotedQR(this.middle, 2 * m, 2 * m, this.middle.slice()) : undefined;
  }

  /** out = row i of W. */
  row(out: Vector, i: number): void {
    const m = this.pairs.length;
    for (let k = 0; k < m; k++) {
      out[k] = this.scales[k]! * this.pairs[k]!.y[i]!;
      out[m + k] = this.scales[k]! * this.theta * this.pairs[k]!.s[i]!;
    }
  }

  /** out = W v. */
  times(out: Vector, v: Vector): void {
    const m = this.pairs.length;
    out.fill(0);
    for (let k = 0; k < m; k++) {
      const { s, y } = this.pairs[k]!;
      addScaled(out, this.scales[k]! * v[k]!, y);
      addScaled(out, this.scales[k]! * this.theta * v[m + k]!, s);
    }
  }

  /** out = W' x. */
  transposed(out: Vector, x: Vector): void {
    const m = this.pairs.length;
    for (let k = 0; k < m; k++) {
      const { s, y } = this.pairs[k]!;
      out[k] = this.scales[k]! * dot(y, x);
      out[m + k] = this.scales[k]! * this.theta * dot(s, x);
    }
  }

  /** out = M v. */
  timesMiddle(out: Vector, v: Vector): void {
    if (this.factors) solveLeastSquares(out, this.factors, v.slice());
  }

  /** out = B x. */
  image(out: Vector, x: Vector): void {
    const inner = new Float64Array(this.width);
    this.transposed(inner, x);
    this.timesMiddle(inner, inner);
    this.times(out, inner);
    for (let i = 0; i < out.length; i++) out[i] = this.theta * x[i]! - out[i]!;
  }

  /** Solves (I - M W_F' W_F / theta) x = v for F the places where `isFree`. */
  solveFree(x: Vector, v: Vector, isFree: Uint8Array): void {
    const w = this.width;
    if (w === 0) return;
    const columns = [...this.pairs.map(({ y }) => y), ...this.pairs.map(({ s }) => s)];
    const factors = Float64Array.from(columns, (_, a) => {
      const k = a % this.pairs.length;
      return this.scales[k]! * (a === k ? 1 : this.theta);
    });
    const gram = this.productsWhere(isFree, columns);
    // (M^-1 - gram / theta) x = M^-1 v, without M on the left
    const system = new Float64Array(w * w);
    const right = new Float64Array(w);
    for (let a = 0; a < w; a++) {
      right[a] = dot(this.middle.subarray(a * w, a * w + w), v);
      for (let b = 0; b < w; b++) {
        const product = factors[a]! * factors[b]! * gram[Math.max(a, b) * w + Math.min(a, b)]!;
        system[a * w + b] = this.middle[a * w + b]! - product / this.theta;
      }
    }
    solveLeastSquares(x, pivotedQR(system, w, w), right);
  }

  /**
   * <columns_a, columns_b> over the places that are free, for b <= a: of all places without the others, where these are few and no
   * column has most of its length there.
   */
  private productsWhere(isFree: Uint8Array, columns: readonly Vector[]): Vector {
    const w = this.width;
    const m = this.pairs.length;
    const held = placesOf(isFree, 0);
    if (2 * held.length < isFree.length) {
      const { ss, sy, yy } = this.products;
      const products = productsOver(held, columns);
      let isSafe = true;
      for (let a = 0; a < w; a++) {
        for (let b = 0; b <= a; b++) {
          const whole = a < m ? yy[a]![b]! : b < m ? sy[a - m]![b]! : ss[a - m]![b - m]!;
          if (a === b && products[a * w + a]! > whole / 2) isSafe = false;
          products[a * w + b] = whole - products[a * w + b]!;
        }
      }
      if (isSafe) return products;
    }
    return productsOver(placesOf(isFree, 1), columns);
  }
}

/** Where marks are a value. */
function placesOf(marks: Uint8Array, value: number): Int32Array {
  const places = new Int32Array(marks.length);
  let count = 0;
  for (let i = 0; i < marks.length; i++) if (marks[i] === value) places[count++] = i;
  return places.subarray(0, count);
}

/** So many entries of all columns at a time, which caches hold. */
const piece = 1024;

/** <columns_a, columns_b> over some places, for b <= a: row-major, a the row. */
function productsOver(places: Int32Array, columns: readonly Vector[]): Vector {
  const w = columns.length;
  const products = new Float64Array(w * w);
  for (let from = 0; from < places.length; from += piece) {
    const some = places.subarray(from, from + piece);
    const parts = columns.map((column) => gathered(column, some));
    for (let a = 0; a < w; a++) {
      for (let b = 0; b <= a; b++) products[a * w + b] = products[a * w + b]! + dot(parts[a]!, parts[b]!);
    }
  }
  return products;
}

function gathered(x: Vector, places: Int32Array): Vector {
  const out = new Float64Array(places.length);
  for (let i = 0; i < out.length; i++) out[i] = x[places[i]!]!;
  return out;
}

/** <s_i, s_j>, <s_i, y_j> and <y_i, y_j> of all pairs, the oldest first. */
export interface PairProducts {
  readonly ss: readonly Vector[];
  readonly sy: readonly Vector[];
  readonly yy: readonly Vector[];
}

/** The products of `pairs`, whose last is new; `before` holds those of the others, and of one more where `dropped`. */
export function extendProducts(before: PairProducts, pairs: readonly Pair[], dropped: boolean): PairProducts {
  const m = pairs.length;
  const newest = pairs[m - 1]!;
  const first = dropped ? 1 : 0;
  const grown = (rows: readonly Vector[], last: (pair: Pair) => number, column: (pair: Pair) => number) => {
    const next = pairs.map(() => new Float64Array(m));
    for (let i = 0; i < m - 1; i++) {
      for (let j = 0; j < m - 1; j++) next[i]![j] = rows[i + first]![j + first]!;
      next[i]![m - 1] = column(pairs[i]!);
    }
    for (let j = 0; j < m; j++) next[m - 1]![j] = last(pairs[j]!);
    return next;
  };
  return {
    ss: grown(
      before.ss,
      ({ s }) => dot(newest.s, s),
      ({ s }) => dot(s, newest.s),
    ),
    sy: grown(
      before.sy,
      ({ y }) => dot(newest.s, y),
      ({ s }) => dot(s, newest.y),
    ),
    yy: grown(
      before.yy,
      ({ y }) => dot(newest.y, y),
      ({ y }) => dot(y, newest.y),
    ),
  };
}
