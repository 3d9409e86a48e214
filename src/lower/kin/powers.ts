import type { Primitive } from "../../ir/primitive.ts";
import { reciprocal } from "../../ops/elementary/algebra.ts";
import { and } from "../../ops/elementary/comparison.ts";
import { exp, log } from "../../ops/elementary/exponential.ts";
import { pow, powLog, powSlope, powSlopeLog } from "../../ops/elementary/powers.ts";
import type { Apply, Value } from "../program/loops.ts";
import { plus } from "../program/values.ts";
import { type Family, isPlace, type Member, type Parts, type Place } from "./kin.ts";
import { by, choice, constant, isLess, minus, one, times } from "./values.ts";

// A power, its slopes in the base and in the exponent, by one power, and by one logarithm and one exponential where a slope asks for that.

/**
 * Bases and powers between this and its reciprocal are such that no product below leaves the range of numbers. There e^(y log x) is x^y for
 * an exponent that is less than two of its last places away. Engines before 2025 take four times as long for a power.
 */
const least = 2 ** -100;

const logarithm = "log";

/** What they have in common: the power, and where it serves the others. */
class Power {
  private readonly parts: Parts;
  private readonly exponent: Value;

  constructor(parts: Parts, exponent: Value) {
    this.parts = parts;
    this.exponent = exponent;
  }

  get base(): Value {
    return this.parts.number(0);
  }

  /** x^y. */
  get power(): Value {
    return this.parts.named("power", () => {
      const power = by(pow)(this.base, this.exponent);
      return this.isByLog ? choice(this.isOrdinary, this.byLog, power) : power;
    });
  }

  /** x^(y+n). */
  moved(n: number): Value {
    const factor = n < 0 ? this.parts.named("reciprocal", () => by(reciprocal)(this.base)) : this.base;
    return times(this.power, ...Array.from({ length: Math.abs(n) }, () => factor));
  }

  get log(): Value {
    return this.parts.named(logarithm, () => by(log)(this.base));
  }

  /** The value that holds where neither overflows nor loses digits, and elsewhere the other. */
  orElse(value: Value, other: Value): Value {
    return choice(this.isOrdinary, value, other);
  }

  private get isByLog(): boolean {
    return this.parts.asked.has(logarithm);
  }

  private get isOrdinary(): Value {
    return this.parts.named("isOrdinary", () =>
      both(isOfOrder(this.base), isOfOrder(this.isByLog ? this.byLog : this.power)),
    );
  }

  private get byLog(): Value {
    return this.parts.named("byLog", () => by(exp)(times(this.exponent, this.log)));
  }
}

const both = by(and, "bool");

const isOfOrder = (value: Value) => both(isLess(constant(least), value), isLess(value, constant(1 / least)));

/** y, or y (y - 1), and its slope. */
const factorial = (n: number, y: Value): readonly [value: Value, slope: Value] =>
  n === 1 ? [y, one] : [times(y, minus(y, one)), minus(times(constant(2), y), one)];

/** A function beside x^y by it. */
interface Form {
  readonly asks?: string;
  readonly of: (at: Power, y: Value) => Value;
}

const forms = new Map<Primitive, Form>(
  [1, 2].flatMap((n): (readonly [Primitive, Form])[] => [
    [powSlope(n).primitive, { of: (at, y) => times(factorial(n, y)[0], at.moved(-n)) }],
    [
      powSlopeLog(n).primitive,
      {
        asks: logarithm,
        of: (at, y) => {
          const [value, slope] = factorial(n, y);
          return times(plus(slope, times(value, at.log)), at.moved(-n));
        },
      },
    ],
    [powLog(n).primitive, { asks: logarithm, of: (at) => times(at.power, ...(n === 1 ? [at.log] : [at.log, at.log])) }],
  ]),
);

/** Exponents that differ by a whole number up to this one have powers by each other. */
const mostSteps = 2;

/** x^c, and what it is by another power. */
function ofFixedExponent(value: Apply, x: Place, c: number): Member {
  return {
    // exponents that are given in decimals differ by whole numbers but for their last bits
    kind: `power ${Math.round((c - Math.floor(c)) * 2 ** 40)}`,
    places: [x],
    written: (parts) => {
      const first = parts.once("exponent", () => c);
      const at = new Power(parts, constant(first));
      const n = Math.round(c - first);
      if (n === 0) return at.power;
      return Math.abs(n) > mostSteps ? value : at.orElse(at.moved(n), { ...value, operands: [at.base, constant(c)] });
    },
  };
}

export const powers: Family = {
  primitives: [pow.primitive, ...forms.keys()],
  memberOf: (value) => {
    const [x, y] = value.operands as [Value, Value];
    const form = forms.get(value.primitive);
    if (!isPlace(x)) return undefined;
    if (y.kind === "constant") return form ? undefined : ofFixedExponent(value, x, y.value);
    if (!isPlace(y)) return undefined;
    return {
      kind: "power",
      places: [x, y],
      asks: form?.asks,
      written: (parts) => {
        const exponent = parts.number(1);
        const at = new Power(parts, exponent);
        return form ? at.orElse(form.of(at, exponent), { ...value, operands: [at.base, exponent] }) : at.power;
      },
    };
  },
};
