import type { Phase } from "../../lower/pieces/phases.ts";
import type { Buffer, Program, SharedNest, Statement } from "../../lower/program/loops.ts";
import { mentionedBy } from "../../lower/program/mentioned.ts";
import { nestsIn } from "../../lower/program/rewrite-statements.ts";
import type { Signature } from "../signature.ts";
import { Code, encodeModule, type FunctionType, type Import, type Module } from "./encode.ts";
import { type HostFunction, PrimitiveFunctions } from "./functions.ts";
import { bytesOf, Places } from "./places.ts";
import { type Context, Statements } from "./statements.ts";

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
  const { phases = [], accurate = false, ordered = false, fused = !ordered } = options;
  const forks = phases.length > 0 ? 1 : 0;
  const primitives = new PrimitiveFunctions(program, accurate, forks);
  const encoded = encodeModule({
    memory: { module: hostName, name: "memory", sharedPages: options.isShared ? mostSharedPages : undefined },
    imports: importsOf(program, primitives, forks),
    functions: new FunctionPrinter(program, primitives, phases, ordered).all(signature.returned),
  });
  return {
    bytes: encoded.bytes,
    fusible: fused ? encoded.fusible : [],
    sizes: program.sizes,
    buffers: program.buffers,
    functions: primitives.imported,
  };
}

/** Sizes, where arrays begin, functions of numbers, and `fork` where there are phases. */
function importsOf(program: Program, { imported }: PrimitiveFunctions, forks: number): Import[] {
  const number = (name: string): Import => ({ module: hostName, name });
  return [
    ...program.sizes.map((_, k) => number(`s${k}`)),
    ...program.buffers.map((_, k) => number(`b${k}`)),
    ...imported.map(({ arity }, k): Import => {
      const parameters = Array.from({ length: arity }, () => "f64" as const);
      return { module: hostName, name: `f${k}`, type: { parameters, results: ["f64"] } };
    }),
    ...(forks > 0 ? [{ module: hostName, name: "fork", type: { parameters: ["i32" as const], results: [] } }] : []),
  ];
}

type ModuleFunction = Module["functions"][number];

/** Prints the functions of a module in order: helpers, nests, parts of routines, parts of the program, the whole. */
class FunctionPrinter {
  private readonly program: Program;
  private readonly primitives: PrimitiveFunctions;
  private readonly phases: readonly Phase[];
  /** The globals that hold sizes, and those that hold where arrays begin. */
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly starts: ReadonlyMap<Buffer, number>;
  /** The numbers of functions. */
  private readonly fork: number;
  private readonly nests: ReadonlyMap<SharedNest, number>;
  private readonly routineParts: readonly (readonly number[])[];
  private readonly parts: readonly number[];
  /** By the number of its routine. */
  private readonly phaseOf: ReadonlyMap<number, number>;
  private readonly context: Omit<Context, "code" | "places">;

  constructor(program: Program, primitives: PrimitiveFunctions, phases: readonly Phase[], ordered: boolean) {
    this.program = program;
    this.primitives = primitives;
    this.phases = phases;
    this.sizes = new Map(program.sizes.map((name, k) => [name, k]));
    this.starts = new Map(program.buffers.map((buffer, k) => [buffer, program.sizes.length + k]));
    this.fork = primitives.imported.length;
    let next = this.fork + (phases.length > 0 ? 1 : 0) + primitives.helpers.length;
    this.nests = new Map(nestsIn(program).map((nest) => [nest, next++]));
    this.routineParts = program.routines.map(({ parts }) => parts.map(() => next++));
    this.parts = program.parts.map(() => next++);
    this.phaseOf = new Map(phases.map(({ routine }, k) => [routine, k]));
    const callRoutine = (code: Code, routine: number) => this.callRoutine(code, routine);
    this.context = { functions: primitives, ordered, nests: this.nests, callRoutine };
  }

