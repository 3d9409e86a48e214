import type { CompilableModel } from "../../src/compile/compile.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph, type Shape } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import {
  broadcast,
  contract,
  dot,
  maximum,
  minimum,
  product,
  sum,
  transpose,
  view,
} from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { toReal } from "../../src/ops/elementary/cast.ts";
import { greater, less, max, select } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { sigmoid, softplus } from "../../src/ops/special/activation.ts";
import { lgamma } from "../../src/ops/special/gamma.ts";

const i = iterators(0);
const j = iterators(1);
const k = iterators(2);
const n = Integer.named("n");
const m = Integer.named("m");

type Leaves = Readonly<Record<string, Expr>>;

const named = (leaves: Leaves) => Object.entries(leaves).map(([name, expr]) => ({ name, expr }));

function model(
  name: string,
  graph: Graph,
  parameters: Leaves,
  data: Leaves,
  loss: Expr,
  outputs: Leaves = {},
): CompilableModel {
  return {
    name,
    graph,
    parameters: named(parameters),
    data: named(data),
    loss,
    outputs: new Map(Object.entries(outputs)),
  };
}

/** Mean logistic loss with a penalty on the weights. */
export function logistic(): CompilableModel {
  const graph = new Graph(allExtensions);
  const d = Integer.named("d");
  const w = graph.param("w", [d]);
  const b = graph.param("b");
  const X = graph.data("X", [n, d]);
  const y = graph.data("y", [n]);
  const score = contract({
    extents: [n, d],
    output: [i],
    shape: [n],
    factors: [
      { of: X, index: [i, j] },
      { of: w, index: [j] },
    ],
  });
  const margin = mul(y, add(score, broadcast(b, [n])));
  const loss = add(div(sum(softplus(neg(margin))), toReal(graph.size(n))), mul(0.5e-3, sum(square(w))));
  const correct = select(greater(margin, 0), 1, 0);
  const accuracy = div(sum(correct), toReal(graph.size(n)));
  return model("logistic", graph, { w, b }, { X, y }, loss, { accuracy, probability: sigmoid(margin) });
}

export function rosenbrock(): CompilableModel {
  const graph = new Graph(allExtensions);
  const x = graph.param("x", [n]);
  const pairs = n.minus(1);
  const here = view(x, [pairs], [i]);
  const next = view(x, [pairs], [i.plus(1)]);
  const loss = sum(add(mul(100, square(sub(next, square(here)))), square(sub(1, here))));
  return model("rosenbrock", graph, { x }, {}, loss);
}

/** A chain of scalars that is too long for one function. */
export function long(): CompilableModel {
  const graph = new Graph(allExtensions);
  const x = graph.param("x", [n]);
  const s = graph.param("s");
  let loss = add(s, sum(x));
  for (let step = 0; step < 800; step++)
    loss = add(mul(0.999, tanh(loss)), mul(loss, 1e-3 * step), sum(mul(x, broadcast(tanh(loss), [n]))));
  return model("long", graph, { x, s }, {}, loss);
}

function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Scalars, vectors of n and m, matrices n by m: what the steps of a random model choose from. */
type Kind = 0 | 1 | 2 | 3;

/**
 * A model of random steps over everything that loops can hold: maps, sums, products, extremes, views that leave their
 * tensor, gathers and scatters through int data, running sums, conditions. The same seed gives the same model.
 */
