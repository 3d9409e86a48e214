import { unitsOf } from "../../build/units.ts";
import { checkModel } from "../../check/check.ts";
import { type CheckReport, formatReport } from "../../check/report.ts";
import type { CompilableModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import { counted } from "../../ir/counted.ts";
import type { ModelUnits } from "../../units/measured.ts";
import { positive, sizesIn, someNames, wholeNumber } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { InputReader } from "../eval/point.ts";
import { readInputs } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { repeatOnChange } from "../files/watch.ts";
import { readModel } from "../model.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import type { Style } from "../terminal/style.ts";

const checkOptions = {
  runs: { type: "text", short: "n", value: "N", help: "how many random points to try (default: 20)" },
  seconds: { type: "text", value: "S", help: "try no further points after so long (default: 60)" },
  seed: { type: "text", value: "S", help: "the same seed tries the same points (default: 1)" },
  data: { type: "texts", short: "d", value: "FILE.json", help: "values and sizes to use; the rest is drawn" },
  size: { type: "texts", value: "NAME=NUMBER", help: "a size to use; others follow from data, or are drawn" },
  wrt: shared.wrt,
  watch: shared.watch,
  json: { ...shared.json, help: "print the report as JSON, errors too" },
} as const;

export const checkCommand = command({
  operands: "MODEL",
  operandCount: [1, 1],
  description: [
    "Tries random points inside the model's bounds: the gradient against the complex step, the Hessian-vector product by " +
      "every route, the symmetry of the Hessian, generated code against the interpreter. Deviations are printed in units " +
      "of their tolerance: below 1 is right. A failure is shrunk to a small counterexample, which the same seed finds again.",
    "Needs fast-check (npm install --save-dev fast-check). The exit code is 1 when a law fails.",
  ],
  options: checkOptions,
  examples: [
    { command: "nabla check logistic.nabla", says: "at 20 random points" },
    { command: "nabla check logistic.nabla --runs 200 --seed 7", says: "at more, and other ones" },
    { command: "nabla check logistic.nabla --data data.json", says: "on real data, at random parameters" },
    { command: "nabla check logistic.nabla --size d=3", says: "at vectors of three elements" },
    { command: "nabla check logistic.nabla --watch", says: "while you write the model" },
  ],
  run,
});

async function run(call: Call<typeof checkOptions>): Promise<ExitCode> {
  const { io, options, operands } = call;
  const once = () => checkOnce(call);
  if (!options.watch) return once();
  return repeatOnChange([operands[0]!, ...options.data], { io, isJson: options.json }, once);
}

async function checkOnce({ io, style, progress, options, operands }: Call<typeof checkOptions>): Promise<ExitCode> {
  const points = options.runs === undefined ? 20 : wholeNumber("--runs", options.runs, 1);
  const seed = options.seed === undefined ? 1 : wholeNumber("--seed", options.seed, 0);
  const seconds = options.seconds === undefined ? 60 : positive("--seconds", options.seconds);
  const model = await readModel(operands[0]!, { io, isJson: options.json });
  const given = givenTo(model, { ...(await readInputs(options.data, io)), ...sizesIn(options.size) });
  await progress.step(`checking ${model.name} at ${counted(points, "point")}`);
  const wrt = options.wrt === undefined ? {} : { wrt: someNames("--wrt", options.wrt) };
  const report = await checkModel(model, { points, seconds, seed, ...given, ...wrt });
  await progress.done();
  const units = unitsOf(model);
  await io.output.write(
    options.json
      ? `${jsonText({ ...report, ...(units && { units: unitRecord(units) }) })}\n`
      : reportText(report, style) + (units ? unitText(units) : ""),
  );
  return report.passed ? exitCodes.ok : exitCodes.wrong;
}

const unitRecord = (units: ModelUnits) => ({
  loss: units.loss,
  leaves: record([...units.leaves]),
  gradient: record([...units.gradient]),
  outputs: record([...units.outputs]),
});

/** One line for each part of the model: what nabla inferred from the units that the model states. */
function unitText({ leaves, loss, gradient, outputs }: ModelUnits): string {
  const list = (units: ReadonlyMap<string, string>) =>
    [...units].map(([name, unit]) => `${name} in ${unit}`).join(", ");
  const lines = [
    list(leaves),
    loss === undefined ? "" : `loss in ${loss}`,
    gradient.size > 0 ? `gradient: ${list(gradient)}` : "",
    list(outputs),
  ].filter((line) => line !== "");
  return `units agree\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** Inputs from JSON in the form that checks take. */
function givenTo(model: CompilableModel, inputs: Readonly<Record<string, unknown>>) {
  const { tensors, sizes } = new InputReader(model).split(inputs);
  return {
    inputs: record([...tensors].map(([name, { values, shape }]) => [name, { data: values, shape: shape! }] as const)),
    sizes: record(sizes),
  };
}

function reportText(report: CheckReport, style: Style): string {
  const mark = report.passed ? style.green : style.red;
  const [first, ...rest] = formatReport(report).split("\n");
  return [mark(first!), ...rest.map((line) => line.replace(/FAILED/, style.red("FAILED")))].join("\n");
}
