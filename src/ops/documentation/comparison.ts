import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const isNotVarying = "none: a condition does not vary";

export const comparison: Readonly<Record<string, PrimitiveDocumentation>> = {
  less: { summary: "x < y", derivative: isNotVarying },
  lessEqual: { summary: "x <= y", derivative: isNotVarying },
  greater: { summary: "x > y", derivative: isNotVarying },
  greaterEqual: { summary: "x >= y", derivative: isNotVarying },
  equal: { summary: "x === y", derivative: isNotVarying },
  notEqual: { summary: "x !== y", derivative: isNotVarying },
  and: { summary: "true where both conditions are", derivative: isNotVarying },
  or: { summary: "true where one condition is", derivative: isNotVarying },
  not: { summary: "true where the condition is false", derivative: isNotVarying },
  isFinite: { summary: "true unless x is infinite or NaN", derivative: isNotVarying },
  isNaN: { summary: "true where x is NaN", derivative: isNotVarying },
  select: {
    summary: "x where the condition holds, else y",
    derivative: "that of the side taken",
    kink: "the side that the condition takes, also where the two sides meet",
  },
  max: {
    summary: "the larger of x and y; more operands from left to right",
    derivative: "1 for the larger, 0 for the smaller",
    kink: "1/2 each at a tie",
  },
  min: {
    summary: "the smaller of x and y; more operands from left to right",
    derivative: "1 for the smaller, 0 for the larger",
    kink: "1/2 each at a tie",
  },
  clamp: {
    summary: "min(max(x, low), high)",
    derivative: "1 in x where low <= x <= high, else 1 in the bound that holds it",
    kink: "at a bound x itself counts: 1 in x, 0 in the bound",
  },
};
