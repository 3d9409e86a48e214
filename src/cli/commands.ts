import type { Command } from "./command.ts";
import { evalCommand } from "./eval/command.ts";
import { formatCommand } from "./format.ts";
import { graphCommand } from "./graph/command.ts";

/** Every command, in the order of help. */
export const commands: readonly Command[] = [evalCommand, graphCommand, formatCommand];
