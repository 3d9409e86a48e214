/** nabla/loops: loops that carry values on, and what is solved by iteration. */
export { cumprod } from "./build/entries/loops.ts";
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
} from "./build/loops.ts";
