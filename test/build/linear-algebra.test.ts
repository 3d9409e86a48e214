import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { array, model, sum } from "../../src/build/api/api.ts";
import { data, mat, vec } from "../../src/build/api/declare.ts";
import {
  argsort,
  cholesky,
  det,
  eigenvalues,
  eigh,
  inverse,
  logdet,
  qr,
  solve,
  solveTriangular,
  sort,
  topK,
} from "../../src/build/entries/linear-algebra.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { dualField } from "../../src/interpreter/dual.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { loadModel } from "../../src/model/load.ts";
import { withSharedTies } from "../../src/rewrite/closing/ties.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { flat, type Inputs, lossAt, type Nested, outputAt } from "./evaluate.ts";

type Row = readonly [text: string, inputs: Inputs, expected: readonly number[]];

const matrix = "data A: [n, n]\n";
const system = "data A: [n, n], b: [n]\n";
const vector = "data x: [n]\n";

/** Matrices whose factors are small whole numbers. */
const square = [
  [4, 2, 0],
  [2, 5, 2],
  [0, 2, 5],
];
const general = [
  [0, 2, 1],
  [1, 1, 0],
  [2, 0, 1],
];
const b = [1, 2, 3];
const nan = Number.NaN;

const rows: Readonly<Record<string, readonly Row[]>> = {
  "small cases that are exact": [
    [`${matrix}output out = cholesky(A)`, { A: square }, [2, 0, 0, 1, 2, 0, 0, 1, 2]],
    [`${system}output out = solve(A, b)`, { A: general, b }, [1, 1, -1].map((_, k) => [1.5, 0.5, 0][k]!)],
    [`${matrix}output out = solve(A, eye(n)) @ A`, { A: general }, [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    [`${matrix}output out = inv(A) @ A`, { A: square }, [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    [`${matrix}output out = det(A)`, { A: general }, [-4]],
    ["data A: [3, 3]\noutput out = det(A)", { A: general }, [-4]],
    [
      "data A: [2, 2]\noutput out = determinant(A)",
      {
        A: [
          [1, 2],
          [3, 4],
        ],
      },
      [-2],
    ],
    ["data A: [1, 1]\noutput out = det(A)", { A: [[7]] }, [7]],
    [`${matrix}output out = logdet(A)`, { A: general }, [Math.log(4)]],
    [`${matrix}output out = logdet(A, positiveDefinite = true)`, { A: square }, [Math.log(64)]],
    [
      `${system}output out = solveTriangular(A, b)`,
      {
        A: [
          [2, 9, 9],
          [1, 1, 9],
          [0, 1, 4],
        ],
        b,
      },
      [0.5, 1.5, 0.375],
    ],
    [
      `${system}output out = solveTriangular(A, b, lower = false)`,
      {
        A: [
          [2, 0, 1],
          [9, 1, 1],
          [9, 9, 4],
        ],
        b,
      },
      [0.125, 1.25, 0.75],
    ],
    [
      `${system}output out = solveTriangular(A, b, transpose = true)`,
      {
        A: [
          [2, 9, 9],
          [0, 1, 9],
          [1, 1, 4],
        ],
        b,
      },
      [0.125, 1.25, 0.75],
    ],
    [
      `${matrix}output out = eigenvalues(A)`,
      {
        A: [
          [2, 1],
          [1, 2],
        ],
      },
      [1, 3],
    ],
    [
      `${matrix}output out = eigh(A).values`,
      {
        A: [
          [5, 0, 0],
          [0, -1, 0],
          [0, 0, 2],
        ],
      },
      [-1, 2, 5],
    ],
    [
      `${matrix}let e = eigh(A)\noutput out = [i, j: sum(k: e.vectors[i, k] * e.values[k] * e.vectors[j, k])]`,
      { A: square },
      square.flat(),
    ],
    [
      "data A: [m, n]\noutput out = qr(A).r",
      {
        A: [
          [3, 1],
          [4, 3],
          [0, 2],
        ],
      },
      [5, 3, 0, Math.sqrt(5)],
    ],
    [
      "data A: [m, n]\nlet f = qr(A)\noutput out = f.q @ f.r",
      {
        A: [
          [3, 1],
          [4, 3],
          [0, 2],
        ],
      },
      [3, 1, 4, 3, 0, 2],
    ],
    [
      "data A: [m, n]\nlet f = qr(A)\noutput out = f.q' @ f.q",
      {
        A: [
          [3, 1],
          [4, 3],
          [0, 2],
        ],
      },
      [1, 0, 0, 1],
    ],
  ],
  "systems of factors": [
    [`${system}output out = qr(A).q @ solve(qr(A).q, b)`, { A: general, b }, b],
    [`${system}output out = qr(A).r @ solve(qr(A).r, b)`, { A: general, b }, b],
    [`${system}output out = qr(A).r' @ solve(qr(A).r', b)`, { A: general, b }, b],
    [`${system}output out = cholesky(A) @ solve(cholesky(A), b)`, { A: square, b }, b],
    [`${system}output out = cholesky(A)' @ solve(cholesky(A)', b)`, { A: square, b }, b],
    [`${system}output out = A @ (inv(A) @ b)`, { A: general, b }, b],
    [`${system}output out = A' @ (b @ inv(A))`, { A: general, b }, b],
    [`${system}output out = log(det(A))`, { A: square, b }, [Math.log(64)]],
    [`${system}output out = log(det(A))`, { A: general, b }, [nan]],
    [`${system}output out = log(abs(det(A)))`, { A: general, b }, [Math.log(4)]],
  ],
  "only the symmetric part is seen": [
    [
      `${matrix}output out = cholesky(A)`,
      {
        A: [
          [4, 3, 0],
          [1, 5, 2],
          [0, 2, 5],
        ],
      },
      [2, 0, 0, 1, 2, 0, 0, 1, 2],
    ],
    [
      `${matrix}output out = eigenvalues(A)`,
      {
        A: [
          [2, 2],
          [0, 2],
        ],
      },
      [1, 3],
    ],
  ],
  order: [
    [`${vector}output out = argsort(x)`, { x: [3, 1, 2, 1, 3] }, [1, 3, 2, 0, 4]],
    [`${vector}output out = argsort(x, descending = true)`, { x: [3, 1, 2, 1, 3] }, [0, 4, 2, 1, 3]],
    [`${vector}output out = sort(x)`, { x: [3, nan, -1, 2, nan, -0.5] }, [-1, -0.5, 2, 3, nan, nan]],
    [`${vector}output out = sort(x, descending = true)`, { x: [3, nan, -1, 2] }, [3, 2, -1, nan]],
    [`${vector}output out = topK(x, 2)`, { x: [3, nan, -1, 2] }, [3, 2]],
    [`${vector}output out = topK(x, 0)`, { x: [3, 1] }, []],
    [`${vector}output out = top_k(x, n - 1)`, { x: [3, 1, 2] }, [3, 2]],
    ["data x: int[n]\noutput out = sort(x)", { x: [3, -1, 2] }, [-1, 2, 3]],
    [
      "data X: [m, n]\noutput out = sort(X, axis = 0)",
      {
        X: [
          [3, 1],
          [2, 5],
        ],
      },
      [2, 1, 3, 5],
    ],
    [
      "data X: [m, n]\noutput out = topK(X, 1, axis = 1)",
      {
        X: [
          [3, 1],
          [2, 5],
        ],
      },
      [3, 5],
    ],
    [
      "data X: [m, n]\noutput out = [i: sort(X[i])[0]]",
      {
        X: [
          [3, 1],
          [2, 5],
        ],
      },
      [1, 2],
    ],
    [`${vector}output out = x[argsort(x)]`, { x: [3, 1, 2] }, [1, 2, 3]],
  ],
  "batches and iterators": [
    [
      "data A: [k, n, n], b: [k, n]\noutput out = solve(A, b)",
      { A: [general, square], b: [b, [4, 2, 0]] },
      [1.5, 0.5, 0, 1, 0, 0],
    ],
    ["data A: [k, n, n]\noutput out = det(A)", { A: [general, square] }, [-4, 64]],
    ["data A: [k, n, n]\noutput out = [i: logdet(A[i])]", { A: [general, square] }, [Math.log(4), Math.log(64)]],
    [
      `${matrix}data B: [k, n]\noutput out = [i: solve(A, B[i])]`,
      { A: general, B: [b, [3, 2, 3]] },
      [1.5, 0.5, 0, 1, 1, 1],
    ],
    [
      `${matrix}data B: [k, n, m]\noutput out = [i: solve(A, B[i])]`,
      {
        A: general,
        B: [
          [
            [1, 3],
            [2, 2],
            [3, 3],
          ],
        ],
      },
      [1.5, 1, 0.5, 1, 0, 1],
    ],
    [
      `${matrix}data B: [n, k]\noutput out = solve(A, B)`,
      {
        A: general,
        B: [
          [1, 3],
          [2, 2],
          [3, 3],
        ],
      },
      [1.5, 1, 0.5, 1, 0, 1],
    ],
  ],
  "no result": [
    [
      `${matrix}output out = cholesky(A)`,
      {
        A: [
          [1, 2],
          [2, 1],
        ],
      },
      [1, 0, 2, nan],
    ],
    [`${matrix}output out = cholesky(A)`, { A: [[0]] }, [nan]],
    [
      `${system}output out = solve(A, b)`,
      {
        A: [
          [1, 2],
          [2, 4],
        ],
        b: [1, 2],
      },
      [nan, nan],
    ],
    [
      `${system}output out = solve(A, b, positiveDefinite = true)`,
      {
        A: [
          [1, 2],
          [2, 1],
        ],
        b: [1, 2],
      },
      [nan, nan],
    ],
    [
      `${matrix}output out = logdet(A)`,
      {
        A: [
          [1, 2],
          [2, 4],
        ],
      },
      [Number.NEGATIVE_INFINITY],
    ],
    [
      `${system}output out = solveTriangular(A, b)`,
      {
        A: [
          [1, 2],
          [2, 0],
        ],
        b: [1, 2],
      },
      [1, nan],
    ],
    [
      "data A: [m, n]\noutput out = qr(A).r",
      {
        A: [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
      },
      [Math.sqrt(3), Math.sqrt(12), 0, nan],
    ],
    [
      `${matrix}output out = eigenvalues(A)`,
      {
        A: [
          [nan, 1],
          [1, 2],
        ],
      },
      [nan, nan],
    ],
    [
      `${system}output out = solve(A, b)`,
      {
        A: [
          [nan, 1],
          [1, 2],
        ],
        b: [1, 1],
      },
      [nan, nan],
    ],
  ],
};

/** Nested lists as the compiled form takes them. */
function tensors(inputs: Inputs) {
  const shapeOf = (value: Nested): number[] => (typeof value === "number" ? [] : [value.length, ...shapeOf(value[0]!)]);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, { data: flat(value), shape: shapeOf(value) }]),
  );
}

function expectClose(got: ArrayLike<number>, expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  for (const [k, value] of expected.entries()) {
    if (Number.isFinite(value)) expect(got[k]).toBeCloseTo(value, 13);
    else expect(got[k]).toBe(value);
  }
}

describe.each(Object.keys(rows))("linear algebra in models: %s", (name) => {
  it.each(rows[name]!)("%s", (text, inputs, expected) => {
    const loaded = loadModel({ name: "model.nabla", text });
    expectClose(outputAt(loaded, "out", inputs), expected);
    const { out } = compileModel(loaded).bind(tensors(inputs)).outputs({});
    expectClose(out!, expected);
  });
});

describe("functions of eigenvalues where some are equal", () => {
  const S = "let S = 0.5 * (A + A')\n";
  const points = [
    {
      of: "one number times the identity",
      A: [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ],
    },
    {
      of: "equal eigenvalues in a turned basis",
      A: [
        [2, 1, 1],
        [1, 2, 1],
        [1, 1, 2],
      ],
    },
    {
      of: "a pair in a diagonal matrix",
      A: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 1],
      ],
    },
    {
      of: "no equal ones",
      A: [
        [3, 1, 0.5],
        [1, 2, 0.25],
        [0.5, 0.25, 4],
      ],
    },
  ];
  const v = [
    [0.3, 0.7, 0],
    [0.1, -0.2, 0.5],
    [0, 0.4, 1],
  ];

  /** Loss, gradient and second derivative along v. */
  const at = (text: string, A: readonly (readonly number[])[]) => {
    const bound = compileModel(loadModel({ name: "model.nabla", text: `param A: [3, 3]\n${text}` })).bind({});
    const { loss, gradient } = bound.lossAndGradient({ A });
    return [loss, ...gradient.A!, ...bound.hvp({ A }, { A: v }).A!];
  };

  it.each([
    ["loss = sum(eigenvalues(A))", "loss = trace(A)"],
    ["loss = sum(eigenvalues(A)^3)", `${S}loss = trace(S @ S @ S)`],
    ["loss = sum((eigenvalues(A) - 2)^2)", `${S}loss = sum((S - 2 * eye(3))^2)`],
    ["loss = sum(log(eigenvalues(A)))", `${S}loss = logdet(S)`],
    ["loss = prod(eigenvalues(A))", `${S}loss = det(S)`],
    ["loss = sum(eigenvalues(A))^2 + sum(eigenvalues(A)^2)", `${S}loss = trace(A)^2 + sum(S^2)`],
  ])("have two derivatives all the same: %s", (text, other) => {
    for (const { A } of points) expectNear(at(text, A), at(other, A));
  });

  it.each([
    ["sum(log(eigenvalues(A) + s))", "logdet(S + s * eye(3))"],
    ["prod(eigenvalues(A) + s)", "det(S + s * eye(3))"],
  ])("have two derivatives, and NaN for a third one, where terms depend on what varies: %s", (f, other) => {
    const text = (loss: string) => `param A: [3, 3], s
      data v: [3, 3]
      ${S}loss = ${loss}
      output second = dot(hvp(loss, A, v), v) + grad(dot(grad(loss, A), v), s)
      output third = dot(grad(dot(hvp(loss, A, v), v), A), v)`;
    const [own, given] = [f, other].map((loss) =>
      compileModel(loadModel({ name: "model.nabla", text: text(loss) })).bind({ v }),
    );
    for (const { A } of points) {
      const [got, expected] = [own!, given!].map((bound) => bound.outputs({ A, s: 2 }));
      expectNear([...got!.second!], [...expected!.second!]);
      if (!Number.isNaN(got!.third![0]!)) expectNear([...got!.third!], [...expected!.third!]);
    }
    expect(
      own!.outputs({
        A: [
          [2, 0, 0],
          [0, 2, 0],
          [0, 0, 3],
        ],
        s: 2,
      }).third![0],
    ).toBeNaN();
  });

  const E =
    "let E = eigh(A)\nlet V = E.vectors\nlet d = E.values^3\nlet C = [[1, 2, 0], [0.5, -1, 3], [1, 1, 2]]\nlet b = [1, 0.5, 2]\n";
  it.each([
    ["sum(((V * d) @ V') * C)", "sum((S @ S @ S) * C)"],
    ["sum((V @ diag(d) @ V') * C)", "sum((S @ S @ S) * C)"],
    ["sum(i, j, k: V[i, k] * d[k] * V[j, k] * C[i, j])", "sum((S @ S @ S) * C)"],
    ["dot(V @ (d * (V' @ b)), C @ b)", "dot(S @ S @ S @ b, C @ b)"],
    ["sum(d * (V' @ b)^2)", "dot(b, S @ S @ S @ b)"],
    [
      "sum(i, j, k, l, q: b[i] * V[i, k] * d[k] * V[j, k] * C[j, l] * V[l, q] * E.values[q]^2 * (V' @ b)[q])",
      "dot(b, S @ S @ S @ C @ S @ S @ b)",
    ],
  ])("are functions of the matrix however they are written: %s", (f, other) => {
    const [own, given] = [f, other].map((loss) => {
      const text = `param A: [3, 3]\n${S}${E}let f = ${loss}
        let W = [[0.3, 0.7, 0], [0.1, -0.2, 0.5], [0, 0.4, 1]]
        output third = grad(sum(hvp(f, A, W) * W), A)
        loss = f`;
      return compileModel(loadModel({ name: "model.nabla", text })).bind({});
    });
    for (const { A } of points) {
      const [got, expected] = [own!, given!].map((bound) => [
        ...bound.gradient({ A }).A!,
        ...bound.hvp({ A }, { A: v }).A!,
        ...bound.outputs({ A }).third!,
      ]);
      expectNear(got!, expected!);
    }
  });

  it("leave a vector alone that none of them shares", () => {
    const A = [
      [3, 1, 0],
      [1, 3, 0],
      [0, 0, 2],
    ];
    const slopes = at("let x = eigh(A).vectors\nloss = x[0, 2] * x[1, 2]", A);
    expect(slopes.every(Number.isFinite)).toBe(true);
    // turning the first vector by an angle a changes the product by cos(2 a) / 2
    expect(slopes[0]).toBeCloseTo(0.5, 14);
  });

  it("have second derivatives all the same however near they are", () => {
    const [c, s] = [0.6, 0.8];
    for (const gap of [0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4]) {
      // a rotation by the angle of 3, 4 and 5 in the plane of the first two
      const [d, e] = [2 + gap, 2];
      const A = [
        [c * c * d + s * s * e, c * s * (d - e), 0],
        [c * s * (d - e), s * s * d + c * c * e, 0],
        [0, 0, 5],
      ];
      for (const [text, other] of [
        ["loss = sum(eigenvalues(A)^3)", `${S}loss = trace(S @ S @ S)`],
        ["loss = sum(log(eigenvalues(A)))", `${S}loss = logdet(S)`],
      ] as const) {
        const [got, expected] = [at(text, A), at(other, A)];
        const scale = Math.max(...expected.map(Math.abs));
        for (const [k, value] of expected.entries())
          expect(Math.abs(got[k]! - value) / scale, `${text}, ${gap}`).toBeLessThan(3e-11);
      }
    }
  });

  it("have a third derivative all the same", () => {
    const third = "sum(grad(sum(hvp(f, A, V) * V), A) * V)";
    const compiled = compileModel(
      loadModel({
        name: "model.nabla",
        text: `data V: [3, 3], A: [3, 3]\n${S}let e = {\nlet f = log(sum(eigenvalues(A)^2)) * sum(eigenvalues(A)^3)\nreturn ${third}\n}
          let m = {\nlet f = log(sum(S^2)) * trace(S @ S @ S)\nreturn ${third}\n}\noutput out = [e, m]`,
      }),
    );
    for (const { A } of points) {
      const [eigen, matrix] = compiled.bind({ V: v, A }).outputs({}).out as Float64Array;
      expect(Math.abs(eigen! / matrix! - 1)).toBeLessThan(1e-13);
    }
  });

  it.each([
    ["sum(log(eigenvalues(A))) * sum(eigenvalues(A)^3)", true],
    ["sum(W * (e.vectors @ diag(sqrt(e.values)) @ e.vectors')^2) + sum(e.values^2)", true],
    ["prod(eigenvalues(A))", true],
    ["e.vectors[0, 0] * e.vectors[1, 1]", false],
  ])("have right second derivatives in dual and complex runs, or none: %s", (loss, isSymmetric) => {
    const model = loadModel({
      name: "model.nabla",
      text: `param A: [3, 3]\ndata W: [3, 3]\nlet e = eigh(A)\nloss = ${loss}`,
    });
    const [A, W] = [model.parameters[0]!.expr, model.data[0]!.expr];
    const weights = [1, -2, 7, 3, 5, 0, -1, 4, 2];
    for (const f of [model.loss!, simplify([model.loss!])[0]!]) {
      const direction = f.graph.variable(A.shape);
      const slopes = gradient(f, [A]);
      for (const point of points) {
        const flatA = point.A.flat();
        const flatV = v.flat();
        const values = (second: (x: number, at: number) => unknown) => ({
          sizes: new Map<string, number>(),
          values: new Map([
            [A, flatA.map((x, k) => second(x, flatV[k]!))],
            [W, weights.map((x) => second(x, 0))],
          ]) as never,
        });
        const real = {
          sizes: new Map(),
          values: new Map([
            [A, flatA],
            [W, weights],
            [direction, flatV],
          ]),
        };
        const expected = interpret(simplify(hvp(f, [A], [direction])), real, realField)[0]!;
        const scale = Math.max(...expected.map(Math.abs));
        const runs = (roots: readonly Expr[]) => [
          interpret(
            roots,
            values((value, tangent) => ({ value, tangent })),
            dualField,
          )[0]!.map(({ tangent }) => tangent),
          interpret(
            roots,
            values((re, im) => ({ re, im: im * 1e-30 })),
            complexField,
          )[0]!.map(({ im }) => im / 1e-30),
        ];
        const off = (got: readonly number[]) => Math.max(...got.map((x, k) => Math.abs(x - expected[k]!))) / scale;
        const isTied = point.of !== "no equal ones";
        for (const got of runs(slopes)) {
          const isKnown = got.every(Number.isFinite) && expected.every(Number.isFinite);
          if (isKnown && (isSymmetric || !isTied)) expect(off(got), `${loss} ${point.of}`).toBeLessThan(1e-13);
        }
        // what treats equal ones alike is right as it is simplified, whatever its matrix
        if (isSymmetric && expected.every(Number.isFinite)) {
          for (const got of runs(withSharedTies(slopes))) expect(off(got), `${loss} ${point.of}`).toBeLessThan(1e-13);
        }
      }
    }
  });

  it("are infinite or NaN where they tell equal ones apart", () => {
    const text = "let e = eigenvalues(A)\nloss = e[0] + 2 * e[1] + 3 * e[2]";
    expect(at(text, points[0]!.A).slice(10).some(Number.isFinite)).toBe(false);
  });

  it("go through an extreme of eigenvalues, for numbers that carry a change", () => {
    const { loss, parameters } = loadModel({
      name: "norm",
      text: "param A: [2, 2]\nloss = max(eigh(A' @ A).values)^3",
    });
    const [root] = withSharedTies([loss!]);
    expect(root!.graph.length).toBeLessThan(300);
    const inputs = { sizes: new Map<string, number>(), values: new Map() };
    inputs.values.set(
      parameters[0]!.expr,
      [2, 0, 0, 1].map((value, k) => ({ value, tangent: k === 0 ? 1 : 0 })),
    );
    // the largest eigenvalue is a^2, and its cube a^6
    expect(interpret([root!], inputs, dualField)[0]![0]).toEqual({ value: 64, tangent: 192 });
  });

  function expectNear(got: readonly number[], expected: readonly number[]): void {
    const scale = Math.max(1, ...expected.map(Math.abs));
    for (const [k, value] of expected.entries()) expect(Math.abs(got[k]! - value) / scale).toBeLessThan(1e-13);
  }
});

