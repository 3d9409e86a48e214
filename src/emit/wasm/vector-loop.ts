import type { Loop, Statements } from "./statements.ts";

/** Writes a loop two iterations at a time, where it can be; false where it cannot. */
export function writeVectorLoop(_loop: Loop, _statements: Statements): boolean {
  return false;
}
