import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { randomScans, randomSteps } from "../generators/scans.ts";
import { computedByAll } from "./engines.ts";

describe("loops that read what earlier ones compute", () => {
  it("have the values of loops as written, whatever runs them", () => {
    const law = fc.property(fc.nat({ max: 3 }), randomSteps, (length, steps) => {
      const { loss, parameters, values } = randomScans(length, steps);
      const built = [loss, ...gradient(loss, parameters), ...hvp(loss, parameters, parameters)];
      const roots = simplify(built, { last: true });
      const bindings = { sizes: new Map<string, number>(), values };
      const expected = interpret(built, bindings, realField).flat();
      // rounding, grown in up to six steps of a few products each
      const tolerance = 1e-11 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      for (const list of computedByAll(roots, bindings)) {
        expect(list.flat().filter((value, k) => !(Math.abs(value - expected[k]!) <= tolerance))).toEqual([]);
      }
    });
    fc.assert(law, { numRuns: 12 });
  });
});
