import { type Combine, type Guard, neutralElement } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import type { Statement, Temporary, Value } from "../program/loops.ts";
import { applied } from "../program/values.ts";
import type { Scheduler } from "../schedule/schedule.ts";
import { mentions, only, placedGuard } from "./indices.ts";
import type { Item, NodeRead } from "./item.ts";

/**
 * A combination over a triangle: out[i] takes the terms on one side of a place that moves with i, j <= i + c, j >= i + c,
 * j <= c - i or j >= c - i, and no term depends on i. One accumulator runs along i, in the direction in which the terms become
 * more; each round of that loop lets one more term in, the one at that place.
 */
export interface Running {
  readonly combine: Combine;
  readonly along: number;
  readonly summed: number;
  readonly descending: boolean;
  /** The place of the term that enters, by the iterator `along`. */
  readonly entering: Integer;
  /** Whether a term enters after the round of its own position, for the next one. */
  readonly isLate: boolean;
  /** What all terms that are in are multiplied by before one enters, by the iterator `summed` at its place. */
  readonly between?: Between | undefined;
}

/** A product at each place, and where it has factors. */
export interface Between {
  readonly factors: readonly NodeRead[];
  readonly guards: readonly Guard[];
}

/** Recognises a triangle among the guards: no other guard on the terms shares its output iterator. */
export function runningOf(
  extents: readonly Integer[],
  rank: number,
  factors: readonly NodeRead[],
  guards: readonly Guard[],
  combine: Combine,
  ordered: boolean,
): Running | undefined {
  if (extents.length !== rank + 1) return undefined;
  for (const triangle of guards) {
    const [along, summed] = triangle.index.iterators();
    if (triangle.extent || along === undefined || along >= rank || summed !== rank) continue;
    const isOnOutput = (guard: Guard) => guard === triangle || !mentions(guard.index, summed);
    if (!guards.every((guard) => isOnOutput(guard) || !mentions(guard.index, along))) continue;
    if (factors.some((factor) => factor.index.some((index) => mentions(index, along)))) continue;
    const running = runningAlong(triangle.index, along, extents, ordered);
    if (running) return { ...running, combine };
  }
  return undefined;
}

function runningAlong(
  triangle: Integer,
  along: number,
  extents: readonly Integer[],
  ordered: boolean,
): Omit<Running, "combine"> | undefined {
  const summed = extents.length - 1;
  const [toOutput, toSummed] = [triangle.coefficientOf(along)?.value, triangle.coefficientOf(summed)?.value];
  if (triangle.iterators().length !== 2 || Math.abs(toOutput ?? 0) !== 1 || Math.abs(toSummed ?? 0) !== 1)
    return undefined;
  // upwards in j, or the terms enter in the opposite order
  if (ordered && toSummed === 1) return undefined;
  const descending = toOutput === -1;
  const entering = Integer.iterator(summed).minus(triangle.scaled(toSummed!));
  // all terms that the first round needs must enter in it
  const first = entering.withIterators(only(along, descending ? extents[along]!.minus(1) : Integer.zero));
  const beyond = toSummed === -1 ? first.scaled(-1) : first.plus(1).minus(extents[summed]!);
  if (!beyond.isProvablyNonNegative([])) return undefined;
  // a first round that takes none of its own position has all terms that it needs before it
  const own = Integer.iterator(along);
  const isLate = entering.plus(descending ? -1 : 1).equals(own) && beyond.minus(1).isProvablyNonNegative([]);
  return { along, summed, descending, entering, isLate };
}

/** One round: the element is what the accumulator holds once the terms that it takes are in. */
export function emitRound(
  item: Item,
  opened: readonly (Integer | undefined)[],
  accumulator: Temporary,
  builder: LoopBuilder,
  scheduler: Scheduler,
): void {
  const { combine, along, summed, entering, isLate, between, descending } = item.running!;
  const { graph, dtype } = item.node;
  const position = opened[along]!;
  const variables = [...opened];
  variables[summed] = isLate ? position : entering.withIterators(only(along, position));
  const at = (guard: Guard) => placedGuard(guard, variables);
  /** Emits a change of a temporary where the conditions hold. */
  const emitWhere = (guards: readonly Guard[], change: () => Statement) => {
    const asked = builder.resolveGuards(guards, graph);
    if (asked.length > 0) builder.openCondition();
    builder.emit(change());
    if (asked.length > 0) builder.emit({ kind: "when", guards: asked, body: builder.close() });
  };
  // the triangle is what the rounds state; the place that enters must still exist
  const exists = { index: variables[summed]!, extent: item.extents[summed] };
  const multiply = ({ factors, guards }: Between) => {
    // no term is in before the first round
    const before = descending ? item.extents[along]!.minus(2).minus(position) : position.minus(1);
    emitWhere([{ index: before, extent: undefined }, exists, ...guards.map(at)], () => {
      const values = factors.map((factor) => scheduler.factorValue(item, factor, variables));
      const value = values.reduce(
        (product: Value, each) => applied(mul.primitive, [product, each], dtype),
        accumulator,
      );
      return { kind: "assign", temporary: accumulator, value };
    });
  };
  const enter = () => {
    if (between) multiply(between);
    const others = item.guards.filter((guard) => !mentions(guard.index, along)).map(at);
    emitWhere([exists, ...others], () => {
      return { kind: "combine", temporary: accumulator, combine, value: scheduler.termValue(item, variables) };
    });
  };
  if (!isLate) enter();
  const element = builder.temporaryFor(item.node);
  const present = item.guards.filter(({ index }) => mentions(index, along) && !mentions(index, summed)).map(at);
  if (present.length === 0) builder.emit({ kind: "let", temporary: element, value: accumulator });
  else {
    builder.emit({
      kind: "start",
      temporary: element,
      value: { kind: "constant", value: neutralElement[combine], dtype },
    });
    emitWhere(present, () => ({ kind: "assign", temporary: element, value: accumulator }));
  }
  scheduler.finish(item, opened, element);
  if (isLate) enter();
}
