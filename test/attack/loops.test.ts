import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { complexStep, type Inputs, lossAt } from "../build/evaluate.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Loops around and within everything else: the loss and its inputs. */
const cases: readonly (readonly [string, string, Inputs, string?])[] = [
  [
    "kalman",
    `param A: [2,2], q: [2], H: [1,2], r
  data ys: [T, 1]
  let run = scan(y in ys, m = [0.1, -0.2], P = eye(2): {
    let mp = A @ m
    let Pp = A @ P @ A' + [i in 0..2, j in 0..2: if i == j then exp(q[i]) else 0]
    let S = H @ Pp @ H' + exp(r) * eye(1)
    let K = (solve(S, H @ Pp))'
    let e = y - H @ mp
    m = mp + K @ e
    P = Pp - K @ H @ Pp
    nll = 0.5 * (logdet(S) + dot(e, solve(S, e)))
  })
  loss = sum(run.nll)`,
    {
      A: [
        [0.9, 0.1],
        [-0.2, 0.8],
      ],
      q: [-1, -0.5],
      H: [[1, 0.3]],
      r: -0.7,
      ys: [[0.5], [0.2], [-0.4], [1]],
    },
  ],
  [
    "maxif",
    `param x: [n], h: [3]
  loss = sum(scan(v in x, i in 0..n, s = h: if v > 0 then s * v + max(s) else [k in 0..3: s[k] * min(s) + i])^2)`,
    { x: [0.5, -0.3, 0.7], h: [0.2, 0.9, -0.4] },
  ],
  [
    "intbool",
    `param x: [n]
  let run = scan(v in x, k = 0, best = -1.0, seen = false: { k = k + (if v > best then 1 else 0); best = max(best, v); seen = seen or v > 1; y = v * k })
  loss = sum(run.y) + run.best * (if run.seen then 2 else 3) + run.k * x[0]`,
    { x: [0.5, -0.3, 0.7, 1.2] },
  ],
  [
    "iters",
    `param A: [3,2], w
  let B = [i in 0..3, j in 0..2: scan(t in 0..4, s = A[i,j]: sin(w * s + t * A[i, 0]))]
  loss = sum(B * A)`,
    {
      A: [
        [0.1, 0.2],
        [0.3, -0.5],
        [0.7, 0.6],
      ],
      w: 0.8,
    },
  ],
  [
    "rootinscaninsum",
    `param a: [n], b
  loss = sum(i: scan(t in 0..3, s = a[i]: root(r = 1: r^3 + r * b - s - t)))`,
    { a: [0.4, 1.3], b: 0.6 },
  ],
  [
    "scaninroot",
    `param a
  loss = root(z = 0.3: scan(t in 0..3, s = z: s + 0.1 * sin(s)) - a)`,
    { a: 0.9 },
  ],
  [
    "bilevel",
    `param a, b
  loss = argmin(x = 0.5: (x - argmin(y = 0.2: (y - a * x)^2 + 0.1 * y^4))^2 + (x - b)^2 + 0.3 * x)`,
    { a: 0.5, b: 0.9 },
  ],
  [
    "whileinscan",
    `param x: [n], w
  loss = scan(v in x, s = w: s + while(y = v * w, test = y > 0.3, limit = 8: y * 0.5))`,
    { x: [0.5, 2, 1.1], w: 0.9 },
  ],
  [
    "stop",
    `param x: [n], h
  loss = scan(v in x, s = h: s * stopGradient(s) + v) + 0 * h`,
    { x: [0.5, 0.2], h: 0.7 },
    "value alone",
  ],
  [
    "jac",
    `param h: [2], W: [2,2]
  let y = scan(t in 0..3, s = h: tanh(W @ s + t))
  let J = jacobian(y, h)
  loss = sum(J^2) + sum(hessian(sum(y^3), h))`,
    {
      h: [0.3, -0.6],
      W: [
        [0.5, 0.2],
        [-0.4, 0.9],
      ],
    },
  ],
  [
    "matrixcarry",
    `param M: [2,2], X: [n,2,2]
  let run = scan(x in X, P = M: { P = P @ x + M; tr = trace(P) * x })
  loss = sum(run.P) + sum(run.tr^2)`,
    {
      M: [
        [0.3, 0.1],
        [0.2, 0.5],
      ],
      X: [
        [
          [0.2, 0.4],
          [0.1, 0.3],
        ],
        [
          [0.5, -0.1],
          [0.7, 0.2],
        ],
      ],
    },
  ],
  [
    "gp-ish fixedpoint",
    `param A: [2,2], c: [2]
  loss = sum(fixedPoint(z = zeros(2): 0.3 * tanh(A @ z) + c)^2)`,
    {
      A: [
        [0.5, 0.2],
        [-0.4, 0.9],
      ],
      c: [0.3, -0.2],
    },
  ],
  [
    "euler",
    `param y0: [2], k
  let y = scan(t in 0..200, y = y0: y + 0.01 * [y[1], -k * sin(y[0])])
  loss = y[0]^2 + 2*y[1]`,
    { y0: [1, 0.2], k: 1.4 },
  ],
  [
    "scan of scan stack",
    `param x: [n], w
  let a = scan(v in x, s = 0.0: { s = s * w + v; y = s^2 })
  let b = reverseScan(u in a.y, s = 0.0: { s = sin(s + u * w); z = s })
  loss = sum(b.z * x)`,
    { x: [0.5, 0.2, -0.7], w: 0.7 },
  ],
  [
    "sortinscan",
    `param x: [n], h: [3]
  loss = sum(scan(v in x, s = h: 0.5 * sort(s) + v * s))`,
    { x: [0.5, 0.2], h: [0.3, -0.1, 0.9] },
  ],
  [
    "softmax attention step",
    `param Q: [n, d], K: [n, d]
  loss = sum(scan(q in Q, i in 0..n, s = zeros(d): s + sum(j in 0..n: softmax(K @ q)[j] * K[j]))^2)`,
    {
      Q: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
      K: [
        [0.5, 0.6],
        [-0.2, 0.8],
      ],
    },
  ],
  [
    "gather in scan",
    `param T: [4, 2]
  data idx: int[n] within 0..4
  let run = scan(k in idx, s = [0.1, 0.2]: { s = tanh(s + T[k]); y = dot(s, T[k]) })
  loss = sum(run.y)`,
    {
      T: [
        [0.1, 0.2],
        [0.3, 0.4],
        [0.5, 0.6],
        [0.7, 0.8],
      ],
      idx: [1, 3, 3],
    },
  ],
  [
    "conv in scan",
    `param f: [3], h: [m]
  loss = sum(scan(t in 0..3, s = h: [i in 0..m: sum(k in 0..3: f[k] * pad(s, 1)[i + k])])^2)`,
    { f: [0.2, 0.5, -0.1], h: [0.1, 0.5, 0.9, 0.3] },
  ],
];

