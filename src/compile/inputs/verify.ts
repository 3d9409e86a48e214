import { realField } from "../../interpreter/field.ts";
import { evaluateShape, evaluateSize, interpret } from "../../interpreter/interpret.ts";
import { iterators } from "../../ir/contraction.ts";
import { IndexRangeError } from "../../ir/errors.ts";
import { type Expr, sameShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { sum, termsOf, view } from "../../ops/arrays/contractions.ts";
import { add } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { and, less, lessEqual, not, or, select } from "../../ops/elementary/comparison.ts";
import type { CompilableModel } from "../compile.ts";
import { unravel } from "./tensors.ts";

export type Requirement = NonNullable<CompilableModel["requirements"]>[number];

/** The leaves that an expression needs. */
export function leavesOf(roots: readonly Expr[]): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  return idsUnder(roots)
    .filter((id) => graph.kindOf(id) === "leaf")
    .map((id) => graph.expr(id));
}

/**
 * The int leaves whose every element a requirement bounds, with the size that it stays below: no function is called
 * before that has been checked, so that loops need not ask again.
 */
export function checkedRanges(requirements: readonly Requirement[] = []): Map<Expr, Integer> {
  const ranges = new Map<Expr, Integer>();
  for (const { index, extent, guard } of requirements) {
    const leaf = wholeLeaf(index);
    if (leaf?.dtype === "int" && extent && !guard) ranges.set(leaf, ranges.get(leaf) ?? extent);
  }
  return ranges;
}

/** The leaf that an expression is, element by element. */
function wholeLeaf(node: Expr): Expr | undefined {
  if (node.kind === "leaf") return node;
  const { graph } = node;
  if (!graph.isView(node.id)) return undefined;
  const { of, index } = termsOf(node).factors[0]!;
  return of.kind === "leaf" &&
    sameShape(of.shape, node.shape) &&
    view(of, node.shape, index) === node &&
    index.every((i, axis) => i.equals(iterators(axis)))
    ? of
    : undefined;
}

/**
 * Checks the requirements of a model: what only bound values can settle. Those whose leaves are not all bound are left
 * alone.
 */
export function verifyBinding(
  model: CompilableModel,
  sizes: ReadonlyMap<string, number>,
  data: ReadonlyMap<string, ArrayLike<number>>,
): void {
  const { requirements = [] } = model;
  if (requirements.length === 0) return;
  const bound = boundTo(model, data);
  const ready = requirementsKnown(requirements, rootsOf, sizes, bound);
  const { found, values } = valuesOf(ready.flatMap(rootsOf), sizes, bound);
  let next = 0;
  for (const requirement of ready) {
    const end = next + rootsOf(requirement).length;
    checkRequirement(requirement, found.slice(next, end), sizes, requirement.tested && values.get(requirement.tested));
    next = end;
  }
}

/** The requirements among some that hold whatever their guards say, as far as data tell. */
export function heldAnyway(
  model: CompilableModel,
  requirements: readonly Requirement[],
  sizes: ReadonlyMap<string, number>,
  data: ReadonlyMap<string, ArrayLike<number>>,
): ReadonlySet<Requirement> {
  if (requirements.length === 0) return new Set();
  const bound = boundTo(model, data);
  const indexOf = ({ index }: Requirement) => [index];
  const known = requirementsKnown(requirements, indexOf, sizes, bound);
  const { found } = valuesOf(known.flatMap(indexOf), sizes, bound);
  return new Set(known.filter((requirement, k) => firstOutside(requirement, found[k]!, sizes) < 0));
}

function boundTo(model: CompilableModel, data: ReadonlyMap<string, ArrayLike<number>>): Map<Expr, ArrayLike<number>> {
  const bound = new Map<Expr, ArrayLike<number>>();
  for (const { name, expr } of [...model.parameters, ...model.data]) {
    const array = data.get(name);
    if (array) bound.set(expr, array);
  }
  return bound;
}

