import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const algebra: Readonly<Record<string, PrimitiveDocumentation>> = {
  add: { summary: "x + y + ..., from left to right", derivative: "1" },
  sub: { summary: "x - y", derivative: "1, -1" },
  neg: { summary: "-x", derivative: "-1" },
  mul: { summary: "x y", derivative: "y, x" },
  div: { summary: "x / y", derivative: "1/y, -z/y", kink: "poles at y = 0 follow IEEE 754" },
  reciprocal: { summary: "1 / x", derivative: "-z/x", kink: "pole at 0" },
  square: { summary: "x^2", derivative: "2x" },
};
