import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs } from "../../src/check/arbitraries.ts";
import { allocate, compileJavaScript } from "../../src/emit/javascript.ts";
import { boundBuffers } from "../../src/emit/signature.ts";
import { loops } from "../../src/extensions/loops.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { shareNests } from "../../src/lower/nests/share-nests.ts";
import { inParts } from "../../src/lower/passes/split.ts";
import type { Program, Statement } from "../../src/lower/program/loops.ts";
import { isNest } from "../../src/lower/program/rewrite-statements.ts";
import { add, mul, square } from "../../src/ops/algebra.ts";
import { contract, sum } from "../../src/ops/contractions.ts";
import { exp } from "../../src/ops/exponential.ts";
import { sin } from "../../src/ops/trigonometric.ts";
import { seed } from "../properties/subject.ts";
import { atSizes, rootsOf } from "./at-sizes.ts";

// A program beside itself has every nest twice: all that can be shared is.

const targets = (roots: readonly Expr[]) => roots.map((node, k) => ({ name: `root${k}`, node }));
function lowered(roots: readonly Expr[]): Program {
  roots[0]!.graph.extend(loops);
  return lower(targets(roots), { inOnePiece: true });
}
const beside = (program: Program) => inParts(shareNests([program, program])[0]!);

/** The results of a program as generated JavaScript, on leaves that hold these numbers. */
function run(program: Program, sizes: ReadonlyMap<string, number>, values: ReadonlyMap<Expr, readonly number[]>) {
  const outputs = program.buffers.filter(({ role }) => role === "output");
  const signature = { name: "roots", packed: [], separate: outputs };
  const held = new Map([...values].map(([leaf, numbers]) => [program.inputOf(leaf), numbers]));
  const arrayOf = (buffer: Program["buffers"][number]) => {
    const length = evaluateShape(buffer.shape, sizes).reduce((count, size) => count * size, 1);
    const array = allocate(buffer, length).fill(7);
    array.set(held.get(buffer) ?? buffer.values ?? []);
    return array;
  };
  const results = outputs.map(arrayOf);
  const { bind, source } = compileJavaScript(program, signature);
  bind(
    program.sizes.map((name) => sizes.get(name)!),
    boundBuffers(program, signature).map(arrayOf),
  )(...results);
  return { results: results.map((array) => Array.from(array)), source };
}

function calls(statements: readonly Statement[]): Extract<Statement, { kind: "shared" }>[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "shared") return [statement];
    return isNest(statement) ? calls(statement.body) : [];
  });
}