type Point = Record<string, number[]>;

/** Every number of a point times a factor. */
const scaled = (point: Point, factor: number): Point =>
  JSON.parse(JSON.stringify(point), (_, value) => (typeof value === "number" ? value * factor : value)) as Point;

const named = cases.map(([name, text, inputs, how]) => ({ name, text, inputs, how }));

describe("loops among everything else", () => {
  it.each(named)("have the derivatives of the complex step: $name", ({ name, text, inputs, how }) => {
    const model = loadModel({ name: `${name}.nabla`, text });
    const wrt = model.parameters.map((parameter) => parameter.name);
    const data = Object.fromEntries(model.data.map((leaf) => [leaf.name, inputs[leaf.name] as number[]]));
    const point = Object.fromEntries(wrt.map((leaf) => [leaf, inputs[leaf] as number[]]));
    const value = lossAt(model, inputs);
    const expectClose = (got: number, wanted: number, tolerance: number) =>
      expect(Math.abs(got - wanted)).toBeLessThan(tolerance * Math.max(1, Math.abs(wanted)));
    const slopes = new Map(
      // a stopped gradient is no derivative of the value
      how ? [] : wrt.map((leaf) => [leaf, complexStep(model, model.loss!, leaf, inputs)]),
    );
    for (const options of [{}, { rewrites: "none" }, { checkpoints: 2 }] as const) {
      const bound = compileModel(model, options).bind(data);
      const { loss, gradient } = bound.lossAndGradient(point);
      expectClose(loss, value, 1e-12);
      for (const [leaf, list] of slopes) {
        for (const [k, slope] of list.entries()) expectClose(gradient[leaf]![k]!, slope, 1e-10);
      }
    }
    // central differences of a gradient that the complex step has confirmed: good to the square of their step
    const bound = compileModel(model).bind(data);
    const step = 1e-5;
    const hvp = bound.hvp(point, point);
    const [above, below] = [1 + step, 1 - step].map((factor) => bound.lossAndGradient(scaled(point, factor)).gradient);
    for (const leaf of slopes.keys()) {
      for (let k = 0; k < hvp[leaf]!.length; k++) {
        expectClose(hvp[leaf]![k]!, (above![leaf]![k]! - below![leaf]![k]!) / (2 * step), 1e-6);
      }
    }
  });
});
