import { type Guard, isNone, mayHoldLookup, neverHolds } from "../../ir/contraction.ts";
import { fixedInteger } from "../../ir/fixed-integer.ts";
import type { Expr, Graph, Shape } from "../../ir/graph.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { add } from "../../ops/elementary/algebra.ts";
import type { Frames } from "../bodies/frames.ts";
import { rangeGuards, uniqueGuards } from "../items/guards.ts";
import { placed, placedGuard } from "../items/indices.ts";
import type { NodeRead } from "../items/item.ts";
import { ReadKeys } from "../items/read-keys.ts";
import { globalStructure } from "../items/reads.ts";
import type { LowerOptions } from "../lower.ts";
import type { Buffer, Value } from "../program/loops.ts";
import { applied, dtypeOf, isAbsent, isRepeated, isWrittenAlike } from "../program/values.ts";
import { Addresses } from "./addresses.ts";
import type { Key, Placed } from "./blocks.ts";

/** A read that is being evaluated, and the values of the operands that are known so far. */
interface Task extends NodeRead {
  readonly values: Placed[];
}

/** Longest expression printed in one piece: keeps printed text readable and parsers off their stacks. */
export const longestExpression = 24;

/** What is not there, read as a number. */
const absentValue = (dtype: DType): Placed => ({ value: { kind: "constant", value: 0, dtype }, level: 0, size: 0 });

/**
 * Builds statements block by block. Values are evaluated on demand, once per block that can see them, in the
 * outermost block that their indices allow; what the same index reads twice is computed once.
 */
export class LoopBuilder extends Addresses {
  private readonly frames: Frames;
  private readonly bufferOf: (node: Expr) => Buffer | undefined;
  private readonly keys = new ReadKeys();
  private readonly writtenAt = new Map<number, number>();
  /** Loads become temporaries of their own, shared by the copies of an unrolled body. */
  shareLoads = false;

  /** Innermost loops are written for a processor that runs them one by one: see unroll.ts and carry.ts. */
  readonly unrolls: boolean;
  /** Loops are for a printer that takes several iterations at a time. */
  readonly forVectors: LowerOptions["forVectors"];

  /** Sums keep the order of their terms. */
  readonly ordered: boolean;
  private readonly checked: LowerOptions["checked"];

  constructor(
    frames: Frames,
    bufferOf: (node: Expr) => Buffer | undefined,
    options: { readonly ordered: boolean; readonly checked?: LowerOptions["checked"] } & Pick<
      LowerOptions,
      "forVectors"
    >,
  ) {
    super();
    const { ordered, forVectors, checked } = options;
    this.checked = checked;
    this.frames = frames;
    this.ordered = ordered;
    this.bufferOf = bufferOf;
    this.unrolls = !ordered && !forVectors;
    this.forVectors = forVectors;
  }

  /** True for a node whose elements are read from an array. */
  isInMemory(node: Expr): boolean {
    return this.bufferOf(this.frames.planOf(node).aliasOf(node) ?? node) !== undefined;
  }

  /** Notes that a buffer's values are complete only from here on: its loads stay in this block or further in. */
  markWritten(buffer: Buffer): void {
    this.writtenAt.set(buffer.id, this.level);
  }

  /** Makes the value of a node at an index known to later reads in this block. */
  provide(node: Expr, index: readonly Integer[], value: Value): void {
    this.remember(this.readKey(node, index), { value, level: this.level, size: 0 }, this.level);
  }

  /** Defines a temporary for a value in the block its level names. */
  private define(key: Key, placed: Placed, node?: Expr): Placed {
    const level = Math.max(placed.level, this.floor());
    const temporary = node ? this.temporaryFor(node, dtypeOf(placed.value)) : this.temporary(dtypeOf(placed.value));
    this.blocks[level]!.statements.push({ kind: "let", temporary, value: placed.value });
    const named: Placed = { value: temporary, level, size: 0 };
    this.remember(key, named, level);
    return named;
  }

  /** An index with its lookups replaced by integer variables that hold the looked-up elements. */
  resolve(index: Integer, graph: Graph): Integer {
    if (!mayHoldLookup(index) || !index.atoms().some((atom) => atom.kind === "lookup")) return index;
    const replace = (atom: Atom): Integer | undefined => {
      if (atom.kind !== "lookup") return undefined;
      const at = atom.index.map((inner) => inner.substitute(replace));
      return this.integerVariable(graph.expr(atom.operand), at);
    };
    return index.substitute(replace);
  }

  resolveGuards(guards: readonly Guard[], graph: Graph): Guard[] {
    return guards
      .map((guard) => ({ index: this.resolve(guard.index, graph), extent: guard.extent }))
      .filter((guard) => !this.holds(guard));
  }

