import type { ElaboratedModel } from "../../build/model.ts";
import { compileModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import type { TensorInput } from "../../compile/inputs/tensors.ts";
import { leavesOf } from "../../compile/inputs/verify.ts";
import { fnv1a64 } from "../../emit/hash.ts";
import { DataError, nearestName, UsageError } from "../../ir/errors.ts";
import { someNames } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { readData } from "../data/read.ts";
import { readJsonTensor } from "../eval/point.ts";
import { answerText } from "../eval/show.ts";
import { replaceFile } from "../files/atomic.ts";
import { readSource, requireTarget } from "../files/files.ts";
import { JsonTensor, jsonText, numberText } from "../files/json.ts";
import { type FitFile, readFit } from "../fit/fit-file.ts";
import { dataOptions, dataRequest } from "../fit/options.ts";
import { givenModel, settings } from "../fit/plan/given.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import { styleFor } from "../terminal/style.ts";

const predictOptions = {
  parameters: { type: "text", short: "p", value: "FILE.json", help: "a fit, as nabla fit writes it" },
  ...dataOptions,
  outputs: {
    type: "text",
    value: "NAMES",
    help: "the outputs to evaluate, separated by commas (default: all that the data allow)",
  },
  output: {
    type: "text",
    short: "o",
    value: "FILE",
    help: "write to FILE.csv (a row for each row of data) or FILE.json",
  },
  json: shared.json,
} as const;

export const predictCommand = command({
  operands: "MODEL",
  operandCount: [1, 1],
  description: [
    "New data need only what the outputs read: a model that was fitted to X and y predicts from X alone. Columns are found " +
      "by the names that they had in the fit, and get the same codes for labels and the same means and deviations.",
  ],
  options: predictOptions,
  examples: [
    {
      command: "nabla predict logistic.nabla --parameters logistic.fit.json --data new.csv",
      says: "every output that the data allow",
    },
    {
      command: "nabla predict logistic.nabla -p logistic.fit.json -d X=new.csv:0..29 --outputs chance -o chances.csv",
      says: "one of them, as a file",
    },
  ],
  run,
});

async function run({ io, style, progress, options, operands }: Call<typeof predictOptions>): Promise<ExitCode> {
  if (options.parameters === undefined) throw new UsageError("nabla predict needs a fit: --parameters FILE.json.");
  if (options.output !== undefined && !/\.(csv|json)$/i.test(options.output))
    throw new UsageError(`--output needs FILE.csv or FILE.json, got "${options.output}".`);
  const fit = await readFit(options.parameters, io);
  const source = await readSource(operands[0]!, io);
  const set = new Map([...Object.entries(fit.set), ...settings(options.set)]);
  const { model, inputs, sizes } = givenModel(source, set);
  const warn = async (text: string) => {
    if (!options.json) await io.errors.write(`${styleFor(io.errors, io.environment).yellow("warning")}: ${text}\n`);
  };
  if (fnv1a64(source.text) !== fit.model.hash) await warn(`${operands[0]} has changed since it was fitted.`);
  const asked = options.outputs === undefined ? undefined : someNames("--outputs", options.outputs);
  const reads = readsOf(model, asked);
  requireTarget(options.output, io, [operands[0]!, options.parameters]);
  await progress.step("reading the data");
  const read = await readData(
    model,
    {
      ...dataRequest(options),
      needed: new Set(asked ? [...reads.values()].flat() : []),
      given: new Set(Object.keys(inputs)),
      saved: fit.data,
    },
    io,
  );
  requireTarget(options.output, io, read.files);
  for (const warning of read.warnings) await warn(warning);
  const data = record<TensorInput>([
    ...Object.entries(inputs),
    ...read.filled.map(({ name, data, shape }) => [name, { data, shape }] as const),
  ]);
  const names = possible(model, reads, new Set(Object.keys(data)), asked);
  await progress.step(`evaluating ${names.join(", ")}`);
  const bound = compileModel(model, { wrt: [] }).bind(
    { ...parametersOf(model, fit), ...data },
    openSizes(
      model,
      { ...fit.sizes, ...Object.fromEntries(read.sizes), ...sizes },
      new Set([...Object.keys(data), ...Object.keys(fit.parameters)]),
    ),
  );
  const values = bound.outputs({}, names);
  const outputs = record(names.map((name) => [name, new JsonTensor(values[name]!, bound.outputShape(name))] as const));
  await progress.done();
  if (options.output !== undefined) {
    const text = /\.csv$/i.test(options.output) ? csvText(outputs) : `${jsonText(outputs)}\n`;
    replaceFile(options.output, text, io);
  }
  if (options.json) await io.output.write(`${jsonText({ outputs })}\n`);
  else
    await io.output.write(
      answerText({ outputs }, style) +
        (options.output === undefined ? "" : `${style.green("wrote")} ${options.output}\n`),
    );
  return exitCodes.ok;
}

/** The data that each output reads and the model gives no value for. Throws UsageError for outputs that there are not. */
function readsOf(
  { name: model, outputs, data }: ElaboratedModel,
  asked: readonly string[] | undefined,
): Map<string, string[]> {
  const needed = new Set(data.flatMap(({ name, fallback }) => (fallback ? [] : [name])));
  const names = asked ?? [...outputs.keys()];
  if (names.length === 0)
    throw new UsageError(`${model} has no outputs.`, { notes: ['Write "output NAME = ..." in the model.'] });
  return new Map(
    names.map((name) => {
      const output = outputs.get(name);
      if (output) {
        const leaves = leavesOf([output]).map(({ graph, id }) => graph.leafOf(id).name);
        return [name, leaves.filter((leaf) => needed.has(leaf))] as const;
      }
      const near = nearestName(name, outputs.keys());
      throw new UsageError(`${model} has no output "${name}".`, {
        notes: [near ? `Did you mean "${near}"?` : `It has ${[...outputs.keys()].join(", ") || "none"}.`],
      });
    }),
  );
}

/** The outputs that the data allow. Throws DataError where there are none. */
function possible(
  model: ElaboratedModel,
  reads: ReadonlyMap<string, readonly string[]>,
  given: ReadonlySet<string>,
  asked: readonly string[] | undefined,
): string[] {
  const names = [...reads].filter(([, data]) => data.every((name) => given.has(name))).map(([name]) => name);
  if (asked) return [...asked];
  if (names.length > 0) return names;
  const lacks = [...reads].map(([name, data]) => `${name} reads ${data.filter((each) => !given.has(each)).join(", ")}`);
  throw new DataError(`no output of ${model.name} can be evaluated on these data: ${lacks.join("; ")}.`, {
    notes: ["Give them as they were given to the fit: --data NAME=FILE:COLUMNS."],
  });
}

function parametersOf({ parameters, name: model }: ElaboratedModel, fit: FitFile): Record<string, TensorInput> {
  return record(
    parameters.flatMap(({ name }) => {
      if (!Object.hasOwn(fit.parameters, name))
        throw new DataError(`the fit has no parameter "${name}", which ${model} declares.`);
      const { values, shape } = readJsonTensor(name, fit.parameters[name]);
      return [[name, shape ? { data: values, shape } : Float64Array.from(values)] as const];
    }),
  );
}

/** The sizes of the fit that no array of this call tells. */
function openSizes(
  { parameters, data }: ElaboratedModel,
  sizes: Readonly<Record<string, number>>,
  given: ReadonlySet<string>,
) {
  const told = new Set(
    [...parameters, ...data].flatMap(({ name, expr }) =>
      given.has(name) ? expr.shape.flatMap((size) => size.names()) : [],
    ),
  );
  return Object.fromEntries(Object.entries(sizes).filter(([name]) => !told.has(name)));
}

/** Outputs with a value, or a row, for each row of data. Throws UsageError where there are none. */
function csvText(outputs: Readonly<Record<string, JsonTensor>>): string {
  const rowed = Object.entries(outputs).filter(([, { shape }]) => shape.length === 1 || shape.length === 2);
  const rows = rowed[0]?.[1].shape[0];
  const uneven = rowed.find(([, { shape }]) => shape[0] !== rows);
  if (rows === undefined || uneven) {
    throw new UsageError(
      rows === undefined
        ? "no output has rows: write to FILE.json."
        : `the outputs ${rowed[0]![0]} and ${uneven![0]} differ in rows.`,
      {
        notes: ["Choose outputs of one length with --outputs, or write to FILE.json."],
      },
    );
  }
  const header = rowed.flatMap(([name, { shape }]) =>
    shape.length === 1 ? [name] : Array.from({ length: shape[1]! }, (_, k) => `${name}[${k}]`),
  );
  const lines = Array.from({ length: rows }, (_, row) =>
    rowed.flatMap(([, { values, shape }]) => {
      const width = shape[1] ?? 1;
      return Array.from({ length: width }, (_, k) => numberText(values[row * width + k]!).replaceAll('"', ""));
    }),
  );
  return `${[header, ...lines].map((cells) => cells.join(",")).join("\n")}\n`;
}
