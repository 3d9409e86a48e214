import type { DeclaredData, DeclaredParameter } from "../build/model.ts";
import { type CompilableModel, requireSizeNames } from "../compile/compile.ts";
import { checkedSizes } from "../compile/inputs/binding.ts";
import { type Inputs, readInputs } from "../compile/inputs/inputs.ts";
import { type ShapeClaim, solveSizes } from "../compile/inputs/sizes.ts";
import { copyInto } from "../compile/inputs/tensors.ts";
import { realField } from "../interpreter/field.ts";
import { evaluateShape, evaluateSize, interpret } from "../interpreter/interpret.ts";
import type { Expr } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Interval } from "../ir/primitive.ts";
import { topologicalOrder } from "../ir/walks/traverse.ts";

export type Sizes = ReadonlyMap<string, number>;

/** What is not drawn at random: values by name, and sizes. */
export interface Given {
  readonly inputs?: Inputs;
  readonly sizes?: Readonly<Record<string, number>>;
}

export type DeclaredLeaf = DeclaredParameter | DeclaredData;

/** Where reals without declared bounds are drawn from. The first region in which the loss is finite is taken. */
export const regions: readonly Interval[] = [
  [-2, 2],
  [0, 4],
  [0, 1],
  [1, 4],
];

/** What may be drawn for a model: its leaves, the sizes that are open, and the values that are given. */
export interface Domain {
  readonly leaves: readonly DeclaredLeaf[];
  readonly openSizes: readonly string[];
  readonly givenSizes: Sizes;
  /** Row-major values of the leaves that are not drawn, under all sizes. */
  readonly givenValues: (sizes: Sizes) => ReadonlyMap<string, readonly number[]>;
}

/** What may be drawn where some inputs and sizes are given. Throws DataError for those that contradict the model. */
export function domainOf(model: CompilableModel, { inputs = {}, sizes = {} }: Given = {}): Domain {
  const leaves: readonly DeclaredLeaf[] = [...model.parameters, ...model.data];
  const tensors = readInputs(inputs, leaves);
  const given = leaves.flatMap(({ name, expr }) => {
    const tensor = tensors.get(name);
    return tensor ? [{ name, expr, tensor, shape: expr.shape }] : [];
  });
  requireSizeNames(model.sizes, Object.keys(sizes));
  const givenSizes = solveSizes(given satisfies ShapeClaim[], checkedSizes(sizes));
  const openSizes = sizeNames([...leaves.map(({ expr }) => expr), ...(model.loss ? [model.loss] : [])]).filter(
    (name) => !givenSizes.has(name),
  );
  return {
    leaves,
    openSizes,
    givenSizes,
    givenValues: (all) => {
      const values = new Map<string, readonly number[]>();
      for (const { name, expr, tensor } of given) {
        values.set(name, Array.from(copyInto(name, tensor, evaluateShape(expr.shape, all), expr.dtype)));
      }
      for (const { name, fallback } of model.data) {
        if (fallback && !values.has(name)) values.set(name, interpretClosed(fallback, all));
      }
      return values;
    },
  };
}

/** The interval that elements of a leaf are drawn from; ends of an int's are whole and included. */
export function boundsOf(leaf: DeclaredLeaf, region: Interval, sizes: Sizes, model: CompilableModel): Interval {
  const { expr, within } = leaf;
  if (expr.dtype === "bool") return [0, 1];
  if (!within) return expr.dtype === "int" ? [0, lookupLimit(expr, model, sizes) - 1] : region;
  if ("id" in within.low) {
    const { low, high } = within as NonNullable<DeclaredParameter["within"]>;
    return overlap([interpretClosed(low, sizes)[0]!, interpretClosed(high, sizes)[0]!], region);
  }
  const { low, high } = within as NonNullable<DeclaredData["within"]>;
  return [evaluateSize(low, sizes), evaluateSize(high, sizes) - 1];
}

/** The part of the region that the bounds allow; when there is none, a stretch of the bounds at their finite end. */
function overlap([low, high]: Interval, region: Interval): Interval {
  const common: Interval = [Math.max(low, region[0]), Math.min(high, region[1])];
  if (common[0] < common[1]) return common;
  const width = region[1] - region[0];
  return Number.isFinite(low) ? [low, Math.min(high, low + width)] : [high - width, high];
}

const interpretClosed = (expr: Expr, sizes: Sizes) => interpret([expr], { sizes, values: new Map() }, realField)[0]!;

/** The smallest extent that an int leaf is used as an index of; 3 when it is used as none. */
function lookupLimit(leaf: Expr, model: CompilableModel, sizes: Sizes): number {
  const { graph } = leaf;
  const extents: Integer[] = [];
  for (const node of topologicalOrder(model.loss ? [model.loss] : [])) {
    if (node.kind !== "contraction" && node.kind !== "reduce") continue;
    const { factors, output, shape, guards } = graph.contractionOf(node.id);
    const reads = (index: Integer) =>
      index.atoms().some((atom) => atom.kind === "lookup" && graph.operandAt(node.id, atom.operand) === leaf.id);
    const note = (indices: readonly Integer[], limits: readonly Integer[]) =>
      indices.forEach((index, axis) => {
        if (reads(index)) extents.push(limits[axis]!);
      });
    for (const { operand, index } of factors) note(index, graph.shapeOf(graph.operandAt(node.id, operand)));
    note(output, shape);
    for (const { index, extent } of guards) if (extent) note([index], [extent]);
  }
  return extents.length === 0 ? 3 : Math.min(...extents.map((extent) => evaluateSize(extent, sizes)));
}

/** Every size that nodes under the roots mention, in order of appearance. */
function sizeNames(roots: readonly Expr[]): string[] {
  const names = new Set<string>();
  const note = (sizes: readonly Integer[]) => {
    for (const size of sizes) for (const name of size.names()) names.add(name);
  };
  for (const node of topologicalOrder(roots)) {
    const { graph, id } = node;
    note(node.shape);
    if (node.kind === "size") note([graph.sizeOf(id)]);
    if (node.kind !== "contraction" && node.kind !== "reduce") continue;
    const { extents, output, factors, guards } = graph.contractionOf(id);
    note([...extents, ...output, ...factors.flatMap(({ index }) => index)]);
    for (const { index, extent } of guards) note(extent ? [index, extent] : [index]);
  }
  return [...names];
}
