import { bodyDerivatives, joining } from "../autodiff/calls.ts";
import { loopDerivatives } from "../autodiff/loops.ts";
import { nestPrinting } from "../emit/print/kernel.ts";
import { nestFunctions } from "../emit/print/nest-printer.ts";
import { bodyValues } from "../interpreter/interpret.ts";
import { evaluateLoops } from "../interpreter/loops.ts";
import { type Branch, branching, chosen } from "../ir/bodies/choice.ts";
import { resizing } from "../ir/bodies/resize.ts";
import { able, type Extension, extension } from "../ir/extension.ts";
import type { Expr } from "../ir/graph.ts";
import { emitBodies } from "../lower/bodies/body-calls.ts";
import { bodyLoops, nestSharing, routineTables } from "../lower/bodies/calls.ts";
import { kernelLoops } from "../lower/bodies/kernels.ts";
import { linearAlgebraLoops } from "../lower/bodies/linear-algebra.ts";
import { RoutineTable } from "../lower/bodies/routines.ts";
import { shareNests } from "../lower/nests/share-nests.ts";
import { inBlocks } from "../rewrite/loops/blocks.ts";
import { spelledOut } from "../rewrite/loops/definitions.ts";
import { mergeScans } from "../rewrite/loops/merge.ts";
import { reformLoops } from "../rewrite/loops/reform.ts";
import { resized } from "../rewrite/loops/resized.ts";
import { rolled } from "../rewrite/loops/roll/roll.ts";
import { checkpointing, reforming, rolling, spelling } from "../rewrite/rewrite.ts";

/**
 * Loops, and what is solved by them: scan, while, root, argmin and fixed points; choices by one number, definitions; long sums
 * that are written out. Newton's steps solve systems.
 */
export const loops: Extension = extension("loops", [
  able(bodyValues, evaluateLoops),
  able(bodyDerivatives, loopDerivatives),
  able(joining, (roots) => mergeScans(roots)),
  able(reforming, reformLoops),
  able(rolling, rolled),
  able(checkpointing, inBlocks),
  able(bodyLoops, emitBodies),
  able(kernelLoops, linearAlgebraLoops),
  able(routineTables, (roots) => new RoutineTable(roots)),
  able(branching, branch),
  able(spelling, spelledOut),
  able(resizing, resized),
  able(nestSharing, (program) => shareNests([program])[0]!),
  able(nestPrinting, nestFunctions),
]);

/** A choice of which one side is computed. */
export function branch(...[condition, draft, operands]: Parameters<Branch>): Expr[] {
  return chosen(condition, { ...draft, extension: loops }, operands);
}
