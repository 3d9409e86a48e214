import { describe, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.js";
import { compareAll } from "../../src/check/laws.js";
import { realField } from "../../src/interpreter/field.js";
import { interpret } from "../../src/interpreter/interpret.js";
import { iterators } from "../../src/ir/contraction.js";
import { substitute } from "../../src/ir/traverse.js";
import { add, sub } from "../../src/ops/algebra.js";
import { dot, view } from "../../src/ops/contractions.js";
import { forPrograms, slopeOf } from "./subject.js";
/** A z for the whole-number matrix with 1 on the diagonal and -1 above it. */
const transformed = (z) => sub(z, view(z, z.shape, [iterators(0).plus(1)]));
// property 6
describe("the gradient after a substitution r = A z + b", () => {
    it("is A' times the gradient before it", () => {
        forPrograms(300, ({ program: { graph, output, parameters, sizes, values } }) => {
            const r = parameters[1];
            const [z, v] = [graph.variable(r.shape), graph.variable(r.shape)];
            const inside = new Map([[r, add(transformed(z), 0.125)]]);
            const [after] = substitute([output], inside);
            const { slope, scale } = slopeOf(after, [z], [v]);
            const [before] = substitute([dot(gradient(output, [r])[0], transformed(v))], inside);
            // small enough for A z + b to stay where r was drawn from
            const shrunk = values.get(r).map((value) => 0.4375 * value);
            const direction = shrunk.map((_, k) => ((5 * k) % 7) - 2);
            const bound = new Map([...values, [z, shrunk], [v, direction]]);
            const [got, expected, scales] = interpret([slope, before, scale], { sizes, values: bound }, realField);
            return compareAll(["gradient . v"], [got], [expected], [scales]);
        });
    });
});
