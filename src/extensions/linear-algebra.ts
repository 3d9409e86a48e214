import { able, extension } from "../ir/extension.ts";
import { kernelLoops } from "../lower/kernels.ts";
import { linearAlgebraLoops } from "../lower/linear-algebra.ts";
import { furtherRules } from "../rewrite/passes.ts";
import { matrixRules } from "../rewrite/rules/matrices.ts";

/** Factorisations, systems and order: the loops of their routines, and rules for inverses and determinants. */
export const linearAlgebra = extension("linear algebra", [
  able(kernelLoops, linearAlgebraLoops),
  able(furtherRules, matrixRules),
]);