describe("determinants of singular matrices", () => {
  /** Products of whole numbers of ranks 0 to n; the last one is regular up to a part in 10^9. */
  const ofRank = (n: number, rank: number, shift = 0) =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => {
        let sum = i === j ? shift : 0;
        for (let k = 0; k < rank; k++) sum += (((i + 2) * (k + 3) * 7) % 5) * ((((j + 1) * (2 * k + 1)) % 7) - 3);
        return sum;
      }),
    );

  /** The determinant as the sum over the orders of its columns. */
  function determinant(A: readonly (readonly number[])[]): number {
    if (A.length === 0) return 1;
    return A[0]!.reduce((sum, a, k) => {
      const minor = A.slice(1).map((row) => row.filter((_, j) => j !== k));
      return a === 0 ? sum : sum + (k % 2 === 0 ? a : -a) * determinant(minor);
    }, 0);
  }

  /** The Taylor coefficients of det(A + t V) up to t^4, by interpolation of whole numbers at whole t. */
  function coefficients(A: readonly (readonly number[])[], V: readonly (readonly number[])[]): number[] {
    const differences = A.map((_, t) => t)
      .concat(A.length)
      .map((t) => determinant(A.map((row, i) => row.map((a, j) => a + t * V[i]![j]!))));
    let polynomial = [0];
    let basis = [1];
    let factor = 1;
    for (let order = 0; order <= A.length; order++) {
      polynomial = basis.map((c, k) => (polynomial[k] ?? 0) + (c * differences[0]!) / factor);
      for (let k = 0; k + 1 < differences.length; k++) differences[k] = differences[k + 1]! - differences[k]!;
      differences.pop();
      basis = [...basis, 0].map((_, k) => (basis[k - 1] ?? 0) - order * (basis[k] ?? 0));
      factor *= order + 1;
    }
    return [0, 1, 2, 3, 4].map((k) => polynomial[k] ?? 0);
  }

  it.each([2, 4, 5])("have three derivatives, of known and of unknown size: %i", (n) => {
    const V = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => ((i * 5 + j * 3) % 7) - 3));
    for (const size of ["n", `${n}`]) {
      const text = `param A: [${size}, ${size}]
        data V: [${size}, ${size}]
        let f = det(A)
        loss = f
        output third = sum(grad(sum(hvp(f, A, V) * V), A) * V)`;
      const compiled = compileModel(loadModel({ name: "model.nabla", text }));
      for (let rank = 0; rank <= n; rank++) {
        const [A, direction] = [ofRank(n, rank), { A: V }];
        const bound = compiled.bind({ V });
        const { loss, gradient } = bound.lossAndGradient({ A });
        const along = (list: ArrayLike<number>) => flat(V).reduce((sum, v, k) => sum + v * list[k]!, 0);
        const got = [loss, along(gradient.A!), along(bound.hvp({ A }, direction).A!) / 2];
        const expected = coefficients(A, V).slice(0, 4);
        const scale = expected.reduce((sum, c) => sum + Math.abs(c), 1) * Math.max(1, ...flat(A).map(Math.abs));
        for (const [k, value] of [...got, bound.outputs({ A }).third![0]! / 6].entries())
          expect(Math.abs(value - expected[k]!) / scale, `${size}, rank ${rank}, order ${k}`).toBeLessThan(1e-12);
      }
    }
  });

  it.each([4, 5])("have a fourth derivative, or NaN, which is where the rank is below n - 3: %i", (n) => {
    const V = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => ((i * 5 + j * 3) % 7) - 3));
    for (const size of ["n", `${n}`]) {
      const text = `param A: [${size}, ${size}]
        data V: [${size}, ${size}]
        let third = dot(grad(dot(hvp(det(A), A, V), V), A), V)
        loss = det(A)
        output fourth = dot(grad(third, A), V)`;
      const bound = compileModel(loadModel({ name: "model.nabla", text })).bind({ V });
      for (let rank = 0; rank <= n; rank++) {
        // rounding leaves pivots that are not 0
        const A = ofRank(n, rank).map((row) => row.map((a) => a / 3));
        const got = bound.outputs({ A }).fourth![0]! / 24;
        const expected =
          coefficients(
            ofRank(n, rank),
            V.map((row) => row.map((v) => 3 * v)),
          )[4]! /
          3 ** n;
        if (rank < n - 3) expect(got, `${size}, rank ${rank}`).toBeNaN();
        else expect(Math.abs(got - expected), `${size}, rank ${rank}`).toBeLessThan(1e-11 * (1 + Math.abs(expected)));
      }
    }
  });

  it("have second derivatives as accurate near a singular matrix as at it", () => {
    const bound = compileModel(loadModel({ name: "model.nabla", text: "param A: [4, 4]\nloss = det(A)" })).bind({});
    // diag(1, 1, s, s): the second derivative in the two last elements is 1, for every s
    const V = [0, 0, 0, 1].map((_, i) => [0, 0, 0, 0].map((_, j) => (i === 3 && j === 3 ? 1 : 0)));
    for (const s of [1, 1e-8, 1e-150, 0]) {
      const A = [1, 1, s, s].map((d, i) => [0, 0, 0, 0].map((_, j) => (i === j ? d : 0)));
      expect(bound.hvp({ A }, { A: V }).A![10]).toBe(1);
    }
  });
});

