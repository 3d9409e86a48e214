import type { BoundModel } from "../../../src/compile/bound/model.ts";
import type { CompiledFunctions } from "../../../src/index.ts";
import { compileText } from "../../../src/language/all.ts";
import { webAssembly } from "../../../src/wasm.ts";
import { normals } from "../tasks/random.ts";

type Compiled = CompiledFunctions<string, string, string>;

/** A model's text, compiled when it is first needed: one compile serves every size. */
export function lazily(name: string, text: string): () => Compiled {
  let compiled: Compiled | undefined;
  return () => {
    compiled ??= compileText(text, { name: `${name}.nabla`, engine: webAssembly() });
    return compiled;
  };
}

/** The loss at a packed point, and its gradient. */
export function lossOf({ flat }: BoundModel, x: Float64Array) {
  let value = Number.NaN;
  return {
    run: () => {
      value = flat.loss(x);
    },
    output: () => value,
  };
}

export function gradientOf({ flat }: BoundModel, x: Float64Array) {
  const g = new Float64Array(x.length);
  return { run: () => flat.gradient(x, g), output: () => Array.from(g) };
}

/** The second derivative at a packed point along one direction, whose numbers come from a fixed seed. */
export function productOf({ flat }: BoundModel, x: Float64Array) {
  const v = normals(x.length, 31);
  const h = new Float64Array(x.length);
  return { run: () => flat.hvp(x, v, h), output: () => Array.from(h) };
}

/** Rows of a matrix, one after the other. */
export function packed(...parts: readonly (readonly number[] | readonly (readonly number[])[])[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => part.flat()));
}

/** A row-major array as rows of `width`. */
export function rowsOf(values: Float64Array, width: number): number[][] {
  const rows: number[][] = [];
  for (let start = 0; start < values.length; start += width) {
    rows.push(Array.from(values.subarray(start, start + width)));
  }
  return rows;
}
