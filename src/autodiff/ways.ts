import type { Guard } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { allOf, or } from "../ops/comparison.ts";
import { presenceOf as guardedBy } from "../ops/composites.ts";

// Conditions as ways for something to be there.

/** Conditions that hold together. */
export type Way = ReadonlySet<Expr>;

/** The ways for something to be there, without all of which a node is 0: none means nowhere, and a way without conditions anywhere. */
export type Ways = readonly Way[];

export const nowhere: Ways = [];
export const anywhere: Ways = [new Set()];

/** So many ways are told apart. */
export const mostWays = 8;

/** The condition that one of the ways is open; undefined where that says nothing, or is never so. */
export function conditionOf(ways: Ways): Expr | undefined {
  const isKnown = ways.length > 0 && ways.every((way) => way.size > 0);
  return isKnown ? ways.map((way) => allOf([...way])).reduce((any, way) => or(any, way)) : undefined;
}

/** What is there where one of several is; a way that asks for more than another one does is none of its own. */
export function anyOf(parts: readonly Ways[]): Ways {
  const found: Way[] = [];
  for (const way of parts.flat()) {
    if (found.some((other) => isWithin(other, way))) continue;
    const others = found.filter((other) => !isWithin(way, other));
    found.splice(0, found.length, ...others, way);
    if (found.length > mostWays) return anywhere;
  }
  return isEverywhere(found) ? anywhere : found;
}

const isWithin = (fewer: Way, more: Way) => [...fewer].every((condition) => more.has(condition));

/** What is there where all of several are. */
export function everyOf(parts: readonly Ways[]): Ways {
  return parts.reduce((all, ways) => {
    if (ways === anywhere) return all;
    if (all.length * ways.length > mostWays) return all;
    return anyOf([all.flatMap((one) => ways.map((other) => new Set([...one, ...other])))]);
  }, anywhere);
}

/** Whether one of the ways is open at every place: as parts that make up an axis are. */
function isEverywhere(ways: Ways): boolean {
  const alone = ways.flatMap((way) => (way.size === 1 ? [...way] : []));
  const parts = alone.flatMap((condition) => partOf(condition) ?? []);
  return parts.some(({ axis, of }) =>
    isCovered(
      of,
      parts.filter((part) => part.axis === axis),
    ),
  );
}

/** The places along one axis, from the first to the one behind the last, where a condition holds. */
interface Part {
  readonly axis: number;
  readonly of: Integer;
  readonly from: Integer;
  readonly to: Integer;
}

/** The part of an axis that a condition made of guards is; undefined for others. */
function partOf(condition: Expr): Part | undefined {
  const { shape } = condition;
  const bounds = (guardedBy(condition)?.guards ?? []).flatMap(boundsOf);
  const limits = bounds.filter((bound) => !bound.isProvablyNonNegative(shape)).map((bound) => bound.unitIterator());
  const axis = limits[0]?.iterator;
  if (axis === undefined || limits.some((limit) => limit?.iterator !== axis)) return undefined;
  const [from = Integer.zero, ...lower] = limits.flatMap((limit) => (limit!.sign > 0 ? limit!.offset.scaled(-1) : []));
  const [to = shape[axis]!, ...upper] = limits.flatMap((limit) => (limit!.sign < 0 ? limit!.offset.plus(1) : []));
  return lower.length + upper.length > 0 ? undefined : { axis, of: shape[axis]!, from, to };
}

/** What is not below 0 where a guard holds. */
export const boundsOf = ({ index, extent }: Guard): Integer[] =>
  extent ? [index, extent.minus(1).minus(index)] : [index];

const isAtMost = (x: Integer, y: Integer) => y.minus(x).isProvablyNonNegative([]);

/** Whether parts follow one another from the first place of an axis to its last. */
function isCovered(extent: Integer, parts: readonly Part[]): boolean {
  let reached = Integer.zero;
  const further = ({ from, to }: Part) => isAtMost(from, reached) && isAtMost(reached.plus(1), to);
  for (let next = parts.find(further); next && !isAtMost(extent, reached); next = parts.find(further))
    reached = next.to;
  return isAtMost(extent, reached);
}
