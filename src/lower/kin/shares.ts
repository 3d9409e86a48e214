import { div } from "../../ops/elementary/algebra.ts";
import { equal, max } from "../../ops/elementary/comparison.ts";
import { exp, log1p } from "../../ops/elementary/exponential.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { logaddexp3, otherShares, share, shareProduct, shareSlope } from "../../ops/special/special.ts";
import type { Value } from "../program/loops.ts";
import { plus } from "../program/values.ts";
import { type Family, inOneOrder, isPlace, type Parts } from "./kin.ts";
import { by, choice, constant, minus, times } from "./values.ts";

// The shares of three exponentials, and the logarithm of their sum, by the three powers over the largest.

/** What they have in common. Exponents and powers go by their numbers. */
class Powers {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get largest(): Value {
    const [x, y, w] = [0, 1, 2].map((k) => this.parts.number(k)) as [Value, Value, Value];
    return this.parts.named("largest", () => by(max)(x, by(max)(y, w)));
  }

  isLargest(k: number): Value {
    return this.parts.named(`is ${k} largest`, () => by(equal, "bool")(this.parts.number(k), this.largest));
  }

  /** e^x over the largest: an infinite exponent has no distance from itself. */
  power(k: number): Value {
    const below = () => choice(this.isLargest(k), constant(0), minus(this.parts.number(k), this.largest));
    return this.parts.named(`power ${k}`, () => by(exp)(below()));
  }

  get total(): Value {
    return this.parts.named("total", () => [0, 1, 2].map((k) => this.power(k)).reduce(plus));
  }

  share(k: number): Value {
    return this.parts.named(`share ${k}`, () => by(div)(this.power(k), this.total));
  }

  others(k: number): Value {
    const [y, w] = [0, 1, 2].filter((other) => other !== k) as [number, number];
    return this.parts.named(`others ${k}`, () => plus(this.power(y), this.power(w)));
  }

  /** 1 - share. */
  otherShares(k: number): Value {
    return this.parts.named(`other shares ${k}`, () => by(div)(this.others(k), this.total));
  }

  /** The logarithm of the sum of the powers, of which the largest is 1. */
  get logTotal(): Value {
    return this.parts.named("log total", () => {
      const rest = choice(this.isLargest(0), this.others(0), choice(this.isLargest(1), this.others(1), this.others(2)));
      return by(log1p)(rest);
    });
  }
}

type Form = (of: Powers, x: number, y: number) => Value;

const forms = byPrimitive<Form>([
  [logaddexp3, (of) => plus(of.largest, of.logTotal)],
  [share, (of, x) => of.share(x)],
  [otherShares, (of, x) => of.otherShares(x)],
  [shareSlope, (of, x) => times(of.share(x), of.otherShares(x))],
  [shareProduct, (of, x, y) => times(of.share(x), of.share(y))],
]);

export const shares: Family = {
  primitives: [...forms.keys()],
  memberOf: ({ primitive, operands }) => {
    if (!operands.every(isPlace)) return undefined;
    const places = inOneOrder(operands);
    return {
      kind: "shares",
      places,
      written: (parts) => {
        // equal exponents are one place, and have powers of their own
        const [x, y] = operands.map((place) => places.indexOf(place)) as [number, number];
        return forms.get(primitive)!(new Powers(parts), x, y);
      },
    };
  },
};
