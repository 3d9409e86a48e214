import { basename } from "node:path";
import { compileModel } from "../../compile/compile.ts";
import { counted } from "../../ir/counted.ts";
import { NablaError, UsageError } from "../../ir/errors.ts";
import { norm } from "../../numeric/vectors.ts";
import { helpHint } from "../arguments.ts";
import { type Call, command } from "../command.ts";
import { replaceFile } from "../files/atomic.ts";
import { requireTarget } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import type { Io } from "../terminal/io.ts";
import { columns, styleFor } from "../terminal/style.ts";
import { type Diagnosis, diagnose, type Likelihood } from "./diagnosis/diagnosis.ts";
import { type FitFile, fitForm, fitText, shaped } from "./fit-file.ts";
import { fitOptions } from "./options.ts";
import { leadingRows } from "./plan/batches.ts";
import { methodsText, methodTable } from "./plan/methods.ts";
import { type Plan, planOf } from "./plan/plan.ts";
import { execute, type Runs } from "./run/execute.ts";
import { bestOf, type Outcome } from "./run/runs.ts";
import { diagnosisText, outcomeText, previewText, runsText } from "./show.ts";
import { directionText } from "./wording.ts";

export const fitCommand = command({
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
    "Standard errors come with losses that are one sum of squares, from s^2 (J'J)^-1; --likelihood says that the loss is a " +
      "negative log-likelihood, as it stands or as the mean over rows, and they come from its inverse Hessian. --report " +
      "draws everything into one HTML file that needs no network.",
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
    { command: "nabla fit misra1a.nabla -d misra1a.csv --report misra1a.html", says: "with curves, errors, residuals" },
    {
      command: "nabla fit misra1a.nabla -d misra1a.csv --compare bfgs,trust-exact,adam --report race.html",
      says: "a race",
    },
    { command: "nabla fit net.nabla -d big.csv --checkpoint net.state --resume", says: "go on where it stopped" },
  ],
  run,
});

/** What a fit ends with. */
interface Found {
  readonly plan: Plan;
  readonly runs: Runs;
  readonly best: Outcome;
  readonly diagnosis: Diagnosis;
}

async function run(call: Call<typeof fitOptions>): Promise<ExitCode> {
  const { io, style, progress, options, operands } = call;
  if (options.methods) {
    await io.output.write(options.json ? `${jsonText(methodTable())}\n` : methodsText(style));
    return exitCodes.ok;
  }
  if (operands.length === 0) throw new UsageError("nabla fit needs MODEL, got nothing.", { notes: [helpHint("fit")] });
  if (options.report !== undefined && !/\.html?$/i.test(options.report))
    throw new UsageError(`--report needs FILE.html, got "${options.report}".`);
  const targets = [options.output, options.report, options.checkpoint];
  for (const file of targets) requireTarget(file, io, operands);
  // where the fit itself goes to standard output, nothing else does
  const isText = !options.json && options.output !== "-";
  const plan = await planOf(call);
  for (const file of [...targets, targetOf(plan, options.output)]) requireTarget(file, io, plan.read.files);
  await progress.done();
  const stop = new AbortController();
  void io.interrupted().then(() => stop.abort("interrupted"));
  await warn(warningsOf(plan), io);
  if (isText) await io.output.write(`${previewText(plan, style)}\n`);
  const ran = await execute(plan, stop.signal, call);
  await progress.step("looking at the Hessian");
  const found = foundOf(plan, ran, options.likelihood as Likelihood | undefined);
  await progress.done();
  const { runs, best, diagnosis } = found;
  // first of all: what is saved, nothing can take away
  const written = await save(found, call);
  if (runs.failure) await warn([runs.failure], io);
  if (best.status.kind === "converged" && isSaddle(diagnosis)) await warn([saddleWarning], io);
  if (isText) {
    if (runs.outcomes.length > 1) await io.output.write(`${runsText(runs, best, style)}\n`);
    await io.output.write(outcomeText({ outcome: best, labels: plan.labels, diagnosis, style }));
    await io.output.write(diagnosisText(diagnosis, plan.labels, style));
  }
  await explainFailure(best, plan, io);
  if (isText && written.length > 0)
    await io.output.write(`\n${columns([[style.green("wrote"), written.join(", ")]]).join("\n")}\n`);
  return exitCodeOf(found);
}

