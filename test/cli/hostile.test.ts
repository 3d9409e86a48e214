import { describe, expect, it } from "vitest";
import { engineNames } from "../../src/cli/eval/request.ts";
import { run } from "./run.ts";

// What must not pass silently: positions outside, lengths below 0, strides of 0, matrices without factors, iterations
// that find no end. Each is answered alike by every engine, by an error that says where and what, or by NaN as documented.

type Inputs = Readonly<Record<string, unknown>>;
interface Answer {
  readonly id: readonly [number, string];
  readonly loss?: number | string;
  readonly gradient?: Inputs;
  readonly error?: { readonly message: string };
}

const empty = { shape: [0], data: [] };
const three = { x: [[1], [2], [3]], f: [[[1]], [[1]]] };
const singular = {
  A: [
    [1, 2],
    [2, 4],
  ],
  b: [1, 1],
};

/** What is declared, the loss, inputs, and a part of the error's message. */
const refused: readonly (readonly [string, string, Inputs, string])[] = [
  // positions, once for a call, with the place
  ["param T: [n]\ndata i: int[m]", "sum(T[i])", { T: [1, 2], i: [0, 2] }, "needed 0..2, got 2 at [1]"],
  ["param T: [n]\ndata i: int[m]", "sum(T[i])", { T: [1, 2], i: [0, -1] }, "needed 0..2, got -1 at [1]"],
  ["param T: [n]\ndata i: int[m]", "sum(T[i])", { T: [1, 2], i: [0, 0.5] }, '"i" at [1] needs a whole number, got 0.5'],
  [
    "param T: [n]\ndata i: int[m]",
    "sum(T[i])",
    { T: [1, 2], i: [0, "NaN"] },
    '"i" at [1] needs a whole number, got NaN',
  ],
  ["param w\ndata k: int", "w * k", { w: 1, k: 1.5 }, '"k" needs a whole number, got 1.5'],
  ["param w\ndata k: int", "w * k", { w: 1, k: 2 ** 53 }, '"k" needs a whole number within 2^31, got 9007199254740992'],
  ["param T: [n]\ndata i: int[m]", "scan(k in i, s = 0: s + T[k])", { T: [1, 2], i: [0, 2] }, "got 2 at [1]"],
  ["param T: [n]\ndata i: int[n]", "sum(scatterAdd(T, i, 3)^2)", { T: [1, 2], i: [0, 3] }, "needed 0..3, got 3 at [1]"],
  ["param T: [3]\ndata i: int[n]", "sum(oneHot(i, 3) @ T)", { T: [1, 2, 3], i: [0, 3] }, "needed 0..3, got 3 at [1]"],
  ["param X: [m, n]\ndata i: int[m, k]", "sum(takeAlongAxis(X, i))", { X: [[1, 2]], i: [[2]] }, "got 2 at [0, 0]"],
  ["param T: [n]", "T[toInt(T[0])]", { T: [7, 5] }, "needed 0..2, got 7"],
  ["size k\nparam T: [n]", "T[k]^2", { T: [1, 2], k: 2 }, "needed 0..2, got 2"],
  // lengths
  ["size k\nparam x: [n]", "sum(x) + sum(zeros(k))", { x: [1], k: -1 }, '"k" needs a whole number, got -1'],
  ...["zeros(k - 3)", "ones(2, k - 3)", "eye(k - 3)", "tile(x, k - 3)", "repeatElements(x, k - 3)"].map(
    (made) =>
      ["size k\nparam x: [n]", `sum(x) + sum(${made})`, { x: [1], k: 1 }, "needed 0 and above, got -2"] as const,
  ),
  ...["uniform(1, [k - 3])", "pad(x, k - 3)", "pad(x, [[0, k - 3]])", "reshape(x, [k - 3, k - 3])"].map(
    (made) =>
      ["size k\nparam x: [n]", `sum(x) + sum(${made})`, { x: [1], k: 1 }, "needed 0 and above, got -2"] as const,
  ),
  [
    "size k\nparam x: [n]",
    "sum(roll(x, k - 5))",
    { x: [1, 2], k: 1 },
    "the distance of roll: needed 0 and above, got -4",
  ],
  ["size k\nparam x: [n]", "sum(roll(x, k) * x)", { x: [1, 2], k: 7 }, "at most the size of the axis"],
  [
    "size k\nparam x: [n]",
    "sum(x) + sum(i in 0..k - 3: 1)",
    { x: [1], k: 1 },
    "not be negative: needed 0 and above, got -2",
  ],
  ["size k\nparam x: [n]", "scan(i in 0..k - 3, s = x[0]: 2 * s)", { x: [1], k: 1 }, "needed 0 and above, got -2"],
  ["size k\nparam x: [n]", "reverseScan(i in k..2, s = x[0]: 2 * s)", { x: [1], k: 5 }, "needed 0 and above, got -3"],
  ["size k\nparam x: [n]", "sum(map(i in k..2: i * x[0]))", { x: [1], k: 5 }, "needed 0 and above, got -3"],
  ["size k\nparam a", "while(s = a, test = s > 0, limit = k - 3: s + 1)", { a: 1, k: 1 }, "needed 0 and above, got -2"],
  ["param a", "while(s = a, test = s > 0, limit = 0: s + 1)", { a: 1 }, "a limit is a number of steps, got 0"],
  ["param x: [n]", "max(x)", { x: empty }, "must not be empty: needed 1 and above, got 0"],
  ["param x: [n]", "sort(x)[0]", { x: empty }, "needed 0..0, got 0"],
  [
    "size k\nparam x: [n]",
    "sum(topK(x, k))",
    { x: [1, 2], k: 3 },
    "topK takes at most the elements there are, so n - k",
  ],
  ["size k\nparam x: [n]", "sum(x[1..k])", { x: [1, 2, 3], k: 5 }, "leaves axis 0 of x"],
  ["size k\nparam x: [n]", "sum(x[2..k]) + x[0]", { x: [1, 2, 3], k: 1 }, "ends before it begins"],
  [
    "size k\nparam x: [n]",
    "sum(reshape(x, [k, 2])^2)",
    { x: [1, 2, 3], k: 2 },
    "as in [n], so a difference of 0: needed 0..1, got 1",
  ],
  ["param x: [n]", "sum(split(x, 2)^2)", { x: [1, 2, 3] }, "equal parts"],
  // windows
  ...["stride", "dilation"].map(
    (option) =>
      [
        "size s\nparam x: [n, 1], f: [2, 1, 1]",
        `sum(conv1d(x, f, ${option} = s))`,
        { ...three, s: 0 },
        `"${option}" of conv1d must be 1 or more`,
      ] as const,
  ),
  ["size s\nparam x: [n, 1]", "sum(maxPool1d(x, window = s))", { x: three.x, s: 0 }, '"window" of maxPool1d must be 1'],
  ["size s\nparam x: [n, 1]", "sum(avgPool1d(x, window = s))", { x: three.x, s: 4 }, "H' = floor((H + 2p - F)/s) + 1"],
  ["param x: [n, 1], f: [F, 1, 1]", "sum(conv1d(x, f))", { ...three, x: [[1]] }, "H' = floor((H + 2p - F)/s) + 1"],
  [
    "param x: [n, 1], f: [F, 1, 1]",
    "sum(conv1d(x, f))",
    { x: [[1]], f: { shape: [0, 1, 1], data: [] } },
    "the window of",
  ],
  // loops that cannot be taken back, equations without an unknown
  ["param a", "while(s = a, test = s < 3: s + 1)", { a: 1 }, "no reverse derivative without a limit"],
  ["param a", "root(s = 1: a + 0 * s)", { a: 1 }, "does not vary with it"],
  ["param a", "argmin(s = 1: a * s)", { a: 1 }, "the slope of this one is the same everywhere"],
];

