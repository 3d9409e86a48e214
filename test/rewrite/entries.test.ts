import { describe, it } from "vitest";
import { sum } from "../../src/core.ts";
import { compile, model, param } from "../../src/index.ts";
import { compileText, e, loadModel } from "../../src/language.ts";
import { expectClose } from "./references.ts";

// By nabla and nabla/language, graphs know all rules from the start, also those that hold no special function.

const text = "param x: [2]\nloss = sum(acos(1 - x^2)^2)";
const at = { x: [1e-9, 0.5] };
const along = { x: [1, 1] };

// of mpmath, 40 digits
const loss = [0.52234479296242];
const gradient = [4e-9, 2.185342952804143];
const product = [4, 5.195812272229755];

const functions = {
  "compileText of nabla/language": () => compileText(text),
  "loadModel of nabla/language": () => compile(loadModel({ name: "small angles", text })),
  "model of nabla": () =>
    compile(
      model({ x: param([2]) }, ({ x }) => {
        const angle = x.square().neg().add(1).acos();
        return sum(angle.square());
      }),
    ),
  "a template in a model of nabla": () => compile(model({ x: param([2]) }, ({ x }) => e`sum(acos(1 - ${x}^2)^2)`)),
};

describe("small angles of cosines", () => {
  it.each(Object.entries(functions))("keep their digits by %s", (_, make) => {
    const compiled = make();
    expectClose([compiled.loss(at)], loss);
    const { x: slopes } = compiled.gradient(at);
    const { x: products } = compiled.hvp(at, along);
    for (const [k, each] of gradient.entries()) expectClose([slopes![k]!], [each]);
    for (const [k, each] of product.entries()) expectClose([products![k]!], [each]);
  });
});
