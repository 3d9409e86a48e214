/** What a chain of hidden states shows, step by step; parameters: logits of transitions, of what is shown, and of the first state. */
export interface HmmData {
  readonly states: number;
  readonly symbols: number;
  readonly shown: Int32Array;
}

/** Rows of logarithms of probabilities for rows of logits, and their changes along a direction. */
class Rows {
  readonly count: number;
  readonly length: number;
  readonly logs: Float64Array;
  readonly dLogs: Float64Array;
  private readonly shares: Float64Array;

  constructor(count: number, length: number) {
    this.count = count;
    this.length = length;
    this.logs = new Float64Array(count * length);
    this.dLogs = new Float64Array(count * length);
    this.shares = new Float64Array(count * length);
  }

  read(x: Float64Array, from: number): void {
    const { count, length, logs, shares } = this;
    for (let i = 0; i < count; i++) {
      const row = i * length;
      let most = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < length; j++) most = Math.max(most, x[from + row + j]!);
      let sum = 0;
      for (let j = 0; j < length; j++) {
        shares[row + j] = Math.exp(x[from + row + j]! - most);
        sum += shares[row + j]!;
      }
      const all = most + Math.log(sum);
      for (let j = 0; j < length; j++) {
        logs[row + j] = x[from + row + j]! - all;
        shares[row + j] = shares[row + j]! / sum;
      }
    }
  }

  readChange(v: Float64Array, from: number): void {
    const { count, length, dLogs, shares } = this;
    for (let i = 0; i < count; i++) {
      const row = i * length;
      let mean = 0;
      for (let j = 0; j < length; j++) mean += shares[row + j]! * v[from + row + j]!;
      for (let j = 0; j < length; j++) dLogs[row + j] = v[from + row + j]! - mean;
    }
  }

  /** Slopes in logits from slopes in logarithms. */
  writeSlopes(slopes: Float64Array, g: Float64Array, from: number): void {
    const { count, length, shares } = this;
    for (let i = 0; i < count; i++) {
      const row = i * length;
      let sum = 0;
      for (let j = 0; j < length; j++) sum += slopes[row + j]!;
      for (let j = 0; j < length; j++) g[from + row + j] = slopes[row + j]! - shares[row + j]! * sum;
    }
  }

  writeChanges(slopes: Float64Array, changes: Float64Array, h: Float64Array, from: number): void {
    const { count, length, dLogs, shares } = this;
    for (let i = 0; i < count; i++) {
      const row = i * length;
      let sum = 0;
      let dSum = 0;
      for (let j = 0; j < length; j++) {
        sum += slopes[row + j]!;
        dSum += changes[row + j]!;
      }
      for (let j = 0; j < length; j++) {
        h[from + row + j] = changes[row + j]! - shares[row + j]! * (dSum + dLogs[row + j]! * sum);
      }
    }
  }
}

