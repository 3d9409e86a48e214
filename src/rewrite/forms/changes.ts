import { iterators, renumberLookups } from "../../ir/contraction.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { axes, type Read, view } from "../../ops/arrays/contractions.ts";
import { add, sub } from "../../ops/elementary/algebra.ts";
import { allOf, and, equal, not, notEqual, or, select } from "../../ops/elementary/comparison.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { positionOf, readThrough } from "./contractions/positions.ts";
import { computedSlice, differsAlong, type Slice, sliceOf } from "./contractions/slices.ts";
import { isConstant } from "./contractions/splat.ts";

// A step of a loop often changes an array at one place and leaves the rest as it was: `if i == k then y else x[i]`. Its derivatives
// clear that place, and add to others.

/** What is put at a place, whatever was there. */
export interface Put {
  readonly kind: "put";
  readonly slice: Slice;
  /** Over all axes: true in the slice alone. */
  readonly condition: Expr;
  /** Over the other axes. */
  readonly value: Expr;
  /** The value as computed for the slice alone, which is to be inside, where that is another. */
  readonly computed: Expr | undefined;
}

/** What is added to an array, or taken away. */
export interface Addition {
  readonly kind: "addition";
  readonly term: Expr;
  readonly isTaken: boolean;
}

export type Change = Put | Addition;

/** The changes that make a node of an array, in order; undefined where it is made in another way, or nothing is put. */
export function changesOf(node: Expr, array: Expr): readonly Change[] | undefined {
  if (array.isScalar || array.dtype !== "real") return undefined;
  const isMadeOf = madeOf(node, array);
  const changes: Change[] = [];
  for (let rest = node; rest !== array; ) {
    const last = lastChanges(rest, array, isMadeOf);
    if (!last) return undefined;
    changes.push(...[...last.changes].reverse());
    rest = last.before;
  }
  changes.reverse();
  return changes.some(({ kind }) => kind === "put") ? changes : undefined;
}

/** Which nodes are the array itself, choices where one side is, or sums with one term that is. */
function madeOf(node: Expr, array: Expr): (node: Expr) => boolean {
  const open = new Set<Expr>();
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (open.has(next) || !isOneOf(next, select, add, sub)) continue;
    open.add(next);
    pending.push(...next.operands);
  }
  const made = new Set([array]);
  for (const each of [...open].sort((a, b) => a.id - b.id)) {
    const count = each.operands.filter((operand) => made.has(operand)).length;
    if (count === 1 || (count > 0 && isMap(each, select))) made.add(each);
  }
  return (each) => made.has(each);
}

interface Last {
  readonly changes: readonly Change[];
  readonly before: Expr;
}

function lastChanges(node: Expr, array: Expr, isMadeOf: (node: Expr) => boolean): Last | undefined {
  if (isMap(node, select)) {
    const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
    const put = (value: Expr, before: Expr, holds: boolean): Last | undefined => {
      const whole: Read = { of: condition, index: axes(node.shape.length) };
      const wheres = isMadeOf(before) ? wheresOf(whole, holds, node.shape) : undefined;
      // what is left as it was must be known: it is what the step began with
      const isKnown = before === array && wheres?.length === 1;
      if (!wheres || (!isKnown && wheres.some(({ masks }) => masks.length > 0))) return undefined;
      return { changes: wheres.map((where) => putWhere(where, value, array)), before };
    };
    return put(yes, no, true) ?? put(no, yes, false);
  }
  const before = isOneOf(node, add, sub) ? node.operands.find(isMadeOf) : undefined;
  if (!before || (isMap(node, sub) && node.operands[0] !== before)) return undefined;
  const isTaken = isMap(node, sub);
  const changes: Change[] = [];
  let rest = before;
  for (const term of node.operands.filter((operand) => operand !== before)) {
    changes.push(addedToSlice(term, isTaken, rest) ?? { kind: "addition", term, isTaken });
    rest = isTaken ? sub(rest, term) : add(rest, term);
  }
  return { changes, before };
}

