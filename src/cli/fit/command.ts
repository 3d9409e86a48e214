import { createHash } from "node:crypto";
import { basename } from "node:path";
import { compileModel } from "../../compile/compile.ts";
import { type Inputs, record } from "../../compile/inputs.ts";
import { fnv1a64 } from "../../emit/hash.ts";
import { DataError, NablaError, UsageError } from "../../ir/errors.ts";
import type { Iterate } from "../../optimize/minimize.ts";
import type { Optimizer } from "../../optimize/optimizer.ts";
import { optimizerNamed, optimizers } from "../../optimize/optimizers.ts";
import type { Oracle, OracleAt } from "../../optimize/oracle.ts";
import { helpHint, namesIn, wholeNumber } from "../arguments.ts";
import { replaceFile } from "../atomic.ts";
import { type Call, command } from "../command.ts";
import { type DataRead, readData } from "../data/read.ts";
import { readJsonTensor } from "../eval/point.ts";
import { shortNumber } from "../eval/show.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { readJson, readSource } from "../files.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { warnOf } from "../model.ts";
import { columns, styleFor } from "../style.ts";
import { Batches } from "./batches.ts";
import { CheckpointFile } from "./checkpoint.ts";
import { type FitFile, fitForm, fitText, isFit, shaped } from "./fit-file.ts";
import { givenModel, settings } from "./given.ts";
import type { History } from "./history.ts";
import { keepsBounds, methodOptions, methodsText, methodTable, usualMethod } from "./methods.ts";
import { dataRequest, type FitOptions, fitOptions, limitsIn, tolerancesIn } from "./options.ts";
import { neededData, type Problem, problemOf } from "./problem.ts";
import { bestOf, type Outcome, runMethod } from "./runs.ts";
import { outcomeText, previewText, runsText } from "./show.ts";
import { randomStart } from "./starts.ts";

export const fitCommand = command({
  name: "fit",
  summary: "minimise the loss over the parameters, on data from CSV, JSON or .npy files",
  operands: "MODEL",
  operandCount: [0, 1],
  description: [
    "Data: --data FILE.csv finds columns by the names of the model's data, y for y, and X0, X1, ... or whatever is left " +
      "for a matrix X. --data y=FILE.csv:diagnosis --data X=FILE.csv:2..31 says which: names or positions from 0, ranges " +
      "with both ends, lists with commas. A JSON file holds values by name, or records; a .npy file one array. Text in a " +
      "column is taken as labels, 0, 1, ... in their order. What was bound to what is printed before the fit begins.",
    "Starts and bounds come from the model: param b: [2] within 0..inf = 1. A parameter without a start begins at random, " +
      "the same for the same seed.",
    "Method: by default Levenberg-Marquardt for a sum of squares, a method that keeps bounds where there are some, one " +
      "with Hessians for few parameters, quasi-Newton for many, and Adam for batches. --methods lists all, with their " +
      "options.",
    "The fit goes to MODEL.fit.json: parameters in full precision, the status, and how data were encoded, so that nabla " +
      "predict can do the same to new data. Ctrl-C ends it cleanly and saves the best point.",
    "Exit codes: 0 converged (or with --batch: all steps done); 4 ended before it converged, the best point is saved; 1 the " +
      "model or its data are wrong; 2 the command line is, or a file cannot be read or written.",
  ],
  options: fitOptions,
  examples: [
    { command: "nabla fit misra1a.nabla --data misra1a.csv", says: "columns found by their names" },
    {
      command: "nabla fit logistic.nabla --data y=cells.csv:diagnosis --data X=cells.csv:2..31 --standardise X",
      says: "columns chosen, and standardised",
    },
    {
      command: "nabla fit logistic.nabla -d X=cells.csv:2..31 -d y=cells.csv:diagnosis --labels diagnosis=B:-1,M:1",
      says: "numbers of your own for labels",
    },
    { command: "nabla fit thurber.nabla -d thurber.csv --starts 20 --seed 7", says: "from many starts" },
    {
      command: "nabla fit net.nabla -d big.csv --batch 64 -m adam --option rate=0.01 --iterations 5000",
      says: "by batches",
    },
    { command: "nabla fit net.nabla -d big.csv --checkpoint net.state --resume", says: "go on where it stopped" },
  ],
  run,
});

