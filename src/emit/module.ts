import type { Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { DType } from "../ir/primitive.ts";
import { abiVersion, packageName } from "./generator.ts";
import { fnv1a64 } from "./hash.ts";
import { moduleBinding } from "./module-binding.ts";
import type { ModuleContent, ModuleFunctionName, ModuleLeaf } from "./module-content.ts";
import { moduleInputs } from "./module-inputs.ts";
import { hessianHelpers, methods, outputsMethod } from "./module-methods.ts";
import { ModulePrograms } from "./module-programs.ts";
import { printInteger } from "./print-integer.ts";
import { commentText, propertyName, stringLiteral } from "./text.ts";

/**
 * A standalone TypeScript module: bind, its types, the generated loops, and what they need; it imports nothing. The same
 * content gives the same bytes.
 */
export function printModule(content: ModuleContent): string {
  const own = [moduleInputs, moduleBinding, hessianHelpers, outputsMethod.helpers].join("\n");
  const programs = new ModulePrograms(content, [...own.matchAll(/^(?:export )?(?:function|class|interface|type|const) (\w+)/gm)].map((match) => match[1]!));
  const functions = [...content.functions.keys()];
  const outputs = content.outputs.map((output) => ({ output, of: programs.producer(output.name, `The output ${JSON.stringify(output.name)}.`, output.code) }));
  const { complete, checkPoint } = checks(content, programs);
  const loops = functions.map((name) => programs.loops(name, content.functions.get(name)!));
  const sections = [
    header(content),
    types(content),
    boundModel(content, functions),
    about(content),
    bind(content, functions, programs, checkPoint !== undefined),
    leaves(content),
    ready(functions),
    complete,
    checkPoint,
    ...loops,
    ...programs.producers,
    content.outputs.length > 0 ? outputTable(outputs) : undefined,
    ...programs.kernels(),
    ...programs.tables(),
    moduleBinding,
    functions.includes("hessian") ? hessianHelpers : undefined,
    content.outputs.length > 0 ? outputsMethod.helpers : undefined,
    moduleInputs,
  ];
  return `${sections.filter((section) => section !== undefined && section !== "").join("\n\n")}\n`;
}
