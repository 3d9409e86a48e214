import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { allocate, compileJavaScript } from "../../src/emit/javascript.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Buffer } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { broadcast, contract, maximum, sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg } from "../../src/ops/elementary/algebra.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";

const sizes = new Map([
  ["n", 5],
  ["m", 3],
]);
const [i, j, k] = [iterators(0), iterators(1), iterators(2)] as const;
const [n, m] = [Integer.named("n"), Integer.named("m")] as const;

const sizeOf = (size: Integer) => size.evaluate((atom) => (atom.kind === "name" ? sizes.get(atom.name)! : Number.NaN));
const lengthOf = (expr: Expr) => expr.shape.reduce((length, size) => length * sizeOf(size), 1);

/** Values of the roots by generated loops; memory that the program must set itself starts out as 9. */
function run(roots: readonly Expr[], values: ReadonlyMap<Expr, Float64Array>, ordered = false): number[][] {
  const program = lower(
    roots.map((node, at) => ({ name: `o${at}`, node })),
    { ordered },
  );
  const arrayOf = (buffer: Buffer) =>
    allocate(
      buffer,
      buffer.shape.reduce((length, size) => length * sizeOf(size), 1),
    ).fill(9);
  const outputs = program.buffers.filter(({ role }) => role === "output");
  const arrays = outputs.map(arrayOf);
  const bound = program.buffers
    .filter(({ role }) => role !== "output")
    .map((buffer) => {
      const leaf = [...values.keys()].find((each) => program.inputOf(each) === buffer);
      return leaf ? values.get(leaf)! : arrayOf(buffer);
    });
  const code = compileJavaScript(program, { name: "run", packed: [], separate: outputs });
  code.bind(
    program.sizes.map((name) => sizes.get(name)!),
    bound,
  )(...arrays);
  return arrays.map((array) => Array.from(array));
}

