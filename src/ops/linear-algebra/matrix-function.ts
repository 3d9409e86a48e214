import { iterators } from "../../ir/contraction.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Pushforward } from "../../ir/operation.ts";
import { view } from "../arrays/contractions.ts";
import { einsum, transposed } from "../arrays/letters.ts";
import { stopGradient } from "../elementary/opaque.ts";
import { isMap } from "../maps.ts";
import { type Routine, type RoutineCall, routine } from "../routines/routine.ts";
import { real, sumOf, symmetricPart } from "./columns.ts";
import { type Along, dividedDifferences, lettersOf, slopeOf } from "./divided-differences.ts";
import { infiniteChange } from "./eigen.ts";
import { elementwiseIn, varies } from "./elementwise.ts";
import { inBasis, outOfBasis } from "./spectral.ts";

/** The parameters of {@link matrixFunction} for the trace; else they are the number of matrices between its factors. */
export const ofTrace = "trace";

/**
 * What is made of a function h of one number and a symmetric matrix A = V diag(x) V': the trace sum_a h(x_a), the matrix
 * V diag(h(x)) V', and its derivatives
 *
 *     V [ sum_b.. h[x_a, x_b, .., x_z] X_ab Y_b. .. ] V'    X = V' dA V, Y = V' d'A V, ..
 *
 * with the divided differences of h (Daleckii and Krein). They are closed under differentiation: a derivative in A puts one
 * more matrix in every place between the factors, and exists whether or not eigenvalues are equal.
 *
 * Its first operand is the value; those after it, A, h(x), x, V and the matrices, are what derivatives are made of. Of x and V
 * nothing is differentiated, and h(x) is an expression in x that treats all of its elements alike.
 */
export const matrixFunction: Routine = routine({
  name: "matrixFunction",
  ranks: (parameters) => [
    parameters === ofTrace ? 0 : 2,
    2,
    1,
    1,
    2,
    ...new Array<number>(orderOf(parameters)).fill(2),
  ],
  results: ([value]) => [real(...value!.shape)],
  cost: ([value]) => Integer.product(value!.shape),
  program: (m, { operands: [value, A, , , , ...matrices], results: [result] }) => {
    const [rows, columns] = value!.shape;
    // the value does not vary: numbers that carry a change get none of it right, see firstOrder
    const spoilt = m.variable(m.number(0));
    for (const matrix of [A!, ...matrices]) {
      const [height, width] = matrix.shape as [Integer, Integer];
      m.each(height, (i) => m.each(width, (j) => spoilt.add(infiniteChange(m, matrix.read(i, j)))));
    }
    if (!rows || !columns) result!.write([], m.add(value!.read(), spoilt.get()));
    else m.each(rows, (i) => m.each(columns, (j) => result!.write([i, j], m.add(value!.read(i, j), spoilt.get()))));
  },
  tangents: (call, [, dA, , , , ...changes]) => {
    const { leading } = call;
    const of = sourceOf(call);
    if (call.parameters === ofTrace) {
      const change =
        dA &&
        einsum(leading, "+", [
          [gradientOf(of), "ij"],
          [dA, "ij+"],
        ]);
      return [change];
    }
    return [sumOf(...changesOf(of, matricesOf(call), dA, changes).map((matrices) => product(of, matrices)))];
  },
  cotangents: (call, [ct]) => {
    if (!ct) return [];
    const { leading } = call;
    const of = sourceOf(call);
    if (call.parameters === ofTrace) {
      const slope = einsum(leading, "ij", [
        [ct, ""],
        [gradientOf(of), "ij"],
      ]);
      return [undefined, slope];
    }
    // around the circle of the trace of ct' V [..] V': the matrices behind a place, ct', and those before it
    const matrices = matricesOf(call);
    const back = transposed(ct, leading);
    const around = (before: number, behind: number) =>
      transposed(product(of, [...matrices.slice(behind), back, ...matrices.slice(0, before)]), leading);
    const ofA = Array.from({ length: matrices.length + 1 }, (_, k) => around(k, k));
    return [
      undefined,
      symmetricPart(sumOf(...ofA)!, leading),
      undefined,
      undefined,
      undefined,
      ...matrices.map((_, k) => around(k, k + 1)),
    ];
  },
});

const orderOf = (parameters: string) => (parameters === ofTrace ? 0 : Number(parameters));
/** The matrices M_1, M_2, ... of a product, behind what states the function. */
export const matricesOf = ({ operands }: RoutineCall) => operands.slice(5);

/** A symmetric matrix with a function of its eigenvalues. */
export interface Source {
  readonly A: Expr;
  /** The function at the eigenvalues. */
  readonly c: Expr;
  readonly values: Expr;
  readonly V: Expr;
  readonly leading: number;
  readonly pushforward: Pushforward;
}

/** The function that a call states. */
export function sourceOf({ operands: [, A, c, values, V], leading, pushforward }: RoutineCall): Source {
  return { A: A!, c: c!, values: values!, V: V!, leading, pushforward };
}

/** The sum of a function of the eigenvalues. `c` is an expression in them that no derivative flows through. */
export function traceOf(of: Omit<Source, "pushforward">): Expr {
  const value = einsum(of.leading, "", [[stopGradient(of.c), "i"]]);
  return matrixFunction(ofTrace, value, of.A, of.c, of.values, of.V)[0]!;
}

