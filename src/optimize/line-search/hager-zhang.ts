import type { Trial } from "./line.ts";
import { type Conditions, requireSearch } from "./line-search.ts";
import { secantStep } from "./more-thuente.ts";

/** How much longer each step is while the loss falls and no bracket is known. */
const growth = 5;
/** A round of secants that leaves more of the interval than this is followed by a bisection. */
const leftAtMost = 0.66;
const shortest = 1e-14;

/** A falling slope with a loss that is about as low as at the start, and a slope that rises. */
interface Bracket {
  low: Trial;
  high: Trial;
}

/**
 * The search of Hager and Zhang (2005): secants on the slope from both ends of a bracket, which rely on slopes where the
 * loss cannot tell points apart. Source: "A new conjugate gradient method with guaranteed descent and an efficient line
 * search", SIAM J. Optim. 16, steps B0-B3, U0-U3 and S1-S4.
 */
export function* hagerZhang(start: Trial, first: number, conditions: Conditions): Generator<number, void, Trial> {
  requireSearch("hagerZhang", start, first, conditions);
  const { slack } = conditions;
  const tooHigh = start.value + slack * Math.abs(start.value);
  const bracket = yield* bracketFrom(start, first, tooHigh);
  for (;;) {
    const width = bracket.high.step - bracket.low.step;
    if (!(width > shortest * bracket.high.step)) return;
    yield* doubleSecant(bracket, tooHigh);
    const left = bracket.high.step - bracket.low.step;
    if (left > leftAtMost * width) {
      const middle = bracket.low.step + left / 2;
      if (!(middle > bracket.low.step && middle < bracket.high.step)) return;
      yield* update(bracket, yield middle, tooHigh);
    }
  }
}

function* bracketFrom(start: Trial, first: number, tooHigh: number): Generator<number, Bracket, Trial> {
  let low = start;
  let trial = yield first;
  for (;;) {
    if (trial.slope >= 0) return { low, high: trial };
    if (trial.value > tooHigh) {
      const bracket = { low: start, high: trial };
      yield* bisect(bracket, tooHigh);
      return bracket;
    }
    low = trial;
    trial = yield growth * trial.step;
  }
}

/** From a loss that is too high at the upper end, with a falling slope: halves until the slope there rises. */
function* bisect(bracket: Bracket, tooHigh: number): Generator<number, void, Trial> {
  for (;;) {
    const middle = bracket.low.step + (bracket.high.step - bracket.low.step) / 2;
    if (!(middle > bracket.low.step && middle < bracket.high.step)) return;
    const trial = yield middle;
    if (trial.slope >= 0) {
      bracket.high = trial;
      return;
    }
    if (trial.value <= tooHigh) bracket.low = trial;
    else bracket.high = trial;
  }
}

/** Takes a trial into the bracket. */
function* update(bracket: Bracket, trial: Trial, tooHigh: number): Generator<number, void, Trial> {
  if (!(trial.step > bracket.low.step && trial.step < bracket.high.step)) return;
  if (trial.slope >= 0) {
    bracket.high = trial;
  } else if (trial.value <= tooHigh) {
    bracket.low = trial;
  } else {
    bracket.high = trial;
    yield* bisect(bracket, tooHigh);
  }
}

function* doubleSecant(bracket: Bracket, tooHigh: number): Generator<number, void, Trial> {
  const { low, high } = bracket;
  const step = secantStep(low, high);
  if (!(step > low.step && step < high.step)) return;
  const trial = yield step;
  yield* update(bracket, trial, tooHigh);
  const again =
    trial === bracket.high
      ? secantStep(high, bracket.high)
      : trial === bracket.low
        ? secantStep(low, bracket.low)
        : Number.NaN;
  if (again > bracket.low.step && again < bracket.high.step) yield* update(bracket, yield again, tooHigh);
}
