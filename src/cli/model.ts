import type { ElaboratedModel } from "../build/model.ts";
import type { Source } from "../ir/source.ts";
import { elaborate } from "../model/elaborate/elaborate.ts";
import { loadModel, wholeLanguage } from "../model/load.ts";
import { withValues } from "../model/override.ts";
import { parseModel } from "../model/syntax/parse.ts";
import { readSource } from "./files/files.ts";
import type { Io } from "./terminal/io.ts";
import { styleFor } from "./terminal/style.ts";

export { loadModel };

/** The model in a file; its warnings go to standard error, unless the answer is for a program. */
export async function readModel(
  path: string,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): Promise<ElaboratedModel> {
  const model = loadModel(await readSource(path, io));
  if (!isJson) await warnOf(model, io);
  return model;
}

/** A model whose text is at hand, with other numbers for some of its constants and sizes. */
export function modelWith(source: Source, values: ReadonlyMap<string, number>): ElaboratedModel {
  return elaborate(withValues(parseModel(source), values), wholeLanguage);
}

/** Prints a model's warnings, which say that they are warnings behind their places. */
export async function warnOf(model: ElaboratedModel, io: Io): Promise<void> {
  const style = styleFor(io.errors, io.environment);
  const coloured = (message: string) => message.replace(": warning: ", () => `: ${style.yellow("warning")}: `);
  for (const { message } of model.warnings) await io.errors.write(`${coloured(message)}\n`);
}
