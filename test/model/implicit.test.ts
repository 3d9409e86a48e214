import { describe, expect, it, vi } from "vitest";
import { directional, gradient } from "../../src/autodiff/derivatives.ts";
import { pairExecutable } from "../../src/check/execute.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { complexPairs, dualPairs } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import { loops } from "../../src/extensions/loops.ts";
import { DifferentiationError } from "../../src/ir/errors.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { showGraph } from "../../src/ir/show.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { dot } from "../../src/ops/arrays/contractions.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { complexStep, type Inputs, lossAt, sizesOf } from "../build/evaluate.ts";
import { parseGraph } from "../ir/parse-graph.ts";

const load = (text: string) => loadModel({ name: "solve.nabla", text });

/** Implicit functions whose solution is known in closed form. */
const known: readonly (readonly [string, string, string, Inputs])[] = [
  ["a square root", "param a\nloss = root(s = 1: s^2 - a)^3", "param a\nloss = a^1.5", { a: 2.3 }],
  [
    "a root far from its start, with a flat side",
    "param a\nloss = sin(root(s = 5: atan(s - a)))",
    "param a\nloss = sin(a)",
    { a: -1.2 },
  ],
  [
    "a root that Newton's method alone circles around",
    "param a\nloss = root(s = 0: s^3 - 2 * s + 2 * a)",
    "param a\nlet s = -1.7692923542386314\nloss = s",
    { a: 1 },
  ],
  ["a root that is 0", "param a\nloss = root(s = 1: sin(s) * exp(a)) + a", "param a\nloss = a", { a: 0.5 }],
  [
    "a root for each value of an iterator",
    "param a: [n]\nloss = sum(i: i * root(s = 1: exp(s) - a[i]))",
    "param a: [n]\nloss = sum(i: i * log(a[i]))",
    { a: [0.5, 2, 3.5] },
  ],
  [
    "a system",
    "param A: [2, 2], b: [2]\nlet z = root(z = zeros(2): A @ z - b)\nloss = dot(z, z)",
    "param A: [2, 2], b: [2]\nlet z = solve(A, b)\nloss = dot(z, z)",
    {
      A: [
        [2, 0.5],
        [-0.25, 1.5],
      ],
      b: [1, -2],
    },
  ],
  [
    "a system for each value of an iterator",
    "param c: [n]\nloss = sum(i: dot(root(z = [1, 1]: [z[0]^2 - c[i], z[0] * z[1] - 1]), [1, c[i]]))",
    "param c: [n]\nloss = sum(i: c[i]^0.5 + c[i]^0.5)",
    { c: [0.5, 3] },
  ],
  [
    "a least value",
    "param a, b\nloss = argmin(s = 3: b * (s - a)^2 + exp(0 * s))",
    "param a, b\nloss = a + 0 * b",
    { a: 0.7, b: 2 },
  ],
  [
    "a least value from where the curve bends down",
    "param a\nloss = argmin(s = 0.1: a * s^4 - s^2)",
    "param a\nloss = 1 / sqrt(2 * a)",
    { a: 0.8 },
  ],
  [
    "a least value whose slope reads a Jacobian through a view",
    "param a\nlet u = scan(i in 0..2, c = a: { c = 1; y = c }).y\nloss = sum(sin(argmin(z = [0, 0]: sum((z - jacobian(u * a, a))^2))))",
    "param a\nloss = sin(2 * a) + sin(1)",
    { a: 0.4 },
  ],
  [
    "a least value of several unknowns",
    "param A: [2, 2], b: [2]\nlet z = argmin(z = [1, 1]: 0.5 * sum((A @ z - b)^2))\nloss = sum(sin(z))",
    "param A: [2, 2], b: [2]\nloss = sum(sin(solve(A, b)))",
    {
      A: [
        [2, 0.5],
        [-0.25, 1.5],
      ],
      b: [1, -2],
    },
  ],
  ["a fixed point", "param a\nloss = fixedPoint(y = 1: 0.5 * (y + a / y))", "param a\nloss = sqrt(a)", { a: 2.5 }],
  [
    "a root within a loop",
    "param x: [n]\nloss = scan(v in x, s = 1: s * root(r = 1: r^2 - exp(v)))",
    "param x: [n]\nloss = exp(sum(x) / 2)",
    { x: [0.5, -1, 0.25] },
  ],
  [
    "a root of a derivative in it",
    "param a\nlet f = a * sin(a)\nloss = root(s = 1: s^3 - grad(f, a))",
    "param a\nloss = (sin(a) + a * cos(a))^(1/3)",
    { a: 0.9 },
  ],
];

