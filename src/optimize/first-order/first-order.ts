import type { Vector } from "../../numeric/vectors.ts";
import type { Optimizer, OptimizerState } from "../optimizer.ts";
import type { Oracle, OraclePart } from "../oracle.ts";

/** The state of a method that keeps a few vectors as long as the point, by name: averages, sums, rates. */
export interface FirstOrderState<Slot extends string = string> extends OptimizerState {
  readonly slots: Slots<Slot>;
}

export type Slots<Slot extends string> = Readonly<Record<Slot, Vector>>;

/** The vectors of a state whose move is being made: its point and slots are written. */
export type Draft<Slot extends string> = Pick<FirstOrderState<Slot>, "point" | "slots">;

/** A first-order method: how it moves, and what it learns from a gradient. Every slot is written by one of the two. */
export interface Rule<Slot extends string> {
  readonly name: string;
  readonly needs?: readonly OraclePart[];
  readonly slots: readonly Slot[];
  readonly remedy?: string;
  /** The slots at the start; zeros where left out. */
  start?(slots: Slots<Slot>): void;
  /** From a state, whose gradient belongs to its point, to the next point. `state.iteration` moves were made before. */
  move(state: FirstOrderState<Slot>, next: Draft<Slot>): void;
  /**
   * Learns from the gradient just evaluated at `state.point`; the oracle is that of the same batch. `previous` is the
   * state before the move, absent at the start, where the slots hold their first values.
   */
  learn?(state: FirstOrderState<Slot>, oracle: Oracle, previous: FirstOrderState<Slot> | undefined): void;
}

/** Of methods whose rate is all that holds them. */
export const smallerRate = "A smaller rate may help.";

/** The optimiser of a rule: move, evaluate, learn. Vectors of spent states are used again, so steps allocate none. */
export function firstOrder<Slot extends string>(rule: Rule<Slot>): Optimizer<FirstOrderState<Slot>> {
  const fresh = (n: number): Draft<Slot> & { readonly gradient: Vector } => ({
    point: new Float64Array(n),
    gradient: new Float64Array(n),
    slots: Object.fromEntries(rule.slots.map((slot) => [slot, new Float64Array(n)])) as Record<Slot, Vector>,
  });
  const evaluated = (
    iteration: number,
    { point, gradient, slots }: Draft<Slot> & { readonly gradient: Vector },
    oracle: Oracle,
    previous: FirstOrderState<Slot> | undefined,
  ): FirstOrderState<Slot> => {
    const value = oracle.lossAndGradient(point, gradient);
    const state = { iteration, point, value, gradient, metricNorm: Number.NaN, slots };
    rule.learn?.(state, oracle, previous);
    return state;
  };
  return {
    name: rule.name,
    needs: rule.needs ?? [],
    ...(rule.remedy !== undefined && { remedy: rule.remedy }),
    init(oracle, x0) {
      const draft = fresh(x0.length);
      draft.point.set(x0);
      rule.start?.(draft.slots);
      return evaluated(0, draft, oracle, undefined);
    },
    step(state, oracle, spare) {
      const draft = spare ?? fresh(state.point.length);
      rule.move(state, draft);
      return { ok: true, state: evaluated(state.iteration + 1, draft, oracle, state) };
    },
  };
}
