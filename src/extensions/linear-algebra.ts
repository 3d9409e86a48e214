import { branching } from "../ir/bodies/choice.ts";
import { able, extension } from "../ir/extension.ts";
import { routineTables } from "../lower/bodies/calls.ts";
import { kernelLoops } from "../lower/bodies/kernels.ts";
import { linearAlgebraLoops } from "../lower/bodies/linear-algebra.ts";
import { RoutineTable } from "../lower/bodies/routines.ts";
import { closingRules, furtherRules } from "../rewrite/passes.ts";
import { pairRules } from "../rewrite/rules/contractions/pairs.ts";
import { matrixRules } from "../rewrite/rules/matrices/matrices.ts";
import { spectralRules } from "../rewrite/rules/matrices/spectra.ts";
import { symmetryRules } from "../rewrite/rules/matrices/symmetry.ts";
import { branch } from "./loops.ts";

/** Factorisations, systems and order: the loops of their routines, and rules for inverses and determinants. */
export const linearAlgebra = extension("linear algebra", [
  able(kernelLoops, linearAlgebraLoops),
  able(routineTables, (roots) => new RoutineTable(roots)),
  able(branching, branch),
  able(furtherRules, { ...matrixRules, real: [...matrixRules.real, ...symmetryRules.real, ...pairRules.real] }),
  able(closingRules, spectralRules),
]);