describe("an implicit function", () => {
  it.each(known)("has the value and derivatives of its closed form: %s", (_, solved, closed, inputs) => {
    const [implicit, explicit] = [load(solved), load(closed)];
    const isKnown = explicit.warnings.length === 0;
    expect(lossAt(implicit, inputs)).toBeCloseTo(lossAt(explicit, inputs), 12);
    if (!isKnown) return;
    const [mine, theirs] = [implicit, explicit].map((model) => compileModel(model).bind());
    const point = inputs as Record<string, number[]>;
    const [a, b] = [mine!.lossAndGradient(point), theirs!.lossAndGradient(point)];
    const [hvp, reference] = [mine!.hvp(point, point), theirs!.hvp(point, point)];
    expect(a.loss).toBeCloseTo(b.loss, 12);
    for (const { name } of implicit.parameters) {
      const steps = complexStep(implicit, implicit.loss!, name, inputs);
      for (const [k, slope] of steps.entries()) {
        expect(a.gradient[name]![k], `gradient in ${name}`).toBeCloseTo(b.gradient[name]![k]!, 11);
        expect(slope, `complex step in ${name}`).toBeCloseTo(b.gradient[name]![k]!, 11);
        expect(hvp[name]![k], `HVP in ${name}`).toBeCloseTo(reference[name]![k]!, 10);
      }
    }
  });

  it("has third derivatives, also over complex and dual numbers", () => {
    const model = load("param a: [2]\nloss = root(s = 1: s^3 + a[0] * s - a[1])^2");
    const [a] = model.parameters.map(({ expr }) => expr);
    const second = directional(directional(model.loss!, [a!], [a!]), [a!], [a!]);
    const third = gradient(second, [a!])[0]!;
    const inputs = { a: [0.7, 1.4] };
    const bindings = { sizes: sizesOf(model, inputs), values: new Map([[a!, inputs.a]]) };
    const direction = [0.3, -0.8];
    const along = dot(third, third.graph.tensor(direction, [2]));
    const expected = compileModel({ ...model, loss: along })
      .bind()
      .lossAndGradient(inputs).loss;
    const engines = [
      [compileComplex, 2 ** -100],
      [compileDual, 1],
      [(...args: Parameters<typeof compileDual>) => compileClosuresOver(complexPairs, ...args), 2 ** -100],
      [(...args: Parameters<typeof compileDual>) => compileClosuresOver(dualPairs, ...args), 1],
    ] as const;
    for (const [compile, step] of engines) {
      const run = pairExecutable([second], compile);
      const moved = run(bindings, new Map([[a!, direction.map((v) => v * step)]]));
      expect(moved.second[0]![0]! / step).toBeCloseTo(expected, 10);
    }
  });

  it.each([
    ["no root", "param a\nloss = root(s = 1: s^2 + a)", { a: 1 }],
    ["a pole", "param a\nloss = root(s = -1: 1 / (s - a))", { a: 0.5 }],
    ["no least value", "param a\nloss = argmin(s = 1: a * exp(s))", { a: 1 }],
    ["no root, whose derivative does not hold the root", "param a\nloss = root(s = 1: exp(s) * (1 + a^2))", { a: 1 }],
    ["a largest value in place of a least one", "param a\nloss = argmin(s = 0: cos(s) * a)", { a: 1 }],
    ["an iteration that runs away", "param a\nloss = fixedPoint(y = 1, limit = 100: a * y + 1)", { a: 3 }],
    ["a linear iteration that runs away", "param a\nloss = fixedPoint(s = 1: 2*s + a)", { a: 0.5 }],
    ["vectors", "param a\nloss = sum(fixedPoint(s = [1, 1]: 2*s + a))", { a: 0.5 }],
    ["one of several", "param a\nloss = sum(i in 0..2: fixedPoint(s = 1: 2*i*s + a))", { a: 0.5 }],
    ["a limit that is too low", "param a\nloss = root(s = 100, limit = 2: s^2 - a)", { a: 2 }],
  ])("is NaN and does not hang for %s", (_, text, inputs) => {
    const bound = compileModel(load(text)).bind();
    const { loss, gradient } = bound.lossAndGradient(inputs);
    expect(loss).toBeNaN();
    expect(gradient.a![0]).toBeNaN();
    expect(bound.hvp(inputs, { a: 1 }).a![0]).toBeNaN();
  });

  it.each(["exp(z) - a * z + z^2", "(z - a)^2 + softplus(z)", "logaddexp(z, -z) - 0.5 * a * z"])(
    "is found wherever rounding leaves the last steps: argmin of %s",
    (objective) => {
      const bound = compileModel(load(`param a\nloss = argmin(z = 1: ${objective})`)).bind();
      const points = Array.from({ length: 2000 }, (_, k) => 0.9 * Math.sin(12.9898 * k));
      const isLost = (a: number) => {
        const { loss, gradient } = bound.lossAndGradient({ a });
        return !Number.isFinite(loss) || !Number.isFinite(gradient.a![0]);
      };
      expect(points.filter(isLost)).toEqual([]);
    },
  );

  it("reads back from its text form", () => {
    const { graph, loss, parameters } = load(
      "param a\nloss = root(s = 1: s^2 - a) + while(y = a, test = y > 1, limit = 9: y / 2)",
    );
    const roots = [loss!, ...gradient(loss!, [parameters[0]!.expr])];
    const text = showGraph(roots);
    const source = { name: "graph", text };
    expect(parseGraph(source, primitiveNamed, graph, undefined, loops).roots).toEqual(roots);
    expect(showGraph(parseGraph(source, primitiveNamed, new Graph(), undefined, loops).roots)).toBe(text);
  });
});

