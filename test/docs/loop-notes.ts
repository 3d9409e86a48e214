import type { GathererName } from "../../src/build/binders/gather.ts";

/** What docs/ops.md says of a loop or an equation; each example runs as a test. */
export interface LoopNote {
  readonly language: string;
  readonly typescript: string;
  readonly gives: string;
  readonly derivative: string;
  /** What comes of nothing to run over, or of no solution. */
  readonly edge: string;
  readonly example: readonly [expression: string, value: string];
  /** The example as the TypeScript form has it. */
  readonly inTypeScript: string;
}

export const loopNotes: readonly LoopNote[] = [
  {
    language: "scan(x in xs, h = h0: next)",
    typescript: "scan({ over: { x: xs }, carry: { h: h0 } }, step)",
    gives: "the last carry; of a body in fields a record of last carries and stacks [steps, ...]",
    derivative: "a loop the other way over the stored carries; forward a loop with tangents beside the carries",
    edge: "no steps: the first carry, stacks of no rows",
    example: ["scan(x in [1, 2, 3], h = 10: 2 * h + x)", "91"],
    inTypeScript:
      "scan({ over: { x: constant([1, 2, 3]) }, carry: { h: 10 } }, ({ x, h }) => ({ carry: { h: h.mul(2).add(x) } })).h",
  },
  {
    language: "reverseScan(x in xs, h = h0: next)",
    typescript: "scan({ over, carry, reverse: true }, step)",
    gives: "the same from the last step to the first",
    derivative: "as of scan",
    edge: "as of scan",
    example: ["reverseScan(x in [1, 2, 3], h = 10: 2 * h + x)", "97"],
    inTypeScript:
      "(({ over, carry, step }) => scan({ over, carry, reverse: true }, step).h)({ over: { x: constant([1, 2, 3]) }, carry: { h: 10 }, step: ({ x, h }) => ({ carry: { h: h.mul(2).add(x) } }) })",
  },
  {
    language: "map(x in xs: e)",
    typescript: "array(xs, (x) => e)",
    gives: "an array of the steps, [steps, ...]; of a body in fields a record of arrays",
    derivative: "that of each step",
    edge: "no steps: no rows",
    example: ["map(x in [1, 2, 3]: x^2)", "[1, 4, 9]"],
    inTypeScript: "array(constant([1, 2, 3]), (x) => x.square())",
  },
  {
    language: "while(y = y0, test = p, limit = n: next)",
    typescript: "repeatWhile({ carry: { y: y0 }, test, limit }, step)",
    gives: "the last carry, once the test fails",
    derivative: "that of the steps taken; backwards only with a limit",
    edge: "at the limit the carry as it is then; without one after 1,000,000 steps",
    example: ["while(y = 100, test = y > 1, limit = 50: y / 4)", "0.390625"],
    inTypeScript:
      "repeatWhile({ carry: { y: 100 }, test: ({ y }) => y.greater(1), limit: 50 }, ({ y }) => ({ y: y.div(4) })).y",
  },
  {
    language: "root(s = s0: f)",
    typescript: "root(s0, (s) => f)",
    gives: "s, a number or a vector, with f = 0",
    derivative: "f_s ds = -df at the solution; the start has none",
    edge: "no solution within 200 steps, or `limit`: NaN",
    example: ["root(s = 1: s^2 - 9)", "3"],
    inTypeScript: "root(1, (s) => s.square().sub(9))",
  },
  {
    language: "argmin(s = s0: f)",
    typescript: "minimizer(s0, (s) => f)",
    gives: "where f is least near the start",
    derivative: "that of the root of df/ds",
    edge: "no least value found: NaN, also where f is level or largest",
    example: ["argmin(s = 0: (s - 3)^2 + 1)", "3"],
    inTypeScript: "minimizer(0, (s) => s.sub(3).square().add(1))",
  },
  {
    language: "fixedPoint(s = s0: g)",
    typescript: "fixedPoint(s0, (s) => g)",
    gives: "the s with s = g, by iteration",
    derivative: "that of the root of g - s",
    edge: "not settled within 10,000 steps, or `limit`: NaN",
    example: ["fixedPoint(s = 1: 0.5 * (s + 16 / s))", "4"],
    inTypeScript: "fixedPoint(1, (s) => constant(16).div(s).add(s).mul(0.5))",
  },
];

