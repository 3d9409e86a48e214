import { iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { topologicalOrder } from "../../../ir/walks/traverse.ts";
import { axes, contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { mul, square } from "../../../ops/elementary/algebra.ts";
import { stopGradient } from "../../../ops/elementary/opaque.ts";
import { elementwiseIn } from "../../../ops/linear-algebra/elementwise.ts";
import { isEigenResult, matrixOf, traceOf } from "../../../ops/linear-algebra/matrix-function.ts";
import { isMap } from "../../../ops/maps.ts";
import { firstSummed, inline, type Terms, withFactor } from "../../forms/contractions/terms.ts";
import { isSum } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/**
 * Sums over all eigenvalues that treat them alike, as functions of their matrix: those have derivatives of every order where
 * eigenvalues are equal, which the eigenvalues and eigenvectors themselves do not.
 */
export const spectralRules: Rules = {
  real: [
    structural("sum over eigenvalues", { roots: ["sum"], phase: "early" }, (node) => {
      let whole: Expr | undefined;
      for (let next = withMatrixFunction(node); next; next = withMatrixFunction(next)) whole = next;
      return whole;
    }),
  ],
};

/** A sum in which one over eigenvalues is a function of a matrix. */
function withMatrixFunction(node: Expr): Expr | undefined {
  // most sums have to do with no eigenvalues
  if (!isSum(node) || !isFromEigen(node.graph, node.id)) return undefined;
  const terms = apartFromVectors(termsOf(node));
  for (let k = firstSummed(terms); k < terms.extents.length; k++) {
    const found = asMatrixFunction(terms, k);
    if (found) return found;
  }
  return undefined;
}

/** A factor that is a function of eigenvalues, and which one it is along the summed iterator. */
interface Along {
  readonly read: Read;
  readonly along: ReturnType<typeof alongOf>;
}

/** What is summed over eigenvalues: functions of them, and no eigenvectors or two. */
interface SpectralSum {
  /** The iterator of the eigenvalues. */
  readonly k: number;
  /** The eigenvalues. */
  readonly source: Expr;
  readonly own: readonly Read[];
  readonly vectors: readonly Read[];
  readonly functions: readonly Along[];
  /** Where the matrix is in a batch. */
  readonly batch: readonly Integer[];
}

/** The terms with what they sum over one iterator as a function of a matrix, where it is one. */
function asMatrixFunction(terms: Terms, k: number): Expr | undefined {
  const sum = spectralSum(terms, k);
  if (!sum) return undefined;
  const { source, own, vectors } = sum;
  const outer = source.shape.length - 1;
  const others = otherIterators(sum);
  const shape = others.map((each) => terms.extents[each]!);
  const spread = (x: Expr) =>
    view(
      x,
      [...shape, ...x.shape.slice(outer)],
      [...axes(outer), ...x.shape.slice(outer).map((_, axis) => iterators(shape.length + axis))],
    );
  const values = stopGradient(source);
  const c = coefficients(terms, sum, others, values);
  const { graph } = source;
  const [A] = graph.call(source.id).operands as [Expr];
  const of = {
    A: spread(A),
    c,
    values: spread(values),
    V: spread(stopGradient(graph.expr(source.id + 1))),
    leading: shape.length,
  };
  const index = others.map(iterators);
  const made: Read =
    vectors.length === 0
      ? { of: traceOf(of), index }
      : { of: matrixOf(of), index: [...index, ...vectors.map((read) => read.index.at(-2)!)] };
  return contract({
    ...terms,
    extents: terms.extents.map((extent, at) => (at === k ? Integer.one : extent)),
    factors: [...terms.factors.filter((read) => !own.includes(read)), made],
  });
}

/** What the iterator k sums, where its factors have to do with the eigenvalues of one matrix alone. */
function spectralSum(terms: Terms, k: number): SpectralSum | undefined {
  const uses = (index: Integer) => index.iterators().includes(k);
  const own = terms.factors.filter(({ index }) => index.some(uses));
  if (!own.some(({ of }) => isFromEigen(of.graph, of.id))) return undefined;
  if (terms.guards.some(({ index }) => uses(index)) || terms.output.some(uses)) return undefined;
  const extent = terms.extents[k]!;
  const vectors = own.filter(({ of }) => isEigenResult(of, 1));
  if (vectors.length !== 0 && vectors.length !== 2) return undefined;
  const functions = own
    .filter(({ of }) => !isEigenResult(of, 1))
    .map((read): Along => ({ read, along: alongOf(read, k, extent) }));
  const source = vectors[0] ? valuesOf(vectors[0].of) : functions.find(({ along }) => along)?.along?.source;
  if (!source || functions.some(({ along }) => along?.source !== source)) return undefined;
  // a batch of matrices: the same element of all that has to do with it
  const outer = source.shape.length - 1;
  const batch = (vectors[0] ?? functions[0]!.read).index.slice(0, outer);
  if (outer > 0 && !own.every((read) => isOfBatch(read, batch, terms))) return undefined;
  const isColumn = ({ of, index }: Read) =>
    index.at(-1)!.key === iterators(k).key && of.shape.at(-1)!.equals(extent) && !index.slice(0, -1).some(uses);
  if (vectors.some((read) => !isColumn(read) || valuesOf(read.of) !== source)) return undefined;
  return { k, source, own, vectors, functions, batch };
}

/** The iterators that the functions of eigenvalues depend on besides their own, those of the batch first. */
function otherIterators({ k, batch, functions }: SpectralSum): number[] {
  const others = new Set(batch.flatMap((index) => index.iterators()));
  for (const { read } of functions) {
    for (const index of read.index) for (const each of index.iterators()) others.add(each);
  }
  others.delete(k);
  return [...others];
}

/** The product of the functions of `values`, over the other iterators and behind them that of the eigenvalues; 1 where there are none. */
function coefficients(
  { extents, lookups }: Terms,
  { k, functions }: SpectralSum,
  others: readonly number[],
  values: Expr,
): Expr {
  const place: Integer[] = [];
  for (const [at, each] of [...others, k].entries()) place[each] = iterators(at);
  const shape = [...others, k].map((each) => extents[each]!);
  const factors = functions.map(({ read, along }) => ({
    of: along!.at(values),
    index: read.index.map((index) => index.withIterators(place)),
  }));
  const [first] = factors;
  if (!first) return values.graph.constant(1, shape);
  const isWhole = factors.length === 1 && first.index.every((index, axis) => index.key === iterators(axis).key);
  if (isWhole) return first.of;
  return contract({ extents: shape, output: axes(shape.length), shape, factors, lookups });
}

/** So many factors that hold eigenvectors are taken apart, in sums within each other so deep. */
const mostParts = 8;
const deepest = 4;

/**
 * The terms with what products and sums with eigenvectors are made of in the place of those: V[i,k] * c[k], sum(i: V[i,k] * b[i]),
 * and squares and products of such.
 */
function apartFromVectors(terms: Terms, left = mostParts): Terms {
  if (left === 0) return terms;
  for (const [position, read] of terms.factors.entries()) {
    if (isSumWithVectors(read.of)) return apartFromVectors(termsOf(contract(inline(terms, position))), left - 1);
    const bases = basesOf(read.of);
    if (!bases?.some((base) => isSumWithVectors(base))) continue;
    const reads = bases.map((of) => ({ of, index: read.index }));
    return apartFromVectors(termsOf(contract(withFactor(terms, position, ...reads))), left - 1);
  }
  return terms;
}

/** Sums over what lies in a range, and views of eigenvectors alone, stay as they are. */
function isSumWithVectors(node: Expr, depth = deepest): boolean {
  if (node.kind !== "contraction" || depth === 0 || !isFromEigen(node.graph, node.id)) return false;
  const { factors, guards, output } = termsOf(node);
  const isGather = output.every((index, axis) => index.key === iterators(axis).key);
  return factors.length > 1 && guards.length === 0 && isGather && factors.some(({ of }) => holdsVectors(of, depth - 1));
}

const holdsVectors = (node: Expr, depth: number): boolean =>
  isEigenResult(node, 1) || [node, ...(basesOf(node) ?? [])].some((each) => isSumWithVectors(each, depth));

/** What a product of elements multiplies. */
function basesOf(node: Expr): readonly Expr[] | undefined {
  const [x] = node.operands;
  if (isMap(node, square)) return [x!, x!];
  return isMap(node, mul) ? node.operands : undefined;
}

/** What a factor is as a function of eigenvalues along an iterator. */
function alongOf({ of, index }: Read, k: number, extent: Integer) {
  const at = index.flatMap((each, axis) => (each.iterators().includes(k) ? [axis] : []));
  const [axis] = at;
  if (axis === undefined || at.length > 1 || index[axis]!.key !== iterators(k).key) return undefined;
  if (!of.shape[axis]!.equals(extent)) return undefined;
  return elementwiseIn(of, axis, (node) => isEigenResult(node, 0));
}

/** A read of the element of the batch that is at plain iterators, in front, by maps of what has that batch. */
function isOfBatch({ of, index }: Read, batch: readonly Integer[], { extents }: Terms): boolean {
  const isPlain = batch.every((each, axis) => {
    const at = extents.findIndex((_, k) => iterators(k).key === each.key);
    return at >= 0 && index[axis]?.key === each.key && extents[at]!.equals(of.shape[axis]!);
  });
  if (!isPlain || new Set(batch.map(({ key }) => key)).size < batch.length) return false;
  if (isEigenResult(of, 1)) return true;
  return topologicalOrder([of]).every(
    (node) =>
      node.kind === "map" || node.kind === "constant" || isEigenResult(node, 0) || !isFromEigen(node.graph, node.id),
  );
}

const valuesOf = (vectors: Expr): Expr => vectors.graph.expr(vectors.id - 1);

/** Whether eigenvalues or eigenvectors are anywhere below. */
const isFromEigen = inherited((graph, id) =>
  graph.kindOf(id) === "operation" && graph.operationOf(id).name === "eigh" ? true : undefined,
);
