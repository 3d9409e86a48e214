import { describe, expect, it, vi } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { sumOfTerms } from "../../src/autodiff/products.ts";
import { gatherers } from "../../src/build/binders/gather.ts";
import { executable } from "../../src/check/execute.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Field } from "../../src/ir/field.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { loadModel, wholeLanguage } from "../../src/model/load.ts";
import { dot } from "../../src/ops/arrays/contractions.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

vi.setConfig({ testTimeout: 60_000 });

const vector = "param x: [4]\n";
const square = "param A: [3, 3], b: [3]\nlet S = A @ A' + 2 * eye(3)\n";
const image = "param x: [5, 2], f: [3, 2, 2]\n";
const picture = "param x: [4, 4, 2], f: [2, 2, 2, 2]\n";
const rows = "param X: [3, 4]\ndata at: int[5] within 0..3\n";

/** A loss for each construct, nonlinear in what it gives. */
const constructs: Readonly<Record<string, string>> = {
  contraction: "param X: [3, 4], w: [4]\nloss = sum(sin(X @ w)^2 * (X @ w))",
  "guarded sum": `${vector}loss = sum(i in 0..4, j in 0..i: sin(x[i] * x[j]) * x[j])`,
  product: `${vector}loss = prod(sin(x))^2 + prod(i in 1..3: x[i]^2)`,
  "largest and smallest": `${vector}loss = max(x * x)^2 * sum(x) + min(sin(x))^3`,
  "log of a sum": `${vector}loss = logsumexp(x^2) * softmax(x)[1] + logSoftmax(x * x)[2]`,
  "norms and statistics": `${vector}loss = norm(x)^3 + variance(x)^2 + standardDeviation(x) + sum(layerNorm(x)^3 * x)`,
  "running sums and products": `${vector}loss = sum(cumsum(x)^3) + sum(cumprod(x)^2) + sum(cummax(sin(x))^3) * sum(logcumsumexp(x * x[0])^2)`,
  "select by elements": `${vector}loss = sum(select(x > 0.2, sin(x) * sum(x), x^3))`,
  "if by one number": `${vector}loss = (if x[0] > 0 then sum(exp(x * x[1])) else logsumexp(x)) * x[2]`,
  "lookup and scatter": `${rows}loss = sum(sin(X[at])^2 * X[0]) + sum(scatterAdd(X[at], at, 3)^3)`,
  "positions along an axis":
    "param X: [3, 2]\ndata to: int[3, 1] within 0..2\nloss = sum(takeAlongAxis(X, to)^3) * sum(X)",
  "one-hot": `${rows}loss = sum(exp(oneHot(at, 3) @ sin(X)))`,
  "slices, padding and order": `${vector}loss = sum(sin(pad(x[1..3], 1) * reverse(x)) * roll(x, 1)) + sum(diff(x)^3)`,
  "concat, stack and tile": `${vector}loss = sum(sin(concat(x, x^2) * tile(x, 2))) + sum(stack(x, x^3)^2) * sum(repeatElements(x, 2)^3)`,
  "triangles and diagonals":
    "param A: [3, 3]\nloss = sum(tril(sin(A)) @ triu(A)) * trace(A) + sum(diag(diagonal(A))^3)",
  "transposes and reshapes": "param A: [2, 3]\nloss = sum(sin(A' @ A)^2) + sum(reshape(A, [3, 2]) @ A)^2",
  "cross and Kronecker products":
    "param x: [3], y: [3]\nloss = sum(cross(x, y)^3) + sum(sin(kron([x, y], [x * y, y])))",
  "convolution in one dimension": `${image}loss = sum(sin(conv1d(x, f, stride = 2, padding = 1))^2)`,
  "convolution in two dimensions": `${picture}loss = sum(sin(conv2d(x, f, padding = same, dilation = 2))^2)`,
  "convolution by groups": "param x: [5, 4], f: [3, 2, 4]\nloss = sum(sin(conv1d(x, f, groups = 2))^2)",
  "transposed convolution": `${image}loss = sum(sin(convTranspose1d(x, f, stride = 2))^2)`,
  "transposed convolution in two dimensions":
    "param x: [2, 3, 2], f: [2, 3, 2, 2]\nloss = sum(sin(convTranspose2d(x, f, stride = [2, 1], padding = 1, extra = [1, 0]))^2)",
  "convolution in three dimensions":
    "param x: [3, 2, 2, 1], f: [2, 2, 1, 1, 2]\nloss = sum(sin(conv3d(x, f, padding = [1, 0, 0]))^3)",
  "pooling that overlaps, in one and three dimensions": `${vector}let z = [i in 0..4, k in 0..1: sin(x[i]) * x[i]]
loss = sum(maxPool1d(z, window = 2, stride = 1)^3) * sum(avgPool3d([a in 0..2, b in 0..2, i in 0..4, k in 0..1: x[i] * z[i, 0] * (a + b + 1)], window = 2)^2)`,
  pooling: `${picture}loss = sum(maxPool2d(sin(x), window = 2, stride = 1)^3) + sum(avgPool2d(sin(x) * x, window = 2)^3) * sum(f^3)`,
  sort: `${vector}loss = sum(sort(sin(x))^3 * [1, 2, 3, 4]) + sum(topK(x, 2)^3)`,
  scan: `${vector}loss = scan(v in x, h = 0.5, c = x[0]: { h = tanh(h * v + c)\n c = sin(c) * h\n out = h * c }).out[3]^2`,
  "reverse scan with stacks": `${vector}loss = sum(reverseScan(v in x, h = zeros(2): { h = sin(h + v * x[0..2])\n out = h^2 }).out^2)`,
  map: "param X: [3, 2]\nloss = sum(map(v in X: sin(sum(v)) * v)^3)",
  while: `${vector}loss = while(s = x[0] * x[1], test = s^2 < 9, limit = 6: 1.5 * s + sin(x[2] * s) + sign(s))^2`,
  root: `${vector}loss = root(s = 1: s^3 + s - sum(x^2) - x[1])^2 * x[0]`,
  "root of a system":
    "param x: [2]\nloss = sum(root(s = [1, 1]: [s[0]^3 + s[1] - 2 - x[0], s[1]^3 + s[0] * x[1] - 2])^2)",
  argmin: `${vector}loss = argmin(s = 0: s^4 + s^2 * exp(x[0]) - s * sum(sin(x)))^2`,
  "fixed point": `${vector}loss = fixedPoint(s = 0: 0.5 * cos(s * x[0]) + 0.1 * sum(x))^2`,
  solve: `${square}loss = sum(solve(A + 3 * eye(3), sin(b))^2)`,
  "solve by Cholesky": `${square}loss = sum(solve(S, b, positiveDefinite = true)^2) + logdet(S, positiveDefinite = true)`,
  "solve of a triangle": `${square}loss = sum(solveTriangular(A + 3 * eye(3), b, lower = true)^2) * sum(b)`,
  Cholesky: `${square}loss = sum(cholesky(S)^3)`,
  determinants: `${square}loss = det(A + eye(3))^2 + logdet(A + 3 * eye(3)) * sum(b)`,
  "determinants of larger matrices": "param A: [4, 4]\nloss = det(A + eye(4))^2 + det(A' @ A)",
  "a determinant of some elements": `param x: [4], y: [4]
    loss = det([[x[0], y[0], 1, 2], [x[0], y[0], 1, 3], [x[1], 0, y[1], 1], [1, x[2], y[2], 0]]) * x[3]`,
  "a determinant where the rank is 2 of 4": `param A: [4, 4]
    let B = [[1, 2, 0, 1], [2, 4, 0, 2], [0, 0, 0, 3], [1, 2, 0, 1]]
    loss = det(A - stopGradient(A) + B)`,
  "systems of triangles, turned": `${square}let T = A + 3 * eye(3)
    loss = sum(solveTriangular(T, b, lower = false)^2) + sum(solveTriangular(T, sin(A), transpose = true)^2)`,
  "quantiles and medians": `${vector}loss = quantile(sin(x) * x, 0.3)^3 + median(x^3)^2 * sum(x)`,
  "products by letters": 'param A: [2, 3], B: [3, 2, 2]\nloss = sum(sin(einsum("ij,jkl->ikl", A, B))^2)',
  "channels in front, by groups, with asymmetric padding":
    "param x: [1, 2, 4, 3], f: [4, 1, 2, 2]\nloss = sum(sin(conv2d(x, f, channels = first, groups = 2, padding = [[1, 0], [0, 1]], stride = [2, 1]))^2)",
  "a loop in a loop": `param X: [2, 3]
    loss = scan(row in X, s = 0.2: tanh(s + scan(v in row, r = s: sin(r * v) + r * s)) * row[0])^2`,
  "a choice in a loop": `${vector}loss = scan(v in x, s = 0.3: if v > 0 then sin(s * v) + sum(x^2) else s^2 * logsumexp(x * v))^2`,
  "a minimum in two unknowns": `${vector}let z = argmin(z = [0, 0]: (z[0]^2 + 1) * (exp(x[0]) + z[0]^2) + (z[1] - x[1] * z[0])^2 + z[1]^4 - z[0] * sum(sin(x)))
    loss = z[0]^2 * x[2] + z[1]^3`,
  "a function of each row":
    "param X: [3, 2], w: [2]\nloss = sum(map(v in X: (if v[0] > 0 then sin(dot(v, w)) * sum(v) else dot(v, w)^2)))^2",
  inverse: `${square}loss = sum(inverse(A + 3 * eye(3))^3)`,
  eigenvalues: `${square}loss = sum(sin(eigh(A).values) * b)`,
  eigenvectors: `${square}loss = sum(eigh(A).vectors^2 * A)`,
  QR: `${square}loss = sum(qr(A + eye(3)).r^3) + sum(qr(A + eye(3)).q^2 * A)`,
  "random numbers": `${vector}loss = sum(sin(x * normal(1, [4]) + uniform(2, [4]))^2) + sum(dropout(3, x, 0.5)^4)`,
  "positive definite by how it is made": `${square}loss = sum(solve(A' @ A + exp(b[0]) * eye(3), b)^2) + logdet(A @ A' + diag(exp(b)))`,
  "a root in a scan": "param x: [2]\nloss = scan(v in x, s = 0.3: root(z = 1: z^3 + z - v - sin(s * v)) * v)^2",
  "Jacobians and Hessians in the model": `${vector}let y = sin(x * sum(x))
let f = sum(exp(x * x[0]))
loss = sum(jacobian(y, x)^3) + sum(hessian(f, x)^2) + sum(jvp(y, x, x^2)^2)`,
  "running extremes and shifted triangles": `${vector}loss = sum(cummin(cos(x) * x)^3) + sum(tril(outer(x, sin(x)), diagonal = 1)^2 * triu(outer(x, x), diagonal = -1))`,
  "derivatives in the model": `${vector}let f = sum(sin(x) * x[0])\nloss = sum(grad(f, x)^2) + dot(hvp(f, x, x^2), sin(x))`,
  "arrangements by name": `param X: [2, 3], y: [4]
let flat = flatten(transpose(X)) * flip(flatten(X))
let wide = broadcastTo(squeeze(expandDims(y, axis = 1)), [2, 4]) * take(swapAxes(outer(y, sin(y)), 0, 1), [0, 2], axis = 0)
loss = sum(sin(flat)^2) * mean(wide^3) + sum(matmul(X, split(flat, 2)[0])^3)`,
  "constants of shapes": `${vector}let c = ones(4) + linspace(0, 1, 4) + full([4], 0.5) + 0 * arange(4)
loss = sum(sin(x * (c + zerosLike(x) + onesLike(x) * fullLike(x, 2)))^2)`,
  "choices by positions and conditions": `${vector}let i = argmax(sin(x))
let order = argsort(x)
loss = x[i]^3 * sum(x[order] * [1, 2, 3, 4] * sin(x)) + (if any(x > 9) or all(x < -9) then 0 else sum(x^3))`,
  "eigenvalues alone": `${square}loss = sum(exp(eigenvalues(A) * b[0])) + eigenvalues(A)[1]^2`,
  "a sign and the logarithm of a determinant": `${square}loss = slogdet(A + 3 * eye(3)).logabsdet^2 * sum(b) * slogdet(A - 3 * eye(3)).sign`,
  "windows in one and three dimensions": `param x: [2, 2, 2, 1], f: [2, 1, 2, 1, 2], z: [4, 1]
loss = sum(sin(convTranspose3d(conv3d(x, f), f))^2) + sum(maxPool3d(sin(x), window = 2)^3) * sum(avgPool1d(z^2, window = 2)^2)`,
  "random choices": `${vector}loss = sum(sin(x)^2 * x * (if bernoulli(1, [0.5, 0.5, 0.5, 0.5]) then 2 else 3)) * x[randomInt(2, 0, 4, [1])][0]^2`,
  definitions: `param x: [3]
    def f(a, b) = sin(a * b) * cos(a) + tanh(a + b)^2 * exp(-a^2) + a / (1 + b^2) + sin(cos(a) * b) * tanh(a * cos(b))
    def g(a, b) = f(f(a, b), f(b, a)) + f(a, f(a, b)) * f(b, b)
    loss = g(g(x[0], x[1]), x[2]) + g(x[1], x[2])^2`,
};

