import type { Guard } from "../../ir/contraction.ts";
import { guardKey } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { alwaysHolds } from "../items/guards.ts";
import type { Statement, Temporary, Value } from "../program/loops.ts";

/** A value and the innermost block that it depends on. */
export interface Placed {
  readonly value: Value;
  readonly level: number;
  /** Operations nested in the value; long chains are cut into temporaries. */
  readonly size: number;
}

/** What a value is known by: the id of a scalar of the model itself, else a text. */
export type Key = string | number;

interface Block {
  readonly statements: Statement[];
  /** What this block has made available, forgotten when it closes. */
  readonly keys: Key[];
  /** Keys of guards that hold in this block, forgotten when it closes. */
  readonly assumed: string[];
  /** True for the body of a condition: nothing evaluated in it may move out. */
  readonly isConditional: boolean;
}

const block = (isConditional: boolean): Block => ({ statements: [], keys: [], assumed: [], isConditional });

/** Blocks of statements inside one another: what each of them holds, has made known and may assume. */
export class Blocks {
  protected blocks: Block[] = [block(false)];
  private assumed = new Map<string, Guard>();
  protected available = new Map<Key, Placed>();
  private readonly variableLevels: number[] = [];
  /** Extents of the loop variables that run from 0; other variables have none. */
  private readonly variableExtents: (Integer | undefined)[] = [];
  /** Which guards hold wherever their variables are known. */
  private readonly certain = new Map<string, boolean>();
  private temporaries = 0;

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
    return { kind: "temporary", id: this.temporaries++, dtype };
  }

  /** A temporary for an element of a node, by the name that people have for that. */
  temporaryFor(node: Expr, dtype = node.dtype): Temporary {
    const name = node.graph.names.of(node.id);
    return name === undefined ? this.temporary(dtype) : { ...this.temporary(dtype), name };
  }

  /** Opens the body of a loop; `close` returns its statements. */
  openLoop(extent: Integer | undefined): number {
    this.blocks.push(block(false));
    return this.variable(this.level, extent);
  }

  openCondition(): void {
    this.blocks.push(block(true));
  }

  close(): Statement[] {
    const { statements, keys, assumed } = this.blocks.pop()!;
    for (const key of keys) this.available.delete(key);
    for (const key of assumed) this.assumed.delete(key);
    return statements;
  }

  /** The statements that `write` emits, outside all blocks at hand: nothing that these know is known there. */
  apart(write: () => void): Statement[] {
    const { blocks, assumed, available } = this;
    this.blocks = [block(false)];
    this.assumed = new Map();
    this.available = new Map();
    try {
      write();
      return this.statements;
    } finally {
      Object.assign(this, { blocks, assumed, available });
    }
  }

  extents(): readonly Integer[] {
    return this.variableExtents as readonly Integer[];
  }

  holds(guard: Guard): boolean {
    const key = guardKey(guard);
    if (this.assumed.has(key)) return true;
    const known = this.certain.get(key);
    if (known !== undefined) return known;
    const holds = alwaysHolds(guard, this.extents());
    this.certain.set(key, holds);
    return holds;
  }

  /** True for a guard that cannot hold beside one that does: i < j beside j <= i. */
  fails({ index, extent }: Guard): boolean {
    for (const { index: least } of this.assumed.values()) {
      const gaps = [index.scaled(-1), ...(extent ? [index.minus(extent).plus(1)] : [])];
      if (gaps.some((gap) => gap.minus(least).minus(1).isProvablyNonNegative(this.extents()))) return true;
    }
    return false;
  }

  /** Notes that guards hold in this block: its loop's limits or its condition make sure of them. */
  assume(guards: readonly Guard[]): void {
    for (const guard of guards) {
      const key = guardKey(guard);
      if (this.assumed.has(key)) continue;
      this.assumed.set(key, guard);
      this.blocks[this.level]!.assumed.push(key);
    }
  }

  /** A variable for a loop or index that a copy of a body introduces. */
  loopVariable(): number {
    return this.variable(this.level + 1, undefined);
  }

  protected variable(level: number, extent: Integer | undefined): number {
    this.variableLevels.push(level);
    this.variableExtents.push(extent);
    return this.variableLevels.length - 1;
  }

  protected levelOfVariable(variable: number): number {
    return this.variableLevels[variable] ?? 0;
  }

  /** Says what a key stands for, until the block closes. */
  protected remember(key: Key, placed: Placed, level: number): void {
    this.available.set(key, placed);
    this.blocks[level]!.keys.push(key);
  }

  /** The outermost block a value may be computed in: not outside the conditions around it. */
  protected floor(): number {
    for (let level = this.level; level > 0; level--) if (this.blocks[level]!.isConditional) return level;
    return 0;
  }
}
