import { createHash } from "node:crypto";
import { type Inputs, record } from "../../../compile/inputs/inputs.ts";
import { fnv1a64 } from "../../../emit/hash.ts";
import { DataError, UsageError } from "../../../ir/errors.ts";
import type { Optimizer } from "../../../optimize/optimizer.ts";
import { optimizerNamed, optimizers } from "../../../optimize/optimizers.ts";
import type { Oracle, OracleAt } from "../../../optimize/oracle.ts";
import { namesIn, someNames, wholeNumber } from "../../arguments.ts";
import type { Call } from "../../command.ts";
import { type DataRead, readData } from "../../data/read.ts";
import { readJsonTensor } from "../../eval/point.ts";
import { readJson, readSource } from "../../files/files.ts";
import { warnOf } from "../../model.ts";
import type { Io } from "../../terminal/io.ts";
import { isFit } from "../fit-file.ts";
import { dataRequest, type fitOptions } from "../options.ts";
import { Batches } from "./batches.ts";
import { coordinateLabels } from "./coordinates.ts";
import { givenModel, settings } from "./given.ts";
import { keepsBounds, type MethodOptions, methodOptions, usualMethod } from "./methods.ts";
import { neededData, type Problem, problemOf } from "./problem.ts";

/** One way to minimise: a method with what it asks. */
export interface Way {
  readonly method: string;
  /** Why this one, where nobody asked for it. */
  readonly why: string | undefined;
  readonly options: MethodOptions;
  readonly optimizer: Optimizer;
  readonly oracle: Oracle | OracleAt;
}

/** Everything settled before the first step. */
export interface Plan {
  readonly problem: Problem;
  readonly read: DataRead;
  readonly set: ReadonlyMap<string, unknown>;
  /** Of the model's text. */
  readonly hash: string;
  readonly file: string;
  readonly seed: number;
  readonly batches: Batches | undefined;
  /** One, or those that are compared. */
  readonly ways: readonly Way[];
  /** What each coordinate is, for people. */
  readonly labels: readonly string[];
  /** The user says which outputs are the residuals. */
  readonly isNamed: boolean;
}

/** Reads model, data and start, and chooses the method. Throws NablaError. */
export async function planOf({ io, progress, options, operands }: Call<typeof fitOptions>): Promise<Plan> {
  const seed = options.seed === undefined ? 1 : wholeNumber("--seed", options.seed, 0);
  const residuals = options.residual === undefined ? undefined : someNames("--residual", options.residual);
  const set = settings(options.set);
  const file = operands[0]!;
  requireOneStandardInput(file, options);
  const source = await readSource(file, io);
  const { model, inputs, sizes } = givenModel(source, set);
  if (!options.json) await warnOf(model, io);
  await progress.step("reading the data");
  const read = await readData(
    model,
    { ...dataRequest(options), needed: neededData(model, residuals), given: new Set(Object.keys(inputs)) },
    io,
  );
  await progress.step(`differentiating ${model.name}`);
  const problem = problemOf({
    model,
    filled: read.filled,
    inputs,
    sizes: { ...Object.fromEntries(read.sizes), ...sizes },
    starts: options.start === undefined ? {} : await startIn(options.start, io),
    wrt: options.wrt === undefined ? undefined : someNames("--wrt", options.wrt),
    residuals,
    seed,
  });
  const batch = options.batch === undefined ? undefined : wholeNumber("--batch", options.batch, 1);
  const batches = batch === undefined ? undefined : new Batches(model, read.filled, batch, seed);
  if (batches && !model.loss) throw new UsageError("--batch needs a model with a loss.");
  return {
    problem,
    read,
    set,
    hash: fnv1a64(source.text),
    file,
    seed,
    batches,
    ways: waysOf(problem, batches, options),
    labels: coordinateLabels(problem, read.filled),
    isNamed: residuals !== undefined,
  };
}

/** Standard input can serve once: as the model, or for data, or as the start. */
function requireOneStandardInput(
  file: string,
  { data, start }: { readonly data: readonly string[]; readonly start: string | undefined },
): void {
  const isRead = [file === "-", start === "-", data.some((text) => /^([^=]*=)?-(:|$)/.test(text))];
  if (isRead.filter((each) => each).length > 1)
    throw new UsageError("standard input can be read only once: use a file for the others.");
}