function exitCodeOf({ best: { status }, plan: { batches }, diagnosis }: Found): ExitCode {
  if (status.kind === "converged") return isSaddle(diagnosis) ? exitCodes.unfinished : exitCodes.ok;
  const isDone = batches !== undefined && status.kind === "limit" && status.limit === "iterations";
  return isDone ? exitCodes.ok : exitCodes.unfinished;
}

/** Whether the gradient has vanished where the loss still falls along some direction. */
const isSaddle = ({ curvature }: Diagnosis) => curvature?.isIndefinite === true;
const saddleWarning =
  "the gradient vanishes here, and it is no minimum. Give another start: --start FILE.json, or several: --starts 10.";

function foundOf(plan: Plan, ran: Runs, likelihood: Likelihood | undefined): Found {
  // the losses of single batches compare nothing
  const runs = { ...ran, outcomes: ran.outcomes.map((outcome) => withWholeLoss(outcome, plan)) };
  const best = bestOf(runs.outcomes);
  const { problem, read, isNamed } = plan;
  const rows = leadingRows(problem.model, read.filled) ?? 1;
  return { plan, runs, best, diagnosis: diagnose(problem, best, { likelihood, rows, isNamed }) };
}

async function warn(warnings: readonly string[], io: Io): Promise<void> {
  const style = styleFor(io.errors, io.environment);
  for (const warning of warnings) await io.errors.write(`${style.yellow("warning")}: ${warning}\n`);
}

function warningsOf({ problem, read, isNamed }: Plan): string[] {
  const { residuals, names } = problem;
  const [count = 0, ...others] = residuals?.residualCounts ?? [];
  const isUnderdetermined = residuals !== undefined && (isNamed || others.length === 0) && count < names.length;
  return [
    ...read.warnings,
    ...(isUnderdetermined
      ? [`${counted(names.length, "parameter")} for ${counted(count, "residual")}: the fit is not unique.`]
      : []),
  ];
}

/** The loss of the whole data in place of that of the last batch. */
function withWholeLoss(outcome: Outcome, { problem, batches }: Plan): Outcome {
  if (!batches) return outcome;
  const gradient = new Float64Array(outcome.point.length);
  const loss = problem.bound.flat.lossAndGradient(outcome.point, gradient);
  return { ...outcome, loss, gradientNorm: norm(gradient), metricNorm: Number.NaN };
}

/** For a loss that is NaN where the fit began: where it comes from. */
async function explainFailure({ status, point }: Outcome, { problem }: Plan, io: Io): Promise<void> {
  if (status.kind !== "failed" || status.why !== "notFinite" || !problem.model.loss) return;
  try {
    const wrt = [...problem.compiled.variableNames];
    const compiled = compileModel(problem.model, { debug: true, wrt });
    const bound = compiled.bind({ ...problem.data, ...problem.held }, problem.sizes);
    bound.lossAndGradient(bound.unpack(point));
  } catch (error) {
    if (!(error instanceof NablaError)) throw error;
    await io.errors.write(`${error.message}\nGive another start: --start FILE.json, or several: --starts 10.\n`);
  }
}