describe("a side that is not taken", () => {
  const bind = (text: string) => compileModel(loadModel({ name: "model.nabla", text })).bind({});
  const singular = [
    [1, 2],
    [2, 4],
  ];
  const sides = {
    "logdet(A)": "else sum(A^2)",
    "sum(solve(A, A[0])^2)": "else sum(A^2)",
    "sum(cholesky(A))": "else sum(A^2)",
    "logdet(A, positiveDefinite = true)": "else sum(A^2)",
    "sum(qr(A).r)": "else sum(A^2)",
  };

  it.each(Object.entries(sides))("makes no NaN of a matrix without factors: %s", (yes, no) => {
    const bound = bind(`param A: [n, n]\nloss = if A[0, 0] > 5 then ${yes} ${no}`);
    expect([...bound.lossAndGradient({ A: singular }).gradient.A!]).toEqual([2, 4, 4, 8]);
  });

  it.each(Object.entries(sides).slice(0, 2))("makes no NaN of second derivatives: %s", (yes, no) => {
    const bound = bind(`param A: [n, n]\nloss = if A[0, 0] > 5 then ${yes} ${no}`);
    expect([...bound.hvp({ A: singular }, { A: singular }).A!]).toEqual([2, 4, 4, 8]);
  });

  it("is told apart for every element of a batch", () => {
    const bound = bind("param A: [k, n, n]\nloss = sum(i: if A[i, 0, 0] > 1 then logdet(A[i]) else sum(A[i]^2))");
    const A = [
      singular,
      [
        [2, 0],
        [0, 1],
      ],
    ];
    expect([...bound.lossAndGradient({ A }).gradient.A!]).toEqual([2, 4, 4, 8, 0.5, 0, 0, 1]);
    expect([...bound.hvp({ A }, { A }).A!].map((x) => x + 0)).toEqual([2, 4, 4, 8, -0.5, 0, 0, -1]);
  });
});

