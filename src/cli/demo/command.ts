import { join } from "node:path";
import type { CheckReport } from "../../check/report.ts";
import { checkModules, emitModule } from "../../emit.ts";
import { counted } from "../../ir/counted.ts";
import { type Call, command, shared } from "../command.ts";
import { sizeText } from "../compile/command.ts";
import { writeText } from "../files/atomic.ts";
import { makeFolder } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { readModel } from "../model.ts";
import { packageFile } from "../package.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import { columns, type Style } from "../terminal/style.ts";
import { dataOf, type Fitted, fitProblem } from "./fit.ts";
import { type Compared, checkOnData, compareTimes, type Evaluated, evaluatePoints, loadEmitted } from "./measure.ts";
import { problems } from "./problems.ts";
import { timeText } from "./timing.ts";

const demoOptions = {
  output: {
    type: "text",
    short: "o",
    value: "FOLDER",
    help: "where compiled files, fits and reports go (default: nabla-demo)",
  },
  json: shared.json,
} as const;

/** What became of one problem. */
interface Outcome {
  readonly title: string;
  readonly file: string;
  readonly bytes: number;
  readonly check: CheckReport;
  readonly points: readonly Evaluated[];
  /** What v of the Hessian-vector products is. */
  readonly direction: string;
  readonly times: readonly Compared[];
  readonly fitted: Fitted;
}

export const demoCommand = command({
  operands: "",
  operandCount: [0, 0],
  description: [
    "Logistic regression on the breast-cancer data and a NIST nonlinear regression: each model is compiled to a " +
      "TypeScript file, its derivatives are checked on the data, and the file's own functions give loss, gradient norm " +
      "and one Hessian-vector product, timed against the interpreter. Then nabla fit finds the parameters, and draws a " +
      "report to open in a browser.",
  ],
  options: demoOptions,
  examples: [
    { command: "nabla demo", says: "files go to nabla-demo/" },
    { command: "nabla demo --json", says: "the same as JSON" },
  ],
  run,
});

async function run({ io, style, progress, options }: Call<typeof demoOptions>): Promise<ExitCode> {
  const began = performance.now();
  const folder = options.output ?? "nabla-demo";
  makeFolder(folder, io);
  const loaded = [];
  for (const problem of problems) {
    const model = await readModel(packageFile(`grammar/examples/${problem.model}`), { io, isJson: options.json });
    loaded.push({
      problem,
      model,
      data: await dataOf(problem, model, io),
      file: join(folder, problem.model.replace(/nabla$/, "ts")),
    });
  }
  await progress.step("compiling and type-checking two modules");
  const texts = await checkModules(new Map(loaded.map(({ file, model }) => [file, emitModule(model)])));
  const outcomes: Outcome[] = [];
  for (const [k, { problem, model, data, file }] of loaded.entries()) {
    const text = texts.get(file)!;
    await writeText(file, text, io);
    const module = await loadEmitted(text);
    await progress.step(`checking ${model.name} on its data`);
    const check = await checkOnData(model, data);
    await progress.step(`timing ${model.name}`);
    const times = compareTimes(model, problem, data, module);
    await progress.step(`fitting ${model.name}`);
    const outcome: Outcome = {
      title: problem.title,
      file,
      bytes: Buffer.byteLength(text),
      check,
      points: evaluatePoints(problem, data, module),
      direction: problem.direction.says,
      times,
      fitted: await fitProblem(problem, folder, { io, style, progress }),
    };
    outcomes.push(outcome);
    await progress.done();
    if (!options.json) await io.output.write(`${outcomeText(k + 1, outcome, style)}\n`);
  }
  const seconds = (performance.now() - began) / 1000;
  if (options.json) await io.output.write(`${jsonText({ problems: outcomes, seconds })}\n`);
  else
    await io.output.write(
      style.dim(
        `${seconds.toFixed(1)} s in all. Compiled files, fits and reports are in ${folder}/: open the reports in a browser.\n`,
      ),
    );
  const isRight = ({ check, fitted }: Outcome) => check.passed && fitted.fit.status.kind === "converged";
  return outcomes.every(isRight) ? exitCodes.ok : exitCodes.wrong;
}

function outcomeText(
  number: number,
  { title, file, bytes, check, points, direction, times, fitted }: Outcome,
  style: Style,
): string {
  const largest = Math.max(...check.laws.map((law) => law.largest));
  const verdict = check.passed
    ? `${style.green("right")}: ${check.laws.length} laws at ${check.points} random points, largest deviation ${percent(largest)} of the tolerance`
    : style.red("NOT TRUSTED: see nabla check");
  const rows = [
    [style.dim("compiled"), `${file}: ${sizeText(bytes)}, type-checked, no imports`],
    [style.dim("derivatives"), verdict],
    ...points.flatMap(({ name, loss, gradientNorm, hvpNorm, published }) => [
      [style.dim("point"), name],
      ["  loss", `${style.bold(String(loss))}${published ? style.dim(`   ${published.by}: ${published.loss}`) : ""}`],
      ["  |gradient|", String(gradientNorm)],
      ["  |H v|", `${hvpNorm}${style.dim(`   ${direction}`)}`],
    ]),
    ...times.map(({ what, generated, interpreter }, k) => [
      style.dim(k === 0 ? "time" : ""),
      `${what}: ${style.bold(timeText(generated))}, interpreter ${timeText(interpreter)}: ${style.green(ratioText(interpreter / generated))}`,
    ]),
    [style.dim("fit"), fitted.command],
    ["  ended", fitted.fit.status.message],
    [
      "  loss",
      `${style.bold(String(fitted.fit.loss))} after ${counted(fitted.fit.iterations, "step")} of ${fitted.fit.method.name}`,
    ],
    ["  report", fitted.report],
  ];
  return [`${style.cyan(`${number}`)}  ${style.bold(title)}`, ...columns(rows).map((line) => `   ${line}`), ""].join(
    "\n",
  );
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(1)} %`;
}

function ratioText(ratio: number): string {
  return `${Math.round(ratio).toLocaleString("en")} times as fast`;
}
