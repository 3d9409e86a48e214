import type { Combine, Guard } from "../../ir/contraction.ts";
import { neutralElement, neverHolds } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { mul, neg } from "../../ops/elementary/algebra.ts";
import type { SizeHints } from "../../rewrite/cost.ts";
import { emitCall } from "../bodies/calls.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { type Positions, placed, placedGuard } from "../items/indices.ts";
import { type Item, type ItemTable, isWhole, type NodeRead } from "../items/item.ts";
import { emitRound } from "../items/running.ts";
import type { BufferTable, Lowering } from "../lower.ts";
import type { Buffer, Layout, Making, Value } from "../program/loops.ts";
import { dtypeOf } from "../program/values.ts";
import { addedOnce, carryStencils, inVariables } from "./carry.ts";
import { groupsOf } from "./groups.ts";
import { limits, withoutIdle, withoutSettled } from "./limits.ts";
import { commonExtent, hasOpenOutput, isAsked, isShort, nextAxis, type Progress, runsAlong } from "./progress.ts";
import { emitTile } from "./tile.ts";
import { unrolled } from "./unroll.ts";

/**
 * Fuses and emits items. At every level the items form a list of groups; an item joins the first group with its
 * outer loop's extent that comes late enough for what it reads, else it opens a new group at the end. Two items share
 * a loop when one reads of the other exactly the element of the current iteration. Groups only depend backwards, so
 * no cycle can arise.
 */
export class Scheduler {
  private readonly builder: LoopBuilder;
  private readonly buffers: BufferTable;
  private readonly lowering: Lowering;
  private readonly itemsByNode: ItemTable;
  private readonly hints: SizeHints;

  constructor(lowering: Lowering, itemsByNode: ItemTable, hints: SizeHints) {
    this.hints = hints;
    this.lowering = lowering;
    this.builder = lowering.builder;
    this.buffers = lowering.buffers;
    this.itemsByNode = itemsByNode;
  }

  run(items: readonly Item[]): void {
    this.emitAll(
      items.map((item) => ({
        item,
        variables: item.extents.map(() => undefined),
        depth: 0,
        guards: item.guards,
        mask: item.mask,
        accumulator: undefined,
        isStarted: false,
      })),
    );
  }

  private emitAll(members: readonly Progress[]): void {
    for (const group of groupsOf(members, this.itemsByNode)) {
      const first = group[0]!;
      const before = this.builder.statements.length;
      if (isWhole(first.item)) this.emitWhole(first.item);
      else if (isAsked(first)) this.emitMasked(group);
      else if (first.depth < first.item.axes.length) this.emitLoop(group);
      else for (const member of group) this.emitElement(member);
      this.sign(group, before);
    }
  }

  /** Says of the loops that were just written, and do not say it themselves, what they compute. */
  private sign(members: readonly Progress[], before: number): void {
    const { statements } = this.builder;
    const { tile, call } = members[0]!.item;
    const layouts: Layout[] = call ? ["operation"] : tile ? [this.builder.forVectors ? "panels" : "tiles"] : [];
    const making: Making = { nodes: members.map(({ item }) => item.node), layouts };
    // a loop that needs no zeros has taken them out from further up
    for (let k = Math.max(0, before - members.length); k < statements.length; k++) {
      const statement = statements[k]!;
      if (statement.kind === "for" && !statement.making) statements[k] = { ...statement, making };
    }
  }

  /** Loops that run only where the members' condition holds. */
  private emitMasked(members: readonly Progress[]): void {
    const { builder } = this;
    const { mask, variables } = members[0]!;
    const index = mask!.condition.index.map((i) => builder.resolve(placed(i, variables), mask!.condition.node.graph));
    const { value } = builder.evaluateSettled({ node: mask!.condition.node, index });
    builder.openCondition();
    this.emitAll(members.map((member) => ({ ...member, mask: undefined })));
    builder.emit({ kind: "if", condition: value, body: builder.close(), otherwise: [] });
  }

