import type { Buffer, Program } from "../lower/loops.ts";
import { nestPrinting } from "./kernel.ts";
import { type PrintedFunction, printProgram } from "./print.ts";
import type { Timing } from "./profile.ts";
import { arrayTypeOf, type Signature } from "./signature.ts";

export type Array1D = Float64Array | Int32Array | Uint8Array;

/** A compiled function: bind sizes and bound buffers once, then call with vectors and arrays. */
export interface Compiled {
  readonly printed: PrintedFunction;
  readonly source: string;
  /** What is bound shares its code with all that is bound before it is settled. */
  bind(sizes: readonly number[], bound: readonly Array1D[], admit?: Admission): BoundFunction;
  /**
   * What was bound so, as a function whose code is for its arrays alone: itself, where it shares its code with nothing yet, or
   * where too many have code of their own.
   */
  settle(known: BoundFunction, sizes: readonly number[], bound: readonly Array1D[], admit?: Admission): BoundFunction;
}

/** Functions of one text that may have code of their own at a time. */
const mostSettled = 64;

/**
 * Called with the vectors of a call when they are not those of the last one; throws when they do not fit, or returns
 * the function that must answer in place of this one.
 */
export type Admission = (...vectors: Array1D[]) => BoundFunction | undefined;

/** Takes the packed vectors, then the separate arrays, in the signature's order; returns the returned scalar or nothing. */
export type BoundFunction = (...vectors: Array1D[]) => number | undefined;

/** Compiles a program in memory. Needs leave to evaluate code; see canEvaluate. */
export function compileJavaScript(program: Program, signature: Signature, timing?: Timing): Compiled {
  const nests = program.graph?.ability(nestPrinting)?.();
  const printed = printProgram(program, signature, { isTyped: false, isClosed: true, timing, nests });
  const { names } = printed;
  const vectors = printed.callNames;
  const call = `${printed.name}(${vectors.join(", ")})`;
  const admit = names.make("admit");
  const last = vectors.map((vector) => names.make(`last_${vector}`));
  const differs = vectors.map((vector, k) => `${vector} !== ${last[k]}`).join(" || ");
  const source = [
    '"use strict";',
    printed.kernels,
    `return ((${[admit, ...printed.knownNames].join(", ")}) => {`,
    printed.called,
    printed.text,
    `if (!${admit}) return ${printed.name};`,
    ...(last.length > 0 ? [`let ${last.join(", ")};`] : []),
    `return (${vectors.join(", ")}) => {`,
    `  if (${differs || "false"}) {`,
    `    const other = ${admit}(${vectors.join(", ")});`,
    `    if (other) return other(${vectors.join(", ")});`,
    ...vectors.map((vector, k) => `    ${last[k]} = ${vector};`),
    "  }",
    `  return ${call};`,
    "};",
    "});",
  ].join("\n");
  type Factory = (admit: Admission | undefined, ...bound: (number | Array1D)[]) => BoundFunction;
  let made = 0;
  // V8 knows a text again, and what it learned of it: each has to be another
  const make = (): Factory => {
    const text = `${source}\n// ${made++}`;
    return timing ? new Function(timing.clock, timing.spent, text)(...timing.values) : new Function(text)();
  };
  let shared: Factory | undefined;
  let sharers = 0;
  let settled: WeakRef<BoundFunction>[] = [];
  return {
    printed,
    source,
    bind: (sizes, arrays, admission) => {
      shared ??= make();
      sharers++;
      return shared(admission, ...sizes, ...arrays);
    },
    settle: (known, sizes, arrays, admission) => {
      settled = settled.filter((each) => each.deref());
      if (settled.length >= mostSettled) return known;
      let own = known;
      if (sharers > 1) own = make()(admission, ...sizes, ...arrays);
      else {
        shared = undefined;
        sharers = 0;
      }
      settled.push(new WeakRef(own));
      return own;
    },
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