  /** `returned`: the scalar that the whole returns. */
  all(returned: Buffer | undefined): ModuleFunction[] {
    const { routines, parts } = this.program;
    return [
      ...this.primitives.helpers,
      ...[...this.nests.keys()].map((nest) => nestFunction(nest, this.context)),
      ...routines.flatMap((routine, k) => this.routine(routine.parts, k)),
      ...parts.map((part) => this.part(part)),
      this.whole(returned),
    ];
  }

  /** The parts of a routine; one in pieces is a function of the number of a piece. */
  private routine(parts: readonly (readonly Statement[])[], routine: number): ModuleFunction[] {
    const phase = this.phaseOf.get(routine);
    if (phase === undefined) return parts.map((part) => this.part(part));
    const code = new Code(1);
    const places = this.places(code, parts[0]!);
    code.get(0);
    code.set(places.variable(this.phases[phase]!.piece));
    new Statements({ ...this.context, code, places }).block(parts[0]!);
    return [{ type: { parameters: ["i32"], results: [] }, code, exported: `${phasePrefix}${phase}` }];
  }

  private part(statements: readonly Statement[]): ModuleFunction {
    const code = new Code(0);
    const places = this.places(code, statements);
    new Statements({ ...this.context, code, places }).block(statements);
    return { type: { parameters: [], results: [] }, code };
  }

  /** The sizes that statements mention, and where their arrays begin, in locals. */
  private places(code: Code, statements: readonly Statement[]): Places {
    const used = mentionedBy(statements);
    const local = (global: number) => {
      const index = code.local("i32");
      code.indexed("global.get", global);
      code.set(index);
      return index;
    };
    const sizes = new Map(used.sizes.map((name) => [name, local(this.sizes.get(name)!)]));
    const starts = new Map(used.buffers.map((buffer) => [buffer, local(this.starts.get(buffer)!)]));
    return new Places(code, sizes, starts);
  }

  private callRoutine(code: Code, routine: number): void {
    const phase = this.phaseOf.get(routine);
    if (phase === undefined) for (const part of this.routineParts[routine]!) code.indexed("call", part);
    else {
      code.i32(phase);
      code.indexed("call", this.fork);
    }
  }

  /** Calls the parts in order, and returns the scalar result: 0 where nothing writes it. */
  private whole(returned: Buffer | undefined): ModuleFunction {
    const code = new Code(0);
    const start = returned && this.starts.get(returned)!;
    if (start !== undefined) {
      code.indexed("global.get", start);
      code.f64(0);
      code.access("f64.store", { align: 3, offset: 0 });
    }
    for (const part of this.parts) code.indexed("call", part);
    if (start !== undefined) {
      code.indexed("global.get", start);
      code.access("f64.load", { align: 3, offset: 0 });
    }
    return { type: { parameters: [], results: start === undefined ? [] : ["f64"] }, code, exported: "run" };
  }
}

/** The function of a nest, over what it is called with: where arrays begin, places in them and whole numbers, and numbers. */
function nestFunction(
  { loop, parameters }: SharedNest,
  context: Omit<Context, "code" | "places">,
): { readonly type: FunctionType; readonly code: Code } {
  const code = new Code(parameters.length);
  const sizes = new Map<string, number>();
  const starts = new Map<Buffer, number>();
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind === "array") for (const buffer of parameter.buffers) starts.set(buffer, k);
    if (parameter.kind === "integer") for (const name of parameter.names) sizes.set(name, k);
  }
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind !== "place") continue;
    for (const buffer of parameter.buffers) {
      const start = code.local("i32");
      code.get(starts.get(buffer)!);
      code.get(k);
      code.i32(Math.log2(bytesOf(buffer)));
      code.op("i32.shl");
      code.op("i32.add");
      code.set(start);
      starts.set(buffer, start);
    }
  }
  const statements = new Statements({ ...context, code, places: new Places(code, sizes, starts) });
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind === "number") for (const temporary of parameter.temporaries) statements.nameLocal(temporary, k);
  }
  statements.statement(loop);
  const types = parameters.map(({ kind }) => (kind === "number" ? ("f64" as const) : ("i32" as const)));
  return { type: { parameters: types, results: [] }, code };
}
