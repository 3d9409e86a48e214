import { describe, expect, it } from "vitest";
import { gradient, hessian, hvp, jvp } from "../../src/autodiff/derivatives.ts";
import { executable, pairExecutable } from "../../src/check/execute.ts";
import { compileClosures } from "../../src/emit/closures/closures.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { dualField } from "../../src/interpreter/dual.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { showGraph } from "../../src/ir/show.ts";
import { dot, sum } from "../../src/ops/arrays/contractions.ts";
import { einsum, identityLike } from "../../src/ops/arrays/letters.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { choleskyInverse } from "../../src/ops/linear-algebra/cholesky.ts";
import * as linear from "../../src/ops/linear-algebra/functions.ts";
import { routineKernel } from "../../src/ops/linear-algebra/registry.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";
import { parseGraph } from "../ir/parse-graph.ts";

const n = Integer.named("n");
const b = Integer.named("b");

/** Numbers without a pattern, in [-1, 1]. */
const draw = (count: number, seed: number) =>
  Array.from({ length: count }, (_, k) => Math.sin(12.9898 * (k + 1) + 78.233 * seed));

/** Every operation inside a loss; M is a general matrix, S positive definite, both made from A. */
interface Subject {
  readonly A: Expr;
  readonly c: Expr;
  readonly S: Expr;
  readonly leading: number;
}

const losses: Readonly<Record<string, (subject: Subject) => Expr>> = {
  cholesky: ({ S }) => sum(sin(linear.cholesky(S))),
  "solve with a vector": ({ A, c, leading }) => sum(sin(linear.solve(A, einsum(leading, "i", [[c, "ij"]])))),
  "solve with a matrix": ({ A, c }) => sum(sin(linear.solve(A, c))),
  "solve, positive definite": ({ S, c }) => sum(sin(linear.solve(S, c, "positive definite"))),
  "solveTriangular, lower": ({ A, c }) => sum(sin(linear.solveTriangular(A, c))),
  "solveTriangular, upper": ({ A, c }) => sum(sin(linear.solveTriangular(A, c, { lower: false }))),
  "solveTriangular, lower transposed": ({ A, c }) => sum(sin(linear.solveTriangular(A, c, { transpose: true }))),
  "solveTriangular, upper transposed": ({ A, c }) =>
    sum(sin(linear.solveTriangular(A, c, { lower: false, transpose: true }))),
  inverse: ({ A, c }) => dot(linear.inverse(A), c),
  "inverse, positive definite": ({ S, c }) => dot(sin(choleskyInverse("", S, linear.cholesky(S))[0]!), c),
  det: ({ A }) => sum(sin(linear.det(A))),
  logdet: ({ A }) => sum(sin(linear.logdet(A))),
  "logdet, positive definite": ({ S }) => sum(sin(linear.logdet(S, "positive definite"))),
  eigenvalues: ({ S, leading }) => {
    const { values } = linear.eigh(S);
    return sum(sin(mul(values, einsum(leading, "i", [[values, "i"]]))));
  },
  // products of two entries of one vector do not depend on its sign
  eigenvectors: ({ S, c, leading }) => {
    const { values, vectors } = linear.eigh(S);
    return sum(
      sin(
        einsum(leading, "ik", [
          [vectors, "ij"],
          [values, "j"],
          [values, "j"],
          [vectors, "kj"],
          [c, "ik"],
        ]),
      ),
    );
  },
  "eigenvectors alone": ({ S, c, leading }) => {
    const { vectors } = linear.eigh(S);
    return sum(
      sin(
        einsum(leading, "ij", [
          [vectors, "ij"],
          [vectors, "kj"],
          [c, "jk"],
        ]),
      ),
    );
  },
  qr: ({ A, c }) => {
    const { q, r } = linear.qr(A);
    return add(sum(sin(add(q, c))), sum(mul(sin(r), c)));
  },
  "the first factor of qr": ({ A, c }) => dot(sin(linear.qr(A).q), c),
  "the second factor of qr": ({ A, c }) => dot(sin(linear.qr(A).r), c),
  sort: ({ A, c }) => dot(sin(linear.sort(A, A.shape.length - 1)), c),
  "sort along another axis": ({ A, c }) => dot(sin(linear.sort(A, 0, "descending")), c),
};

