import type { Integer } from "../../ir/integer.ts";
import type { PartitionedProgram } from "../../lower/pieces/partition.ts";
import type { Buffer, Program } from "../../lower/program/loops.ts";
import { caller } from "../caller.ts";
import type { Admission, Array1D, BindOptions, BoundFunction } from "../javascript.ts";
import { arrayTypeOf, boundBuffers, type Signature } from "../signature.ts";
import { canFuse, fuse } from "./fuse.ts";
import { Memories, type Refillable, type WasmImports, wasmHost } from "./memory.ts";
import { hostName, phasePrefix, type WasmModule } from "./module.ts";
import { hostFunction } from "./operations.ts";
import { bytesOf } from "./places.ts";

/** A program as WebAssembly: bound to sizes and arrays, its functions copy the vectors of a call in and out. */
export interface WasmCode {
  readonly module: WasmModule;
  /** Functions that are bound with one map share a memory, which they keep in it. */
  bind(
    sizes: readonly number[],
    bound: readonly Array1D[],
    options?: BindOptions<Map<string, Refillable>>,
  ): BoundFunction;
}

/** Those who run the pieces of phases: a caller, and whom it finds to help. */
export interface Crew {
  /** How many there are, with the caller. */
  readonly members: number;
  /** Whether they are threads, which share memory. */
  readonly isShared: boolean;
  /** Takes on a bound function; returns what runs all pieces of a phase, by its number. */
  enlist(work: CrewWork): (phase: number) => void;
}

export interface CrewWork {
  readonly module: object;
  /** How many pieces each phase has. */
  readonly pieces: readonly number[];
  /** What an instance imports beside functions: numbers and the memory; member 0 is the caller. */
  importsOf(member: number): WasmImports;
  /** The functions that it imports as f0, f1, ... */
  readonly functions: readonly ((...operands: number[]) => number)[];
  /** What runs a piece of each phase here: there once the caller's instance is. */
  readonly phases: readonly ((piece: number) => void)[];
}

/** A program's phases, the arrays that each member has for himself, and who runs them. */
export interface Team extends Pick<PartitionedProgram, "phases" | "privates"> {
  readonly crew: Crew;
}

/** Compiles what was printed. Throws where WebAssembly may not be compiled, or not at once. */
export function loadWasm(program: Program, signature: Signature, printed: WasmModule, team?: Team): WasmCode {
  const host = wasmHost();
  const mayFuse = printed.fusible.length > 0 && canFuse(host);
  const module = new host.Module(mayFuse ? fuse(printed.bytes, printed.fusible) : printed.bytes);
  return {
    module: printed,
    bind: (sizes, bound, { admit, shared } = {}) => {
      const memories = memoriesIn(shared, team?.crew.isShared ?? false);
      return instantiate(program, signature, printed, module, { sizes, bound, admit, memories, team });
    },
  };
}

function memoriesIn(shared: Map<string, Refillable> = new Map(), isForThreads: boolean): Memories {
  const key = isForThreads ? "wasm, threads" : "wasm";
  const known = shared.get(key) as Memories | undefined;
  const memories = known ?? new Memories(isForThreads);
  shared.set(key, memories);
  return memories;
}

interface Binding {
  readonly sizes: readonly number[];
  readonly bound: readonly Array1D[];
  readonly admit: Admission | undefined;
  readonly memories: Memories;
  readonly team: Team | undefined;
}

/** The value of an integer under the sizes of a binding. */
type NumberOf = (integer: Integer) => number;

const views = { Float64Array, Int32Array, Uint8Array };

/** A vector of a call: its name in the memory, its bytes there, and what of it holds which buffer. */
interface Vector {
  readonly name: string;
  readonly length: number;
  readonly type: keyof typeof views;
  readonly isResult: boolean;
  readonly parts: readonly { readonly buffer: Buffer; readonly offset: number }[];
}

