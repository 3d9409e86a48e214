import { describe, expect, it, vi } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { realField } from "../../src/interpreter/field.ts";
import { type Bindings, evaluateShape, interpret } from "../../src/interpreter/interpret.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { type LowerOptions, lower } from "../../src/lower/lower.ts";
import type { Statement, Value } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { concat, pad, reshape, reverse, stack } from "../../src/ops/arrays/arrays.ts";
import { cumsum, matmul } from "../../src/ops/arrays/composites.ts";
import {
  axes,
  contract,
  dot,
  maximum,
  minimum,
  product,
  reduce,
  sum,
  view,
} from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, reciprocal, square } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { workOf } from "./operations.ts";

vi.setConfig({ testTimeout: 60_000 });

const [n, m, k] = ["n", "m", "k"].map(Integer.named) as [Integer, Integer, Integer];
const [i, j] = [iterators(0), iterators(1)];
const whole = Integer.constant;

/** Numbers for every leaf under the roots: quarters off round numbers; ints stay below the smallest size. */
function bindingsFor(roots: readonly Expr[], sizes: ReadonlyMap<string, number>): Bindings<number> {
  const least = Math.max(1, Math.min(...sizes.values()));
  const numbers = (leaf: Expr) => {
    const count = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
    return Array.from({ length: count }, (_, at) =>
      leaf.dtype === "int" ? (at * 7 + 3) % least : (((at * 11 + leaf.id) % 13) - 6) / 4 + (at + 1) / 97,
    );
  };
  const leaves = topologicalOrder(roots).filter(({ kind }) => kind === "leaf");
  return { sizes, values: new Map(leaves.map((leaf) => [leaf, numbers(leaf)])) };
}

/** A tensor, its sum of squares and the gradient of that. */
function withGradient(z: Expr): Expr[] {
  const parameters = topologicalOrder([z]).filter(
    (node) => node.kind === "leaf" && node.graph.leafOf(node.id).role === "param",
  );
  const loss = dot(z, z);
  return [z, loss, ...gradient(loss, parameters)];
}

function expectInterpreted(roots: readonly Expr[], sizes: ReadonlyMap<string, number>, options: LowerOptions): void {
  const bindings = bindingsFor(roots, sizes);
  const expected = interpret(roots, bindings, realField);
  const got = executable(roots, options)(bindings);
  if (options.ordered) {
    expect(got).toEqual(expected);
    return;
  }
  for (const [r, list] of expected.entries()) {
    // sums of a few hundred terms in another order
    for (const [at, value] of list.entries()) expect(got[r]![at]).toBeCloseTo(value, 9);
  }
}

const vector = (graph: Graph, name = "x") => graph.param(name, [n]);
const matrix = (graph: Graph, name = "A") => graph.param(name, [n, m]);
const looked = (graph: Graph) => [graph.data("at", [n], "int")];

/** out[i] = the sum of x[j] over all j where the condition is at least 0. */
const triangle = (x: Expr, condition: Integer) =>
  contract({
    extents: [n, x.shape[0]!],
    output: [i],
    shape: [n],
    factors: [{ of: x, index: [j] }],
    guards: [{ index: condition, extent: undefined }],
  });

/** One term more enters from one element to the next, from either end. */
const triangles: Readonly<Record<string, (graph: Graph) => Expr>> = {
  "sums of what lies behind": (g) => triangle(vector(g), j.minus(i)),
  "sums of what lies further behind": (g) => triangle(vector(g), j.minus(i).minus(1)),
  "sums of the last ones": (g) => triangle(vector(g), i.plus(j).minus(n).plus(1)),
  "sums of the last ones but one": (g) => triangle(vector(g), i.plus(j).minus(n)),
  "sums of the last ones of more": (g) => triangle(g.param("x", [n.plus(2)]), i.plus(j).minus(n).minus(1)),
  "sums that lose the last one": (g) => triangle(vector(g), n.minus(1).minus(i).minus(j)),
  "sums that lose the last but one": (g) => triangle(vector(g), n.minus(2).minus(i).minus(j)),
};

