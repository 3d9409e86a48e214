import type { Primitive } from "../../ir/primitive.ts";
import type { Operation } from "../../ops/define.ts";
import { mul, neg, reciprocal, square } from "../../ops/elementary/algebra.ts";
import { max } from "../../ops/elementary/comparison.ts";
import { exp, log1p } from "../../ops/elementary/exponential.ts";
import { sech2, tanh } from "../../ops/elementary/hyperbolic.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { sigmoid, sigmoidSlope, silu, siluSlope, softplus } from "../../ops/special/activation.ts";
import type { Value } from "../program/loops.ts";
import { plus } from "../program/values.ts";
import { type Family, isPlace, type Parts } from "./kin.ts";
import { by, choice, constant, isLess, minus, one, times } from "./values.ts";

// Sigmoids of x and of -x, and hyperbolic tangents of x/2, by one exponential.

/** What they have in common, where `isTwice` of the number y = x/2. */
class Decay {
  private readonly parts: Parts;
  private readonly isTwice: boolean;

  constructor(parts: Parts, isTwice: boolean) {
    this.parts = parts;
    this.isTwice = isTwice;
  }

  /** Where 1 - decay cancels. */
  get isCentral(): Value {
    return this.parts.named("isCentral", () => isLess(this.size, constant(this.isTwice ? 0.5 : 1)));
  }

  /** tanh(x/2) by itself. */
  get central(): Value {
    const half = this.isTwice ? this.number : times(this.number, constant(0.5));
    return this.parts.named("central", () => by(tanh)(half));
  }

  /** x, or its half. */
  get number(): Value {
    return this.parts.number(0);
  }

  /** e^-|x|. */
  get decay(): Value {
    return this.parts.named("decay", () => by(exp)(this.isTwice ? times(this.size, constant(-2)) : by(neg)(this.size)));
  }

  /** 1 / (1 + e^-|x|). */
  get share(): Value {
    return this.parts.named("share", () => by(reciprocal)(plus(this.decay, one)));
  }

  /** The value where e^-|x| has all its digits, and elsewhere the other. */
  orElse(value: Value, other: Value): Value {
    const isUsual = this.parts.named("isUsual", () => isLess(this.size, constant(faintBorder)));
    return choice(isUsual, value, other);
  }

  private get size(): Value {
    return this.parts.named("size", () => by(abs)(this.number));
  }
}

/** Further out e^-|x| is close to losing its digits to underflow, where products with x still have theirs. */
const faintBorder = 600;

/** A function of an operand that is x or -x, or of x/2 and -x/2, then as one of x/2. */
interface Form {
  /** With calls on one side of a choice alone: two numbers at a time would take both sides. */
  readonly isChosen?: boolean;
  readonly isOfHalf?: boolean;
  /** Its negative for the negative of its operand. */
  readonly isOdd?: boolean;
  readonly of: (operand: Value, at: Decay) => Value;
}

const isNegative = (x: Value) => isLess(x, constant(0));

/** The sigmoid. */
const shareOf = (x: Value, at: Decay) => choice(isNegative(x), times(at.decay, at.share), at.share);

const operations: readonly (readonly [Operation, Form])[] = [
  [sigmoid, { of: shareOf }],
  [sigmoidSlope, { of: (_, at) => times(at.decay, at.share, at.share) }],
  [silu, { isChosen: true, of: (x, at) => at.orElse(times(x, shareOf(x, at)), by(silu)(x)) }],
  [
    siluSlope,
    {
      isChosen: true,
      of: (x, at) => {
        const rest = choice(isNegative(x), at.share, times(at.decay, at.share));
        return at.orElse(times(shareOf(x, at), plus(one, times(x, rest))), by(siluSlope)(x));
      },
    },
  ],
  [softplus, { of: (x, at) => plus(by(max)(x, constant(0)), by(log1p)(at.decay)) }],
  [
    tanh,
    {
      isChosen: true,
      isOfHalf: true,
      isOdd: true,
      of: (y, at) =>
        choice(
          at.isCentral,
          at.central,
          choice(isNegative(y), times(minus(at.decay, one), at.share), times(minus(one, at.decay), at.share)),
        ),
    },
  ],
  [
    sech2,
    {
      isChosen: true,
      isOfHalf: true,
      of: (_, at) =>
        choice(at.isCentral, minus(one, by(square)(at.central)), times(constant(4), at.decay, at.share, at.share)),
    },
  ],
];

type Forms = ReadonlyMap<Primitive, Form>;

const forms: Forms = byPrimitive(operations);

const familyOf = (forms: Forms): Family => ({
  primitives: [...forms.keys()],
  memberOf: (value, behind) => {
    const { isOfHalf = false, isOdd, of: form } = forms.get(value.primitive)!;
    const [operand] = value.operands as [Value];
    const unsigned = (x: Value): readonly [of: Value, isNegative: boolean] => {
      const [of] = behind(x, neg) ?? [];
      return of ? [of, true] : [x, false];
    };
    let [of, isFlipped] = unsigned(operand);
    const [whole, factor] = (isOfHalf && behind(of, mul)) || [];
    const isHalf = whole && factor?.kind === "constant" && Math.abs(factor.value) === 0.5;
    if (isHalf) {
      const [inner, isInnerFlipped] = unsigned(whole);
      of = inner;
      if (isInnerFlipped !== factor.value < 0) isFlipped = !isFlipped;
    }
    if (!isPlace(of)) return undefined;
    const isTwice = isOfHalf && !isHalf;
    return {
      kind: isTwice ? "decay of twice" : "decay",
      places: [of],
      written: (parts) => {
        const at = new Decay(parts, isTwice);
        const own = isOfHalf || operand === of ? at.number : operand;
        const result = form(own, at);
        return isOdd && isFlipped ? by(neg)(result) : result;
      },
    };
  },
});

export const decays = familyOf(forms);

/** Those that two numbers at a time take the same way. */
export const evenDecays = familyOf(new Map([...forms].filter(([, { isChosen }]) => !isChosen)));
