import type { ModuleFunctionName } from "../../emit/module/content.ts";
import { type Needs, needs } from "../../ir/arguments/arguments.ts";
import { type CompileOptions, compileNeeds } from "../compile.ts";

export interface EmitOptions extends Pick<CompileOptions, "wrt" | "rewrites"> {
  /** Default: loss, lossAndGradient and hvp (gradient comes with lossAndGradient); without a loss, outputs only. */
  readonly functions?: readonly ModuleFunctionName[];
  /**
   * Puts the loops into the module as WebAssembly too, which large sizes run where it may be compiled. Default: false. With
   * `fused: false` products are rounded before they go into sums, with or without relaxed SIMD.
   */
  readonly webAssembly?: boolean | { readonly fused?: boolean };
}

const functionNames = ["loss", "gradient", "lossAndGradient", "hvp", "lossGradientHvp", "hessian"];

export const emitNeeds: Needs<EmitOptions> = {
  wrt: compileNeeds.wrt,
  rewrites: compileNeeds.rewrites,
  functions: {
    what: `a list of functions of ${functionNames.join(", ")}`,
    accepts: (value) => Array.isArray(value) && value.every((name) => functionNames.includes(name)),
  },
  webAssembly: {
    what: "true, false or { fused: true or false }",
    accepts: (value) =>
      typeof value === "boolean" ||
      (needs.record.accepts(value) &&
        Object.entries(value as object).every(([name, fused]) => name === "fused" && typeof fused === "boolean")),
  },
};
