import { partition, type Thresholds } from "../../lower/pieces/partition.ts";
import type { Program } from "../../lower/program/loops.ts";
import type { Signature } from "../signature.ts";
import { type Crew, loadWasm, type WasmCode } from "./engine.ts";
import { printWasm, type WasmOptions } from "./module.ts";

/**
 * A program whose long loops a crew runs in pieces. Which loops, and in which pieces, follows from the sizes that are bound:
 * sizes that lead to the same pieces share a module.
 */
export function compileForThreads(
  program: Program,
  signature: Signature,
  crew: Crew,
  options: WasmOptions & { readonly fewest?: Thresholds } = {},
): Pick<WasmCode, "bind"> {
  const known = new Map<string, WasmCode>();
  return {
    bind: (sizes, bound, surroundings) => {
      const partitioned = partition(program, sizes, options.fewest);
      const { key, phases } = partitioned;
      let code = known.get(key);
      if (!code) {
        const isShared = crew.isShared && phases.length > 0;
        const printed = printWasm(partitioned.program, signature, { ...options, phases, isShared });
        code = loadWasm(
          partitioned.program,
          signature,
          printed,
          phases.length > 0 ? { ...partitioned, crew } : undefined,
        );
        known.set(key, code);
      }
      return code.bind(sizes, bound, surroundings);
    },
  };
}
