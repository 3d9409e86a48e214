import type { DType } from "../../ir/primitive.ts";
import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Buffer, Load, Statement, Temporary, Value } from "../program/loops.ts";

/** A statement without a loop. */
export type Plain = Extract<Statement, { kind: "let" | "store" | "accumulate" }>;
export type Name = (dtype: DType) => Temporary;
/** An element of an array, read or written. */
export type Element = Pick<Load, "buffer" | "address" | "half">;

/** A stretch of statements: what it reads and writes. */
export interface Stretch {
  readonly statements: readonly Plain[];
  readonly written: ReadonlySet<Buffer>;
  /** How often each temporary is read, by its number. */
  readonly uses: NodeNumbers;
  /** The numbers of the temporaries that statement k reads: from `starts[k]` to `starts[k + 1]`. */
  readonly reads: readonly number[];
  readonly starts: readonly number[];
  /** The statements that read an array that is written. */
  readonly readsWritten: Uint8Array;
  /** Each element that is written, or read in an array that is written, has an address that is a number. */
  readonly tellsApart: boolean;
}

/** Finds it in one walk over the values. */
export function stretchOf(statements: readonly Plain[]): Stretch {
  const written = new Set<Buffer>();
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    if (statement.kind !== "let") written.add(statement.buffer);
  }
  const uses = new NodeNumbers();
  const reads: number[] = [];
  const starts: number[] = [];
  const readsWritten = new Uint8Array(statements.length);
  let tellsApart = true;
  const note = ({ address, half }: Element) => {
    if (address.value === undefined || half) tellsApart = false;
  };
  const visit = (value: Value, position: number): void => {
    if (value.kind === "temporary") {
      const { id } = value;
      reads.push(id);
      uses.set(id, uses.at(id) + 1);
    } else if (value.kind === "apply") {
      for (let k = 0; k < value.operands.length; k++) visit(value.operands[k]!, position);
    } else if (value.kind === "guarded") visit(value.value, position);
    else if (value.kind === "load" && written.has(value.buffer)) {
      readsWritten[position] = 1;
      note(value);
    }
  };
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    starts.push(reads.length);
    if (statement.kind !== "let") note(statement);
    visit(statement.value, k);
  }
  starts.push(reads.length);
  return { statements, written, uses, reads, starts, readsWritten, tellsApart };
}
