import type { Combine, Guard } from "../ir/contraction.ts";
import { neutralElement, neverHolds } from "../ir/contraction.ts";
import { Integer } from "../ir/integer.ts";
import { mul } from "../ops/algebra.ts";
import { dtypeOf, type LoopBuilder, type Placed } from "./builder.ts";
import { emitCall } from "./calls.ts";
import { carryStencils } from "./carry.ts";
import {
  type Axis,
  allAxes,
  type Item,
  type ItemTable,
  isWhole,
  type Mask,
  mostCopies,
  type NodeRead,
} from "./items.ts";
import type { Buffer, Layout, Making, Temporary, Value } from "./loops.ts";
import type { BufferTable, Lowering } from "./lower.ts";
import { emitRound, type Running } from "./running.ts";
import { emitTile } from "./tile.ts";
import { unrolled } from "./unroll.ts";

/** An item on its way through the loops: which of its axes are open, and under which loop variables. */
interface Progress {
  readonly item: Item;
  /** The loop variable of each iterator of the item's domain; closed ones are absent. */
  readonly variables: (Integer | undefined)[];
  /** How many of `item.axes` are open. */
  readonly depth: number;
  readonly guards: readonly Guard[];
  /** The condition that is still to be asked. */
  readonly mask: Mask | undefined;
  readonly accumulator: Temporary | undefined;
  /** What a running combination has taken in so far. */
  readonly runner?: Temporary;
  readonly isStarted: boolean;
}

/** A member that must come first, and whether both can share their next loop. */
interface Wait {
  /** Its position among the members. */
  readonly from: number;
  readonly canJoin: boolean;
}

