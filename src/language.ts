/** The model language: text to models, with the core's compile beside it. */
import { type CompiledFunctions, compile } from "./compile/api.ts";
import type { CompileOptions } from "./compile/compile.ts";
import { loadModel } from "./model/load.ts";

export { unitsOf } from "./build/units.ts";
export { formatModel } from "./model/format.ts";
export { loadModel } from "./model/load.ts";
export { parseModel } from "./model/parse.ts";
export { e } from "./model/template.ts";
export type { ModelUnits } from "./units/measured.ts";
export { compile };

/** Compiles a model's text. `name` is what errors call it. */
export function compileText(
  text: string,
  options: CompileOptions & { readonly name?: string } = {},
): CompiledFunctions<string, string, string> {
  const { name = "model.nabla", ...rest } = options;
  return compile(loadModel({ name, text }), rest);
}
