import type { Trial } from "./line.ts";
import { type Conditions, requireSearch } from "./line-search.ts";

/** The ends of an interval that holds a minimiser once it is bracketed; `best` is the end with the lower value. */
interface Interval {
  best: Trial;
  other: Trial;
  isBracketed: boolean;
}

/** An interval shorter than this, beside its far end, ends the search. */
const shortest = 1e-14;

/**
 * The search of More and Thuente (1994): safeguarded cubic and quadratic steps in an interval that shrinks. Until a step
 * has enough decrease and a slope of at least 0, it works on phi(t) - decrease phi'(0) t, whose minimisers satisfy
 * Armijo's condition.
 */
export function* moreThuente(start: Trial, first: number, conditions: Conditions): Generator<number, void, Trial> {
  requireSearch("moreThuente", start, first, conditions);
  const { decrease } = conditions;
  const tilt = decrease * start.slope;
  const interval: Interval = { best: start, other: start, isBracketed: false };
  let isFirstStage = true;
  let width = Number.POSITIVE_INFINITY;
  let widthBefore = Number.POSITIVE_INFINITY;
  let step = first;
  for (;;) {
    const trial = yield step;
    const hasDecrease = trial.value <= start.value + tilt * trial.step;
    if (isFirstStage && hasDecrease && trial.slope >= 0) isFirstStage = false;
    const { best, isBracketed } = interval;
    const least = isBracketed ? Math.min(best.step, interval.other.step) : trial.step + 1.1 * (trial.step - best.step);
    const most = isBracketed ? Math.max(best.step, interval.other.step) : trial.step + 4 * (trial.step - best.step);
    step =
      isFirstStage && trial.value <= best.value && !hasDecrease
        ? tilted(interval, trial, tilt, { least, most })
        : nextStep(interval, trial, { least, most });
    if (!interval.isBracketed) continue;
    const far = interval.other.step;
    const near = interval.best.step;
    if (Math.abs(far - near) >= 0.66 * widthBefore) step = near + 0.5 * (far - near);
    widthBefore = width;
    width = Math.abs(far - near);
    // a minimiser too close to the start for the cubic: the first step was far too long
    if (step === 0) step = 0.01 * far;
    if (!(width > shortest * Math.max(far, near)) || step === near || step === far) return;
  }
}

/** The same step for the function that has the tilt taken off. */
function tilted(interval: Interval, trial: Trial, tilt: number, range: Range): number {
  const original = new Map<Trial, Trial>();
  const lean = (at: Trial): Trial => {
    const leaning = { step: at.step, value: at.value - tilt * at.step, slope: at.slope - tilt };
    original.set(leaning, at);
    return leaning;
  };
  const leaning = { best: lean(interval.best), other: lean(interval.other), isBracketed: interval.isBracketed };
  const step = nextStep(leaning, lean(trial), range);
  interval.best = original.get(leaning.best)!;
  interval.other = original.get(leaning.other)!;
  interval.isBracketed = leaning.isBracketed;
  return step;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Takes a trial into the interval and gives the next step: the four cases of the paper, section 4. */
function nextStep(interval: Interval, trial: Trial, { least, most }: Range): number {
  const { best, other } = interval;
  const changesSign = trial.slope * Math.sign(best.slope) < 0;
  const cubic = cubicMinimiser(best, trial);
  let step: number;
  if (trial.value > best.value) {
    const quadratic = quadraticMinimiser(best, trial);
    step = Math.abs(cubic - best.step) < Math.abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2;
    interval.isBracketed = true;
    interval.other = trial;
    return inside(step, best.step, trial.step);
  }
  if (changesSign) {
    const secant = secantStep(best, trial);
    step = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step) ? cubic : secant;
    interval.isBracketed = true;
    interval.other = best;
    interval.best = trial;
    return inside(step, best.step, trial.step);
  }
  if (Math.abs(trial.slope) < Math.abs(best.slope)) {
    const secant = secantStep(best, trial);
    // the cubic counts where it tends to infinity along the step, or has its minimum beyond it
    const isAhead = Number.isFinite(cubic) && (cubic - trial.step) * (trial.step - best.step) > 0;
    const cubicStep = isAhead ? cubic : trial.step > best.step ? most : least;
    const cubicIsCloser = Math.abs(trial.step - cubicStep) < Math.abs(trial.step - secant);
    if (interval.isBracketed) {
      step = cubicIsCloser ? cubicStep : secant;
      const bound = trial.step + 0.66 * (other.step - trial.step);
      step = trial.step > best.step ? Math.min(bound, step) : Math.max(bound, step);
    } else {
      step = cubicIsCloser ? secant : cubicStep;
      step = Math.max(least, Math.min(most, step));
    }
    interval.best = trial;
    return step;
  }
  interval.best = trial;
  if (!interval.isBracketed) return trial.step > best.step ? most : least;
  return inside(cubicMinimiser(other, trial), other.step, trial.step);
}

/** A number that is one, else the middle. */
function inside(step: number, a: number, b: number): number {
  return Number.isFinite(step) ? Math.min(Math.max(step, Math.min(a, b)), Math.max(a, b)) : a + (b - a) / 2;
}

/** Of the cubic with the values and slopes of a and b; NaN where it has no minimum. */
function cubicMinimiser(a: Trial, b: Trial): number {
  const theta = (3 * (a.value - b.value)) / (b.step - a.step) + a.slope + b.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const square = (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale);
  if (!(square >= 0)) return Number.NaN;
  const root = scale * Math.sqrt(square) * (b.step > a.step ? 1 : -1);
  const p = root - a.slope + theta;
  const q = root - a.slope + root + b.slope;
  return a.step + (p / q) * (b.step - a.step);
}

/** Of the quadratic with the value and slope of a and the value of b. */
export function quadraticMinimiser(a: Trial, b: Trial): number {
  const length = b.step - a.step;
  return a.step + (a.slope / ((a.value - b.value) / length + a.slope) / 2) * length;
}

/** Of the quadratic with the slopes of a and b. */
export function secantStep(a: Trial, b: Trial): number {
  return b.step + (b.slope / (b.slope - a.slope)) * (a.step - b.step);
}
