import fc from "fast-check";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Interval } from "../../src/ir/primitive.ts";
import { showGraph } from "../../src/ir/show.ts";
import { relu, sigmoid, softplus } from "../../src/ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../src/ops/algebra.ts";
import { clamp, greater, less, max, min, select } from "../../src/ops/comparison.ts";
import { axes, broadcast, contract, dot, maximum, sum, transpose, view } from "../../src/ops/contractions.ts";
import { exp, expm1, log, log1p } from "../../src/ops/exponential.ts";
import { tanh } from "../../src/ops/hyperbolic.ts";
import { addIntervals, mulIntervals } from "../../src/ops/interval.ts";
import { pow, sqrt } from "../../src/ops/powers.ts";
import { abs } from "../../src/ops/rounding.ts";
import { cos, sin } from "../../src/ops/trigonometric.ts";

/** One step of a straight-line program: the operation and its arguments as positions among earlier values. */
export interface Instruction {
  readonly operation: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A model with a scalar output, real parameters and data, and numbers for all of them. */
export interface Program {
  readonly graph: Graph;
  readonly output: Expr;
  readonly parameters: readonly Expr[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<Expr, readonly number[]>;
  /** Bounds the elements of every value; the scale of rounding errors. */
  readonly scale: number;
  /** How fast-check prints a counterexample. */
  readonly [fc.toStringMethod]: () => string;
}

export interface ProgramOptions {
  /** Also max, min, abs, relu and the like; points then may lie at a kink. Default: false. */
  readonly hasKinks?: boolean;
  readonly longest?: number;
}

const whole = fc.nat({ max: 999 });

/** Any list of instructions is a program: arguments are taken modulo the values at hand. Leaving some out shrinks it. */
export function instructions({ longest = 12 }: ProgramOptions = {}): fc.Arbitrary<readonly Instruction[]> {
  return fc.array(fc.record({ operation: whole, a: whole, b: whole, c: whole }), {
    minLength: 1,
    maxLength: longest,
    size: "max",
  });
}

export function programs(options: ProgramOptions = {}): fc.Arbitrary<Program> {
  return instructions(options).map((list) => elaborate(list, options));
}

const n = Integer.named("n");
const d = Integer.named("d");
const sizes = new Map([
  ["n", 3],
  ["d", 2],
]);
const one = Integer.one;
const i = Integer.iterator(0);
const j = Integer.iterator(1);

/** Elements stay within this bound: what would leave it is scaled by a power of two. */
const largest = 64;

const nearest = 5;

/** A value and what bounds its elements. */
interface Bounded {
  readonly node: Expr;
  readonly interval: Interval;
}

type Kind = "scalar" | "rows" | "columns" | "matrix";
const kindOf = (node: Expr): Kind =>
  node.shape.length === 0
    ? "scalar"
    : node.shape.length === 2
      ? "matrix"
      : node.shape[0]!.equals(n)
        ? "rows"
        : "columns";

const magnitude = ([low, high]: Interval) => Math.max(Math.abs(low), Math.abs(high));

/** The value scaled by a power of two so that it stays within the bound. */
function held(node: Expr, interval: Interval, bound = largest): Bounded {
  const size = magnitude(interval);
  if (size <= bound) return { node, interval };
  const factor = 2 ** -Math.ceil(Math.log2(size / bound));
  return { node: mul(node, factor), interval: [interval[0] * factor, interval[1] * factor] };
}

/** A value that is safely positive, made from any. */
const positive = ({ node, interval }: Bounded): Bounded =>
  interval[0] >= 0.05
    ? { node, interval }
    : { node: add(square(node), 0.5), interval: [0.5, magnitude(interval) ** 2 + 0.5] };

const mapped = (node: Expr, x: Bounded): Bounded => {
  const range = node.graph.primitiveOf(node.id).range!;
  return held(node, range(x.interval));
};

type Elementwise = (x: Bounded, y: Bounded, z: Bounded) => Bounded;

const unary =
  (operation: (x: Expr) => Expr, bound = largest): Elementwise =>
  (x) => {
    const small = held(x.node, x.interval, bound);
    return mapped(operation(small.node), small);
  };

const binary =
  (operation: (x: Expr, y: Expr) => Expr): Elementwise =>
  (x, y) => {
    const node = operation(x.node, y.node);
    return held(node, node.graph.primitiveOf(node.id).range!(x.interval, y.interval));
  };

const smooth: readonly Elementwise[] = [
  binary(add),
  binary(sub),
  binary(mul),
  binary(mul),
  (x, y) => {
    const denominator = positive(y);
    return held(div(x.node, denominator.node), [-magnitude(x.interval) / 0.05, magnitude(x.interval) / 0.05]);
  },
  unary(neg),
  unary(square, 8),
  unary(sin),
  unary(cos),
  unary(tanh),
  unary(sigmoid),
  unary(softplus),
  unary(exp, 3),
  unary(expm1, 3),
  (x) => mapped(log(positive(x).node), positive(x)),
  (x) => mapped(sqrt(positive(x).node), positive(x)),
  (x) => mapped(reciprocal(positive(x).node), positive(x)),
  (x) => {
    const small = held(x.node, x.interval, 3);
    return held(log(add(1, exp(small.node))), [0, 4]);
  },
  (x) => {
    const base = positive(x);
    return mapped(log1p(base.node), base);
  },
  (x) => held(pow(positive(x).node, 1.5), [0, magnitude(positive(x).interval) ** 1.5]),
  (x, y, z) => {
    const node = select(greater(z.node, 0.3), x.node, y.node);
    return { node, interval: [Math.min(x.interval[0], y.interval[0]), Math.max(x.interval[1], y.interval[1])] };
  },
  (x) => ({ node: add(x.node, 1), interval: addIntervals(x.interval, [1, 1]) }),
  (x) => held(mul(x.node, 3), mulIntervals(x.interval, [3, 3])),
];

const kinked: readonly Elementwise[] = [
  binary(max),
  binary(min),
  unary(abs),
  unary(relu),
  (x) => ({ node: clamp(x.node, -1, 1), interval: [-1, 1] }),
  (x, y) => ({
    node: select(less(x.node, y.node), x.node, y.node),
    interval: [Math.min(x.interval[0], y.interval[0]), Math.min(x.interval[1], y.interval[1])],
  }),
];

/** Sums and re-readings of one value, by its kind. */
const shaped: Readonly<Record<Kind, readonly ((x: Expr) => Expr)[]>> = {
  scalar: [(x) => broadcast(x, [n]), (x) => broadcast(x, [n, d])],
  rows: [
    (x) => sum(x),
    (x) => broadcast(x, [n, d], [0]),
    (x) => view(x, [n], [n.minus(1).minus(i)]),
    (x) => view(view(x, [n.plus(2)], [i.minus(1)]), [n], [i]),
    (x) => view(x, [n], [i.plus(1)]),
    // running sum
    (x) =>
      contract({
        extents: [n, n],
        output: [i],
        shape: [n],
        factors: [{ of: x, index: [j] }],
        guards: [{ index: i.minus(j), extent: undefined }],
      }),
    (x) => view(x, [], [Integer.zero]),
    (x) =>
      contract({
        extents: [n],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: [i] },
          { of: x, index: [i] },
        ],
      }),
    (x) => view(x, [n], [Integer.lookup(0, [i])], [], [x.graph.data("pick", [n], "int")]),
  ],
  columns: [(x) => sum(x), (x) => broadcast(x, [n, d], [1])],
  matrix: [
    (x) => sum(x),
    (x) => sum(x, [0]),
    (x) => sum(x, [1]),
    (x) => view(x, [n], [i, Integer.zero]),
    (x) => view(x, [d], [Integer.zero, i]),
    (x) => transpose(transpose(x, [1, 0]), [1, 0]),
    // the diagonal as a sum over equal iterators
    (x) =>
      contract({
        extents: [n, d],
        output: [i],
        shape: [n],
        factors: [{ of: x, index: [i, j] }],
        guards: [{ index: i.minus(j), extent: one }],
      }),
  ],
};

