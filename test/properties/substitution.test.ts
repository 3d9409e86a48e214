import { describe, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compareAll } from "../../src/check/laws.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { iterators } from "../../src/ir/contraction.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { substitute } from "../../src/ir/walks/traverse.ts";
import { dot, view } from "../../src/ops/arrays/contractions.ts";
import { add, sub } from "../../src/ops/elementary/algebra.ts";
import { forPrograms, slopeOf } from "./subject.ts";

/** A z for the whole-number matrix with 1 on the diagonal and -1 above it. */
const transformed = (z: Expr) => sub(z, view(z, z.shape, [iterators(0).plus(1)]));

// property 6
describe("the gradient after a substitution r = A z + b", () => {
  it("is A' times the gradient before it", () => {
    forPrograms(300, ({ program: { graph, output, parameters, sizes, values } }) => {
      const r = parameters[1]!;
      const [z, v] = [graph.variable(r.shape), graph.variable(r.shape)];
      const inside = new Map([[r, add(transformed(z), 0.125)]]);
      const [after] = substitute([output], inside) as [Expr];
      const { slope, scale } = slopeOf(after, [z], [v]);
      const [before] = substitute([dot(gradient(output, [r])[0]!, transformed(v))], inside) as [Expr];
      // small enough for A z + b to stay where r was drawn from
      const shrunk = values.get(r)!.map((value) => 0.4375 * value);
      const direction = shrunk.map((_, k) => ((5 * k) % 7) - 2);
      const bound = new Map([...values, [z, shrunk], [v, direction]]);
      const [got, expected, scales] = interpret([slope, before, scale], { sizes, values: bound }, realField);
      return compareAll(["gradient . v"], [got!], [expected!], [scales!]);
    });
  });
});
