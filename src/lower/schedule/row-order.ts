import { Integer } from "../../ir/integer.ts";
import type { Accumulate, Buffer, Loop, Statement, Temporary } from "../program/loops.ts";
import { visitStatement } from "../program/rewrite-statements.ts";
import { ownTemporaries } from "../program/uses.ts";

/** A loop over rows, and what is known of the integers in it. */
interface RowsOf {
  readonly loop: Loop;
  /** An integer over the variables of loops alone. */
  readonly plain: (integer: Integer) => Integer;
  /** How many rounds the loops around have. */
  readonly extents: readonly Integer[];
}

interface Touch {
  readonly address: Integer;
  readonly kind: "read" | "store" | Accumulate["combine"];
}

/** True where rows may go on before others have been finished. */
export function mayBeReordered(statements: readonly Statement[], { loop, plain, extents }: RowsOf): boolean {
  const own = ownTemporaries(loop.body);
  const collected = new Set<Temporary>();
  const read = new Set<Temporary>();
  const accesses = new Map<Buffer, Touch[]>();
  let isKnown = true;
  const touch = (buffer: Buffer, address: Integer, kind: Touch["kind"], half: unknown) => {
    if (half !== undefined) isKnown = false;
    const list = accesses.get(buffer) ?? [];
    accesses.set(buffer, list);
    list.push({ address: plain(address), kind });
  };
  for (const statement of statements) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "combine" && !own.has(inner.temporary)) collected.add(inner.temporary);
        if (inner.kind === "assign" && !own.has(inner.temporary)) isKnown = false;
        if (inner.kind === "store") touch(inner.buffer, inner.address, "store", inner.half);
        if (inner.kind === "accumulate") touch(inner.buffer, inner.address, inner.combine, inner.half);
      },
      value: (value) => {
        if (value.kind === "temporary") read.add(value);
        if (value.kind === "load") touch(value.buffer, value.address, "read", value.half);
      },
    });
  }
  if (!isKnown || [...collected].some((temporary) => read.has(temporary))) return false;
  return [...accesses.values()].every((list) => rowsAgree(list, loop, extents));
}

/** True where no row needs what another one leaves in the array, or all only add to it. */
function rowsAgree(list: readonly Touch[], { variable }: Loop, extents: readonly Integer[]): boolean {
  const kinds = new Set(list.map(({ kind }) => kind));
  if (kinds.size === 1 && !kinds.has("store")) return true;
  const strides = list.map(({ address }) => address.coefficientOf(variable));
  const [stride] = strides;
  if (!stride || strides.some((other) => !other?.equals(stride)) || stride.iterators().length > 0) return false;
  const row = Integer.iterator(variable).times(stride);
  return list.every(({ address }) => {
    const inside = address.minus(row);
    return inside.isProvablyNonNegative(extents) && stride.minus(1).minus(inside).isProvablyNonNegative(extents);
  });
}
