import type { Primitive } from "../ir/primitive.ts";
import { add } from "../ops/algebra.ts";
import { isAbsent, isRepeated, longestExpression } from "./builder.ts";
import type { Value } from "./loops.ts";
import type { Lowering } from "./lower.ts";
import type { Plan } from "./plan.ts";

/** What a node is to the walk: an early scalar stands for itself, and a needed one is written. */
const other = 0;
const early = 1;
const needed = 2;

/**
 * Writes the scalars that come from leaves by primitives alone. They wait for no loop and share none, so they need no
 * items: their statements are made in one walk, over arrays by node, before everything else. Tells which nodes are
 * written, by id.
 */
export function writeScalars(
  plan: Plan,
  roots: Iterable<{ readonly id: number }>,
  lowering: Lowering,
): (id: number) => boolean {
  const { graph } = plan;
  const { builder, buffers, frames } = lowering;
  const states = new Uint8Array(graph.length);
  // the leaves of a body stand for what is known at its place
  if (frames.of(plan).number !== 0) return () => false;
  const isReadLater = new Uint8Array(graph.length);
  for (const { id } of roots) isReadLater[id] = 1;
  const last = findEarly(plan, states, isReadLater);
  const values = new Array<Value>(last + 1);
  const sizes = new Uint8Array(last + 1);
  const name = (id: number): Value => {
    const temporary = builder.temporary(graph.dtypeOf(id));
    builder.emit({ kind: "let", temporary, value: values[id]! });
    sizes[id] = 0;
    const named: Value = { kind: "temporary", temporary };
    values[id] = named;
    return named;
  };
  const applied = (id: number, primitive: Primitive): Value => {
    const operands: Value[] = [];
    const present: Value[] = [];
    let size = 1;
    for (let k = 0; k < graph.operandCount(id); k++) {
      const operand = graph.operandAt(id, k);
      const value = sizes[operand]! > 0 && isRepeated(primitive, k) ? name(operand) : values[operand]!;
      size += sizes[operand]!;
      operands.push(value);
      if (!isAbsent(graph.kindOf(operand), value)) present.push(value);
    }
    sizes[id] = Math.min(size, longestExpression + 1);
    const isSum = primitive === add.primitive && !builder.ordered && present.length > 0;
    if (isSum && present.length === 1) return present[0]!;
    return { kind: "apply", primitive, operands: isSum ? present : operands, dtype: graph.dtypeOf(id) };
  };
  for (const id of plan.ids) {
    if (id > last) break;
    if (states[id] !== needed) continue;
    if (graph.kindOf(id) !== "map") {
      const placed = builder.evaluate({ node: graph.expr(id), index: [] });
      values[id] = placed.value;
      sizes[id] = Math.min(placed.size, longestExpression + 1);
      continue;
    }
    values[id] = applied(id, graph.primitiveOf(id));
    const isStored = plan.isStoredId(id);
    if (!isStored && sizes[id]! <= longestExpression) continue;
    const value = values[id]!.kind === "temporary" ? values[id]! : name(id);
    if (!isStored) continue;
    const node = graph.expr(id);
    if (isReadLater[id] === 1) builder.provide(node, [], value);
    const buffer = buffers.of(node);
    if (buffer?.role !== "output") continue;
    builder.emit({ kind: "store", buffer, address: builder.address([], []), value });
    builder.markWritten(buffer);
  }
  return (id) => states[id] === needed && graph.kindOf(id) === "map";
}

/** Tells early scalars from others, and which of them are read by others; returns the last one that is to be written. */
function findEarly(plan: Plan, states: Uint8Array, isReadLater: Uint8Array): number {
  const { graph, ids } = plan;
  for (const id of ids) if (isEarly(id, plan, states)) states[id] = early;
  let last = -1;
  for (let k = ids.length - 1; k >= 0; k--) {
    const id = ids[k]!;
    const isMap = states[id] !== other && graph.kindOf(id) === "map";
    if (isMap && plan.isStoredId(id)) {
      states[id] = needed;
      if (last < 0) last = id;
    }
    const isNeeded = states[id] === needed;
    for (let at = graph.operandCount(id) - 1; at >= 0; at--) {
      const operand = graph.operandAt(id, at);
      if (isNeeded && isMap) states[operand] = needed;
      else if (!isNeeded) isReadLater[operand] = 1;
    }
  }
  return last;
}

function isEarly(id: number, plan: Plan, states: Uint8Array): boolean {
  const { graph } = plan;
  if (graph.shapeOf(id).length > 0 || plan.isAlias(id)) return false;
  switch (graph.kindOf(id)) {
    case "leaf":
    case "tensor":
    case "constant":
    case "size":
      return true;
    case "map":
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
        if (states[graph.operandAt(id, k)] === other) return false;
      }
      return true;
    case "contraction":
      if (plan.isStoredId(id) || !graph.isView(id)) return false;
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
        const kind = graph.kindOf(graph.operandAt(id, k));
        if (kind !== "leaf" && kind !== "tensor") return false;
      }
      return true;
    default:
      return false;
  }
}