/** The loss with everything that derivatives of three orders give, and where to evaluate it. */
function subjectOf(make: (subject: Subject) => Expr, isBatch: boolean, size: number) {
  const graph = new Graph(allExtensions);
  const outer = isBatch ? [b] : [];
  const leading = outer.length;
  const [A, c] = ["A", "c"].map((name) => graph.param(name, [...outer, n, n])) as [Expr, Expr];
  const [v, u] = ["v", "u"].map((name) => graph.data(name, [...outer, n, n])) as [Expr, Expr];
  const shifted = add(A, mul(2, identityLike(A, leading)));
  const S = add(
    einsum(leading, "ik", [
      [A, "ij"],
      [A, "kj"],
    ]),
    identityLike(A, leading),
    mul(0.25, A),
  );
  const loss = make({ A: shifted, c, S, leading });
  const slope = gradient(loss, [A, c]);
  const along = hvp(loss, [A, c], [v, u]);
  const twist = add(dot(along[0]!, u), dot(along[1]!, v));
  const third = gradient(twist, [A])[0]!;
  const twice = jvp(jvp(loss, new Map([[A, v]]))!, new Map([[A, u]]))!;
  const roots = [loss, ...slope, ...along, third, twice];
  const count = (isBatch ? 2 : 1) * size * size;
  const sizes = new Map([
    ["n", size],
    ["b", 2],
  ]);
  const values = new Map([A, c, v, u].map((leaf, k) => [leaf, draw(count, k)]));
  return { graph, A, c, v, u, loss, slope, along, third, roots, sizes, values };
}

function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[], digits = 1e-9) {
  for (const [k, list] of expected.entries()) {
    const scale = Math.max(1e-3, ...list.map(Math.abs));
    for (const [i, value] of list.entries()) {
      const difference = Math.abs(got[k]![i]! - value);
      if (!(difference <= digits * scale)) expect.fail(`root ${k}, element ${i}: ${got[k]![i]} is not ${value}`);
    }
  }
}

/** Losses by what is computed several rows at a time. */
const inGroups = Object.keys(losses).filter((name) => /positive|cholesky|solve|inverse/.test(name));

describe.each(inGroups)("%s, of more rows than a group has", (name) => {
  it("is computed by every engine as by the interpreter", () => {
    const { roots, sizes, values } = subjectOf(losses[name]!, false, 11);
    const expected = interpret(roots.slice(0, 5), { sizes, values }, realField);
    const simplified = simplify(roots.slice(0, 5), { last: true });
    expectClose(executable(simplified)({ sizes, values }), expected, 1e-10);
    expectClose(executable(simplified, { forVectors }, compileWasm)({ sizes, values }), expected, 1e-10);
  });
});

const step = 2 ** -100;

/** The cases of a loss: a single matrix, and a batch of them. */
const cases = [
  { isBatch: false, size: 3 },
  { isBatch: true, size: 4 },
];

