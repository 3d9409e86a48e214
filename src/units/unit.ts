import { commonDivisor } from "../numeric/common-divisor.ts";

/** An exact ratio of whole numbers, the denominator positive, in lowest terms. */
interface Ratio {
  readonly over: number;
  readonly under: number;
}

/**
 * A unit of measurement as exponents over atoms: base units by name, unknowns by number. The empty product is 1, the
 * unit of pure numbers. Units form a vector space over the rationals: products add exponents, powers scale them.
 */
export class Unit {
  static readonly one = new Unit(new Map());
  readonly exponents: ReadonlyMap<string | number, Ratio>;

  private constructor(exponents: ReadonlyMap<string | number, Ratio>) {
    this.exponents = exponents;
  }

  static base(name: string): Unit {
    return new Unit(new Map([[name, { over: 1, under: 1 }]]));
  }

  static unknown(id: number): Unit {
    return new Unit(new Map([[id, { over: 1, under: 1 }]]));
  }

  get isOne(): boolean {
    return this.exponents.size === 0;
  }

  /** The unknowns in it. */
  get unknowns(): number[] {
    return [...this.exponents.keys()].filter((atom) => typeof atom === "number");
  }

  times(that: Unit): Unit {
    if (that.isOne) return this;
    if (this.isOne) return that;
    const product = new Map(this.exponents);
    for (const [atom, exponent] of that.exponents) {
      const sum = plus(product.get(atom) ?? zero, exponent);
      if (sum.over === 0) product.delete(atom);
      else product.set(atom, sum);
    }
    return new Unit(product);
  }

  over(that: Unit): Unit {
    return this.times(that.power(-1));
  }

  /** This to the power over/under. */
  power(over: number, under = 1): Unit {
    if (over === 0) return Unit.one;
    const scale = ratio(over, under);
    return new Unit(new Map([...this.exponents].map(([atom, exponent]) => [atom, multiply(exponent, scale)])));
  }

  /** The unit with one unknown solved: what that unknown must be for this unit to equal 1. */
  solvedFor(unknown: number): Unit {
    const { over, under } = this.exponents.get(unknown)!;
    return this.without(unknown).power(over > 0 ? -under : under, Math.abs(over));
  }

  /** The unit with an unknown replaced. */
  replace(unknown: number, value: Unit): Unit {
    const exponent = this.exponents.get(unknown);
    return exponent ? this.without(unknown).times(value.power(exponent.over, exponent.under)) : this;
  }

  private without(atom: string | number): Unit {
    const rest = new Map(this.exponents);
    rest.delete(atom);
    return new Unit(rest);
  }

  /** As people write it: `kg*m/s^2`; unknowns as ?1, ?2. */
  get text(): string {
    const entries = [...this.exponents].map(([atom, exponent]) => ({
      name: typeof atom === "number" ? `?${atom}` : atom,
      exponent,
    }));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const written = (sign: 1 | -1) =>
      entries
        .filter(({ exponent }) => Math.sign(exponent.over) === sign)
        .map(({ name, exponent }) => `${name}${exponentText(Math.abs(exponent.over), exponent.under)}`);
    const above = written(1).join("*");
    const below = written(-1);
    return (above || "1") + below.map((factor) => `/${factor}`).join("");
  }
}

function exponentText(over: number, under: number): string {
  if (under !== 1) return `^(${over}/${under})`;
  return over === 1 ? "" : `^${over}`;
}

const zero: Ratio = { over: 0, under: 1 };

function ratio(over: number, under: number): Ratio {
  const divisor = commonDivisor(Math.abs(over), under) || 1;
  return { over: over / divisor, under: under / divisor };
}

const plus = (a: Ratio, b: Ratio) => ratio(a.over * b.under + b.over * a.under, a.under * b.under);
const multiply = (a: Ratio, b: Ratio) => ratio(a.over * b.over, a.under * b.under);
