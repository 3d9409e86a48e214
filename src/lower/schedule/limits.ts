import { type Guard, guardKey } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { looksUpData, placed, placedGuard } from "../items/indices.ts";
import { maySkip, nextAxis, type Progress, roundsOf } from "./progress.ts";

/** Guards of all members that the open loops settle, where the next loop may be left out: they stand around it. The members without them. */
export function withoutSettled(members: readonly Progress[]): {
  readonly settled: readonly Guard[];
  readonly open: readonly Progress[];
} {
  const keyOf = (guard: Guard, { variables }: Progress) => guardKey(placedGuard(guard, variables));
  const settledIn = (member: Progress) =>
    maySkip(member)
      ? member.guards.filter((guard) => guard.index.iterators().every((iterator) => member.variables[iterator]))
      : [];
  const [first, ...others] = members as readonly [Progress, ...Progress[]];
  const keys = others.map((member) => new Set(settledIn(member).map((guard) => keyOf(guard, member))));
  const settled = settledIn(first).filter((guard) => keys.every((known) => known.has(keyOf(guard, first))));
  if (settled.length === 0) return { settled, open: members };
  const all = new Set(settled.map((guard) => keyOf(guard, first)));
  return {
    settled: settled.map((guard) => placedGuard(guard, first.variables)),
    open: members.map((member) => ({
      ...member,
      guards: member.guards.filter((guard) => !all.has(keyOf(guard, member))),
    })),
  };
}

/** The limits that no other one makes idle; of equal ones the last. */
export function withoutIdle(
  limits: readonly Integer[],
  isIdle: (limit: Integer, other: Integer) => boolean,
): Integer[] {
  let kept = [...limits];
  for (const limit of limits) {
    const others = kept.filter((other) => other !== limit);
    if (others.some((other) => isIdle(limit, other))) kept = others;
  }
  return kept;
}

/** What a member's guards make of the loop about to open, and what remains of them. */
export interface Limits {
  readonly variables: (Integer | undefined)[];
  readonly from: readonly Integer[];
  readonly to: readonly Integer[];
  /** The guards that the limits make sure of, over the loop variables. */
  readonly absorbed: readonly Guard[];
  readonly guards: readonly Guard[];
  /** True when rounds without terms may be left out. */
  readonly skips: boolean;
  /** Equal for equal limits. */
  readonly key: string;
}

/** Moves the guards that bound the loop over `open`, which ends at `extent` anyway, into its limits. */
export function limits(member: Progress, open: Integer, extent: Integer): Limits {
  const axis = nextAxis(member)!;
  const variables = [...member.variables];
  variables[axis.iterator] = open;
  const from: Integer[] = [];
  const to: Integer[] = [];
  const absorbed: Guard[] = [];
  const overTerms = maySkip(member);
  const { graph } = member.item.node;
  const left = roundsOf(member).filter((guard) => {
    const others = guard.index.iterators().filter((iterator) => iterator !== axis.iterator);
    if (others.some((iterator) => variables[iterator] === undefined)) return true;
    if (guard.index.atoms().some((atom) => atom.kind === "floorDiv") || !looksUpData(guard.index, graph)) return true;
    const coefficient = guard.index.coefficientOf(axis.iterator)?.value;
    if (coefficient === undefined || coefficient === 0) return true;
    const fixed = guard.index.minus(Integer.iterator(axis.iterator).scaled(coefficient));
    // a position that is looked up by this iterator differs from round to round
    if (fixed.iterators().includes(axis.iterator)) return true;
    const rest = placed(fixed, variables);
    const step = Math.abs(coefficient);
    const upwards = (bound: Integer) => bound.plus(step - 1).floorDiv(step);
    if (coefficient > 0) {
      from.push(upwards(rest.scaled(-1)));
      if (guard.extent) to.push(upwards(guard.extent.minus(rest)));
    } else {
      to.push(rest.floorDiv(step).plus(1));
      if (guard.extent) from.push(upwards(rest.minus(guard.extent).plus(1)));
    }
    absorbed.push(placedGuard(guard, variables));
    return false;
  });
  const skips = overTerms || absorbed.length > 0;
  const guards = overTerms ? left : member.guards;
  const isNew = (bound: Integer) => !bound.isProvablyNonNegative([]);
  const [begins, ends] = [
    eachOnce(from.filter((bound) => isNew(bound.scaled(-1)))),
    eachOnce(to.filter((bound) => isNew(bound.minus(extent)))),
  ];
  const keysOf = (bounds: readonly Integer[]) => bounds.map((bound) => bound.key).join(",");
  return { variables, from: begins, to: ends, absorbed, guards, skips, key: `${keysOf(begins)}|${keysOf(ends)}` };
}

const eachOnce = (bounds: readonly Integer[]): Integer[] => [
  ...new Map(bounds.map((bound) => [bound.key, bound])).values(),
];

/** Where a member's next loop ends, as far as that differs from round to round of the loops around it. */
export function varyingEnds(member: Progress): string {
  if (roundsOf(member).length === 0) return "";
  const { extent, iterator } = nextAxis(member)!;
  const { from, to } = limits(member, Integer.iterator(iterator), extent);
  const keysOf = (side: string, ends: readonly Integer[]) =>
    ends.flatMap((end) => (end.iterators().length > 0 ? [` ${side} ${end.key}`] : []));
  return [...keysOf("from", from), ...keysOf("to", to)].join("");
}