/** More than one term enters in the first round. */
const wideTriangles: Readonly<Record<string, (graph: Graph) => Expr>> = {
  "sums that begin with two": (g) => triangle(vector(g), i.minus(j).plus(1)),
  "sums that end with two": (g) => triangle(vector(g), n.minus(i).minus(j)),
  "sums of the last two and more": (g) => triangle(vector(g), i.plus(j).minus(n).plus(2)),
  "sums from two behind": (g) => triangle(vector(g), j.minus(i).plus(1)),
};

/** What lowering treats in ways of its own. */
const structures: Readonly<Record<string, (graph: Graph) => Expr>> = {
  "a gather through a lookup": (g) => view(vector(g), [n], [Integer.lookup(0, [i])], [], looked(g)),
  "a scatter through a lookup": (g) =>
    contract({
      extents: [n],
      output: [Integer.lookup(0, [i])],
      shape: [n],
      factors: [{ of: vector(g), index: [i] }],
      lookups: looked(g),
    }),
  "a lookup of a lookup": (g) => view(vector(g), [n], [Integer.lookup(0, [Integer.lookup(0, [i])])], [], looked(g)),
  ...triangles,
  ...wideTriangles,
  "a running sum": (g) => cumsum(vector(g), 0),
  "a product with a running sum": (g) => mul(cumsum(vector(g), 0), vector(g, "y")),
  "the sum of a product with a running sum": (g) => dot(cumsum(vector(g), 0), vector(g, "y")),
  "running sums along rows": (g) => cumsum(matrix(g), 1),
  "a running sum of a running sum": (g) => cumsum(cumsum(vector(g), 0), 0),
  "a reshape": (g) => reshape(matrix(g), [m, n]),
  "a reshape of a product": (g) => exp(reshape(mul(matrix(g), 0.1), [n.times(m)])),
  "a reversed array": (g) => reverse(vector(g), 0),
  "a padded array": (g) =>
    pad(matrix(g), [
      { before: whole(1), after: whole(2) },
      { before: whole(0), after: whole(1) },
    ]),
  "arrays one after the other": (g) => concat([vector(g), exp(vector(g, "y")), vector(g)], 0),
  "stacked arrays": (g) => stack([vector(g), mul(vector(g), vector(g, "y"))]),
  "every second element": (g) => view(vector(g), [n], [i.scaled(2)]),
  "elements at every second place": (g) =>
    contract({ extents: [n], output: [i.scaled(2)], shape: [n.times(2)], factors: [{ of: vector(g), index: [i] }] }),
  "the sum of an outer product": (g) => sum(mul(matrix(g), view(vector(g), [n, m], [i])), [0]),
  "a product along rows": (g) => product(matrix(g), [1]),
  "the largest of shifted elements": (g) => maximum(view(vector(g), [n], [i.minus(1)])),
  "the smallest of rows": (g) => minimum(matrix(g), [1]),
  "a diagonal": (g) => view(matrix(g), [n], [i, i]),
  "a matrix product": (g) => matmul(matrix(g), g.param("B", [m, k])),
  "a matrix product with itself": (g) =>
    contract({
      extents: [n, n, m],
      output: [i, j],
      shape: [n, n],
      factors: [
        { of: matrix(g), index: [i, iterators(2)] },
        { of: matrix(g), index: [j, iterators(2)] },
      ],
    }),
  "a matrix times a vector": (g) => matmul(matrix(g), g.param("v", [m])),
  "windows that overlap": (g) =>
    contract({
      ...windows(n.plus(1), m.plus(1), whole(2)),
      factors: [
        { of: matrix(g), index: [i.plus(iterators(3)).minus(1), j.plus(iterators(4)).minus(1)] },
        { of: g.param("f", [2, 2, 2].map(whole)), index: [iterators(3), iterators(4), iterators(2)] },
      ],
    }),
  ...Object.fromEntries(
    (["prod", "max", "min"] as const).map((combine) => [
      `${combine} of one term each, which some elements do not have`,
      (g: Graph) =>
        reduce(combine, {
          extents: [n],
          output: [i],
          shape: [n],
          factors: [{ of: vector(g), index: [i] }],
          guards: [{ index: i.minus(2), extent: n.minus(3) }],
        }),
    ]),
  ),
  "the largest of windows": (g) =>
    reduce("max", {
      ...windows(n.floorDiv(2), m.floorDiv(2), whole(1)),
      factors: [{ of: matrix(g), index: [i.scaled(2).plus(iterators(3)), j.scaled(2).plus(iterators(4))] }],
    }),
};