describe("solutions under iterators", () => {
  /** The loops in the solver of a model's solution, from the outside in: their kinds and the ranks of their carries. */
  function solverOf(text: string): [kind: string, ranks: number[]][] {
    const found: [string, number[]][] = [];
    const look = (roots: readonly Expr[]): void => {
      const graphs = topologicalOrder(roots).filter(
        ({ kind, graph, id }) => kind === "operation" && graph.resultOf(id) === 0,
      );
      for (const { graph, id } of graphs) {
        const operation = graph.operationOf(id);
        if (operation.kind === "implicit") look(operation.solver.roots);
        if (operation.kind !== "scan" && operation.kind !== "while") continue;
        const carries = operation.operands.slice(0, operation.carries);
        found.push([operation.kind, [...new Set(carries.map(({ shape }) => shape.length))]]);
        look(operation.body.roots);
      }
    };
    look([load(text).loss!]);
    return found;
  }

  it.each([
    [
      "numbers",
      "param a: [n]\nloss = sum(i: root(s = 1: exp(s) - a[i]))",
      [
        ["scan", []],
        ["while", [0]],
      ],
    ],
    [
      "numbers for each pair",
      "param a: [n], b: [m]\nloss = sum(i, j: argmin(s = b[j]: cosh(s - a[i]) + sum(k: (s - b[k])^2)))",
      [
        ["scan", []],
        ["scan", []],
        ["while", [0]],
      ],
    ],
    [
      "vectors",
      "param c: [n]\nloss = sum(i: sum(root(z = [1, 1]: [z[0]^2 - c[i], z[0] * z[1] - 1])))",
      [
        ["scan", []],
        ["while", [1, 0]],
      ],
    ],
    // a loop in the equation has its values for all elements in every step
    [
      "all at once",
      "param a: [n]\nloss = sum(i: root(s = 1: scan(k in 0..2, c = s: c^2 + s) - a[i]))",
      [
        ["scan", [1]],
        ["while", [1]],
        ["scan", [1]],
      ],
    ],
  ])("are found one by one where nothing is in the way: %s", (_, text, expected) => {
    expect(solverOf(text).slice(0, expected.length)).toEqual(expected);
  });

  it("read what belongs to their element, in whatever order it lies", () => {
    const inputs = {
      a: [0.5, 2, 3.5],
      b: [0.25, -0.5],
      T: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    };
    // s^3 + s = r has one real solution
    const text = (solution: (right: string) => string) => `param a: [n], b: [m], T: [m, n]
      def solution(r) = 2 / sqrt(3) * sinh(asinh(1.5 * sqrt(3) * r) / 3)
      loss = sum(i, j: ${solution("(a[i] * b[j] + T[j, n-1-i] + sum(k: a[k]) - i)")} * (i + 2 * j + 1))`;
    const solved = load(text((right) => `root(s = j: s^3 + s - ${right})`));
    const closed = load(text((right) => `solution${right}`));
    expect(lossAt(solved, inputs)).toBeCloseTo(lossAt(closed, inputs), 12);
  });
});

