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

  generate(f: (k: number) => number, count = this.count): number[] {
    const made = new Array<number>(count);
    for (let k = 0; k < count; k++) made[k] = f(k);
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

  product(a: Coefficients, b: Coefficients): Coefficients {
    return this.generate((k) => convolved(0, a, b, k));
  }

  /** a / b, where b does not vanish at 0. */
  quotient(a: Coefficients, b: Coefficients): Coefficients {
    const found: number[] = [];
    const minus = scaled(b, -1);
    for (let k = 0; k < this.count; k++) found.push(convolved(at(a, k), found, minus, k) / b[0]!);
    return found;
  }

  private derivative(u: Coefficients): Coefficients {
    return this.generate((k) => (k + 1) * at(u, k + 1));
  }

  /** f(u) from its value where t = 0 and its slope in u. */
  integrated(value: number, u: Coefficients, slope: Coefficients): Coefficients {
    const rate = this.product(slope, this.derivative(u));
    return this.generate((k) => (k === 0 ? value : at(rate, k - 1) / k));
  }

  /** z from its value where t = 0 and its slope in u, of which it is a factor itself. */
  grown(value: number, u: Coefficients, slope: Coefficients): Coefficients {
    const rate = this.product(slope, this.derivative(u));
    const z = [value];
    for (let k = 1; k < this.count; k++) z.push(convolved(0, z, rate, k - 1) / k);
    return z;
  }

  /** Functions of u from their values where t = 0 and their slopes in u, which use them: every round settles one coefficient more. */
  solved(
    values: readonly number[],
    u: Coefficients,
    slopes: (ring: PowerSeriesRing, z: readonly Coefficients[]) => readonly Coefficients[],
  ): readonly Coefficients[] {
    let z: readonly Coefficients[] = values.map((value) => [value]);
    for (let count = 2; count <= this.count; count++) {
      const ring = new PowerSeriesRing(count);
      z = slopes(ring, z).map((slope, k) => ring.integrated(values[k]!, u, slope));
    }
    return z;
  }

  /** u^exponent, where u does not vanish at 0. */
  power(u: Coefficients, exponent: number): Coefficients {
    return this.grown(at(u, 0) ** exponent, u, this.quotient([exponent], u));
  }
}