/** Windows over two axes: where they stand, a last axis that stays, and the places within them. */
function windows(rows: Integer, columns: Integer, last: Integer) {
  const shape = [rows, columns, last];
  return { extents: [...shape, whole(2), whole(2)], output: axes(3), shape };
}

const sizesFor = (a: number, b: number, c: number) =>
  new Map([
    ["n", a],
    ["m", b],
    ["k", c],
  ]);

describe.each(Object.entries(structures))("%s", (_, build) => {
  const roots = withGradient(build(new Graph()));

  it("is the interpreter's to the bit when sums keep their order", () => {
    expectInterpreted(roots, sizesFor(5, 4, 3), { ordered: true });
  });

  it.each([
    [1, 1, 1],
    [2, 3, 5],
    [8, 9, 17],
    [7, 4, 1],
  ])("holds for sizes %i, %i, %i", (a, b, c) => {
    expectInterpreted(roots, sizesFor(a, b, c), {});
  });
});

describe("an empty tensor", () => {
  const allowed = Object.entries(structures).filter(([name]) => !/largest|smallest|windows/.test(name));
  it.each(allowed)("is no trouble: %s", (_, build) => {
    const roots = withGradient(build(new Graph()));
    for (const [a, b] of [
      [0, 3],
      [3, 0],
      [0, 0],
    ] as const)
      expectInterpreted(roots, sizesFor(a, b, 2), {});
  });
});

/** Work for a size n, by loops over the lowered roots. */
const workFor = (roots: readonly Expr[], size: number) =>
  workOf(lower(roots.map((node, at) => ({ name: `root${at}`, node }))), new Map([["n", size]]));

/** Sums of squares of differences between neighbours, whose gradients add to several elements of one array. */
const stencils: Readonly<Record<string, (graph: Graph) => Expr>> = {
  "neighbours of a vector": (g) => differences(vector(g), 0, [0, 1]),
  "neighbours one further": (g) => differences(vector(g), 0, [0, 2]),
  "three in a row": (g) => differences(vector(g), 0, [0, 1, 2]),
  "three unevenly apart": (g) => differences(vector(g), 0, [3, 0, 1]),
  "far apart": (g) => differences(vector(g), 0, [0, 9]),
  "neighbours in a row": (g) => differences(matrix(g), 1, [0, 1]),
  "neighbours in a column": (g) => differences(matrix(g), 0, [0, 1]),
  "neighbours in a row and in a column": (g) =>
    add(differences(matrix(g), 1, [0, 1]), differences(matrix(g), 0, [0, 1])),
  "neighbours in the middle": (g) => differences(g.param("x", [n.plus(3)]), 0, [1, 2], n),
};

/** The sum of s^2 e^-s over s = sum_k (k + 1) x[.. + offset_k ..], for all places where the reads are inside. */
function differences(x: Expr, axis: number, offsets: readonly number[], extent?: Integer): Expr {
  const domain = x.shape.map((size, k) => (k === axis ? (extent ?? size.minus(Math.max(...offsets))) : size));
  const reads = offsets.map((offset, k) => {
    const index = domain.map((_, at) => (at === axis ? iterators(at).plus(offset) : iterators(at)));
    return mul(view(x, domain, index), k + 1);
  });
  const combined = reads.reduce((sum, read) => add(sum, read));
  return dot(square(combined), exp(neg(combined)));
}

