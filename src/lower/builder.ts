import { alwaysHolds, type Guard, guardKey, neverHolds } from "../ir/contraction.ts";
import { fixedInteger } from "../ir/fixed-integer.ts";
import type { Expr, Graph, NodeKind, Shape } from "../ir/graph.ts";
import { type Atom, Integer } from "../ir/integer.ts";
import type { DType, Primitive } from "../ir/primitive.ts";
import { add } from "../ops/algebra.ts";
import type { Frames } from "./frames.ts";
import { globalStructure, type NodeRead, rangeGuards } from "./items.ts";
import { addressOf, type Buffer, type Statement, type Temporary, type Value } from "./loops.ts";
import type { LowerOptions } from "./lower.ts";

/** A value and the innermost block that it depends on. */
export interface Placed {
  readonly value: Value;
  readonly level: number;
  /** Operations nested in the value; long chains are cut into temporaries. */
  readonly size: number;
}

/** What a read is known by: the id of a scalar of the model itself, else a text. */
type Key = string | number;

interface Block {
  readonly statements: Statement[];
  /** What this block has made available, forgotten when it closes. */
  readonly keys: Key[];
  /** Keys of guards that hold in this block, forgotten when it closes. */
  readonly assumed: string[];
  /** True for the body of a condition: nothing evaluated in it may move out. */
  readonly isConditional: boolean;
}

/** Longest expression printed in one piece: keeps printed text readable and parsers off their stacks. */
export const longestExpression = 24;

/**
 * Builds statements block by block. Values are evaluated on demand, once per block that can see them, in the
 * outermost block that their indices allow; what the same index reads twice is computed once.
 */