  private emitLoop(members: readonly Progress[]): void {
    const { builder } = this;
    const started = members.map((member) => this.start(member));
    // what the members of a group have in common, before they are started
    const extent = commonExtent(members);
    if (members.every((member) => isShort(member, builder.forVectors !== undefined)))
      this.emitRounds(started, extent.value!);
    else this.emitFor(started, extent);
    for (const [k, member] of started.entries()) {
      const opened = members[k]!;
      if (member.accumulator && !opened.accumulator) this.finish(member.item, member.variables, member.accumulator);
      else if (nextAxis(opened)!.role === "output" || member.isStarted) this.noteWritten(member.item);
    }
  }

  /** The rounds of a short loop one after the other: what one round makes is known to all that follow, by name. */
  private emitRounds(started: readonly Progress[], count: number): void {
    const descending = runsAlong(started[0]!)?.descending ?? false;
    const before = this.builder.statements.length;
    for (let round = 0; round < count; round++) {
      const at = Integer.constant(descending ? count - 1 - round : round);
      this.emitAll(
        started.map((member): Progress => {
          const variables = [...member.variables];
          variables[nextAxis(member)!.iterator] = at;
          return { ...member, variables, depth: member.depth + 1 };
        }),
      );
    }
    const { statements } = this.builder;
    const rounds = statements.slice(before);
    const added = addedOnce(rounds, this.builder);
    if (added !== rounds) statements.splice(before, rounds.length, ...added);
  }

  private emitFor(started: readonly Progress[], extent: Integer): void {
    const { builder } = this;
    const { graph } = started[0]!.item.node;
    const { settled, open: members } = withoutSettled(started);
    const resolved = builder.resolveGuards(settled, graph);
    if (resolved.length > 0) {
      builder.openCondition();
      builder.assume(resolved);
    }
    const variable = builder.openLoop(extent);
    const open = Integer.iterator(variable);
    const limited = members.map((member) => limits(member, open, extent));
    // an element without terms must still be written: only loops over terms may be cut short, for all members alike
    const mayCut = limited.every(({ skips, key }) => skips && key === limited[0]!.key);
    const there = (limit: Integer) => builder.resolve(limit, graph);
    const from = [Integer.zero, ...(mayCut ? limited[0]!.from.map(there) : [])];
    const to = [extent, ...(mayCut ? limited[0]!.to.map(there) : [])];
    if (mayCut) builder.assume(limited.flatMap(({ absorbed }) => builder.resolveGuards(absorbed, graph)));
    const inner = members.map((member, k): Progress => {
      const { variables, guards } = limited[k]!;
      return { ...member, variables, depth: member.depth + 1, guards: mayCut ? guards : member.guards };
    });
    this.emitAll(inner);
    const descending = runsAlong(started[0]!)?.descending ?? false;
    const body = builder.close();
    const extents = builder.extents();
    const loop = {
      kind: "for" as const,
      variable,
      from: withoutIdle(from, (limit, other) => other.minus(limit).isProvablyNonNegative(extents)),
      to: withoutIdle(to, (limit, other) => limit.minus(other).isProvablyNonNegative(extents)),
      step: 1,
      descending,
      body,
      making: {
        nodes: started.map(({ item }) => item.node),
        layouts: layoutsOf(started[0]!, mayCut && limited.some(({ absorbed }) => absorbed.length > 0)),
      },
    };
    const loops = inVariables(loop, builder).flatMap((each) =>
      builder.unrolls && each.kind === "for" ? carryStencils(each, builder.statements, builder) : [each],
    );
    for (const statement of loops) {
      const copied = builder.unrolls && statement.kind === "for" ? unrolled(statement, builder) : undefined;
      for (const each of copied ?? [statement]) builder.emit(each);
    }
    if (resolved.length > 0) builder.emit({ kind: "when", guards: resolved, body: builder.close() });
  }

