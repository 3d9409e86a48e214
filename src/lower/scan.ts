import type { Expr } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Call } from "../ir/operation.ts";
import { draftOf, partsOf, rootsOf, type Scan } from "../ir/scan.ts";
import type { Binding } from "./frames.ts";
import { emitForAll } from "./kernels.ts";
import type { Buffer, Temporary, Value } from "./loops.ts";
import { emitRoots, type Lowering } from "./lower.ts";
import { Plan } from "./plan.ts";
import { resolveViews, type View } from "./views.ts";

/**
 * A scan as one loop around the loops of its body. Scalar carries are variables. Other carries have two places in turn:
 * a step reads one and writes the other, and nothing is copied. Slices of stacks are written where they belong; terms of
 * sums are added where they are made.
 */
export function emitScan(call: Call<Scan>, lowering: Lowering): void {
  new ScanLoop(call, lowering).emit();
}

class ScanLoop {
  private readonly scan: Scan;
  private readonly call: Call<Scan>;
  private readonly lowering: Lowering;
  private readonly views = new Map<Buffer, View>();

  constructor(call: Call<Scan>, lowering: Lowering) {
    this.call = call;
    this.scan = call.operation;
    this.lowering = lowering;
  }

  emit(): void {
    const { scan, call, lowering } = this;
    const { builder, buffers, frames } = lowering;
    const { parameters, step, roots } = draftOf(scan);
    const operands = partsOf(scan, call.operands);
    const results = rootsOf(scan, call.results);
    const carries = operands.carries.map((first) => (first.isScalar ? this.start(first) : this.firstOf(first)));
    const stacks = results.stacks.map((result) => buffers.workspace(result));
    const sums = results.sums.map((result) => (result.isScalar ? this.startAt(0, result) : this.cleared(result)));

    const variable = builder.openLoop(scan.length);
    const t = Integer.iterator(variable);
    const { level } = builder;
    const bindings = new Map<Expr, Binding>();
    bindings.set(step, { kind: "value", value: { kind: "integer", integer: t }, level });
    for (const [k, slice] of parameters.inputs.entries()) {
      bindings.set(slice, { kind: "read", node: operands.inputs[k]!, at: [t] });
    }
    for (const [k, constant] of parameters.constants.entries()) {
      bindings.set(constant, { kind: "read", node: operands.constants[k]!, at: [] });
    }
    const count = scan.isReversed ? scan.length.minus(1).minus(t) : t;
    const targets: Target[] = [];
    for (const [k, carry] of carries.entries()) {
      const parameter = parameters.carries[k]!;
      if (carry.kind === "number") {
        bindings.set(parameter, { kind: "value", value: named(carry.temporary), level });
        continue;
      }
      const size = Integer.product(parameter.shape);
      const here = builder.fixed(size.times(parity(count)));
      this.read(parameter, { base: carry.buffer, offset: here });
      targets.push({ node: roots.carries[k]!, view: { base: carry.buffer, offset: builder.fixed(size.minus(here)) } });
    }
    for (const [k, base] of stacks.entries()) {
      const node = roots.stacks[k]!;
      targets.push({ node, view: { base, offset: builder.fixed(Integer.product(node.shape).times(t)) } });
    }
    for (const [k, sum] of sums.entries()) {
      if (sum.kind === "array") {
        targets.push({ node: roots.sums[k]!, view: { base: sum.buffer, offset: Integer.zero, adds: true } });
      }
    }
    const all = [...roots.carries, ...roots.stacks, ...roots.sums];
    if (all.length > 0) {
      const plan = new Plan(all, builder);
      frames.add(plan, bindings);
      buffers.addLeaves(plan, true);
      const rest = targets.filter((target) => !this.holds(target, plan, all));
      emitRoots(plan, all, lowering);
      for (const target of rest) this.copy(target);
    }
    // the update is simultaneous: all next values, then all assignments
    const next = carries.map((carry, k) => (carry.kind === "number" ? this.lastValue(roots.carries[k]!) : undefined));
    for (const [k, sum] of sums.entries()) {
      if (sum.kind !== "number") continue;
      const { value } = builder.evaluate({ node: roots.sums[k]!, index: [] });
      builder.emit({ kind: "combine", temporary: sum.temporary, combine: "sum", value });
    }
    for (const [k, value] of next.entries()) {
      const carry = carries[k]!;
      if (carry.kind === "number") builder.emit({ kind: "assign", temporary: carry.temporary, value: value! });
    }
    const body = resolveViews(builder.close(), this.views, builder);
    const descending = scan.isReversed;
    builder.emit({ kind: "for", variable, from: [Integer.zero], to: [scan.length], step: 1, descending, body });

    for (const [k, carry] of [...carries, ...sums].entries()) {
      const result = [...results.carries, ...results.sums][k]!;
      if (carry.kind === "number") this.provide(result, carry.temporary);
      else if (k < carries.length) this.copyLast(result, carry.buffer);
    }
    for (const result of call.results) {
      const buffer = buffers.of(result);
      if (buffer) builder.markWritten(buffer);
    }
  }