describe("programs that share their loops", () => {
  it("give the same bits", () => {
    let shared = 0;
    fc.assert(
      fc.property(programs(), fc.constantFrom(1, 2, 5, 9), fc.constantFrom(1, 3, 4, 7), (random, n, d) => {
        const program = atSizes(random, n, d);
        const { roots } = rootsOf(program);
        const plain = lowered(roots);
        const short = beside(plain);
        shared += calls(short.parts.flat()).length;
        const at = [program.sizes, program.values] as const;
        expect(run(short, ...at).results).toEqual(run(inParts(plain), ...at).results);
      }),
      { numRuns: 60, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
    expect(shared).toBeGreaterThan(50);
  });
});

describe("loops of a function in parts", () => {
  it("take numbers that another part has left for them", () => {
    const graph = new Graph();
    const a = graph.param("a", []);
    const number = exp(sin(a));
    const names = Array.from({ length: 4 }, (_, k) => `n${k}`);
    const leaves = names.map((name) => graph.param(`x_${name}`, [Integer.named(name)]));
    // each long enough to be shared
    const roots = leaves.map((x) => {
      const { shape } = x;
      const factors = [{ of: number, index: [] }];
      const each = contract({ extents: shape, output: [iterators(0)], shape, factors });
      let value = x;
      for (let step = 0; step < 6; step++) value = add(mul(each, sin(value)), square(sin(value)));
      return value;
    });
    // too long for one part with what stands before the last two
    let chain = number;
    for (let step = 0; step < 1500; step++) chain = add(sin(chain), mul(number, chain));
    const plain = lowered([...roots.slice(0, 2), chain, ...roots.slice(2)]);
    const short = beside(plain);
    const isLeft = ({ nest, arguments: values }: ReturnType<typeof calls>[number]) =>
      values.some(({ kind }, k) => kind === "load" && nest.parameters[k]!.kind === "number");
    expect(calls(short.parts.flat()).some(isLeft)).toBe(true);
    const sizes = new Map(names.map((name, k) => [name, 1 + (k % 7)]));
    const values = new Map([
      [a, [0.25]],
      ...leaves.map((x, k) => [x, Array.from({ length: 1 + (k % 7) }, (_, at) => (k % 60) / 40 + at)] as const),
    ]);
    expect(run(short, sizes, values).results).toEqual(run(inParts(plain), sizes, values).results);
  });
});

describe("products of matrices", () => {
  const [n, m, k] = ["n", "m", "k"].map(Integer.named) as [Integer, Integer, Integer];
  const [i, j, l] = [iterators(0), iterators(1), iterators(2)];

  /** Every product of factors that lie as they are or transposed, each with a result as it is or transposed. */
  function products(left: readonly Expr[], right: readonly Expr[]): Expr[] {
    return left.flatMap((x, isLeftTurned) =>
      right.flatMap((y, isRightTurned) =>
        [false, true].map((isTurned) =>
          contract({
            extents: isTurned ? [m, n, k] : [n, m, k],
            output: [i, j],
            shape: isTurned ? [m, n] : [n, m],
            factors: [
              { of: x, index: ((row) => (isLeftTurned ? [l, row] : [row, l]))(isTurned ? j : i) },
              { of: y, index: ((column) => (isRightTurned ? [column, l] : [l, column]))(isTurned ? i : j) },
            ],
          }),
        ),
      ),
    );
  }

  it.each([
    [2, 4, 3],
    [5, 7, 6],
    [1, 3, 1],
    [8, 9, 0],
  ])("are calls of one function for each layout, of %i rows and %i columns with %i terms", (rows, columns, terms) => {
    const graph = new Graph();
    const left = [graph.param("a", [n, k]), graph.param("b", [k, n])];
    const right = [graph.param("c", [k, m]), graph.param("d", [m, k])];
    const roots = products(left, right);
    const plain = lowered(roots);
    const [short] = shareNests([plain]);
    const found = calls(short!.parts.flat());
    expect(found).toHaveLength(roots.length);
    expect(new Set(found.map(({ nest }) => nest)).size).toBeLessThanOrEqual(4);
    expect(found.every(({ nest }) => nest.name === "product")).toBe(true);
    const sizes = new Map([
      ["n", rows],
      ["m", columns],
      ["k", terms],
    ]);
    const values = new Map(
      [...left, ...right].map((leaf) => {
        const count = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
        return [
          leaf,
          Array.from({ length: count }, (_, at) => ((at * 11 + leaf.id) % 13) - 6 + (at + 1) / 97),
        ] as const;
      }),
    );
    const given = run(inParts(plain), sizes, values);
    const got = run(inParts(short!), sizes, values);
    expect(got.results).toEqual(given.results);
    expect(got.source.length).toBeLessThan(given.source.length / 1.5);
  });
});

describe("products of which more is made", () => {
  const [n, m, k] = ["n", "m", "k"].map(Integer.named) as [Integer, Integer, Integer];
  const [i, j, l] = [iterators(0), iterators(1), iterators(2)];
  const product = (x: Expr, y: Expr) =>
    contract({
      extents: [n, m, k],
      output: [i, j],
      shape: [n, m],
      factors: [
        { of: x, index: [i, l] },
        { of: y, index: [l, j] },
      ],
    });

  it.each([
    [2, 4, 3],
    [5, 7, 6],
    [1, 3, 1],
  ])(
    "are calls of the function of those alone, and loops: %i rows and %i columns with %i terms",
    (rows, columns, terms) => {
      const graph = new Graph();
      const [a, b] = [graph.param("a", [n, k]), graph.param("b", [n, k])];
      const [c, d] = [graph.param("c", [k, m]), graph.param("d", [n, m])];
      const plus = add(d, product(b, c));
      const times = mul(product(square(a), c), d);
      // read again, so that each is finished where it is made
      const again = [plus, times].flatMap((each) => [sum(exp(each)), sum(sin(each))]);
      const plain = lowered([product(a, c), ...again]);
      const [short] = shareNests([plain]);
      const found = calls(short!.parts.flat());
      expect(found.filter(({ nest }) => nest.name === "product").length).toBeGreaterThanOrEqual(2);
      expect(new Set(found.map(({ nest }) => nest)).size).toBe(1);
      const sizes = new Map([
        ["n", rows],
        ["m", columns],
        ["k", terms],
      ]);
      const values = new Map(
        [a, b, c, d].map((leaf) => {
          const count = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
          return [
            leaf,
            Array.from({ length: count }, (_, at) => ((at * 11 + leaf.id) % 13) - 6 + (at + 1) / 97),
          ] as const;
        }),
      );
      expect(run(inParts(short!), sizes, values).results).toEqual(run(inParts(plain), sizes, values).results);
    },
  );
});

describe("loops that differ in more than what they are called with", () => {
  const n = Integer.named("n");

  it("stay apart", () => {
    const graph = new Graph();
    const x = graph.param("x", [n]);
    const alike = [square(sin(x)), square(square(x))];
    const [short] = shareNests([lowered(alike)]);
    expect(calls(short!.parts.flat())).toEqual([]);
  });
});
