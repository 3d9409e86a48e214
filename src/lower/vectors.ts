import type { VectorLoops } from "./lower.ts";
import { shareNests } from "./nests/share-nests.ts";
import { emitPanels } from "./schedule/panels.ts";
import { inStrips } from "./schedule/strips.ts";
import { turnArrays } from "./schedule/turn.ts";

/** The loops of a printer that takes several iterations at a time: apart from the core, which has no such printer. */
export const vectorLoops = (isTakenTogether: VectorLoops["isTakenTogether"]): VectorLoops => ({
  isTakenTogether,
  matrixProduct: emitPanels,
  rearranged: (statements, builder, buffers, hints) =>
    inStrips(turnArrays(statements, builder, buffers, hints), builder, buffers),
  shareNests: (program) => shareNests([program], true)[0]!,
});
