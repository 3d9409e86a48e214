import type { Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import type { Buffer, Program } from "../../lower/program/loops.ts";
import type { Signature } from "../signature.ts";
import type { WasmModule } from "../wasm/module.ts";

/** What the functions of an emitted module compute, beside its outputs. */
export type ModuleFunctionName = "loss" | "gradient" | "lossAndGradient" | "hvp" | "lossGradientHvp" | "hessian";

/** What readers call an output: a derivative `by` a parameter, say; and where the model says it. */
export interface OutputNote {
  readonly text: string;
  readonly by?: string;
  readonly source: string | undefined;
}

/** A program that becomes a function of the module. */
export interface ModuleProgram {
  readonly program: Program;
  readonly signature: Signature;
  /** Inputs that follow from the data alone, and what computes each: a binding keeps them. */
  readonly prepared?: PreparedInputs;
  /** The same in WebAssembly, from loops of its own. */
  readonly wasm?: ModuleWasm | undefined;
  /** What readers call an output, and where the model says it. */
  readonly describe?: ((output: Buffer) => OutputNote) | undefined;
}

export type PreparedInputs = ReadonlyMap<Buffer, ModuleProgram>;

export interface ModuleWasm {
  readonly program: Program;
  readonly signature: Signature;
  readonly prepared: PreparedInputs;
  readonly module: WasmModule;
  /** About how many operations a call takes, over sizes. */
  readonly operations: Integer;
  /** The same with numbers in place of sizes that the model says what to expect of, where that lays loops out better. */
  readonly expected?: { readonly sizes: ReadonlyMap<string, number>; readonly wasm: ModuleWasm } | undefined;
}

export interface ModuleLeaf {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Data that callers may leave out: the number in every element, or how the elements are made. */
  readonly fallback?: number | ModuleProgram | undefined;
}

export interface ModuleOutput extends ModuleLeaf {
  readonly code: ModuleProgram;
  /** The parameters that it reads. */
  readonly needs: readonly string[];
}

/** A check of values: see Requirement in src/build/model.ts. The program writes the index, then the guard if there is one. */
export interface ModuleRequirement {
  readonly code: ModuleProgram;
  readonly extent: Integer | undefined;
  readonly least: number | undefined;
  readonly summary: string;
  /** The parameters that it reads: with any, it is checked at every call instead of once. */
  readonly parameters: readonly string[];
  /** The data that it reads: without them it cannot be checked. */
  readonly data: readonly string[];
}

/** Everything that an emitted module says, before it is text. */
export interface ModuleContent {
  readonly name: string;
  /** The text that the hash identifies. */
  readonly identity: string;
  readonly sizes: readonly string[];
  /** In the order of the packed vector. */
  readonly parameters: readonly ModuleLeaf[];
  readonly data: readonly ModuleLeaf[];
  readonly functions: ReadonlyMap<ModuleFunctionName, ModuleProgram>;
  readonly outputs: readonly ModuleOutput[];
  /** What functions have prepared, each once. */
  readonly prepared: readonly ModuleProgram[];
  readonly requirements: readonly ModuleRequirement[];
}
