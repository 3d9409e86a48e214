import { GeneratedCode } from "./generated.ts";
import { Interpreted } from "./interpreted.ts";
import type { EngineName } from "./request.ts";
import { complexSeeds, dualSeeds, Seeded } from "./seeded.ts";
import type { EvaluatorFactory } from "./task.ts";

/**
 * The ways to compute. `js` runs generated code. `interpreter` walks the graphs as they were built, before any
 * rewriting. `complex` and `dual` run the same loops as js over numbers with a second part, which carries a direction:
 * one pass over the gradient gives gradient and Hessian-vector product, and a Hessian is a pass per coordinate.
 */
export const engines: Readonly<Record<EngineName, EvaluatorFactory>> = {
  js: (model, variables) => new GeneratedCode(model, variables),
  interpreter: (model, variables) => new Interpreted(model, variables),
  complex: (model, variables) => new Seeded(model, variables, complexSeeds),
  dual: (model, variables) => new Seeded(model, variables, dualSeeds),
};
