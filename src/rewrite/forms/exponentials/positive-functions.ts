import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { neg } from "../../../ops/elementary/algebra.ts";
import { cosh, logCosh } from "../../../ops/elementary/hyperbolic.ts";
import { sigmoid, softplus } from "../../../ops/special/activation.ts";

/** Positive functions and their logarithms. */
export type PositiveFunctions = readonly (readonly [Operation, (x: Expr) => Expr])[];

/** Those of the core, besides the exponential. */
export const commonFunctions: PositiveFunctions = [
  [sigmoid, (x) => neg(softplus(neg(x)))],
  [cosh, (x) => logCosh(x)],
];
