import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const drawn = (distribution: string): PrimitiveDocumentation => ({
  summary: `the number at a place of a stream of random numbers from ${distribution}, the same each time`,
  derivative: "none: whole numbers do not vary",
  reference: "Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3",
});

export const random: Readonly<Record<string, PrimitiveDocumentation>> = {
  randomUniform: drawn("0 to 1"),
  randomNormal: drawn("a standard normal distribution"),
};
