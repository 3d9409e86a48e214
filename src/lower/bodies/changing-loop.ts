import { renumberLookups } from "../../ir/contraction.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { copyNodes } from "../../ir/walks/copy-graph.ts";
import { leavesUnder } from "../../ir/walks/traverse.ts";
import type { Put } from "../../rewrite/forms/changes.ts";
import type { Slice } from "../../rewrite/forms/contractions/slices.ts";
import type { Buffer, Statement, Value } from "../program/loops.ts";
import { BodyLoop, type Place, type Target } from "./body-loop.ts";
import type { Binding } from "./frames.ts";
import type { Added, Kept, Writing } from "./in-place.ts";
import { emitForAll } from "./kernels.ts";

/** What falls on the array of a carry. */
interface Change {
  readonly writing: Writing;
  readonly buffer: Buffer;
  readonly carry: Expr;
}

/** A loop over a body with carries that are kept in one place. */
export class ChangingLoop extends BodyLoop {
  /** What is computed before anything is written, as it is found then. */
  private readonly arrays = new Map<Expr, Buffer>();
  private readonly numbers = new Map<Expr, Value>();
  private changes: readonly Change[] = [];

  /** Binds carries that are kept in one place, and changes those of which the step reads nothing before. */
  protected begin(
    kept: ReadonlyMap<number, Kept>,
    carries: readonly Place[],
    parameters: readonly Expr[],
    bindings: ReadonlyMap<Expr, Binding>,
  ): void {
    const late: Change[] = [];
    for (const [k, { writings, after }] of kept) {
      const place = carries[k]!;
      const carry = parameters[k]!;
      if (place.kind !== "array") continue;
      const { buffer } = place;
      const changes = writings.map((writing) => ({ writing, buffer, carry }));
      if (after) {
        this.emitBody(nodesOf(changes), [], bindings);
        for (const change of changes) this.change(change, bindings);
      } else late.push(...changes);
      this.read(after ?? carry, { base: buffer, offset: Integer.zero });
    }
    this.changes = late;
  }

  /** What the step computes for its changes, and where arrays among it are put. */
  protected prepared(): { readonly nodes: readonly Expr[]; readonly targets: readonly Target[] } {
    const nodes = nodesOf(this.changes);
    const { buffers } = this.lowering;
    const targets = nodes.flatMap((node): Target[] => {
      if (node.isScalar) return [];
      const base = buffers.scratch(node);
      this.arrays.set(node, base);
      return [{ node, view: { base, offset: Integer.zero } }];
    });
    return { nodes, targets };
  }

  /** Numbers among what the changes are made of, by names that stay when anything is written. */
  protected settle(carries: readonly Place[]): void {
    for (const { writing } of this.changes) {
      if (writing.kind === "put") this.positionsOf(writing.slice);
      for (const node of valuesOf(writing)) {
        if (node.isScalar) this.numbers.set(node, this.lastValue(node, carries));
      }
    }
  }

  /** Writes what the step has computed for its changes. */
  protected finish(bindings: ReadonlyMap<Expr, Binding>): void {
    for (const change of this.changes) this.change(change, bindings);
  }

  private change({ writing, buffer, carry }: Change, bindings: ReadonlyMap<Expr, Binding>): void {
    if (writing.kind === "added") this.add(writing, buffer, bindings);
    else this.put(writing, buffer, carry);
  }

  private put({ slice, value }: Put, buffer: Buffer, carry: Expr): void {
    const { builder } = this.lowering;
    const positions = this.positionsOf(slice);
    const guards = [...positions].flatMap(([axis, index]) => {
      const guard = { index, extent: carry.shape[axis]! };
      return builder.holds(guard) ? [] : [guard];
    });
    builder.openCondition();
    emitForAll(builder, value.shape, (index) => {
      const others = index.values();
      const all = carry.shape.map((_, axis) => positions.get(axis) ?? others.next().value!);
      const address = builder.address(all, carry.shape);
      builder.emit({ kind: "store", buffer, address, value: this.valueAt(value, index) });
    });
    const body: Statement[] = builder.close();
    if (guards.length > 0) builder.emit({ kind: "when", guards, body });
    else for (const statement of body) builder.emit(statement);
  }

  private valueAt(node: Expr, index: readonly Integer[]): Value {
    const { builder } = this.lowering;
    const number = this.numbers.get(node);
    if (number) return number;
    const buffer = this.arrays.get(node);
    if (buffer) return { kind: "load", buffer, address: builder.address(index, node.shape) };
    return builder.evaluate({ node, index }).value;
  }

  private positionsOf({ at, lookups }: Slice): ReadonlyMap<number, Integer> {
    const { builder } = this.lowering;
    const idOf = (operand: number) => lookups[operand]!.id;
    const resolved = (index: Integer) =>
      lookups.length === 0 ? index : builder.resolve(renumberLookups(index, idOf), lookups[0]!.graph);
    return new Map([...at].map(([axis, index]) => [axis, resolved(index)]));
  }

  /** The loops of what is added, over numbers and arrays that are computed by now. */
  private add({ node, values }: Added, base: Buffer, bindings: ReadonlyMap<Expr, Binding>): void {
    const { builder, buffers } = this.lowering;
    const { level } = builder;
    const valueFor = new Map([...values].map(([value, variable]) => [variable, value]));
    const copyOf = copyNodes([node], new Graph(node.graph.extensions), new Map());
    const own = new Map<Expr, Binding>();
    for (const leaf of leavesUnder([node])) {
      const copy = copyOf(leaf);
      const value = valueFor.get(leaf);
      const binding = bindings.get(leaf);
      const array = value && this.arrays.get(value);
      if (array) this.read(copy, { base: array, offset: Integer.zero });
      else if (value) own.set(copy, { kind: "value", value: this.numbers.get(value)!, level });
      else if (binding) own.set(copy, binding);
      else this.read(copy, this.views.get(buffers.of(leaf)!)!);
    }
    const view = { base, offset: Integer.zero, adds: true };
    const target = copyOf(node);
    this.emitBody([target], [{ node: target, view }], own);
  }
}

const valuesOf = (writing: Writing): readonly Expr[] =>
  writing.kind === "put" ? [writing.value] : [...writing.values.keys()];

/** All that changes are made of. */
function nodesOf(changes: readonly Change[]): Expr[] {
  const places = changes.flatMap(({ writing }) => (writing.kind === "put" ? writing.slice.lookups : []));
  return [...new Set([...changes.flatMap(({ writing }) => valuesOf(writing)), ...places])];
}
