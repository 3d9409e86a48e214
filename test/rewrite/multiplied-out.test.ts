import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const squares = "sum(x^2, axis=1)[:, None] + sum(z^2, axis=1)[None, :]";
/** Squares of distances of all rows of x from all of z, multiplied out, as people write them. */
const forms = [
  `${squares} - 2 * x @ z'`,
  `${squares} - 2 * (x @ z')`,
  `${squares} - x @ (2 * z)'`,
  `-2 * x @ z' + ${squares}`,
  `relu(${squares} - 2 * x @ z')`,
  `max(${squares} - 2 * x @ z', 0)`,
  `abs(${squares} - 2 * x @ z')`,
  `clamp(${squares} - 2 * x @ z', 0, inf)`,
  "[i in 0..n, j in 0..m: dot(x[i], x[i]) + dot(z[j], z[j]) - 2 * dot(x[i], z[j])]",
  "[i in 0..n, j in 0..m: max(sum(k: x[i, k]^2) + sum(k: z[j, k]^2) - 2 * sum(k: x[i, k] * z[j, k]), 0)]",
];
const plain = "[i in 0..n, j in 0..m: sum(k: (x[i, k] - z[j, k])^2)]";

const model = (squared: string, loss: string) =>
  compileText(`param x: [n, d], z: [m, d], l = 0.7\nlet D = ${squared}\nlet r = sqrt(D)\nloss = ${loss}`);

describe("the root of a squared distance that is multiplied out", () => {
  it.each(forms)("has the digits of the distance, and a slope where it is 0: %s", (form) => {
    const at = {
      x: [
        [1e7, 2],
        [1e7 + 1, 2],
        [1e7 + 3, 4],
      ],
      z: [
        [1e7, 2],
        [1e7 + 1.5, 2],
      ],
      l: 0.7,
    };
    for (const loss of ["sum(exp(-r / l))", "sum(sqrt(5 * D) / l)", "sum(sqrt(D / l^2))", "sum(r)"]) {
      const [mine, right] = [form, plain].map((each) => model(each, loss).lossAndGradient(at));
      expect(mine!.loss).toBeCloseTo(right!.loss, 12);
      for (const name of ["x", "z", "l"]) {
        for (const [k, value] of mine!.gradient[name]!.entries()) {
          expect(Math.abs(value - right!.gradient[name]![k]!)).toBeLessThan(1e-13);
        }
      }
    }
  });

  it("has the curvature of a kernel at rows that coincide", () => {
    const at = {
      x: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
      z: [[0.1, 0.2]],
      l: 0.7,
    };
    const loss = "sum((1 + r / l) * exp(-r / l))";
    const [mine, right] = [forms[4]!, plain].map((each) => model(each, loss).hessian(at).x!.x!);
    for (const [k, value] of mine!.entries()) expect(Math.abs(value - right![k]!)).toBeLessThan(1e-13);
  });

  it.each([
    `${squares} - x @ z'`,
    `${squares} + 2 * x @ z'`,
    `${squares} - 2 * x @ x[0..m]'`,
    "sum(x^2, axis=1)[:, None] + sum(x[0..m]^2, axis=1)[None, :] - 2 * x @ z'",
  ])("is none of other sums of three: %s", (other) => {
    const at = {
      x: [
        [0.1, 0.2],
        [0.3, 0.4],
        [0.9, 0.3],
      ],
      z: [
        [-5, -2.5],
        [-5, -1],
      ],
    };
    const [all, none] = (["all", "none"] as const).map((rewrites) =>
      compileText(`param x: [n, d], z: [m, d]\nloss = sum(sqrt(${other}))`, { rewrites }).loss(at),
    );
    expect(all).toBeGreaterThan(1);
    expect(all).toBeCloseTo(none!, 13);
  });
});
