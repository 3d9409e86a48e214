import { ballAngles } from "./ball-angles.ts";
import { ballExponentials } from "./ball-exponentials.ts";
import { ballOperations } from "./ball-operations.ts";

/** Arithmetic and the elementary functions with p bits. */
export function ballArithmetic(p: number) {
  const operations = ballOperations(p);
  return { ...operations, ...ballExponentials(p, operations), ...ballAngles(p, operations) };
}

export type BallArithmetic = ReturnType<typeof ballArithmetic>;
