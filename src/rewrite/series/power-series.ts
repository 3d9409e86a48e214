/** The coefficients of t^0, t^1, ...; those that are left out are 0. */
export type Coefficients = readonly number[];

const at = (a: Coefficients, k: number) => a[k] ?? 0;

/** A sum of terms of this size; what is only their rounding is 0, or it would count as the leading coefficient. */
const rounded = (total: number, size: number) => (Math.abs(total) <= 2 ** -48 * size ? 0 : total);

function sumOf(x: number, y: number): number {
  return rounded(x + y, Math.abs(x) + Math.abs(y));
}

/** first + the sum of the products a[i] b[k - i]. */
function convolved(first: number, a: Coefficients, b: Coefficients, k: number): number {
  let total = first;
  let size = Math.abs(first);
  for (let i = 0; i <= k && i < a.length; i++) {
    const term = a[i]! * at(b, k - i);
    total += term;
    size += Math.abs(term);
  }
  return rounded(total, size);
}

/** A multiple of a series. */
export const scaled = (a: Coefficients, factor: number): Coefficients => a.map((value) => factor * value);

/** Power series in t modulo t^count: those of a smaller ring are the first coefficients of a larger one, to the bit. */
export class PowerSeriesRing {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  /** Coefficients, each from those before it. */
  generate(f: (k: number, before: Coefficients) => number, count = this.count): Coefficients {
    const made: number[] = [];
    for (let k = 0; k < count; k++) made.push(f(k, made));
    return made;
  }

  /** t^order a, with zeros in front. */
  shifted(a: Coefficients, order: number): Coefficients {
    return this.generate((k) => at(a, k - order));
  }

  /** a + t^order b, to another count where it is given. */
  sum(a: Coefficients, b: Coefficients, order = 0, count = this.count): Coefficients {
    return this.generate((k) => sumOf(at(a, k), at(b, k - order)), count);
  }

  scaled(a: Coefficients, factor: number): Coefficients {
    return this.generate((k) => factor * at(a, k));
  }

  product(a: Coefficients, b: Coefficients): Coefficients {
    return this.generate((k) => convolved(0, a, b, k));
  }

  /** a / b, where b is known and does not vanish at 0. */
  quotient(a: Coefficients, b: Coefficients): Coefficients {
    const minus = scaled(b, -1);
    return this.generate((k, found) => convolved(at(a, k), found, minus, k) / b[0]!);
  }

  /** The sum of c_k (u - u_0)^k. */
  composed(coefficients: Coefficients, [, ...rest]: Coefficients): Coefficients {
    const rise = [0, ...rest];
    return coefficients.reduceRight<Coefficients>((total, each) => this.sum([each], this.product(total, rise)), []);
  }

  private derivative(u: Coefficients): Coefficients {
    return this.generate((k) => (k + 1) * at(u, k + 1));
  }

  /** f(u) from its value where t = 0 and its slope in u. */
  integrated(value: number, u: Coefficients, slope: Coefficients): Coefficients {
    const rate = this.product(slope, this.derivative(u));
    return this.generate((k) => (k === 0 ? value : at(rate, k - 1) / k));
  }

  /** Functions of u from their values where t = 0 and their slopes in u, which use them. */
  solved(
    values: readonly number[],
    u: Coefficients,
    slopes: (ring: PowerSeriesRing, z: readonly Coefficients[]) => readonly Coefficients[],
  ): readonly Coefficients[] {
    const z = values.map((value) => [value]);
    const ring = new GrowingRing(this.count);
    const found = slopes(ring, z);
    const derivative = this.derivative(u);
    for (let k = 1; k < this.count; k++) {
      ring.grow();
      for (const [at, each] of z.entries()) each.push(convolved(0, found[at]!, derivative, k - 1) / k);
    }
    return z;
  }

  /** u^exponent, where u does not vanish at 0. */
  power(u: Coefficients, exponent: number): Coefficients {
    const value = at(u, 0) ** exponent;
    return this.solved([value], u, (ring, [z]) => [ring.scaled(ring.quotient(z!, u), exponent)])[0]!;
  }
}

/** The ring in which series are known as far as what they are made of: all have one coefficient more each time it grows. */
class GrowingRing extends PowerSeriesRing {
  private readonly steps: (() => void)[] = [];

  override generate(f: (k: number, before: Coefficients) => number): Coefficients {
    const made: number[] = [];
    this.steps.push(() => made.push(f(made.length, made)));
    return made;
  }

  grow(): void {
    for (const step of this.steps) step();
  }
}
