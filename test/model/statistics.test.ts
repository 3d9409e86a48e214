import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { loadModel } from "../../src/model/load.ts";
import { dot } from "../../src/ops/arrays/contractions.ts";
import { flat, type Inputs, sizesOf } from "../build/evaluate.ts";

/** Models that live on matrices, each with a point. */
const models: Readonly<Record<string, { readonly text: string; readonly at: Inputs }>> = {
  "marginal likelihood of a Gaussian process": {
    text: `
      param length: [d], scale, noise
      data X: [n, d], y: [n]
      let distance = [i, j: sum(k: ((X[i, k] - X[j, k]) / exp(length[k]))^2)]
      let K = exp(2 * scale - 0.5 * distance) + exp(2 * noise) * eye(n)
      let L = cholesky(K)
      let z = solveTriangular(L, y)
      loss = 0.5 * sum(z^2) + sum(i: log(L[i, i])) + 0.5 * n * log(2 * pi)`,
    at: {
      length: [0.1, -0.3],
      scale: 0.2,
      noise: -0.7,
      X: [
        [0.1, 0.3],
        [-0.4, 0.9],
        [0.7, -0.2],
        [1.1, 0.5],
      ],
      y: [0.3, -0.5, 0.9, 0.2],
    },
  },
  "the same by systems, with every pair of data": {
    text: `
      param length, noise
      data x: [n], y: [n]
      let K = [i, j: exp(-0.5 * ((x[i] - x[j]) / exp(length))^2)] + exp(2 * noise) * eye(n)
      loss = 0.5 * y @ solve(K, y) + 0.5 * logdet(K) + 0.5 * y @ inv(K) @ x`,
    at: { length: 0.1, noise: -0.6, x: [0.1, 0.9, -0.4, 1.3], y: [0.3, -0.5, 0.9, 0.2] },
  },
  "three steps of a Kalman filter": {
    text: `
      param F: [n, n], H: [m, n], q, r
      data y: [3, m]
      def predict(P: [n, n]) = F @ P @ F' + exp(q) * eye(n)
      def spread(P: [n, n]) = H @ P @ H' + exp(r) * eye(m)
      def gain(P: [n, n]) = solve(spread(P), H @ P, positiveDefinite = true)'
      def update(P: [n, n]) = P - gain(P) @ H @ P
      def cost(P: [n, n], e: [m]) = 0.5 * e @ solve(spread(P), e, positiveDefinite = true)
        + 0.5 * logdet(spread(P), positiveDefinite = true)
      let P1 = predict(eye(n)), e1 = y[0], x1 = gain(P1) @ e1
      let P2 = predict(update(P1)), e2 = y[1] - H @ F @ x1, x2 = F @ x1 + gain(P2) @ e2
      let P3 = predict(update(P2)), e3 = y[2] - H @ F @ x2
      loss = cost(P1, e1) + cost(P2, e2) + cost(P3, e3)`,
    at: {
      F: [
        [0.9, 0.2],
        [-0.1, 0.8],
      ],
      H: [[1, 0.3]],
      q: -1,
      r: -0.5,
      y: [[0.5], [-0.2], [0.8]],
    },
  },
  "a Kalman filter as a scan": {
    text: `
      param F: [n, n], H: [m, n], q, r
      data y: [steps, m]
      let run = scan(z in y, x = zeros(n), P = eye(n): {
        let Q = F @ P @ F' + exp(q) * eye(n), S = H @ Q @ H' + exp(r) * eye(m)
        let e = z - H @ F @ x
        let gain = solve(S, H @ Q, positiveDefinite = true)'
        x = F @ x + gain @ e
        P = Q - gain @ H @ Q
        cost = 0.5 * e @ solve(S, e, positiveDefinite = true) + 0.5 * logdet(S, positiveDefinite = true)
      })
      loss = sum(run.cost)`,
    at: {
      F: [
        [0.9, 0.2],
        [-0.1, 0.8],
      ],
      H: [[1, 0.3]],
      q: -1,
      r: -0.5,
      y: [[0.5], [-0.2], [0.8]],
    },
  },
  "principal components": {
    text: `
      param W: [n, d]
      data C: [d, d]
      let S = W @ C @ W' + 0.1 * [i in 0..n, j in 0..n: if i == j then i + 1 else 0]
      let e = eigh(S)
      loss = sum(log(e.values)) + sum(i: (e.vectors[i, 0] * e.vectors[1, 0] - 0.3)^2)`,
    at: {
      W: [
        [0.5, -0.3],
        [0.2, 0.9],
        [-0.7, 0.4],
      ],
      C: [
        [2, 0.3],
        [0.3, 1],
      ],
    },
  },
  "least squares by orthogonal factors": {
    text: `
      param X: [m, n]
      data y: [m]
      let f = qr(X)
      let b = solveTriangular(f.r, f.q' @ y, lower = false)
      loss = sum((y - X @ b)^2) + sum(sin(b))`,
    at: {
      X: [
        [1, 0.3],
        [0.2, 0.9],
        [-0.7, 0.4],
        [0.1, 0.2],
      ],
      y: [0.3, -0.5, 0.9, 0.2],
    },
  },
  "trimmed loss": {
    text: `
      param w: [d]
      data X: [n, d], y: [n]
      let errors = (X @ w - y)^2
      loss = sum(sort(errors)[0..3]) - 0.1 * sum(topK(errors, 1)^1.5)`,
    at: {
      w: [0.3, -0.8],
      X: [
        [1, 0.3],
        [0.2, 0.9],
        [-0.7, 0.4],
        [0.1, 0.2],
        [0.6, 0.5],
      ],
      y: [0.3, -0.5, 0.9, 0.2, 1],
    },
  },
};

