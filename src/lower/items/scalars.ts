import type { Graph } from "../../ir/graph.ts";
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
  lowering: Lowering,
): (id: number) => boolean {
  const { graph, ids } = plan;
  const states = new Uint8Array(graph.length);
  const isWritten = (id: number) => states[id] === needed && isMap(graph, id);
  // the leaves of a body stand for what is known at its place
  if (lowering.frames.of(plan).number !== 0) return isWritten;
  for (let at = 0; at < ids.length; at++) if (isEarly(plan, ids[at]!, states)) states[ids[at]!] = early;
  const isReadLater = noteReaders(plan, roots, states);
  const writer = new ScalarWriter(plan, lowering, isReadLater);
  for (let at = 0; at < ids.length; at++) if (states[ids[at]!] === needed) writer.write(ids[at]!);
  return isWritten;
}

/** Marks the early scalars that are needed: what is stored, and what such are made of. Tells what else is read, by id. */
function noteReaders(plan: Plan, roots: readonly { readonly id: number }[], states: Uint8Array): Uint8Array {
  const { graph, ids } = plan;
  const isReadLater = new Uint8Array(graph.length);
  for (const { id } of roots) isReadLater[id] = 1;
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    if (states[id] === early && isMap(graph, id) && plan.isStored(id)) states[id] = needed;
    const isWritten = states[id] === needed && isMap(graph, id);
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      if (isWritten) states[operand] = needed;
      else isReadLater[operand] = 1;
    }
  }
  return isReadLater;
}

/**
 * Scalars as statements, operands first. Methods are optimised once for all graphs: one loop over a long graph would be compiled
 * while it runs.
 */
class ScalarWriter {
  private readonly plan: Plan;
  private readonly lowering: Lowering;
  private readonly isReadLater: Uint8Array;
  private readonly values: Value[];
  /** Operations within each value, as far as it has no name. */
  private readonly sizes: Int32Array;

  constructor(plan: Plan, lowering: Lowering, isReadLater: Uint8Array) {
    this.plan = plan;
    this.lowering = lowering;
    this.isReadLater = isReadLater;
    this.values = new Array<Value>(plan.graph.length);
    this.sizes = new Int32Array(plan.graph.length);
  }

  write(id: number): void {
    const { plan, sizes } = this;
    if (!isMap(plan.graph, id)) {
      const { value, size } = this.lowering.builder.evaluate({ node: plan.graph.expr(id), index: [] });
      this.values[id] = value;
      sizes[id] = size;
      return;
    }
    this.apply(id);
    const isStored = plan.isStored(id);
    const size = sizes[id]!;
    const value = (isStored && size > 0) || size > longestExpression ? this.name(id) : this.values[id]!;
    if (isStored) this.store(id, value);
  }

  /** The primitive of a node's operands; a sum leaves out terms that are not there. */
  private apply(id: number): void {
    const { values, sizes } = this;
    const { graph } = this.plan;
    const primitive = graph.primitiveOf(id);
    const isSum = primitive === add.primitive && !this.lowering.builder.ordered;
    const count = graph.operandCount(id);
    const all = new Array<Value>(count);
    let absent = 0;
    let size = 0;
    for (let k = 0; k < count; k++) {
      const operand = graph.operandAt(id, k);
      const value = sizes[operand]! > 0 && isRepeated(primitive, k) ? this.name(operand) : values[operand]!;
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
    sizes[id] = isWrittenAlike(primitive, all) ? size : size + 1;
  }

  private name(id: number): Value {
    const { builder } = this.lowering;
    const temporary = builder.temporaryFor(this.plan.graph.expr(id));
    builder.emit({ kind: "let", temporary, value: this.values[id]! });
    this.sizes[id] = 0;
    this.values[id] = temporary;
    return temporary;
  }

  /** Hands the value of a node to those that read it later, and writes it where it is a result. */
  private store(id: number, value: Value): void {
    const { builder, buffers } = this.lowering;
    const node = this.plan.graph.expr(id);
    if (this.isReadLater[id]) builder.provide(node, [], value);
    const buffer = buffers.of(node);
    if (buffer?.role !== "output") return;
    builder.emit({ kind: "store", buffer, address: builder.address([], []), value });
    builder.markWritten(buffer);
  }
}

const isMap = (graph: Graph, id: number) => graph.kindOf(id) === "map";

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