  private start(first: Expr): Place {
    const { builder } = this.lowering;
    const temporary = builder.temporary(first.dtype);
    builder.emit({ kind: "start", temporary, value: builder.evaluate({ node: first, index: [] }).value });
    return { kind: "number", temporary };
  }

  private startAt(value: number, { dtype }: Expr): Place {
    const { builder } = this.lowering;
    const temporary = builder.temporary(dtype);
    builder.emit({ kind: "start", temporary, value: { kind: "constant", value, dtype } });
    return { kind: "number", temporary };
  }

  /** The two places of a carry, with its first value in one. */
  private firstOf(first: Expr): Place {
    const { builder, buffers } = this.lowering;
    const { dtype, shape } = first;
    const buffer = buffers.scratch({ dtype, shape: [Integer.constant(2), ...shape] });
    emitForAll(builder, shape, (index) => {
      const { value } = builder.evaluate({ node: first, index });
      builder.emit({ kind: "store", buffer, address: builder.address(index, shape), value });
    });
    return { kind: "array", buffer };
  }

  private cleared(result: Expr): Place {
    const { builder, buffers } = this.lowering;
    const buffer = buffers.workspace(result);
    builder.emit({ kind: "fill", buffer, value: 0 });
    return { kind: "array", buffer };
  }

  /** Reads of a body's leaf are reads of a place that moves from step to step. */
  private read(parameter: Expr, view: View): void {
    const { builder, buffers } = this.lowering;
    const place = buffers.place(parameter, false);
    this.views.set(place, view);
    builder.markWritten(place);
  }

  /** True where the root is computed in its place at once; else it is copied there. */
  private holds({ node, view }: Target, plan: Plan, all: readonly Expr[]): boolean {
    const { builder, buffers } = this.lowering;
    if (!plan.isStored(node) || buffers.of(node)) return false;
    if (view.adds) {
      const isAlone = plan.usesOf(node) === 0 && all.indexOf(node) === all.lastIndexOf(node);
      const isSum = node.kind === "map" || node.kind === "contraction";
      if (!isAlone || !isSum || builder.ordered) return false;
    }
    const place = buffers.place(node, true);
    this.views.set(place, view);
    builder.markWritten(place);
    return true;
  }

  private copy({ node, view }: Target): void {
    const { builder } = this.lowering;
    const { base, offset, adds } = view;
    emitForAll(builder, node.shape, (index) => {
      const { value } = builder.evaluate({ node, index });
      const address = builder.address(index, node.shape).plus(offset);
      if (adds) builder.emit({ kind: "accumulate", buffer: base, address, combine: "sum", value });
      else builder.emit({ kind: "store", buffer: base, address, value });
    });
  }

  /** A copy by name, which stays when variables of carries change. */
  private lastValue(node: Expr): Value {
    const { builder } = this.lowering;
    const { value } = builder.evaluate({ node, index: [] });
    if (value.kind === "constant") return value;
    const temporary = builder.temporary(node.dtype);
    builder.emit({ kind: "let", temporary, value });
    return named(temporary);
  }

  private provide(result: Expr, temporary: Temporary): void {
    const { builder, buffers } = this.lowering;
    builder.provide(result, [], named(temporary));
    const buffer = buffers.of(result);
    if (buffer?.role !== "output") return;
    builder.emit({ kind: "store", buffer, address: Integer.zero, value: named(temporary) });
  }

  private copyLast(result: Expr, base: Buffer): void {
    const { scan, lowering } = this;
    const { builder, buffers, frames } = lowering;
    if (!frames.planOf(result).needs(result)) return;
    const buffer = buffers.workspace(result);
    const size = Integer.product(result.shape);
    const from = builder.fixed(size.times(parity(scan.length)));
    emitForAll(builder, result.shape, (index) => {
      const address = builder.address(index, result.shape);
      const value: Value = { kind: "load", buffer: base, address: address.plus(from) };
      builder.emit({ kind: "store", buffer, address, value });
    });
  }
}

/** A carry or a sum: a variable, or an array. */
type Place =
  | { readonly kind: "number"; readonly temporary: Temporary }
  | { readonly kind: "array"; readonly buffer: Buffer };

/** A root of the body, and the part of an array that it goes to. */
interface Target {
  readonly node: Expr;
  readonly view: View;
}

const named = (temporary: Temporary): Value => ({ kind: "temporary", temporary });

/** 0 for even counts, 1 for odd ones. */
const parity = (count: Integer): Integer => count.minus(count.floorDiv(2).times(2));
