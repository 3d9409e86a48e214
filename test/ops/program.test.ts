import { describe, expect, it } from "vitest";
import { complexOf, continuationOf } from "../../src/ops/continuation.ts";
import { operation } from "../../src/ops/define.ts";
import { add, mul, neg, square } from "../../src/ops/elementary/algebra.ts";
import { greater, select } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { compileProgram, realOf } from "../../src/ops/program.ts";

/** The negative, which counts how often it runs. */
function counted() {
  const runs = { count: 0 };
  const { primitive } = neg;
  const count = operation({
    ...primitive,
    name: "counted",
    complex: continuationOf(primitive),
    real: (x) => {
      runs.count++;
      return -x;
    },
  });
  return { runs, count };
}

describe("a program", () => {
  it("computes what it says, over reals and complex numbers", () => {
    const horner = realOf((x, y) => add(mul(x, add(mul(2, x), 3)), y));
    expect(horner(5, 7)).toBe(72);
    expect(horner(1, 0)).toBe(5);
    expect(complexOf((x) => square(x))({ re: 3, im: 2 ** -100 })).toEqual({ re: 9, im: 6 * 2 ** -100 });
  });

  it("returns an operand or a constant as it is", () => {
    expect(realOf((x) => x)(4)).toBe(4);
    expect(realOf((x) => x.graph.constantLike(2, x))(4)).toBe(2);
  });

  it("runs only the side of a select that is chosen", () => {
    const { runs, count } = counted();
    const oneSided = realOf((x) => select(greater(x, 0), count(exp(x)), x));
    expect(oneSided(-1)).toBe(-1);
    expect(runs.count).toBe(0);
    expect(oneSided(1)).toBe(-Math.E);
    expect(runs.count).toBe(1);
  });

  it("runs what both sides need once, before the choice", () => {
    const { runs, count } = counted();
    const shared = realOf((x) => {
      const y = count(x);
      return select(greater(x, 0), y, select(greater(x, -1), mul(y, 2), square(y)));
    });
    expect([shared(1), shared(-0.5), shared(-3)]).toEqual([-1, 1, 9]);
    expect(runs.count).toBe(3);
  });

  it("keeps nodes of nested sides in the innermost side that needs them", () => {
    const program = compileProgram((x) => select(greater(x, 0), select(greater(x, 1), exp(x), square(x)), neg(x)), 1);
    expect(program.body.steps.map((step) => step.kind)).toEqual(["apply", "choose"]);
    const outer = program.body.steps[1]!;
    if (outer.kind !== "choose") throw new Error("expected a choice");
    expect(outer.yes.steps.map((step) => step.kind)).toEqual(["apply", "choose"]);
    expect(outer.no.steps).toHaveLength(1);
  });

  it("chooses by the real part over complex numbers", () => {
    const f = complexOf((x) => select(greater(x, 0), square(x), neg(x)));
    expect(f({ re: -2, im: 1 })).toEqual({ re: 2, im: -1 });
    expect(f({ re: 2, im: 1 })).toEqual({ re: 3, im: 4 });
  });
});
