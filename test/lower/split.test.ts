import { expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { Integer } from "../../src/ir/integer.ts";
import { splitBody } from "../../src/lower/passes/split.ts";
import type { Buffer, Statement, Value } from "../../src/lower/program/loops.ts";
import { loadModel } from "../../src/model/load.ts";
import { neg } from "../../src/ops/elementary/algebra.ts";

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

it("stores positions whose array holds other things later", () => {
  const order: Buffer = { ...table, id: 2, role: "workspace", name: "order" };
  const first: Statement = {
    kind: "index",
    variable: 7,
    value: { kind: "load", buffer: order, address: Integer.zero },
  };
  const body = [first, store(iterators(7), 900), store(iterators(7), 900)];
  const { parts, carried } = splitBody(body, 3);
  expect(parts).toHaveLength(2);
  const [stored, again] = [parts[0]![1]!, parts[1]![0]!];
  expect(stored.kind === "store" && stored.buffer === carried && stored.address.key).toBe("0");
  expect(again.kind === "index" && again.value.kind === "load" && again.value.buffer).toBe(carried);
});

it("leaves to a gradient in parts the values that it has in one piece", () => {
  const text = "param A: [4, 4], b: [4]\nloss = det(A) + b @ solve(A, b)";
  const { flat } = compileModel(loadModel({ name: "model", text }), { rewrites: "none" }).bind({}, {});
  const x = Float64Array.from({ length: 20 }, (_, k) => Math.sin(1 + k * k) + (k % 4 === 0 ? 2 : 0));
  const [g, joint, product] = [0, 1, 2].map(() => new Float64Array(20)) as [Float64Array, Float64Array, Float64Array];
  flat.gradient(x, g);
  flat.lossGradientHvp(x, x, joint, product);
  // sums of a few products each, in another order
  for (const [k, value] of g.entries()) expect(Math.abs(joint[k]! - value)).toBeLessThan(1e-12);
});
