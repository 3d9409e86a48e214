import type fc from "fast-check";
import { type RecipeOptions, programs as randomPrograms } from "../../src/check/arbitraries.ts";
import type { RandomProgram } from "../../src/check/programs/programs.ts";

/** A graph with a scalar output, real parameters and data, and numbers for all of them. */
export type Program = RandomProgram;

/** The random programs that nabla/check gives to users; without kinks unless they are asked for. */
export function programs(options: RecipeOptions = {}): fc.Arbitrary<Program> {
  return randomPrograms({ hasKinks: false, ...options });
}