/** Minus the log-likelihood by the forward algorithm in logarithms; slopes flow back through the shares of every logsumexp. */
export function handHmm({ states: k, symbols, shown }: HmmData) {
  const steps = shown.length;
  const [moves, shows, begins] = [new Rows(k, k), new Rows(k, symbols), new Rows(1, k)];
  const [atShows, atBegins] = [k * k, k * k + k * symbols];
  const numbers = (length: number) => new Float64Array(length);
  const [a, da, b, db, terms] = [numbers(k), numbers(k), numbers(k), numbers(k), numbers(k)];
  const [lambda, dLambda, lB, dlB] = [numbers(k), numbers(k), numbers(k), numbers(k)];
  const [lMoves, dlMoves, lShows, dlShows] = [
    numbers(k * k),
    numbers(k * k),
    numbers(k * symbols),
    numbers(k * symbols),
  ];
  /** Of every step: the shares of all states before in each state behind it, and their changes. */
  const [shares, dShares] = [numbers(steps * k * k), numbers(steps * k * k)];

  /** Leaves the slopes in the last logarithms in lambda, and gives the loss. */
  function forward(hasChange: boolean): number {
    a.set(begins.logs);
    if (hasChange) da.set(begins.dLogs);
    for (let t = 0; t < steps; t++) {
      const symbol = shown[t]!;
      for (let i = 0; i < k; i++) b[i] = a[i]! + shows.logs[i * symbols + symbol]!;
      if (hasChange) for (let i = 0; i < k; i++) db[i] = da[i]! + shows.dLogs[i * symbols + symbol]!;
      for (let j = 0; j < k; j++) {
        let most = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < k; i++) most = Math.max(most, b[i]! + moves.logs[i * k + j]!);
        let sum = 0;
        for (let i = 0; i < k; i++) {
          terms[i] = Math.exp(b[i]! + moves.logs[i * k + j]! - most);
          sum += terms[i]!;
        }
        a[j] = most + Math.log(sum);
        const at = (t * k + j) * k;
        for (let i = 0; i < k; i++) shares[at + i] = terms[i]! / sum;
        if (!hasChange) continue;
        let mean = 0;
        for (let i = 0; i < k; i++) mean += shares[at + i]! * (db[i]! + moves.dLogs[i * k + j]!);
        for (let i = 0; i < k; i++) dShares[at + i] = shares[at + i]! * (db[i]! + moves.dLogs[i * k + j]! - mean);
        da[j] = mean;
      }
    }
    const most = a.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let j = 0; j < k; j++) sum += Math.exp(a[j]! - most);
    for (let j = 0; j < k; j++) lambda[j] = -Math.exp(a[j]! - most) / sum;
    let mean = 0;
    for (let j = 0; j < k; j++) mean -= lambda[j]! * da[j]!;
    for (let j = 0; j < k; j++) dLambda[j] = lambda[j]! * (da[j]! - mean);
    return -(most + Math.log(sum));
  }

  function lossAndGradient(x: Float64Array, g: Float64Array): number {
    moves.read(x, 0);
    shows.read(x, atShows);
    begins.read(x, atBegins);
    const loss = forward(false);
    lMoves.fill(0);
    lShows.fill(0);
    for (let t = steps - 1; t >= 0; t--) {
      lB.fill(0);
      for (let j = 0; j < k; j++) {
        const at = (t * k + j) * k;
        for (let i = 0; i < k; i++) {
          const slope = lambda[j]! * shares[at + i]!;
          lB[i] = lB[i]! + slope;
          lMoves[i * k + j] = lMoves[i * k + j]! + slope;
        }
      }
      for (let i = 0, at = shown[t]!; i < k; i++, at += symbols) lShows[at] = lShows[at]! + lB[i]!;
      lambda.set(lB);
    }
    moves.writeSlopes(lMoves, g, 0);
    shows.writeSlopes(lShows, g, atShows);
    begins.writeSlopes(lambda, g, atBegins);
    return loss;
  }

  /** The Hessian times v. */
  function hvp(x: Float64Array, v: Float64Array, h: Float64Array): void {
    for (const [rows, from] of [
      [moves, 0],
      [shows, atShows],
      [begins, atBegins],
    ] as const) {
      rows.read(x, from);
      rows.readChange(v, from);
    }
    forward(true);
    for (const sums of [lMoves, lShows, dlMoves, dlShows]) sums.fill(0);
    for (let t = steps - 1; t >= 0; t--) {
      lB.fill(0);
      dlB.fill(0);
      for (let j = 0; j < k; j++) {
        const at = (t * k + j) * k;
        for (let i = 0; i < k; i++) {
          const slope = lambda[j]! * shares[at + i]!;
          const change = dLambda[j]! * shares[at + i]! + lambda[j]! * dShares[at + i]!;
          lB[i] = lB[i]! + slope;
          dlB[i] = dlB[i]! + change;
          lMoves[i * k + j] = lMoves[i * k + j]! + slope;
          dlMoves[i * k + j] = dlMoves[i * k + j]! + change;
        }
      }
      for (let i = 0, at = shown[t]!; i < k; i++, at += symbols) {
        lShows[at] = lShows[at]! + lB[i]!;
        dlShows[at] = dlShows[at]! + dlB[i]!;
      }
      lambda.set(lB);
      dLambda.set(dlB);
    }
    moves.writeChanges(lMoves, dlMoves, h, 0);
    shows.writeChanges(lShows, dlShows, h, atShows);
    begins.writeChanges(lambda, dLambda, h, atBegins);
  }

  return { lossAndGradient, hvp };
}
