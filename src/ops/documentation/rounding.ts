import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const jump = "0 at the jumps as well";

export const rounding: Readonly<Record<string, PrimitiveDocumentation>> = {
  floor: { summary: "the largest whole number <= x", derivative: "0", kink: jump },
  ceil: { summary: "the smallest whole number >= x", derivative: "0", kink: jump },
  trunc: { summary: "x without its fraction, towards 0", derivative: "0", kink: jump },
  round: { summary: "the nearest whole number, halves to even", derivative: "0", kink: jump },
  sign: { summary: "-1, 0 or 1", derivative: "0", kink: "0 at the jump as well" },
  step: { summary: "1 for x > 0, else 0", derivative: "0", kink: "step(0) = 0; slope 0 at the jump as well" },
  abs: { summary: "|x|", derivative: "sign(x)", kink: "0 at 0" },
  fmod: {
    summary: "x - y trunc(x/y), the remainder with the sign of x",
    derivative: "1, -trunc(x/y)",
    kink: "at a jump, the slopes on the side away from 0",
  },
  mod: {
    summary: "x - y floor(x/y), the remainder with the sign of y; right where x/y rounds to a whole number, too",
    derivative: "1, -floor(x/y)",
    kink: "at a jump, the slopes to the right of it",
  },
  floorDiv: {
    summary: "the quotient of whole numbers, rounded down",
    derivative: "none: whole numbers do not vary",
  },
};
