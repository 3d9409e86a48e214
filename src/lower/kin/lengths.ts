import { div } from "../../ops/elementary/algebra.ts";
import { and } from "../../ops/elementary/comparison.ts";
import {
  direction,
  directionSine,
  greatestSum,
  leastSum,
  polarRadius,
  spaceDirections,
  sphericalRadius,
} from "../../ops/elementary/lengths.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { plus } from "../program/values.ts";
import { type Family, inOneOrder, isPlace } from "./kin.ts";
import { by, choice, constant, isLess, times } from "./values.ts";

// A length and the coordinates of the unit vector along it, by one root of one sum of squares.

/** The coordinate that a function has over the length; those without one are the length. */
const axes = byPrimitive<number | undefined>([
  [polarRadius, undefined],
  [sphericalRadius, undefined],
  ...[direction, directionSine].map((operation, axis) => [operation, axis] as const),
  ...spaceDirections.map((operation, axis) => [operation, axis] as const),
]);

export const lengths: Family = {
  primitives: [...axes.keys()],
  memberOf: (value) => {
    const { primitive, operands } = value;
    if (!operands.every(isPlace)) return undefined;
    // of two squares the sum has the same bits in either order
    const places = operands.length === 2 ? inOneOrder(operands) : operands;
    return {
      kind: `length in ${places.length}`,
      places,
      written: (parts) => {
        const own = operands.map((place) => parts.number(places.indexOf(place)));
        const sum = parts.named("sum", () => own.map((x) => times(x, x)).reduce(plus));
        const isSafe = parts.named("isSafe", () =>
          by(and, "bool")(isLess(constant(leastSum), sum), isLess(sum, constant(greatestSum))),
        );
        const root = parts.named("root", () => by(sqrt)(sum));
        const axis = axes.get(primitive);
        const safe = axis === undefined ? root : by(div)(own[axis]!, root);
        return choice(isSafe, safe, { ...value, operands: own });
      },
    };
  },
};
