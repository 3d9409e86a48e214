import {
  type Combine,
  type Contraction,
  type Guard,
  guardKey,
  isGather,
  iterators,
  renumberLookups,
} from "../../ir/contraction.ts";
import type { Expr, Graph, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { estimate, type SizeHints } from "../../rewrite/cost.ts";
import { alwaysHolds, rangeGuards } from "./guards.ts";
import { addressOf, placed, placedGuard } from "./indices.ts";
import { type Axis, type Item, type ItemTable, isWhole, type NodeRead } from "./item.ts";
import { readMasked } from "./mask.ts";
import type { Plan, RegionAxis, SignedTerm } from "./plan.ts";
import { type Running, runningOf } from "./running.ts";

/** The items that compute one stored node; `known` holds those of its operands. */
export function itemsOf(node: Expr, plan: Plan, known: ItemTable): Item[] {
  if (node.kind === "operation") return [callItem(node, plan)];
  if (node.kind === "contraction" || node.kind === "reduce") {
    if (!node.graph.isView(node.id)) return [underMask(inOrder(combinationItem(node, plan), plan, known), plan)];
  }
  const terms = plan.scatteredTerms(node);
  if (!terms) return [definition(node, plan)];
  return isSpelledOut(node, terms, plan)
    ? [{ ...definition(node, plan, true), isSpelledOut: true }]
    : accumulatedItems(node, terms, plan, known);
}

/** Longer sums of scattered terms are added where they fall: each element would ask all of them. */
const mostParts = 64;

/** As many elements as may be written out in place of a loop over them. */
export const mostCopies = 16;

/**
 * True where the parts of a sum lie apart along short axes alone, as the elements of small vectors do: each element is then
 * the sum of the parts that it has, by name, and a loop over the other axes goes on to what reads it.
 */
function isSpelledOut(node: Expr, terms: readonly SignedTerm[], plan: Plan): boolean {
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

/** A call reads its operands anywhere. */
function callItem(node: Expr, plan: Plan): Item {
  const call = node.graph.call(node.id);
  const anywhere = (shape: Shape) => shape.map(() => Integer.iterator(-1));
  return makeItem(node, plan, {
    how: "define",
    extents: [],
    output: [],
    factors: call.operands.map((operand) => ({ node: operand, index: anywhere(operand.shape) })),
    guards: [],
    axes: [],
    call,
  });
}

const axesOf = (shape: Shape) => shape.map((_, axis) => iterators(axis));

/** Every element as an expression; `shortLast`: loops of fixed length are the innermost. */
function definition(node: Expr, plan: Plan, shortLast = false): Item {
  const output = axesOf(node.shape);
  const axes = node.shape.map((extent, iterator): Axis => ({ iterator, extent, role: "output" }));
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

function makeItem(node: Expr, plan: Plan, draft: Draft): Item {
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
  };
}

/** The structure of a contraction with lookups naming nodes by id instead of operand numbers. */
export function globalStructure(graph: Graph, id: number): Contraction {
  const structure = graph.contractionOf(id);
  const operands = graph.operandIds(id);
  const global = (index: Integer) => renumberLookups(index, (operand) => operands[operand]!);
  return {
    ...structure,
    output: structure.output.map(global),
    factors: structure.factors.map((factor) => ({
      operand: operands[factor.operand]!,
      index: factor.index.map(global),
    })),
    guards: structure.guards.map((guard) => ({ index: global(guard.index), extent: guard.extent })),
  };
}

/**
 * A read followed through views that are recomputed in place, with the guards met on the way. Where a view is absent it
 * is 0: nothing to a sum, but a term like others to the largest, the smallest and the product, which stop before it.
 */
function throughViews(
  read: NodeRead,
  extents: readonly Integer[],
  plan: Plan,
  self?: Expr,
  combine: Combine = "sum",
): { read: NodeRead; guards: Guard[] } {
  let { node, index } = read;
  const guards: Guard[] = rangeGuards(index, node.shape, extents, node.graph);
  for (;;) {
    if ((plan.isStored(node.id) && node !== self) || !node.graph.isView(node.id))
      return { read: { node, index }, guards };
    const structure = globalStructure(node.graph, node.id);
    const factor = structure.factors[0]!;
    const at = index;
    const inner = node.graph.expr(factor.operand);
    const innerIndex = factor.index.map((i) => placed(i, at));
    const met = [
      ...structure.guards.map((guard) => placedGuard(guard, at)),
      ...rangeGuards(innerIndex, inner.shape, extents, node.graph),
    ];
    if (combine !== "sum" && met.some((guard) => !alwaysHolds(guard, extents)))
      return { read: { node, index }, guards };
    guards.push(...met);
    [node, index] = [inner, innerIndex];
  }
}

function withoutRepeats(guards: readonly Guard[], extents: readonly Integer[]): Guard[] {
  const seen = new Map<string, Guard>();
  for (const guard of guards) if (!alwaysHolds(guard, extents)) seen.set(guardKey(guard), guard);
  return [...seen.values()];
}

function combinationItem(node: Expr, plan: Plan): Item {
  const { graph } = node;
  const structure = globalStructure(graph, node.id);
  const { extents } = structure;
  const guards: Guard[] = [...structure.guards];
  const factors = structure.factors.map((factor) => {
    const read = { node: graph.expr(factor.operand), index: factor.index };
    const followed = throughViews(read, extents, plan, undefined, graph.combineOf(node.id));
    guards.push(...followed.guards);
    return followed.read;
  });
  const gathers = isGather(structure);
  if (!gathers) guards.push(...rangeGuards(structure.output, structure.shape, extents, graph));
  const rank = gathers ? structure.shape.length : 0;
  const settled = withoutRepeats(guards, extents);
  const isTiled = gathers && !(plan.forVectors && settled.length > 0);
  const tile = isTiled ? tileOf(extents, rank, factors, guards, plan.forVectors ? 2 : smallest) : undefined;
  const combine = graph.combineOf(node.id);
  const running = gathers ? runningOf(extents, rank, factors, settled, combine, plan.ordered) : undefined;
  const axes = axesInOrder(extents, rank);
  return makeItem(node, plan, {
    // nothing meets where nothing is summed, or where an accumulator holds what has met
    how: running || (gathers && extents.length === rank) ? "define" : combine,
    extents,
    output: structure.output,
    factors,
    guards: settled,
    axes: running ? alongLast(axes, running) : axes,
    tile,
    running,
  });
}

const axesInOrder = (extents: readonly Integer[], rank: number) =>
  extents.map((extent, iterator): Axis => ({ iterator, extent, role: iterator < rank ? "output" : "summed" }));

/** Rounds of a loop that may be written out; of others more than of these. */
const roundsOf = ({ extent }: Axis) => Math.min(extent.value ?? mostCopies, mostCopies);

/** True for the only axis of a sum's results, if they are so few that registers hold them while their terms go by. */
const isFew = ({ extent }: Axis, { how, axes }: Item) =>
  how === "sum" &&
  (extent.value ?? Number.POSITIVE_INFINITY) <= mostCopies &&
  axes.filter(({ role }) => role === "output").length === 1;

/** From so large a stride cost on, an axis steps far through memory somewhere: it is none for the innermost loops. */
const far = 16;

/**
 * The item with its loops in the order that memory likes. Small strides inside, the smallest innermost. Outside, first
 * the axis whose rounds meet the fewest elements again, for these have to stay in the cache; what producers make in
 * rounds of the same axis is used where it is made, and then needs no memory for all rounds. The order of equal ones is
 * kept.
 */
function inOrder(item: Item, plan: Plan, known: ItemTable): Item {
  if (plan.ordered || isWhole(item)) return item;
  const addresses = [
    ...item.factors.map(({ node, index }) => addressOf(index, node.shape)),
    addressOf(item.output, item.node.shape),
  ];
  const strideCost = (iterator: number) => {
    let cost = 0;
    for (const address of addresses) {
      const stride = address.coefficientOf(iterator);
      if (stride === undefined) cost += far;
      else if (stride.value !== 0)
        cost += Math.abs(stride.value ?? far) === 1 ? 1 : Math.min(far, Math.abs(stride.value ?? far));
    }
    return cost;
  };
  const spared = sparedMemory(item, plan, known);
  const ordered = item.axes
    .map((axis) => {
      const { iterator } = axis;
      const strides = strideCost(iterator);
      const isOutside = strides >= far || spared[iterator]! > 0;
      const elements = isOutside ? reusedBy(iterator, item, plan.hints) - spared[iterator]! : Number.POSITIVE_INFINITY;
      return { axis, strides, elements };
    })
    .sort((a, b) => a.elements - b.elements || b.strides - a.strides || roundsOf(b.axis) - roundsOf(a.axis));
  const axes = ordered.map(({ axis }) => axis);
  const [few] = axes.filter(({ role }) => role === "output");
  if (few && isFew(few, item) && strideCost(few.iterator) <= addresses.length && plan.forVectors) {
    const madeBefore = item.reads.every(({ node }) => known.get(node)?.every(isWhole));
    if (item.reads.length > 0 && madeBefore) return { ...item, axes: [few, ...axes.filter((axis) => axis !== few)] };
  }
  return { ...item, axes: item.running ? alongLast(axes, item.running) : axes };
}

/** The loops over outputs, the one that an accumulator runs along innermost: one accumulator serves all rounds. */
function alongLast(axes: readonly Axis[], { along, summed }: Running): Axis[] {
  const outer = axes.filter(({ iterator }) => iterator !== along && iterator !== summed);
  return [...outer, ...axes.filter(({ iterator }) => iterator === along)];
}

/**
 * For each iterator, the elements that need no memory when it is the outermost: those of what the item reads that
 * producers make in rounds of it. Vectors do not count, which are small beside what else is read.
 */
function sparedMemory(item: Item, plan: Plan, known: ItemTable): number[] {
  const spared = item.extents.map(() => 0);
  for (const read of item.reads) {
    const [producer, ...others] = known.get(read.node) ?? [];
    if (!producer || others.length > 0 || producer.output.length < 2) continue;
    const iterator = readAlong(producer, read);
    if (iterator !== undefined) spared[iterator]! += estimate(Integer.product(read.node.shape), plan.hints);
  }
  return spared;
}

/** Elements that every round of a loop over `iterator` meets again: those of tensors that it does not tell apart. */
function reusedBy(iterator: number, { reads, loads, output, extents }: Item, hints: SizeHints): number {
  let elements = 0;
  for (const { index } of [...reads, ...loads, { index: output }]) {
    const used = new Set(index.flatMap((i) => i.iterators()).filter((each) => each >= 0));
    if (!used.has(iterator)) elements += [...used].reduce((count, each) => count * estimate(extents[each]!, hints), 1);
  }
  return elements;
}

/** The iterator that a read steps along the producer's outermost loop with, when both can share that loop. */
function readAlong(producer: Item, read: NodeRead): number | undefined {
  const outermost = producer.axes[0];
  if (isWhole(producer) || outermost?.role !== "output") return undefined;
  const target = producer.output.findIndex((index) => index.key === iterators(outermost.iterator).key);
  const unit = read.index[target]?.unitIterator();
  // -1 stands for anywhere
  return unit && unit.sign === 1 && unit.offset.value === 0 && unit.iterator >= 0 ? unit.iterator : undefined;
}

/**
 * The item with a factor that is 0 unless a condition holds taken apart, where loops remain to be skipped: a gradient
 * through the smallest of many reads the loser's terms never.
 */
function underMask(item: Item, plan: Plan): Item {
  if (plan.ordered || item.how !== "sum" || isWhole(item)) return item;
  const positionOf = new Map(item.axes.map(({ iterator }, position) => [iterator, position]));
  const started = item.ontoExisting ? 0 : item.axes.findIndex(({ role }) => role === "summed") + 1;
  for (const [k, factor] of item.factors.entries()) {
    if (plan.isStored(factor.node.id)) continue;
    const masked = readMasked(factor.node);
    if (!masked) continue;
    const followed = throughViews({ node: masked.condition, index: factor.index }, item.extents, plan);
    if (followed.guards.some((guard) => !alwaysHolds(guard, item.extents))) continue;
    const used = followed.read.index.flatMap((index) => index.iterators());
    const depth = used.reduce((deepest, iterator) => Math.max(deepest, positionOf.get(iterator)! + 1), 0);
    if (depth < started || depth >= item.axes.length) continue;
    const value = masked.value && [{ node: masked.value, index: factor.index }];
    const factors = item.factors.flatMap((other, at) => (at === k ? (value ?? []) : [other]));
    return { ...item, factors, mask: { condition: followed.read, depth } };
  }
  return item;
}

const smallest = 4;

/** Rows and columns of a register tile, when two factors share summed iterators but not these two outputs. */
function tileOf(
  extents: readonly Integer[],
  rank: number,
  factors: readonly NodeRead[],
  guards: readonly Guard[],
  fewestRows: number,
): Item["tile"] {
  if (factors.length !== 2 || extents.length === rank) return undefined;
  const used = factors.map((factor) => new Set(factor.index.flatMap((index) => index.iterators())));
  const isLarge = (iterator: number, fewest = smallest) => (extents[iterator]!.value ?? fewest) >= fewest;
  const shared = extents.some((_, k) => k >= rank && used[0]!.has(k) && used[1]!.has(k) && isLarge(k, fewestRows));
  if (!shared || guards.some((guard) => guard.index.iterators().some((iterator) => iterator < rank))) return undefined;
  const only = (mine: number, other: number) => {
    for (let k = rank - 1; k >= 0; k--)
      if (used[mine]!.has(k) && !used[other]!.has(k) && isLarge(k, fewestRows)) return k;
    return undefined;
  };
  const first = only(0, 1);
  const second = only(1, 0);
  if (first === undefined || second === undefined) return undefined;
  const [row, column] = first < second ? [first, second] : [second, first];
  return isLarge(column) ? { row, column } : undefined;
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

/**
 * A sum of scattered terms: whole terms are written first, the others are added where they fall. Where those leave no element
 * out and none to two of them, each is written.
 */
function accumulatedItems(node: Expr, terms: readonly SignedTerm[], plan: Plan, known: ItemTable): Item[] {
  const collected = terms.filter(({ term }) => plan.isCollected(term.id));
  const scattered = terms.flatMap((each) => {
    const region = plan.isCollected(each.term.id) ? undefined : plan.regionOf(each.term);
    return region ? [{ ...each, region }] : [];
  });
  const whole = terms.filter(({ term }) => !plan.isCollected(term.id) && !plan.regionOf(term));
  const output = axesOf(node.shape);
  const items: Item[] = [];
  const apart =
    scattered.length === terms.length &&
    fills(
      node.shape,
      scattered.map(({ region }) => region),
    );
  if (whole.length === 0 && !apart) {
    items.push(makeItem(node, plan, { how: "fill", extents: [], output: [], factors: [], guards: [], axes: [] }));
  }
  for (const [position, { term, isTaken }] of whole.entries()) {
    items.push(
      makeItem(node, plan, {
        how: position === 0 ? "define" : "sum",
        ontoExisting: position > 0,
        isTaken,
        extents: node.shape,
        output,
        factors: [{ node: term, index: output }],
        guards: [],
        axes: node.shape.map((extent, iterator) => ({ iterator, extent, role: "output" as const })),
      }),
    );
  }
  for (const { term, isTaken } of collected) {
    const item = underMask(inOrder({ ...combinationItem(term, plan), ontoExisting: true }, plan, known), plan);
    items.push({ ...item, node, isTaken });
  }
  for (const { term, isTaken, region } of scattered) {
    // iterators of the region count from its own corner; an axis of one element needs no loop
    const extents: Integer[] = [];
    const corner = region.map(({ from, extent }) => {
      if (extent.value === 1) return from;
      extents.push(extent);
      return from.plus(iterators(extents.length - 1));
    });
    const followed = throughViews({ node: term, index: corner }, extents, plan, node);
    items.push(
      makeItem(node, plan, {
        how: apart ? "define" : "sum",
        ontoExisting: true,
        isTaken,
        extents,
        output: corner,
        factors: [followed.read],
        guards: withoutRepeats(followed.guards, extents),
        axes: extents.map((extent, iterator) => ({ iterator, extent, role: "output" as const })),
      }),
    );
  }
  return items;
}

/** Every read of a stored node or a leaf, through maps and views, with its index over the item's iterators. */
export function collectReads(
  node: Expr,
  draft: Pick<Draft, "factors" | "guards" | "output">,
  plan: Plan,
): Pick<Item, "reads" | "loads"> {
  const reads: NodeRead[] = [];
  const loads: NodeRead[] = [];
  const seen = new Set<string | number>();
  const pending: NodeRead[] = [];
  const visit = (read: NodeRead, isBody = false) => {
    if (!isBody) {
      const key = read.index.length === 0 ? read.node.id : `${read.node.id}|${read.index.map((i) => i.key).join(",")}`;
      if (seen.has(key)) return;
      seen.add(key);
    }
    for (const index of read.index) visitLookups(index);
    if (!isBody && plan.isStored(read.node.id)) reads.push(read);
    else if (read.node.kind === "leaf" || read.node.kind === "tensor") loads.push(read);
    else pending.push(read);
  };
  const visitLookups = (index: Integer) => {
    for (const atom of index.atoms()) {
      if (atom.kind === "lookup") visit({ node: node.graph.expr(atom.operand), index: atom.index });
    }
  };
  for (const factor of draft.factors) visit(factor, factor.node === node);
  for (const guard of draft.guards) visitLookups(guard.index);
  for (const index of draft.output) visitLookups(index);
  for (let read = pending.pop(); read; read = pending.pop()) {
    const { graph, id } = read.node;
    const { index } = read;
    const alias = plan.aliasOf(read.node);
    if (alias) {
      // an alias reads its base at some other index: never pointwise
      visit({ node: alias, index: alias.shape.map(() => Integer.iterator(-1)) });
    } else if (read.node.kind === "map") {
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) visit({ node: graph.expr(graph.operandAt(id, k)), index });
    } else if (graph.isView(id)) {
      const structure = globalStructure(graph, id);
      for (const guard of structure.guards) visitLookups(placed(guard.index, index));
      for (const factor of structure.factors) {
        visit({ node: graph.expr(factor.operand), index: factor.index.map((i) => placed(i, index)) });
      }
    }
  }
  return { reads, loads };
}
