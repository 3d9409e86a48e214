/** Points of the plane whose distances are to be as given, D[i, j] for i above j, packed as rows. */
export interface StressData {
  readonly points: number;
  readonly D: Float64Array;
}

/** The stress sum ((|p_i - p_j| - D) / D)^2, as loops over pairs; the slope of a distance of 0 is 0. */
export function handStress({ points, D }: StressData) {
  function lossAndGradient(x: Float64Array, g: Float64Array): number {
    let loss = 0;
    g.fill(0);
    for (let i = 0; i < points; i++) {
      const [x0, x1] = [x[2 * i]!, x[2 * i + 1]!];
      let g0 = 0;
      let g1 = 0;
      for (let j = 0; j < i; j++) {
        const u = x0 - x[2 * j]!;
        const w = x1 - x[2 * j + 1]!;
        const distance = Math.sqrt(u * u + w * w);
        const wanted = D[i * points + j]!;
        const off = (distance - wanted) / wanted;
        loss += off * off;
        if (distance === 0) continue;
        const pull = (2 * off) / (wanted * distance);
        g0 += pull * u;
        g1 += pull * w;
        g[2 * j] = g[2 * j]! - pull * u;
        g[2 * j + 1] = g[2 * j + 1]! - pull * w;
      }
      g[2 * i] = g[2 * i]! + g0;
      g[2 * i + 1] = g[2 * i + 1]! + g1;
    }
    return loss;
  }

  /** The Hessian times v. */
  function hvp(x: Float64Array, v: Float64Array, h: Float64Array): void {
    h.fill(0);
    for (let i = 0; i < points; i++) {
      const [x0, x1, v0, v1] = [x[2 * i]!, x[2 * i + 1]!, v[2 * i]!, v[2 * i + 1]!];
      let h0 = 0;
      let h1 = 0;
      for (let j = 0; j < i; j++) {
        const u = x0 - x[2 * j]!;
        const w = x1 - x[2 * j + 1]!;
        const square = u * u + w * w;
        if (square === 0) continue;
        const du = v0 - v[2 * j]!;
        const dw = v1 - v[2 * j + 1]!;
        const inverse = 1 / Math.sqrt(square);
        const wanted = D[i * points + j]!;
        const pull = (2 / (wanted * wanted)) * (1 - wanted * inverse);
        const along = ((2 / wanted) * inverse * (u * du + w * dw)) / square;
        const p = pull * du + along * u;
        const q = pull * dw + along * w;
        h0 += p;
        h1 += q;
        h[2 * j] = h[2 * j]! - p;
        h[2 * j + 1] = h[2 * j + 1]! - q;
      }
      h[2 * i] = h[2 * i]! + h0;
      h[2 * i + 1] = h[2 * i + 1]! + h1;
    }
  }

  return { lossAndGradient, hvp };
}
