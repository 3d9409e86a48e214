import { expect } from "vitest";
import { compileModel } from "../../../src/compile/compile.ts";
import { javaScriptEngine } from "../../../src/compile/functions.ts";
import type { Inputs } from "../../../src/compile/inputs/inputs.ts";
import { webAssembly } from "../../../src/compile/web-assembly.ts";
import { loadModel } from "../../../src/model/load.ts";
import "./relaxed.ts";

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** A model compiled to JavaScript and to WebAssembly, with products and sums fused and without. */
export function bothEngines(text: string) {
  const model = loadModel({ name: "loops", text });
  const engines = [javaScriptEngine, ...[true, false].map((fused) => webAssembly({ use: "always", fused }))];
  const [reference, ...compiled] = engines.map((engine) => compileModel(model, { engine }));
  const outputs = [...model.outputs.keys()];

  /** Loss, gradient, product and outputs at parameters of these shapes agree to rounding. */
  function expectAgreement(shapes: Shapes, data: Inputs, sizes: Readonly<Record<string, number>>): void {
    const [expected, ...others] = [reference!, ...compiled].map((each) => {
      const bound = each.bind(data, sizes);
      const params = Object.fromEntries(
        shapes.map(([name, shape], seed) => [
          name,
          numbers(
            shape.reduce((a, b) => a * b, 1),
            seed,
          ),
        ]),
      );
      const x = bound.pack(params);
      const v = x.map((value, at) => Math.round(8 * value) / 8 + (at % 3));
      const [g, h] = [new Float64Array(x.length), new Float64Array(x.length)];
      const loss = bound.flat.lossGradientHvp(x, v, g, h);
      const named = outputs.length > 0 ? Object.values(bound.outputs(params)) : [];
      return [loss, ...named.flatMap((values) => [...values]), ...g, ...h];
    });
    const largest = Math.max(1, ...expected!.filter(Number.isFinite).map(Math.abs));
    for (const got of others) {
      const wrong = got.flatMap((value, at) => {
        const isClose = Object.is(value, expected![at]) || Math.abs(value - expected![at]!) < 1e-14 * largest;
        return isClose ? [] : [{ at, got: value, expected: expected![at] }];
      });
      expect(wrong).toEqual([]);
      expect(got.length).toBe(expected!.length);
    }
  }
  return { expectAgreement };
}

/** Numbers between -1 and 1 that are exact in few digits. */
export function numbers(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, at) => (((at + 3 * seed + 1) * 7919) % 101) / 50 - 1);
}
