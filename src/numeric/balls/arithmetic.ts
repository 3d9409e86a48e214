import { ballAngles } from "./angles.ts";
import { ballExponentials } from "./exponentials.ts";
import { ballOperations } from "./operations.ts";

/** Arithmetic and the elementary functions with p bits. */
export function ballArithmetic(p: number) {
  const operations = ballOperations(p);
  return { ...operations, ...ballExponentials(p, operations), ...ballAngles(p, operations) };
}

export type BallArithmetic = ReturnType<typeof ballArithmetic>;
