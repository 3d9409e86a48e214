import { needs, requireArgument, requireThat } from "../../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../../ir/errors.ts";
import type { OptimizerState } from "../optimizer.ts";
import type { Evaluations } from "../oracle.ts";

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint<State extends OptimizerState = OptimizerState> {
  readonly optimizer: string;
  /** False where a limit or a signal came before the first evaluation: the state is then a start only. */
  readonly begun: boolean;
  readonly state: State;
  readonly evaluations: Evaluations;
  readonly best: { readonly point: Float64Array; readonly value: number };
  /** The Euclidean norm of the gradient at the start, for the relative test. */
  readonly firstGradientNorm: number;
  /** The length of the start, beside which a run leaves every bound. */
  readonly firstLength: number;
  /** The loss at the start. */
  readonly firstValue: number;
  readonly last: LastMove;
}

/** The last move beside the point and the loss, for the tests on it; NaN where there is none, or no test asks. */
export interface LastMove {
  readonly step: number;
  readonly value: number;
}

const vectorTag = "float64";
const numberTag = "number";

/**
 * A checkpoint, or any state, as JSON text. Numbers are written so that reading them gives the same bits. Throws UsageError for
 * what JSON cannot hold.
 */
export function serialize(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, entry: unknown) => {
      if (entry instanceof Float64Array) return { [vectorTag]: Array.from(entry, written) };
      if (typeof entry === "number" && typeof written(entry) === "string") return { [numberTag]: written(entry) };
      return entry;
    });
  } catch (error) {
    throw new UsageError(`serialize takes what JSON can hold: ${(error as Error).message}`);
  }
  requireThat(text !== undefined, "serialize", "a value that JSON can hold", value);
  return text;
}

/** Reads what `serialize` wrote. Throws DataError for text that is no such JSON. */
export function deserialize<Value = unknown>(text: string): Value {
  requireArgument("deserialize", needs.text, text);
  try {
    return JSON.parse(text, (_key, entry: unknown) => {
      if (!isRecord(entry)) return entry;
      const keys = Object.keys(entry);
      if (keys.length !== 1) return entry;
      if (keys[0] === vectorTag && Array.isArray(entry[vectorTag])) {
        return Float64Array.from(entry[vectorTag] as (number | string)[], Number);
      }
      return keys[0] === numberTag ? Number(entry[numberTag]) : entry;
    }) as Value;
  } catch (error) {
    throw new DataError(`this is no checkpoint: ${(error as Error).message}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Float64Array);
}

/** JSON has no infinities, no NaN and no -0: they travel as strings. */
function written(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}