/** What is added in one slice alone is put there, with what was there. */
function addedToSlice(term: Expr, isTaken: boolean, before: Expr): Put | undefined {
  if (!isMap(term, select)) return undefined;
  const [condition, yes, no] = term.operands as [Expr, Expr, Expr];
  const holds = isConstant(no, 0);
  if (!holds && !isConstant(yes, 0)) return undefined;
  const whole: Read = { of: condition, index: axes(term.shape.length) };
  const [where, ...others] = wheresOf(whole, holds, term.shape) ?? [];
  if (!where || others.length > 0) return undefined;
  const put = (at: typeof sliceOf): Expr => {
    const there = at(holds ? yes : no, where.slice);
    const asked = where.masks.map((mask) => at(mask, where.slice));
    const more = asked.length === 0 ? there : select(allOf(asked), there, 0);
    return (isTaken ? sub : add)(sliceOf(before, where.slice), more);
  };
  return {
    kind: "put",
    slice: where.slice,
    condition: where.condition,
    value: put(sliceOf),
    computed: put(computedSlice),
  };
}

/** Where a condition holds: at a place, which `condition` tells, if the masks hold there. */
interface Where {
  readonly slice: Slice;
  readonly condition: Expr;
  readonly masks: readonly Expr[];
}

function putWhere({ slice, condition, masks }: Where, value: Expr, array: Expr): Put {
  const put = (at: typeof sliceOf): Expr => {
    const there = at(value, slice);
    const asked = masks.map((mask) => at(mask, slice));
    return asked.length === 0 ? there : select(allOf(asked), there, sliceOf(array, slice));
  };
  const isPlain = masks.length === 0 && !differsAlong(value, slice);
  return { kind: "put", slice, condition, value: put(sliceOf), computed: isPlain ? undefined : put(computedSlice) };
}

/** Conditions are looked into this deep. */
const deepest = 6;

/** Where a condition holds, or fails, that does so at some places of an array alone; undefined of other conditions. */
function wheresOf({ of, index }: Read, holds: boolean, shape: Shape, depth = 0): readonly Where[] | undefined {
  if (depth > deepest) return undefined;
  const inside = (part: Read, met = holds) => wheresOf(part, met, shape, depth + 1);
  const through = readThrough(of, index);
  if (through) return inside(through);
  const parts = of.operands.map((operand): Read => ({ of: operand, index }));
  if (isMap(of, not)) return inside(parts[0]!, !holds);
  const over = (condition: Expr) => view(holds ? condition : not(condition), shape, index);
  if (isMap(of, holds ? equal : notEqual)) {
    const slice = sliceWhere(parts);
    return slice && [{ slice, condition: over(of), masks: [] }];
  }
  if (isMap(of, holds ? or : and)) {
    const all = parts.map((part) => inside(part));
    return all.every((where) => where !== undefined) ? all.flat() : undefined;
  }
  if (!isMap(of, holds ? and : or)) return undefined;
  // together: at one place along several axes, where the rest holds
  const at = new Map<number, Integer>();
  const lookups: Expr[] = [];
  const conditions: Expr[] = [];
  const masks: Expr[] = [];
  for (const part of parts) {
    const [first, ...others] = inside(part) ?? [];
    const isFurther = first && others.length === 0 && [...first.slice.at.keys()].every((axis) => !at.has(axis));
    if (!isFurther) {
      masks.push(over(part.of));
      continue;
    }
    const moved = lookups.length;
    for (const [axis, position] of first.slice.at) {
      at.set(
        axis,
        renumberLookups(position, (operand) => moved + operand),
      );
    }
    lookups.push(...first.slice.lookups);
    conditions.push(first.condition);
    masks.push(...first.masks);
  }
  return at.size > 0 ? [{ slice: { at, lookups }, condition: allOf(conditions), masks }] : undefined;
}

/** The one axis, and the position along it, at which two whole numbers are equal. */
function sliceWhere(sides: readonly Read[]): Slice | undefined {
  const lookups: Expr[] = [];
  const isRead = ({ dtype }: Expr) => dtype === "int";
  const [x, y] = sides.map(({ of, index }) => positionOf(of, index, lookups, isRead));
  const difference = x && y && x.minus(y);
  const [axis, ...others] = difference?.iterators() ?? [];
  if (!difference || axis === undefined || others.length > 0) return undefined;
  const sign = difference.coefficientOf(axis)?.value;
  if (sign !== 1 && sign !== -1) return undefined;
  // sign * i + offset is 0
  const offset = difference.minus(iterators(axis).scaled(sign));
  return { at: new Map([[axis, offset.scaled(-sign)]]), lookups };
}
