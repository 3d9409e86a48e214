import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile/api.ts";
import { NablaError } from "../../src/ir/errors.ts";
import { showGraph } from "../../src/ir/show.ts";
import { loadModel } from "../../src/model/load.ts";

const declarations = `
param x: [n], y: [n], A: [m, n], S: [n, n], C: [2, 3, 4], a, b
data image: [2, 5, 5, 1], kernel: [2, 2, 1, 1], p: bool[n]
`;

const load = (text: string) => loadModel({ name: "customs.nabla", text: declarations + text });
const graphOf = (expression: string) => showGraph([...load(`output out = ${expression}`).outputs.values()]);

/** As people write it elsewhere, and as it is written here. */
const rows: readonly (readonly [theirs: string, ours: string])[] = [
  // axes
  ["sum(A, axis = -1)", "sum(A, axis = 1)"],
  ["sum(A, 0)", "sum(A, axis = 0)"],
  ["sum(A, dim = 1)", "sum(A, axis = 1)"],
  ["sum(C, [0, -1])", "sum(C, axis = [0, 2])"],
  ["sum(A, axis = None)", "sum(A)"],
  ["mean(A, 1)", "mean(A, axis = 1)"],
  ["max(A, axis = -2)", "max(A, axis = 0)"],
  ["softmax(A, -1)", "softmax(A, axis = 1)"],
  ["log_softmax(A, dim = 0)", "logSoftmax(A, axis = 0)"],
  ["logsumexp(A, 0)", "logsumexp(A, axis = 0)"],
  ["argmax(A, 0)", "argmax(A, axis = 0)"],
  ["cumsum(A, 0)", "cumsum(A, axis = 0)"],
  ["stack(x, y, axis = -1)", "stack(x, y, axis = 1)"],
  // axes that stay
  ["sum(A, axis = 1, keepdims = true)", "[i in 0..m, j in 0..1: sum(A[i])]"],
  ["A - mean(A, axis = 0, keepdims = True)", "A - mean(A, axis = 0)"],
  ["max(A, axis = 1, keepdims = False)", "max(A, axis = 1)"],
  // spreads
  ["var(x)", "variance(x)"],
  ["var(A, 1, ddof = 1)", "variance(A, axis = 1, correction = 1)"],
  ["std(x, ddof = 1)", "standardDeviation(x, correction = 1)"],
  // arrangements
  ["transpose(C, [0, 2, 1])", "transpose(C, axis = [0, 2, 1])"],
  ["permute(C, [2, 0, 1])", "transpose(C, axis = [2, 0, 1])"],
  ["reshape(C, 4, 6)", "reshape(C, [4, 6])"],
  ["reshape(C, [4, -1])", "reshape(C, [4, 6])"],
  ["reshape(C, -1)", "reshape(C, [24])"],
  ["reshape(A, n, -1)", "reshape(A, [n, m])"],
  ["concatenate([x, y])", "concat(x, y)"],
  ["concat([x, [a, b], y[1:]])", "concat(x, [a, b], y[1..n])"],
  ["concat([A, A[:, :2]], axis = 1)", "concat(A, A[:, 0..2], axis = 1)"],
  ["concat([A, A], axis = 1)", "concat(A, A, axis = 1)"],
  ["stack([x, y])", "stack(x, y)"],
  ["zeros([m, n])", "zeros(m, n)"],
  ["ones([n]) * x", "ones(n) * x"],
  ["triu(S, k = 1)", "triu(S, diagonal = 1)"],
  ["tril(S, -1)", "tril(S, diagonal = -1)"],
  // operands with names, and without them
  ["clip(x, min = 0, max = 1)", "clamp(x, 0, 1)"],
  ["leaky_relu(x, negative_slope = 0.1)", "leakyRelu(x, 0.1)"],
  ["huber(x)", "huber(x, 1)"],
  ["huber(x, delta = 2)", "huber(x, 2)"],
  ["layer_norm(A, eps = 1e-3)", "layerNorm(A, epsilon = 1e-3)"],
  ["max_pool2d(image, 2, 1)", "maxPool2d(image, window = 2, stride = 1)"],
  ["avg_pool2d(image, kernel_size = 2, stride = 2)", "avgPool2d(image, window = 2, stride = 2)"],
  ["conv2d(image, kernel, 2, 1)", "conv2d(image, kernel, stride = 2, padding = 1)"],
  ["conv2d(image, kernel, strides = [1, 2])", "conv2d(image, kernel, stride = [1, 2])"],
  ["norm(x, ord = 1)", "sum(abs(x))"],
  ["norm(x, ord = 2)", "norm(x)"],
  ["norm(x, ord = inf)", "max(abs(x))"],
  ["norm(x, ord = -inf)", "min(abs(x))"],
  ["norm(A, p = -3, dim = 1)", "sum(abs(A)^(-3), axis = 1)^reciprocal(-3)"],
  // indices
  ["x[:2]", "x[0..2]"],
  ["x[1:]", "x[1..n]"],
  ["x[1..]", "x[1..n]"],
  ["x[..2]", "x[0..2]"],
  ["x[1:3]", "x[1..3]"],
  ["x[:-1]", "x[0..n-1]"],
  ["x[-2:]", "x[n-2..n]"],
  ["x[-1]", "x[n - 1]"],
  ["A[:, -1]", "A[:, n - 1]"],
  ["A[1:, :2]", "A[1..m, 0..2]"],
  ["x[::2]", "[i in 0..(n+1)//2: x[2*i]]"],
  ["x[1::2]", "[i in 0..n//2: x[2*i + 1]]"],
  ["x[::-1]", "reverse(x)"],
  ["C[..., 0]", "C[:, :, 0]"],
  ["C[0, ...]", "C[0]"],
  ["[i in 0..n-1: x[i..i+2]]", "[i in 0..n-1, j in 0..2: x[i + j]]"],
  ["[i in 0..2: sum(C[i, i..i+2, 2*i:2*i+2])]", "[i in 0..2: sum(j in 0..2, k in 0..2: C[i, i + j, 2*i + k])]"],
  ["[i: x[i..i+3]]", "[i in 0..n-2: x[i..i+3]]"],
  ["x[:, None] * y", "[i in 0..n, j in 0..1: x[i]] * y"],
  ["x[None, :] + A[..., newaxis, :][0]", "[i in 0..1, j in 0..n: x[j]] + A[0]"],
  ["A.T", "A'"],
  // methods
  ["A.sum(axis = 1).max()", "max(sum(A, axis = 1))"],
  ["(x - y).abs()", "abs(x - y)"],
  ["A.T.reshape(-1)", "flatten(A')"],
  // comparisons, numbers, lists
  ["select(0 < x <= 1, x, y)", "select(0 < x and x <= 1, x, y)"],
  ["1_000 * x + 5. - 2.e-1", "1000 * x + 5.0 - 0.2"],
  ["transpose(C, (0, 2, 1),)", "transpose(C, axis = [0, 2, 1])"],
  ['conv2d(image, kernel, padding = "same")', "conv2d(image, kernel, padding = same)"],
  // arrays made
  ["arange(n) * x", "[i in 0..n: i] * x"],
  ["sum(i in range(n): x[i])", "sum(i in 0..n: x[i])"],
  ["sum(i in range(1, n): x[i])", "sum(i in 1..n: x[i])"],
  ["full([n], 2.0)", "[i in 0..n: 2.0]"],
  ["zeros_like(A) + A", "zeros(m, n) + A"],
  ["unsqueeze(x, -1)", "x[:, None]"],
  ["squeeze(A[None])", "A[None][0]"],
  ["swapaxes(C, 1, 2)", "transpose(C, axis = [0, 2, 1])"],
  ["flip(x)", "reverse(x)"],
  ["diag(S)", "diagonal(S)"],
  // sums over letters
  ['einsum("ij,jk->ik", A, S)', "A @ S"],
  ["einsum('ij, jk', A, S)", "A @ S"],
  ['einsum("i,i->", x, y)', "dot(x, y)"],
  ['einsum("ji", A)', "A'"],
  ['einsum("ii->i", S)', "diagonal(S)"],
  ['einsum("i,j", x, y)', "outer(x, y)"],
  ['einsum("...i,...i->...", A, A)', 'einsum("ij,ij->i", A, A)'],
  ['einsum("...->", A)', "sum(A)"],
  ['einsum("i...", A)', "A'"],
  ['einsum("i...->...i", A)', "A'"],
  ['einsum("...,...j->...j", y, S)', 'einsum("i,ij->ij", y, S)'],
  ["pad(A, [0, [1, 2]])", "pad(A, [[0, 0], [1, 2]])"],
  ["pad(A, ((2, 0), 1))", "pad(A, [[2, 0], [1, 1]])"],
  // conditions
  ["where(x, y, 2)", "select(x != 0, y, 2)"],
  ["if a then x else y", "if a != 0 then x else y"],
  ["median(x)", "quantile(x, 0.5)"],
  // numbers taken together
  ["sum(a, b, 1)", "sum([a, b, 1])"],
  ["norm(a, b)", "norm([a, b])"],
  ["logsumexp(a, b)", "logsumexp([a, b])"],
  ["var(a, b, 2)", "variance([a, b, 2])"],
  // names
  ["where(True, x, 2 * PI)", "select(true, x, 2 * pi)"],
  ["amax(x) + amin(x) + tr(S)", "max(x) + min(x) + trace(S)"],
];

