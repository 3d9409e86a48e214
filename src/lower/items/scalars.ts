import { add } from "../../ops/elementary/algebra.ts";
import { longestExpression } from "../builder/builder.ts";
import type { Lowering } from "../lower.ts";
import type { Value } from "../program/loops.ts";
import { isAbsent, isRepeated, isWrittenAlike } from "../program/values.ts";
import type { Plan } from "./plan.ts";

/** What a node is to the walk: an early scalar can be written before everything else, and a needed one is. */
const early = 1;
const needed = 2;

/**
 * Writes the scalars that come from leaves by primitives alone. They wait for no loop and share none, so they need no
 * items: their statements are made in one walk, over arrays by node, before everything else. Tells which nodes are
 * written, by id.
 */
export function writeScalars(
  plan: Plan,
  roots: readonly { readonly id: number }[],
  { builder, buffers, frames }: Lowering,
): (id: number) => boolean {
  const { graph, ids } = plan;
  const states = new Uint8Array(graph.length);
  const isMap = (id: number) => graph.kindOf(id) === "map";
  const isWritten = (id: number) => states[id] === needed && isMap(id);
  // the leaves of a body stand for what is known at its place
  if (frames.of(plan).number !== 0) return isWritten;
  for (let at = 0; at < ids.length; at++) if (isEarly(plan, ids[at]!, states)) states[ids[at]!] = early;
  const isReadLater = new Uint8Array(graph.length);
  for (const { id } of roots) isReadLater[id] = 1;
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    if (states[id] === early && isMap(id) && plan.isStored(id)) states[id] = needed;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      if (isWritten(id)) states[operand] = needed;
      else isReadLater[operand] = 1;
    }
  }
  const values = new Array<Value>(graph.length);
  /** Operations within each value, as far as it has no name. */
  const sizes = new Int32Array(graph.length);
  const name = (id: number): Value => {
    const temporary = builder.temporaryFor(graph.expr(id));
    builder.emit({ kind: "let", temporary, value: values[id]! });
    sizes[id] = 0;
    values[id] = temporary;
    return temporary;
  };
  // a function of its own is optimised once for all graphs: the loop over a long one would be compiled while it runs
  const write = (id: number): void => {
    if (!isMap(id)) {
      const { value, size } = builder.evaluate({ node: graph.expr(id), index: [] });
      values[id] = value;
      sizes[id] = size;
      return;
    }
    const primitive = graph.primitiveOf(id);
    const isSum = primitive === add.primitive && !builder.ordered;
    const count = graph.operandCount(id);
    const all = new Array<Value>(count);
    let absent = 0;
    let size = 0;
    for (let k = 0; k < count; k++) {
      const operand = graph.operandAt(id, k);
      const value = sizes[operand]! > 0 && isRepeated(primitive, k) ? name(operand) : values[operand]!;
      size += sizes[operand]!;
      all[k] = value;
      if (isSum && isAbsent(graph.kindOf(operand), value)) absent++;
    }
    const operands =
      absent > 0 && absent < count
        ? all.filter((value, k) => !isAbsent(graph.kindOf(graph.operandAt(id, k)), value))
        : all;
    values[id] =
      isSum && count - absent === 1 ? operands[0]! : { kind: "apply", primitive, operands, dtype: graph.dtypeOf(id) };
    if (!isWrittenAlike(primitive, all)) size++;
    sizes[id] = size;
    const isStored = plan.isStored(id);
    const value = (isStored && size > 0) || size > longestExpression ? name(id) : values[id]!;
    if (!isStored) return;
    const node = graph.expr(id);
    if (isReadLater[id]) builder.provide(node, [], value);
    const buffer = buffers.of(node);
    if (buffer?.role !== "output") return;
    builder.emit({ kind: "store", buffer, address: builder.address([], []), value });
    builder.markWritten(buffer);
  };
  for (let at = 0; at < ids.length; at++) if (states[ids[at]!] === needed) write(ids[at]!);
  return isWritten;
}

/** True for a scalar that is a leaf, an element of one, or a primitive of such scalars. */
function isEarly(plan: Plan, id: number, states: Uint8Array): boolean {
  const { graph } = plan;
  if (graph.shapeOf(id).length > 0 || plan.isAlias(id)) return false;
  const kind = graph.kindOf(id);
  const isPlainView = kind === "contraction" && graph.isView(id) && !plan.isStored(id);
  if (kind !== "map" && !isPlainView) return isLeaf(kind) || kind === "constant" || kind === "size";
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    if (isPlainView ? !isLeaf(graph.kindOf(operand)) : !states[operand]) return false;
  }
  return true;
}

const isLeaf = (kind: string) => kind === "leaf" || kind === "tensor";