function fitFileOf({ plan, runs, best, diagnosis }: Found): FitFile {
  const { problem, read, set, seed, ways, labels } = plan;
  const { bound, held, model } = problem;
  const way = ways.find(({ method }) => method === best.method) ?? ways[0]!;
  const summaries = runs.outcomes.map(({ method, status, message, loss, iterations, evaluations, seconds }) => ({
    method,
    status: { ...status, message },
    loss,
    iterations,
    evaluations: { ...evaluations },
    seconds,
  }));
  const errors = diagnosis.uncertainty?.standardErrors;
  return {
    nabla: fitForm,
    model: { name: model.name, file: basename(plan.file), hash: plan.hash },
    status: { ...best.status, message: best.message },
    method: { name: way.method, options: way.options },
    loss: best.loss,
    gradientNorm: best.gradientNorm,
    metricNorm: best.metricNorm,
    iterations: best.iterations,
    evaluations: { ...best.evaluations },
    seconds: best.seconds,
    seed,
    parameters: shaped(model, { ...held, ...bound.unpack(best.point) }, bound.sizes),
    ...(errors && { standardErrors: shaped(model, bound.unpack(errors), bound.sizes) }),
    diagnosis: savedDiagnosis(diagnosis, labels),
    held: Object.keys(held),
    set: Object.fromEntries(set),
    sizes: bound.sizes,
    data: Object.fromEntries(read.filled.map(({ name, encoding }) => [name, encoding])),
    ...(runs.outcomes.length > 1 && { [runs.kind === "starts" ? "starts" : "compared"]: summaries }),
  };
}

/** What the file of a fit says of the loss around the point. */
function savedDiagnosis(
  { atBounds, curvature, noCurvature, uncertainty, noErrors }: Diagnosis,
  labels: readonly string[],
) {
  return {
    condition: curvature?.condition,
    unscaledCondition: curvature?.unscaledCondition,
    isIndefinite: curvature?.isIndefinite,
    flat: curvature?.flat.map((direction) => directionText(direction, labels)),
    endless: curvature?.endless.map((direction) => directionText(direction, labels)),
    noCurvature,
    atBounds: atBounds.map(({ coordinate, side, bound }) => ({ parameter: labels[coordinate], side, bound })),
    standardErrorsFrom: uncertainty?.from,
    deviation: uncertainty?.residuals?.deviation,
    degreesOfFreedom: uncertainty?.residuals?.degreesOfFreedom,
    noErrors,
  };
}

/** The file that the fit goes to. */
const targetOf = ({ problem }: Plan, output: string | undefined) => output ?? `${problem.model.name}.fit.json`;

/**
 * Writes fit and report, and returns their names; where the fit cannot be written it goes to standard output, so that it
 * is not lost.
 */
async function save(found: Found, { io, options }: Call<typeof fitOptions>): Promise<string[]> {
  const fit = fitFileOf(found);
  const text = fitText(fit);
  const print = () => io.output.write(options.json ? `${jsonText(fit)}\n` : text);
  const target = targetOf(found.plan, options.output);
  // the file first: whoever reads the output may be gone
  if (target !== "-") {
    try {
      replaceFile(target, text, io);
    } catch (error) {
      await print();
      throw error;
    }
  }
  if (options.json || target === "-") await print();
  if (options.report !== undefined) replaceFile(options.report, await reportOf(found), io);
  return [target, options.report].filter((name) => name !== undefined && name !== "-") as string[];
}

async function reportOf({ plan, runs, best, diagnosis }: Found): Promise<string> {
  // loaded where it is needed: other commands start faster without it
  const { reportHtml } = await import("../report/report.ts");
  const { problem, read, ways, labels, batches } = plan;
  const { residuals: oracle } = problem;
  const residuals = oracle && new Float64Array(oracle.residualCount);
  if (residuals) oracle.residuals(best.point, residuals);
  const isShown = residuals !== undefined && (plan.isNamed || oracle!.residualCounts.length === 1);
  return reportHtml({
    model: problem.model.name,
    method: best.method,
    why: ways.length === 1 ? ways[0]!.why : undefined,
    outcome: best,
    labels,
    start: problem.start,
    diagnosis,
    filled: read.filled,
    others: runs.outcomes.length > 1 ? runs : undefined,
    residuals: isShown ? residuals : undefined,
    isStochastic: batches !== undefined,
  });
}
