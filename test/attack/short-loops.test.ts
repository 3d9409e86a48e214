import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

const bound = (text: string) => compileModel(loadModel({ name: "short.nabla", text })).bind({});

describe("elements of a small matrix that is put together from parts", () => {
  it("are read when all parts are in", () => {
    const short = bound(
      "param a: [2]\nlet H = hessian(sum(a^2) + a[0]^4, a)\noutput H1 = H\noutput d = det(H)\noutput l = logdet(H)",
    );
    const { H1, d, l } = short.outputs({ a: [0.3, -0.4] });
    expect([...H1!]).toEqual([2 + 12 * 0.3 ** 2, 0, 0, 2]);
    expect(d![0]).toBeCloseTo(6.16, 12);
    expect(l![0]).toBeCloseTo(Math.log(6.16), 12);
  });

  it("let a minimum be found", () => {
    const least = bound("param a: [2]\nlet z = argmin(z = [0.1, 0.2]: sum((z - a)^2) + z[0]^4)\nloss = sum(z^2)");
    expect(least.loss({ a: [0.3, -0.4] })).toBeCloseTo(0.2293984739287843, 12);
  });
});

describe("loops of no steps", () => {
  it.each(["0..0", "0..4"])("have derivatives of products with what is carried, checkpoints of %s too", (range) => {
    const text = `param A: [2, 2], b: [2]\nlet y = scan(i in ${range}, y = b: A @ y)\nloss = sum(y^2)`;
    const [x, v] = [Float64Array.of(0.5, -1, 0.25, 2, 1, 3), Float64Array.of(1, 2, -1, 0.5, 1, -2)];
    const products = [{}, { checkpoints: 2 }, { rewrites: "none" as const }].map((options) => {
      const h = new Float64Array(6);
      compileModel(loadModel({ name: "short.nabla", text }), options)
        .bind({})
        .flat.hvp(x, v, h);
      return [...h];
    });
    for (const [k, value] of products[2]!.entries()) {
      expect(products[0]![k]).toBeCloseTo(value, 10);
      expect(products[1]![k]).toBeCloseTo(value, 10);
    }
    if (range === "0..0") expect(products[0]).toEqual([0, 0, 0, 0, 2, -4]);
  });
});
