import type { ElaboratedModel } from "../build/model.ts";
import { loadModel } from "../model/load.ts";
import { readSource } from "./files.ts";
import type { Io } from "./io.ts";
import { styleFor } from "./style.ts";

export { loadModel };

/** The model in a file; its warnings go to standard error, unless the answer is for a program. */
export async function readModel(
  path: string,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): Promise<ElaboratedModel> {
  const model = loadModel(await readSource(path, io));
  if (isJson) return model;
  const style = styleFor(io.errors, io.environment);
  for (const { message } of model.warnings) await io.errors.write(`${style.yellow("warning")}: ${message}\n`);
  return model;
}
