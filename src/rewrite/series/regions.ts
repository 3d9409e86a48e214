import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { unbounded } from "../../ops/elementary/interval.ts";
import { isMap } from "../../ops/maps.ts";

// A series takes one side of each choice, the one that holds at its point: it may reach no further than that side does.

/** What some numbers are known to lie in; it is added to while intervals of other nodes are found. */
export type Region = Map<Expr, Interval>;

/** The truth of a condition throughout a region; undefined where it may change there. */
export function truthWithin(condition: Expr, region: Region): boolean | undefined {
  return truthBy(condition, ([a, b]) => {
    const [[low, high], [from, to]] = [intervalWithin(a!, region), intervalWithin(b!, region)];
    return high < from ? [0, 1] : low > to ? [1, 0] : undefined;
  });
}

/** The truth of a condition from that of its comparisons: by numbers that compare as their two sides do. */
export function truthBy(
  condition: Expr,
  numbersFor: (sides: readonly Expr[]) => readonly number[] | undefined,
): boolean | undefined {
  // conditions of choices within choices have parts in common
  const known = new Map<Expr, boolean | undefined>();
  const truthOf = (part: Expr): boolean | undefined => {
    if (!known.has(part)) known.set(part, find(part));
    return known.get(part);
  };
  const find = ({ graph, id, kind, operands }: Expr): boolean | undefined => {
    if (kind !== "map") return undefined;
    const { real } = graph.primitiveOf(id);
    if (operands.every(({ dtype }) => dtype !== "bool")) {
      const numbers = operands.length === 2 ? numbersFor(operands) : undefined;
      return numbers && Boolean(real(...numbers));
    }
    // what is not known may not matter: both truths are tried
    let values: readonly (readonly number[])[] = [[]];
    for (const operand of operands) {
      const truth = truthOf(operand);
      const either = truth === undefined ? [0, 1] : [Number(truth)];
      values = values.flatMap((before) => either.map((value) => [...before, value]));
    }
    const [first, ...others] = values.map((each) => Boolean(real(...each)));
    return others.every((truth) => truth === first) ? first : undefined;
  };
  return truthOf(condition);
}

function intervalWithin(node: Expr, region: Region): Interval {
  const known = region.get(node);
  if (known) return known;
  let found = unbounded;
  if (node.kind === "constant") {
    const value = node.constant!;
    if (!Number.isNaN(value)) found = [value, value];
  } else if (node.kind === "map") {
    const truth = isMap(node, select) ? truthWithin(node.operands[0]!, region) : undefined;
    const intervals = node.operands.map((operand) => intervalWithin(operand, region));
    found =
      truth === undefined
        ? (node.graph.primitiveOf(node.id).range?.(...intervals) ?? unbounded)
        : intervals[truth ? 1 : 2]!;
  }
  region.set(node, found);
  return found;
}
