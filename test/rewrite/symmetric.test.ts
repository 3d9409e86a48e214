import { describe, expect, it } from "vitest";
import { linearAlgebra } from "../../src/extensions/linear-algebra.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { sum, transpose } from "../../src/ops/arrays/contractions.ts";
import { einsum, identityLike, partOf } from "../../src/ops/arrays/letters.ts";
import { add, div, mul, square, sub } from "../../src/ops/elementary/algebra.ts";
import { equal, less, max, select } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { cos } from "../../src/ops/elementary/trigonometric.ts";
import { cholesky, choleskyInverse } from "../../src/ops/linear-algebra/cholesky.ts";
import { isSymmetric } from "../../src/rewrite/facts/symmetric.ts";

const n = Integer.named("n");
const d = Integer.named("d");
const graph = new Graph([linearAlgebra]);
const [A, X, u, v] = [graph.param("A", [n, n]), graph.param("X", [n, d]), graph.param("u", [n]), graph.param("v", [n])];
const ones = graph.constant(1, [n, n]);
const outer = (a: Expr, b: Expr) =>
  einsum(0, "ij", [
    [a, "i"],
    [b, "j"],
  ]);
const gram = einsum(0, "ij", [
  [X, "ik"],
  [X, "jk"],
]);
const ofRow = einsum(0, "ij", [
  [u, "i"],
  [ones, "ij"],
]);
const ofColumn = einsum(0, "ij", [
  [u, "j"],
  [ones, "ij"],
]);
const difference = sub(ofRow, ofColumn);
const definite = add(gram, identityLike(A, 0));
const rows = graph.constant(1, [n, n, d]);
const apart = sub(
  einsum(0, "ijk", [
    [X, "ik"],
    [rows, "ijk"],
  ]),
  einsum(0, "ijk", [
    [X, "jk"],
    [rows, "ijk"],
  ]),
);

describe("a matrix that is symmetric by how it is made", () => {
  const cases: readonly (readonly [string, Expr, boolean])[] = [
    ["any matrix", A, false],
    ["a constant", ones, true],
    ["the identity", identityLike(A, 0), true],
    ["a triangle", partOf(ones, 0, "lower"), false],
    ["rows times rows", gram, true],
    ["a product of two vectors", outer(u, v), false],
    ["that and its transpose", add(outer(u, v), outer(v, u)), true],
    ["a multiple of a vector times the vector", outer(mul(3, u), u), true],
    ["a matrix and its transpose", add(A, transpose(A, [1, 0])), true],
    ["a function of a symmetric one", exp(gram), true],
    ["differences", difference, false],
    ["squares of differences", square(difference), true],
    ["an even function of differences", cos(difference), true],
    ["differences times differences", mul(sub(mul(3, ofRow), mul(3, ofColumn)), difference), true],
    ["differences times a symmetric matrix", mul(difference, gram), false],
    ["differences by a symmetric matrix", div(difference, exp(gram)), false],
    ["these times differences", mul(div(difference, exp(gram)), difference), true],
    ["the larger of two elements", max(ofRow, ofColumn), true],
    ["a choice by places", select(equal(graph.iota([n, n], 0), graph.iota([n, n], 1)), ones, gram), true],
    ["a choice of the upper triangle", select(less(graph.iota([n, n], 0), graph.iota([n, n], 1)), ones, gram), false],
    ["distances between rows", sum(square(apart), [2]), true],
    ["sums of differences between rows", sum(apart, [2]), false],
    ["an inverse", choleskyInverse("", definite, cholesky("", definite)[0]!)[0]!, true],
    ["a factor of Cholesky", cholesky("", definite)[0]!, false],
  ];

  it.each(cases)("%s", (_, matrix, expected) => {
    expect(isSymmetric(matrix, [0, 1])).toBe(expected);
    if (!expected) return;
    const sizes = new Map([
      ["n", 3],
      ["d", 2],
    ]);
    const values = new Map(
      [A, X, u, v].map((leaf, k) => [leaf, Array.from({ length: 9 }, (_, at) => Math.sin(at + k))]),
    );
    for (const [leaf, list] of values) values.set(leaf, list.slice(0, leaf === A ? 9 : leaf === X ? 6 : 3));
    const [found, turned] = interpret([matrix, transpose(matrix, [1, 0])], { sizes, values }, realField);
    for (const [k, value] of found!.entries()) expect(turned![k]).toBeCloseTo(value, 12);
  });
});
