/** Points of the plane whose neighbourhoods are to be like given ones, P[i, j] for i above j, which sum to 1/2; packed as rows. */
export interface TsneData {
  readonly points: number;
  readonly P: Float64Array;
}

/** The Kullback-Leibler divergence of P from weights 1 / (1 + distance^2), as loops over pairs. */
export function handTsne({ points, P }: TsneData) {
  const weights = new Float64Array(points * points);
  const changes = new Float64Array(points * points);
  let entropy = 0;
  let mass = 0;
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < i; j++) {
      const p = P[i * points + j]!;
      entropy += 2 * p * Math.log(p);
      mass += 2 * p;
    }
  }

  function lossAndGradient(x: Float64Array, g: Float64Array): number {
    let total = 0;
    let loss = entropy;
    for (let i = 0; i < points; i++) {
      const [x0, x1] = [x[2 * i]!, x[2 * i + 1]!];
      for (let j = 0; j < i; j++) {
        const u = x0 - x[2 * j]!;
        const w = x1 - x[2 * j + 1]!;
        const far = 1 + u * u + w * w;
        const weight = 1 / far;
        weights[i * points + j] = weight;
        total += 2 * weight;
        loss += 2 * P[i * points + j]! * Math.log(far);
      }
    }
    g.fill(0);
    const share = mass / total;
    for (let i = 0; i < points; i++) {
      const [x0, x1] = [x[2 * i]!, x[2 * i + 1]!];
      let g0 = 0;
      let g1 = 0;
      for (let j = 0; j < i; j++) {
        const weight = weights[i * points + j]!;
        const pull = 4 * weight * (P[i * points + j]! - share * weight);
        const u = pull * (x0 - x[2 * j]!);
        const w = pull * (x1 - x[2 * j + 1]!);
        g0 += u;
        g1 += w;
        g[2 * j] = g[2 * j]! - u;
        g[2 * j + 1] = g[2 * j + 1]! - w;
      }
      g[2 * i] = g[2 * i]! + g0;
      g[2 * i + 1] = g[2 * i + 1]! + g1;
    }
    return loss + mass * Math.log(total);
  }

  /** The Hessian times v. */
  function hvp(x: Float64Array, v: Float64Array, h: Float64Array): void {
    let total = 0;
    let dTotal = 0;
    for (let i = 0; i < points; i++) {
      const [x0, x1, v0, v1] = [x[2 * i]!, x[2 * i + 1]!, v[2 * i]!, v[2 * i + 1]!];
      for (let j = 0; j < i; j++) {
        const u = x0 - x[2 * j]!;
        const w = x1 - x[2 * j + 1]!;
        const weight = 1 / (1 + u * u + w * w);
        const change = -2 * weight * weight * (u * (v0 - v[2 * j]!) + w * (v1 - v[2 * j + 1]!));
        weights[i * points + j] = weight;
        changes[i * points + j] = change;
        total += 2 * weight;
        dTotal += 2 * change;
      }
    }
    h.fill(0);
    const share = mass / total;
    const dShare = (-share * dTotal) / total;
    for (let i = 0; i < points; i++) {
      const [x0, x1, v0, v1] = [x[2 * i]!, x[2 * i + 1]!, v[2 * i]!, v[2 * i + 1]!];
      let h0 = 0;
      let h1 = 0;
      for (let j = 0; j < i; j++) {
        const weight = weights[i * points + j]!;
        const change = changes[i * points + j]!;
        const p = P[i * points + j]!;
        const pull = 4 * weight * (p - share * weight);
        const dPull = 4 * change * (p - 2 * share * weight) - 4 * weight * weight * dShare;
        const u = dPull * (x0 - x[2 * j]!) + pull * (v0 - v[2 * j]!);
        const w = dPull * (x1 - x[2 * j + 1]!) + pull * (v1 - v[2 * j + 1]!);
        h0 += u;
        h1 += w;
        h[2 * j] = h[2 * j]! - u;
        h[2 * j + 1] = h[2 * j + 1]! - w;
      }
      h[2 * i] = h[2 * i]! + h0;
      h[2 * i + 1] = h[2 * i + 1]! + h1;
    }
  }

  return { lossAndGradient, hvp };
}
