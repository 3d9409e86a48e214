import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { ElaboratedModel } from "../../build/model.ts";
import {
  checkModule,
  emitModule,
  type ModelReport,
  type ModuleFunctionName,
  reportModel,
  withoutTypes,
} from "../../emit.ts";
import { counted } from "../../ir/counted.ts";
import { UsageError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import { choicesIn, sizesIn, someNames } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { writeText } from "../files/atomic.ts";
import { readText, requireTarget } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { repeatOnChange } from "../files/watch.ts";
import { readModel } from "../model.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import type { Io } from "../terminal/io.ts";
import { columns, type Style } from "../terminal/style.ts";
import { reportText } from "./loop-report.ts";

const functionNames: readonly ModuleFunctionName[] = [
  "loss",
  "gradient",
  "lossAndGradient",
  "hvp",
  "lossGradientHvp",
  "hessian",
];

const compileOptions = {
  output: { ...shared.output, help: "write to FILE (default: standard output)" },
  want: { type: "text", value: "LIST", help: `${functionNames.join(",")} (default: loss,lossAndGradient,hvp)` },
  wrt: shared.wrt,
  exact: { type: "flag", help: "no rewrites that change rounding" },
  wasm: { type: "flag", help: "add WebAssembly, which large sizes run where it may be compiled" },
  unfused: { type: "flag", help: "with --wasm: the same bits on every machine, without relaxed SIMD" },
  js: { type: "flag", help: "write JavaScript instead of TypeScript" },
  report: { type: "flag", help: "say what each loop costs and why it is as it is; without --output, nothing else" },
  size: { type: "texts", value: "NAME=NUMBER", help: "what the report takes a size to be" },
  unchecked: { type: "flag", help: "skip formatting and type-checking: faster, and ts-morph is not needed" },
  force: { type: "flag", help: "overwrite FILE even if nabla did not write it" },
  watch: shared.watch,
  json: { ...shared.json, help: "print what was written as JSON, errors too" },
} as const;

export const compileCommand = command({
  operands: "MODEL",
  operandCount: [1, 1],
  description: [
    "The module exports bind(data), which checks and copies the data once and returns loss, lossAndGradient, hvp and the " +
      "model's outputs as functions of the parameters. It is formatted and type-checked under TypeScript's strictest " +
      "options before it is written. The same model gives the same bytes.",
    "A file that nabla wrote is overwritten; any other needs --force.",
  ],
  options: compileOptions,
  examples: [
    { command: "nabla compile logistic.nabla -o logistic.ts", says: "a typed module" },
    {
      command: "nabla compile logistic.nabla --want lossGradientHvp,hessian -o newton.ts",
      says: "for a Newton method",
    },
    { command: "nabla compile logistic.nabla --js -o logistic.js", says: "for a browser" },
    { command: "nabla compile logistic.nabla -o logistic.ts --watch", says: "again at every change" },
    { command: "nabla compile logistic.nabla --report --size n=10000", says: "what its loops cost" },
  ],
  run,
});

async function run(call: Call<typeof compileOptions>): Promise<ExitCode> {
  const { io, options, operands } = call;
  if (!options.watch) return compileOnce(call);
  if (options.output === undefined) throw new UsageError("--watch needs --output: it writes the file again and again.");
  return repeatOnChange(operands, { io, isJson: options.json }, () => compileOnce(call));
}

/** The module's text, formatted and checked unless told otherwise; `step` hears what is under way. */
async function moduleText(
  model: ElaboratedModel,
  options: {
    readonly functions?: readonly ModuleFunctionName[];
    readonly wrt?: readonly string[];
    readonly rewrites?: "exact";
    readonly webAssembly?: boolean | { readonly fused?: boolean };
  },
  { name, isUnchecked = false, step }: { name: string; isUnchecked?: boolean; step: (text: string) => Promise<void> },
): Promise<string> {
  await step(`differentiating ${model.name}`);
  const text = emitModule(model, options);
  if (isUnchecked) return text;
  await step(`type-checking ${name}`);
  return checkModule(text);
}

async function compileOnce(call: Call<typeof compileOptions>): Promise<ExitCode> {
  const { io, style, progress, options, operands } = call;
  const began = performance.now();
  const target = options.output ?? "-";
  await checkTarget(target, operands[0]!, options.force, io);
  const functions = options.want === undefined ? undefined : choicesIn("--want", options.want, functionNames);
  const model = await readModel(operands[0]!, { io, isJson: options.json });
  const choices = {
    ...(functions && { functions }),
    ...(options.wrt !== undefined && { wrt: someNames("--wrt", options.wrt) }),
    ...(options.exact && { rewrites: "exact" as const }),
    ...(options.wasm && { webAssembly: { fused: !options.unfused } }),
  };
  const step = (text: string) => progress.step(text);
  if (options.unfused && !options.wasm) throw new UsageError("--unfused says how --wasm computes: use both.");
  if (options.size.length > 0 && !options.report) throw new UsageError("--size says what --report takes sizes to be.");
  const report = options.report ? reportModel(model, { ...choices, sizes: sizesIn(options.size) }) : undefined;
  if (report && options.output === undefined) {
    await progress.done();
    await io.output.write(options.json ? `${jsonText(report)}\n` : reportText(report, style));
    return exitCodes.ok;
  }
  const typed = await moduleText(model, choices, { name: basename(target), isUnchecked: options.unchecked, step });
  const text = options.js ? await withoutTypes(typed) : typed;
  await progress.done();
  const summary = {
    file: target,
    bytes: Buffer.byteLength(text),
    lines: text.split("\n").length - 1,
    milliseconds: Math.round(performance.now() - began),
    functions: functions ?? (model.loss ? ["loss", "lossAndGradient", "hvp"] : []),
    outputs: [...model.outputs.keys()],
    parameters: model.parameters.map(({ name, expr }) => `${name} ${showShape(expr.shape)}`),
    data: model.data.map(({ name, expr }) => `${name} ${showShape(expr.shape)}`),
    ...(report && { report }),
  };
  await tell(summary, text, call);
  return exitCodes.ok;
}

/** What was written. */
interface Summary {
  /** "-" for standard output. */
  readonly file: string;
  readonly bytes: number;
  readonly lines: number;
  readonly milliseconds: number;
  readonly functions: readonly string[];
  readonly outputs: readonly string[];
  readonly parameters: readonly string[];
  readonly data: readonly string[];
  readonly report?: ModelReport;
}

/** Writes the module, and says of it what the options ask for. */
async function tell(
  summary: Summary,
  text: string,
  { io, style, options }: Call<typeof compileOptions>,
): Promise<void> {
  const { file } = summary;
  if (options.json && file === "-") return io.output.write(`${jsonText({ ...summary, text })}\n`);
  await writeText(file, text, io);
  if (options.json) await io.output.write(`${jsonText(summary)}\n`);
  else if (file !== "-") await io.output.write(summaryText(summary, options.unchecked, style));
}

function summaryText(summary: Summary, isUnchecked: boolean, style: Style): string {
  const { file, bytes, lines, milliseconds, report } = summary;
  const list = (names: readonly string[]) => names.join(", ").replaceAll(" []", "") || "none";
  const checked = isUnchecked ? "" : ", type-checked";
  return [
    `${style.green("wrote")} ${file}: ${sizeText(bytes)}, ${counted(lines, "line")}${checked}, ${milliseconds} ms`,
    ...columns([
      [style.dim("  functions"), list(summary.functions)],
      [style.dim("  outputs"), list(summary.outputs)],
      [style.dim("  parameters"), list(summary.parameters)],
      [style.dim("  data"), list(summary.data)],
    ]),
    ...(report ? ["", reportText(report, style)] : [""]),
  ].join("\n");
}

export function sizeText(bytes: number): string {
  return bytes < 1000 ? counted(bytes, "byte") : `${(bytes / 1000).toFixed(1)} kB`;
}

/** Only what nabla wrote is overwritten unasked. */
async function checkTarget(target: string, model: string, isForced: boolean, io: Io): Promise<void> {
  requireTarget(target, io, [model]);
  // a pipe or a device holds nothing that could be lost, and reading it may never end
  const isFile = statSync(resolve(io.folder, target), { throwIfNoEntry: false })?.isFile();
  if (target === "-" || isForced || !isFile) return;
  const text = await readText(target, io);
  if (text === "" || text.startsWith("// Generated by nabla")) return;
  throw new UsageError(`${target} exists and nabla did not write it.`, { notes: ["Write --force to overwrite it."] });
}
