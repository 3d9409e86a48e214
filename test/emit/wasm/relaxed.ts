import { setFlagsFromString } from "node:v8";
import { canFuse } from "../../../src/emit/wasm/fuse.ts";
import { wasmHost } from "../../../src/emit/wasm/memory.ts";
import { compileWasm } from "./compile-wasm.ts";

// Node 20 has relaxed SIMD behind a flag
if (!canFuse(wasmHost())) setFlagsFromString("--experimental-wasm-relaxed-simd");

type Compile = (
  ...program: [Parameters<typeof compileWasm>[0], Parameters<typeof compileWasm>[1]]
) => ReturnType<typeof compileWasm>;

/** Both forms of products and sums: rounded once, and twice. */
export const forms: readonly { readonly form: string; readonly compile: Compile }[] = [
  { form: "fused", compile: (...program) => compileWasm(...program) },
  { form: "not fused", compile: (...program) => compileWasm(...program, { fused: false }) },
];
