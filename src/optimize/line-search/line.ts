import { dot, moveTo, type Vector } from "../../numeric/vectors.ts";
import type { Oracle } from "../oracle.ts";

/** What a search along a line knows of one step t: phi(t) = loss(x + t d) and phi'(t) = <gradient, d>. */
export interface Trial {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** A function of one number with its derivative: all that a line search sees. */
export interface Line {
  /** phi and phi' at 0; the slope is negative. */
  readonly start: Trial;
  at(step: number): Trial;
}

/** Arrays for a point and the gradient there. */
export interface Place {
  point: Vector;
  gradient: Vector;
}

/** Room for a point and the gradient there. */
export function newPlace(n: number): Place {
  return { point: new Float64Array(n), gradient: new Float64Array(n) };
}

/**
 * The line x + t d of an oracle. It remembers two of its trials with their gradients, the last and the lowest, so that
 * taking one of them costs no evaluation.
 */
export class Ray implements Line {
  readonly start: Trial;
  private readonly oracle: Oracle;
  private readonly origin: Vector;
  private readonly direction: Vector;
  /** Takes the rounding off that leads out of bounds. */
  private readonly confine: ((point: Vector) => void) | undefined;
  private lowest: Trial | undefined;
  private last: Trial | undefined;
  private lowestPlace: Place;
  private lastPlace: Place;

  constructor(
    oracle: Oracle,
    from: { readonly point: Vector; readonly value: number },
    along: { readonly direction: Vector; readonly slope: number },
    places: readonly [Place, Place],
    confine?: (point: Vector) => void,
  ) {
    this.confine = confine;
    this.oracle = oracle;
    this.origin = from.point;
    this.direction = along.direction;
    this.start = { step: 0, value: from.value, slope: along.slope };
    [this.lastPlace, this.lowestPlace] = places;
  }

  at(step: number): Trial {
    if (this.last && this.last === this.lowest) this.swap();
    const { point, gradient } = this.lastPlace;
    moveTo(point, this.origin, step, this.direction);
    this.confine?.(point);
    const value = this.oracle.lossAndGradient(point, gradient);
    const trial = { step, value, slope: dot(gradient, this.direction) };
    this.last = trial;
    if (!this.lowest || value < this.lowest.value || Number.isNaN(this.lowest.value)) {
      this.lowest = trial;
    }
    return trial;
  }

  private swap(): void {
    [this.lastPlace, this.lowestPlace] = [this.lowestPlace, this.lastPlace];
    this.last = undefined;
  }

  /** Where a trial was made: its arrays, and the other pair, which is free. Evaluates again what it has forgotten. */
  placeOf(trial: Trial): { readonly taken: Place; readonly free: Place } {
    if (trial !== this.last && trial !== this.lowest) this.at(trial.step);
    const isLast = trial === this.last || trial !== this.lowest;
    return isLast
      ? { taken: this.lastPlace, free: this.lowestPlace }
      : { taken: this.lowestPlace, free: this.lastPlace };
  }
}
