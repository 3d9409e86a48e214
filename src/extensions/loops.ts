import { bodyDerivatives } from "../autodiff/calls.ts";
import { loopDerivatives } from "../autodiff/loops.ts";
import { bodyValues } from "../interpreter/interpret.ts";
import { evaluateLoops } from "../interpreter/loops.ts";
import { able, extension } from "../ir/extension.ts";
import { emitBodies } from "../lower/body-calls.ts";
import { bodyLoops } from "../lower/calls.ts";
import { kernelLoops } from "../lower/kernels.ts";
import { linearAlgebraLoops } from "../lower/linear-algebra.ts";
import { inBlocks } from "../rewrite/loops/blocks.ts";
import { reformLoops } from "../rewrite/loops/reform.ts";
import { checkpointing, reforming } from "../rewrite/rewrite.ts";

/** Loops, and what is solved by them: scan, while, root, argmin and fixed points. Newton's steps solve systems. */
export const loops = extension("loops", [
  able(bodyValues, evaluateLoops),
  able(bodyDerivatives, loopDerivatives),
  able(reforming, reformLoops),
  able(checkpointing, inBlocks),
  able(bodyLoops, emitBodies),
  able(kernelLoops, linearAlgebraLoops),
]);