/** V diag(c) V'. `c` is an expression in the eigenvalues that no derivative flows through. */
export function matrixOf(of: Omit<Source, "pushforward">): Expr {
  return matrixFunction("0", matrixValue(stopGradient(of.c), of.V, of.leading), of.A, of.c, of.values, of.V)[0]!;
}

/** The gradient of the trace in A. */
function gradientOf(of: Source): Expr {
  return matrixOf({ ...of, c: slopeIn(of) });
}

/** The derivative of the function at the eigenvalues. */
export function slopeIn({ c, pushforward, leading }: Source): Expr {
  const elementwise = elementwiseIn(c, leading, isFixed);
  return elementwise ? slopeOf({ c, elementwise, pushforward }) : unknownLike(c);
}

/** Eigenvalues that no derivative flows through: held fixed, or those of a matrix that is. */
const isFixed = (node: Expr): boolean => {
  const isStopped = isMap(node, stopGradient);
  return isEigenResult(isStopped ? node.operands[0]! : node, 0) && !varies(node.graph, node.id);
};

/** The eigenvalues (0) or the eigenvectors (1) of a matrix. */
export function isEigenResult(node: Expr, result: number): boolean {
  return (
    node.kind === "operation" &&
    node.graph.operationOf(node.id).name === "eigh" &&
    node.graph.resultOf(node.id) === result
  );
}

/** What is not known to be a function of eigenvalues one by one has derivatives of its own, which are not these. */
const unknownLike = (x: Expr) => x.graph.constantLike(Number.NaN, x);

/** The lists of matrices whose products make up the change: dA in every place, and every matrix's own change in its. */
export function changesOf(
  { leading }: Source,
  matrices: readonly Expr[],
  dA: Expr | undefined,
  changes: readonly (Expr | undefined)[],
): Expr[][] {
  const along = dA && symmetricPart(dA, leading);
  const inserted = along
    ? Array.from({ length: matrices.length + 1 }, (_, k) => [...matrices.slice(0, k), along, ...matrices.slice(k)])
    : [];
  const replaced = changes.flatMap((change, k) =>
    change ? [matrices.map((matrix, at) => (at === k ? change : matrix))] : [],
  );
  return [...inserted, ...replaced];
}

/** V [sum of h[..] X Y ..] V' as an operation; matrices may have more axes at their end, and the result then has. */
function product(of: Source, matrices: readonly Expr[]): Expr {
  const { A, c, values, V, leading } = of;
  const more = moreOf(matrices, leading);
  const value = stopGradient(
    productValue(
      of,
      matrices.map((matrix) => stopGradient(matrix)),
    ),
  );
  const first = (x: Expr, rank: number) => ahead(x, leading, rank, more);
  const [result] = matrixFunction(
    String(matrices.length),
    first(value, 2),
    first(A, 2),
    first(c, 1),
    first(values, 1),
    first(V, 2),
    ...matrices.map((matrix) => first(matrix, 2)),
  );
  return behind(result!, leading, 2, more.length);
}

/** The same as an expression of plain sums. */
export function productValue(of: Source, matrices: readonly Expr[]): Expr {
  const { c, values, V, leading, pushforward } = of;
  const elementwise = elementwiseIn(c, leading, isFixed);
  const along: Along | undefined = elementwise && { c, values, elementwise, leading, pushforward };
  const order = matrices.length;
  const letters = lettersOf(order);
  const n = c.shape[leading]!;
  const shape = [...c.shape.slice(0, leading), ...Array.from(letters, () => n)];
  const weights = along ? dividedDifferences(along, order) : c.graph.constant(Number.NaN, shape);
  const last = letters[order]!;
  const inner = einsum(leading, `${letters[0]}${last}+`, [
    [weights, letters],
    ...matrices.map((matrix, k) => [inBasis(V, matrix, leading), `${letters.slice(k, k + 2)}+`] as const),
  ]);
  return outOfBasis(V, inner, leading);
}

/** f(A) = V diag(c) V' for c = f(values). [.., n], [.., n, n] -> [.., n, n]. */
export function matrixValue(c: Expr, V: Expr, leading: number): Expr {
  return einsum(leading, "il", [
    [V, "ij"],
    [c, "j"],
    [V, "lj"],
  ]);
}

/** The axes that some of the matrices have at their end. */
function moreOf(matrices: readonly Expr[], leading: number): Shape {
  const longest = matrices.reduce((most, { shape }) => (shape.length > most.length ? shape : most), [] as Shape);
  return longest.slice(leading + 2);
}

/** x with its further axes, which it has at its end or not at all, behind the leading ones. */
function ahead(x: Expr, leading: number, rank: number, more: Shape): Expr {
  if (more.length === 0) return x;
  const shape = [...x.shape.slice(0, leading), ...more, ...x.shape.slice(leading, leading + rank)];
  const own = shape.map((_, axis) => iterators(axis));
  const outer = own.slice(0, leading);
  const further = x.shape.length > leading + rank ? own.slice(leading, leading + more.length) : [];
  return view(x, shape, [...outer, ...own.slice(leading + more.length), ...further]);
}

/** The axes behind the leading ones moved to the end. */
function behind(x: Expr, leading: number, rank: number, count: number): Expr {
  if (count === 0) return x;
  const outer = x.shape.slice(0, leading);
  const shape = [...outer, ...x.shape.slice(leading + count), ...x.shape.slice(leading, leading + count)];
  const own = shape.map((_, axis) => iterators(axis));
  return view(x, shape, [
    ...own.slice(0, leading),
    ...own.slice(leading + rank),
    ...own.slice(leading, leading + rank),
  ]);
}
