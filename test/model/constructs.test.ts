import { describe, expect, it } from "vitest";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { broken, type Inputs, outputAt } from "../build/evaluate.ts";

type Row = readonly [text: string, inputs: Inputs, expected: readonly number[]];

const x = [1, 2, 4, 8];
const A = [
  [1, 2, 3],
  [4, 5, 6],
];
const vector = "data x: [n]\n";
const matrix = "data A: [m, n]\n";

const rows: Readonly<Record<string, readonly Row[]>> = {
  "arithmetic and its grouping": [
    [`${vector}let out = 2 * x, other = sum(out)\noutput other, out`, { x }, [2, 4, 8, 16]],
    [`${vector}let out = 2 * x\noutput out = out`, { x }, [2, 4, 8, 16]],
    ["data out: [n]\noutput out", { out: x }, [1, 2, 4, 8]],
    ["output out = -2^2 + 7 // 2 * 2 - 1 / 4", {}, [-4 + 6 - 0.25]],
    ["output out = 2^3^2 + 2^-1", {}, [512.5]],
    [`${vector}output out = 2 * x^2 - x / 2`, { x }, [1.5, 7, 30, 124]],
    ["data n: int\noutput out = n // 2 + n / 2", { n: 7 }, [6.5]],
    ["const half = 1 / 2, c = sqrt(16) * half\noutput out = c", {}, [2]],
    ["output out = pi - pi + (if 1 < 2 and not false then 3 else inf)", {}, [3]],
    [`${vector}output out = select(x > 1 and x < 8 or x == 8, x, -1)`, { x }, [-1, 2, 4, 8]],
  ],
  "broadcasting from the right": [
    [`${matrix}data r: [n]\noutput out = A * r + 1`, { A, r: [1, 0, -1] }, [2, 1, -2, 5, 1, -5]],
    ["data a: [m, 1], b: [1, n]\noutput out = a + b", { a: [[1], [2]], b: [[10, 20]] }, [11, 21, 12, 22]],
  ],
  reads: [
    [`${matrix}output out = A[1]`, { A }, [4, 5, 6]],
    [`${matrix}output out = A[:, 1]`, { A }, [2, 5]],
    [`${matrix}output out = A[0, 1..n]`, { A }, [2, 3]],
    [`${vector}output out = x[1..n - 1][1..2]`, { x }, [4]],
    [`${matrix}output out = A'`, { A }, [1, 4, 2, 5, 3, 6]],
    [`${matrix}data at: int[k] within 0..m\noutput out = A[at]`, { A, at: [1, 0, 1] }, [4, 5, 6, 1, 2, 3, 4, 5, 6]],
    [`${matrix}data at: int[k] within 0..n\noutput out = A[1, at]`, { A, at: [2, 0] }, [6, 4]],
    [
      `${matrix}data at: int[k] within 0..m, to: int[k] within 0..n\noutput out = A[at, to]`,
      { A, at: [1, 0], to: [2, 0] },
      [6, 1],
    ],
    [`${vector}output out = [i in 0..2: x[2*i + 1]]`, { x }, [2, 8]],
    [`${vector}output out = [i in 0..3, j in 0..2: x[i * j]]`, { x }, [1, 1, 1, 2, 1, 4]],
    [`${vector}output out = x[n - 1]`, { x }, [8]],
    [`${matrix}output out = (A * A)[1, 2] + A'[2, 0]`, { A }, [39]],
  ],
  "ranges that are found": [
    [`${vector}output out = [i: x[i + 1] - x[i]]`, { x }, [1, 2, 4]],
    [`${vector}output out = [i: x[i] + x[i - 1]]`, { x }, [3, 6, 12]],
    [`${vector}output out = [i: x[2*i]]`, { x }, [1, 4]],
    [`${vector}output out = [i: x[2*i + 1] - x[2*i]]`, { x: [1, 2, 4, 8, 9] }, [1, 4]],
    [`${vector}output out = [i: x[n - 1 - i]]`, { x }, [8, 4, 2, 1]],
    [`${vector}output out = [i: i * x[i - 1]]`, { x }, [1, 4, 12, 32]],
    [`${vector}output out = [i: if i > 0 then x[i] - x[i - 1] else x[i]]`, { x }, [1, 1, 2, 4]],
    [`${vector}output out = [i: if i + 1 < n then x[i + 1] else x[i]]`, { x }, [2, 4, 8, 8]],
    [`${vector}data f: [k]\noutput out = [i: sum(u: f[u] * x[i + u])]`, { x, f: [1, 10] }, [21, 42, 84]],
    [`${vector}data f: [k]\noutput out = sum(i, u: f[u] * x[i + u])`, { x, f: [1, 10] }, [147]],
    [`${matrix}output out = [j: sum(i: A[i, j])]`, { A }, [5, 7, 9]],
    [`${matrix}output out = [i: [j: A[i, j + 1]][0]]`, { A }, [1, 4]],
    [
      "data x: [n * d], d0: [d]\noutput out = [i: sum(j in 0..d: x[i*d + j])]",
      { x: [1, 2, 3, 4, 5, 6], d0: [0, 0] },
      [3, 7, 11],
    ],
  ],
  binders: [
    [`${vector}output out = sum(i in 1..3: x[i])`, { x }, [6]],
    [`${vector}output out = sum(i in 0..0: x[i]) + prod(i in 2..2: x[i])`, { x }, [1]],
    [`${vector}output out = sum(i in 0..n: i) + sum(i in 0..3: 2)`, { x }, [12]],
    [`${vector}output out = prod(i: x[i]) + max(i: x[i]) + min(i: x[i]) + mean(i: x[i])`, { x }, [64 + 8 + 1 + 15 / 4]],
    [`${vector}output out = logsumexp(i: x[i])`, { x: [0, 0, 0, 0] }, [Math.log(4)]],
    [`${vector}output out = argmax(i: x[i]) + 10 * argmin(i in 1..n: x[i])`, { x }, [13]],
    [`${matrix}output out = [i: max(j: A[i, j])]`, { A }, [3, 6]],
    [`${matrix}output out = sum(i: A[i])`, { A }, [5, 7, 9]],
    [`${matrix}output out = sum(row in A: sum(row)^2)`, { A }, [36 + 225]],
    [`${vector}output out = [i in 0..n: sum(j in 0..i + 1: x[j])]`, { x }, [1, 3, 7, 15]],
    [`${vector}output out = [i in 0..n: sum(j in i..n: x[j])]`, { x }, [15, 14, 12, 8]],
    [`${vector}output out = sum(i in 0..n, j in 0..i: x[i] * x[j])`, { x }, [2 + 4 * 3 + 8 * 7]],
    [`${vector}output out = [i in 0..n: mean(j in 0..i + 1: x[j])]`, { x }, [1, 1.5, 7 / 3, 3.75]],
    [`${vector}output out = [i in 1..n: max(j in 0..i: x[j] + 0)]`, { x }, [1, 2, 4]],
    [
      `${vector}output out = [i in 1..3: exp(logsumexp(j in 0..i: log(x[j])))]`,
      { x },
      [1, 3].map((value) => Math.exp(Math.log(value))),
    ],
    [`${vector}output out = [i in 0..n, j in 0..2: x[i]]`, { x }, [1, 1, 2, 2, 4, 4, 8, 8]],
    ["data label: int[n] within 0..k, w: [k]\noutput out = sum(i: w[label[i]])", { label: [1, 1, 0], w: [5, 7] }, [19]],
    [`${vector}output out = sum(x > 1) + sum(i: x[i] > 2)`, { x }, [5]],
  ],
  "blocks, records and definitions": [
    ["data a\noutput out = { let b = a * 2, c = b + 1\n return b * c }", { a: 3 }, [42]],
    ["data a\nlet r = { p = a + 1; q = a * 2 }\noutput out = r.p * r.q", { a: 3 }, [24]],
    ["data a, b\ndef f(x, y) = x^2 + y\noutput out = f(a, f(b, 1))", { a: 2, b: 3 }, [14]],
    ["data a, b\ndef f(x, y) = x^2 + y\noutput out = f(y = a, x = b) + f(a, y = 1)", { a: 2, b: 3 }, [16]],
    [`${vector}def total(v: [k]) = sum(i in 0..k: v[i])\noutput out = total(x) + total(x[0..2])`, { x }, [18]],
    [
      "data y: [d], A: [d, d]\ndef f(y: [d]) = A @ y\noutput out = f(f(y))",
      {
        y: [1, 2],
        A: [
          [0, 1],
          [1, 1],
        ],
      },
      [3, 5],
    ],
    [`${vector}output out = [i: { let z = x[i]; return z * z }]`, { x }, [1, 4, 16, 64]],
  ],
  arrays: [
    ["data a\noutput out = [1, a, 3]", { a: 2 }, [1, 2, 3]],
    ["data a\noutput out = [[1, a], [a, 1]] @ [1, 2]", { a: 3 }, [7, 5]],
    [`${vector}output out = concat(x, [0], x[0..1])`, { x }, [1, 2, 4, 8, 0, 1]],
    [`${matrix}output out = concat(A, A[:, 0..1], axis = 1)`, { A }, [1, 2, 3, 1, 4, 5, 6, 4]],
    [`${vector}output out = stack(x[0..2], x[2..4], axis = 1)`, { x }, [1, 4, 2, 8]],
    [`${vector}output out = reverse(x)`, { x }, [8, 4, 2, 1]],
    [`${matrix}output out = reverse(A, axis = 0)[0]`, { A }, [4, 5, 6]],
    [`${matrix}output out = reshape(A, [n, m])[1]`, { A }, [3, 4]],
    [`${matrix}output out = flatten(A)[m * n - 1]`, { A }, [6]],
    [`${vector}output out = pad(x, [1])`, { x }, [0, 1, 2, 4, 8, 0]],
    [`${vector}output out = pad(x, [[0, 2]])[2..6]`, { x }, [4, 8, 0, 0]],
    [`${vector}output out = pad(x[0..3], [1])`, { x }, [0, 1, 2, 4, 0]],
    ["output out = [zeros(2), ones(2)]", {}, [0, 0, 1, 1]],
    ["output out = eye(2) + zeros(2, 2)", {}, [1, 0, 0, 1]],
    ["output out = linspace(1, 2, 5)", {}, [1, 1.25, 1.5, 1.75, 2]],
    [`${matrix}output out = A @ A'`, { A }, [14, 32, 32, 77]],
    [`${vector}output out = x @ x + dot(x, x) + sum(outer(x, x))`, { x }, [85 + 85 + 225]],
    [`${matrix}output out = trace(A @ A') + sum(diagonal(A @ A'))`, { A }, [182]],
    [`${vector}output out = cumsum(x) + cumprod(x)`, { x }, [2, 5, 15, 79]],
    [`${matrix}output out = cumsum(A, axis = 0)[1]`, { A }, [5, 7, 9]],
  ],
  "derivatives in the language": [
    ["param w: [n]\noutput out = grad(sum(w^3), w)", { w: [1, 2] }, [3, 12]],
    ["param w\nlet z = w^2\noutput out = grad(z^2 + w * z, z)", { w: 3 }, [2 * 9 + 3]],
    ["param w\nlet z = w^2\nloss = z^2\noutput out = grad(loss, w)", { w: 3 }, [4 * 27]],
    ["param w\nlet z = 2, y = z * w\noutput out = grad(z^2 * y, z)", { w: 5 }, [3 * 4 * 5]],
    ["param w\nlet z = w\noutput out = grad(z * w, z)", { w: 5 }, [5]],
    ["param w\noutput out = grad(grad(grad(w^4, w), w), w)", { w: 2 }, [48]],
    ["param w\nlet f = 3\noutput out = w * grad(f, w) + hvp(f, w, 1) + jvp(f, w, 1)", { w: 2 }, [0]],
    ["param w: [2]\nloss = 3\noutput out = jacobian([1, 2], w)[1] + grad(loss, w)", { w: [1, 2] }, [0, 0]],
    ["param w: [n]\noutput out = hvp(sum(w^4), w, grad(sum(w^4), w))", { w: [2] }, [12 * 4 * 32]],
    ["param w\nlet h = hvp(w^4, w, grad(w^4, w))\noutput out = grad(h, w)", { w: 2 }, [(1536 * 5) / 2]],
    ["param w: [n]\noutput out = hessian(w[0]^2 * w[1], w)", { w: [2, 3] }, [6, 4, 4, 0]],
    ["param w: [n]\noutput out = jacobian([w[0] * w[1], w[1]^2], w)", { w: [2, 3] }, [3, 2, 0, 6]],
    ["param w: [2]\noutput out = jvp(w^2, w, [1, -1])", { w: [2, 3] }, [4, -6]],
    ["param w: [n], v: [n]\noutput out = hvp(sum(w^3), w, v) + jvp(w, w, v)", { w: [2, 3], v: [1, 2] }, [13, 38]],
    ["data x: [n]\noutput out = [i: { let z = x[i]; return grad(z^3, z) }]", { x }, x.map((value) => 3 * value ** 2)],
    [
      "param w: [d]\ndata X: [n, d]\noutput out = [i: grad(sum(j: X[i, j] * w[j])^2, w)]",
      {
        w: [1, 1],
        X: [
          [1, 2],
          [3, 4],
        ],
      },
      [6, 12, 42, 56],
    ],
    [
      "data x: [n]\noutput out = [i: { let z = x[i]; return sum(j in 0..3: j * grad(z^j * z, z)) }]",
      { x: [1, 2] },
      [8, 2 * 2 + 2 * 3 * 4],
    ],
    ["param w\ndef slope(x) = grad(sin(x), x)\noutput out = slope(w) + slope(0 * w)", { w: 1 }, [Math.cos(1) + 1]],
    [
      "data x: [3], W1: [4, 3]\nlet u = sum(tanh(W1 @ x))\noutput out = sum(grad(u, x)) - sum(i: sum(j: (1 - tanh(W1 @ x)[i]^2) * W1[i, j]))",
      {
        x: [0.1, 0.2, 0.3],
        W1: [
          [1, 2, 3],
          [0, 1, 0],
          [2, 1, 1],
          [1, 1, 1],
        ],
      },
      [0],
    ],
  ],
  "products over ranges": [
    // the last element is in no range, and has a root of infinite slope
    [
      "param x: [n]\nlet z = sum(j in 0..n: prod(k in 0..j: sqrt(x[k])))\noutput out = grad(z, x)",
      { x: [1, 4, 0] },
      [0.5 + 0.5 * 2, 0.25, 0],
    ],
    ["param x: [n]\noutput out = grad(prod(k in 0..0: sqrt(x[k])), x)", { x: [0, 1] }, [0, 0]],
  ],
  "data with their own values": [
    ["data span = 1, y: [2] = [3, 4], z: [2] = 0\noutput out = span + y + z", {}, [4, 5]],
    ["size steps = 4\noutput out = sum(i in 0..steps: i) / steps", {}, [1.5]],
  ],
};

const all = Object.entries(rows).flatMap(([group, cases]) => cases.map((row) => [group, ...row] as const));

describe("a product over a range", () => {
  it("reads what does not vary along the range once", () => {
    const model = loadModel({
      name: "powers.nabla",
      text: "size m\ndata x: [n]\nlet t = x + 1\noutput out = [i in 0..n, j in 0..m: prod(k in 0..j: t[i])]",
    });
    const [product] = topologicalOrder([model.outputs.get("out")!]).filter(({ kind }) => kind === "reduce");
    const [factor] = product!.operands;
    expect([factor!.kind, ...factor!.operands.map(({ shape }) => shape.length)]).toEqual(["contraction", 1]);
  });
});

describe("a construct of the language", () => {
  it.each(all)("has its meaning: %s: %s", (_group, text, inputs, expected) => {
    const model = loadModel({ name: "case.nabla", text });
    const got = outputAt(model, "out", inputs, text.includes("n * d") ? { n: 3 } : { k: 2 });
    expect(got.map((value) => Math.round(value * 1e12) / 1e12)).toEqual(
      expected.map((value) => Math.round(value * 1e12) / 1e12),
    );
    expect(broken(model, inputs, { k: 2, n: 4 })).toEqual([]);
  });
});