describe("a call as it is written elsewhere", () => {
  it.each(rows)("gives the same graph: %s as %s", (theirs, ours) => {
    expect(graphOf(theirs)).toBe(graphOf(ours));
  });

  it("leaves names to the model that declares them", () => {
    const own = load("def var(x) = 2 * x\nlet True = 3 * a\noutput out = var(True)");
    expect(showGraph([...own.outputs.values()])).toBe(graphOf("2 * (3 * a)"));
  });
});

/** Statements as people write them elsewhere, and as they are written here. */
const statements: readonly (readonly [theirs: string, ours: string])[] = [
  ["z = 2 * x\noutput out = z", "let z = 2 * x\noutput out = z"],
  ["z: real[n] = 2\noutput out = z", "let z: [n] = 2\noutput out = z"],
  ["f(t) = t^2\noutput out = f(x)", "def f(t) = t^2\noutput out = f(x)"],
  ["def f(t) { return t^2 }\noutput out = f(x)", "def f(t) = t^2\noutput out = f(x)"],
  ["output out = {\n  m = mean(x)\n  return x - m\n}", "output out = x - mean(x)"],
  [
    "let s = scan(v in x, h = 0: h + v)\noutput out = s.h + s",
    "let s = scan(v in x, h = 0: h + v)\noutput out = s + s",
  ],
  [
    "output out = scan(i in 0..3, s = 0: scan(v in x, h = s: h + v))",
    "output out = scan(i in 0..3, s = 0: { s = scan(v in x, h = s: h + v) }).s",
  ],
  ["output out: vector[n] = x", "output out: real[n] = x"],
];

