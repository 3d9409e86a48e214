import { type Array1D, allocate, compileJavaScript } from "../emit/javascript.ts";
import { type Bindings, evaluateShape } from "../interpreter/interpret.ts";
import type { Expr } from "../ir/graph.ts";
import type { Buffer } from "../lower/loops.ts";
import { type LowerOptions, lower } from "../lower/lower.ts";

/** Graphs as generated code: every root is an output. */
export interface Executable {
  readonly source: string;
  (bindings: Bindings<number>): number[][];
}

/** Lowers and compiles the roots as they stand, for comparison with the interpreter. */
export function executable(roots: readonly Expr[], options: LowerOptions = {}): Executable {
  const program = lower(
    roots.map((node, k) => ({ name: `root${k}`, node })),
    options,
  );
  const outputs = program.buffers.filter((buffer) => buffer.role === "output");
  const compiled = compileJavaScript(program, { name: "roots", packed: [], separate: outputs });
  const run = ({ sizes, values }: Bindings<number>): number[][] => {
    const leafOf = new Map([...values.keys()].flatMap((leaf) => pair(program.inputOf(leaf), leaf)));
    // what a program leaves unwritten must show
    const empty = (buffer: Buffer) =>
      allocate(
        buffer.dtype,
        evaluateShape(buffer.shape, sizes).reduce((count, size) => count * size, 1),
      ).fill(7);
    const contents = (buffer: Buffer): Array1D => {
      const leaf = leafOf.get(buffer);
      if (leaf) return filled(empty(buffer), values.get(leaf)!);
      return buffer.values ? filled(empty(buffer), buffer.values) : empty(buffer);
    };
    const results = outputs.map(empty);
    const bound = compiled.printed.bound.map(contents);
    compiled.bind(
      program.sizes.map((name) => sizes.get(name)!),
      bound,
    )(...results);
    return results.map((result) => Array.from(result));
  };
  return Object.assign(run, { source: compiled.source });
}

function filled(array: Array1D, values: ArrayLike<number>): Array1D {
  array.set(values);
  return array;
}

const pair = (buffer: Buffer | undefined, leaf: Expr): [Buffer, Expr][] => (buffer ? [[buffer, leaf]] : []);