  /** Sets up what a sum needs before its first summed loop opens: a scalar, or a zeroed buffer. */
  private start(member: Progress): Progress {
    const { item } = member;
    const axis = nextAxis(member)!;
    const running = runsAlong(member);
    if (running) {
      const accumulator = this.builder.temporaryFor(item.node);
      const value = constant(neutralElement[running.combine], item.node.dtype);
      this.builder.emit({ kind: "start", temporary: accumulator, value });
      return { ...member, runner: accumulator };
    }
    if (item.how === "define" || item.ontoExisting || member.isStarted) return member;
    const scatters = item.axes.every((each) => each.role === "summed") && item.output.length > 0;
    if (axis.role === "output") return member;
    if (!hasOpenOutput(member) && !scatters) {
      const accumulator = this.builder.temporaryFor(item.node);
      const value = constant(neutralElement[item.how as Combine], item.node.dtype);
      this.builder.emit({ kind: "start", temporary: accumulator, value });
      return { ...member, accumulator, isStarted: true };
    }
    this.clear(member);
    return { ...member, isStarted: true };
  }

  /** Sets the part of the target that the open loops leave free to the neutral element. */
  private clear(member: Progress): void {
    const { item, variables } = member;
    const value = neutralElement[item.how as Combine];
    const buffer = this.targetOf(item);
    const isWhole = item.axes.every((axis) => axis.role === "summed" || variables[axis.iterator] === undefined);
    if (isWhole) {
      this.builder.emit({ kind: "fill", buffer, value });
      return;
    }
    const free = item.axes.filter((axis) => axis.role === "output" && variables[axis.iterator] === undefined);
    const all = [...variables];
    const opened = free.map((axis) => {
      const variable = this.builder.openLoop(axis.extent);
      all[axis.iterator] = Integer.iterator(variable);
      return variable;
    });
    const index = item.output.map((i) => placed(i, all));
    const address = this.builder.address(index, item.node.shape, buffer.axes);
    this.builder.emit({ kind: "store", buffer, address, value: constant(value, item.node.dtype) });
    for (let k = opened.length - 1; k >= 0; k--) {
      const body = this.builder.close();
      this.builder.emit({
        kind: "for",
        variable: opened[k]!,
        from: [Integer.zero],
        to: [free[k]!.extent],
        step: 1,
        body,
      });
    }
  }

  /** The innermost statements: one term, or one element. */
  private emitElement(member: Progress): void {
    const { item, variables } = member;
    const { builder } = this;
    if (item.how === "fill") {
      builder.emit({ kind: "fill", buffer: this.targetOf(item), value: 0 });
      return;
    }
    if (member.runner) {
      emitRound(item, variables, member.runner, builder, this);
      return;
    }
    // one term that falls where a value of the model says: all other elements are neutral
    const isAloneInTensor = item.how !== "define" && item.axes.length === 0 && item.output.length > 0;
    if (isAloneInTensor && !item.ontoExisting) this.clear(member);
    const guards = builder.resolveGuards(
      member.guards.map((guard) => placedGuard(guard, variables)),
      item.node.graph,
    );
    if (guards.some(neverHolds)) {
      if (item.how === "define") this.finish(item, variables, absent(item));
      return;
    }
    if (guards.length === 0) this.emitTerm(member);
    else if (item.how === "define") this.finish(item, variables, this.guardedValue(member, guards));
    else {
      builder.openCondition();
      this.emitTerm(member);
      const body = builder.close();
      builder.emit({ kind: "when", guards, body });
    }
  }

  /** The element of a combination of one term, which is not there where a guard fails. */
  private guardedValue(member: Progress, guards: readonly Guard[]): Value {
    const { builder } = this;
    const temporary = builder.temporaryFor(member.item.node);
    builder.emit({ kind: "start", temporary, value: absent(member.item) });
    builder.openCondition();
    const value = this.termValue(member.item, member.variables);
    const body = [...builder.close(), { kind: "assign" as const, temporary, value }];
    builder.emit({ kind: "when", guards, body });
    return temporary;
  }

