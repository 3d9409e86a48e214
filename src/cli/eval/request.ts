import { isRecord, meant } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import { checkChoice } from "../arguments.ts";

/** What can be asked about a model at a point, in the order of an answer. */
export const wants = ["loss", "gradient", "hvp", "hessian", "outputs"] as const;
export type Want = (typeof wants)[number];

/** The ways to compute; see engines.ts. */
export const engineNames = ["js", "interpreter", "complex", "dual"] as const;
export type EngineName = (typeof engineNames)[number];

/** One evaluation as asked for; inputs and direction are as JSON gave them. */
export interface Request {
  readonly model: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly wrt: readonly string[] | undefined;
  readonly direction: Readonly<Record<string, unknown>> | undefined;
  readonly want: readonly Want[] | undefined;
  readonly engine: EngineName;
}

interface Field {
  readonly needs: string;
  readonly accepts: (value: unknown) => boolean;
}

const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === "string");

const fields: Readonly<Record<string, Field>> = {
  id: { needs: "anything", accepts: () => true },
  model: { needs: "the model's text", accepts: (value) => typeof value === "string" },
  inputs: { needs: "an object of values by name", accepts: isRecord },
  wrt: { needs: "an array of names", accepts: isNames },
  direction: { needs: "an object of values by name", accepts: isRecord },
  want: { needs: `an array of ${wants.join(", ")}`, accepts: isNames },
  engine: { needs: `one of ${engineNames.join(", ")}`, accepts: (value) => typeof value === "string" },
};

/**
 * A request from parsed JSON; `defaults` stand in for fields left out. Throws UsageError, for fields that are not
 * known too: what a client wants to know its answer by goes into the id.
 */
export function readRequest(value: unknown, defaults: Partial<Request> = {}): Request {
  if (!isRecord(value)) throw new UsageError(`a request needs an object, got ${typeNameOf(value)}.`);
  const names = Object.keys(fields);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw new UsageError(`a request has no field "${name}". ${meant(name, names)}`);
  }
  const given = (name: string): unknown => {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (member === undefined || member === null) return defaults[name as keyof Request];
    const field = fields[name]!;
    if (!field.accepts(member)) throw new UsageError(`"${name}" needs ${field.needs}, got ${typeNameOf(member)}.`);
    return member;
  };
  const model = given("model");
  if (model === undefined) throw new UsageError('a request needs "model": the model\'s text.');
  const want = given("want") as readonly string[] | undefined;
  for (const name of want ?? []) checkChoice('"want"', name, wants);
  const engine = (given("engine") as string | undefined) ?? "js";
  checkChoice('"engine"', engine, engineNames);
  return {
    model: model as string,
    inputs: (given("inputs") ?? {}) as Request["inputs"],
    wrt: given("wrt") as Request["wrt"],
    direction: given("direction") as Request["direction"],
    want: want as readonly Want[] | undefined,
    engine: engine as EngineName,
  };
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
