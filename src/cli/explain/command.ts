import { counted } from "../../ir/counted.ts";
import { LimitError, UsageError } from "../../ir/errors.ts";
import type { Graph } from "../../ir/graph.ts";
import { showGraph } from "../../ir/show.ts";
import { type Step, Trace } from "../../rewrite/trace.ts";
import { someNames, wholeNumber } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { jsonText } from "../files/json.ts";
import { readModel } from "../model.ts";
import { type Subject, subjectOf } from "../subject.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import type { Style } from "../terminal/style.ts";
import { apart } from "./apart.ts";

const explainOptions = {
  of: { type: "text", value: "NAME", help: "loss, gradient, hvp or an output (default: gradient)" },
  wrt: shared.wrt,
  step: { type: "text", short: "s", value: "K", help: "show step K alone, and what has been replaced by then" },
  back: { type: "flag", help: "list the steps backwards, each undoing a rewrite" },
  graph: { type: "flag", help: "print the graph as built and as it ends, around the steps" },
  json: { ...shared.json, help: "print all steps as JSON, errors too" },
} as const;

/** A step with its number among all and the stage of the compile that it belongs to. */
interface NumberedStep extends Step {
  readonly number: number;
  readonly stage: string;
}

/** One recorded stage of the compile: what it rewrites, and the steps in order. */
interface Stage {
  readonly name: string;
  readonly trace: Trace;
}

export const explainCommand = command({
  operands: "MODEL",
  operandCount: [1, 1],
  description: [
    "A compile simplifies the loss, differentiates it, and simplifies the result. Each step is one rewrite: the pass, the " +
      "rule, the node before and after. Deeper parts are named by number, %17; --json has each node as a line of the graph.",
  ],
  options: explainOptions,
  examples: [
    { command: "nabla explain logistic.nabla", says: "every rewrite on the way to the gradient" },
    { command: "nabla explain logistic.nabla --of hvp --step 3", says: "the third rewrite, and the state after it" },
    { command: "nabla explain logistic.nabla --back", says: "from the end to the beginning" },
    { command: "nabla explain logistic.nabla --json", says: "all steps, for a program" },
  ],
  run,
});

async function run({ io, style, progress, options, operands }: Call<typeof explainOptions>): Promise<ExitCode> {
  const model = await readModel(operands[0]!, { io, isJson: options.json });
  await progress.step(`compiling ${model.name}`);
  const stages: Stage[] = [];
  const of = options.of ?? (model.loss ? "gradient" : [...model.outputs.keys()][0]);
  if (of === undefined)
    throw new UsageError("the model has neither a loss nor an output: there is nothing to explain.");
  const subject = subjectOf(
    model,
    of,
    options.wrt === undefined ? undefined : someNames("--wrt", options.wrt),
    (name) => {
      const trace = new Trace();
      stages.push({ name, trace });
      return trace;
    },
  );
  await progress.done();
  const steps = stages.flatMap(({ name, trace }) => trace.steps.map((step) => ({ ...step, stage: name })));
  const numbered = steps.map((step, k): NumberedStep => ({ number: k + 1, ...step }));
  if (options.step !== undefined) {
    return showStep(options.step, options.back, stages, numbered, {
      io,
      style,
      isJson: options.json,
      graph: model.graph,
    });
  }
  const text = options.json
    ? `${jsonText({ model: model.name, of, built: graphOf(subject.built), result: graphOf(subject.simplified), steps: numbered })}\n`
    : listing(subject, options.back ? numbered.reverse() : numbered, options, style);
  await io.output.write(text);
  return exitCodes.ok;
}

function graphOf(roots: Subject["built"]): string {
  return showGraph(roots.map(({ node }) => node));
}

type Options = { readonly back: boolean; readonly graph: boolean };

function listing(
  subject: Subject,
  steps: readonly NumberedStep[],
  { back, graph: showsGraph }: Options,
  style: Style,
): string {
  const { graph } = subject.built[0]!.node;
  const lines = [style.bold(subject.title), ""];
  if (showsGraph) lines.push(style.dim("as built"), graphOf(subject.built));
  let place = "";
  for (const step of steps) {
    const here = `${step.stage} · ${step.pass}`;
    if (here !== place) lines.push(style.cyan(here));
    place = here;
    lines.push(...stepLines(step, graph, back, style));
  }
  if (steps.length === 0) lines.push("Nothing was rewritten: the graph is as plain as it gets.", "");
  if (showsGraph) lines.push(style.dim("as it ends"), graphOf(subject.simplified));
  lines.push(
    `${counted(steps.length, "rewrite")}. Step through with --step 1 ... --step ${steps.length}, see the graph with "nabla graph".`,
  );
  return `${(steps.length === 0 ? lines.slice(0, -1) : lines).join("\n").trimEnd()}\n`;
}

function stepLines({ number, rule, node, by }: NumberedStep, graph: Graph, isBack: boolean, style: Style): string[] {
  const [from, to] = isBack ? [by, node] : [node, by];
  const [before, after] = apart(graph.expr(from), graph.expr(to));
  const line = (id: number, text: string) => `${style.dim(`%${id}`.padEnd(6))} ${text}`;
  return [
    `${String(number).padStart(5)}  ${style.bold(rule)}`,
    `       ${style.red("-")} ${line(from, before)}`,
    `       ${style.green("+")} ${line(to, after)}`,
    "",
  ];
}

/** Walks the traces to the step and prints it with the replacements that hold then; with `back` it is undone. */
async function showStep(
  text: string,
  isBack: boolean,
  stages: readonly Stage[],
  steps: readonly NumberedStep[],
  {
    io,
    style,
    isJson,
    graph,
  }: { readonly io: Call["io"]; readonly style: Style; readonly isJson: boolean; readonly graph: Graph },
): Promise<ExitCode> {
  if (steps.length === 0) throw new LimitError("nothing was rewritten: there are no steps.");
  const number = wholeNumber("--step", text, 1);
  const step = steps[number - 1];
  if (!step) throw new UsageError(`--step needs one of 1..${steps.length}, got ${number}.`);
  let left = number;
  let replaced: readonly (readonly [string, { readonly by: number; readonly rule: string }])[] = [];
  for (const { trace } of stages) {
    while (left > 0 && trace.forward()) left--;
    if (left > 0) continue;
    if (isBack) trace.backward();
    replaced = Object.entries(trace.replacements);
    break;
  }
  const state = replaced.map(([node, { by, rule }]) => ({ node: Number(node), by, rule }));
  if (isJson) {
    await io.output.write(`${jsonText({ of: steps.length, ...step, isUndone: isBack, replaced: state })}\n`);
    return exitCodes.ok;
  }
  const lines = [
    `${style.bold(`step ${number} of ${steps.length}`)}${isBack ? ", undone" : ""}  ${style.cyan(`${step.stage} · ${step.pass}`)}`,
    ...stepLines(step, graph, isBack, style),
    style.dim(`replaced ${isBack ? "before" : "up to"} this step, in this stage`),
    ...(state.length === 0
      ? ["  nothing"]
      : state.map(({ node, by, rule }) => `  %${node} -> %${by}  ${style.dim(rule)}`)),
  ];
  await io.output.write(`${lines.join("\n")}\n`);
  return exitCodes.ok;
}