describe.each(Object.entries(stencils))("a stencil: %s", (name, build) => {
  const fewest = name === "far apart" ? 9 : 3;

  it.each([0, 1, 2, 3, 9])("has the interpreter's gradient for %i elements beyond its reach", (more) => {
    const loss = build(new Graph());
    const parameter = topologicalOrder([loss]).find(({ kind }) => kind === "leaf")!;
    const derived = simplify([loss, ...gradient(loss, [parameter])], { last: true });
    for (const options of [{}, { ordered: true }, { forVectors }])
      expectInterpreted(derived, sizesFor(fewest + more, fewest + more - 1, 1), options);
  });
});

describe("a loop that adds to neighbours", () => {
  it("writes each element of an array that it covers once", () => {
    const x = vector(new Graph());
    const steps = add(view(x, [n.minus(1)], [i.plus(1)]), neg(square(view(x, [n.minus(1)], [i]))));
    const loss = dot(steps, steps);
    const program = lower([{ name: "g", node: simplify(gradient(loss, [x]), { last: true })[0]! }]);
    const kinds = new Set<string>();
    for (const statement of program.parts.flat())
      visitStatement(statement, { statement: ({ kind }) => kinds.add(kind) });
    expect(kinds).toContain("assign");
    expect(kinds).not.toContain("fill");
    expect(kinds).not.toContain("accumulate");
  });
});

