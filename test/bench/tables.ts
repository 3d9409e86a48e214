import type { ColdResult } from "./cold.ts";
import type { CompileResult } from "./compile-time.ts";
import type { EvalResult } from "./gradbench-times.ts";
import { type Quantity, type Row, type TaskResult, wrongFrom } from "./runtime.ts";
import { type ScalingResult, slopeOf, totalOf } from "./scaling.ts";

// Markdown, so that docs/benchmarks.md takes the tables as they are.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const print = (line: readonly string[]) => `| ${line.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [print(head), print(rule), ...rows.map(print)].join("\n");
}

const quantities: Readonly<Record<Quantity, string>> = { lossAndGradient: "loss + gradient", hvp: "HVP" };

export function runTimeTables({ task, rows }: TaskResult): string {
  const parts = (Object.keys(quantities) as Quantity[]).map((quantity) =>
    table([quantities[quantity], "us a call", "ratio", "quartiles", "deviation"], rows[quantity].map(runTimeLine)),
  );
  return [`### ${task}`, ...parts].join("\n\n");
}

function runTimeLine({ name, microseconds, ratio, deviation, failure }: Row): string[] {
  if (failure !== undefined) return [name, "throws", "", "", ""];
  const apart = deviation === undefined ? "" : deviation.toExponential(0);
  if (!microseconds || !ratio) return [name, deviation! > wrongFrom ? "wrong" : "NaN", "", "", apart];
  const [low, middle, high] = ratio.map(significant);
  return [name, significant(microseconds), middle!, `${low}..${high}`, apart];
}

export function coldTable(results: readonly ColdResult[]): string {
  const lines = results.map(({ task, name, lossAndGradient, hvp }) => [
    `${task}: ${name}`,
    significant(lossAndGradient),
    significant(hvp),
  ]);
  return ["### Cold: first results in a fresh process", table(["CPU ms", "loss + gradient", "then HVP"], lines)].join(
    "\n\n",
  );
}

/** Times of evals; a derivative also in units of its eval's plain function. */
export function evalTable(results: readonly EvalResult[]): string {
  const lines = results.map(({ name, function: of, microseconds: [low, middle, high] }) => {
    const plain = results.find((result) => result.name === name)!.microseconds[1];
    return [
      `${name}: ${of}`,
      significant(middle),
      `${significant(low)}..${significant(high)}`,
      significant(middle / plain),
    ];
  });
  return ["### GradBench", table(["evaluation", "us", "quartiles", "to the first"], lines)].join("\n\n");
}

export function compileTable(results: readonly CompileResult[]): string {
  const phases = Object.keys(results[0]!.phases);
  const lines = results.map((result) => [
    result.task,
    significant(result.callable),
    significant(result.called),
    ...phases.map((phase) => significant(result.phases[phase]!)),
  ]);
  const head = ["CPU ms", "text to callable", "text to results", ...phases];
  return ["### Warm compile of loss, gradient and HVP", table(head, lines)].join("\n\n");
}

export function scalingTable(results: readonly ScalingResult[]): string {
  const lines = results.map((result) => [
    String(result.operations),
    ...[result.loss, result.gradient, result.hvp, totalOf(result)].map(significant),
  ]);
  return [
    "### Straight-line scalar models",
    table(["operations, CPU ms", "loss", "gradient", "HVP", "all"], lines),
    `Slope of log time over log size: ${slopeOf(results).toFixed(2)}.`,
  ].join("\n\n");
}

const significant = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toPrecision(value < 0.1 ? 2 : 3);
