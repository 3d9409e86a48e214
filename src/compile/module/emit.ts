import { requireModel } from "../../build/require-model.ts";
import type { ModuleContent, ModuleProgram } from "../../emit/module/content.ts";
import { printModule, programsOf } from "../../emit/module/module.ts";
import { requireOptions } from "../../ir/arguments/arguments.ts";
import { shareNests } from "../../lower/nests/share-nests.ts";
import { withoutPassing } from "../../lower/passes/passing.ts";
import { inParts } from "../../lower/passes/split.ts";
import { type CompilableModel, compileModel } from "../compile.ts";
import { contentOf, copyOf } from "./content.ts";
import { type EmitOptions, emitNeeds } from "./options.ts";

/** A model as a standalone TypeScript module without imports. The same model gives the same bytes. */
export function emitModule(model: CompilableModel, options: EmitOptions = {}): string {
  requireModel("emitModule", model);
  requireOptions<EmitOptions>("emitModule", options, emitNeeds);
  // the model and the options are judged where they are for functions in memory
  const { wrt, rewrites } = options;
  compileModel(model, { ...(wrt && { wrt }), ...(rewrites && { rewrites }) });
  return printModule(inShort(contentOf(copyOf(model), options)));
}

/** The content with loops that its programs have in common written once. */
function inShort(content: ModuleContent): ModuleContent {
  const programs = programsOf(content);
  const shared = shareNests(programs.map(({ program }) => withoutPassing(program))).map((program) => inParts(program));
  const codes = new Map(programs.map((code, k) => [code, { ...code, program: shared[k]! }]));
  const short = (code: ModuleProgram) => codes.get(code)!;
  return {
    ...content,
    functions: new Map([...content.functions].map(([name, code]) => [name, short(code)])),
    outputs: content.outputs.map((output) => ({ ...output, code: short(output.code) })),
    data: content.data.map((leaf) => ({
      ...leaf,
      fallback: typeof leaf.fallback === "object" ? short(leaf.fallback) : leaf.fallback,
    })),
    requirements: content.requirements.map((each) => ({ ...each, code: short(each.code) })),
  };
}
