import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const opaque: Readonly<Record<string, PrimitiveDocumentation>> = {
  anyUnit: { summary: "x, a number, in whatever unit is needed", derivative: "1" },
  stopGradient: { summary: "x, held constant", derivative: "0 by definition" },
};
