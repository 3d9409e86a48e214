/** What docs/ops.md says of a loop or an equation; each example runs as a test. */
export interface LoopNote {
  readonly language: string;
  readonly typescript: string;
  readonly gives: string;
  readonly derivative: string;
  /** What comes of nothing to run over, or of no solution. */
  readonly edge: string;
  readonly example: readonly [expression: string, value: string];
}

export const loopNotes: readonly LoopNote[] = [
  {
    language: "scan(x in xs, h = h0: next)",
    typescript: "scan({ over: { x: xs }, carry: { h: h0 } }, step)",
    gives: "the last carry; of a body in fields a record of last carries and stacks [steps, ...]",
    derivative: "a loop the other way over the stored carries; forward a loop with tangents beside the carries",
    edge: "no steps: the first carry, stacks of no rows",
    example: ["scan(x in [1, 2, 3], h = 10: 2 * h + x)", "91"],
  },
  {
    language: "reverseScan(x in xs, h = h0: next)",
    typescript: "scan({ over, carry, reverse: true }, step)",
    gives: "the same from the last step to the first",
    derivative: "as of scan",
    edge: "as of scan",
    example: ["reverseScan(x in [1, 2, 3], h = 10: 2 * h + x)", "97"],
  },
  {
    language: "map(x in xs: e)",
    typescript: "array(xs, (x) => e)",
    gives: "an array of the steps, [steps, ...]; of a body in fields a record of arrays",
    derivative: "that of each step",
    edge: "no steps: no rows",
    example: ["map(x in [1, 2, 3]: x^2)", "[1, 4, 9]"],
  },
  {
    language: "while(y = y0, test = p, limit = n: next)",
    typescript: "repeatWhile({ carry: { y: y0 }, test, limit }, step)",
    gives: "the last carry, once the test fails",
    derivative: "that of the steps taken; backwards only with a limit",
    edge: "at the limit the carry as it is then; without one after 1,000,000 steps",
    example: ["while(y = 100, test = y > 1, limit = 50: y / 4)", "0.390625"],
  },
  {
    language: "root(s = s0: f)",
    typescript: "root(s0, (s) => f)",
    gives: "s, a number or a vector, with f = 0",
    derivative: "f_s ds = -df at the solution; the start has none",
    edge: "no solution within 200 steps, or `limit`: NaN",
    example: ["root(s = 1: s^2 - 9)", "3"],
  },
  {
    language: "argmin(s = s0: f)",
    typescript: "minimizer(s0, (s) => f)",
    gives: "where f is least near the start",
    derivative: "that of the root of df/ds",
    edge: "no least value found: NaN, also where f is level or largest",
    example: ["argmin(s = 0: (s - 3)^2 + 1)", "3"],
  },
  {
    language: "fixedPoint(s = s0: g)",
    typescript: "fixedPoint(s0, (s) => g)",
    gives: "the s with s = g, by iteration",
    derivative: "that of the root of g - s",
    edge: "not settled within 10,000 steps, or `limit`: NaN",
    example: ["fixedPoint(s = 1: 0.5 * (s + 16 / s))", "4"],
  },
];
