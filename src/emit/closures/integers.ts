import type { Guard } from "../../ir/contraction.ts";
import type { Atom, Integer } from "../../ir/integer.ts";

export type Thunk<T> = () => T;

/** constant + sum of coefficient * variable: what most addresses and bounds are, once the sizes are numbers. */
export interface Linear {
  readonly constant: number;
  readonly coefficients: readonly number[];
  readonly variables: readonly number[];
}

/** Integers of a program with known sizes as closures over the integer variables. */
export class IntegerClosures {
  /** One slot per integer variable: loop variables, address parts, looked-up elements. */
  readonly slots: Float64Array;
  private readonly sizes: ReadonlyMap<string, number>;

  constructor(sizes: ReadonlyMap<string, number>, variables: number) {
    this.sizes = sizes;
    this.slots = new Float64Array(variables);
  }

  /** The value when no variable is left. */
  constant(integer: Integer): number | undefined {
    const linear = this.linear(integer);
    return linear?.variables.length === 0 ? linear.constant : undefined;
  }

  linear(integer: Integer, offset = 0): Linear | undefined {
    let constant = offset;
    const coefficients: number[] = [];
    const variables: number[] = [];
    for (const { coefficient, atoms } of integer.terms) {
      let factor = coefficient;
      let variable: number | undefined;
      for (const atom of atoms) {
        if (atom.kind === "iterator" && variable === undefined) variable = atom.iterator;
        else {
          const value = this.numberOf(atom);
          if (value === undefined) return undefined;
          factor *= value;
        }
      }
      if (variable === undefined) constant += factor;
      else {
        coefficients.push(factor);
        variables.push(variable);
      }
    }
    return { constant, coefficients, variables };
  }

  /** The integer, moved by `offset`. */
  thunk(integer: Integer, offset = 0): Thunk<number> {
    const linear = this.linear(integer, offset);
    return linear ? this.linearThunk(linear) : this.polynomialThunk(integer, offset);
  }

  guards(guards: readonly Guard[]): Thunk<boolean> {
    const tests = guards.map(({ index, extent }): Thunk<boolean> => {
      const at = this.thunk(index);
      if (!extent) return () => at() >= 0;
      const end = this.thunk(extent);
      return () => {
        const i = at();
        return i >= 0 && i < end();
      };
    });
    const [first, second] = tests;
    if (tests.length === 1) return first!;
    if (tests.length === 2) return () => first!() && second!();
    return () => {
      for (let k = 0; k < tests.length; k++) if (!tests[k]!()) return false;
      return true;
    };
  }

  private linearThunk({ constant, coefficients, variables }: Linear): Thunk<number> {
    const { slots } = this;
    const [a, b, c] = coefficients as [number, number, number];
    const [i, j, k] = variables as [number, number, number];
    switch (variables.length) {
      case 0:
        return () => constant;
      case 1:
        return constant === 0 && a === 1 ? () => slots[i]! : () => constant + a * slots[i]!;
      case 2:
        return () => constant + a * slots[i]! + b * slots[j]!;
      case 3:
        return () => constant + a * slots[i]! + b * slots[j]! + c * slots[k]!;
      default:
        return () => {
          let sum = constant;
          for (let term = 0; term < variables.length; term++) sum += coefficients[term]! * slots[variables[term]!]!;
          return sum;
        };
    }
  }

  private polynomialThunk(integer: Integer, offset: number): Thunk<number> {
    const terms = integer.terms.map(({ coefficient, atoms }) => ({
      coefficient,
      factors: atoms.map((atom) => this.atomThunk(atom)),
    }));
    return () => {
      let sum = offset;
      for (const { coefficient, factors } of terms) {
        let product = coefficient;
        for (const factor of factors) product *= factor();
        sum += product;
      }
      return sum;
    };
  }

  private atomThunk(atom: Atom): Thunk<number> {
    const { slots } = this;
    const value = this.numberOf(atom);
    if (value !== undefined) return () => value;
    if (atom.kind === "iterator") return () => slots[atom.iterator]!;
    if (atom.kind !== "floorDiv") throw new Error(`internal: ${atom.key} was not resolved`);
    const numerator = this.thunk(atom.numerator);
    const denominator = this.thunk(atom.denominator);
    return () => Math.floor(numerator() / denominator());
  }

  /** The value of an atom that depends on sizes alone. */
  private numberOf(atom: Atom): number | undefined {
    if (atom.kind === "name") {
      const size = this.sizes.get(atom.name);
      if (size === undefined) throw new Error(`internal: the size ${atom.name} is not bound`);
      return size;
    }
    if (atom.kind !== "floorDiv") return undefined;
    const numerator = this.constant(atom.numerator);
    const denominator = this.constant(atom.denominator);
    return numerator === undefined || denominator === undefined ? undefined : Math.floor(numerator / denominator);
  }
}
