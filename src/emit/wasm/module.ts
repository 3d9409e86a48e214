import type { Phase } from "../../lower/pieces/phases.ts";
import type { Buffer, Program, Statement } from "../../lower/program/loops.ts";
import { mentionedBy } from "../../lower/program/mentioned.ts";
import { nestsIn } from "../../lower/program/rewrite-statements.ts";
import type { Signature } from "../signature.ts";
import { Code, encodeModule, type Import } from "./bytes/encode.ts";
import { nestFunction } from "./code/nests.ts";
import { Places } from "./code/places.ts";
import { Statements } from "./code/statements.ts";
import { type HostFunction, PrimitiveFunctions } from "./numbers/functions.ts";

/** A program as a WebAssembly module, and what it needs from its host. */
export interface WasmModule {
  readonly bytes: Uint8Array;
  /** Where products and sums stand that `fuse` makes one instruction. */
  readonly fusible: readonly number[];
  /** Sizes that it imports as s0, s1, ... */
  readonly sizes: readonly string[];
  /** Arrays whose first bytes it imports as b0, b1, ... */
  readonly buffers: readonly Buffer[];
  /** Primitives that it imports as f0, f1, ...: functions of numbers. */
  readonly functions: readonly HostFunction[];
}

export interface WasmOptions {
  /** The host's functions (Math) in place of polynomials. */
  readonly accurate?: boolean;
  /** Sums keep the order of their terms. */
  readonly ordered?: boolean;
  /** False: products are rounded before they go into sums, wherever the module runs. Default: where nothing is `ordered`. */
  readonly fused?: boolean;
  /**
   * Routines in pieces: the module exports each as `phase0`, `phase1`, ..., a function of the number of a piece, and calls
   * the imported function `fork` with the phase's number.
   */
  readonly phases?: readonly Phase[];
  /** The memory is one that threads share. */
  readonly isShared?: boolean;
}

/** Pages of a memory that threads share, at most: all that 32 bits reach. It takes what it has at first, and never grows. */
const mostSharedPages = 65_536;

/** The name under which a module imports everything. */
export const hostName = "nabla";

/** Names of functions that run a piece of a phase begin with this; the phase's number follows. */
export const phasePrefix = "phase";

/**
 * Prints the loops of a program as a module that exports `run`: it works on arrays in the memory that it imports, and
 * returns the scalar that the signature says is returned, else nothing.
 */
export function printWasm(program: Program, signature: Signature, options: WasmOptions = {}): WasmModule {
  const { phases = [] } = options;
  const forks = phases.length > 0 ? 1 : 0;
  const functions = new PrimitiveFunctions(program, options.accurate ?? false, forks);
  const sizeGlobals = new Map(program.sizes.map((name, k) => [name, k]));
  const bufferGlobals = new Map(program.buffers.map((buffer, k) => [buffer, program.sizes.length + k]));
  const fork = functions.imported.length;
  const first = fork + forks + functions.helpers.length;
  // functions in order: helpers, nests, parts of routines, parts, the whole
  let next = first;
  const nests = new Map(nestsIn(program).map((nest) => [nest, next++]));
  const routineParts = program.routines.map(({ parts }) => parts.map(() => next++));
  const phaseOf = new Map(phases.map(({ routine }, k) => [routine, k]));
  const callRoutine = (code: Code, routine: number) => {
    const phase = phaseOf.get(routine);
    if (phase === undefined) for (const part of routineParts[routine]!) code.indexed("call", part);
    else {
      code.i32(phase);
      code.indexed("call", fork);
    }
  };
  const context = { functions, ordered: options.ordered ?? false, nests, callRoutine };
  const printed = (statements: readonly Statement[], piece?: number) => {
    const code = new Code(piece === undefined ? 0 : 1);
    const used = mentionedBy(statements);
    const local = (global: number) => {
      const index = code.local("i32");
      code.indexed("global.get", global);
      code.set(index);
      return index;
    };
    const sizes = new Map(used.sizes.map((name) => [name, local(sizeGlobals.get(name)!)]));
    const starts = new Map(used.buffers.map((buffer) => [buffer, local(bufferGlobals.get(buffer)!)]));
    const places = new Places(code, sizes, starts);
    if (piece !== undefined) {
      code.get(0);
      code.set(places.variable(piece));
    }
    new Statements({ ...context, code, places }).block(statements);
    return { type: { parameters: piece === undefined ? [] : (["i32"] as const), results: [] }, code };
  };
  const routines = program.routines.flatMap((routine, k) => {
    const phase = phaseOf.get(k);
    if (phase === undefined) return routine.parts.map((part) => printed(part));
    return [{ ...printed(routine.parts[0]!, phases[phase]!.piece), exported: `${phasePrefix}${phase}` }];
  });
  const parts = program.parts.map((part) => printed(part));
  const shared = [...nests.keys()].map((nest) => nestFunction(nest, context));
  const imports: Import[] = [
    ...program.sizes.map((_, k) => ({ module: hostName, name: `s${k}` })),
    ...program.buffers.map((_, k) => ({ module: hostName, name: `b${k}` })),
    ...functions.imported.map(({ arity }, k) => ({
      module: hostName,
      name: `f${k}`,
      type: {
        parameters: Array.from({ length: arity }, () => "f64" as const),
        results: ["f64" as const],
      },
    })),
    ...(forks > 0 ? [{ module: hostName, name: "fork", type: { parameters: ["i32" as const], results: [] } }] : []),
  ];
  const encoded = encodeModule({
    memory: { module: hostName, name: "memory", sharedPages: options.isShared ? mostSharedPages : undefined },
    imports,
    functions: [...functions.helpers, ...shared, ...routines, ...parts, mainFunction()],
  });
  const fusible = (options.fused ?? !options.ordered) ? encoded.fusible : [];
  return {
    bytes: encoded.bytes,
    fusible,
    sizes: program.sizes,
    buffers: program.buffers,
    functions: functions.imported,
  };

  /** Calls the parts in order, and returns the scalar result: 0 where nothing writes it. */
  function mainFunction() {
    const code = new Code(0);
    const returned = signature.returned && bufferGlobals.get(signature.returned)!;
    if (returned !== undefined) {
      code.indexed("global.get", returned);
      code.f64(0);
      code.access("f64.store", { align: 3, offset: 0 });
    }
    for (const k of parts.keys()) code.indexed("call", first + nests.size + routines.length + k);
    if (returned !== undefined) {
      code.indexed("global.get", returned);
      code.access("f64.load", { align: 3, offset: 0 });
    }
    const results = returned === undefined ? [] : (["f64"] as const);
    return { type: { parameters: [], results }, code, exported: "run" };
  }
}