interface Group {
  readonly space: string;
  readonly members: Progress[];
}

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

  constructor(lowering: Lowering, itemsByNode: ItemTable) {
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
    for (const group of this.group(members)) {
      const first = group.members[0]!;
      const before = this.builder.statements.length;
      if (isWhole(first.item)) this.emitWhole(first.item);
      else if (isAsked(first)) this.emitMasked(group.members);
      else if (first.depth < first.item.axes.length) this.emitLoop(group.members);
      else for (const member of group.members) this.emitElement(member);
      this.sign(group.members, before);
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

  private group(members: readonly Progress[]): Group[] {
    if (members.length === 1) return [{ space: spaceOf(members[0]!), members: [...members] }];
    const spaces = members.map(spaceOf);
    const waits = this.waitsOf(members, spaces);
    const groups: Group[] = [];
    const groupOf = new Int32Array(members.length);
    const groupsBySpace = new Map<string, number[]>();
    for (const k of latestFirstUse(waits)) {
      const space = spaces[k]!;
      let earliest = 0;
      for (const { from, canJoin } of waits[k]!) earliest = Math.max(earliest, groupOf[from]! + (canJoin ? 0 : 1));
      let candidates = groupsBySpace.get(space);
      if (!candidates) {
        candidates = [];
        groupsBySpace.set(space, candidates);
      }
      const position = candidates[firstAtLeast(candidates, earliest)] ?? groups.length;
      if (position === groups.length) {
        groups.push({ space, members: [] });
        candidates.push(position);
      }
      groups[position]!.members.push(members[k]!);
      groupOf[k] = position;
    }
    noteBuffers(members, waits, groupOf);
    return groups;
  }

  /** What each member waits for among the others: the items of every node it reads, and earlier parts of its own. */
  private waitsOf(members: readonly Progress[], spaces: readonly string[]): Wait[][] {
    const positionOf = new Map<Item, number>();
    for (let k = 0; k < members.length; k++) positionOf.set(members[k]!.item, k);
    return members.map((member, k) => {
      const { item } = member;
      const list: Wait[] = [];
      const add = (part: Item, read: NodeRead | undefined) => {
        const from = positionOf.get(part);
        if (from === undefined || from === k) return;
        list.push({ from, canJoin: spaces[from] === spaces[k] && isPointwise(members[from]!, member, read) });
      };
      for (const read of item.reads) {
        // scalars that are written before have no items
        const parts = this.itemsByNode.get(read.node) ?? [];
        if (parts.length === 1) add(parts[0]!, read);
        else for (const part of parts) add(part, undefined);
      }
      if (item.ontoExisting) add(this.itemsByNode.get(item.node)![0]!, undefined);
      return list;
    });
  }

  /** Loops that run only where the members' condition holds. */
  private emitMasked(members: readonly Progress[]): void {
    const { builder } = this;
    const { mask, variables } = members[0]!;
    const index = mask!.condition.index.map((i) =>
      builder.resolve(i.withIterators(variables), mask!.condition.node.graph),
    );
    const { value } = builder.evaluateSettled({ node: mask!.condition.node, index });
    builder.openCondition();
    this.emitAll(members.map((member) => ({ ...member, mask: undefined })));
    builder.emit({ kind: "if", condition: value, body: builder.close(), otherwise: [] });
  }

  private emitLoop(members: readonly Progress[]): void {
    const { builder } = this;
    const started = members.map((member) => this.start(member));
    const axis = nextAxis(started[0]!)!;
    if (members.every((member) => isShort(member, builder.forVectors !== undefined)))
      this.emitRounds(started, axis.extent.value!);
    else this.emitFor(started, axis);
    for (const [k, member] of started.entries()) {
      const opened = members[k]!;
      if (member.accumulator && !opened.accumulator)
        this.finish(member.item, member.variables, temporaryValue(member.accumulator));
      else if (nextAxis(opened)!.role === "output" || member.isStarted) this.noteWritten(member.item);
    }
  }

  /** The rounds of a short loop one after the other: what one round makes is known to all that follow, by name. */
  private emitRounds(started: readonly Progress[], count: number): void {
    const descending = runsAlong(started[0]!)?.descending ?? false;
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
  }

  private emitFor(started: readonly Progress[], axis: Axis): void {
    const { builder } = this;
    const settled = started.length === 1 ? settledGuards(started[0]!) : [];
    const resolved = builder.resolveGuards(
      settled.map((guard) => withVariables(guard, started[0]!.variables)),
      started[0]!.item.node.graph,
    );
    if (resolved.length > 0) {
      builder.openCondition();
      builder.assume(resolved);
    }
    const variable = builder.openLoop(axis.extent);
    const open = Integer.iterator(variable);
    const limited = started.map((member) => limits(without(member, settled), open));
    // an element without terms must still be written: only loops over terms may be cut short, for all members alike
    const mayCut = limited.every(({ skips, key }) => skips && key === limited[0]!.key);
    if (mayCut) builder.assume(limited.flatMap(({ absorbed }) => absorbed));
    const inner = started.map((member, k): Progress => {
      const { variables, guards } = limited[k]!;
      return { ...member, variables, depth: member.depth + 1, guards: mayCut ? guards : member.guards };
    });
    this.emitAll(inner);
    const descending = runsAlong(started[0]!)?.descending ?? false;
    const body = builder.close();
    const from = [Integer.zero, ...(mayCut ? limited[0]!.from : [])];
    const to = [axis.extent, ...(mayCut ? limited[0]!.to : [])];
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
    const loops = builder.unrolls ? carryStencils(loop, builder.statements, builder) : [loop];
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
      const accumulator = this.builder.temporary(item.node.dtype);
      const value = constant(neutralElement[running.combine], item.node.dtype);
      this.builder.emit({ kind: "start", temporary: accumulator, value });
      return { ...member, runner: accumulator };
    }
    if (item.how === "define" || item.ontoExisting || member.isStarted) return member;
    const scatters = item.axes.every((each) => each.role === "summed") && item.output.length > 0;
    if (axis.role === "output") return member;
    if (!hasOpenOutput(member) && !scatters) {
      const accumulator = this.builder.temporary(item.node.dtype);
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
    const index = item.output.map((i) => i.withIterators(all));
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
      member.guards.map((guard) => ({ index: guard.index.withIterators(variables), extent: guard.extent })),
      item.node.graph,
    );
    if (guards.some(neverHolds)) {
      if (item.how === "define") this.finish(item, variables, constant(0, item.node.dtype));
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

  /** The element of a product that is 0 where a guard fails. */
  private guardedValue(member: Progress, guards: readonly Guard[]): Value {
    const { builder } = this;
    const { dtype } = member.item.node;
    const temporary = builder.temporary(dtype);
    builder.emit({ kind: "start", temporary, value: constant(0, dtype) });
    builder.openCondition();
    const value = this.termValue(member.item, member.variables);
    const body = [...builder.close(), { kind: "assign" as const, temporary, value }];
    builder.emit({ kind: "when", guards, body });
    return temporaryValue(temporary);
  }

  private emitTerm(member: Progress): void {
    const { item, variables, accumulator } = member;
    const { builder } = this;
    const value = this.termValue(item, variables);
    if (item.how === "define") this.finish(item, variables, value);
    else if (accumulator)
      builder.emit({ kind: "combine", temporary: accumulator, combine: item.how as Combine, value });
    else {
      const index = item.output.map((i) => builder.resolve(i.withIterators(variables), item.node.graph));
      const buffer = this.targetOf(item);
      const address = builder.address(index, item.node.shape, buffer.axes);
      const isAlone = !item.ontoExisting && item.axes.length === 0;
      if (isAlone) builder.emit({ kind: "store", buffer, address, value });
      else builder.emit({ kind: "accumulate", buffer, address, combine: item.how as Combine, value });
      builder.markWritten(buffer);
    }
  }

  termValue(item: Item, variables: readonly (Integer | undefined)[]): Value {
    const placed = item.factors.map((factor): Placed => {
      const index = factor.index.map((i) => this.builder.resolve(i.withIterators(variables), item.node.graph));
      return this.builder.evaluateSettled({ node: factor.node, index }, factor.node === item.node);
    });
    return productOf(placed, item);
  }

  /** An element is complete: later readers in this block use it by name; others load it from the buffer. */
  finish(item: Item, variables: readonly (Integer | undefined)[], value: Value): void {
    const { builder } = this;
    const index = item.output.map((i) => i.withIterators(variables));
    let named = value;
    if (value.kind !== "temporary") {
      const temporary = builder.temporary(dtypeOf(value));
      builder.emit({ kind: "let", temporary, value });
      named = temporaryValue(temporary);
    }
    // an element that others add to is not known before they have
    if (this.itemsByNode.get(item.node)!.length === 1) builder.provide(item.node, index, named);
    if (item.storedAxes || this.isOutput(item)) {
      const buffer = this.targetOf(item);
      builder.emit({
        kind: "store",
        buffer,
        address: builder.address(index, item.node.shape, buffer.axes),
        value: named,
      });
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
    if (item.tile && forVectors) forVectors.matrixProduct(item, this.targetOf(item), this.builder, this.buffers);
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

function productOf(placed: readonly Placed[], item: Item): Value {
  if (placed.length === 0) return constant(1, item.node.dtype);
  return placed
    .map(({ value }) => value)
    .reduce(
      (product, value): Value => ({
        kind: "apply",
        primitive: mul.primitive,
        operands: [product, value],
        dtype: item.node.dtype,
      }),
    );
}

const temporaryValue = (temporary: Temporary): Value => ({ kind: "temporary", temporary });

function constant(value: number, dtype: Item["node"]["dtype"]): Value {
  return { kind: "constant", value, dtype };
}

/**
 * The order in which members look for a group: each as late as its readers allow, counted in loops that must be
 * complete first. What a long loop waits for then comes before it, and the loop collects all that can share it.
 */
function latestFirstUse(waits: readonly (readonly Wait[])[]): Iterable<number> {
  const earliest = new Int32Array(waits.length);
  let last = 0;
  for (let k = 0; k < waits.length; k++) {
    for (const { from, canJoin } of waits[k]!)
      earliest[k] = Math.max(earliest[k]!, earliest[from]! + (canJoin ? 0 : 1));
    last = Math.max(last, earliest[k]!);
  }
  if (last === 0) return waits.keys();
  const latest = new Int32Array(waits.length).fill(last);
  for (let k = waits.length - 1; k >= 0; k--) {
    for (const { from, canJoin } of waits[k]!) latest[from] = Math.min(latest[from]!, latest[k]! - (canJoin ? 0 : 1));
  }
  // the sort keeps the order of equals
  return [...waits.keys()].sort((a, b) => latest[a]! - latest[b]!);
}

/** An item needs its buffer when a reader in another group asks for elements of axes not open yet. */
function noteBuffers(
  members: readonly Progress[],
  waits: readonly (readonly Wait[])[],
  groupOf: ArrayLike<number>,
): void {
  for (const [k, list] of waits.entries()) {
    for (const { from } of list) {
      const producer = members[from]!;
      const { item } = producer;
      if (item.ontoExisting || item.how === "fill") item.storedAxes = allAxes(item);
      if (groupOf[from] !== groupOf[k] && hasOpenOutput(producer)) item.storedAxes ??= axesLeft(producer);
    }
  }
}

/** True when the next thing to do for a member is to ask its condition. */
const isAsked = ({ mask, depth }: Progress) => mask !== undefined && depth === mask.depth;

/** Loops of up to so many rounds are written out; four are whole vectors where a vector takes two at a time. */
const shortest = { scalars: 4, vectors: 3 } as const;

/** True when all loops that a member has before it are short. */
function isShort({ item, depth }: Progress, forVectors: boolean): boolean {
  const most = item.isSpelledOut ? mostCopies : shortest[forVectors ? "vectors" : "scalars"];
  let copies = 1;
  for (const { extent } of item.axes.slice(depth)) {
    if (extent.value === undefined || extent.value > most) return false;
    copies *= extent.value;
  }
  return copies <= mostCopies;
}

/** The running combination whose accumulator the next loop of a member carries. */
function runsAlong(member: Progress): Running | undefined {
  const { running } = member.item;
  return running && nextAxis(member)?.iterator === running.along ? running : undefined;
}

const nextAxis = (member: Progress): Axis | undefined => member.item.axes[member.depth];

/** The axes of the result that the open loops do not tell apart; where it is a scatter, all. */
function axesLeft({ item, variables }: Progress): readonly number[] {
  const all = allAxes(item);
  if (item.axes.every(({ role }) => role === "summed")) return all;
  return all.filter((axis) => {
    const iterator = item.output[axis]?.unitIterator()?.iterator;
    return iterator === undefined || variables[iterator] === undefined;
  });
}

/** True while the result has elements that the open loops do not tell apart. */
function hasOpenOutput(member: Progress): boolean {
  const { item, depth } = member;
  if (isWhole(item)) return true;
  const scatters = item.axes.length > 0 && item.output.length > 0 && item.axes.every((axis) => axis.role === "summed");
  return scatters || item.axes.slice(depth).some((axis) => axis.role === "output");
}

function spaceOf(member: Progress): string {
  const { item } = member;
  if (isWhole(item)) return `whole ${item.node.id}`;
  if (isAsked(member)) {
    const { condition } = member.mask!;
    return `if ${condition.node.id} ${condition.index.map((i) => i.withIterators(member.variables).key).join(",")}`;
  }
  const axis = nextAxis(member);
  const kind = runsAlong(member)?.descending ? "down " : item.isSpelledOut && axis?.extent.value ? "each " : "";
  return `${kind}${axis?.extent.key ?? ""}`;
}

/** True when the reader's next loop can be the producer's too: it reads the element that the loop just made. */
function isPointwise(producer: Progress, reader: Progress, read: NodeRead | undefined): boolean {
  if (!read || producer.item.ontoExisting || isWhole(producer.item) || isAsked(producer)) return false;
  const own = nextAxis(producer);
  const other = nextAxis(reader);
  if (!own || !other) return !own && !other;
  if (own.role !== "output") return false;
  const target = producer.item.output.findIndex((index) => index.key === Integer.iterator(own.iterator).key);
  return target >= 0 && read.index[target]?.key === Integer.iterator(other.iterator).key;
}

const withVariables = ({ index, extent }: Guard, variables: Progress["variables"]): Guard => ({
  index: index.withIterators(variables),
  extent,
});

const without = (member: Progress, settled: readonly Guard[]): Progress =>
  settled.length === 0 ? member : { ...member, guards: member.guards.filter((guard) => !settled.includes(guard)) };

/** True where rounds of a member's next loop that have no terms may be left out. */
const maySkip = (member: Progress) =>
  nextAxis(member)!.role === "summed" || member.isStarted || member.item.ontoExisting;

/** Guards that the open loops settle, of a member whose next loop may be left out: they stand around it. */
function settledGuards(member: Progress): readonly Guard[] {
  if (!maySkip(member)) return [];
  return member.guards.filter((guard) => guard.index.iterators().every((iterator) => member.variables[iterator]));
}

/** The limits that no other one makes idle; of equal ones the last. */
function withoutIdle(limits: readonly Integer[], isIdle: (limit: Integer, other: Integer) => boolean): Integer[] {
  let kept = [...limits];
  for (const limit of limits) {
    const others = kept.filter((other) => other !== limit);
    if (others.some((other) => isIdle(limit, other))) kept = others;
  }
  return kept;
}

/** What a member's guards make of the loop about to open, and what remains of them. */
interface Limits {
  readonly variables: (Integer | undefined)[];
  readonly from: readonly Integer[];
  readonly to: readonly Integer[];
  /** The guards that the limits make sure of, over the loop variables. */
  readonly absorbed: readonly Guard[];
  readonly guards: readonly Guard[];
  /** True when rounds without terms may be left out. */
  readonly skips: boolean;
  /** Equal for equal limits. */
  readonly key: string;
}

/** Moves the guards that bound the loop over `open` into its limits. */
function limits(member: Progress, open: Integer): Limits {
  const axis = nextAxis(member)!;
  const variables = [...member.variables];
  variables[axis.iterator] = open;
  const from: Integer[] = [];
  const to: Integer[] = [];
  const absorbed: Guard[] = [];
  const guards = member.guards.filter((guard) => {
    const others = guard.index.iterators().filter((iterator) => iterator !== axis.iterator);
    if (others.some((iterator) => variables[iterator] === undefined)) return true;
    if (guard.index.atoms().some((atom) => atom.kind === "lookup" || atom.kind === "floorDiv")) return true;
    const coefficient = guard.index.coefficientOf(axis.iterator)?.value;
    if (coefficient === undefined || coefficient === 0) return true;
    const rest = guard.index.minus(Integer.iterator(axis.iterator).scaled(coefficient)).withIterators(variables);
    const step = Math.abs(coefficient);
    const upwards = (bound: Integer) => bound.plus(step - 1).floorDiv(step);
    if (coefficient > 0) {
      from.push(upwards(rest.scaled(-1)));
      if (guard.extent) to.push(upwards(guard.extent.minus(rest)));
    } else {
      to.push(rest.floorDiv(step).plus(1));
      if (guard.extent) from.push(upwards(rest.minus(guard.extent).plus(1)));
    }
    absorbed.push(withVariables(guard, variables));
    return false;
  });
  const skips = maySkip(member);
  const keysOf = (bounds: readonly Integer[]) => bounds.map((bound) => bound.key).join(",");
  return { variables, from, to, absorbed, guards, skips, key: `${keysOf(from)}|${keysOf(to)}` };
}

/** Position of the first entry >= value in an increasing list. */
function firstAtLeast(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
