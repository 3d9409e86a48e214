import { describe, expect, it } from "vitest";
import { eye, model, outer } from "../../src/build/api/api.ts";
import { mat, vec } from "../../src/build/api/declare.ts";
import { vmap } from "../../src/build/api/vmap.ts";
import { logdet } from "../../src/build/entries/linear-algebra.ts";
import { compile } from "../../src/compile/api.ts";

const A = [
  [2, 1, 0],
  [0, 1, 3],
];

describe("vmap over the axis of a tensor", () => {
  it("is the function of each row, with what it takes from around", () => {
    const m = model({ A: mat("n", "d"), w: vec("d") }, ({ A, w }) => ({
      loss: vmap((row) => row!.mul(w).exp().sum())(A).sum(),
      rows: vmap((row, again) => row!.add(again!))(A, A),
    }));
    const { loss, outputs, gradient } = compile(m, { wrt: ["w"] });
    const w = [0.1, -0.2, 0.3];
    const terms = A.map((row) => row.map((x, k) => Math.exp(x * w[k]!)));
    expect(loss({ A, w })).toBeCloseTo(
      terms.flat().reduce((a, b) => a + b),
      12,
    );
    expect([...outputs({ A, w }, ["rows"]).rows!]).toEqual(A.flat().map((x) => 2 * x));
    const slope = w.map((_, k) => A.reduce((sum, row, r) => sum + row[k]! * terms[r]![k]!, 0));
    for (const [k, value] of gradient({ A, w }).w!.entries()) expect(value).toBeCloseTo(slope[k]!, 12);
  });

  it("takes functions of whole matrices", () => {
    const m = model({ B: mat("n", "d") }, ({ B }) =>
      vmap((b) => logdet(outer(b!, b!).add(eye(b!.shape[0]!))))(B).sum(),
    );
    // det(1 + b b') = 1 + b'b
    const expected = A.reduce((sum, row) => sum + Math.log(1 + row.reduce((all, x) => all + x * x, 0)), 0);
    expect(compile(m).loss({ B: A })).toBeCloseTo(expected, 12);
  });

  it("refuses what has no axis, and tensors that differ in theirs", () => {
    const over = (shape: "n" | "m") =>
      model({ A: mat("n", "d"), B: mat(shape, "d") }, ({ A, B }) => vmap((a, b) => a!.dot(b!))(A, B).sum());
    expect(() => model({ w: vec("d") }, ({ w }) => vmap((x) => x!)(w.sum()).sum())).toThrow(
      "vmap needs tensors with an axis",
    );
    expect(() => compile(over("m")).loss({ A, B: A.slice(1) })).toThrow();
    expect(compile(over("n")).loss({ A, B: A })).toBe(15);
  });
});
