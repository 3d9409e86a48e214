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
  private readonly scales: Vector;
  private readonly middle: Vector;
  private readonly factors: PivotedQR | undefined;

  constructor(pairs: readonly Pair[], products: PairProducts) {
    const m = pairs.length;
    const newest = pairs.at(-1);
    this.pairs = pairs;
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

  /** Solves (I - M W_F' W_F / theta) x = v for F the places where `isFree`. */
  solveFree(x: Vector, v: Vector, isFree: Uint8Array): void {
    const w = this.width;
    if (w === 0) return;
    const gram = new Float64Array(w * w);
    const columns = [...this.pairs.map(({ y }) => y), ...this.pairs.map(({ s }) => s)];
    const factors = Float64Array.from(columns, (_, a) => {
      const k = a % this.pairs.length;
      return this.scales[k]! * (a === k ? 1 : this.theta);
    });
    for (let a = 0; a < w; a++) {
      const masked = columns[a]!.map((entry, i) => (isFree[i] === 0 ? 0 : entry));
      for (let b = 0; b <= a; b++) {
        gram[a * w + b] = factors[a]! * factors[b]! * dot(masked, columns[b]!);
        gram[b * w + a] = gram[a * w + b]!;
      }
    }
    // (M^-1 - gram / theta) x = M^-1 v, without M on the left
    const right = new Float64Array(w);
    for (let a = 0; a < w; a++) right[a] = dot(this.middle.subarray(a * w, a * w + w), v);
    for (let k = 0; k < w * w; k++) gram[k] = this.middle[k]! - gram[k]! / this.theta;
    solveLeastSquares(x, pivotedQR(gram, w, w), right);
  }
}

/** <s_i, s_j> and <s_i, y_j> of all pairs, the oldest first. */
export interface PairProducts {
  readonly ss: readonly Vector[];
  readonly sy: readonly Vector[];
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
  };
}
