import { formSlips } from "./form-slips.ts";
import { operatorSlips } from "./operator-slips.ts";
import type { Slip } from "./slip.ts";

/** In order: the first that fits explains. `$0`, `$1` ... stand for what the pattern matched. */
export const slips: readonly Slip[] = [...operatorSlips, ...formSlips];
