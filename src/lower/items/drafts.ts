import { type Guard, iterators } from "../../ir/contraction.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Axis, Item, NodeRead } from "./item.ts";
import type { Plan } from "./plan.ts";
import { collectReads } from "./reads.ts";

/** What is to be decided of an item; what it reads follows. */
interface Draft {
  readonly how: Item["how"];
  readonly ontoExisting?: boolean;
  readonly isTaken?: boolean;
  readonly extents: readonly Integer[];
  readonly output: readonly Integer[];
  readonly factors: readonly NodeRead[];
  readonly guards: readonly Guard[];
  readonly axes: readonly Axis[];
  readonly tile?: Item["tile"];
  readonly running?: Item["running"];
  readonly call?: Item["call"];
}

/** The item of a node, in full. */
export function makeItem(node: Expr, plan: Plan, draft: Draft): Item {
  return {
    node,
    how: draft.how,
    ontoExisting: draft.ontoExisting ?? false,
    isTaken: draft.isTaken,
    extents: draft.extents,
    output: draft.output,
    factors: draft.factors,
    guards: draft.guards,
    axes: draft.axes,
    ...collectReads(node, draft, plan),
    tile: draft.tile,
    running: draft.running,
    call: draft.call,
    storedAxes: undefined,
    position: -1,
  };
}

/** The index of each element: axis k is iterator k. */
export const axesOf = (shape: Shape) => shape.map((_, axis) => iterators(axis));

/** The index of an element and the loops over all of them. Most nodes are of the same few shapes. */
const elements = new WeakMap<Shape, { readonly output: readonly Integer[]; readonly axes: readonly Axis[] }>();

function elementsOf(shape: Shape) {
  const known = elements.get(shape);
  if (known) return known;
  const axes = shape.map((extent, iterator): Axis => ({ iterator, extent, role: "output" }));
  const made = { output: axesOf(shape), axes };
  elements.set(shape, made);
  return made;
}

/** Every element as an expression; `shortLast`: loops of fixed length are the innermost. */
export function definition(node: Expr, plan: Plan, shortLast = false): Item {
  const { output, axes } = elementsOf(node.shape);
  const isLong = ({ extent }: Axis) => extent.value === undefined;
  return makeItem(node, plan, {
    how: "define",
    extents: node.shape,
    output,
    factors: [{ node, index: output }],
    guards: [],
    axes: shortLast ? [...axes.filter(isLong), ...axes.filter((axis) => !isLong(axis))] : axes,
  });
}
