import { describe, expect, it } from "vitest";
import { Graph } from "../../src/ir/graph.ts";
import { add, div, mul } from "../../src/ops/elementary/algebra.ts";
import { toInt, toReal } from "../../src/ops/elementary/cast.ts";
import { and, equal, less, max, select } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { floorDiv, mod } from "../../src/ops/elementary/rounding.ts";

const graph = new Graph();
const x = graph.param("x");
const i = graph.data("i", [], "int");
const c = graph.data("c", [], "bool");

describe("the constructor of a primitive", () => {
  it("gives plain numbers the shape and type of the expressions beside them", () => {
    expect(add(x, 1)).toBe(add(x, graph.constant(1)));
    expect(add(i, 1).dtype).toBe("int");
    expect(add(1, i).dtype).toBe("int");
    expect(mod(i, 2).dtype).toBe("int");
    expect(add(i, 0.5).dtype).toBe("real");
    expect(select(c, i, 0).dtype).toBe("int");
    expect(select(c, x, 0).dtype).toBe("real");
  });

  it("takes ints where reals are needed", () => {
    expect(exp(i)).toBe(exp(toReal(i)));
    expect(div(i, 2).dtype).toBe("real");
    expect(less(i, 3).dtype).toBe("bool");
    expect(equal(i, i).dtype).toBe("bool");
    expect(mul(x, i).dtype).toBe("real");
  });

  it("does not take conditions for numbers, or numbers for conditions", () => {
    expect(() => exp(c)).toThrow(/needs a real/);
    expect(() => and(c, x)).toThrow(/needs a bool/);
    expect(() => floorDiv(x, 2)).toThrow(/needs a int/);
  });

  it("needs at least one expression", () => {
    expect(() => add(1, 2)).toThrow(/at least one expression/);
  });

  it("combines more than two operands from the left", () => {
    const y = graph.param("y");
    expect(max(x, y, 3)).toBe(max(max(x, y), 3));
  });
});

describe("conversions", () => {
  it("leave a real as it is and turn conditions into 1 and 0", () => {
    expect(toReal(x)).toBe(x);
    expect(toReal(c)).toBe(select(c, 1, 0));
    expect(toReal(c).dtype).toBe("real");
    expect(toInt(x).dtype).toBe("int");
  });
});