  private integerVariable(node: Expr, index: readonly Integer[]): Integer {
    const key = `#${this.readKey(node, index)}`;
    const known = this.available.get(key);
    if (known?.value.kind === "integer") return known.value.integer;
    const fixed = fixedInteger(node, index);
    if (fixed !== undefined) return Integer.constant(fixed);
    // where the guards of a read fail there is nothing to look up, and what stands beside the table is no position in another
    const guards = rangeGuards(index, node.shape, [], node.graph).filter((guard) => !this.holds(guard));
    const read = { node, index };
    const { value, level: own } = guards.length > 0 ? this.guarded(read, guards, `?${key}`) : this.evaluate(read);
    if (value.kind === "integer") return value.integer;
    const level = Math.max(own, this.floor());
    const below = this.checked?.get(node) ?? this.frames.planOf(node).below(node);
    const variable = this.variable(level, below);
    this.blocks[level]!.statements.push({ kind: "index", variable, value, below });
    const integer = Integer.iterator(variable);
    this.remember(key, { value: { kind: "integer", integer }, level, size: 0 }, level);
    return integer;
  }

  /** A buffer's element; the part of the address that outer blocks fix is computed there. */
  load(buffer: Buffer, index: readonly Integer[], shape: Shape): Placed {
    const address = this.address(index, shape, buffer.axes);
    // blocks further in that wrote it have closed
    const level = Math.max(this.levelOf(address), Math.min(this.writtenAt.get(buffer.id) ?? 0, this.level));
    const load: Placed = { value: { kind: "load", buffer, address }, level, size: 0 };
    if (!this.shareLoads) return load;
    const key = `@${buffer.id}|${address.key}`;
    return this.available.get(key) ?? this.define(key, load);
  }

  /**
   * The value of a node at an index. `isBody`: compute the node itself even though it is stored.
   * Works through an explicit stack, so depth of the graph does not matter.
   */
  evaluate({ node, index }: NodeRead, isBody = false): Placed {
    const made = isBody ? undefined : this.known(node, index);
    if (made) return made;
    const pending: Task[] = [{ node, index, values: [] }];
    const [root] = pending;
    for (;;) {
      const task = pending[pending.length - 1]!;
      const value = this.attempt(task, isBody && task === root, pending);
      if (!value) continue;
      pending.pop();
      const reader = pending[pending.length - 1];
      if (!reader) return value;
      reader.values.push(value);
    }
  }

  /** The value of a read that needs no computing: what was computed before, an array's element, a constant or a size. */
  private known(node: Expr, index: readonly Integer[]): Placed | undefined {
    const { kind } = node;
    if (kind === "constant") return this.leafValue(node, index);
    const made = this.available.get(this.readKey(node, index));
    if (made) return made;
    if (kind === "size") return this.leafValue(node, index);
    const { plan, bindings } = this.frames.of(node);
    const isAtHand = kind === "leaf" ? !bindings.has(node) : plan.isStored(node.id);
    return isAtHand ? this.leafValue(node, index) : undefined;
  }

  /** The value of a read, when what it needs is there; else that is put on the stack. */
  private attempt(task: Task, isBody: boolean, pending: Task[]): Placed | undefined {
    const { node, index, values } = task;
    const { graph, id, kind } = node;
    const isComputed = isBody || !this.frames.planOf(node).isStored(id);
    if (kind === "map" && isComputed) {
      for (let k = values.length; k < graph.operandCount(id); k++) {
        const operand = graph.expr(graph.operandAt(id, k));
        const known = this.known(operand, index);
        if (!known) {
          pending.push({ node: operand, index, values: [] });
          return undefined;
        }
        values.push(known);
      }
      return this.compose(task, isBody);
    }
    if (isComputed && graph.isView(id)) return this.viewed(node, index, pending);
    const binding = kind === "leaf" ? this.frames.of(node).bindings.get(node) : undefined;
    if (!binding) return this.leafValue(node, index);
    if (binding.kind === "read") return this.passOn({ node: binding.node, index: [...binding.at, ...index] }, pending);
    return { value: binding.value, level: binding.level, size: 0 };
  }

  /** What stands on top of the stack is what another read is. */
  private passOn({ node, index }: NodeRead, pending: Task[]): Placed | undefined {
    const known = this.known(node, index);
    if (!known) pending[pending.length - 1] = { node, index, values: [] };
    return known;
  }

