import { elementCount, evaluateShape } from "../../interpreter/interpret.ts";
import { wideArrays } from "../../interpreter/wide.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Again, Array1D, Looked, LookedAt } from "../javascript.ts";
import { placesOf } from "../signature.ts";
import { areOrdinary } from "./fine.ts";
import { leavesOf } from "./numbers.ts";
import { isLong } from "./steps.ts";

/** Where the elements of a tensor stand among the vectors of a call. */
interface Span {
  readonly vector: number;
  readonly start: number;
  readonly end: number;
}

/**
 * How results of a function of small arrays are computed once more that are not finite, or 0 where numbers given are not ordinary: as
 * rewritten, by numbers that neither overflow nor vanish on the way. undefined for functions of numbers, which have a closer look, and
 * where rewriting is limited.
 */
export function arrayLook(fn: Looked, b: LookedAt): Again | undefined {
  const { program, results } = fn.lowered;
  if (fn.level !== "all" || placesOf(program, fn.signature)) return undefined;
  const roots = results.map(([node]) => node);
  let leaves: readonly Expr[] | "no formula" | undefined;
  return (returned, ...vectors) => {
    leaves ??= isLong(roots, b) ? "no formula" : leavesOf(roots);
    if (leaves === "no formula") return returned;
    if ([[returned ?? 0], ...vectors, ...b.data.values()].every(areOrdinary)) return returned;
    const spans = spansOf(fn, b);
    const known = results.map(([, buffer]) => {
      const span = spans.get(buffer);
      return span ? elementsOf(vectors, span) : [returned!];
    });
    const values = new Map<Expr, readonly number[]>();
    for (const leaf of leaves) {
      const buffer = program.inputOf(leaf);
      const span = buffer && spans.get(buffer);
      const data = b.data.get(leaf.graph.leafOf(leaf.id).name);
      const numbers = span ? elementsOf(vectors, span) : data && Array.from(data);
      // what comes of no number is none
      if (!numbers?.every(Number.isFinite)) return returned;
      values.set(leaf, numbers);
    }
    // results may be tiny of numbers that are not
    if (known.flat().every(Number.isFinite) && [...values.values()].every(areOrdinary)) return returned;
    const found = wideArrays(roots, { sizes: b.sizes, values });
    let result = returned;
    for (const [k, [, buffer]] of results.entries()) {
      const span = spans.get(buffer);
      for (const [at, value] of found[k]!.entries()) {
        // what is 0 may have vanished beside what has overflown
        if ((Number.isFinite(known[k]![at]) && known[k]![at] !== 0) || Number.isNaN(value)) continue;
        if (span) vectors[span.vector]![span.start + at] = value;
        else result = value;
      }
    }
    return result;
  };
}

const elementsOf = (vectors: readonly Array1D[], { vector, start, end }: Span): number[] =>
  Array.from(vectors[vector]!.subarray(start, end));

/** Where the tensors of a call stand. */
function spansOf({ signature: { packed, separate } }: Looked, { sizes }: LookedAt): Map<unknown, Span> {
  const spans = new Map<unknown, Span>();
  const put = (buffer: (typeof separate)[number], vector: number, start: number) => {
    const length = elementCount(evaluateShape(buffer.shape, sizes));
    spans.set(buffer, { vector, start, end: start + length });
  };
  for (const [vector, { buffers }] of packed.entries()) {
    for (const { buffer, offset } of buffers) put(buffer, vector, evaluateShape([offset], sizes)[0]!);
  }
  for (const [k, buffer] of separate.entries()) put(buffer, packed.length + k, 0);
  return spans;
}