describe("matrices of every size and scale", () => {
  it.each([
    [1, 1],
    [7, 1e150],
    [7, 1e-150],
    [30, 1],
  ])("have factors that give them back: n = %i, scale %d", (n, scale) => {
    let state = 1;
    const entries = Array.from({ length: n * n }, () => {
      state = (state * 48271) % 2147483647;
      return scale * (state / 2147483647 - 0.5);
    });
    const at = (i: number, j: number) => entries[i * n + j]!;
    const definite = entries.map((_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return at(i, j) + at(j, i) + (i === j ? 2 * n * scale : 0);
    });
    const text = `
      data A: [n, n], S: [n, n], largest
      let e = eigh(A + A'), f = qr(A), L = cholesky(S)
      output ofValues = max(abs((A + A') @ e.vectors - [i, j: e.vectors[i, j] * e.values[j]])) / largest
      output ofVectors = max(abs(e.vectors' @ e.vectors - eye(n)))
      output ofQR = max(abs(f.q @ f.r - A)) / largest
      output ofQ = max(abs(f.q' @ f.q - eye(n)))
      output ofCholesky = max(abs((L / sqrt(largest)) @ (L / sqrt(largest))' - S / largest))
      output ofSystem = max(abs(A @ solve(A, A[0]) - A[0])) / largest`;
    const shape = [n, n];
    const data = { A: { data: entries, shape }, S: { data: definite, shape }, largest: n * scale };
    const outputs = compileModel(loadModel({ name: "model.nabla", text }))
      .bind(data)
      .outputs({});
    // residuals are some tens of roundings
    for (const [name, [residual]] of Object.entries(outputs))
      expect(residual, name).toBeLessThan(1e-13 * Math.max(n, 5));
  });
});