/** Everything settled before the first step. */
interface Plan {
  readonly problem: Problem;
  readonly read: DataRead;
  readonly set: ReadonlyMap<string, unknown>;
  readonly hash: string;
  readonly file: string;
  readonly method: string;
  readonly why: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly batches: Batches | undefined;
  readonly oracle: Oracle | OracleAt;
}

async function run(call: Call<typeof fitOptions>): Promise<ExitCode> {
  const { io, style, progress, options, operands } = call;
  if (options.methods) {
    await io.output.write(options.json ? `${jsonText(methodTable())}\n` : methodsText(style));
    return exitCodes.ok;
  }
  if (operands.length === 0) throw new UsageError("nabla fit needs MODEL, got nothing.", { notes: [helpHint("fit")] });
  const plan = await planOf(call);
  const { problem } = plan;
  await progress.done();
  if (!options.json) await io.output.write(`${await preview(plan, call)}\n`);
  const optimizer = optimizerFor(plan.method, plan);
  const outcomes = await runStarts(plan, optimizer, call);
  await progress.done();
  const best = withWholeLoss(bestOf(outcomes), plan);
  if (outcomes.length > 1 && !options.json) {
    const titles = outcomes.map((_, k) => (k === 0 ? "the start" : `random start ${k}`));
    await io.output.write(`${runsText(titles, outcomes, bestOf(outcomes), style)}\n`);
  }
  const fit = fitFileOf(plan, best, outcomes);
  if (!options.json)
    await io.output.write(outcomeText({ outcome: best, names: problem.names, method: plan.method, style }));
  await explainFailure(best, plan, io);
  await save(fit, plan, call);
  return exitCodeOf(best, plan);
}

function exitCodeOf({ status }: Outcome, { batches }: Plan): ExitCode {
  if (status.kind === "converged") return exitCodes.ok;
  const isDone = batches !== undefined && status.kind === "limit" && status.limit === "iterations";
  return isDone ? exitCodes.ok : exitCodes.unfinished;
}

/** Reads model, data and start, and chooses the method. Throws NablaError. */
async function planOf({ io, progress, options, operands }: Call<typeof fitOptions>): Promise<Plan> {
  const seed = options.seed === undefined ? 1 : wholeNumber("--seed", options.seed, 0);
  const residuals = options.residual === undefined ? undefined : namesIn(options.residual);
  const set = settings(options.set);
  const file = operands[0]!;
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
    wrt: options.wrt === undefined ? undefined : namesIn(options.wrt),
    residuals,
    seed,
  });
  const batch = options.batch === undefined ? undefined : wholeNumber("--batch", options.batch, 1);
  const batches = batch === undefined ? undefined : new Batches(model, read.filled, batch, seed);
  if (batches && !model.loss) throw new UsageError("--batch needs a model with a loss.");
  const { name: method, why } =
    options.method === undefined ? usualMethod(traitsOf(problem, batches)) : { name: options.method, why: undefined };
  const given = methodOptions(options.option);
  return {
    problem,
    read,
    set,
    hash: fnv1a64(source.text),
    file,
    method,
    why,
    options: given,
    seed,
    batches,
    oracle: batches ? oracleOfBatches(problem, batches) : oracleFor(problem, method, given),
  };
}

function traitsOf({ leastSquares, box, names }: Problem, batches: Batches | undefined) {
  return {
    hasResiduals: leastSquares !== undefined,
    hasBounds: hasBounds(box),
    isStochastic: batches !== undefined,
    dimension: names.length,
  };
}

const hasBounds = ({ lower, upper }: Problem["box"]) => lower.some(Number.isFinite) || upper.some(Number.isFinite);

/** What the method asks for. Throws UsageError for a method of residuals and a loss that has none. */
function oracleFor(problem: Problem, method: string, options: Readonly<Record<string, unknown>>): Oracle {
  const { needs } = optimizerNamed(method, options);
  if (!needs.includes("residuals") && !needs.includes("jacobian")) return problem.oracle;
  if (problem.leastSquares) return problem.leastSquares;
  throw new UsageError(`${method} needs residuals: ${problem.noResiduals ?? "the loss has none."}`, {
    notes: ["Name outputs that are the residuals, --residual NAME, or take a method for any loss."],
  });
}