function drawn(seed: number): (count: number) => number {
  let state = seed >>> 0;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

/** A random program over scalars, vectors and matrices: sharing, shifts, triangles, products, winners. */
function randomProgram(seed: number) {
  const draw = drawn(seed);
  const graph = new Graph();
  const rows = draw(2) === 0 ? n : Integer.constant(5);
  const shapes = [[], [rows], [m], [rows, m]];
  const params = [graph.param("c"), graph.param("a", [rows]), graph.param("b", [m]), graph.param("A", [rows, m])];
  const pool: Expr[][] = params.map((param) => [param]);
  const pick = (rank: number) => pool[rank]![draw(pool[rank]!.length)]!;
  const product = (left: Expr, right: Expr, summed: readonly Integer[], output: readonly Integer[], shape: Integer[]) =>
    contract({
      extents: [rows, rows, m],
      output,
      shape,
      factors: [
        { of: left, index: [i, k] },
        { of: right, index: summed },
      ],
    });
  const moves: readonly ((rank: number, x: Expr) => readonly [Expr, number] | undefined)[] = [
    (rank, x) => [add(x, pick(rank)), rank],
    (rank, x) => [mul(x, pick(rank)), rank],
    (rank, x) => [tanh(x), rank],
    (rank, x) => [neg(x), rank],
    (rank, x) => [add(x, pick(rank), pick(rank)), rank],
    (rank, x) => (rank === 3 ? [sum(x, [1]), 1] : rank > 0 ? [sum(x), 0] : undefined),
    (rank, x) => (rank === 3 ? [sum(x, [0]), 2] : undefined),
    (rank, x) =>
      rank === 0 ? [broadcast(x, shapes[3]!), 3] : rank < 3 ? [broadcast(x, shapes[3]!, [rank - 1]), 3] : undefined,
    (rank, x) => (rank === 1 ? [view(x, [rows], [i.plus(1 - draw(3))]), 1] : undefined),
    (rank, x) => (rank === 3 ? [view(x, [rows, m], [i.plus(1 - draw(3)), j.plus(draw(2))]), 3] : undefined),
    (rank, x) => (rank === 1 ? [view(x, [rows], [rows.minus(1).minus(i)]), 1] : undefined),
    (rank, x) => (rank === 3 ? [maximum(x, [1]), 1] : rank > 0 ? [maximum(x), 0] : undefined),
    (rank, x) =>
      rank === 1
        ? [
            contract({
              extents: [rows, rows],
              output: [i],
              shape: [rows],
              factors: [{ of: x, index: [j] }],
              guards: [{ index: i.minus(j), extent: undefined }],
            }),
            1,
          ]
        : undefined,
    (rank, x) => (rank === 3 ? [product(x, pick(3), [j, k], [i], [rows]), 1] : undefined),
    (rank, x) =>
      rank === 3
        ? [
            contract({
              extents: [rows, m, rows],
              output: [i, j],
              shape: [rows, m],
              factors: [
                { of: x, index: [i, j] },
                { of: pick(3), index: [k, j] },
              ],
            }),
            3,
          ]
        : undefined,
  ];
  for (let step = 6 + draw(14); step > 0; step--) {
    const rank = draw(4);
    const made = moves[draw(moves.length)]!(rank, pick(rank));
    if (made) pool[made[1]]!.push(made[0]);
  }
  const parts = pool
    .flat()
    .slice(-6)
    .map((expr) => (expr.isScalar ? expr : sum(tanh(expr))));
  return { loss: parts.length > 1 ? add(...parts) : parts[0]!, params, some: pool.flat().slice(-4) };
}

const seeds = Array.from({ length: 250 }, (_, at) => at + 1);

describe("lower", () => {
  it("gives what the interpreter gives, for values, gradients and products of random programs", {
    timeout: 120_000,
  }, () => {
    for (const seed of seeds) {
      const { loss, params, some } = randomProgram(seed);
      const directions = params.map((param) => loss.graph.variable(param.shape));
      const products = seed % 3 === 0 ? hvp(loss, params, directions) : [];
      const roots = [loss, ...gradient(loss, params), ...products, ...some];
      const values = new Map(
        [...params, ...directions].map((leaf, at) => [
          leaf,
          Float64Array.from({ length: lengthOf(leaf) }, (_, t) => Math.sin(at * 7 + t * 3 + seed)),
        ]),
      );
      const lists = new Map([...values].map(([leaf, array]) => [leaf, Array.from(array)]));
      const expected = interpret(roots, { sizes, values: lists }, realField);
      for (const [at, got] of run(roots, values).entries()) {
        for (const [t, value] of got.entries()) {
          const wanted = expected[at]![t]!;
          // sums of a few dozen terms in another order
          expect(Math.abs(value - wanted), `seed ${seed}`).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(wanted)));
        }
      }
    }
  });

  it("keeps the order of sums when asked to, bit for bit", () => {
    const graph = new Graph();
    const A = graph.param("A", [n, m]);
    const x = Float64Array.from({ length: 15 }, (_, t) => Math.sin(t) * 10 ** ((t % 7) - 3));
    const roots = [sum(A), sum(A, [0]), sum(A, [1])];
    const expected = interpret(roots, { sizes, values: new Map([[A, Array.from(x)]]) }, realField);
    expect(run(roots, new Map([[A, x]]), true)).toEqual(expected);
  });

  it("carries a running sum in one loop along the axis", () => {
    const graph = new Graph();
    const a = graph.param("a", [n]);
    const running = contract({
      extents: [n, n],
      output: [i],
      shape: [n],
      factors: [{ of: a, index: [j] }],
      guards: [{ index: i.minus(j), extent: undefined }],
    });
    const slope = gradient(sum(sin(running)), [a])[0]!;
    const program = lower([{ name: "slope", node: slope }]);
    let deepest = 0;
    for (const statement of program.parts.flat()) {
      const depth = (each: typeof statement): number =>
        each.kind === "for" || each.kind === "when"
          ? Number(each.kind === "for") + Math.max(0, ...each.body.map(depth))
          : 0;
      deepest = Math.max(deepest, depth(statement));
    }
    expect(deepest).toBe(1);
  });

  it("survives chains of 100,000 operations, in parts that V8 optimises", { timeout: 60_000 }, () => {
    const graph = new Graph();
    const x = graph.param("x");
    let y: Expr = x;
    for (let step = 0; step < 100_000; step++) y = sin(y);
    const program = lower([y, gradient(y, [x])[0]!].map((node, at) => ({ name: `o${at}`, node })));
    expect(program.parts.length).toBeGreaterThan(100);
    for (const part of program.parts) {
      let operations = 0;
      for (const statement of part) visitStatement(statement, { value: () => operations++ });
      expect(operations).toBeLessThan(6000);
    }
  });

  it("adds 10,000 scattered elements in linear size", { timeout: 60_000 }, () => {
    const graph = new Graph();
    const x = graph.param("x", [Integer.constant(10_000)]);
    const terms = Array.from({ length: 10_000 }, (_, at) => sin(view(x, [], [Integer.constant(at)])));
    const slope = gradient(add(...terms), [x])[0]!;
    const program = lower([{ name: "slope", node: slope }]);
    let statements = 0;
    for (const statement of program.parts.flat()) visitStatement(statement, { statement: () => statements++ });
    expect(statements).toBeLessThan(60_000);
  });
});