describe("work", () => {
  it.each([...Object.keys(triangles), "a running sum", "a running sum of a running sum"])(
    "grows with the length of %s, not its square",
    (name) => {
      const roots = withGradient(structures[name]!(new Graph()));
      const [short, long] = [workFor(roots, 1000), workFor(roots, 2000)];
      expect(long.statements / short.statements).toBeLessThan(2.01);
      expect(long.operations / short.operations).toBeLessThan(2.01);
    },
  );

  it("grows with the number of stacked parts, not its square", () => {
    const stacked = (count: number) => {
      const x = new Graph().param("x", [whole(count)]);
      const parts = Array.from({ length: count }, (_, at) => exp(view(x, [], [whole(at)])));
      return workFor(simplify(withGradient(stack(parts)), { last: true }), count);
    };
    // a long program is split, and stores what its parts share
    for (const count of [1000, 10_000]) {
      const { statements, operations } = stacked(count);
      expect(statements / count).toBeLessThan(30);
      expect(operations / count).toBeLessThan(30);
    }
  });

  it("needs no loop and no array for a reshape of what is stored", () => {
    const A = new Graph().param("A", [n, m]);
    const flat = sum(exp(reshape(A, [n.times(m)])));
    const program = lower([{ name: "root", node: flat }]);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toEqual([]);
    expect(loopsOf(program.parts.flat())).toBe(1 + 1);
  });

  it("keeps what several products read of the sum of two arrays", () => {
    const graph = new Graph();
    const [A, B] = [graph.param("A", [n, m]), graph.param("B", [n, m])];
    const [C, D] = [graph.data("C", [m, n]), graph.data("D", [m, n])];
    const both = add(A, B);
    const roots = [C, D].map((right, at) => ({ name: `root${at}`, node: matmul(both, right) }));
    const shapes = (options: LowerOptions) =>
      lower(roots, options).buffers.flatMap(({ role, shape }) => (role === "workspace" ? [shape] : []));
    expect(shapes({})).toEqual([[n, m]]);
    // panels copy it anyway
    expect(shapes({ forVectors }).some((shape) => shape.length === 2 && shape[1]!.equals(m))).toBe(false);
  });

  it("keeps what is made of a sum in place of the sum", () => {
    const graph = new Graph();
    const [A, w, y] = [graph.param("A", [n, m]), graph.param("w", [m]), graph.data("y", [n])];
    const apart = add(matmul(A, w), neg(y));
    const largest = view(maximum(apart), [n], []);
    const program = lower([{ name: "root", node: sum(exp(add(apart, neg(largest)))) }]);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toHaveLength(1);
    let reads = 0;
    const value = (each: Value) => {
      if (each.kind === "load" && each.buffer === program.inputOf(y)) reads++;
    };
    for (const statement of program.parts.flat()) visitStatement(statement, { value });
    expect(reads).toBe(1);
  });

  it("keeps quotients that a product reads again and again, and no products", () => {
    const graph = new Graph();
    const [A, x, y] = [graph.param("A", [n, m]), graph.param("x", [m]), graph.param("y", [m])];
    const kept = (right: Expr) =>
      lower([{ name: "root", node: matmul(A, right) }]).buffers.flatMap(({ role, shape }) =>
        role === "workspace" ? [shape] : [],
      );
    expect(kept(div(x, y))).toEqual([[m]]);
    expect(kept(mul(x, y))).toEqual([]);
  });

  it("divides once where loops that follow each other read a quotient of a sum", () => {
    const graph = new Graph();
    const [A, w, y] = [graph.param("A", [n, m]), graph.param("w", [m]), graph.data("y", [n])];
    const share = reciprocal(add(matmul(A, w), 1));
    const total = view(sum(share), [n], []);
    const program = lower([{ name: "root", node: sum(mul(exp(mul(share, total)), y)) }]);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toHaveLength(1);
    let divisions = 0;
    const value = (each: Value) => {
      if (each.kind === "apply" && each.primitive === reciprocal.primitive) divisions++;
    };
    for (const statement of program.parts.flat()) visitStatement(statement, { value });
    expect(divisions).toBe(1);
  });

  it.each([
    ["fill a tensor", 2, 3, 4, true],
    ["leave elements out", 2, 3, 5, false],
  ])("clears an array for slices that %s where it has to", (_, first, second, length, fills) => {
    const graph = new Graph();
    const x = graph.param("x", [n.times(whole(length))]);
    const at = (from: number) => view(x, [n], [i.plus(n.times(whole(from)))]);
    const parts = add(exp(mul(at(0), at(1))), mul(exp(at(first)), at(second)));
    const slope = gradient(sum(parts), [x])[0]!;
    const statements: Statement[] = [];
    const final = simplify([slope], { last: true });
    for (const options of [{}, { forVectors }]) expectInterpreted(final, sizesFor(3, 1, 1), options);
    const program = lower([{ name: "slope", node: final[0]! }]);
    for (const each of program.parts.flat()) visitStatement(each, { statement: (inner) => statements.push(inner) });
    expect(statements.some(({ kind }) => kind === "fill")).toBe(!fills);
    if (fills) expect(statements.filter(({ kind }) => kind === "for")).toHaveLength(1);
  });

  it("passes once over rows for a chain of rows", () => {
    const graph = new Graph();
    const [X, w] = [graph.data("X", [n, m]), graph.param("w", [m])];
    const residual = exp(matmul(X, w));
    const roots = [sum(residual), ...gradient(sum(residual), [w])];
    const program = lower(roots.map((node, at) => ({ name: `root${at}`, node })));
    const outer = program.parts.flat().filter(({ kind }) => kind === "for");
    expect(outer).toHaveLength(1);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toEqual([]);
  });
});

describe("the distances of points to the nearest of several", () => {
  /** sum over i of min over j of sum over l of (centres[j, l] - points[i, l])^2, and its gradient. */
  const nearest = () => {
    const graph = new Graph();
    const [points, centres] = [graph.data("points", [n, k]), graph.param("centres", [m, k])];
    const domain = [n, m, k];
    const apart = add(view(centres, domain, [j, iterators(2)]), neg(view(points, domain, [i, iterators(2)])));
    const loss = sum(minimum(sum(square(apart), [2]), [1]));
    return simplify([loss, ...gradient(loss, [centres])], { last: true });
  };

  it("take one pass over the points, with memory for one point's distances", () => {
    const program = lower(nearest().map((node, at) => ({ name: `root${at}`, node })));
    const held = program.buffers.filter(({ role }) => role === "workspace").flatMap(({ shape }) => shape);
    expect(held.filter((size) => size.equals(n))).toEqual([]);
    const outer = program.parts.flat().filter((each) => each.kind === "for" && each.to[0]!.equals(n));
    expect(outer).toHaveLength(1);
  });

  it("pass over the coordinates of winners only", () => {
    const program = lower(nearest().map((node, at) => ({ name: `root${at}`, node })));
    const choices: Statement[] = [];
    for (const statement of program.parts.flat())
      visitStatement(statement, { statement: (inner) => inner.kind === "if" && choices.push(inner) });
    expect(choices).toHaveLength(1);
    // one over the coordinates, and one for what four at a time leave over
    expect(loopsOf(choices[0]!.kind === "if" ? choices[0]!.body : [])).toBe(2);
  });

  it("have the interpreter's values", () => {
    for (const [a, b] of [
      [1, 1],
      [7, 3],
      [5, 8],
    ] as const)
      expectInterpreted(nearest(), sizesFor(a, b, 3), {});
  });
});