/** What docs/ops.md says of a form of the language that is no call; each example runs as a test. */
export type FormNote = Omit<LoopNote, "gives"> & {
  readonly value: string;
  readonly shape: string;
  /** A line of the model before the example. */
  readonly before?: string;
};

export const formNotes: readonly FormNote[] = [
  {
    language: "if c then a else b",
    typescript: "select(c, a, b), cond(c, () => a, () => b)",
    value: "a where c is true, else b",
    shape: "bool[n..], [n..] and [n..] to [n..]",
    derivative: "that of the side that is taken; nothing of the other leaks",
    edge: "c is taken as it is: no slope where it changes",
    example: ["if [true, false] then [1, 2] else [3, 4]", "[1, 4]"],
    inTypeScript:
      "cond(constant([true, false]), () => [1, 2], () => [3, 4]).add(select(constant([true, false]), [0, 0], [0, 0]))",
  },
  {
    language: "def f(x, y) = e",
    typescript: "(x, y) => e",
    value: "f(a, b) is e with a and b in the place of x and y",
    shape: "as those of e",
    derivative: "that of e; what is long is called, and differentiated once",
    edge: "that of e",
    before: "def f(x, y) = x^2 + y",
    example: ["f(3, 1)", "10"],
    inTypeScript: "((x, y) => x.square().add(y))(constant(3), constant(1))",
  },
  {
    language: "x[i, j]",
    typescript: "x.at(i, j)",
    value: "one element, or the rows of what axes are left",
    shape: "[n, m, k..] to [k..]",
    derivative: "1 at the element",
    edge: "outside is an error, which names the position where indices are data",
    example: ["[[1, 2], [3, 4]][1, 0]", "3"],
    inTypeScript: "constant([[1, 2], [3, 4]]).at(1, 0)",
  },
  {
    language: "x[a..b]",
    typescript: "x.at(range(a, b))",
    value: "the elements from a up to b - 1",
    shape: "[n, k..] to [b - a, k..]",
    derivative: "1 at each element of the range",
    edge: "bounds outside are an error; a..a is empty",
    example: ["[5, 6, 7, 8][1..3]", "[6, 7]"],
    inTypeScript: "constant([5, 6, 7, 8]).at(range(1, 3))",
  },
  {
    language: "X[at]",
    typescript: "X.at(at)",
    value: "the rows at the positions of an int array",
    shape: "[n, k..] and int[m..] to [m.., k..]",
    derivative: "each row's slope is the sum of those of its copies",
    edge: "outside is an error that names the position",
    example: ["{ let at = argsort([2, 1]); return [[1, 2], [3, 4]][at] }", "[[3, 4], [1, 2]]"],
    inTypeScript: "constant([[1, 2], [3, 4]]).at(argsort(constant([2, 1])))",
  },
  {
    language: "A @ B",
    typescript: "A.matmul(B)",
    value: "the product of matrices or vectors",
    shape:
      "[n] @ [n], [m, n] @ [n], [n] @ [n, p], [m, n] @ [n, p]; leading axes are a batch, where a literal 1 meets any size",
    derivative: "dA @ B + A @ dB",
    edge: "0 over nothing",
    example: ["[[1, 2], [3, 4]] @ [1, 1]", "[3, 7]"],
    inTypeScript: "constant([[1, 2], [3, 4]]).matmul([1, 1])",
  },
  {
    language: "A'",
    typescript: "A.transpose()",
    value: "the transpose",
    shape: "[m, n] to [n, m]",
    derivative: "the transpose of the slope",
    edge: "",
    example: ["[[1, 2], [3, 4]]'", "[[1, 3], [2, 4]]"],
    inTypeScript: "constant([[1, 2], [3, 4]]).transpose()",
  },
  {
    language: "[a, b]",
    typescript: "stack([a, b])",
    value: "an array of the elements",
    shape: "[k..] each to [2, k..]",
    derivative: "1 at the place of each",
    edge: "",
    example: ["[[1, 2], [3, 4]][1]", "[3, 4]"],
    inTypeScript: "stack([constant([1, 2]), constant([3, 4])]).at(1)",
  },
  {
    language: "{ let y = e; return f }",
    typescript: "const y = e",
    value: "f, with y for e",
    shape: "as that of f",
    derivative: "that of f",
    edge: "",
    example: ["{ let y = 3; return y^2 }", "9"],
    inTypeScript: "constant(3).square()",
  },
];