  private emitTerm(member: Progress): void {
    const { item, variables, accumulator } = member;
    const { builder } = this;
    const value = this.termValue(item, variables);
    if (item.how === "define") this.finish(item, variables, value);
    else if (accumulator)
      builder.emit({ kind: "combine", temporary: accumulator, combine: item.how as Combine, value });
    else {
      const index = item.output.map((i) => builder.resolve(placed(i, variables), item.node.graph));
      const buffer = this.targetOf(item);
      const address = builder.address(index, item.node.shape, buffer.axes);
      const isAlone = !item.ontoExisting && item.axes.length === 0;
      if (isAlone) builder.emit({ kind: "store", buffer, address, value });
      else builder.emit({ kind: "accumulate", buffer, address, combine: item.how as Combine, value });
      builder.markWritten(buffer);
    }
  }

  termValue(item: Item, variables: Positions): Value {
    const values = item.factors.map((factor) => this.factorValue(item, factor, variables));
    return termOf(item, values);
  }

  factorValue({ node }: Item, factor: NodeRead, variables: Positions): Value {
    const { builder } = this;
    const index = factor.index.map((i) => builder.resolve(placed(i, variables), node.graph));
    return builder.evaluateSettled({ node: factor.node, index }, factor.node === node).value;
  }

  /** An element is complete: later readers in this block use it by name; others load it from the buffer. */
  finish(item: Item, variables: Positions, value: Value): void {
    const { builder } = this;
    const index = item.output.map((i) => placed(i, variables));
    let known = value;
    if (value.kind !== "temporary") {
      const temporary = builder.temporaryFor(item.node, dtypeOf(value));
      builder.emit({ kind: "let", temporary, value });
      known = temporary;
    }
    // an element that others add to is not known before they have
    if (this.itemsByNode.get(item.node)!.length === 1) builder.provide(item.node, index, known);
    if (item.storedAxes || this.isOutput(item)) {
      const buffer = this.targetOf(item);
      const address = builder.address(index, item.node.shape, buffer.axes);
      builder.emit({ kind: "store", buffer, address, value: known });
      builder.markWritten(buffer);
    }
  }

  private noteWritten(item: Item): void {
    const buffer = this.buffers.of(item.node);
    if (buffer) this.builder.markWritten(buffer);
  }

  private emitWhole(item: Item): void {
    if (item.call) {
      emitCall(item.call, this.lowering);
      return;
    }
    const { forVectors } = this.builder;
    if (item.tile && forVectors)
      forVectors.matrixProduct(item, this.targetOf(item), this.builder, this.buffers, this.hints);
    else if (item.tile) emitTile(item, this.targetOf(item), this.builder, this);
    this.noteWritten(item);
  }

  private isOutput(item: Item): boolean {
    return this.buffers.of(item.node)?.role === "output";
  }

  targetOf(item: Item): Buffer {
    return this.buffers.workspace(item.node, item.storedAxes);
  }
}

function layoutsOf(member: Progress, isCut: boolean): Layout[] {
  return [
    ...(runsAlong(member) ? (["running"] as const) : []),
    ...(member.item.mask ? (["asked"] as const) : []),
    ...(isCut ? (["cut"] as const) : []),
  ];
}

/** The term of an item whose factors have these values. */
export function termOf({ node: { dtype }, isTaken }: Item, values: readonly Value[]): Value {
  const product = productOf(values, dtype);
  return isTaken ? { kind: "apply", primitive: neg.primitive, operands: [product], dtype } : product;
}

function productOf(values: readonly Value[], dtype: DType): Value {
  if (values.length === 0) return constant(1, dtype);
  return values.reduce(
    (product, value): Value => ({ kind: "apply", primitive: mul.primitive, operands: [product, value], dtype }),
  );
}

function constant(value: number, dtype: DType): Value {
  return { kind: "constant", value, dtype };
}

/** What an element is where no term meets it. */
function absent({ node }: Item): Value {
  return constant(node.kind === "reduce" ? neutralElement[node.graph.combineOf(node.id)] : 0, node.dtype);
}