function oracleOfBatches({ compiled, data, held, sizes }: Problem, batches: Batches): OracleAt {
  const first = batches.at(0);
  const { [batches.sizeName]: _, ...others } = sizes;
  const bound = compiled.bind({ ...data, ...held, ...first }, others);
  return (step) => {
    bound.refill(batches.at(step));
    return bound.flat;
  };
}

function optimizerFor(method: string, { problem, options }: Pick<Plan, "problem" | "options">): Optimizer {
  const found = optimizers[method];
  if (!hasBounds(problem.box) || !found) return optimizerNamed(method, options);
  if (keepsBounds(found))
    return optimizerNamed(method, { lower: problem.box.lower, upper: problem.box.upper, ...options });
  const others = Object.values(optimizers)
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

async function preview(plan: Plan, { io, style }: Call<typeof fitOptions>): Promise<string> {
  const { problem, read, set, method, why, batches } = plan;
  for (const warning of read.warnings) {
    await io.errors.write(`${styleFor(io.errors, io.environment).yellow("warning")}: ${warning}\n`);
  }
  const { leastSquares, names } = problem;
  const notes = [`method\t${method}${why ? `\t${why}` : ""}`];
  if (leastSquares && !batches) notes.push(`\t${leastSquares.residualCount} residuals`);
  if (batches) notes.push(`batches\t${batches.batch} of ${batches.rows} rows\t${batches.stepsPerEpoch} steps an epoch`);
  const rows = leastSquares?.residualCount;
  if (rows !== undefined && rows < names.length)
    await io.errors.write(
      `${styleFor(io.errors, io.environment).yellow("warning")}: ${names.length} parameters for ${rows} residuals: the fit is not unique.\n`,
    );
  return previewText(problem, read.filled, set, notes, style);
}

/** The fit from every start that was asked for, one after the other. */
async function runStarts(
  plan: Plan,
  optimizer: Optimizer,
  { io, progress, options }: Call<typeof fitOptions>,
): Promise<Outcome[]> {
  const count = options.starts === undefined ? 1 : wholeNumber("--starts", options.starts, 1);
  const { problem, seed, oracle } = plan;
  const file = options.checkpoint === undefined ? undefined : new CheckpointFile(options.checkpoint, io);
  if (options.resume && !file) throw new UsageError("--resume needs the checkpoint to go on from: --checkpoint FILE.");
  const identity = identityOf(plan, options, count);
  const saved = options.resume ? await file!.read(identity) : undefined;
  const stop = new AbortController();
  void io.interrupted().then(() => stop.abort("interrupted"));
  const outcomes: Outcome[] = [...(saved?.done ?? [])];
  for (let k = saved?.start ?? 0; k < count && !stop.signal.aborted; k++) {
    const resume = saved?.start === k ? saved : undefined;
    let shownAt = 0;
    let last: Iterate | undefined;
    const save = (iterate: Iterate, history: History) =>
      file?.write({
        problem: identity,
        done: outcomes,
        start: k,
        history: history.points,
        checkpoint: iterate.checkpoint(),
      });
    let lastHistory: History | undefined;
    const outcome = await runMethod({
      optimizer,
      oracle,
      start: k === 0 ? problem.start : randomStart(problem.start, problem.box, seed, k),
      tolerances: tolerancesIn(options.tolerance),
      limits: limitsIn(options),
      signal: stop.signal,
      resume,
      async watch(iterate, history) {
        [last, lastHistory] = [iterate, history];
        if (file?.isDue) save(iterate, history);
        if (performance.now() - shownAt < 100) return;
        shownAt = performance.now();
        await progress.step(liveText(iterate, plan.method, count > 1 ? `start ${k + 1} of ${count}, ` : ""));
      },
    });
    if (file && last && lastHistory) save(last, lastHistory);
    outcomes.push(outcome);
  }
  if (file?.failure)
    await io.errors.write(`${styleFor(io.errors, io.environment).yellow("warning")}: ${file.failure}\n`);
  return outcomes;
}

function liveText(
  { iteration, value, gradientNorm, metricNorm, evaluations }: Iterate,
  method: string,
  where: string,
): string {
  const slope = Number.isNaN(metricNorm)
    ? `|g| ${gradientNorm.toExponential(2)}`
    : `|g|_M ${metricNorm.toExponential(2)}`;
  return `${where}${method} ${iteration}: loss ${shortNumber(value)}, ${slope}, ${evaluations.gradient} gradients`;
}

/** What a checkpoint must have been made with to serve this fit. */
function identityOf(
  { problem, hash, method, options, seed, batches }: Plan,
  { tolerance }: FitOptions,
  count: number,
): string {
  const digest = createHash("sha256");
  digest.update(JSON.stringify([hash, method, options, seed, batches?.batch ?? 0, tolerance, count, problem.sizes]));
  digest.update(problem.start);
  for (const [name, values] of Object.entries({ ...problem.data, ...problem.held })) {
    digest.update(name);
    const { data } = values as { readonly data?: Float64Array | readonly number[] };
    digest.update(data instanceof Float64Array ? data : JSON.stringify(values));
  }
  return digest.digest("hex").slice(0, 32);
}

/** The loss of the whole data in place of that of the last batch. */
function withWholeLoss(outcome: Outcome, { problem, batches }: Plan): Outcome {
  if (!batches) return outcome;
  const gradient = new Float64Array(outcome.point.length);
  const loss = problem.bound.flat.lossAndGradient(outcome.point, gradient);
  return { ...outcome, loss, gradientNorm: Math.hypot(...gradient), metricNorm: Number.NaN };
}

/** For a loss that is NaN where the fit began: where it comes from. */
async function explainFailure({ status, point }: Outcome, { problem }: Plan, io: Io): Promise<void> {
  if (status.kind !== "failed" || status.why !== "notFinite" || !problem.model.loss) return;
  try {
    const wrt = problem.compiled.variableNames;
    const { bind } = { bind: compileModel(problem.model, { debug: true, wrt }) };
    const bound = bind.bind({ ...problem.data, ...problem.held }, problem.sizes);
    bound.lossAndGradient(bound.unpack(point));
  } catch (error) {
    if (!(error instanceof NablaError)) throw error;
    await io.errors.write(`${error.message}\nGive another start: --start FILE.json, or several: --starts 10.\n`);
  }
}

function fitFileOf(plan: Plan, best: Outcome, outcomes: readonly Outcome[]): FitFile {
  const { problem, read, set, seed } = plan;
  const { bound, held, model } = problem;
  const summary = ({ method, status, message, loss, iterations, evaluations, seconds }: Outcome) => ({
    method,
    status: { ...status, message },
    loss,
    iterations,
    evaluations,
    seconds,
  });
  return {
    nabla: fitForm,
    model: { name: model.name, file: basename(plan.file), hash: plan.hash },
    status: { ...best.status, message: best.message },
    method: { name: best.method, options: plan.options },
    loss: best.loss,
    gradientNorm: best.gradientNorm,
    metricNorm: best.metricNorm,
    iterations: best.iterations,
    evaluations: { ...best.evaluations },
    seconds: best.seconds,
    seed,
    parameters: shaped(model, { ...held, ...bound.unpack(best.point) }, bound.sizes),
    held: Object.keys(held),
    set: Object.fromEntries(set),
    sizes: bound.sizes,
    data: Object.fromEntries(read.filled.map(({ name, encoding }) => [name, encoding])),
    ...(outcomes.length > 1 && { starts: outcomes.map(summary) }),
  };
}

/** Writes the fit; where that fails it goes to standard output, so that it is not lost. */
async function save(fit: FitFile, { problem }: Plan, { io, style, options }: Call<typeof fitOptions>): Promise<void> {
  const text = fitText(fit);
  if (options.json) await io.output.write(`${jsonText(fit)}\n`);
  const target = options.output ?? `${problem.model.name}.fit.json`;
  if (target === "-") {
    if (!options.json) await io.output.write(text);
    return;
  }
  try {
    replaceFile(target, text, io);
  } catch (error) {
    if (!options.json) await io.output.write(text);
    throw error;
  }
  if (!options.json) await io.output.write(`\n${columns([[style.green("wrote"), target]]).join("\n")}\n`);
}