describe("a step towards a solution", () => {
  const evaluations = (text: string, point: Readonly<Record<string, number>>) => {
    const bound = compileModel(load(text)).bind();
    const residual = vi.spyOn(Math, "sin");
    try {
      expect(bound.loss(point)).not.toBeNaN();
      return residual.mock.calls.length;
    } finally {
      residual.mockRestore();
    }
  };

  // five or six steps, one more to see that nothing moves, and Newton's steps at the end
  it("evaluates the residual of a number once", () => {
    expect(evaluations("param e, a\nloss = root(E = a: E - e * sin(E) - a)", { e: 0.6, a: 1 })).toBeLessThan(12);
  });

  it("evaluates the residuals of a system once", () => {
    const text = "param e\nloss = sum(root(z = [1, 2]: [z[0] - e * sin(z[0]) - 1, z[1] - e * z[0] - 2]))";
    expect(evaluations(text, { e: 0.6 })).toBeLessThan(12);
  });
});

describe("an implicit step of a stiff equation", () => {
  // Robertson's kinetics by backward Euler: residuals have to grow on the way from such starts
  const step = load(`param rates: [3], u: [3], h
    def slope(y: [3]) = [rates[2]*y[1]*y[2] - rates[0]*y[0], rates[0]*y[0] - rates[2]*y[1]*y[2] - rates[1]*y[1]^2, rates[1]*y[1]^2]
    let y = root(y = u: y - u - h * slope(y))
    loss = y[0]
    output total = sum(y)`);

  // the solutions by Newton's method in full steps, to 40 digits
  it.each([
    [[0.0628, 4.795e9, 4.74e6], [0.012, 1.65e-5, 0.9879835], 7348, 0.0120155850677137],
    [[9.67, 2.117, 590.1], [0.4623, 5.48e-5, 0.5376452], 793.7, 0.3357414337265447],
    [[0.0156, 5.57e8, 298_000], [0.5962, 1.463e-5, 0.40378537], 97_789, 0.4745283153208327],
    [[0.312, 9.6e6, 175_700], [0.3034, 7e-5, 0.69653], 616.76, 0.3000391005856396],
  ])("is found: rates %j", (rates, u, h, wanted) => {
    const bound = compileModel(step).bind();
    const found = bound.loss({ rates, u, h });
    expect(found).toBeCloseTo(wanted, 12);
    expect(bound.outputs({ rates, u, h }).total).toBeCloseTo(1, 10);
  });
});