const step = 2 ** -100;

function expectClose(got: readonly number[], expected: readonly number[], digits: number): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [k, value] of expected.entries()) expect(Math.abs(got[k]! - value) / scale).toBeLessThan(digits);
}

describe.each(Object.keys(models))("%s", (name) => {
  const { text, at } = models[name]!;
  const model = loadModel({ name: "model.nabla", text });
  const variables = model.parameters.map(({ expr }) => expr);
  const sizes = sizesOf(model, at);
  const values = new Map([...model.parameters, ...model.data].map(({ name, expr }) => [expr, flat(at[name]!)]));
  const directions = variables.map((variable, k) => values.get(variable)!.map((_, i) => Math.cos(3 * i + k + 1)));

  /** The imaginary parts of roots when the parameters move. */
  const complexStep = (roots: Parameters<typeof interpret>[0]) => {
    const lifted = new Map(
      [...values].map(([leaf, list]) => {
        const direction = directions[variables.indexOf(leaf)];
        return [leaf, list.map((re, i) => ({ re, im: direction ? direction[i]! * step : 0 }))] as const;
      }),
    );
    return interpret(roots, { sizes, values: lifted }, complexField).map((list) => list.map(({ im }) => im / step));
  };

  it("has derivatives of three orders that the complex step finds", () => {
    const along = variables.map((variable, k) => {
      const leaf = model.graph.data(`direction ${k}`, variable.shape);
      values.set(leaf, directions[k]!);
      return leaf;
    });
    const slope = gradient(model.loss!, variables);
    const second = hvp(model.loss!, variables, along);
    const forms = second.map((part, k) => dot(part, along[k]!));
    const third = variables.map((_, j) => {
      const lists = forms.map((form) => gradient(form, variables)[j]!);
      return lists;
    });
    const [g, Hv] = [slope, second].map((roots) => interpret(roots, { sizes, values }, realField)) as [
      number[][],
      number[][],
    ];
    const pair = (lists: readonly (readonly number[])[]) =>
      lists.reduce((total, list, k) => total + list.reduce((sum, x, i) => sum + x * directions[k]![i]!, 0), 0);
    expectClose(complexStep([model.loss!])[0]!, [pair(g)], 1e-11);
    for (const [k, list] of complexStep(slope).entries()) expectClose(list, Hv[k]!, 1e-9);
    // the change of v' H v is the third derivative along v
    const changes = complexStep(forms).flat();
    const expected = forms.map((_, k) =>
      pair(
        interpret(
          third.map((lists) => lists[k]!),
          { sizes, values },
          realField,
        ),
      ),
    );
    expectClose(changes, expected, 1e-9);
  });

  it("has the same derivatives when compiled", () => {
    const bound = compileModel(model).bind(
      Object.fromEntries(
        model.data.map(({ name, expr }) => [name, { data: flat(at[name]!), shape: shapeAt(expr.shape) }]),
      ),
    );
    const point = Object.fromEntries(
      model.parameters.map(({ name, expr }) => [name, { data: flat(at[name]!), shape: shapeAt(expr.shape) }]),
    );
    const { loss, gradient: g } = bound.lossAndGradient(point);
    const expected = interpret([model.loss!, ...gradient(model.loss!, variables)], { sizes, values }, realField);
    expectClose([loss], expected[0]!, 1e-12);
    for (const [k, { name }] of model.parameters.entries()) expectClose(Array.from(g[name]!), expected[k + 1]!, 1e-10);
  });

  function shapeAt(shape: (typeof variables)[number]["shape"]): number[] {
    return shape.map((size) => size.value ?? sizes.get(size.toString())!);
  }
});
