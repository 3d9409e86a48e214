import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compileText } from "../../src/language/all.ts";
import { dot } from "../../src/numeric/vectors.ts";
import {
  fisherProduct,
  gaussNewtonProduct,
  jacobianProduct,
  sparseJacobian,
  transposedJacobianProduct,
} from "../../src/sparse.ts";
import { webAssembly } from "../../src/wasm.ts";

const wave = (n: number, phase: number) => Float64Array.from({ length: n }, (_, k) => Math.sin(phase + 1.3 * k));

describe("products with Jacobians", () => {
  it.each([
    "output y = tanh(X @ w + b)",
    "output y = [i, j: w[j]^2 * X[i,j] * exp(b)]",
    "output y = sum(w) * b",
    "output y = [i in 0..2: 3.5]",
    "output y = cumsum(w * w)",
  ])("are each other's transpose for %s", (output) => {
    const bound = compileText(`param w: [d], b\ndata X: [n, d]\n${output}`).bind({
      X: [
        [1, 2, 3],
        [4, -1, 0.5],
      ],
    });
    const n = bound.coordinateNames().length;
    const m = bound.outputShape("y").reduce((product, size) => product * size, 1);
    const [x, v, u] = [wave(n, 0.2), wave(n, 1), wave(m, 2)];
    const [y, g] = [new Float64Array(m), new Float64Array(n)];
    jacobianProduct(bound, "y")(x, v, y);
    transposedJacobianProduct(bound, "y")(x, u, g);
    // two sums of about ten terms of size 10
    expect(Math.abs(dot(u, y) - dot(g, v))).toBeLessThan(1e-13 * (1 + Math.abs(dot(u, y))));
  });

  it.each(["js", "wasm"])("find a direction behind arrays of sizes that nothing else needs, by %s", (engine) => {
    const text = "param x: [n], M: [n, q], s\noutput y = [i in 0..2: sin(x[0]) + s]";
    const bound = compileText(text, engine === "js" ? {} : { engine: webAssembly({ use: "always" }) }).bind(
      {},
      { n: 2, q: 3 },
    );
    const y = new Float64Array(2);
    jacobianProduct(bound, "y")(
      new Float64Array(9),
      Float64Array.from({ length: 9 }, (_, k) => k + 1),
      y,
    );
    expect([...y]).toEqual([10, 10]);
    expect([...sparseJacobian(bound, "y").matrix(new Float64Array(9)).columns]).toEqual([0, 8, 0, 8]);
  });

  it("refuse a loss without residuals", () => {
    const bound = compileText("param x\ndata y: [n]\nloss = mean(y^2)").bind({ y: [1, 2] });
    expect(() => gaussNewtonProduct(bound)).toThrow("the loss has no residuals: it does not depend on the parameters");
    expect(() => bound.outputShape("z")).toThrow('no output "z"');
  });

  it("refuse arrays of other lengths and names of no output", () => {
    const bound = compileText("param w: [3]\noutput y = w[0] * w[1]").bind();
    const [x, one] = [new Float64Array(3), new Float64Array(1)];
    expect(() => jacobianProduct(bound, "z")).toThrow('no output "z"');
    expect(() => jacobianProduct(bound, "y")(x, one, one)).toThrow(
      "the direction needs a Float64Array of 3 elements, got one of 1",
    );
    expect(() => transposedJacobianProduct(bound, "y")(x, x.slice(), x.slice())).toThrow(
      "the cotangent needs a Float64Array of 1 element,",
    );
    expect(() => jacobianProduct(bound, "y")(one, x, one)).toThrow("the point needs");
    expect(() => transposedJacobianProduct(bound, "y")(x, one, x)).toThrow("shares memory");
  });
});

describe("gaussNewtonProduct", () => {
  it("is 2 factor J' J v", () => {
    const bound = compileText(
      "param b: [2], s\ndata t: [n], y: [n]\nloss = mean((y - b[0] * exp(b[1] * t) - s)^2) + s^2",
    ).bind({
      t: [0, 1, 2, 3],
      y: [1, 2, 2, 1],
    });
    const oracle = leastSquares(bound);
    const [x, v, h] = [wave(3, 0.3), wave(3, 2), new Float64Array(3)];
    gaussNewtonProduct(bound)(x, v, h);
    const m = oracle.residualCount;
    const J = new Float64Array(3 * m);
    oracle.jacobian(x, J);
    for (let j = 0; j < 3; j++) {
      let expected = 0;
      for (let i = 0; i < m; i++)
        expected += 2 * oracle.residualFactor * J[3 * i + j]! * dot(J.subarray(3 * i, 3 * i + 3), v);
      expect(h[j]).toBeCloseTo(expected, 12);
    }
  });
});

describe("fisherProduct", () => {
  it("is J' diag(p (1 - p)) J v for logits, with the curvature of the penalty", () => {
    const X = [
      [1, 2],
      [0.5, -1],
      [3, 1],
    ];
    const bound = compileText(
      "param w: [2]\ndata X: [n, 2], y: [n]\nlet z = X @ sin(w)\noutput logits = z\nloss = sum(softplus(z) - y * z) + sum(w^2)",
    ).bind({ X, y: [1, 0, 1] });
    const [w, v, h] = [wave(2, 0.4), wave(2, 2), new Float64Array(2)];
    fisherProduct(bound, "logits")(w, v, h);
    const expected = [2 * v[0]!, 2 * v[1]!];
    for (const row of X) {
      const J = row.map((a, j) => a * Math.cos(w[j]!));
      const p = 1 / (1 + Math.exp(-row.reduce((z, a, j) => z + a * Math.sin(w[j]!), 0)));
      for (const j of [0, 1]) expected[j]! += J[j]! * p * (1 - p) * (J[0]! * v[0]! + J[1]! * v[1]!);
    }
    for (const j of [0, 1]) expect(h[j]).toBeCloseTo(expected[j]!, 12);
  });

  it("needs the output in the loss", () => {
    const bound = compileText("param w\noutput y = sin(w)\nloss = w^2").bind();
    expect(() => fisherProduct(bound, "y")).toThrow('the loss does not contain the output "y"');
  });
});
