import { canEvaluate } from "../emit/javascript.ts";
import { engineTimes } from "../emit/report/engine-times.ts";
import { loadWasm } from "../emit/wasm/engine.ts";
import { wasmHost } from "../emit/wasm/memory.ts";
import { printWasm, type WasmOptions } from "../emit/wasm/module.ts";
import { forVectors } from "../emit/wasm/vector-loop.ts";
import { type Needs, needs, requireOptions } from "../ir/arguments/arguments.ts";
import { estimateOperations } from "../lower/program/estimate.ts";
import type { Program } from "../lower/program/loops.ts";
import { closureEngine, type Engine, fitsJavaScript, javaScriptEngine } from "./functions.ts";
import { engineAt, sizesOfLoops, smallSizes } from "./known-sizes.ts";
import { sayOnce } from "./notice.ts";

export interface WebAssemblyOptions extends Pick<WasmOptions, "accurate"> {
  /**
   * false: products are rounded before they go into sums, so that results have the same bits on every machine. Default: they
   * are not, where the environment has relaxed SIMD.
   */
  readonly fused?: boolean;
  /**
   * auto: functions stay JavaScript where a call is estimated to be faster so: where they are small, for JavaScript is called
   * faster, and where long vectors are only passed through, which WebAssembly copies. Default: auto.
   */
  readonly use?: "auto" | "always";
}

export const webAssemblyNeeds: Needs<WebAssemblyOptions> = {
  accurate: needs.flag,
  fused: needs.flag,
  use: { what: '"auto" or "always"', accepts: (value) => value === "auto" || value === "always" },
};

/**
 * WebAssembly with vectors of two reals: faster than JavaScript where arrays are long, from the first call on. exp, log,
 * tanh and their kin are polynomials, good to 3 units in the last place; with `accurate` they are Math's.
 * Where WebAssembly may not be compiled at once the functions are JavaScript, and a note on the console says so.
 */
export function webAssembly(options: WebAssemblyOptions = {}): Engine {
  requireOptions<WebAssemblyOptions>("webAssembly", options, webAssemblyNeeds);
  return webAssemblyWith(options, (always) => always);
}

/** The engine of these options, where `engineFor` says what serves a function of so many operations better than `always`. */
export function webAssemblyWith(
  { accurate = false, fused = true, use = "auto" }: WebAssemblyOptions,
  engineFor: (always: Engine, operations: number) => Engine,
): Engine {
  const always: Engine = {
    name: `wasm${accurate ? ", accurate" : ""}${fused ? "" : ", not fused"}`,
    lowering: { forVectors, sharesNests: true },
    compile: (program, signature) => {
      const printed = printWasm(program, signature, { accurate, fused });
      try {
        return { ...loadWasm(program, signature, printed), ownsWorkspace: true };
      } catch (error) {
        sayWhy(error);
        const engine = canEvaluate() && fitsJavaScript(program) ? javaScriptEngine : closureEngine;
        return engine.compile(program, signature);
      }
    },
  };
  const forSizes = (program: Program, sizes: readonly number[]): Engine => {
    const known = new Map([...sizesOfLoops(() => program, sizes), ...smallSizes(program, sizes)]);
    return known.size === 0 ? always : engineAt(always, known);
  };
  const mayEvaluate = canEvaluate();
  const standard = mayEvaluate ? javaScriptEngine : closureEngine;
  if (!mayCompile()) return standard;
  if (use === "always") {
    const choose: Engine["choose"] = (program, sizes) =>
      engineFor(forSizes(program(), sizes), Number.POSITIVE_INFINITY);
    return { ...engineFor(always, Number.POSITIVE_INFINITY), choose };
  }
  return {
    ...standard,
    choose: (whole, sizes, signature) => {
      const program = whole();
      const { javaScript, webAssembly, closures } = engineTimes(program, signature, sizes);
      if (webAssembly >= (mayEvaluate ? javaScript : closures)) return standard.choose?.(whole, sizes, signature);
      return engineFor(forSizes(program, sizes), estimateOperations(program, sizes));
    },
  };
}

/** False where a policy forbids WebAssembly, or there is none: a note says so once. */
function mayCompile(): boolean {
  try {
    new (wasmHost().Module)(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
    return true;
  } catch (error) {
    sayWhy(error);
    return false;
  }
}

/** A policy forbids WebAssembly, or a browser compiles no module of this size at once. */
function sayWhy(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  sayOnce(`nabla: WebAssembly cannot be compiled here (${reason}), so functions are JavaScript or closures instead.`);
}