describe("loops of a few rounds", () => {
  it("see what is added to an element afterwards", () => {
    const graph = new Graph();
    const x = graph.param("x", [whole(3)]);
    const first = view(x, [], [whole(0)]);
    const z = mul(exp(x), view(first, [whole(3)], []));
    const loss = sum(mul(exp(z), view(view(z, [], [whole(0)]), [whole(3)], [])));
    const roots = simplify([loss, ...gradient(loss, [x])], { last: true });
    expectInterpreted(roots, sizesFor(1, 1, 1), {});
    expectInterpreted(roots, sizesFor(1, 1, 1), { ordered: true });
  });

  it("are written out, and what they make needs no array", () => {
    const graph = new Graph();
    const x = graph.param("x", [n, whole(3)]);
    // the squared length of x[i] times exp of its next coordinate, in a circle
    const turned = view(x, [n, whole(3)], [i, Integer.lookup(1, [j])], [], [x, graph.tensor([1, 2, 0], [3], "int")]);
    const parts = square(sum(mul(exp(turned), x), [1]));
    const roots = [sum(mul(parts, parts))];
    const program = lower(roots.map((node, at) => ({ name: `root${at}`, node })));
    expect(loopsOf(program.parts.flat())).toBe(1);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toEqual([]);
    expectInterpreted([...roots, ...gradient(roots[0]!, [x])], sizesFor(5, 1, 1), {});
    expectInterpreted([...roots, ...gradient(roots[0]!, [x])], sizesFor(5, 1, 1), { ordered: true });
  });
});

describe("an index that has been checked", () => {
  it("is not asked about again", () => {
    const graph = new Graph();
    const [x, at] = [graph.param("x", [m]), graph.data("at", [n], "int")];
    const total = sum(exp(view(x, [n], [Integer.lookup(0, [i])], [], [at])));
    const guardsOf = (options: LowerOptions) => {
      let guards = 0;
      for (const statement of lower([{ name: "root", node: total }], options).parts.flat())
        visitStatement(statement, { value: (value) => value.kind === "guarded" && guards++ });
      return guards;
    };
    expect(guardsOf({})).toBeGreaterThan(0);
    expect(guardsOf({ checked: new Map([[at, m]]) })).toBe(0);
  });
});

describe("a running product that a sum reads", () => {
  it("is made in the sum's own loop, without an array", () => {
    const graph = new Graph();
    const [t, x] = [graph.data("t", [n]), graph.param("x", [m])];
    // sum over j of x[j] t[i]^j, the powers as products over k < j
    const power = reduce("prod", {
      extents: [n, m, m],
      output: [i, j],
      shape: [n, m],
      factors: [{ of: t, index: [i] }],
      guards: [{ index: j.minus(iterators(2)).minus(1), extent: undefined }],
    });
    const value = matmul(power, x);
    const program = lower([{ name: "root", node: value }]);
    expect(program.buffers.filter(({ role }) => role === "workspace")).toEqual([]);
    expect(loopsOf(program.parts.flat())).toBe(2);
    expectInterpreted([value], sizesFor(5, 7, 1), {});
    expectInterpreted([value, ...gradient(dot(value, value), [x])], sizesFor(5, 7, 1), { ordered: true });
  });
});

