/** nabla/emit: models as standalone modules, what their loops cost, and loop programs over other numbers. */
export { emitModule } from "./compile/module/emit.ts";
export type { EmitOptions } from "./compile/module/options.ts";
export { type ModelReport, type ReportOptions, reportModel } from "./compile/module/report.ts";
export {
  compileClosures,
  compileClosuresOver,
  compileComplex,
  compileDual,
  compileJavaScript,
} from "./emit/compilers.ts";
export { abiVersion } from "./emit/generator.ts";
export { canEvaluate } from "./emit/javascript.ts";
export type { ModuleFunctionName } from "./emit/module/content.ts";
export { checkModule, checkModules, withoutTypes } from "./emit/module/typescript.ts";
export { complexPairs, dualPairs, type Pair, type PairArray, type PairCompiled } from "./emit/pairs/arrays.ts";
export type { EngineReport, EngineTimes } from "./emit/report/engine-times.ts";
export type { FunctionReport, LoopReport } from "./emit/report/loop-report.ts";
export { withSharedTies } from "./rewrite/closing/ties.ts";
