import { type Array1D, allocate, type BoundFunction, compileJavaScript } from "../emit/javascript.ts";
import { type PairArray, type PairCompiled, pairOf } from "../emit/pairs/arrays.ts";
import { boundBuffers, type Signature } from "../emit/signature.ts";
import { type Bindings, evaluateShape } from "../interpreter/interpret.ts";
import type { Expr } from "../ir/graph.ts";
import { type LowerOptions, lower } from "../lower/lower.ts";
import type { Buffer, Program } from "../lower/program/loops.ts";
import { withSharedTies } from "../rewrite/closing/ties.ts";

/** Graphs as code: every root is an output. */
export interface Executable {
  /** The generated text, where there is one. */
  readonly source: string | undefined;
  (bindings: Bindings<number>): number[][];
}

type Compile = (
  program: Program,
  signature: Signature,
) => { readonly source?: string; bind(sizes: readonly number[], bound: readonly Array1D[]): BoundFunction };

/** Lowers and compiles the roots as they stand, for comparison with the interpreter. */
export function executable(
  roots: readonly Expr[],
  options: LowerOptions = {},
  compile: Compile = compileJavaScript,
): Executable {
  const { program, signature, outputs } = programOf(roots, options);
  const code = compile(program, signature);
  const run = (bindings: Bindings<number>): number[][] => {
    const { sizes, contents } = memory(program, bindings);
    const results = outputs.map(contents);
    code.bind(sizes, boundBuffers(program, signature).map(contents))(...results);
    return results.map((result) => Array.from(result));
  };
  return Object.assign(run, { source: code.source });
}

/** Values with their changes: imaginary parts, or tangents. */
export interface PairResults {
  readonly first: number[][];
  readonly second: number[][];
}

/** The roots over numbers of two parts; leaves that `changes` does not name are constants. */
export function pairExecutable(
  roots: readonly Expr[],
  compile: (program: Program, signature: Signature) => PairCompiled,
): (bindings: Bindings<number>, changes: ReadonlyMap<Expr, readonly number[]>) => PairResults {
  const { program, signature, outputs } = programOf(withSharedTies(roots), {});
  const code = compile(program, signature);
  return (bindings, changes) => {
    const { sizes, contents, leafOf } = memory(program, bindings);
    const pairs = (buffer: Buffer): PairArray => {
      const leaf = leafOf.get(buffer);
      const change = leaf && changes.get(leaf);
      return pairOf(contents(buffer), change && Float64Array.from(change));
    };
    const results = outputs.map(pairs);
    code.bind(sizes, boundBuffers(program, signature).map(pairs))(...results);
    return {
      first: results.map(({ first }) => Array.from(first)),
      second: results.map(({ second }) => Array.from(second)),
    };
  };
}

function programOf(roots: readonly Expr[], options: LowerOptions) {
  const program = lower(
    roots.map((node, k) => ({ name: `root${k}`, node })),
    options,
  );
  const outputs = program.buffers.filter(({ role }) => role === "output");
  const signature: Signature = { name: "roots", packed: [], separate: outputs };
  return { program, signature, outputs };
}

/** What the buffers of a program hold before it runs: inputs, tables, and sevens where it must write. */
function memory(program: Program, { sizes, values }: Bindings<number>) {
  const leafOf = new Map<Buffer, Expr>();
  for (const leaf of values.keys()) {
    const buffer = program.inputOf(leaf);
    if (buffer) leafOf.set(buffer, leaf);
  }
  const contents = (buffer: Buffer): Array1D => {
    const length = evaluateShape(buffer.shape, sizes).reduce((count, size) => count * size, 1);
    const array = allocate(buffer, length).fill(7);
    const leaf = leafOf.get(buffer);
    const held = leaf ? values.get(leaf)! : buffer.values;
    if (held) array.set(held);
    return array;
  };
  return { leafOf, contents, sizes: program.sizes.map((name) => sizes.get(name)!) };
}