/** All at once: a walk for each would look through the whole graph. */
function valuesOf(
  roots: readonly Expr[],
  sizes: ReadonlyMap<string, number>,
  bound: ReadonlyMap<Expr, ArrayLike<number>>,
) {
  // large arrays that nothing reads are not copied
  const values = new Map(leavesOf(roots).map((leaf) => [leaf, Array.from(bound.get(leaf)!)] as const));
  return { found: interpret(roots, { sizes, values }, realField), values };
}

const rootsOf = ({ index, guard }: Requirement): Expr[] => (guard ? [index, guard] : [index]);

/** The requirements of which all leaves are bound and all sizes known. */
function requirementsKnown(
  requirements: readonly Requirement[],
  partsOf: (requirement: Requirement) => readonly Expr[],
  sizes: ReadonlyMap<string, number>,
  bound: ReadonlyMap<Expr, ArrayLike<number>>,
): Requirement[] {
  const { graph } = requirements[0]!.index;
  const hasNames = (size: Integer) => size.names().every((name) => sizes.has(name));
  const known = new Set<number>();
  for (const id of idsUnder(requirements.flatMap(partsOf))) {
    const kind = graph.kindOf(id);
    if (
      graph.operandIds(id).every((operand) => known.has(operand)) &&
      graph.shapeOf(id).every(hasNames) &&
      (kind !== "size" || hasNames(graph.sizeOf(id))) &&
      (kind !== "leaf" || bound.has(graph.expr(id)))
    ) {
      known.add(id);
    }
  }
  return requirements.filter(
    (requirement) =>
      partsOf(requirement).every((root) => known.has(root.id)) && (!requirement.extent || hasNames(requirement.extent)),
  );
}

/** How many elements of indices are out of range where their guards hold: one number, for which nothing is kept. */
export function countOutside(requirements: readonly Requirement[]): Expr {
  const counts = requirements.map(({ index, guard, extent }) => {
    const at = index.dtype === "real" ? index : toReal(index);
    const isAbove = lessEqual(0, at);
    const isInside = extent ? and(isAbove, less(at, toReal(index.graph.size(extent, index.shape)))) : isAbove;
    return sum(select(guard ? or(isInside, not(guard)) : isInside, 0, 1));
  });
  return counts.reduce((total, count) => add(total, count));
}

/** Throws for the first element out of range, with its position and value. */
export function checkRequirement(
  requirement: Requirement,
  [index, guard]: readonly (readonly number[])[],
  sizes: ReadonlyMap<string, number>,
  tested?: readonly number[],
): void {
  const at = firstOutside(requirement, index!, sizes, guard);
  if (at < 0) return;
  const extent = extentOf(requirement, sizes);
  const position = unravel(at, evaluateShape(requirement.index.shape, sizes));
  const { least = 0 } = requirement;
  const range = Number.isFinite(extent) ? `0..${extent}` : `${least} and above`;
  const found = tested ? `, got ${tested[at]}` : `: needed ${range}, got ${index![at]! + least}`;
  const where = position.length > 0 ? ` at [${position.join(", ")}]` : "";
  throw new IndexRangeError(`${requirement.summary.replace(/\.$/, "")}${found}${where}.`, {
    span: requirement.span,
    notes: requirement.site ? [`Built at ${requirement.site}.`] : [],
  });
}

const extentOf = ({ extent }: Requirement, sizes: ReadonlyMap<string, number>): number =>
  extent ? evaluateSize(extent, sizes) : Number.POSITIVE_INFINITY;

/** The position of the first element out of range where a guard holds; negative where there is none. */
function firstOutside(
  requirement: Requirement,
  index: readonly number[],
  sizes: ReadonlyMap<string, number>,
  guard?: readonly number[],
): number {
  const extent = extentOf(requirement, sizes);
  return index.findIndex((value, k) => !(value >= 0 && value < extent) && guard?.[k] !== 0);
}
