import type { Command, Example, Option } from "../command.ts";
import type { Listed } from "../commands.ts";
import { exitCodeMeanings } from "./exit.ts";
import { columns, type Style } from "./style.ts";

/** The help of the whole program, from the table of commands. */
export function programHelp(commands: readonly Listed[], style: Style): string {
  return sections([
    [
      `${style.bold("nabla")} turns a model into its loss, gradient and Hessian-vector product, as code you can read.`,
      "",
      `${style.bold("usage")}  nabla COMMAND ...`,
    ],
    titled("commands", columns(commands.map(({ name, summary }) => [style.cyan(name), summary])), style),
    titled("start here", exampleLines(firstSteps, style), style),
    titled(
      "also",
      columns([
        [style.cyan("nabla COMMAND --help"), "what a command does, its options, examples"],
        [style.cyan("nabla --version"), "the version"],
      ]),
      style,
    ),
    titled("exit codes", columns(exitCodeMeanings.map(([code, meaning]) => [String(code), meaning])), style),
    [
      style.dim(
        "Colours appear on a terminal only; NO_COLOR=1 turns them off. The file name - is standard input or output.",
      ),
    ],
  ]);
}

const firstSteps: readonly Example[] = [
  { command: "nabla check logistic.nabla", says: "are its derivatives right?" },
  { command: "nabla eval logistic.nabla --data points.json", says: "its loss and gradient at a point" },
  { command: "nabla fit logistic.nabla --data cells.csv", says: "its parameters, from data" },
  { command: "nabla compile logistic.nabla -o logistic.ts", says: "a TypeScript module without imports" },
];

/** The help of one command. */
export function commandHelp(
  { name, summary }: Listed,
  { operands, description, options, examples }: Command,
  style: Style,
): string {
  const usage = ["nabla", name, operands, "[options]"].filter((word) => word !== "").join(" ");
  const rows = [...Object.entries(options), ["help", help] as const].map(([option, definition]) => [
    style.cyan(optionForm(option, definition)),
    definition.help,
  ]);
  return sections([
    [`${style.bold(`nabla ${name}`)}: ${summary}`, "", `${style.bold("usage")}  ${usage}`],
    ...description.map((paragraph) => wrap(paragraph)),
    titled("options", columns(rows), style),
    titled("examples", exampleLines(examples, style), style),
  ]);
}

const help: Option = { type: "flag", short: "h", help: "show this" };

function optionForm(name: string, { short, type, value, choices }: Option): string {
  const argument = type === "flag" ? "" : ` ${value ?? choices?.join("|") ?? "VALUE"}`;
  return `${short ? `-${short}, ` : "    "}--${name}${argument}`;
}

function exampleLines(examples: readonly Example[], style: Style): string[] {
  return examples.flatMap(({ command, says }) => [style.dim(`# ${says}`), command]);
}

function titled(title: string, lines: readonly string[], style: Style): string[] {
  return [style.bold(title), ...lines.map((line) => `  ${line}`)];
}

function sections(parts: readonly (readonly string[])[]): string {
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const width = 100;

function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
