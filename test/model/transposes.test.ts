import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

const point = {
  w: [0.5, -1.5],
  C: [
    [2, 1],
    [3, -1],
  ],
};

function lossOf(loss: string): number {
  const text = `param w: [n], C: [n, n]\nloss = ${loss}`;
  return compileModel(loadModel({ name: "transposes.nabla", text }))
    .bind()
    .lossAndGradient(point).loss;
}

describe("a transposed vector", () => {
  it.each([
    ["w' @ C @ w", "w @ C @ w"],
    ["w.T @ C @ w", "w @ C @ w"],
    ["w' @ w", "dot(w, w)"],
    ["w' @ C' @ (C @ w)", "w @ C' @ (C @ w)"],
    ["sum((w' @ C)' @ C)", "sum(w @ C @ C)"],
    ["(w + 1)' @ C @ (w - 1)", "(w + 1) @ C @ (w - 1)"],
    ["0.5 * w' @ C @ w", "(0.5 * w) @ C @ w"],
    ["-w' @ C @ w", "(-w) @ C @ w"],
    ["n * w.T / 3 @ C @ w", "(n * w / 3) @ C @ w"],
    ["w' * w[0] @ w", "(w * w[0]) @ w"],
  ])("stands before @, where it means the vector: %s", (written, same) => {
    expect(lossOf(written)).toBe(lossOf(same));
  });
});