/** What is declared, the loss, inputs, and the loss as JSON writes it. */
const documented: readonly (readonly [string, string, Inputs, number | string])[] = [
  ["param T: [n]\ndata i: int[m]", "sum(k: if i[k] < n then T[i[k]] else 0)", { T: [1, 2], i: [0, 2] }, 1],
  ["param x: [n]", "mean(x)", { x: empty }, "NaN"],
  ["param x: [n]", "logsumexp(x)", { x: empty }, "-Infinity"],
  ["param x: [n]", "sum(sort(x)) + sum(cumsum(x)) + sum(cumprod(x))", { x: empty }, 0],
  ["param x: [n]", "scan(v in x, s = 0.5: s * v)", { x: empty }, 0.5],
  ["param x: [n]", "sort(x)[0]", { x: ["NaN", 1] }, 1],
  ["param A: [n, n], b: [n]", "sum(solve(A, b))", singular, "NaN"],
  ["param A: [n, n], b: [n]", "logdet(A) + 0 * sum(b)", singular, "-Infinity"],
  [
    "param A: [n, n], b: [n]",
    "sum(solveTriangular(A, b))",
    {
      A: [
        [0, 2],
        [2, 4],
      ],
      b: [1, 1],
    },
    "NaN",
  ],
  [
    "param A: [n, n]",
    "sum(cholesky(A))",
    {
      A: [
        [1, 2],
        [2, 1],
      ],
    },
    "NaN",
  ],
  [
    "param A: [n, n]",
    "logdet(A, positiveDefinite = true)",
    {
      A: [
        [-1, 0],
        [0, -4],
      ],
    },
    "NaN",
  ],
  [
    "param A: [n, 2]",
    "sum(qr(A).r)",
    {
      A: [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
    },
    "NaN",
  ],
  [
    "param A: [n, n]",
    "sum(eigh(A).values)",
    {
      A: [
        ["NaN", 0],
        [0, 1],
      ],
    },
    "NaN",
  ],
  ["param a", "root(s = 1: s^2 + 1 + a^2)", { a: 1 }, "NaN"],
  ["param a", "sum(root(s = [1, 1]: [s[0]^2 + 1, s[1] - a]))", { a: 1 }, "NaN"],
  ["param a", "argmin(s = 1: -a * s^2)", { a: 1 }, "NaN"],
  ["param a", "fixedPoint(s = 1: 2 * s + a)", { a: 1 }, "NaN"],
  ["param a", "fixedPoint(s = 1: 1 - s + 0 * a)", { a: 1 }, "NaN"],
  ["param a", "while(s = a, test = s > 0, limit = 10: s + 1)", { a: 1 }, 11],
  ["size k\nparam a", "while(s = a, test = s > 0, limit = k: s + 1)", { a: 1, k: 0 }, 1],
];

async function answers(cases: readonly (readonly [string, string, Inputs, unknown])[]): Promise<Answer[]> {
  const lines = cases.flatMap(([declared, loss, inputs], k) =>
    engineNames.map((engine) =>
      JSON.stringify({ id: [k, engine], model: `${declared}\nloss = ${loss}`, inputs, engine }),
    ),
  );
  const { code, output } = await run(["eval", "--batch"], { input: `${lines.join("\n")}\n` });
  expect(code).toBe(0);
  return output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
}

describe("eval --batch, by every engine,", () => {
  it("refuses what has no meaning, and says where and what", async () => {
    for (const { id, error } of await answers(refused)) {
      const [declared, loss, , message] = refused[id[0]]!;
      expect(error?.message ?? "no error", `${declared}; ${loss} by ${id[1]}`).toContain(message);
    }
  });

  it("gives what is documented where there is no number", async () => {
    for (const { id, loss } of await answers(documented)) {
      const [declared, text, , expected] = documented[id[0]]!;
      expect(loss, `${declared}; ${text} by ${id[1]}`).toBe(expected);
    }
  });

  it("takes sizes that only indices and loops mention", async () => {
    const cases = [
      ["size k\nparam x: [n]", "scan(i in 0..k, s = x[0]: 2 * s)", { x: [1], k: 3 }, 8],
      ["size k\nparam x: [n]", "sum(roll(x, k) * x^2)", { x: [1, 2, 3], k: 1 }, 25],
      ["size k\nparam x: [n]", "x[k]^2", { x: [1, 2, 3], k: 1 }, 4],
      ["size k\nparam a", "while(s = a, test = s > 0, limit = k: s + 1)", { a: 1, k: 4 }, 5],
      ["size k\nparam a", "root(s = a, limit = k: s^2 - 1)", { a: 1, k: 4 }, 1],
      ["size k\nparam x: [n]", "scan(v in x, s = 0: s + sum(i in 0..k: i * v))", { x: [1, 2], k: 3 }, 9],
    ] as const;
    for (const { id, loss, error } of await answers(cases)) expect(error?.message ?? loss).toBe(cases[id[0]]![3]);
  });

  it("shares at ties, and by numbers that carry a change", async () => {
    const request = { inputs: { x: [1, 2, 2] }, direction: { x: [1, 3, 7] }, model: "param x: [n]\nloss = max(x)^2" };
    const lines = engineNames.map((engine) => JSON.stringify({ id: engine, engine, ...request }));
    const { output } = await run(["eval", "--batch"], { input: `${lines.join("\n")}\n` });
    const got = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; gradient: unknown; hvp: unknown });
    expect(got.map(({ gradient }) => gradient)).toEqual(engineNames.map(() => ({ x: [0, 2, 2] })));
    // half of the slope each, times the mean of both changes
    expect(got.map(({ hvp }) => hvp)).toEqual(engineNames.map(() => ({ x: [0, 5, 5] })));
  });
});
