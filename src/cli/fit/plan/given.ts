import type { ElaboratedModel } from "../../../build/model.ts";
import { record } from "../../../compile/inputs/inputs.ts";
import type { TensorInput } from "../../../compile/inputs/tensors.ts";
import { nearestName, UsageError } from "../../../ir/errors.ts";
import type { Source } from "../../../ir/source.ts";
import { overridable } from "../../../model/override.ts";
import { parseModel } from "../../../model/syntax/parse.ts";
import { givenOnce } from "../../arguments.ts";
import { readJsonTensor } from "../../eval/point.ts";
import { numberOf } from "../../files/json.ts";
import { modelWith } from "../../model.ts";

/** A model with what `--set` says of it. */
export interface GivenModel {
  readonly model: ElaboratedModel;
  readonly inputs: Readonly<Record<string, TensorInput>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** `--set NAME=VALUE` by name. Throws UsageError. */
export function settings(texts: readonly string[]): Map<string, unknown> {
  return givenOnce(
    "--set",
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new UsageError(`--set needs NAME=VALUE, got "${text}".`);
      return [text.slice(0, at).trim(), valueIn(text, text.slice(at + 1))] as const;
    }),
  );
}

function valueIn(text: string, value: string): unknown {
  const special = numberOf(value.trim());
  if (special !== undefined) return special;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new UsageError(`--set ${text}: the value needs to be a number, or an array as JSON.`);
  }
}

/** Elaborates a model with other constants and sizes, and data given by value. Throws UsageError for unknown names. */
export function givenModel(source: Source, values: ReadonlyMap<string, unknown>): GivenModel {
  const inText = overridable(parseModel(source));
  const constants = new Map<string, number>();
  for (const [name, value] of values) {
    if (!inText.has(name)) continue;
    if (typeof value !== "number")
      throw new UsageError(`--set ${name}: a ${inText.get(name)} of the model takes one number.`);
    constants.set(name, value);
  }
  const model = modelWith(source, constants);
  const inputs: [string, TensorInput][] = [];
  const sizes: [string, number][] = [];
  for (const [name, value] of values) {
    if (constants.has(name)) continue;
    if (model.data.some((data) => data.name === name)) {
      const { values, shape } = readJsonTensor(name, value);
      inputs.push([name, shape ? { data: values, shape } : Float64Array.from(values)]);
    } else if (model.sizes.free.includes(name)) sizes.push([name, sizeOf(name, value)]);
    else throw unknown(name, model, [...inText.keys()]);
  }
  return { model, inputs: record(inputs), sizes: record(sizes) };
}

function sizeOf(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`--set ${name}: the size needs a whole number, got ${JSON.stringify(value)}.`);
}

function unknown(name: string, { parameters, data, sizes }: ElaboratedModel, inText: readonly string[]): UsageError {
  if (parameters.some((parameter) => parameter.name === name)) {
    return new UsageError(`--set ${name}: it is a parameter.`, {
      notes: [`Where to begin is said with --start FILE.json.`],
    });
  }
  const known = [...inText, ...data.map((each) => each.name), ...sizes.free];
  const near = nearestName(name, known);
  return new UsageError(`--set: the model has no constant, data or size "${name}".`, {
    notes: [near ? `Did you mean "${near}"?` : `It has ${known.join(", ") || "none"}.`],
  });
}
