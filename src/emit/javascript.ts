import type { Buffer, Program } from "../lower/program/loops.ts";
import { nestPrinting } from "./print/kernel.ts";
import { printProgram } from "./print/print.ts";
import type { Timing } from "./report/profile.ts";
import { arrayTypeOf, type Signature } from "./signature.ts";

export type Array1D = Float64Array | Int32Array | Uint8Array;

/** A compiled function: bind sizes and bound buffers once, then call with vectors and arrays. */
export interface Compiled {
  readonly source: string;
  bind(sizes: readonly number[], bound: readonly Array1D[], options?: BindOptions): BoundFunction;
}

/** What a function is bound with beside sizes and arrays. */
export interface BindOptions<Shared = unknown> {
  readonly admit?: Admission | undefined;
  /** What the functions of one binding have in common. */
  readonly shared?: Shared | undefined;
  /** Takes what is best called in place of the function, once it has code of its own. */
  readonly settled?: ((run: BoundFunction) => void) | undefined;
}

/** Numbers in the arrays of all calls together, after which code for these arrays alone pays: tens of milliseconds. */
const worthwhile = 1e7;
/** Functions of one text that may have code of their own at a time. */
const mostSettled = 64;
/** Functions of more vectors share their code. */
const mostVectors = 4;

/**
 * Called with the vectors of a call when they are not those of the last one; throws when they do not fit, or returns
 * the function that must answer in place of this one.
 */
export type Admission = (...vectors: Array1D[]) => BoundFunction | undefined;

/** Takes the packed vectors, then the separate arrays, in the signature's order; returns the returned scalar or nothing. */
export type BoundFunction = (...vectors: Array1D[]) => number | undefined;

/** Compiles a program in memory. Needs leave to evaluate code; see canEvaluate. */
export function compileJavaScript(program: Program, signature: Signature, timing?: Timing): Compiled {
  const source = sourceOf(program, signature, timing);
  let made = 0;
  const bind = sharedCode(() => {
    // V8 knows a text again, and what it learned of it: each has to be another
    const text = `${source}\n// ${made++}`;
    return timing ? new Function(timing.clock, timing.spent, text)(...timing.values) : new Function(text)();
  });
  return { source, bind };
}

/** The body of a function that makes a `Factory`. */
function sourceOf(program: Program, signature: Signature, timing: Timing | undefined): string {
  const nests = program.graph?.ability(nestPrinting)?.();
  const printed = printProgram(program, signature, { isTyped: false, isClosed: true, timing, nests });
  const { names, callNames: vectors } = printed;
  const call = `${printed.name}(${vectors.join(", ")})`;
  const admit = names.make("admit");
  // arrays that were handed to another thread are still the same, and have lost their elements
  const last = vectors.map((vector) => [names.make(`last_${vector}`), names.make(`length_${vector}`)] as const);
  const differs =
    vectors.map((vector, k) => `${vector} !== ${last[k]![0]} || ${vector}.length !== ${last[k]![1]}`).join(" || ") ||
    "false";
  return [
    '"use strict";',
    printed.kernels,
    // V8 compiles at once what stands like this, and goes through an arrow function twice
    `return (function (${[admit, ...printed.knownNames].join(", ")}) {`,
    printed.called,
    printed.text,
    `if (!${admit}) return ${printed.name};`,
    ...(last.length > 0 ? [`let ${last.flat().join(", ")};`] : []),
    `return (${vectors.join(", ")}) => {`,
    `  if (${differs}) {`,
    `    const other = ${admit}(${vectors.join(", ")});`,
    `    if (other) return other(${vectors.join(", ")});`,
    ...vectors.map((vector, k) => `    ${last[k]![1]} = (${last[k]![0]} = ${vector}).length;`),
    "  }",
    `  return ${call};`,
    "};",
    "});",
  ].join("\n");
}

/** Binds sizes, then arrays. */
type Factory = (admit: Admission | undefined, ...bound: (number | Array1D)[]) => BoundFunction;

/**
 * Binds functions of one text. V8 writes the addresses of arrays into code that nothing else is bound to. Functions begin with
 * code that they share, which is warm; those that are called often get their own.
 */
function sharedCode(make: () => Factory): Compiled["bind"] {
  let shared: Factory | undefined;
  let sharers = 0;
  let settled: WeakRef<BoundFunction>[] = [];
  /** The function with code of its own; undefined where enough others have some. */
  const settle = (current: BoundFunction, bound: (factory: Factory) => BoundFunction): BoundFunction | undefined => {
    settled = settled.filter((each) => each.deref());
    if (settled.length >= mostSettled) return undefined;
    // what shares its code with nothing yet keeps it
    const own = sharers > 1 ? bound(make()) : current;
    if (own === current) {
      shared = undefined;
      sharers = 0;
    }
    settled.push(new WeakRef(own));
    return own;
  };
  return (sizes, arrays, { admit, settled: take } = {}) => {
    const whole = sizes.map(asSmallInteger);
    const bound = (factory: Factory) => factory(admit, ...whole, ...arrays);
    shared ??= make();
    sharers++;
    const run = bound(shared);
    if (run.length > mostVectors) return run;
    let current = run;
    let left = Math.ceil(worthwhile / arrays.reduce((sum, { length }) => sum + length, 200));
    const end = () => {
      const own = settle(current, bound);
      if (!own) return;
      current = own;
      take?.(own);
    };
    return (a, b, c, d) => {
      if (left > 0 && --left === 0) end();
      return current(a!, b!, c!, d!);
    };
  };
}

/** The same number; one that division left in the form of a real is slower as the limit of a loop. */
const asSmallInteger = (size: number): number => ((size | 0) === size ? size | 0 : size);

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
