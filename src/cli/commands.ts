import { checkCommand } from "./check/command.ts";
import type { Command } from "./command.ts";
import { compileCommand } from "./compile/command.ts";
import { demoCommand } from "./demo/command.ts";
import { evalCommand } from "./eval/command.ts";
import { explainCommand } from "./explain/command.ts";
import { fitCommand } from "./fit/command.ts";
import { formatCommand } from "./format/command.ts";
import { graphCommand } from "./graph/command.ts";
import { predictCommand } from "./predict/command.ts";

/** Every command, in the order of help. */
export const commands: readonly Command[] = [
  compileCommand,
  evalCommand,
  checkCommand,
  fitCommand,
  predictCommand,
  explainCommand,
  graphCommand,
  formatCommand,
  demoCommand,
];
