import { describe, expect, it } from "vitest";
import { gradient, jvp, vjp } from "../../src/autodiff/derivatives.ts";
import { pathSums } from "../../src/check/absolute.ts";
import { compareAll } from "../../src/check/laws.ts";
import { linearForms } from "../../src/check/programs/forms.ts";
import { type Kind, shapes } from "../../src/check/programs/kinds.ts";
import { realField } from "../../src/interpreter/field.ts";
import { evaluateShape, interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { dot } from "../../src/ops/arrays/contractions.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { abs } from "../../src/ops/elementary/rounding.ts";
import { forPrograms, slopeOf } from "./subject.ts";

const total = (list: readonly Expr[]) => (list.length > 1 ? add(...list) : list[0]!);

// property 5
describe("the gradient is linear in the function", () => {
  it("exactly, for a factor that is a power of two", () => {
    forPrograms(200, ({ program: { output, parameters }, at }) => {
      const scaled = at.real(gradient(mul(output, 0.25), parameters)).flat();
      const plain = at.real(gradient(output, parameters)).flat();
      return plain.map((slope, k) => ({ where: `${k}`, got: scaled[k]!, expected: 0.25 * slope, tolerance: 0 }));
    });
  });

  it("within rounding, for sums of functions that share parts", () => {
    forPrograms(200, ({ program: { parts, parameters }, derivatives: { v }, at }) => {
      const weighted = parts.map((part, k) => mul(part, k % 2 === 0 ? 3 + k : -1 / (k + 2)));
      const whole = slopeOf(total(weighted), parameters, v);
      const separate = weighted.map((part) => slopeOf(part, parameters, v).slope);
      const [got, expected, scale] = at.real([whole.slope, total(separate), whole.scale]);
      return compareAll(["gradient . v"], [got!], [expected!], [scale!]);
    });
  });
});

/** The last tensor of a program that is no scalar, or its output. */
function tensorOf(output: Expr): Expr {
  const nodes = topologicalOrder([output]).filter((node) => node.kind !== "leaf" && node.dtype === "real");
  return nodes.reverse().find((node) => !node.isScalar) ?? output;
}

// property 7
describe("forward and reverse mode are adjoint: y . J v = J'y . v", () => {
  it("within rounding, for tensors of random programs", () => {
    forPrograms(200, ({ program: { output, parameters }, derivatives: { v }, at }) => {
      const F = tensorOf(output);
      const y = F.graph.constantLike(-2, F);
      const forward = jvp(F, new Map(parameters.map((x, k) => [x, v[k]!])));
      const backward = vjp(F, y, parameters).map((g, k) => dot(g, v[k]!));
      const changes = new Map(parameters.map((x, k) => [x, abs(v[k]!)]));
      const scale = dot(abs(y), pathSums([F], changes)[0]!);
      const [got, expected, scales] = at.real([
        forward ? dot(y, forward) : F.graph.constant(0),
        total(backward),
        scale,
      ]);
      return compareAll(["y . J v"], [got!], [expected!], [scales!]);
    });
  });

  const kinds = Object.keys(linearForms) as Kind[];
  const forms = kinds.flatMap((kind) =>
    linearForms[kind].map((form, k) => ({ kind, form, title: `${kind}, form ${k}` })),
  );
  it.each(forms)("exactly, for linear nodes on whole numbers: $title", ({ kind, form }) => {
    for (const sizes of [
      new Map([
        ["n", 3],
        ["d", 2],
      ]),
      new Map([
        ["n", 2],
        ["d", 4],
      ]),
      new Map([
        ["n", 1],
        ["d", 1],
      ]),
    ]) {
      const graph = new Graph();
      const x = graph.param("x", shapes[kind]);
      const z = form(x);
      const [v, y] = [graph.variable(x.shape), graph.variable(z.shape)];
      const left = dot(y, jvp(z, new Map([[x, v]]))!);
      const right = dot(vjp(z, y, [x])[0]!, v);
      const whole = (node: Expr, factor: number) => {
        const count = evaluateShape(node.shape, sizes).reduce((product, size) => product * size, 1);
        return Array.from({ length: count }, (_, k) => ((factor * (k + 1)) % 13) - 6);
      };
      const rows = sizes.get("n")!;
      const values = new Map([
        [x, whole(x, 5)],
        [v, whole(v, 7)],
        [y, whole(y, 11)],
        [graph.data("pick", shapes.rows, "int"), Array.from({ length: rows }, (_, k) => (k * k) % rows)],
      ]);
      const [forward, backward] = interpret([left, right], { sizes, values }, realField);
      expect(forward).toEqual(backward);
    }
  });
});
