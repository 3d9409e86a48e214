import { described, isRecord, meant, requireThat } from "../../ir/arguments/arguments.ts";

/**
 * A rate by step as plain data: it can be written to a file, and depends on nothing but the step, so that a resumed
 * run goes on with the same rates. t counts the steps from 0.
 */
export type Schedule =
  /** rate */
  | { readonly kind: "constant"; readonly rate: number }
  /** rate / (1 + t / steps): halved after `steps` steps, then like 1/t. Its sum diverges, that of its squares does not. */
  | { readonly kind: "inverse"; readonly rate: number; readonly steps: number }
  /** rate factor^floor(t / every) */
  | { readonly kind: "step"; readonly rate: number; readonly every: number; readonly factor: number }
  /** rate factor^t */
  | { readonly kind: "exponential"; readonly rate: number; readonly factor: number }
  /** least + (rate - least) (1 + cos(pi min(t, steps) / steps)) / 2. `least` is 0 where left out. */
  | { readonly kind: "cosine"; readonly rate: number; readonly steps: number; readonly least?: number }
  /** (t + 1) / (steps + 1) of the first rate of `after` while t < steps; then `after`, counted from its own start. */
  | { readonly kind: "warmUp"; readonly steps: number; readonly after: Schedule };

/** The rate at step t, counted from 0. */
export function rateAt(schedule: Schedule, t: number): number {
  requireThat(
    isRecord(schedule) && Object.hasOwn(fields, schedule.kind),
    "rateAt",
    'a schedule, such as { kind: "inverse", rate: 0.1, steps: 100 }',
    schedule,
  );
  switch (schedule.kind) {
    case "constant":
      return schedule.rate;
    case "inverse":
      return schedule.rate / (1 + t / schedule.steps);
    case "step":
      return schedule.rate * schedule.factor ** Math.floor(t / schedule.every);
    case "exponential":
      return schedule.rate * schedule.factor ** t;
    case "cosine": {
      const { rate, steps, least = 0 } = schedule;
      return least + ((rate - least) * (1 + Math.cos((Math.PI * Math.min(t, steps)) / steps))) / 2;
    }
    case "warmUp":
      return t < schedule.steps
        ? (rateAt(schedule.after, 0) * (t + 1)) / (schedule.steps + 1)
        : rateAt(schedule.after, t - schedule.steps);
  }
}

interface NumberNeed {
  readonly what: string;
  readonly accepts: (value: number) => boolean;
}
const above0: NumberNeed = {
  what: "a number above 0",
  accepts: (value) => value > 0 && value < Number.POSITIVE_INFINITY,
};
const factor: NumberNeed = { what: "a number above 0 and at most 1", accepts: (value) => value > 0 && value <= 1 };
const least: NumberNeed = { what: "a number of at least 0", accepts: (value) => value >= 0 };

/** The numbers of each kind, and what they may be. */
const fields: Readonly<Record<Schedule["kind"], Readonly<Record<string, NumberNeed>>>> = {
  constant: { rate: above0 },
  inverse: { rate: above0, steps: above0 },
  step: { rate: above0, every: above0, factor },
  exponential: { rate: above0, factor },
  cosine: { rate: above0, steps: above0, least },
  warmUp: { steps: above0 },
};
const optionalFields: readonly string[] = ["least"];

/** A number or a schedule as a schedule; undefined for anything else, a field too much or too few included. */
export function readSchedule(given: unknown): Schedule | undefined {
  if (typeof given === "number") return above0.accepts(given) ? { kind: "constant", rate: given } : undefined;
  if (!isSchedule(given)) return undefined;
  return given.kind === "warmUp" ? { kind: given.kind, steps: given.steps, after: readSchedule(given.after)! } : given;
}

/** A schedule as it may be given: what follows a warm-up may be a number. */
type GivenSchedule =
  | Exclude<Schedule, { readonly kind: "warmUp" }>
  | { readonly kind: "warmUp"; readonly steps: number; readonly after: GivenSchedule | number };

const isSchedule = (given: unknown): given is GivenSchedule => isRecord(given) && scheduleFault(given) === undefined;

/** What is wrong with a record that is to be a schedule; undefined where nothing is, and for anything but a record. */
export function scheduleFault(given: unknown): string | undefined {
  if (!isRecord(given)) return undefined;
  const { kind, ...rest } = given;
  const kinds = Object.keys(fields);
  if (kind === undefined) return `A schedule has a kind: ${kinds.join(", ")}.`;
  if (typeof kind !== "string" || !Object.hasOwn(fields, kind))
    return `No schedule has the kind ${JSON.stringify(kind)}. ${meant(String(kind), kinds)}`;
  const known = fields[kind as Schedule["kind"]];
  const isWarmUp = kind === "warmUp";
  const names = [...Object.keys(known), ...(isWarmUp ? ["after"] : [])];
  const extra = Object.keys(rest).find((name) => !names.includes(name) && rest[name] !== undefined);
  if (extra !== undefined) return `The schedule "${kind}" has no "${extra}". ${meant(extra, names)}`;
  for (const [name, { what, accepts }] of Object.entries(known)) {
    const value = rest[name];
    if (value === undefined && optionalFields.includes(name)) continue;
    if (typeof value !== "number" || !accepts(value))
      return `The schedule "${kind}" needs "${name}": ${what}, got ${described(value)}.`;
  }
  const { after } = rest;
  if (!isWarmUp || (typeof after === "number" && above0.accepts(after))) return undefined;
  return isRecord(after)
    ? scheduleFault(after)
    : `The schedule "warmUp" needs "after": a number above 0 or a schedule, got ${described(after)}.`;
}
