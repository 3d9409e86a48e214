/** Springs between points of the plane: sum over pairs of (sqrt(dx^2 + dy^2 + 1) - length)^2; packed as all x, all y. */
export interface LayoutData {
  readonly points: number;
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly length: Float64Array;
}

/** The functions of one set of springs, as loops over pairs. */
export function handLayout({ points, first, second, length }: LayoutData) {
  function lossAndGradient(p: Float64Array, g: Float64Array): number {
    g.fill(0);
    let loss = 0;
    for (let k = 0; k < length.length; k++) {
      const i = first[k]!;
      const j = second[k]!;
      const dx = p[i]! - p[j]!;
      const dy = p[points + i]! - p[points + j]!;
      const distance = Math.sqrt(dx * dx + dy * dy + 1);
      const stretch = distance - length[k]!;
      loss += stretch * stretch;
      const pull = (2 * stretch) / distance;
      g[i] = g[i]! + pull * dx;
      g[j] = g[j]! - pull * dx;
      g[points + i] = g[points + i]! + pull * dy;
      g[points + j] = g[points + j]! - pull * dy;
    }
    return loss;
  }

  /** The Hessian times v. */
  function hvp(p: Float64Array, v: Float64Array, h: Float64Array): void {
    h.fill(0);
    for (let k = 0; k < length.length; k++) {
      const i = first[k]!;
      const j = second[k]!;
      const dx = p[i]! - p[j]!;
      const dy = p[points + i]! - p[points + j]!;
      const vx = v[i]! - v[j]!;
      const vy = v[points + i]! - v[points + j]!;
      const distance = Math.sqrt(dx * dx + dy * dy + 1);
      const rest = length[k]! / distance;
      const pull = 2 - 2 * rest;
      const turn = (2 * rest * (dx * vx + dy * vy)) / (distance * distance);
      const hx = pull * vx + turn * dx;
      const hy = pull * vy + turn * dy;
      h[i] = h[i]! + hx;
      h[j] = h[j]! - hx;
      h[points + i] = h[points + i]! + hy;
      h[points + j] = h[points + j]! - hy;
    }
  }

  return { lossAndGradient, hvp };
}
