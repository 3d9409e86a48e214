import { UsageError } from "../../ir/errors.ts";
import { choicesIn, someNames } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { readInputs, readJson, readSource, readText } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { loadModel } from "../model.ts";
import { exitCodes } from "../terminal/exit.ts";
import { answerLines } from "./batch.ts";
import { Evaluation } from "./evaluate.ts";
import { engineNames, type Request, readRequest, wants } from "./request.ts";
import { answerText } from "./show.ts";
import { timeLimit } from "./time-limit.ts";

/** Seconds that a line of a batch may take. */
const batchSeconds = 30;

const evalOptions = {
  data: {
    type: "texts",
    short: "d",
    value: "FILE.json",
    help: "values by name: data, parameters, sizes; may be repeated",
  },
  wrt: shared.wrt,
  direction: { type: "text", value: "FILE.json", help: "the direction of hvp: values by parameter" },
  want: { type: "text", value: "LIST", help: `${wants.join(",")} (default: loss,gradient)` },
  engine: { type: "text", choices: engineNames, help: "how to compute (default: js)" },
  batch: { type: "flag", help: "answer JSON lines from standard input" },
  "time-limit": {
    type: "text",
    value: "SECONDS",
    help: `what an answer may take; 0: no limit (default: ${batchSeconds} a line with --batch)`,
  },
  json: shared.json,
} as const;

export const evalCommand = command({
  operands: "MODEL",
  operandCount: [0, 1],
  description: [
    "Data files hold one JSON object: tensors as nested arrays, sizes as numbers, both by name. A parameter left out " +
      'takes its start, data its value, where the model gives one. Numbers that JSON lacks are the strings "NaN", ' +
      '"Infinity" and "-Infinity", both ways.',
    "js runs generated code. interpreter walks the graphs as they were built, before any rewriting. complex and dual run " +
      "the loops over complex and dual numbers: loss, gradient and outputs are the real parts, hvp and hessian the change " +
      "of the gradient by the complex step or by forward mode, a way of their own.",
    '--batch reads one request a line, {"id", "model": "text", "inputs": {"X": [[1, 2]], "n": 1}, "wrt": ["w"], ' +
      '"direction": {"w": [1, 0]}, "want": ["loss", "gradient", "hvp"], "engine": "js"}, and writes one answer a line, ' +
      'in order: {"id", "loss", "gradient": {"w": [...]}, "hvp": {"w": [...]}, "hessian": {"w": {"w": [[...]]}}, ' +
      '"outputs": {...}} or {"id", "error": {"kind", "message", "line", "column"}}. Options and MODEL stand in for ' +
      "fields that a line leaves out. The exit code is 0 once every line has its answer; one that takes longer than the limit " +
      "of time is an error of the kind limit.",
  ],
  options: evalOptions,
  examples: [
    { command: "nabla eval logistic.nabla --data points.json", says: "loss and gradient" },
    {
      command: "nabla eval logistic.nabla -d data.json -d start.json --want hessian --wrt w --json",
      says: "a block of the Hessian, as JSON",
    },
    {
      command: "nabla eval logistic.nabla -d points.json --direction v.json --engine dual",
      says: "with hvp, by dual numbers",
    },
    { command: "nabla eval --batch < requests.jsonl > answers.jsonl", says: "many models and points in one process" },
  ],
  run,
});

async function run({ io, style, options, operands }: Call<typeof evalOptions>) {
  const [path] = operands;
  const defaults = {
    wrt: options.wrt === undefined ? undefined : someNames("--wrt", options.wrt),
    want: options.want === undefined ? undefined : choicesIn("--want", options.want, wants),
    engine: options.engine as Request["engine"] | undefined,
  };
  checkInputs(path, options.data, options.direction, options.batch);
  const limited = timeLimit(secondsIn(options["time-limit"]) ?? (options.batch ? batchSeconds : 0));
  const inputs = await readInputs(options.data, io);
  const direction = options.direction === undefined ? undefined : await readJson(options.direction, io);
  const given = Object.fromEntries(
    Object.entries({ ...defaults, inputs, direction }).filter(([, value]) => value !== undefined),
  );
  if (options.batch) {
    const model = path === undefined ? {} : { model: await readText(path, io) };
    await answerLines(io, { ...given, ...model }, limited);
    return exitCodes.ok;
  }
  const source = await readSource(path!, io);
  const request = readRequest({ ...given, model: source.text });
  const answer = limited(() => new Evaluation(loadModel(source)).answer(request));
  await io.output.write(options.json ? `${jsonText(answer)}\n` : answerText(answer, style));
  return exitCodes.ok;
}

function secondsIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^[0-9.e+-]+$/i.test(text) && seconds >= 0 && seconds < 1e6) return seconds;
  throw new UsageError(`--time-limit needs a number of seconds from 0 to 1,000,000, got "${text}".`);
}

/** Standard input can serve once. */
function checkInputs(
  path: string | undefined,
  data: readonly string[],
  direction: string | undefined,
  isBatch: boolean,
): void {
  if (path === undefined && !isBatch)
    throw new UsageError("nabla eval needs MODEL, got nothing.", { notes: ['See "nabla eval --help".'] });
  const fromStandardInput = [path, ...data, direction].filter((name) => name === "-").length + (isBatch ? 1 : 0);
  if (fromStandardInput > 1) throw new UsageError("standard input can be read only once: use a file for the others.");
}
