import { iteratorOf, iterators } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { estimate, type SizeHints } from "../../rewrite/cost.ts";
import { addressOf } from "./indices.ts";
import { type Axis, type Item, type ItemTable, isWhole, mostCopies, type NodeRead } from "./item.ts";
import type { Plan } from "./plan.ts";
import type { Running } from "./running.ts";

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
export function inOrder(item: Item, plan: Plan, known: ItemTable): Item {
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
export function alongLast(axes: readonly Axis[], { along, summed }: Running): Axis[] {
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
  const index = read.index[target];
  const iterator = index && iteratorOf(index);
  // -1 stands for anywhere
  return iterator !== undefined && iterator >= 0 ? iterator : undefined;
}
