/** What is used of WebAssembly's interface: typed here, because not every environment's types have it. */
export interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** What a module imports, by name. */
export type WasmImports = Readonly<Record<string, unknown>>;

/** The environment's WebAssembly. Throws where there is none. */
export function wasmHost(): WasmHost {
  const host = (globalThis as { readonly WebAssembly?: WasmHost }).WebAssembly;
  if (!host) throw new Error("WebAssembly is not there");
  return host;
}
