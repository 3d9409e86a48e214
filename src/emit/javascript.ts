import type { Program } from "../lower/loops.ts";
import { arrayType, type PrintedFunction, printProgram, type Signature } from "./print.ts";

export type Array1D = Float64Array | Int32Array | Uint8Array;

/** A compiled function: bind sizes and bound buffers once, then call with vectors and arrays. */
export interface Compiled {
  readonly printed: PrintedFunction;
  readonly source: string;
  bind(sizes: readonly number[], bound: readonly Array1D[]): BoundFunction;
}

/** Takes the packed vectors, then the separate arrays, in the signature's order; returns the returned scalar or nothing. */
export type BoundFunction = (...vectors: Array1D[]) => number | undefined;

/** Compiles a program in memory. Needs leave to evaluate code; see canEvaluate. */
export function compileJavaScript(program: Program, signature: Signature): Compiled {
  const printed = printProgram(program, signature, { isTyped: false });
  const bound = [...printed.sizes, ...printed.boundNames].join(", ");
  const call = printed.callNames.join(", ");
  const all = [...printed.sizes, ...printed.boundNames, ...printed.callNames].join(", ");
  const source = [
    '"use strict";',
    printed.kernels,
    printed.text,
    `return (${bound}) => (${call}) => ${printed.name}(${all});`,
  ].join("\n");
  const factory = new Function(source)() as (...args: (number | Array1D)[]) => BoundFunction;
  return { printed, source, bind: (sizes, arrays) => factory(...sizes, ...arrays) };
}

/** False under a content security policy (or a Node flag) that forbids code from strings. */
export function canEvaluate(): boolean {
  try {
    return (new Function("return true") as () => boolean)();
  } catch {
    return false;
  }
}

export function allocate(dtype: keyof typeof arrayType, length: number): Array1D {
  if (dtype === "int") return new Int32Array(length);
  return dtype === "bool" ? new Uint8Array(length) : new Float64Array(length);
}
