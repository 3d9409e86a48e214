import { vi } from "vitest";
import { wasmHost } from "../../../src/emit/wasm/host.ts";

/**
 * Counts the instances made from now on, until globals are unstubbed. A spy would not do: what it constructs has no
 * exports.
 */
export function countInstances(): { made: number } {
  const host = wasmHost();
  const count = { made: 0 };
  class Instance extends host.Instance {
    constructor(...given: ConstructorParameters<typeof host.Instance>) {
      super(...given);
      count.made++;
    }
  }
  vi.stubGlobal("WebAssembly", { Module: host.Module, Memory: host.Memory, Instance });
  return count;
}
