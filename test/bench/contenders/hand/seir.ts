/** Infections over days, one step of Euler's a day; parameters: logarithms of three rates, and of the share that begins infected. */
export interface SeirData {
  readonly seen: Float64Array;
}

/** The sum of squared differences between infectious shares and what was seen. */
export function handSeir({ seen }: SeirData) {
  const days = seen.length;
  const states = new Float64Array(3 * days);
  const changes = new Float64Array(3 * days);

  function lossAndGradient(x: Float64Array, g: Float64Array): number {
    const [beta, sigma, gamma, start] = [Math.exp(x[0]!), Math.exp(x[1]!), Math.exp(x[2]!), Math.exp(x[3]!)];
    let s = 1 - start;
    let e = start;
    let i = 0;
    let loss = 0;
    for (let day = 0, at = 0; day < days; day++, at += 3) {
      states[at] = s;
      states[at + 1] = e;
      states[at + 2] = i;
      const error = seen[day]! - i;
      loss += error * error;
      const infected = beta * s * i;
      const ill = sigma * e;
      s -= infected;
      e += infected - ill;
      i += ill - gamma * i;
    }
    // slopes in s, e and i, and in the rates
    let [ls, le, li, lBeta, lSigma, lGamma] = [0, 0, 0, 0, 0, 0];
    for (let day = days - 1, at = 3 * day; day >= 0; day--, at -= 3) {
      s = states[at]!;
      e = states[at + 1]!;
      i = states[at + 2]!;
      const lInfected = le - ls;
      const lIll = li - le;
      lBeta += lInfected * s * i;
      lSigma += lIll * e;
      lGamma -= li * i;
      li += lInfected * beta * s - li * gamma - 2 * (seen[day]! - i);
      ls += lInfected * beta * i;
      le += lIll * sigma;
    }
    g[0] = lBeta * beta;
    g[1] = lSigma * sigma;
    g[2] = lGamma * gamma;
    g[3] = (le - ls) * start;
    return loss;
  }

  /** The Hessian times v: every line of the gradient, and behind it its tangent. */
  function hvp(x: Float64Array, v: Float64Array, h: Float64Array): void {
    const [beta, sigma, gamma, start] = [Math.exp(x[0]!), Math.exp(x[1]!), Math.exp(x[2]!), Math.exp(x[3]!)];
    const [dBeta, dSigma, dGamma, dStart] = [beta * v[0]!, sigma * v[1]!, gamma * v[2]!, start * v[3]!];
    let [s, e, i, ds, de, di] = [1 - start, start, 0, -dStart, dStart, 0];
    for (let day = 0, at = 0; day < days; day++, at += 3) {
      states[at] = s;
      states[at + 1] = e;
      states[at + 2] = i;
      changes[at] = ds;
      changes[at + 1] = de;
      changes[at + 2] = di;
      const infected = beta * s * i;
      const ill = sigma * e;
      const dInfected = dBeta * s * i + beta * (ds * i + s * di);
      const dIll = dSigma * e + sigma * de;
      s -= infected;
      ds -= dInfected;
      e += infected - ill;
      de += dInfected - dIll;
      di += dIll - (dGamma * i + gamma * di);
      i += ill - gamma * i;
    }
    let [ls, le, li, lBeta, lSigma, lGamma] = [0, 0, 0, 0, 0, 0];
    let [dls, dle, dli, dlBeta, dlSigma, dlGamma] = [0, 0, 0, 0, 0, 0];
    for (let day = days - 1, at = 3 * day; day >= 0; day--, at -= 3) {
      s = states[at]!;
      e = states[at + 1]!;
      i = states[at + 2]!;
      ds = changes[at]!;
      de = changes[at + 1]!;
      di = changes[at + 2]!;
      const lInfected = le - ls;
      const dlInfected = dle - dls;
      const lIll = li - le;
      const dlIll = dli - dle;
      const si = s * i;
      const dsi = ds * i + s * di;
      lBeta += lInfected * si;
      dlBeta += dlInfected * si + lInfected * dsi;
      lSigma += lIll * e;
      dlSigma += dlIll * e + lIll * de;
      lGamma -= li * i;
      dlGamma -= dli * i + li * di;
      dli += dlInfected * beta * s + lInfected * (dBeta * s + beta * ds) - dli * gamma - li * dGamma + 2 * di;
      li += lInfected * beta * s - li * gamma - 2 * (seen[day]! - i);
      dls += dlInfected * beta * i + lInfected * (dBeta * i + beta * di);
      ls += lInfected * beta * i;
      dle += dlIll * sigma + lIll * dSigma;
      le += lIll * sigma;
    }
    h[0] = dlBeta * beta + lBeta * dBeta;
    h[1] = dlSigma * sigma + lSigma * dSigma;
    h[2] = dlGamma * gamma + lGamma * dGamma;
    h[3] = (dle - dls) * start + (le - ls) * dStart;
  }

  return { lossAndGradient, hvp };
}