export function randomModel(seed: number): CompilableModel {
  const random = randomOf(seed);
  const graph = new Graph(allExtensions);
  const rows = random(2) ? n : Integer.constant(5);
  const shapes: readonly Shape[] = [[], [rows], [m], [rows, m]];
  const [c, a, b, A] = [graph.param("c"), graph.param("a", [rows]), graph.param("b", [m]), graph.param("A", [rows, m])];
  const position = graph.data("position", [rows], "int");
  const mask = graph.data("mask", [rows], "bool");
  const table = graph.tensor([0.5, -1, 2, 0.25], [4]);
  const pool: Expr[][] = [[c], [a], [b], [A]];
  const pick = (kind: Kind) => pool[kind]![random(pool[kind]!.length)]!;
  const read = (of: Expr, ...index: Integer[]) => ({ of, index });
  const lookup = Integer.lookup(0, [i]);

  const steps: readonly ((kind: Kind, x: Expr, y: Expr) => readonly [Kind, Expr] | undefined)[] = [
    (kind, x, y) => [kind, add(x, y)],
    (kind, x, y) => [kind, mul(x, y)],
    (kind, x) => [kind, tanh(x)],
    (kind, x, y) => [kind, sub(x, neg(y))],
    (kind, x, y) => [kind, add(x, y, pick(kind))],
    (kind, x, y) => [kind, div(x, add(2, square(y)))],
    (kind, x, y) => [kind, select(less(x, y), softplus(x), y)],
    (kind, x, y) => [kind, max(x, y)],
    (kind, x) => [kind, lgamma(add(2, square(x)))],
    (kind, x) => (kind === 3 ? [1, sum(x, [1])] : [0, sum(x)]),
    (kind, x) => (kind === 3 ? [2, sum(x, [0])] : undefined),
    (kind, x) => (kind === 3 ? [1, maximum(x, [1])] : [0, minimum(x)]),
    (kind, x) => (kind === 3 ? [1, product(x, [1])] : [0, product(tanh(x))]),
    (kind, x) => (kind === 3 ? undefined : [3, broadcast(x, shapes[3]!, kind === 0 ? [] : [kind - 1])]),
    (kind) =>
      kind === 1
        ? [
            1,
            contract({
              extents: [rows, m],
              output: [i],
              shape: [rows],
              factors: [read(pick(3), i, j), read(pick(2), j)],
            }),
          ]
        : undefined,
    (kind, x, y) =>
      kind === 3
        ? [
            3,
            contract({
              extents: [rows, m, rows],
              output: [i, j],
              shape: [rows, m],
              factors: [read(x, i, j), read(y, k, j)],
            }),
          ]
        : undefined,
    (kind, x) => (kind === 1 ? [1, view(x, [rows], [i.plus(1 - random(3))])] : undefined),
    (kind, x) => (kind === 3 ? [3, view(x, shapes[3]!, [i.plus(1 - random(3)), j.plus(random(2))])] : undefined),
    (kind, x) => (kind === 1 ? [1, view(x, [rows], [rows.minus(1).minus(i)])] : undefined),
    (kind, x) => {
      if (kind !== 1) return undefined;
      const isAscending = random(2) === 1;
      const guards = [{ index: isAscending ? i.minus(j) : j.minus(i), extent: undefined }];
      return [1, contract({ extents: [rows, rows], output: [i], shape: [rows], factors: [read(x, j)], guards })];
    },
    // an element of b for each row, and back
    (kind, x) => (kind === 2 ? [1, view(x, [rows], [lookup], [], [position])] : undefined),
    (kind, x) =>
      kind === 1
        ? [2, contract({ extents: [rows], output: [lookup], shape: [m], factors: [read(x, i)], lookups: [position] })]
        : undefined,
    (kind, x, y) => (kind === 1 ? [1, select(mask, exp(tanh(x)), y)] : undefined),
    (kind, x) => (kind === 1 ? [1, mul(x, toReal(graph.iota([rows], 0)))] : undefined),
    (kind, x) => (kind === 2 ? [0, dot(x, view(table, [m], [i]))] : undefined),
    (kind, x) =>
      kind === 3
        ? [1, contract({ extents: [rows, m], output: [i], shape: [rows], factors: [read(transpose(x, [1, 0]), j, i)] })]
        : undefined,
  ];
  for (let left = 6 + random(14); left > 0; left--) {
    const kind = random(4) as Kind;
    const made = steps[random(steps.length)]!(kind, pick(kind), pick(kind));
    if (made) pool[made[0]]!.push(made[1]);
  }
  const last = pool.flat().slice(-6);
  const loss = last.map((node) => (node.isScalar ? node : sum(tanh(node)))).reduce((total, term) => add(total, term));
  const outputs = Object.fromEntries([...last, greater(last[0]!, 0)].map((node, q) => [`o${q}`, node]));
  return model("random", graph, { a, b, A, c }, { position, mask }, loss, outputs);
}

/** Sizes under which every model above can run. */
export const sizes: ReadonlyMap<string, number> = new Map([
  ["n", 5],
  ["m", 3],
  ["d", 2],
]);
