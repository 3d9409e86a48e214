import { describe, expect, it } from "vitest";
import { Graph } from "../../src/ir/graph.ts";
import { operationFamilies, operations } from "../../src/ops/registry.ts";
import { inferUnits } from "../../src/units/infer.ts";

const unstated = { leaves: new Map(), quantities: new Map() };
const members = [...operationFamilies.values()].map((family) => family(family.lowestOrder + 1));

describe("the units of a primitive", () => {
  it.each([...operations.values(), ...members].map((operation) => [operation.primitive.name, operation] as const))(
    "%s: a partial has the unit of the result over that of its operand, and asks for nothing more",
    (_name, operation) => {
      const { primitive } = operation;
      const graph = new Graph();
      const arity = primitive.arity === "variadic" ? 2 : primitive.arity;
      const operands = Array.from({ length: arity }, (_, k) =>
        graph.data(`x${k}`, [], primitive.operands?.[k] ?? primitive.operands?.[0] ?? "real"),
      );
      const z = graph.map(primitive, operands);
      const alone = inferUnits([...operands, z], unstated);
      const free = (inferred: typeof alone) => new Set(operands.flatMap((x) => inferred.unitOf(x)!.unknowns)).size;
      for (const [position, x] of operands.entries()) {
        const partial = primitive.partials[position] ?? primitive.partials[0]!;
        if (typeof partial !== "function") continue;
        const slope = partial(operands, z, position);
        const both = inferUnits([...operands, z, slope], unstated);
        expect(both.errors).toEqual([]);
        expect(free(both)).toBe(free(alone));
        const unit = both.unitOf(slope);
        if (unit) expect(unit.times(both.unitOf(x)!).text).toBe(both.unitOf(z)!.text);
      }
    },
  );
});
