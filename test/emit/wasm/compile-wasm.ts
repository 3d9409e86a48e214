import type { Signature } from "../../../src/emit/signature.ts";
import { loadWasm, type WasmCode } from "../../../src/emit/wasm/engine.ts";
import { printWasm, type WasmOptions } from "../../../src/emit/wasm/module.ts";
import type { Program } from "../../../src/lower/program/loops.ts";

/** Compiles a program in memory. */
export function compileWasm(program: Program, signature: Signature, options: WasmOptions = {}): WasmCode {
  return loadWasm(program, signature, printWasm(program, signature, options));
}
