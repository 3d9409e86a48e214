import { vi } from "vitest";
import { wasmHost } from "../../../src/emit/wasm/memory.ts";

/** What was made of WebAssembly. */
export interface Made {
  /** How many instances. */
  made: number;
  /** What was compiled. */
  readonly compiled: Uint8Array<ArrayBuffer>[];
}

/**
 * Notes what is made from now on, until globals are unstubbed; where `isRelaxed` is given, relaxed SIMD is there or not, as it
 * says. A spy would not do: what it constructs has no exports.
 */
export function countInstances(isRelaxed?: boolean): Made {
  const host = wasmHost();
  const noted: Made = { made: 0, compiled: [] };
  class Instance extends host.Instance {
    constructor(...given: ConstructorParameters<typeof host.Instance>) {
      super(...given);
      noted.made++;
    }
  }
  class Module extends host.Module {
    constructor(bytes: Uint8Array<ArrayBuffer>) {
      super(bytes);
      noted.compiled.push(bytes);
    }
  }
  const validate = isRelaxed === undefined ? host.validate : () => isRelaxed;
  vi.stubGlobal("WebAssembly", { Module, Memory: host.Memory, Instance, validate });
  return noted;
}
