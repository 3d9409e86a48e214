/** An engine for large models: WebAssembly with vectors. */
export { type WebAssemblyOptions, webAssembly } from "./compile/web-assembly.ts";
