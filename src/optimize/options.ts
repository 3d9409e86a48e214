import { described, meant, needs, requireArgument } from "../ir/arguments/arguments.ts";
import { UsageError } from "../ir/errors.ts";
import { readSchedule, type Schedule, scheduleFault } from "./first-order/schedule.ts";

/** One option of a method, as data: what it is, what it takes, what it is when it is left out. */
export interface Option<Value = unknown> {
  /** A line for people, with units where the value has some. */
  readonly about: string;
  /** What it takes, as in "needs a number above 0". */
  readonly needs: string;
  /** Absent: the option has to be given. */
  readonly default?: Value;
  /** What was given as a value, or undefined where it is none. */
  read(given: unknown): Value | undefined;
  /** Which part of a value that has parts is wrong, where one is. */
  fault?(given: unknown): string | undefined;
}

export interface OptionalOption<Value = unknown> extends Option<Value> {
  readonly default: Value;
}

export type OptionTable = Readonly<Record<string, Option>>;

type ValueOf<Entry> = Entry extends Option<infer Value> ? Value : never;
type RequiredNames<Options> = {
  [Name in keyof Options]: Options[Name] extends OptionalOption ? never : Name;
}[keyof Options];

/** Every option with its value: what a method is made from. */
export type Settings<Options> = { readonly [Name in keyof Options]: ValueOf<Options[Name]> };

/** What a caller gives: options with a default may be left out, a number may stand for a schedule. */
export type Given<Options> = {
  readonly [Name in RequiredNames<Options>]: Acceptable<ValueOf<Options[Name]>>;
} & { readonly [Name in Exclude<keyof Options, RequiredNames<Options>>]?: Acceptable<ValueOf<Options[Name]>> };

type Acceptable<Value> = [Value] extends [Schedule] ? Schedule | number : Value;

/** The arguments of a method's function: nothing at all where every option has a default. */
export type Arguments<Options> = [RequiredNames<Options>] extends [never]
  ? [options?: Given<Options>]
  : [options: Given<Options>];

function option<Value>(
  needs: string,
  read: (given: unknown) => Value | undefined,
  fault?: (given: unknown) => string | undefined,
): {
  (about: string): Option<Value>;
  (about: string, fallback: Value): OptionalOption<Value>;
} {
  return (about: string, fallback?: Value) =>
    ({
      about,
      needs,
      read,
      ...(fault && { fault }),
      ...(fallback === undefined ? {} : { default: fallback }),
    }) as OptionalOption<Value>;
}

function numberWhere(test: (value: number) => boolean): (given: unknown) => number | undefined {
  return (given) => (typeof given === "number" && test(given) ? given : undefined);
}

/** A rate of decay, a tolerance, a factor: finite and above 0. */
export const positive = option(
  "a number above 0",
  numberWhere((value) => value > 0 && value < Number.POSITIVE_INFINITY),
);

/** Above 0; infinity means no bound. */
export const bound = option(
  "a number above 0",
  numberWhere((value) => value > 0),
);

/** Finite and at least 0. */
export const nonNegative = option(
  "a number of at least 0",
  numberWhere((value) => value >= 0 && value < Number.POSITIVE_INFINITY),
);

/** What is kept of an average at each step: in [0, 1). */
export const fraction = option(
  "a number from 0 to below 1",
  numberWhere((value) => value >= 0 && value < 1),
);

/** Above 0 and at most 1. */
export const share = option(
  "a number above 0 and at most 1",
  numberWhere((value) => value > 0 && value <= 1),
);

/** A whole number of at least 1. */
export const count = option(
  "a whole number of at least 1",
  numberWhere((value) => Number.isSafeInteger(value) && value >= 1),
);

/** true or false. */
export const flag = option("true or false", (given) => (typeof given === "boolean" ? given : undefined));

/** Numbers in a list or an array, infinities among them. */
export const numbers = option<ArrayLike<number>>("a list of numbers", (given) => {
  const isList = Array.isArray(given) || given instanceof Float64Array;
  return isList && given.every((entry: unknown) => typeof entry === "number" && !Number.isNaN(entry))
    ? given
    : undefined;
});

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return option<Word>(words.map((word) => JSON.stringify(word)).join(" or "), (given) =>
    words.find((word) => word === given),
  );
}

const scheduled = option<Schedule>("a number above 0 or a schedule", readSchedule, scheduleFault);

/** A rate that may depend on the step: a number, or a schedule. */
export function rate(about: string, fallback: number): OptionalOption<Schedule> {
  return scheduled(about, { kind: "constant", rate: fallback });
}

/** Checks what a caller gave and fills in the rest. Throws UsageError. */
export function readOptions<Options extends OptionTable>(
  method: string,
  options: Options,
  given: Readonly<Record<string, unknown>> = {},
): Settings<Options> {
  requireArgument(`"options" of ${method}`, needs.record, given);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(options, name))
      throw new UsageError(`${method} has no option "${name}". ${meant(name, Object.keys(options))}`);
  }
  const settings: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(options)) {
    const value = given[name];
    if (value === undefined && !("default" in entry)) {
      throw new UsageError(`${method} needs the option ${name}: ${entry.about}.`, {
        notes: [`It takes ${entry.needs}.`],
      });
    }
    settings[name] = value === undefined ? entry.default : entry.read(value);
    if (settings[name] === undefined) {
      const fault = entry.fault?.(value);
      throw new UsageError(`${method}: ${name} needs ${entry.needs}, got ${shown(value)}.`, {
        notes: [
          ...(fault === undefined ? [] : [fault]),
          ...("default" in entry ? [`Left out, it is ${shownDefault(entry.default)}.`] : []),
        ],
      });
    }
  }
  return settings as Settings<Options>;
}

/** An option as a command line gives it: JSON where it reads as such (0.1, true, {"kind": ...}), else the word itself. */
export function optionFromText(text: string): unknown {
  requireArgument("optionFromText", needs.text, text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shownDefault(value: unknown): string {
  const schedule = readSchedule(value);
  return shown(schedule?.kind === "constant" ? schedule.rate : value);
}

function shown(value: unknown): string {
  return (
    (typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : undefined) ?? described(value)
  );
}