describe("a statement as it is written elsewhere", () => {
  it.each(statements)("gives the same graph: %s", (theirs, ours) => {
    expect(showGraph([...load(theirs).outputs.values()])).toBe(showGraph([...load(ours).outputs.values()]));
  });

  it.each(["let loss = sum(x)", "output loss = sum(x)"])("gives the loss: %s", (text) => {
    expect(showGraph([load(text).loss!])).toBe(graphOf("sum(x)"));
    expect(load(text).outputs.size).toBe(0);
  });
});

/** What can mean two things is refused, and says what to write. */
const refused: readonly (readonly [text: string, message: RegExp])[] = [
  ["norm(x, 1)", /norm takes 1 operand, got 2/],
  ["diff(x, 2)", /diff takes 1 operand, got 2/],
  ["transpose(C, 0, 2, 1)", /transpose takes 1 operand, got 4/],
  ["sum(A, 2)", /an axis of \[m, n\], a whole number from 0 to 1, got 2/],
  ["sum(A, 0, axis = 1)", /"axis" is given twice/],
  ["softmax(A, keepdims = true)", /takes no axes away/],
  ["clip(x, max = 1)", /clamp needs "low" too/],
  ["clip(x, 0, 1, max = 2)", /"max" is given twice/],
  ["flip(A)", /flip needs the axis/],
  ['einsum("ij,jk->ik", A)', /has letters for 2 arrays, got 1/],
  ['einsum("i,j->ii", x, y)', /each letter of its result once/],
  ['einsum("i", A)', /has the letters "i" for an array \[m, n\]/],
  ['einsum("...ijk->", A)', /has the letters "...ijk" for an array \[m, n\]/],
  ["norm(A, ord = 1)", /norms of an order are those of vectors, along an axis/],
  ['einsum("..ij->", A)', /einsum needs its letters/],
  ["sum([0, [1, 2]])", /need one shape, got \[\] and \[2\]/],
  ["arange(0.5)", /arange counts in whole numbers/],
  ["np.sum", /write "exp\(x\)", not "np\.exp\(x\)"/],
];