export class LoopBuilder {
  private readonly frames: Frames;
  private readonly bufferOf: (node: Expr) => Buffer | undefined;
  private blocks: Block[] = [{ statements: [], keys: [], assumed: [], isConditional: false }];
  private assumed = new Set<string>();
  private available = new Map<Key, Placed>();
  private readonly variableLevels: number[] = [];
  /** Extents of the loop variables that run from 0; other variables have none. */
  private readonly variableExtents: (Integer | undefined)[] = [];
  private readonly writtenAt = new Map<number, number>();
  private temporaries = 0;
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
    const { ordered, forVectors, checked } = options;
    this.checked = checked;
    this.frames = frames;
    this.ordered = ordered;
    this.bufferOf = bufferOf;
    this.unrolls = !ordered && !forVectors;
    this.forVectors = forVectors;
  }

  get level(): number {
    return this.blocks.length - 1;
  }

  get statements(): Statement[] {
    return this.blocks[this.level]!.statements;
  }

  emit(statement: Statement): void {
    this.statements.push(statement);
  }

  temporary(dtype: DType): Temporary {
    return { id: this.temporaries++, dtype };
  }

  /** True for a node whose elements are read from an array. */
  isInMemory(node: Expr): boolean {
    return this.bufferOf(this.frames.planOf(node).aliasOf(node) ?? node) !== undefined;
  }

  /** Opens the body of a loop; `close` returns its statements. */
  openLoop(extent: Integer | undefined): number {
    this.blocks.push({ statements: [], keys: [], assumed: [], isConditional: false });
    return this.variable(this.level, extent);
  }

  /** The statements that `write` emits, outside all blocks at hand: nothing that these know is known there. */
  apart(write: () => void): Statement[] {
    const { blocks, assumed, available } = this;
    this.blocks = [{ statements: [], keys: [], assumed: [], isConditional: false }];
    this.assumed = new Set();
    this.available = new Map();
    try {
      write();
      return this.statements;
    } finally {
      Object.assign(this, { blocks, assumed, available });
    }
  }

  openCondition(): void {
    this.blocks.push({ statements: [], keys: [], assumed: [], isConditional: true });
  }

  close(): Statement[] {
    const block = this.blocks.pop()!;
    for (const key of block.keys) this.available.delete(key);
    for (const key of block.assumed) this.assumed.delete(key);
    return block.statements;
  }

  /** Notes that a buffer's values are complete only from here on: its loads stay in this block or further in. */
  markWritten(buffer: Buffer): void {
    this.writtenAt.set(buffer.id, this.level);
  }

  /** Makes the value of a node at an index known to later reads in this block. */
  provide(node: Expr, index: readonly Integer[], value: Value): void {
    this.remember(this.readKey(node, index), { value, level: this.level, size: 0 }, this.level);
  }

  extents(): readonly Integer[] {
    return this.variableExtents as readonly Integer[];
  }

  holds(guard: Guard): boolean {
    return this.assumed.has(guardKey(guard)) || alwaysHolds(guard, this.extents());
  }

  /** Notes that guards hold in this block: its loop's limits or its condition make sure of them. */
  assume(guards: readonly Guard[]): void {
    for (const guard of guards) {
      const key = guardKey(guard);
      if (this.assumed.has(key)) continue;
      this.assumed.add(key);
      this.blocks[this.level]!.assumed.push(key);
    }
  }

  private variable(level: number, extent: Integer | undefined): number {
    this.variableLevels.push(level);
    this.variableExtents.push(extent);
    return this.variableLevels.length - 1;
  }

  private remember(key: Key, placed: Placed, level: number): void {
    this.available.set(key, placed);
    this.blocks[level]!.keys.push(key);
  }

  /** The outermost block a value may be computed in: not outside the conditions around it. */
  private floor(): number {
    for (let level = this.level; level > 0; level--) if (this.blocks[level]!.isConditional) return level;
    return 0;
  }

  private levelOf(integer: Integer): number {
    let level = 0;
    for (const variable of integer.iterators()) level = Math.max(level, this.variableLevels[variable] ?? 0);
    return level;
  }

  /** Defines a temporary for a value in the block its level names. */
  private define(key: Key, placed: Placed): Placed {
    const level = Math.max(placed.level, this.floor());
    const temporary = this.temporary(dtypeOf(placed.value));
    this.blocks[level]!.statements.push({ kind: "let", temporary, value: placed.value });
    const named: Placed = { value: { kind: "temporary", temporary }, level, size: 0 };
    this.remember(key, named, level);
    return named;
  }

  /** An index with its lookups replaced by integer variables that hold the looked-up elements. */
  resolve(index: Integer, graph: Graph): Integer {
    if (!index.atoms().some((atom) => atom.kind === "lookup")) return index;
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
    const placed = this.evaluate({ node, index });
    if (placed.value.kind === "integer") return placed.value.integer;
    const level = Math.max(placed.level, this.floor());
    const below = this.checked?.get(node);
    const variable = this.variable(level, below);
    this.blocks[level]!.statements.push({ kind: "index", variable, value: placed.value, below });
    const integer = Integer.iterator(variable);
    this.remember(key, { value: { kind: "integer", integer }, level, size: 0 }, level);
    return integer;
  }

  /** A buffer's element; the part of the address that outer blocks fix is computed there. */
  load(buffer: Buffer, index: readonly Integer[], shape: Shape): Placed {
    const address = this.address(index, shape, buffer.axes);
    const level = Math.max(this.levelOf(address), this.writtenAt.get(buffer.id) ?? 0);
    const placed: Placed = { value: { kind: "load", buffer, address }, level, size: 0 };
    if (!this.shareLoads) return placed;
    const key = `@${buffer.id}|${address.key}`;
    return this.available.get(key) ?? this.define(key, placed);
  }

  /** Where a buffer holds an element of a tensor of this shape; `axes`: those that the buffer holds. */
  address(index: readonly Integer[], shape: Shape, axes?: readonly number[]): Integer {
    const held = <T>(all: readonly T[]) => (axes ? axes.map((axis) => all[axis]!) : all);
    return this.hoisted(addressOf(held(index), held(shape), Integer.zero));
  }

  /** The integer with the sum of its loop-invariant terms held in a variable of an outer block. */
  private hoisted(integer: Integer): Integer {
    const level = this.levelOf(integer);
    const parts = integer.terms.map((term) => Integer.collect([term]));
    const isCounted = (part: Integer) => part.value === undefined;
    const fixed = parts.filter((part) => isCounted(part) && this.levelOf(part) < level);
    const moving = parts.filter((part) => !fixed.includes(part));
    const isTrivial = fixed.length === 0 || (fixed.length === 1 && isSingleAtom(fixed[0]!));
    if (isTrivial) return integer;
    return Integer.sum(moving).plus(this.fixed(this.hoisted(Integer.sum(fixed))));
  }

  /** An integer computed once, in the outermost block that knows its variables. */
  fixed(integer: Integer): Integer {
    if (integer.value !== undefined || isSingleAtom(integer)) return integer;
    const key = `+${integer.key}`;
    const known = this.available.get(key);
    if (known?.value.kind === "integer") return known.value.integer;
    const level = this.levelOf(integer);
    const variable = this.variable(level, undefined);
    this.blocks[level]!.statements.push({ kind: "index", variable, value: { kind: "integer", integer } });
    const named = Integer.iterator(variable);
    this.remember(key, { value: { kind: "integer", integer: named }, level, size: 0 }, level);
    return named;
  }

  /** A whole number as a variable of this block, from 0 to below the extent if there is one. */
  index(value: Value, extent?: Integer): Integer {
    if (value.kind === "integer") return value.integer;
    const variable = this.variable(this.level, extent);
    this.emit({ kind: "index", variable, value });
    return Integer.iterator(variable);
  }

  /** A variable for a loop or index that a copy of a body introduces. */
  loopVariable(): number {
    return this.variable(this.level + 1, undefined);
  }

  /**
   * The value of a node at an index. `isBody`: compute the node itself even though it is stored.
   * Works through an explicit stack, so depth of the graph does not matter.
   */
  evaluate(read: NodeRead, isBody = false): Placed {
    const rootKey = this.readKey(read.node, read.index);
    const made = isBody ? undefined : this.available.get(rootKey);
    if (made) return made;
    const results = new Map<Key, Placed>();
    const pending: { read: NodeRead; key: Key; isOpen: boolean }[] = [{ read, key: rootKey, isOpen: false }];
    for (let task = pending[pending.length - 1]; task; task = pending[pending.length - 1]) {
      const { node, index } = task.read;
      const computesItself = isBody && task.key === rootKey && pending.length === 1;
      const known =
        computesItself && !task.isOpen ? undefined : (this.available.get(task.key) ?? results.get(task.key));
      if (known && !(computesItself && task.isOpen)) {
        results.set(task.key, known);
        pending.pop();
        continue;
      }
      if (node.kind === "map" && (computesItself || !this.frames.planOf(node).isStored(node.id))) {
        if (!task.isOpen) {
          task.isOpen = true;
          const before = pending.length;
          for (let k = node.graph.operandCount(node.id) - 1; k >= 0; k--) {
            const operand = node.graph.expr(node.graph.operandAt(node.id, k));
            if (operand.kind === "constant") continue;
            const key = this.readKey(operand, index);
            if (!results.has(key) && !this.available.has(key))
              pending.push({ read: { node: operand, index }, key, isOpen: false });
          }
          if (pending.length > before) continue;
        }
        results.set(task.key, this.compose(node, index, task.key, results, computesItself));
        pending.pop();
        continue;
      }
      if (this.isPlainView(node, computesItself)) {
        const structure = globalStructure(node.graph, node.id);
        const factor = structure.factors[0]!;
        const inner: NodeRead = {
          node: node.graph.expr(factor.operand),
          index: factor.index.map((i) => this.resolve(i.withIterators(index), node.graph)),
        };
        const innerKey = this.readKey(inner.node, inner.index);
        const guards = this.resolveGuards(
          [
            ...structure.guards.map((guard) => ({ index: guard.index.withIterators(index), extent: guard.extent })),
            ...rangeGuards(inner.index, inner.node.shape, this.extents()),
          ],
          node.graph,
        );
        if (guards.some(neverHolds)) {
          results.set(task.key, { value: { kind: "constant", value: 0, dtype: node.dtype }, level: 0, size: 0 });
          pending.pop();
          continue;
        }
        if (guards.length > 0) {
          results.set(task.key, this.guarded(inner, uniqueGuards(guards), task.key));
          pending.pop();
          continue;
        }
        const value = this.available.get(innerKey) ?? results.get(innerKey);
        if (value) {
          results.set(task.key, value);
          pending.pop();
        } else pending.push({ read: inner, key: innerKey, isOpen: false });
        continue;
      }
      const binding = node.kind === "leaf" ? this.frames.of(node).bindings.get(node) : undefined;
      if (binding?.kind === "read") {
        const inner: NodeRead = { node: binding.node, index: [...binding.at, ...index] };
        const innerKey = this.readKey(inner.node, inner.index);
        const value = this.available.get(innerKey) ?? results.get(innerKey);
        if (value) {
          results.set(task.key, value);
          pending.pop();
        } else pending.push({ read: inner, key: innerKey, isOpen: false });
        continue;
      }
      const bound = binding && { value: binding.value, level: binding.level, size: 0 };
      results.set(task.key, bound ?? this.leafValue(node, index));
      pending.pop();
    }
    return results.get(rootKey)!;
  }

  private readKey(node: Expr, index: readonly Integer[]): Key {
    const { number } = this.frames.of(node);
    const id = number === 0 ? node.id : `${number}:${node.id}`;
    return index.length === 0 ? id : `${id}|${index.map((i) => i.key).join(",")}`;
  }

  private isPlainView(node: Expr, computesItself: boolean): boolean {
    return node.graph.isView(node.id) && (computesItself || !this.frames.planOf(node).isStored(node.id));
  }

  private compose(
    node: Expr,
    index: readonly Integer[],
    key: Key,
    results: ReadonlyMap<Key, Placed>,
    isBody: boolean,
  ): Placed {
    const { graph, operands } = node;
    const keys = operands.map((operand) => this.readKey(operand, index));
    const placed = operands.map((operand, k) =>
      operand.kind === "constant"
        ? this.leafValue(operand, index)
        : (this.available.get(keys[k]!) ?? results.get(keys[k]!))!,
    );
    const primitive = graph.primitiveOf(node.id);
    let level = 0;
    for (const operand of placed) level = Math.max(level, operand.level);
    let size = 1;
    const values = placed.map((operand, k) => {
      // an operand that does not change in the innermost block is computed outside it, and one that is written twice once
      const settled = operand.level < level || isRepeated(primitive, k) ? this.settled(keys[k]!, operand) : operand;
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
        : { kind: "apply", primitive, operands: present.length > 0 ? present : values, dtype: node.dtype };
    const isShared = this.frames.planOf(node).usesOf(node) > 1 && !isBody;
    const composed = { value, level, size };
    return isShared || size > longestExpression ? this.define(isBody ? `body ${key}` : key, composed) : composed;
  }

  /** The value by name when computing it takes an operation. */
  private settled(key: Key, placed: Placed): Placed {
    return placed.size === 0 ? placed : (this.available.get(key) ?? this.define(key, placed));
  }

  /** The value of a read, computed outside the innermost block when it does not change there. */
  evaluateSettled(read: NodeRead, isBody = false): Placed {
    const placed = this.evaluate(read, isBody);
    return placed.level < this.level && !isBody ? this.settled(this.readKey(read.node, read.index), placed) : placed;
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
    const named: Placed = { value: { kind: "temporary", temporary }, level: this.level, size: 0 };
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
        if (!buffer) throw new Error(`internal: node ${id} (${node.kind}) is read before it is computed`);
        return this.load(buffer, index, node.shape);
      }
    }
  }
}