function waysOf(
  problem: Problem,
  batches: Batches | undefined,
  {
    method,
    compare,
    option,
  }: { readonly method: string | undefined; readonly compare: string | undefined; readonly option: readonly string[] },
): Way[] {
  if (compare !== undefined && method !== undefined)
    throw new UsageError("--compare names its methods: leave --method out.");
  const names = compare === undefined ? undefined : namesIn(compare);
  if (names && names.length < 2) throw new UsageError("--compare needs at least two methods, separated by commas.");
  const traits = {
    residuals: problem.leastSquares?.residualCount,
    hasBounds: hasBounds(problem.box),
    isStochastic: batches !== undefined,
    dimension: problem.names.length,
  };
  const choices = names
    ? names.map((name) => ({ name, why: undefined }))
    : [method === undefined ? usualMethod(traits) : { name: method, why: undefined }];
  const options = methodOptions(
    option,
    choices.map(({ name }) => name),
  );
  const oracle = batches && oracleOfBatches(problem, batches);
  return choices.map(({ name, why }) => {
    const given = options.get(name) ?? {};
    const optimizer = optimizerFor(problem, name, given, batches !== undefined);
    if (batches && optimizer.needsOneLoss)
      throw new UsageError(
        `--batch: ${name} compares losses at several points, and every batch has a loss of its own.`,
        {
          notes: ["Methods of gradients that may be noisy take batches, such as adam, sgd and stochastic-lbfgs."],
        },
      );
    return { method: name, why, options: given, optimizer, oracle: oracle ?? oracleFor(problem, optimizer) };
  });
}

const hasBounds = ({ lower, upper }: Problem["box"]) => lower.some(Number.isFinite) || upper.some(Number.isFinite);

/** What the method asks for. Throws UsageError for a method of residuals and a loss that has none. */
function oracleFor({ oracle, leastSquares, noResiduals }: Problem, { name, needs }: Optimizer): Oracle {
  if (!needs.includes("residuals") && !needs.includes("jacobian")) return oracle;
  if (leastSquares) return leastSquares;
  throw new UsageError(`${name} needs residuals: ${noResiduals ?? "the loss has none."}`, {
    notes: ["Name outputs that are the residuals, --residual NAME, or take a method for any loss."],
  });
}

function oracleOfBatches({ compiled, data, held, sizes }: Problem, batches: Batches): OracleAt {
  const { [batches.sizeName]: _, ...others } = sizes;
  const bound = compiled.bind({ ...data, ...held, ...batches.at(0) }, others);
  return (step) => {
    bound.refill(batches.at(step));
    return bound.flat;
  };
}

function optimizerFor({ box }: Problem, method: string, options: MethodOptions, isStochastic: boolean): Optimizer {
  const found = Object.hasOwn(optimizers, method) ? optimizers[method] : undefined;
  if (!hasBounds(box) || !found) return optimizerNamed(method, options);
  if (keepsBounds(found)) return optimizerNamed(method, { ...box, ...options });
  // of those that keep bounds none takes batches
  const others = isStochastic
    ? []
    : Object.values(optimizers)
        .filter(keepsBounds)
        .map(({ name }) => name);
  throw new UsageError(`${method} does not keep parameters within the bounds of the model.`, {
    notes: [
      others.length > 0
        ? `These do: ${others.join(", ")}.`
        : "Write the model without bounds, for instance with exp of a free parameter.",
    ],
  });
}

/** Values by parameter from a file of starts, or an earlier fit. */
async function startIn(path: string, io: Io): Promise<Inputs> {
  const value = await readJson(path, io);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DataError(`${path} needs one object of values by parameter.`);
  const parameters = (isFit(value) ? value.parameters : value) as Readonly<Record<string, unknown>>;
  return record(
    Object.entries(parameters).map(([name, member]) => {
      const { values, shape } = readJsonTensor(name, member);
      return [name, shape ? { data: values, shape } : Float64Array.from(values)] as const;
    }),
  );
}

/** What a checkpoint must have been made with to serve this fit: model, data, start, method, settings. */
export function identityOf({ problem, hash, ways, seed, batches }: Plan, settings: unknown): string {
  const digest = createHash("sha256");
  const methods = ways.map(({ method, options }) => [method, options]);
  digest.update(JSON.stringify([hash, methods, seed, batches?.batch ?? 0, settings, problem.sizes]));
  digest.update(problem.start);
  for (const [name, values] of Object.entries({ ...problem.data, ...problem.held })) {
    digest.update(name);
    const { data } = values as { readonly data?: Float64Array | readonly number[] };
    digest.update(data instanceof Float64Array ? data : JSON.stringify(values));
  }
  return digest.digest("hex").slice(0, 32);
}