describe("a call that can mean two things", () => {
  it.each(refused)("is refused: %s", (text, message) => {
    const run = () => load(`output out = ${text}`);
    expect(run).toThrow(NablaError);
    expect(run).toThrow(message);
  });
});

describe("numbers that quantiles, determinants and unknowns have", () => {
  const valuesOf = (text: string, inputs: Readonly<Record<string, unknown>>) => {
    const model = loadModel({ name: "values.nabla", text });
    return Array.from(compile(model).outputs(inputs as never).out as Iterable<number>);
  };

  it("are those of NumPy's quantile and median", () => {
    const x = [0.1, 0.5, -0.3, 0.9];
    const close = (text: string, expected: number[]) =>
      valuesOf(`data x: [n]\noutput out = ${text}`, { x }).forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k]!, 14);
      });
    close("[quantile(x, 0.3)]", [0.06]);
    close("[quantile(x, 0), quantile(x, 1), median(x)]", [-0.3, 0.9, 0.3]);
    close("median(stack(x, 2 * x), axis = 1)", [0.3, 0.6]);
    close("median(stack(x, 2 * x), axis = 0)", [0.15, 0.75, -0.45, 1.35]);
  });

  it("are the sign and the logarithm of determinants beyond float64", () => {
    const A = [
      [0, 1e200],
      [1e200, 0],
    ];
    const [sign, log] = valuesOf("data A: [2, 2]\nlet r = slogdet(A)\noutput out = [r.sign, slogdet(A)[1]]", { A });
    expect(sign).toBe(-1);
    expect(log).toBeCloseTo(400 * Math.log(10), 10);
    expect(
      valuesOf("data A: [2, 2]\noutput out = [slogdet(A).sign]", {
        A: [
          [1, 1],
          [1, 1],
        ],
      }),
    ).toEqual([0]);
  });

  it("are matrices that solve X = 0.1 A X + B", () => {
    const text =
      "data A: [2, 2], B: [2, 2]\nlet X = fixedPoint(X = B: 0.1 * A @ X + B)\noutput out = X - 0.1 * A @ X - B";
    const A = [
      [2, 0.3],
      [0.2, 1.5],
    ];
    for (const value of valuesOf(text, { A, B: A })) expect(Math.abs(value)).toBeLessThan(1e-12);
  });

  it("are positions stored as reals, which must be whole", () => {
    const text = "data x: [n], at: [k]\noutput out = x[at - 1]";
    expect(valuesOf(text, { x: [5, 6, 7], at: [3, 1] })).toEqual([7, 5]);
    expect(() => valuesOf(text, { x: [5, 6, 7], at: [1.5, 1] })).toThrow(/must hold whole numbers/);
    expect(() => valuesOf("data x: [n], at: [k]\noutput out = x[at]", { x: [5], at: [0, 0.5] })).toThrow(
      '"at" as an index must hold whole numbers, got 0.5 at [1]',
    );
  });
});
