import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { type Read, termsOf } from "../../../ops/arrays/contractions.ts";
import { add, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { isTotal } from "../../facts/facts.ts";
import { axesOf, restricted } from "./splat.ts";

/** Positions are looked into this deep. */
const deepest = 6;

/** Whole numbers that take no time to look up. */
const isGiven = ({ kind, dtype }: Expr) => dtype === "int" && (kind === "leaf" || kind === "tensor");

/**
 * The whole number that a node is at `index`, where iterators and sizes give it; what `isRead` accepts becomes a lookup in
 * `lookups`. Undefined of other nodes.
 */
export function positionOf(
  node: Expr,
  index: readonly Integer[],
  lookups: Expr[],
  isRead: (node: Expr) => boolean = isGiven,
  depth = 0,
): Integer | undefined {
  const { graph, id } = node;
  if (depth > deepest) return undefined;
  const inside = (operand: Expr) => positionOf(operand, index, lookups, isRead, depth + 1);
  const through = readThrough(node, index);
  if (through) return positionOf(through.of, through.index, lookups, isRead, depth + 1);
  if (isMap(node, toReal)) return inside(node.operands[0]!);
  switch (node.kind) {
    case "constant": {
      const value = graph.constantOf(id);
      return Number.isSafeInteger(value) ? Integer.constant(value) : undefined;
    }
    case "size":
      return graph.sizeOf(id);
    case "iota":
      return index[graph.iotaAxisOf(id)];
    default:
      return arithmetic(node, inside) ?? (isRead(node) ? lookupOf(node, index, lookups) : undefined);
  }
}

/** An array at an index, along the axes where it differs. */
function lookupOf(node: Expr, index: readonly Integer[], lookups: Expr[]): Integer {
  const differs = axesOf(node);
  const kept = [...node.shape.keys()].filter((axis) => differs.has(axis));
  const read = kept.length < index.length ? restricted(node, kept) : node;
  return Integer.lookup(
    lookups.push(read) - 1,
    kept.map((axis) => index[axis]!),
  );
}

export const isLinear = (node: Expr) => isOneOf(node, add, sub, neg);

function arithmetic(node: Expr, inside: (operand: Expr) => Integer | undefined): Integer | undefined {
  if (!isLinear(node) && !isMap(node, mul)) return undefined;
  if (node.operands.length > 4) return undefined;
  const [first, ...rest] = node.operands.map(inside);
  if (!first || rest.some((operand) => !operand)) return undefined;
  if (isMap(node, neg)) return first.scaled(-1);
  if (isMap(node, add)) return Integer.sum([first, ...(rest as Integer[])]);
  return isMap(node, sub) ? first.minus(rest[0]!) : first.times(rest[0]!);
}

/** What a whole view without lookups reads when it is read at `index`. */
export function readThrough(node: Expr, index: readonly Integer[]): Read | undefined {
  if (!node.graph.isView(node.id) || !isTotal(node.graph, node.id)) return undefined;
  const read = termsOf(node).factors[0]!;
  return { of: read.of, index: read.index.map((i) => i.withIterators(index)) };
}
