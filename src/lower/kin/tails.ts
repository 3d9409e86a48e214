import { faded } from "../../ops/ratios/faded.ts";
import { normalCdf } from "../../ops/special/erf.ts";
import { gelu } from "../../ops/special/gelu.ts";
import { type Family, isPlace } from "./kin.ts";
import { by } from "./values.ts";

/** The normal distribution function of x, and its product with x. */
export const tails: Family = {
  primitives: [gelu.primitive, normalCdf.primitive],
  memberOf: ({ primitive, operands: [x] }) =>
    x && isPlace(x)
      ? {
          kind: "tail",
          places: [x],
          written: (parts) => {
            const tail = parts.named("tail", () => by(normalCdf)(parts.number(0)));
            return primitive === gelu.primitive ? by(faded)(tail, parts.number(0)) : tail;
          },
        }
      : undefined,
};
