import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const cast: Readonly<Record<string, PrimitiveDocumentation>> = {
  toReal: {
    summary: "the int or bool as a real number; true is 1",
    derivative: "none: whole numbers do not vary",
  },
  toInt: {
    summary: "x without its fraction, as an int for indices",
    derivative: "0 where it exists",
    kink: "0 at jumps",
  },
};
