import { expect, it } from "vitest";
import { iterators } from "../../src/ir/contraction.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Buffer, Statement, Value } from "../../src/lower/loops.ts";
import { splitBody } from "../../src/lower/split.ts";
import { neg } from "../../src/ops/algebra.ts";

const table: Buffer = { id: 0, role: "input", name: "table", dtype: "int", shape: [Integer.constant(9)] };
const out: Buffer = { id: 1, role: "output", name: "out", dtype: "real", shape: [Integer.constant(9)] };

const index = (variable: number, address: Integer): Statement => ({
  kind: "index",
  variable,
  value: { kind: "load", buffer: table, address },
});

/** A store at an address that costs about so many operations. */
function store(address: Integer, operations: number): Statement {
  let value: Value = { kind: "load", buffer: table, address };
  for (let k = 0; k < operations; k++)
    value = { kind: "apply", dtype: "real", primitive: neg.primitive, operands: [value] };
  return { kind: "store", buffer: out, address, value };
}

it("makes the positions that a part needs again in the order in which they stand, whichever is needed first", () => {
  const first = index(7, Integer.zero);
  const second = index(8, iterators(7));
  const body = [first, second, store(iterators(8), 900), store(iterators(7), 700), store(iterators(8), 100)];
  const { parts } = splitBody(body, 2);
  expect(parts).toHaveLength(2);
  expect(parts[1]!.slice(0, 2)).toEqual([first, second]);
});
