import { described, isRecord, meant, type Need, needs, requireArgument } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import type { Vector } from "../../numeric/vectors.ts";
import type { Limits } from "./counted.ts";
import type { Tolerances } from "./tolerances.ts";

export const optimizerNeed: Need = {
  what: "a method, such as lbfgs()",
  accepts: (value) => isRecord(value) && typeof value.init === "function" && typeof value.step === "function",
};

/** A copy of the start. Throws UsageError unless it is an array of finite numbers. */
export function checkedStart(x0: ArrayLike<number>): Vector {
  if (typeof x0 !== "object" || typeof x0?.length !== "number")
    throw new UsageError(`the start needs to be an array of numbers, got ${described(x0)}.`);
  const start = Float64Array.from(x0, Number);
  const bad = start.findIndex((entry) => !Number.isFinite(entry));
  if (bad >= 0) throw new UsageError(`the start needs finite numbers, got ${start[bad]} at index ${bad}.`);
  return start;
}

const toleranceNames = ["gradient", "relativeGradient", "metric", "step", "value"] as const;

/** The tolerances if one of them is given, else the standard ones. Throws UsageError for unknown names and numbers below 0. */
export function checkedTolerances(tolerances: Tolerances, standard: Tolerances): Tolerances {
  checkNames("tolerances", tolerances, toleranceNames);
  for (const [name, value] of Object.entries(tolerances)) checkNonNegative(`tolerances.${name}`, value);
  const given = toleranceNames.some((name) => tolerances[name] !== undefined);
  return given ? tolerances : standard;
}

/** The limits as they are. Throws UsageError for unknown names, numbers below 0, and where nothing would end a run. */
export function checkedLimits(limits: Limits, canAbort: boolean): Limits {
  checkNames("limits", limits, ["iterations", "evaluations", "seconds"]);
  const { evaluations = {} } = limits;
  requireArgument("limits.evaluations", needs.record, evaluations);
  checkNames("limits.evaluations", evaluations, ["value", "gradient", "hvp"]);
  checkNonNegative("limits.iterations", limits.iterations);
  checkNonNegative("limits.seconds", limits.seconds);
  for (const [name, value] of Object.entries(evaluations)) {
    checkNonNegative(`limits.evaluations.${name}`, value);
  }
  const others = [limits.seconds, ...Object.values(evaluations)];
  if (limits.iterations === Number.POSITIVE_INFINITY && !canAbort && !others.some(Number.isFinite)) {
    throw new UsageError("limits.iterations is Infinity, and nothing else ends the run.", {
      notes: ["Give limits.evaluations or limits.seconds too, or a signal."],
    });
  }
  return limits;
}

function checkNames(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new UsageError(`${what} has no "${name}". ${meant(name, known)}`);
  }
}

function checkNonNegative(what: string, value: number | undefined): void {
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw new UsageError(`${what} needs a number of at least 0, got ${described(value)}.`);
}
