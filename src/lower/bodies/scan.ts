import { draftOf, partsOf, rootsOf, type Scan, type ScanDraft, type ScanParts } from "../../ir/bodies/scan.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import type { Lowering } from "../lower.ts";
import type { Value } from "../program/loops.ts";
import type { Place } from "./body-loop.ts";
import { ChangingLoop } from "./changing-loop.ts";
import type { Binding } from "./frames.ts";
import { inPlace, type StepInPlace } from "./in-place.ts";
import { resolveViews } from "./views.ts";

/**
 * A scan as one loop around the loops of its body. Slices of stacks are written where they belong; terms of sums are
 * added where they are made.
 */
export function emitScan(call: Call<Scan>, lowering: Lowering): void {
  new ScanLoop(call, lowering).emit();
}

class ScanLoop extends ChangingLoop {
  private readonly scan: Scan;
  private readonly call: Call<Scan>;

  constructor(call: Call<Scan>, lowering: Lowering) {
    super(lowering);
    this.call = call;
    this.scan = call.operation;
  }

  emit(): void {
    const { scan, call, lowering } = this;
    const { builder, buffers } = lowering;
    const draft = draftOf(scan);
    const step = inPlace(draft);
    const operands = partsOf(scan, call.operands);
    const results = rootsOf(scan, call.results);
    const carries = operands.carries.map((first, k) =>
      first.isScalar ? this.start(first) : this.firstOf(first, step.kept.has(k)),
    );
    const stacks = results.stacks.map((result) => buffers.workspace(result));
    const sums = results.sums.map((result) => (result.isScalar ? this.startAt(0, result) : this.cleared(result)));

    const variable = builder.openLoop(scan.length);
    const t = Integer.iterator(variable);
    const bindings = this.bindingsAt(t, draft, operands);
    const count = scan.isReversed ? scan.length.minus(1).minus(t) : t;
    const targets = this.bindCarries(carries, draft.parameters.carries, step.carries, count, bindings);
    this.begin(step.kept, carries, draft.parameters.carries, bindings);
    for (const [k, base] of stacks.entries()) {
      const node = step.stacks[k]!;
      targets.push({ node, view: { base, offset: builder.fixed(Integer.product(node.shape).times(t)) } });
    }
    for (const [k, sum] of sums.entries()) {
      if (sum.kind === "array") {
        targets.push({ node: step.sums[k]!, view: { base: sum.buffer, offset: Integer.zero, adds: true } });
      }
    }
    const changes = this.prepared();
    const next = step.carries.filter((node) => node !== undefined);
    const all = [...next, ...step.stacks, ...step.sums, ...changes.nodes];
    this.emitBody(all, [...targets, ...changes.targets], bindings);
    const values = this.nextNumbers(carries, sums, step);
    this.settle(carries);
    this.finish(bindings);
    for (const [k, value] of values.entries()) {
      const carry = carries[k]!;
      if (carry.kind === "number") builder.emit({ kind: "assign", temporary: carry.temporary, value: value! });
    }
    const body = resolveViews(builder.close(), this.views, builder);
    const descending = scan.isReversed;
    builder.emit({ kind: "for", variable, from: [Integer.zero], to: [scan.length], step: 1, descending, body });

    for (const [k, carry] of [...carries, ...sums].entries()) {
      const result = [...results.carries, ...results.sums][k]!;
      if (carry.kind === "number") this.provide(result, carry.temporary);
      else if (k < carries.length) this.copyLast(result, carry.buffer, step.kept.has(k) ? Integer.zero : scan.length);
    }
    this.markWritten(call.results);
  }

  /** What the step, slices and constants are in step t. */
  private bindingsAt(t: Integer, { parameters, step }: ScanDraft, operands: ScanParts<Expr>): Map<Expr, Binding> {
    const { level } = this.lowering.builder;
    const bindings = new Map<Expr, Binding>();
    bindings.set(step, { kind: "value", value: { kind: "integer", integer: t }, level });
    for (const [k, slice] of parameters.inputs.entries()) {
      bindings.set(slice, { kind: "read", node: operands.inputs[k]!, at: [t] });
    }
    for (const [k, constant] of parameters.constants.entries()) {
      bindings.set(constant, { kind: "read", node: operands.constants[k]!, at: [] });
    }
    return bindings;
  }

  /** The next numbers of carries; terms are added to sums. The update is simultaneous: all next values come before all assignments. */
  private nextNumbers(carries: readonly Place[], sums: readonly Place[], step: StepInPlace): (Value | undefined)[] {
    const { builder } = this.lowering;
    const next = carries.map((carry, k) =>
      carry.kind === "number" ? this.lastValue(step.carries[k]!, carries) : undefined,
    );
    for (const [k, sum] of sums.entries()) {
      if (sum.kind !== "number") continue;
      const { value } = builder.evaluate({ node: step.sums[k]!, index: [] });
      builder.emit({ kind: "combine", temporary: sum.temporary, combine: "sum", value });
    }
    return next;
  }
}