/** What docs/ops.md says of what a binder gathers; each example runs as a test. */
export const binderNotes: Readonly<
  Record<GathererName, Pick<LoopNote, "gives" | "derivative" | "edge" | "example" | "inTypeScript">>
> = {
  sum: {
    gives: "the sum",
    derivative: "1 for each term",
    edge: "0 over nothing",
    example: ["sum(i in 0..4: i^2)", "14"],
    inTypeScript: "sum(range(0, 4), (i) => i.square())",
  },
  mean: {
    gives: "the mean",
    derivative: "1/n for each term",
    edge: "NaN over nothing",
    example: ["mean(i in 0..4: i)", "1.5"],
    inTypeScript: "mean(range(0, 4), (i) => i)",
  },
  prod: {
    gives: "the product",
    derivative: "the product of the others, right where some are 0",
    edge: "1 over nothing",
    example: ["prod(i in 1..5: i)", "24"],
    inTypeScript: "prod(range(1, 5), (i) => i)",
  },
  max: {
    gives: "the largest",
    derivative: "1 for the largest; k tied ones weigh 1/k each",
    edge: "over nothing an error when sizes are bound",
    example: ["max(i in 0..4: (i - 1)^2)", "4"],
    inTypeScript: "max(range(0, 4), (i) => i.sub(1).square())",
  },
  min: {
    gives: "the smallest",
    derivative: "1 for the smallest; k tied ones weigh 1/k each",
    edge: "over nothing an error when sizes are bound",
    example: ["min(i in 0..4: (i - 1)^2)", "0"],
    inTypeScript: "min(range(0, 4), (i) => i.sub(1).square())",
  },
  logsumexp: {
    gives: "log of the sum of e^body, without overflow",
    derivative: "e^(body - z) for each term",
    edge: "-Infinity over nothing",
    example: ["logsumexp(i in 0..4: 0 * i)", "log(4)"],
    inTypeScript: "logsumexp(range(0, 4), (i) => i.mul(0))",
  },
  argmax: {
    gives: "the value of the one iterator at which the body is largest",
    derivative: "none: it does not vary",
    edge: "the first of equals; over nothing an error when sizes are bound",
    example: ["argmax(i in 0..4: -(i - 2)^2)", "2"],
    inTypeScript: "argmax(range(0, 4), (i) => i.sub(2).square().neg())",
  },
  argmin: {
    gives: "the value of the one iterator at which the body is smallest",
    derivative: "none: it does not vary",
    edge: "the first of equals; over nothing an error when sizes are bound",
    example: ["argmin(i in 0..4: (i - 2)^2)", "2"],
    inTypeScript: "argmin(range(0, 4), (i) => i.sub(2).square())",
  },
  array: {
    gives: "a new array; its first axes are the iterators",
    derivative: "that of each element",
    edge: "no elements over nothing",
    example: ["[i in 0..3: i^2]", "[0, 1, 4]"],
    inTypeScript: "array(range(0, 3), (i) => i.square())",
  },
};