describe("two sums over one triangle", () => {
  it.each([0, 1, 6])("cut their common loop short, %i below the diagonal", (distance) => {
    const graph = new Graph();
    const [A, B, x] = [graph.param("A", [n, n]), graph.param("B", [n, n]), graph.param("x", [n])];
    const below = (of: Expr) =>
      contract({
        extents: [n, n],
        output: [i],
        shape: [n],
        factors: [
          { of, index: [i, j] },
          { of: x, index: [j] },
        ],
        guards: [{ index: i.minus(j).minus(distance), extent: undefined }],
      });
    const roots = [below(A), below(B)];
    const program = lower(roots.map((node, at) => ({ name: `root${at}`, node })));
    const conditions: Statement[] = [];
    for (const statement of program.parts.flat())
      visitStatement(statement, { statement: (inner) => inner.kind === "when" && conditions.push(inner) });
    expect(conditions).toEqual([]);
    // rows, four columns a turn, and the columns that are left
    expect(loopsOf(program.parts.flat())).toBe(3);
    expectInterpreted(roots, sizesFor(9, 1, 1), {});
  });
});

/** Loops in statements, inner ones included. */
function loopsOf(statements: readonly Statement[]): number {
  let count = 0;
  for (const statement of statements) {
    if (statement.kind === "for" || statement.kind === "when") count += loopsOf(statement.body);
    if (statement.kind === "for") count++;
  }
  return count;
}

describe("a sum of products", () => {
  it("adds what is present and never multiplies by what is absent", () => {
    const graph = new Graph();
    const [x, y] = [graph.param("x", [n]), graph.param("y", [n])];
    const shifted = add(x, view(mul(y, view(x, [n], [i.plus(1)])), [n], [i.minus(1)]));
    const sizes = new Map([["n", 4]]);
    const values = new Map([
      [x, [1, 2, 3, 4]],
      [y, [5, 6, 7, Number.NaN]],
    ]);
    const roots = [shifted];
    expect(executable(roots)({ sizes, values })).toEqual(interpret(roots, { sizes, values }, realField));
    expect(executable(roots)({ sizes, values })[0]).toEqual([1, 12, 21, 32]);
  });
});

describe("a running sum that is summed up", () => {
  it("keeps the order of its terms while it is read", () => {
    const graph = new Graph();
    const x = graph.param("x", [n]);
    const weights = exp(neg(square(x)));
    const roots = [sum(mul(cumsum(weights, 0), graph.constant(0.5, [n])))];
    const bindings = { sizes: new Map([["n", 9]]), values: new Map([[x, [1, 2, 3, 4, 0.5, -1, 0.25, 0.75, -2]]]) };
    const [expected] = interpret(roots, bindings, realField)[0]!;
    expect(executable(roots)(bindings)[0]![0]).toBeCloseTo(expected!, 12);
  });
});

describe("strided windows that leave the tensor", () => {
  it.each([
    { stride: 2, dilation: 1 },
    { stride: 3, dilation: 2 },
    { stride: 2, dilation: -1 },
  ])("cut their loops short, for %o", ({ stride, dilation }) => {
    const graph = new Graph();
    const [x, f] = [graph.param("x", [m]), graph.param("f", [k])];
    const at = i.scaled(stride).plus(j.scaled(dilation)).minus(2);
    const value = contract({
      extents: [n, k],
      output: [i],
      shape: [n],
      factors: [
        { of: x, index: [at] },
        { of: f, index: [j] },
      ],
    });
    const roots = [value, ...gradient(dot(value, value), [x, f])];
    const program = lower([{ name: "value", node: value }]);
    const conditions: Statement[] = [];
    for (const statement of program.parts.flat())
      visitStatement(statement, { statement: (inner) => inner.kind === "when" && conditions.push(inner) });
    expect(conditions).toEqual([]);
    for (const sizes of [sizesFor(5, 9, 3), sizesFor(9, 2, 4), sizesFor(3, 1, 7)]) expectInterpreted(roots, sizes, {});
  });
});