function instantiate(
  program: Program,
  signature: Signature,
  printed: WasmModule,
  module: object,
  { sizes, bound, admit, memories, team }: Binding,
): BoundFunction {
  const sizeOf = new Map(program.sizes.map((name, k) => [name, sizes[k]!]));
  const numberOf: NumberOf = (integer) =>
    integer.evaluate((atom) => (atom.kind === "name" ? sizeOf.get(atom.name)! : Number.NaN));
  const vectors = vectorsOf(signature, numberOf);
  const own = boundBuffers(program, signature);
  let workspace = 0;
  const offsets = new Map<Buffer, number>();
  const wholeBytes = (buffer: Buffer) => Math.ceil((lengthOf(buffer, numberOf) * bytesOf(buffer)) / 16) * 16;
  const copiesOf = (buffer: Buffer) => (team?.privates.has(buffer) ? team.crew.members : 1);
  for (const buffer of own.filter(isWorkspace)) {
    offsets.set(buffer, workspace);
    workspace += copiesOf(buffer) * wholeBytes(buffer);
  }
  const memory = memories.for({
    data: bound.filter((_, k) => !isWorkspace(own[k]!)),
    vectors: new Map([...vectors.map((vector) => [vector.name, bytesIn(vector)] as const), ["result", 8]]),
    workspace,
  });

  const starts = new Map<Buffer, number>();
  const copies = vectors.map((vector): Array1D => {
    const start = memory.vector(vector.name, bytesIn(vector));
    for (const { buffer, offset } of vector.parts) starts.set(buffer, start + offset * bytesOf(buffer));
    return new views[vector.type](memory.memory.buffer as ArrayBuffer, start, vector.length);
  });
  if (signature.returned) starts.set(signature.returned, memory.vector("result", 8));
  for (const [k, buffer] of own.entries()) if (!isWorkspace(buffer)) starts.set(buffer, memory.place(bound[k]!));
  const scratch = memory.workspace(workspace);
  for (const [buffer, offset] of offsets) starts.set(buffer, scratch + offset);

  const main = mainOf(printed, module, team, (member) => {
    const imports: Record<string, unknown> = { memory: memory.memory };
    for (const [k, size] of sizes.entries()) imports[`s${k}`] = size;
    for (const [k, buffer] of printed.buffers.entries()) {
      const copy = team?.privates.has(buffer) ? member * wholeBytes(buffer) : 0;
      imports[`b${k}`] = starts.get(buffer)! + copy;
    }
    return imports;
  });

  const cells = copies.map((copy) => ({ first: noArray as Array1D, copy }));
  const given = cells.filter((_, k) => !vectors[k]!.isResult);
  const results = cells.filter((_, k) => vectors[k]!.isResult);
  return caller(cells, admit, () => {
    for (let k = 0; k < given.length; k++) copyInto(given[k]!.copy, given[k]!.first);
    const result = main();
    for (let k = 0; k < results.length; k++) copyInto(results[k]!.first, results[k]!.copy);
    return result;
  });
}

const isWorkspace = ({ role }: Buffer): boolean => role !== "input" && role !== "table";

/** A range within one that is empty may be of a length below 0. */
const lengthOf = ({ shape }: Buffer, numberOf: NumberOf): number =>
  Math.max(
    0,
    shape.reduce((product, size) => product * numberOf(size), 1),
  );

const bytesIn = ({ length, type }: Vector): number => length * views[type].BYTES_PER_ELEMENT;

/** The packed vectors, then the separate arrays, of a call. */
function vectorsOf(signature: Signature, numberOf: NumberOf): Vector[] {
  const packed = signature.packed.map(({ name, buffers }): Vector => {
    const parts = buffers.map(({ buffer, offset }) => ({ buffer, offset: numberOf(offset) }));
    return {
      name,
      length: Math.max(0, ...parts.map(({ buffer, offset }) => offset + lengthOf(buffer, numberOf))),
      type: "Float64Array",
      isResult: buffers.some(({ buffer }) => buffer.role === "output"),
      parts,
    };
  });
  const separate = signature.separate.map((buffer, k): Vector => {
    const parts = [{ buffer, offset: 0 }];
    const length = lengthOf(buffer, numberOf);
    return { name: `output ${k}`, length, type: arrayTypeOf(buffer), isResult: true, parts };
  });
  return [...packed, ...separate];
}

/** What an instance of the module exports as its whole; a crew takes on its phases. */
function mainOf(
  printed: WasmModule,
  module: object,
  team: Team | undefined,
  importsOf: CrewWork["importsOf"],
): () => number | undefined {
  const functions = printed.functions.map(({ primitive }) => hostFunction(primitive));
  const phases: ((piece: number) => void)[] = [];
  const pieces = team?.phases.map((phase) => phase.pieces) ?? [];
  const fork = team?.crew.enlist({ module, pieces, importsOf, functions, phases });
  const named = Object.fromEntries(functions.map((f, k) => [`f${k}`, f]));
  const { exports } = new (wasmHost().Instance)(module, { [hostName]: { ...importsOf(0), ...named, fork } });
  for (const k of pieces.keys()) phases.push(exports[`${phasePrefix}${k}`] as (piece: number) => void);
  return exports.run as () => number | undefined;
}

/** A function may not reach to the end of a packed vector: then only its part is copied. */
function copyInto(target: Array1D, source: Array1D): void {
  if (target.length === source.length) target.set(source);
  else for (let k = 0; k < target.length && k < source.length; k++) target[k] = source[k]!;
}

const noArray = new Float64Array(0);
