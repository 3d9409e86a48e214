import type { Combine, Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { Buffer, Half, Statement, Value } from "../program/loops.ts";
import type { Narrowed, Range, Ranges } from "../program/ranges.ts";
import { isNest, type Nest, ownValue } from "../program/rewrite-statements.ts";

/** A list of statements inside a nest: which nest, and which of its lists. */
export interface Step {
  readonly nest: Nest;
  readonly list: readonly Statement[];
}

/** One place in the text where an array is read or written. */
export interface Access {
  readonly kind: "read" | "store" | "accumulate" | "fill";
  readonly buffer: Buffer;
  /** Resolved; 0 for a fill, which writes every element. */
  readonly address: Integer;
  readonly combine?: Combine;
  readonly half?: Half | undefined;
  /** The lists around it, from the outermost one of those that were asked about. */
  readonly path: readonly Step[];
  /** What guards say of variables there. */
  readonly narrowed: Narrowed;
}

/** The accesses of statements to arrays, in the order in which they are run. */
export function accessesOf(statements: readonly Statement[], ranges: Ranges): Access[] {
  const found: Access[] = [];
  const reads = (value: Value, path: readonly Step[], narrowed: Narrowed): void => {
    if (value.kind === "load") {
      const { buffer, address, half } = value;
      found.push({ kind: "read", buffer, address: ranges.resolved(address), half, path, narrowed });
    } else if (value.kind === "apply") for (const operand of value.operands) reads(operand, path, narrowed);
    else if (value.kind === "guarded") reads(value.value, path, narrowedBy(value.guards, narrowed, ranges));
  };
  const block = (list: readonly Statement[], path: readonly Step[], narrowed: Narrowed): void => {
    for (const statement of list) {
      const value = ownValue(statement);
      if (value) reads(value, path, narrowed);
      if (statement.kind === "store" || statement.kind === "accumulate") {
        const { kind, buffer, half } = statement;
        const combine = statement.kind === "accumulate" ? { combine: statement.combine } : {};
        found.push({ kind, buffer, address: ranges.resolved(statement.address), ...combine, half, path, narrowed });
      }
      if (statement.kind === "fill") {
        const { kind, buffer } = statement;
        found.push({ kind, buffer, address: Integer.zero, path, narrowed });
      }
      if (!isNest(statement) || (statement.kind === "for" && ranges.isEmpty(statement))) continue;
      const inside = statement.kind === "when" ? narrowedBy(statement.guards, narrowed, ranges) : narrowed;
      block(statement.body, [...path, { nest: statement, list: statement.body }], inside);
      if (statement.kind === "if")
        block(statement.otherwise, [...path, { nest: statement, list: statement.otherwise }], narrowed);
    }
  };
  block(statements, [], new Map());
  return found;
}

function narrowedBy(guards: readonly Guard[], known: Narrowed, ranges: Ranges): Narrowed {
  const narrowed = new Map<number, Range>(known);
  for (const { index, extent } of guards) {
    const resolved = ranges.resolved(index);
    const unit = resolved.unitIterator();
    const offset = unit?.offset.value;
    if (!unit || offset === undefined) continue;
    const largest = extent ? ranges.of(ranges.resolved(extent))[1] - 1 : Number.POSITIVE_INFINITY;
    // 0 <= sign v + offset <= largest
    const ends: Range = unit.sign === 1 ? [-offset, largest - offset] : [offset - largest, offset];
    const old = narrowed.get(unit.iterator);
    narrowed.set(unit.iterator, old ? [Math.max(old[0], ends[0]), Math.min(old[1], ends[1])] : ends);
  }
  return narrowed;
}

/** The accesses to each array. */
export function byBuffer(accesses: readonly Access[]): Map<Buffer, Access[]> {
  const grouped = new Map<Buffer, Access[]>();
  for (const access of accesses) {
    const list = grouped.get(access.buffer);
    if (list) list.push(access);
    else grouped.set(access.buffer, [access]);
  }
  return grouped;
}

/** How many lists two accesses are both in. */
export function commonSteps(one: Access, other: Access): number {
  let count = 0;
  while (one.path[count] && one.path[count]?.list === other.path[count]?.list) count++;
  return count;
}
