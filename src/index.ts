/** nabla: the core, with models that are rewritten by all rules. No file system, no language. */
import {
  type Leaves,
  type ModelOptions,
  modelWith,
  type OutputNames,
  type ParameterNames,
  type Result,
  type Spec,
} from "./build/api/api.ts";
import type { ElaboratedModel } from "./build/model.ts";
import { special } from "./extensions/special.ts";

export * from "./core.ts";

/**
 * A model: declared leaves, and a function of them that builds the loss. Errors name the line of TypeScript that
 * caused them.
 */
export function model<const S extends Spec, R extends Result>(
  spec: S,
  build: (leaves: Leaves<S>) => R,
  options?: ModelOptions,
): ElaboratedModel<keyof S & string, OutputNames<R>, ParameterNames<S>> {
  return modelWith([special], spec, build, options);
}