/** True for what a read has where no element is present. */
export function isAbsent(kind: NodeKind, value: Value): boolean {
  return kind !== "constant" && value.kind === "constant" && value.value === 0;
}

function isSingleAtom(integer: Integer): boolean {
  const term = integer.terms[0];
  return integer.terms.length === 1 && term!.coefficient === 1 && term!.atoms.length === 1;
}

function uniqueGuards(guards: readonly Guard[]): Guard[] {
  return [...new Map(guards.map((guard) => [guardKey(guard), guard])).values()];
}

export function dtypeOf(value: Value): DType {
  switch (value.kind) {
    case "constant":
    case "apply":
      return value.dtype;
    case "integer":
      return "int";
    case "load":
      return value.buffer.dtype;
    case "temporary":
      return value.temporary.dtype;
    case "guarded":
      return dtypeOf(value.value);
  }
}

const repeated = new WeakMap<Primitive, ReadonlySet<number>>();

/** True where the primitive's expression holds the operand more than once, as x * x does. */
export function isRepeated(primitive: Primitive, position: number): boolean {
  const { arity, print } = primitive;
  if (!print || arity === "variadic") return false;
  let positions = repeated.get(primitive);
  if (!positions) {
    const marks = Array.from({ length: arity }, (_, k) => `#${k}#`);
    const text = print(...marks);
    positions = new Set([...marks.keys()].filter((k) => text.split(marks[k]!).length > 2));
    repeated.set(primitive, positions);
  }
  return positions.has(position);
}
