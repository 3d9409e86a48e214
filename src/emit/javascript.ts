import type { Buffer, Program } from "../lower/loops.ts";
import { arrayTypeOf, type PrintedFunction, printProgram, type Signature } from "./print.ts";
import type { Timing } from "./profile.ts";

export type Array1D = Float64Array | Int32Array | Uint8Array;

/** A compiled function: bind sizes and bound buffers once, then call with vectors and arrays. */
export interface Compiled {
  readonly printed: PrintedFunction;
  readonly source: string;
  bind(sizes: readonly number[], bound: readonly Array1D[], admit?: Admission): BoundFunction;
}

/**
 * Called with the vectors of a call when they are not those of the last one; throws when they do not fit, or returns
 * the function that must answer in place of this one.
 */
export type Admission = (...vectors: Array1D[]) => BoundFunction | undefined;

/** Takes the packed vectors, then the separate arrays, in the signature's order; returns the returned scalar or nothing. */
export type BoundFunction = (...vectors: Array1D[]) => number | undefined;

/** Compiles a program in memory. Needs leave to evaluate code; see canEvaluate. */
export function compileJavaScript(program: Program, signature: Signature, timing?: Timing): Compiled {
  const printed = printProgram(program, signature, { isTyped: false, timing });
  const { names } = printed;
  const bound = [...printed.sizes, ...printed.boundNames].join(", ");
  const vectors = printed.callNames;
  const all = [...printed.sizes, ...printed.boundNames, ...vectors].join(", ");
  const admit = names.make("admit");
  const last = vectors.map((vector) => names.make(`last_${vector}`));
  const differs = vectors.map((vector, k) => `${vector} !== ${last[k]}`).join(" || ");
  const source = [
    '"use strict";',
    printed.kernels,
    printed.text,
    `return [(${bound}) => (${vectors.join(", ")}) => ${printed.name}(${all}),`,
    `(${[admit, ...(bound ? [bound] : [])].join(", ")}) => {`,
    ...(last.length > 0 ? [`  let ${last.join(", ")};`] : []),
    `  return (${vectors.join(", ")}) => {`,
    `    if (${differs || "false"}) {`,
    `      const other = ${admit}(${vectors.join(", ")});`,
    `      if (other) return other(${vectors.join(", ")});`,
    ...vectors.map((vector, k) => `      ${last[k]} = ${vector};`),
    "    }",
    `    return ${printed.name}(${all});`,
    "  };",
    "}];",
  ].join("\n");
  type Factory = (...args: (Admission | number | Array1D)[]) => BoundFunction;
  const made = timing
    ? new Function(timing.clock, timing.spent, source)(...timing.values)
    : (new Function(source)() as unknown);
  const [plain, guarded] = made as [Factory, Factory];
  return {
    printed,
    source,
    bind: (sizes, arrays, admission) =>
      admission ? guarded(admission, ...sizes, ...arrays) : plain(...sizes, ...arrays),
  };
}

/** False under a content security policy (or a Node flag) that forbids code from strings. */
export function canEvaluate(): boolean {
  try {
    return (new Function("return true") as () => boolean)();
  } catch {
    return false;
  }
}

/** A zeroed array for a buffer. */
export function allocate(buffer: Pick<Buffer, "role" | "dtype">, length: number): Array1D {
  const type = arrayTypeOf(buffer);
  if (type === "Int32Array") return new Int32Array(length);
  return type === "Uint8Array" ? new Uint8Array(length) : new Float64Array(length);
}