const extremes: readonly ((x: Expr) => Expr)[] = [(x) => maximum(x)];

/** Products that sum: the second value is chosen to fit the first. */
function productOf(x: Expr, y: Expr): Expr | undefined {
  const kinds = `${kindOf(x)} ${kindOf(y)}`;
  switch (kinds) {
    case "rows rows":
    case "columns columns":
    case "matrix matrix":
      return dot(x, y);
    case "matrix columns":
      return contract({
        extents: [n, d],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: axes(2) },
          { of: y, index: [j] },
        ],
      });
    case "matrix rows":
      return contract({
        extents: [n, d],
        output: [j],
        shape: [d],
        factors: [
          { of: x, index: axes(2) },
          { of: y, index: [i] },
        ],
      });
    case "rows columns":
      return contract({
        extents: [n, d],
        output: [i, j],
        shape: [n, d],
        factors: [
          { of: x, index: [i] },
          { of: y, index: [j] },
        ],
      });
    case "scalar rows":
      return contract({
        extents: [n],
        output: [],
        shape: [],
        factors: [
          { of: x, index: [] },
          { of: y, index: [i] },
        ],
      });
    default:
      return undefined;
  }
}

/** Reads a list of instructions as a program; every list is one. */
export function elaborate(list: readonly Instruction[], { hasKinks = false }: ProgramOptions = {}): Program {
  const graph = new Graph();
  const parameters = [graph.param("a"), graph.param("r", [n]), graph.param("c", [d])];
  const data = [graph.data("X", [n, d]), graph.data("y", [n])];
  const leaves = [...parameters, ...data];
  const drawn = new Map(leaves.map((leaf, at) => [leaf, numbersFor(leaf, at)]));
  const pick = graph.data("pick", [n], "int");
  const values: Bounded[] = leaves.map((node) => ({ node, interval: [-2, 2] }));
  const elementwise = hasKinks ? [...smooth, ...kinked] : smooth;
  for (const { operation, a, b, c } of list) {
    // the first argument is a recent value: programs grow deep, not only wide
    const x = values[values.length - 1 - (a % Math.min(values.length, nearest))]!;
    const alike = values.filter(({ node }) => kindOf(node) === kindOf(x.node));
    const y = alike[b % alike.length]!;
    const z = alike[c % alike.length]!;
    const choice = operation % 5;
    if (choice < 3) values.push(elementwise[Math.floor(operation / 5) % elementwise.length]!(x, y, z));
    else if (choice === 3) {
      const forms = hasKinks ? [...shaped[kindOf(x.node)], ...extremes] : shaped[kindOf(x.node)];
      const node = forms[Math.floor(operation / 5) % forms.length]!(x.node);
      // at most 6 terms, and 0 where one is absent
      values.push(held(node, [Math.min(0, x.interval[0] * 6), Math.max(0, x.interval[1] * 6)]));
      if (magnitude(x.interval) > 1) values[values.length - 1] = squared(node, x.interval);
    } else {
      const other = values[c % values.length]!;
      const node = productOf(x.node, other.node) ?? productOf(other.node, x.node);
      const bound = 6 * magnitude(x.interval) * magnitude(other.interval);
      values.push(node ? held(node, [-bound, bound]) : y);
    }
  }
  const last = values[values.length - 1]!;
  const output = last.node.isScalar ? last.node : sum(last.node);
  return {
    graph,
    output,
    parameters,
    sizes,
    values: new Map<Expr, readonly number[]>([...drawn, [pick, [2, 0, 2]]]),
    scale: largest,
    [fc.toStringMethod]: () => showGraph([output]),
  };
}

/** A sum of one value, or of one value with itself, held. */
function squared(node: Expr, [low, high]: Interval): Bounded {
  const bound = 6 * Math.max(1, magnitude([low, high])) ** 2;
  return held(node, [-bound, bound]);
}

/** Scaled integers at an odd offset: off every kink at a round number, and no two alike. */
function numbersFor(leaf: Expr, seed: number): number[] {
  const count = leaf.shape.reduce(
    (product, size) => product * size.evaluate((atom) => sizes.get((atom as { name: string }).name)!),
    1,
  );
  return Array.from({ length: count }, (_, k) => (((seed * 5 + k * 11) % 23) - 11) / 8 + 1 / 37);
}
