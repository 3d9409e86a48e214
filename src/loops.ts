/** nabla/loops: loops that carry values on, and what is solved by iteration. */

export {
  fixedPoint,
  minimizer,
  repeatWhile,
  root,
  type ScanOptions,
  type ScanResult,
  type SolveOptions,
  scan,
  type WhileOptions,
} from "./build/api/loops.ts";
export { cummax, cummin, cumprod, logcumsumexp } from "./build/entries/loops.ts";
