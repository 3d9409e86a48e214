import type { ColdResult } from "./cold.ts";
import { type CompileResult, early, phases } from "./compile-time.ts";
import type { EvalResult } from "./gradbench-times.ts";
import { type Quantity, type Row, type TaskResult, wrongFrom } from "./runtime.ts";
import { type ScalingResult, totalOf } from "./scaling.ts";

// Markdown, so that docs/benchmarks.md takes the tables as they are.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return [...opening(head, widths), ...rows.map((row) => lineOf(row, widths))].join("\n");
}

/** A table whose lines come one by one: its opening, and each line as it is printed. */
export interface OpenTable<Result> {
  readonly opening: string;
  readonly line: (result: Result) => string;
}

/** `names` are what the first column will hold. */
function openTable<Result>(
  title: string,
  head: readonly string[],
  names: readonly string[],
  cells: (result: Result) => string[],
): OpenTable<Result> {
  const widths = head.map((cell, column) =>
    column === 0 ? Math.max(...[cell, ...names].map(({ length }) => length)) : Math.max(cell.length, numberWidth),
  );
  return {
    opening: [title, "", ...opening(head, widths)].join("\n"),
    line: (result) => lineOf(cells(result), widths),
  };
}

/** Room for what `significant` writes. */
const numberWidth = 6;

function opening(head: readonly string[], widths: readonly number[]): string[] {
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [lineOf(head, widths), lineOf(rule, widths)];
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(" | ")} |`;
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

export function coldTable(names: readonly string[]): OpenTable<ColdResult> {
  const head = ["CPU ms", "loss + gradient", "then HVP"];
  return openTable("### Cold: first results in a fresh process", head, names, (result) => [
    coldName(result),
    ...[result.lossAndGradient, result.hvp].map((time) => (time === null ? "throws" : significant(time))),
  ]);
}

/** What the line of a contender is called. */
export const coldName = ({ task, name }: Pick<ColdResult, "task" | "name">): string => `${task}: ${name}`;

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

export function compileTable(names: readonly string[]): OpenTable<CompileResult> {
  const nth = early.map((n) => `compile ${n}`);
  const head = ["CPU ms", ...nth, "warm after", "text to callable", "text to results", ...phases];
  return openTable("### Compile of loss, gradient and HVP", head, names, (result) => [
    result.task,
    ...result.early.map((time) => (time === null ? "" : significant(time))),
    String(result.warmUp),
    significant(result.callable),
    significant(result.called),
    ...phases.map((phase) => significant(result.phases[phase])),
  ]);
}

export function scalingTable(sizes: readonly number[]): OpenTable<ScalingResult> {
  const head = ["operations, CPU ms", "loss", "gradient", "HVP", "all"];
  return openTable("### Straight-line scalar models", head, sizes.map(String), (result) => [
    String(result.operations),
    ...[result.loss, result.gradient, result.hvp, totalOf(result)].map(significant),
  ]);
}

const significant = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toPrecision(value < 0.1 ? 2 : 3);