describe("matrices of nothing", () => {
  const empty = { data: [], shape: [0, 0] };
  it.each([
    ["cholesky(A)", []],
    ["inverse(A)", []],
    ["solve(A, A)", []],
    ["det(A)", [1]],
    ["logdet(A)", [0]],
    ["eigenvalues(A)", []],
    ["qr(A).q", []],
    ["sort(A)", []],
  ])("have a value: %s", (expression, expected) => {
    const compiled = compileModel(
      loadModel({ name: "model.nabla", text: `data A: [n, n]\noutput out = ${expression}` }),
    );
    const { out } = compiled.bind({ A: empty }).outputs({});
    expect(Array.from(out!)).toEqual(expected);
  });
});

describe("a count that leaves its array", () => {
  it.each([
    ["data x: [n], k: int\noutput out = topK(x, k)", { x: [1] }, "needs a size"],
    [
      "data x: [n], y: [k]\noutput out = topK(x, k) + y",
      { x: [1], y: [1, 2] },
      "topK takes at most the elements there are, so n - k: needed 0 and above, got -1",
    ],
    [
      "data x: [n, k]\noutput out = qr(x).r",
      { x: [[1, 2]] },
      "qr needs at least as many rows as columns, so n - k: needed 0 and above, got -1",
    ],
  ])("is an error that says so: %s", (text, inputs, message) => {
    const run = () =>
      compileModel(loadModel({ name: "model.nabla", text }))
        .bind(inputs)
        .outputs({});
    expect(run).toThrow(message);
  });
});