const lengthOf = (expr: Expr) => expr.shape.reduce((count, size) => count * size.value!, 1);

/** Numbers off every kink, between -1 and 1. */
const numbers = (count: number, seed: number) =>
  Array.from({ length: count }, (_, k) => Math.sin(1 + seed * 2.7 + k * 1.9) * 0.8 + 0.011 * k);

describe("the gradient of u' H v", () => {
  it("is checked for every function and construct of the language", () => {
    const { vocabulary, constructs: loops } = wholeLanguage;
    const names = [
      ...vocabulary.functions.keys(),
      ...vocabulary.records.keys(),
      ...loops.keys(),
      ...Object.keys(gatherers),
    ];
    const texts = Object.values(constructs).join("\n");
    const called = new Set(Array.from(texts.matchAll(/\b(\w+)\(/g), (match) => match[1]!));
    // an array is gathered without a name
    expect(names.filter((name) => name !== "array" && !called.has(name))).toEqual([]);
  });

  it.each(Object.entries(constructs))("is the complex step of u' H v: %s", (_, text) => {
    const { loss, parameters, data } = loadModel({ name: "construct.nabla", text });
    const { graph } = loss!;
    const x = parameters.map(({ expr }) => expr);
    const [u, v] = [x, x].map((list) => list.map(({ shape }) => graph.variable(shape)));
    const products = hvp(loss!, x, v!);
    const curvature = sumOfTerms(products.map((product, k) => dot(u![k]!, product)))!;
    const slopes = gradient(curvature, x);
    const leaves = [...x, ...u!, ...v!];
    const given = new Map(leaves.map((leaf, k) => [leaf, numbers(lengthOf(leaf), k)]));
    const positions = data.map(
      ({ expr }) => [expr, Array.from({ length: lengthOf(expr) }, (_, k) => (k * 2) % 2)] as const,
    );
    const along = x.map((leaf, k) => numbers(lengthOf(leaf), k + 50));
    const step = 2 ** -100;
    const bound = <T>(field: Field<T>, moved: (value: number, change: number) => T) => ({
      sizes: new Map<string, number>(),
      values: new Map<Expr, T[]>([
        ...positions.map(([leaf, list]) => [leaf, list.map(field.of)] as const),
        ...leaves.map(
          (leaf, k) => [leaf, given.get(leaf)!.map((value, at) => moved(value, along[k]?.[at] ?? 0))] as const,
        ),
      ]),
    });
    const stepped = interpret(
      [curvature],
      bound(complexField, (re, change) => ({ re, im: step * change })),
      complexField,
    );
    const expected = stepped[0]![0]!.im / step;
    expect(Math.abs(expected)).toBeGreaterThan(1e-6);
    const point = bound(realField, (value) => value);
    const raw = interpret(slopes, point, realField);
    const code = executable(simplify(slopes, { last: true }))(point);
    for (const third of [raw, code]) {
      const terms = third.flatMap((list, k) => list.map((value, at) => value * along[k]![at]!));
      const scale = terms.reduce((sum, term) => sum + Math.abs(term), 1e-3);
      const got = terms.reduce((sum, term) => sum + term, 0);
      expect(Math.abs(got - expected) / scale).toBeLessThan(1e-9);
    }
  });
});
