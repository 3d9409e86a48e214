import { executable, pairExecutable } from "../../src/check/execute.ts";
import { compileClosures } from "../../src/emit/closures/closures.ts";
import { compileDual } from "../../src/emit/pairs/pairs.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { realField } from "../../src/interpreter/field.ts";
import { type Bindings, interpret } from "../../src/interpreter/interpret.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";

/** The values of roots by everything that runs them. */
export const computedByAll = (roots: readonly Expr[], bindings: Bindings<number>): (readonly number[])[][] => [
  interpret(roots, bindings, realField),
  executable(roots)(bindings),
  executable(roots, { ordered: true })(bindings),
  executable(roots, {}, compileClosures)(bindings),
  executable(roots, { forVectors }, compileWasm)(bindings),
  pairExecutable(roots, compileDual)(bindings, new Map()).first,
];
