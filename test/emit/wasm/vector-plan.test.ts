import { describe, expect, it } from "vitest";
import { forkOf } from "../../../src/emit/wasm/fork.ts";
import { planVectorLoop } from "../../../src/emit/wasm/vector-plan.ts";
import { Integer } from "../../../src/ir/integer.ts";
import type { Primitive } from "../../../src/ir/primitive.ts";
import type { Buffer, Loop, Statement, Temporary, Value } from "../../../src/lower/program/loops.ts";
import { add, div, mul } from "../../../src/ops/elementary/algebra.ts";
import { and, equal, greater, less, not, select } from "../../../src/ops/elementary/comparison.ts";
import { exp } from "../../../src/ops/elementary/exponential.ts";
import { pow } from "../../../src/ops/elementary/powers.ts";
import { primitivesOf } from "../../../src/ops/maps.ts";

const n = Integer.named("n");
const at = (shift: number) => Integer.iterator(0).plus(shift);
const array = (id: number, name: string): Buffer => ({ id, role: "workspace", name, dtype: "real", shape: [n] });
const [x, y, g] = [array(0, "x"), array(1, "y"), array(2, "g")];
const element = (buffer: Buffer): Value => ({ kind: "load", buffer, address: at(0) });
const constant = (value: number): Value => ({ kind: "constant", value, dtype: "real" });
const conditions = primitivesOf(and, equal, greater, less, not);
const applied = ({ primitive }: { readonly primitive: Primitive }, ...operands: Value[]): Value => ({
  kind: "apply",
  primitive,
  operands,
  dtype: conditions.has(primitive) ? "bool" : "real",
});
const name = (id: number, dtype: Temporary["dtype"] = "real"): Temporary => ({ kind: "temporary", id, dtype });
const called = (temporary: Temporary, value: Value): Statement => ({ kind: "let", temporary, value });
const added = (shift: number, value: Value): Statement => ({
  kind: "accumulate",
  buffer: g,
  address: at(shift),
  combine: "sum",
  value,
});
const loop = (...body: Statement[]): Loop => ({
  kind: "for",
  variable: 0,
  from: [Integer.zero],
  to: [n],
  step: 1,
  body,
});

describe("sums of neighbours", () => {
  const sums = [added(0, element(x)), added(1, element(y))];

  it("slide, so that each element is written once", () => {
    expect(planVectorLoop(loop(...sums), false)?.slides).toHaveLength(1);
  });

  it("do not slide where turns may leave them out: what one turn hands on would come to a later one", () => {
    const condition = name(1, "bool");
    const body = [called(condition, applied(less, element(x), element(y)))];
    const chosen: Statement = { kind: "if", condition, body: sums, otherwise: [] };
    expect(planVectorLoop(loop(...body, chosen), false)).toMatchObject({ slides: [] });
    const [first, second] = sums as [Statement, Statement];
    const half: Statement = { kind: "if", condition, body: [first], otherwise: [] };
    expect(planVectorLoop(loop(...body, half, second), false)).toMatchObject({ slides: [] });
  });
});

describe("a fork", () => {
  const [condition, size, other] = [name(1, "bool"), name(2), name(3)];
  const chosen = (unlikely: Value) => added(0, applied(select, condition, element(x), unlikely));
  const isModerate = called(condition, applied(less, constant(1e-60), element(x)));

  it("takes what a condition nearly always rules out off the way, with what that alone needs", () => {
    const alone = called(size, applied(mul, element(y), element(y)));
    const scaled = called(other, applied(div, element(x), size));
    const body = [alone, isModerate, scaled, chosen(other)];
    const fork = forkOf(body)!;
    expect(fork).toMatchObject({ at: 1, condition, expected: true, late: [alone] });
    expect([...fork.path.needed].map((statement) => body.indexOf(statement)).sort()).toEqual([1, 3]);
  });

  it("goes by equality of reals, which is rare, and by limits that numbers seldom reach", () => {
    const asked = (value: Value) => forkOf([called(condition, value), chosen(applied(exp, element(y)))])?.expected;
    const against = (value: Value) =>
      forkOf([called(condition, value), added(0, applied(select, condition, applied(exp, element(y)), element(x)))])
        ?.expected;
    expect(asked(applied(less, element(x), constant(1e60)))).toBe(true);
    expect(against(applied(less, element(x), constant(1e-60)))).toBe(false);
    expect(against(applied(equal, element(x), constant(0)))).toBe(false);
    expect(asked(applied(less, element(x), constant(1)))).toBeUndefined();
    expect(asked(applied(less, element(x), element(y)))).toBeUndefined();
    // whole numbers may well be equal
    const count: Value = { kind: "integer", integer: Integer.iterator(0) };
    expect(against(applied(equal, count, { kind: "constant", value: 0, dtype: "int" }))).toBeUndefined();
    expect(against(applied(equal, count, { kind: "integer", integer: n }))).toBeUndefined();
  });

  it("takes numbers whose signs are asked for to be positive where that spares a power or two functions", () => {
    const power = applied(pow, element(y), element(x));
    const asked = (value: Value, unlikely: Value) => forkOf([called(condition, value), chosen(unlikely)])?.expected;
    expect(asked(applied(less, constant(0), element(x)), power)).toBe(true);
    expect(asked(applied(greater, element(x), constant(0)), power)).toBe(true);
    expect(asked(applied(less, constant(0), element(x)), applied(exp, element(y)))).toBeUndefined();
    expect(asked(applied(less, element(x), constant(0)), power)).toBeUndefined();
    const opposite = added(0, applied(select, condition, power, element(x)));
    expect(forkOf([called(condition, applied(less, element(x), constant(0))), opposite])?.expected).toBe(false);
  });

  it("knows what follows for other conditions", () => {
    const otherwise = name(4, "bool");
    const isPositive = called(condition, applied(less, constant(0), element(x)));
    const both = applied(and, applied(not, condition), applied(less, element(x), element(y)));
    const power = called(other, applied(pow, element(y), element(x)));
    const body = [
      isPositive,
      called(otherwise, both),
      power,
      chosen(other),
      added(0, applied(select, otherwise, other, constant(0))),
    ];
    const fork = forkOf(body)!;
    expect(fork.path.truth(otherwise)).toBe(false);
    expect(fork.path.needed.has(power)).toBe(false);
  });

  it("has to spare more than a choice costs", () => {
    expect(forkOf([isModerate, chosen(applied(add, element(y), constant(1)))])).toBeUndefined();
  });

  it("is not looked for in long bodies, where each condition would take a walk over all of one", () => {
    const short = [isModerate, chosen(applied(exp, element(y)))];
    const long = Array.from({ length: 400 }, () => added(0, element(y)));
    expect(forkOf(short)).toBeDefined();
    expect(forkOf([...short, ...long])).toBeUndefined();
  });

  it("leaves what reads an array that is written before where it stands", () => {
    const alone = called(size, applied(mul, element(g), element(g)));
    const body = [alone, added(0, element(y)), isModerate, chosen(applied(div, element(x), size))];
    expect(forkOf(body)?.late).toEqual([]);
  });
});
