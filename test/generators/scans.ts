import fc from "fast-check";
import { loops } from "../../src/extensions/loops.ts";
import { applied } from "../../src/ir/bodies/body.ts";
import { partsOf, rootsOf, type Scan, type ScanRoots, scanOf } from "../../src/ir/bodies/scan.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { contract, dot, sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, sub } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";

const integer = (value: number) => Integer.constant(value);

/** What a body makes of the parts that it is given. */
export type ScanBody = (parts: {
  readonly carries: readonly Expr[];
  readonly inputs: readonly Expr[];
  readonly constants: readonly Expr[];
  readonly step: Expr;
}) => ScanRoots<Expr>;

export interface ScanOperands {
  readonly carries: readonly Expr[];
  readonly inputs: readonly Expr[];
  readonly constants: readonly Expr[];
}

/** The scan of a body over operands, with its results by the part they play. */
export function scanned(
  length: Integer,
  operands: ScanOperands,
  body: ScanBody,
  isReversed = false,
): ScanRoots<Expr> & { readonly scan: Scan } {
  const { carries, inputs, constants } = operands;
  const inner = new Graph();
  const like = ({ shape, dtype }: Expr) => inner.variable(shape, dtype);
  const parameters = {
    carries: carries.map(like),
    inputs: inputs.map(({ shape, dtype }) => inner.variable(shape.slice(1), dtype)),
    constants: constants.map(like),
  };
  const step = inner.variable([], "int");
  const scan = scanOf({ extension: loops, length, isReversed, parameters, step, roots: body({ ...parameters, step }) });
  const { graph } = [...carries, ...inputs, ...constants][0]!;
  return { scan, ...rootsOf(scan, graph.operation(scan, [...carries, ...inputs, ...constants])) };
}

/** The same without a loop: `length` copies of the body. */
export function unrolled(scan: Scan, operands: readonly Expr[], length: number): ScanRoots<Expr> {
  const { graph } = operands[0]!;
  const given = partsOf(scan, operands);
  let { carries } = given;
  const slices: (readonly Expr[])[] = [];
  const terms: (readonly Expr[])[] = [];
  for (let count = 0; count < length; count++) {
    const t = scan.isReversed ? length - 1 - count : count;
    const inputs = given.inputs.map((input) => {
      const shape = input.shape.slice(1);
      return view(input, shape, [integer(t), ...shape.map((_, axis) => Integer.iterator(axis))]);
    });
    const roots = rootsOf(
      scan,
      applied(scan.body, graph, [...carries, ...inputs, ...given.constants, graph.constant(t, [], "int")]),
    );
    carries = roots.carries;
    slices[t] = roots.stacks;
    terms.push(roots.sums);
  }
  const results = rootsOf(scan, scan.results);
  return {
    carries,
    stacks: results.stacks.map(({ shape }, k) => {
      const full = [integer(length), ...shape.slice(1)];
      const parts = slices.map((list, t) => placedAt(list[k]!, t, full));
      return parts.length === 0 ? graph.constant(0, full) : parts.reduce((all, part) => add(all, part));
    }),
    sums: results.sums.map(({ shape }, k) =>
      terms.length === 0
        ? graph.constant(0, shape)
        : terms.map((list) => list[k]!).reduce((all, term) => add(all, term)),
    ),
  };
}

/** A slice at its position, 0 elsewhere. */
function placedAt(slice: Expr, t: number, shape: readonly Integer[]): Expr {
  const own = slice.shape.map((_, axis) => Integer.iterator(axis));
  return contract({
    extents: slice.shape,
    output: [integer(t), ...own],
    shape,
    factors: [{ of: slice, index: own }],
  });
}

/** A loss over one or two scans in a row, and numbers for what it reads. */
export interface RandomScans {
  readonly loss: Expr;
  readonly parameters: readonly Expr[];
  readonly values: ReadonlyMap<Expr, readonly number[]>;
}

/** What a step may make of two vectors and a matrix. */
const moves: readonly ((a: Expr, b: Expr, W: Expr) => Expr)[] = [
  (a) => tanh(a),
  (a) => sin(a),
  (a, b) => exp(neg(mul(mul(a, a), mul(b, b)))),
  (a, b) => div(a, add(mul(b, b), 1)),
  (a, b) => mul(a, b),
  (a, b) => sub(a, b),
  (a, _, W) => product(W, a),
  (a, b) => mul(spread(dot(a, b), a), a),
  (a, b) => mul(spread(sqrt(add(dot(a, a), 1)), b), b),
];

const spread = (number: Expr, like: Expr) => view(number, like.shape, []);

function product(W: Expr, x: Expr): Expr {
  const [row, column] = [Integer.iterator(0), Integer.iterator(1)];
  const factors = [
    { of: W, index: [row, column] },
    { of: x, index: [column] },
  ];
  return contract({ extents: W.shape, output: [row], shape: [W.shape[0]!], factors });
}

/**
 * Two scans of `length` steps, the second over what the first has stacked: each step is a list of moves, of which the last ones
 * are what it carries on, stacks and sums.
 */
export function randomScans(length: number, steps: readonly RandomStep[]): RandomScans {
  const graph = new Graph();
  const size = integer(2);
  const [h, c, W] = [graph.param("h", [size]), graph.param("c", [size]), graph.param("W", [size, size])];
  const x = graph.param("x", [integer(length), size]);
  const terms: Expr[] = [];
  let inputs = [x];
  for (const { list, isReversed } of steps) {
    const found = scanned(
      integer(length),
      { carries: [h, c], inputs, constants: [c, W] },
      ({ carries, inputs: slices, constants: [constant, weights] }) => {
        const pool = [...carries, ...slices, constant!];
        for (const { move, first, second } of list) {
          pool.push(moves[move % moves.length]!(pool[first % pool.length]!, pool[second % pool.length]!, weights!));
        }
        const [next, other, stack, term] = pool.slice(-4) as [Expr, Expr, Expr, Expr];
        // values stay of one size however many steps there are
        return { carries: [tanh(next), sin(other)], stacks: [tanh(stack)], sums: [dot(term, constant!)] };
      },
      isReversed,
    );
    terms.push(sum(mul(found.carries[0]!, found.carries[1]!)), sum(mul(found.stacks[0]!, x)), tanh(found.sums[0]!));
    inputs = [x, found.stacks[0]!];
  }
  const numbers = (count: number, phase: number) =>
    Array.from({ length: count }, (_, k) => Math.round(16 * Math.sin(phase + 3 * k)) / 32);
  const values = new Map([
    [h, numbers(2, 1)],
    [c, numbers(2, 2)],
    [W, numbers(4, 3)],
    [x, numbers(2 * length, 4)],
  ]);
  return { loss: terms.reduce((all, term) => add(all, term)), parameters: [h, c, W, x], values };
}

export interface RandomStep {
  readonly isReversed: boolean;
  readonly list: readonly { readonly move: number; readonly first: number; readonly second: number }[];
}

const small = fc.nat({ max: 40 });

/** One scan, or two in a row. */
export const randomSteps: fc.Arbitrary<RandomStep[]> = fc.array(
  fc.record({
    isReversed: fc.boolean(),
    list: fc.array(fc.record({ move: small, first: small, second: small }), { minLength: 1, maxLength: 7 }),
  }),
  { minLength: 1, maxLength: 2 },
);
