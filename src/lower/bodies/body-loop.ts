import { type Expr, sameShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { Plan } from "../items/plan.ts";
import { emitRoots, type Lowering } from "../lower.ts";
import type { Buffer, Temporary, Value } from "../program/loops.ts";
import type { Binding } from "./frames.ts";
import { emitForAll } from "./kernels.ts";
import type { View } from "./views.ts";

/** A carry or a sum: a variable, or an array. */
export type Place =
  | { readonly kind: "number"; readonly temporary: Temporary }
  | { readonly kind: "array"; readonly buffer: Buffer };

/** A root of the body, and the part of an array that it goes to. */
export interface Target {
  readonly node: Expr;
  readonly view: View;
}

/** 0 for even counts, 1 for odd ones. */
const parity = (count: Integer): Integer => count.minus(count.floorDiv(2).times(2));

/**
 * What loops over bodies have in common. Scalar carries are variables. Other carries have two places in turn: a step reads
 * one and writes the other, and nothing is copied. Roots are computed where they belong.
 */
export class BodyLoop {
  protected readonly lowering: Lowering;
  protected readonly views = new Map<Buffer, View>();

  constructor(lowering: Lowering) {
    this.lowering = lowering;
  }

  /** Binds the parameters of carries at a count of steps, and gives the targets of the next ones, of those that have one. */
  protected bindCarries(
    carries: readonly Place[],
    parameters: readonly Expr[],
    next: readonly (Expr | undefined)[],
    count: Integer,
    bindings: Map<Expr, Binding>,
  ): Target[] {
    const { builder } = this.lowering;
    const { level } = builder;
    return carries.flatMap((carry, k) => {
      const parameter = parameters[k]!;
      if (carry.kind === "number") {
        bindings.set(parameter, { kind: "value", value: carry.temporary, level });
        return [];
      }
      const node = next[k];
      if (!node) return [];
      const size = Integer.product(parameter.shape);
      const here = builder.fixed(size.times(parity(count)));
      this.read(parameter, { base: carry.buffer, offset: here, half: "read" });
      const there = builder.fixed(size.minus(here));
      return [{ node, view: { base: carry.buffer, offset: there, half: "written" } }];
    });
  }

  /** The arrays of results are complete from here on. */
  protected markWritten(results: readonly Expr[]): void {
    const { builder, buffers } = this.lowering;
    for (const result of results) {
      const buffer = buffers.of(result);
      if (buffer) builder.markWritten(buffer);
    }
  }

  /** The loops of a body's roots, each in its place where it has one. */
  protected emitBody(roots: readonly Expr[], targets: readonly Target[], bindings: ReadonlyMap<Expr, Binding>): void {
    const { builder, buffers, frames } = this.lowering;
    if (roots.length === 0) return;
    const plan = new Plan(roots, builder, (leaf) => bindings.get(leaf)?.kind === "read");
    frames.add(plan, bindings);
    buffers.addLeaves(plan, true);
    const rest = targets.filter((target) => !this.holds(target, plan, roots));
    emitRoots(plan, roots, this.lowering);
    // one loop for all of one shape
    for (let left = rest; left.length > 0; ) {
      const { shape } = left[0]!.node;
      this.copy(left.filter(({ node }) => sameShape(node.shape, shape)));
      left = left.filter(({ node }) => !sameShape(node.shape, shape));
    }
  }

  protected start(first: Expr): Place {
    const { builder } = this.lowering;
    const temporary = builder.temporary(first.dtype);
    builder.emit({ kind: "start", temporary, value: builder.evaluate({ node: first, index: [] }).value });
    return { kind: "number", temporary };
  }

  protected startAt(value: number, { dtype }: Expr): Place {
    const { builder } = this.lowering;
    const temporary = builder.temporary(dtype);
    builder.emit({ kind: "start", temporary, value: { kind: "constant", value, dtype } });
    return { kind: "number", temporary };
  }

  /** The two places of a carry, with its first value in one; one place where it is kept there. */
  protected firstOf(first: Expr, isKept = false): Place {
    const { builder, buffers } = this.lowering;
    const { dtype, shape } = first;
    const buffer = buffers.scratch({ dtype, shape: isKept ? shape : [Integer.constant(2), ...shape] });
    if (first.kind === "constant") builder.emit({ kind: "fill", buffer, value: first.constant! });
    else
      emitForAll(builder, shape, (index) => {
        const { value } = builder.evaluate({ node: first, index });
        builder.emit({ kind: "store", buffer, address: builder.address(index, shape), value });
      });
    return { kind: "array", buffer };
  }

  protected cleared(result: Expr): Place {
    const { builder, buffers } = this.lowering;
    const buffer = buffers.workspace(result);
    builder.emit({ kind: "fill", buffer, value: 0 });
    return { kind: "array", buffer };
  }

  /** Reads of a body's leaf are reads of a place that moves from step to step. */
  protected read(parameter: Expr, view: View): void {
    const { builder, buffers } = this.lowering;
    const place = buffers.place(parameter, false);
    this.views.set(place, view);
    builder.markWritten(place);
  }

  /** True where the root is computed in its place at once; else it is copied there. */
  protected holds({ node, view }: Target, plan: Plan, all: readonly Expr[]): boolean {
    const { builder, buffers } = this.lowering;
    if (!plan.isStored(node.id) || buffers.of(node)) return false;
    if (view.adds) {
      const isAlone = plan.usesOf(node) === 0 && all.indexOf(node) === all.lastIndexOf(node);
      const isSum = node.kind === "map" || node.kind === "contraction";
      if (!isAlone || !isSum || builder.ordered) return false;
    }
    const place = buffers.place(node, true, view.adds);
    this.views.set(place, view);
    builder.markWritten(place);
    return true;
  }

  /** Roots of one shape to their places. */
  protected copy(targets: readonly Target[]): void {
    const { builder } = this.lowering;
    emitForAll(builder, targets[0]!.node.shape, (index) => {
      for (const { node, view } of targets) {
        const { base: buffer, offset, half, adds } = view;
        const { value } = builder.evaluate({ node, index });
        const address = builder.address(index, node.shape).plus(offset);
        if (adds) builder.emit({ kind: "accumulate", buffer, address, half, combine: "sum", value });
        else builder.emit({ kind: "store", buffer, address, half, value });
      }
    });
  }

  /** A value that stays when variables of carries change: a copy by name, unless it has a name of its own. */
  protected lastValue(node: Expr, carries: readonly Place[]): Value {
    const { builder } = this.lowering;
    const { value } = builder.evaluate({ node, index: [] });
    const isCarry = carries.some((carry) => carry.kind === "number" && carry.temporary === value);
    if (value.kind === "constant" || (value.kind === "temporary" && !isCarry)) return value;
    const temporary = builder.temporaryFor(node);
    builder.emit({ kind: "let", temporary, value });
    return temporary;
  }

  protected provide(result: Expr, temporary: Temporary): void {
    const { builder, buffers } = this.lowering;
    builder.provide(result, [], temporary);
    const buffer = buffers.of(result);
    if (buffer?.role !== "output") return;
    builder.emit({ kind: "store", buffer, address: Integer.zero, value: temporary });
  }

  protected copyLast(result: Expr, base: Buffer, count: Integer): void {
    const { builder, buffers, frames } = this.lowering;
    if (!frames.planOf(result).needs(result)) return;
    const buffer = buffers.workspace(result);
    const size = Integer.product(result.shape);
    const from = builder.fixed(size.times(parity(count)));
    emitForAll(builder, result.shape, (index) => {
      const address = builder.address(index, result.shape);
      const value: Value = { kind: "load", buffer: base, address: address.plus(from) };
      builder.emit({ kind: "store", buffer, address, value });
    });
  }
}
