import type { Combine, Guard } from "../ir/contraction.ts";
import { Integer } from "../ir/integer.ts";
import type { LoopBuilder } from "./builder.ts";
import { placedGuard } from "./indices.ts";
import type { Item, NodeRead } from "./item.ts";
import type { Temporary } from "./loops.ts";
import type { Scheduler } from "./schedule.ts";

/**
 * A combination over a triangle: out[i] takes the terms j <= i + shift (ascending) or j >= i - shift (descending),
 * and no term depends on i. One accumulator runs along i; each round of that loop lets one more term in.
 */
export interface Running {
  readonly combine: Combine;
  readonly along: number;
  readonly summed: number;
  readonly descending: boolean;
  readonly shift: number;
  /** Whether a term enters after the round of its own position, for the next one. */
  readonly isLate: boolean;
}

/** Recognises the triangle among the guards: the only one that mentions the output iterator. */
export function runningOf(
  extents: readonly Integer[],
  rank: number,
  factors: readonly NodeRead[],
  guards: readonly Guard[],
  combine: Combine,
  ordered: boolean,
): Running | undefined {
  if (extents.length !== rank + 1) return undefined;
  const summed = rank;
  const mentionsBoth = guards.filter((guard) => guard.index.iterators().some((iterator) => iterator < rank));
  const triangle = mentionsBoth[0];
  if (mentionsBoth.length !== 1 || !triangle || triangle.extent) return undefined;
  const outputs = triangle.index.iterators().filter((iterator) => iterator < rank);
  const along = outputs[0]!;
  const [toOutput, toSummed] = [
    triangle.index.coefficientOf(along)?.value,
    triangle.index.coefficientOf(summed)?.value,
  ];
  if (outputs.length !== 1 || toOutput === undefined || toSummed !== -toOutput || Math.abs(toOutput) !== 1)
    return undefined;
  const shift = triangle.index
    .minus(Integer.iterator(along).scaled(toOutput))
    .minus(Integer.iterator(summed).scaled(toSummed)).value;
  // downwards the terms enter in the opposite order
  if (ordered && toOutput === -1) return undefined;
  if (shift === undefined || shift > 0) return undefined;
  // downwards, all terms that the first round needs must enter in it
  const descending = toOutput === -1;
  const beyond = extents[along]!.minus(extents[summed]!).minus(shift);
  if (descending && !beyond.isProvablyNonNegative([])) return undefined;
  if (factors.some((factor) => factor.index.some((index) => index.iterators().includes(along)))) return undefined;
  // the first round downwards takes none of its own position: all terms that it needs would be in before it
  const isLate = shift === -1 && (!descending || beyond.minus(1).isProvablyNonNegative([]));
  return { combine, along, summed, descending, shift, isLate };
}

/** One round: the element is what the accumulator holds once the terms that it takes are in. */
export function emitRound(
  item: Item,
  opened: readonly (Integer | undefined)[],
  accumulator: Temporary,
  builder: LoopBuilder,
  scheduler: Scheduler,
): void {
  const { combine, along, summed, descending, shift, isLate } = item.running!;
  const position = opened[along]!;
  const variables = [...opened];
  variables[summed] = isLate ? position : descending ? position.minus(shift) : position.plus(shift);
  const enter = () => {
    const others = item.guards.filter((guard) => !guard.index.iterators().includes(along));
    // the triangle is what the rounds state; the entering term must still exist
    const readsTerm = item.factors.some(({ index }) => index.some((i) => i.iterators().includes(summed)));
    const exists = { index: variables[summed]!, extent: item.extents[summed] };
    const guards = builder.resolveGuards(
      [...(isLate && !readsTerm ? [] : [exists]), ...others.map((guard) => placedGuard(guard, variables))],
      item.node.graph,
    );
    if (guards.length > 0) builder.openCondition();
    builder.emit({ kind: "combine", temporary: accumulator, combine, value: scheduler.termValue(item, variables) });
    if (guards.length > 0) builder.emit({ kind: "when", guards, body: builder.close() });
  };
  if (!isLate) enter();
  const element = builder.temporary(item.node.dtype);
  builder.emit({ kind: "let", temporary: element, value: accumulator });
  scheduler.finish(item, opened, element);
  if (isLate) enter();
}
