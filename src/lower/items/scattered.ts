import { iterators } from "../../ir/contraction.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { combinationItem, underMask } from "./combination.ts";
import { axesOf, makeItem } from "./drafts.ts";
import { type Item, type ItemTable, mostCopies } from "./item.ts";
import { inOrder } from "./loop-order.ts";
import type { Plan, RegionAxis, SignedTerm } from "./plan.ts";
import { throughViews, withoutRepeats } from "./reads.ts";

/** Longer sums of scattered terms are added where they fall: each element would ask all of them. */
const mostParts = 64;

/**
 * True where the parts of a sum lie apart along short axes alone, as the elements of small vectors do: each element is then
 * the sum of the parts that it has, by name, and a loop over the other axes goes on to what reads it.
 */
export function isSpelledOut(node: Expr, terms: readonly SignedTerm[], plan: Plan): boolean {
  const { shape } = node;
  const copies = shape.reduce((product, { value }) => product * (value ?? 1), 1);
  if (copies > mostCopies || terms.length > mostParts) return false;
  return terms.every(
    ({ term }) =>
      !plan.isCollected(term.id) &&
      (plan.regionOf(term) ?? []).every(
        ({ from, extent }, axis) =>
          shape[axis]!.value !== undefined || (from.value === 0 && extent.equals(shape[axis]!)),
      ),
  );
}

/** True for boxes that lie one behind the other along one axis, and fill a tensor. */
function fills(shape: Shape, boxes: readonly (readonly RegionAxis[])[]): boolean {
  const starts = new Map<string, readonly RegionAxis[]>();
  const along = boxes[0]?.findIndex(({ extent }, axis) => !extent.equals(shape[axis]!)) ?? -1;
  for (const box of boxes) starts.set(box[along]?.from.key ?? "", box);
  let end: Integer = Integer.zero;
  for (const _ of boxes) {
    const next = starts.get(end.key);
    if (!next?.every(({ extent }, axis) => axis === along || extent.equals(shape[axis]!))) return false;
    end = end.plus(next[along]!.extent);
  }
  return along >= 0 && end.equals(shape[along]!);
}

/** A term that falls on a part of the sum. */
type Scattered = SignedTerm & { readonly region: readonly RegionAxis[] };

/**
 * A sum of scattered terms: whole terms are written first, the others are added where they fall. Where those leave no element
 * out and none to two of them, each is written.
 */
export function accumulatedItems(node: Expr, terms: readonly SignedTerm[], plan: Plan, known: ItemTable): Item[] {
  const isCollected = ({ term }: SignedTerm) => plan.isCollected(term.id);
  const scattered = terms.flatMap((each): Scattered[] => {
    const region = isCollected(each) ? undefined : plan.regionOf(each.term);
    return region ? [{ ...each, region }] : [];
  });
  const whole = terms.filter((each) => !isCollected(each) && !plan.regionOf(each.term));
  const regions = scattered.map(({ region }) => region);
  const areApart = scattered.length === terms.length && fills(node.shape, regions);
  const isEmptyFirst = whole.length === 0 && !areApart;
  return [
    ...(isEmptyFirst ? [filledWithZeros(node, plan)] : []),
    ...whole.map((term, position) => wholeItem(node, term, plan, position === 0)),
    ...terms.filter(isCollected).map((term) => collectedItem(node, term, plan, known)),
    ...scattered.map((term) => scatteredItem(node, term, plan, areApart)),
  ];
}

function filledWithZeros(node: Expr, plan: Plan): Item {
  return makeItem(node, plan, { how: "fill", extents: [], output: [], factors: [], guards: [], axes: [] });
}

/** A term for every element: the first is written, others are added. */
function wholeItem(node: Expr, { term, isTaken }: SignedTerm, plan: Plan, isFirst: boolean): Item {
  const output = axesOf(node.shape);
  return makeItem(node, plan, {
    how: isFirst ? "define" : "sum",
    ontoExisting: !isFirst,
    isTaken,
    extents: node.shape,
    output,
    factors: [{ node: term, index: output }],
    guards: [],
    axes: outputAxes(node.shape),
  });
}

function collectedItem(node: Expr, { term, isTaken }: SignedTerm, plan: Plan, known: ItemTable): Item {
  const item = underMask(inOrder({ ...combinationItem(term, plan), ontoExisting: true }, plan, known), plan);
  return { ...item, node, isTaken };
}

/** A term at its place; `isAlone`: nothing else falls there. */
function scatteredItem(node: Expr, { term, isTaken, region }: Scattered, plan: Plan, isAlone: boolean): Item {
  // iterators of the region count from its own corner; an axis of one element needs no loop
  const extents: Integer[] = [];
  const corner = region.map(({ from, extent }) => {
    if (extent.value === 1) return from;
    extents.push(extent);
    return from.plus(iterators(extents.length - 1));
  });
  const followed = throughViews({ node: term, index: corner }, extents, plan, node);
  return makeItem(node, plan, {
    how: isAlone ? "define" : "sum",
    ontoExisting: true,
    isTaken,
    extents,
    output: corner,
    factors: [followed.read],
    guards: withoutRepeats(followed.guards, extents),
    axes: outputAxes(extents),
  });
}

const outputAxes = (extents: Shape) =>
  extents.map((extent, iterator) => ({ iterator, extent, role: "output" as const }));
