import type { ElaboratedModel } from "../../build/model.ts";
import { evaluateShape } from "../../interpreter/interpret.ts";
import { DataError } from "../../ir/errors.ts";
import type { Status } from "../../optimize/driver/status.ts";
import type { Encoding } from "../data/encoding.ts";
import { readJson } from "../files/files.ts";
import { JsonTensor, jsonText } from "../files/json.ts";
import type { Io } from "../terminal/io.ts";

/** What `nabla fit` writes and `nabla predict` reads. */
export interface FitFile {
  readonly nabla: typeof fitForm;
  readonly model: { readonly name: string; readonly file: string; readonly hash: string };
  readonly status: Status & { readonly message: string };
  readonly method: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metricNorm: number;
  readonly iterations: number;
  readonly evaluations: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly standardErrors?: Readonly<Record<string, unknown>> | undefined;
  /** Condition, flat directions, parameters at bounds, and where standard errors come from. */
  readonly diagnosis: Readonly<Record<string, unknown>>;
  /** Parameters that were not fitted. */
  readonly held: readonly string[];
  /** Constants, data and sizes as `--set` gave them. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly sizes: Readonly<Record<string, number>>;
  /** How data were made from columns. */
  readonly data: Readonly<Record<string, Encoding>>;
  readonly starts?: readonly unknown[] | undefined;
  readonly compared?: readonly unknown[] | undefined;
}

export const fitForm = "fit 1";

/** Vectors by parameter as nested arrays of its shape. */
export function shaped(
  model: ElaboratedModel,
  values: Readonly<Record<string, Float64Array>>,
  sizes: Readonly<Record<string, number>>,
): Record<string, JsonTensor> {
  const known = new Map(Object.entries(sizes));
  return Object.fromEntries(
    model.parameters.flatMap(({ name, expr }) => {
      const vector = values[name];
      return vector ? [[name, new JsonTensor(vector, evaluateShape(expr.shape, known))] as const] : [];
    }),
  );
}

/** A fit as the text of a file. */
export function fitText(fit: FitFile): string {
  return `${jsonText(fit, "  ")}\n`;
}

/** Reads a fit. Throws DataError for a file that is none. */
export async function readFit(path: string, io: Io): Promise<FitFile> {
  const value = await readJson(path, io);
  if (isFit(value)) return value;
  throw new DataError(`${path} is no fit: it needs what "nabla fit" writes.`);
}

/** True of what a file of a fit holds. */
export function isFit(value: unknown): value is FitFile {
  if (typeof value !== "object" || value === null) return false;
  const { nabla, parameters, data } = value as Partial<FitFile>;
  return nabla === fitForm && typeof parameters === "object" && parameters !== null && typeof data === "object";
}