describe("sorting", () => {
  it("is stable, and puts NaN last, at every length", () => {
    const compiled = compileModel(
      loadModel({
        name: "model.nabla",
        text: "data x: [n]\noutput out = argsort(x)\noutput back = argsort(x, descending = true)",
      }),
    );
    for (let n = 0; n < 40; n++) {
      const x = Array.from({ length: n }, (_, k) => ((k * k * 7 + n) % 11 === 5 ? nan : (k * k * 7 + n) % 5));
      const key = (k: number, missing: number) => (Number.isNaN(x[k]) ? missing : x[k]!);
      const positions = [...x.keys()];
      const { out, back } = compiled.bind({ x }).outputs({});
      expect(Array.from(out!)).toEqual([...positions].sort((i, j) => key(i, 9) - key(j, 9)));
      expect(Array.from(back!)).toEqual([...positions].sort((i, j) => key(j, -9) - key(i, -9)));
    }
  });
});

describe("the functions of nabla/linear-algebra", () => {
  const process = model({ A: data(["n", "n"]), b: vec("n"), X: mat("k", "n") }, ({ A, b, X }) => {
    const { values, vectors } = eigh(A);
    const { q, r } = qr(A);
    const back = vectors.mul(values).matmul(vectors.transpose()).sub(A).square().sum();
    const apart = q.matmul(r).sub(A).square().sum();
    const rows = array((i) => solve(A, X.at(i), { positiveDefinite: true })).sum();
    const systems = solve(A, b)
      .add(solveTriangular(cholesky(A), b, { transpose: true }))
      .sum();
    const others = inverse(A).trace().add(det(A)).add(logdet(A)).add(eigenvalues(A).sum());
    const order = sort(b, { descending: true })
      .at(0)
      .add(topK(b, 2).at(1))
      .add(b.at(argsort(b).at(0)));
    return { loss: sum((i) => b.at(i)).mul(0), back, apart, rows, systems, others, order };
  });

  it("are those of the language", () => {
    const inputs = {
      A: square,
      b,
      X: [
        [4, 2, 0],
        [6, 9, 7],
      ],
    };
    const at = (name: string) => outputAt(process, name, inputs)[0]!;
    expect(at("back")).toBeCloseTo(0, 12);
    expect(at("apart")).toBeCloseTo(0, 12);
    expect(at("rows")).toBeCloseTo(1 + 3, 12);
    expect(at("systems")).toBeCloseTo(0.859375 + 2.125, 12);
    expect(at("others")).toBeCloseTo(57 / 64 + 64 + Math.log(64) + 14, 12);
    expect(at("order")).toBe(3 + 2 + 1);
    expect(lossAt(process, inputs)).toBe(0);
  });
});