  /** An element of a view: that of its operand, where it has one. */
  private viewed(node: Expr, index: readonly Integer[], pending: Task[]): Placed | undefined {
    const { graph, id } = node;
    const structure = globalStructure(graph, id);
    const factor = structure.factors[0]!;
    const operand = graph.expr(factor.operand);
    const at = factor.index.map((i) => this.resolve(placed(i, index), graph));
    // what holds wherever the view has elements need not be shown of the loops around
    const asked = [...structure.guards, ...rangeGuards(factor.index, operand.shape, node.shape, graph)];
    const guards = this.resolveGuards(
      asked.map((guard) => placedGuard(guard, index)),
      graph,
    );
    if (guards.some((guard) => neverHolds(guard) || this.fails(guard))) return absentValue(node.dtype);
    const read = { node: operand, index: at };
    return guards.length > 0
      ? this.guarded(read, uniqueGuards(guards), this.readKey(node, index))
      : this.passOn(read, pending);
  }

  private readKey(node: Expr, index: readonly Integer[]): number {
    return this.keys.of(node.id, index, this.frames.of(node).number);
  }

  private compose({ node, index, values: placed }: Task, isBody: boolean): Placed {
    const { operands } = node;
    const primitive = node.graph.primitiveOf(node.id);
    let level = 0;
    for (const operand of placed) level = Math.max(level, operand.level);
    let size = 0;
    const values = placed.map((operand, k) => {
      // an operand that does not change in the innermost block is computed outside it, and one that is written twice once
      const isApart = operand.level < level || isRepeated(primitive, k);
      const settled = isApart ? this.settled(operands[k]!, index, operand) : operand;
      size += settled.size;
      return settled.value;
    });
    const present =
      this.ordered || primitive !== add.primitive
        ? values
        : values.filter((_, k) => !isAbsent(operands[k]!.kind, placed[k]!.value));
    const [only] = present;
    const value: Value =
      present.length === 1 && values.length > 1
        ? only!
        : applied(primitive, present.length > 0 ? present : values, node.dtype);
    if (!isWrittenAlike(primitive, values)) size++;
    const isShared = size > 0 && this.frames.planOf(node).usesOf(node) > 1 && !isBody;
    const composed = { value, level, size };
    if (!isShared && size <= longestExpression) return composed;
    const key = this.readKey(node, index);
    return this.define(isBody ? `body ${key}` : key, composed, node);
  }

  /** The value by name when computing it takes an operation. */
  private settled(node: Expr, index: readonly Integer[], placed: Placed): Placed {
    if (placed.size === 0) return placed;
    const key = this.readKey(node, index);
    return this.available.get(key) ?? this.define(key, placed, node);
  }

  /** The value of a read, computed outside the innermost block when it does not change there. */
  evaluateSettled(read: NodeRead, isBody = false): Placed {
    const placed = this.evaluate(read, isBody);
    return placed.level < this.level && !isBody ? this.settled(read.node, read.index, placed) : placed;
  }

  /** A read that is 0 unless the guards hold. Plain loads stay expressions; anything longer gets a block. */
  private guarded(inner: NodeRead, guards: readonly Guard[], key: Key): Placed {
    const before = this.statements.length;
    this.openCondition();
    const placed = this.evaluate(inner);
    const body = this.close();
    if (body.length === 0 && this.statements.length === before && placed.size <= longestExpression / 2) {
      const value: Value = { kind: "guarded", guards, value: placed.value };
      return { value, level: this.guardLevel(guards, placed), size: placed.size + guards.length };
    }
    const temporary = this.temporary(dtypeOf(placed.value));
    this.emit({ kind: "start", temporary, value: { kind: "constant", value: 0, dtype: temporary.dtype } });
    this.emit({ kind: "when", guards, body: [...body, { kind: "assign", temporary, value: placed.value }] });
    const named: Placed = { value: temporary, level: this.level, size: 0 };
    this.remember(key, named, this.level);
    return named;
  }

  private guardLevel(guards: readonly Guard[], placed: Placed): number {
    return guards.reduce(
      (level, guard) => Math.max(level, this.levelOf(guard.index)),
      Math.min(placed.level, this.level),
    );
  }

  private leafValue(node: Expr, index: readonly Integer[]): Placed {
    const { graph, id } = node;
    switch (node.kind) {
      case "constant":
        return { value: { kind: "constant", value: graph.constantOf(id), dtype: node.dtype }, level: 0, size: 0 };
      case "size":
        return { value: { kind: "integer", integer: graph.sizeOf(id) }, level: 0, size: 0 };
      case "iota": {
        const integer = index[graph.iotaAxisOf(id)]!;
        return { value: { kind: "integer", integer }, level: this.levelOf(integer), size: 0 };
      }
      default: {
        const buffer = this.bufferOf(this.frames.planOf(node).aliasOf(node) ?? node);
        if (buffer) return this.load(buffer, index, node.shape);
        // what has no elements was computed by no round of a loop, and is read by none
        if (node.shape.some(isNone)) return absentValue(node.dtype);
        throw new Error(`internal: node ${id} (${node.kind}) is read before it is computed`);
      }
    }
  }
}