describe.each(Object.keys(losses))("%s", (name) => {
  it.each(cases)("has the derivatives that the complex step finds: %o", ({ isBatch, size }) => {
    const { A, c, v, u, loss, slope, along, sizes, values, roots } = subjectOf(losses[name]!, isBatch, size);
    const real = interpret(roots, { sizes, values }, realField);
    /** The changes of targets when leaves change along others. */
    const changes = (targets: readonly Expr[], directions: ReadonlyMap<Expr, Expr>) => {
      const lifted = new Map(
        [...values].map(([leaf, list]) => {
          const direction = directions.get(leaf);
          const change = direction && values.get(direction)!;
          return [leaf, list.map((re, k) => ({ re, im: change ? change[k]! * step : 0 }))] as const;
        }),
      );
      return interpret(targets, { sizes, values: lifted }, complexField).map((list) => list.map(({ im }) => im / step));
    };
    const pairing = (list: readonly number[], direction: Expr) =>
      list.reduce((total, g, i) => total + g * values.get(direction)![i]!, 0);
    const both = new Map([
      [A, v],
      [c, u],
    ]);
    const [value, slopeA, slopeC] = changes([loss, ...slope], both);
    expectClose([value!], [[pairing(real[1]!, v) + pairing(real[2]!, u)]]);
    expectClose([slopeA!, slopeC!], [real[3]!, real[4]!]);
    const twist = add(dot(along[0]!, u), dot(along[1]!, v));
    expectClose(changes([twist], new Map([[A, v]])), [[pairing(real[5]!, v)]]);
  });

  it("has the second derivative along v in its whole Hessian", () => {
    const { A, v, loss, sizes, values } = subjectOf(losses[name]!, true, 2);
    const [whole, along] = interpret([hessian(loss, A), hvp(loss, [A], [v])[0]!], { sizes, values }, realField);
    const direction = values.get(v)!;
    const rows = along!.map((_, i) => direction.reduce((sum, x, k) => sum + x * whole![i * direction.length + k]!, 0));
    expectClose([rows], [along!], 1e-10);
  });

  it("reads back from its text form", () => {
    const { graph, roots } = subjectOf(losses[name]!, true, 4);
    const text = showGraph(roots.slice(0, 5));
    const source = { name: "graph", text };
    expect(parseGraph(source, primitiveNamed, graph, routineKernel).roots).toEqual(roots.slice(0, 5));
    expect(showGraph(parseGraph(source, primitiveNamed, new Graph(allExtensions), routineKernel).roots)).toBe(text);
  });

  it("has a symmetric second derivative", () => {
    const { A, c, v, u, loss, sizes, values } = subjectOf(losses[name]!, false, 3);
    const [Hv, Hu] = [
      [v, u],
      [u, v],
    ].map((direction) => hvp(loss, [A, c], direction));
    const forms = [add(dot(Hv![0]!, u), dot(Hv![1]!, v)), add(dot(Hu![0]!, v), dot(Hu![1]!, u))];
    const [uHv, vHu] = interpret(forms, { sizes, values }, realField);
    expectClose([uHv!], [vHu!], 1e-11);
  });

  it("is computed by every engine as by the interpreter, over reals, dual and complex numbers", () => {
    const { A, v, roots, sizes, values } = subjectOf(losses[name]!, true, 4);
    const expected = interpret(roots.slice(0, 5), { sizes, values }, realField);
    const simplified = simplify(roots.slice(0, 5), { last: true });
    expectClose(executable(simplified)({ sizes, values }), expected, 1e-10);
    expectClose(executable(simplified, {}, compileClosures)({ sizes, values }), expected, 1e-10);
    expectClose(executable(simplified, { forVectors }, compileWasm)({ sizes, values }), expected, 1e-10);
    const lifted = new Map(
      [...values].map(([leaf, list]) => [
        leaf,
        list.map((value, k) => ({ value, tangent: leaf === A ? values.get(v)![k]! : 0 })),
      ]),
    );
    const few = simplified.slice(0, 2);
    const tangents = interpret(roots.slice(0, 2), { sizes, values: lifted }, dualField).map((list) =>
      list.map(({ tangent }) => tangent),
    );
    const dual = pairExecutable(few, compileDual)({ sizes, values }, new Map([[A, values.get(v)!]]));
    expectClose(dual.second, tangents, 1e-10);
    const change = values.get(v)!.map((value) => value * step);
    const complex = pairExecutable(few, compileComplex)({ sizes, values }, new Map([[A, change]]));
    const imaginary = complex.second.map((list) => list.map((im) => im / step));
    expectClose(imaginary, tangents, 1e-10);
  });
});
