import { describe, expect, it } from "vitest";
import { complexField } from "../../src/interpreter/complex.ts";
import { dualField } from "../../src/interpreter/dual.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { Graph } from "../../src/ir/graph.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { ternary } from "../../src/ops/define.ts";
import { add, div, mul } from "../../src/ops/elementary/algebra.ts";
import { max, select } from "../../src/ops/elementary/comparison.ts";
import { pow, sqrt } from "../../src/ops/elementary/powers.ts";
import { abs, floor } from "../../src/ops/elementary/rounding.ts";
import { realOf } from "../../src/ops/program.ts";
import { relu } from "../../src/ops/special/activation.ts";
import { pointsOf, smooth } from "../ops/samples.ts";
import { operationOf, partialOf } from "../ops/tangent.ts";

const dual = (value: number, tangent = 0) => ({ value, tangent });
const tangentOf = ({ primitive }: { primitive: Primitive }, ...operands: { value: number; tangent: number }[]) =>
  dualField.apply(primitive, operands).tangent;

describe("dual numbers", () => {
  it.each(smooth.map((primitive) => [primitive.name, primitive] as const))(
    "follow the partials of %s",
    (_, primitive) => {
      const points = pointsOf(primitive);
      for (let position = 0; position < points[0]!.length; position++) {
        const partial = partialOf(primitive, position);
        if (typeof partial !== "function") continue;
        const slope = realOf((...operands) => partial(operands, operationOf(primitive)(...operands), position));
        for (const point of points.filter((_, k) => k % 5 === 0)) {
          const value = dualField.apply(
            primitive,
            point.map((x, k) => dual(x, k === position ? 1 : 0)),
          );
          expect(value.value).toBe(Number(primitive.real(...point)));
          expect(value.tangent + 0, `${primitive.name} at ${point}`).toBe(slope(...point) + 0);
        }
      }
    },
  );

  it("are complex numbers with a tiny imaginary part: products are the same", () => {
    // (a + b eps)(c + d eps): the complex product has -b d step^2 beside a c, which is rounded away or underflows
    const product = (step: number, [a, b, c, d]: readonly [number, number, number, number]) => ({
      dual: dualField.mul(dual(a, b), dual(c, d)),
      complex: complexField.mul({ re: a, im: step * b }, { re: c, im: step * d }),
    });
    const factors: [number, number, number, number][] = [];
    for (let k = 1; k < 200; k++)
      factors.push([Math.sin(k) + 2, 3 * Math.cos(k), Math.cos(2 * k) - 2, Math.sin(3 * k)]);
    for (const step of [2 ** -100, 2 ** -538]) {
      for (const each of factors) {
        const { dual: d, complex } = product(step, each);
        expect([complex.re, complex.im / step]).toEqual([d.value, d.tangent]);
      }
    }
    // with a step of 2^-50 the two part where |b/a| |d/c| passes about 2^47, with 2^-538 never
    const far = [1, 2 ** 30, 1, 2 ** 30] as const;
    expect(product(2 ** -50, [1, 2 ** 20, 1, 2 ** 20]).complex.re).toBe(1);
    expect(product(2 ** -50, far).complex.re).not.toBe(1);
    expect(product(2 ** -538, far).complex.re).toBe(1);
  });

  it("add the changes of all operands", () => {
    expect(tangentOf(mul, dual(3, 1), dual(5, 10))).toBe(5 + 30);
    expect(tangentOf(add, dual(1, 1), dual(1, 10), dual(1, 100))).toBe(111);
    expect(tangentOf(div, dual(6, 1), dual(2, 1))).toBe(0.5 - 1.5);
  });

  it("take the stated slope at kinks", () => {
    expect(tangentOf(abs, dual(0, 1))).toBe(0);
    expect(tangentOf(relu, dual(0, 1))).toBe(0);
    expect(tangentOf(floor, dual(2, 1))).toBe(0);
    expect(tangentOf(max, dual(2, 1), dual(2, 10))).toBe(5.5);
  });

  it("do not let in what a choice leaves out", () => {
    expect(dualField.apply(select.primitive, [dual(1), dual(2, 3), dual(4, Number.NaN)])).toEqual(dual(2, 3));
    expect(tangentOf(max, dual(2, 1), dual(1, Number.NaN))).toBe(1);
  });

  it("keep a constant a constant beside an infinite slope", () => {
    expect(tangentOf(sqrt, dual(0))).toBe(0);
    expect(tangentOf(sqrt, dual(0, 1))).toBe(Number.POSITIVE_INFINITY);
    expect(tangentOf(pow, dual(-2, 1), dual(3))).toBe(12);
  });

  it("take conditions and whole numbers as operands of user primitives", () => {
    const gate = ternary("gate", {
      operands: ["bool", "real", "int"],
      real: (c, x, k) => (c !== 0 ? x * k : x),
      complex: (c, x, k) => (c.re !== 0 ? { re: x.re * k.re, im: x.im * k.re } : x),
      partials: ["zero", (c, _x, k) => select(c, add(k, 0.5), 1), "zero"],
      cost: 2,
      documentation: { summary: "k x where c holds, else x" },
    });
    expect(tangentOf(gate, dual(1), dual(2, 1), dual(3))).toBe(3.5);
    expect(tangentOf(gate, dual(0), dual(2, 1), dual(3))).toBe(1);
  });

  it("say what has no derivative", () => {
    const jump = { ...floor.primitive, name: "jump", partials: [{ none: "it jumps" }] };
    expect(() => dualField.apply(jump, [dual(1, 1)])).toThrow("jump has no derivative: it jumps.");
    expect(dualField.apply(jump, [dual(1.5)])).toEqual(dual(1));
  });

  it("carry the slope along a direction through the interpreter", () => {
    const graph = new Graph();
    const x = graph.param("x", []);
    const y = graph.param("y", []);
    const [z] = interpret(
      [sum(mul(x, mul(x, y)))],
      {
        sizes: new Map(),
        values: new Map([
          [x, [dual(3, 1)]],
          [y, [dual(2, 10)]],
        ]),
      },
      dualField,
    );
    expect(z).toEqual([dual(18, 2 * 3 * 2 + 9 * 10)]);
  });
});