describe("while", () => {
  const pairs: readonly (readonly [string, string, string, Inputs])[] = [
    [
      "a scalar",
      "param a\nloss = while(y = a, test = y > 0.5, limit = 20: 0.6 * y * sin(a))",
      "param a\nloss = 0.36 * a * sin(a)^2",
      { a: 1.4 },
    ],
    [
      "a start that every step reads",
      "param a\nloss = while(y = a, test = abs(y^2 - a) > 1e-9, limit = 20: (y + a / y) / 2)",
      "param a\nloss = sqrt(a)",
      { a: 3.1 },
    ],
    [
      "no step at all",
      "param a\nloss = while(y = a, test = y > 100, limit = 20: y * y)",
      "param a\nloss = a",
      { a: 1.4 },
    ],
    [
      "a limit that ends it",
      "param a\nloss = while(y = a, test = y > 0, limit = 3: y * y)",
      "param a\nloss = a^8",
      { a: 0.9 },
    ],
    [
      "a record with a vector",
      `param h: [2]
      let run = while(s = h, k = 0, test = k < 2, limit = 5: { s = sin(s) * s[0]; k = k + 1 })
      loss = sum(run.s) * run.k`,
      "param h: [2]\nlet s = sin(h) * h[0]\nloss = 2 * sum(sin(s) * s[0])",
      { h: [0.9, 0.4] },
    ],
    [
      "a loop for each value of an iterator",
      "param a: [3]\nloss = sum(i: i * while(y = a[i], test = y > 1, limit = 20: y / 2))",
      "param a: [3]\nloss = a[1] / 2 + 2 * a[2] / 8",
      { a: [0.5, 1.5, 7] },
    ],
  ];

  it.each(pairs)("equals its steps written out: %s", (_, looped, flat, inputs) => {
    const [loop, plain] = [load(looped), load(flat)];
    const [mine, theirs] = [loop, plain].map((model) => compileModel(model).bind());
    const point = inputs as Record<string, number[]>;
    const [a, b] = [mine!.lossAndGradient(point), theirs!.lossAndGradient(point)];
    const [hvp, reference] = [mine!.hvp(point, point), theirs!.hvp(point, point)];
    expect(a.loss).toBeCloseTo(b.loss, 13);
    for (const { name } of loop.parameters) {
      for (const [k, slope] of complexStep(loop, loop.loss!, name, inputs).entries()) {
        expect(slope).toBeCloseTo(b.gradient[name]![k]!, 12);
        expect(a.gradient[name]![k]).toBeCloseTo(b.gradient[name]![k]!, 12);
        expect(hvp[name]![k]).toBeCloseTo(reference[name]![k]!, 11);
      }
    }
  });

  it("asks a condition on numbers behind a step, and takes no step more", () => {
    const source = (test: string) =>
      compileModel(load(`param x\nloss = while(y = x, test = ${test}, limit = 50: sin(y) + y)`)).source("loss");
    expect(source("y < 3")).not.toContain("if (t");
    // what takes long may be what the step needs too
    expect(source("sin(y) > 0.1")).toContain("if (t");
  });

  it("has forward derivatives without a limit, and says why it has no others", () => {
    const text = "param a\nlet y = while(y = a, test = y > 0.5: 0.6 * y * sin(a))\n";
    const forward = load(`${text}loss = jvp(y, a, 1)`);
    const flat = load("param a\nlet y = 0.36 * a * sin(a)^2\nloss = jvp(y, a, 1)");
    expect(lossAt(forward, { a: 1.4 })).toBeCloseTo(lossAt(flat, { a: 1.4 }), 13);
    expect(() =>
      compileModel(load(`${text}loss = y`))
        .bind()
        .lossAndGradient({ a: 1.4 }),
    ).toThrow(DifferentiationError);
    expect(() =>
      compileModel(load(`${text}loss = y`))
        .bind()
        .lossAndGradient({ a: 1.4 }),
    ).toThrow("limit = 100");
  });
});
