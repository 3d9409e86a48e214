import type { Combine, Guard } from "../ir/contraction.ts";
import { neutralElement } from "../ir/contraction.ts";
import { Integer } from "../ir/integer.ts";
import type { LoopBuilder } from "./builder.ts";
import type { Item, NodeRead } from "./items.ts";
import type { Scheduler } from "./schedule.ts";

/**
 * A combination over a triangle: out[i] takes the terms j <= i + shift (ascending) or j >= i - shift (descending),
 * and no term depends on i. One accumulator runs along i; each step lets one more term in.
 */
export interface Running {
  readonly along: number;
  readonly summed: number;
  readonly descending: boolean;
  readonly shift: number;
}

/** Recognises the triangle among the guards: the only one that mentions the output iterator. */
export function runningOf(
  extents: readonly Integer[],
  rank: number,
  factors: readonly NodeRead[],
  guards: readonly Guard[],
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
  if (shift === undefined || shift > 0 || !extents[along]!.equals(extents[summed]!)) return undefined;
  if (factors.some((factor) => factor.index.some((index) => index.iterators().includes(along)))) return undefined;
  return { along, summed, descending: toOutput === -1, shift };
}

/** The loops of a running combination: other outputs outside, then along the axis with one accumulator. */
export function emitRunning(item: Item, builder: LoopBuilder, scheduler: Scheduler): void {
  const { along, summed, descending, shift } = item.running!;
  const combine = item.how as Combine;
  const outer = item.axes.filter((axis) => axis.role === "output" && axis.iterator !== along);
  const variables: (Integer | undefined)[] = item.extents.map(() => undefined);
  const opened = outer.map((axis) => {
    const variable = builder.openLoop(axis.extent);
    variables[axis.iterator] = Integer.iterator(variable);
    return variable;
  });
  const accumulator = builder.temporary(item.node.dtype);
  const neutral = { kind: "constant", value: neutralElement[combine], dtype: item.node.dtype } as const;
  builder.emit({ kind: "start", temporary: accumulator, value: neutral });
  const extent = item.extents[along]!;
  const variable = builder.openLoop(extent);
  const position = Integer.iterator(variable);
  variables[along] = position;
  variables[summed] = descending ? position.minus(shift) : position.plus(shift);
  // the triangle is what the running order states; the entering term must still exist
  const entering = { index: variables[summed]!, extent };
  const others = item.guards.filter((guard) => !guard.index.iterators().includes(along));
  const guards = builder.resolveGuards(
    [entering, ...others.map((guard) => ({ index: guard.index.withIterators(variables), extent: guard.extent }))],
    item.node.graph,
  );
  if (guards.length > 0) builder.openCondition();
  builder.emit({ kind: "combine", temporary: accumulator, combine, value: scheduler.termValue(item, variables) });
  if (guards.length > 0) {
    const body = builder.close();
    builder.emit({ kind: "when", guards, body });
  }
  const index = item.output.map((i) => i.withIterators(variables));
  const buffer = scheduler.targetOf(item);
  builder.emit({
    kind: "store",
    buffer,
    address: builder.address(index, item.node.shape, buffer.axes),
    value: { kind: "temporary", temporary: accumulator },
  });
  const along_body = builder.close();
  builder.emit({ kind: "for", variable, from: [Integer.zero], to: [extent], step: 1, descending, body: along_body });
  for (let k = opened.length - 1; k >= 0; k--) {
    const body = builder.close();
    builder.emit({ kind: "for", variable: opened[k]!, from: [Integer.zero], to: [outer[k]!.extent], step: 1, body });
  }
}
