import type { Filled } from "../data/read.ts";
import { shortNumber } from "../eval/show.ts";
import { columns, type Style } from "../style.ts";
import type { Problem } from "./problem.ts";
import type { Outcome } from "./runs.ts";

/** What was bound to what, before the fit begins. */
export function previewText(
  problem: Problem,
  filled: readonly Filled[],
  set: ReadonlyMap<string, unknown>,
  notes: readonly string[],
  style: Style,
): string {
  const rows: string[][] = [];
  for (const { name, shape, from, encoding } of filled) {
    const codes = Object.entries(encoding.labels ?? {});
    const labels = codes.slice(0, 8).map(([label, code]) => `${label} = ${code}`);
    const more = codes.length > labels.length ? `, and ${codes.length - labels.length} more` : "";
    const note = codes.length > 0 ? `; ${labels.join(", ")}${more}` : "";
    rows.push(["data", `${name} [${shape.join(", ")}]`, `${from}${note}`]);
  }
  for (const [name, value] of set) rows.push(["set", name, JSON.stringify(value)]);
  const given = Object.entries(problem.bound.sizes).map(([name, size]) => `${name} = ${size}`);
  if (given.length > 0) rows.push(["sizes", given.join(", ")]);
  const { names, drawn } = problem;
  const where =
    drawn.length > 0
      ? `${drawn.join(", ")} begin${drawn.length > 1 ? "" : "s"} at random: the model gives no start`
      : "begin where the model or --start says";
  rows.push(["fit", `${names.length} number${names.length > 1 ? "s" : ""}`, where]);
  const held = Object.keys(problem.held);
  if (held.length > 0) rows.push(["held", held.join(", "), "at the start"]);
  for (const note of notes) rows.push(note.split("\t"));
  return `${alignedRows(rows, style)}\n`;
}

function alignedRows(rows: readonly (readonly string[])[], style: Style): string {
  let before = "";
  const shown = rows.map(([title, ...cells]) => {
    const cell = title === before ? "" : style.dim(title!);
    before = title!;
    return [cell, ...cells];
  });
  return columns(shown).join("\n");
}

/** How a fit ended. */
export function outcomeText({
  outcome,
  names,
  method,
  style,
  errors,
}: {
  readonly outcome: Outcome;
  readonly names: readonly string[];
  readonly method: string;
  readonly style: Style;
  readonly errors?: Float64Array | undefined;
}): string {
  const { status, message, loss, gradientNorm, metricNorm, iterations, evaluations, seconds, point } = outcome;
  const colour = status.kind === "converged" ? style.green : status.kind === "failed" ? style.red : style.yellow;
  const counts = [
    `${iterations} iterations`,
    `${evaluations.value} losses`,
    `${evaluations.gradient} gradients`,
    ...(evaluations.hvp > 0 ? [`${evaluations.hvp} products`] : []),
  ];
  const head = [
    [style.dim("loss"), style.bold(String(loss))],
    [
      style.dim("|gradient|"),
      shortNumber(gradientNorm) +
        (Number.isNaN(metricNorm) ? "" : `, ${shortNumber(metricNorm)} in the metric of ${method}`),
    ],
    [style.dim("work"), `${counts.join(", ")}, ${timeText(seconds)}`],
  ];
  const shown = names.slice(0, mostShown).map((name, i) => {
    const error = errors?.[i];
    return [
      style.bold(name),
      String(Number(point[i]!.toPrecision(10))),
      ...(error === undefined ? [] : [style.dim(`± ${shortNumber(error)}`)]),
    ];
  });
  const rest = names.length > mostShown ? [style.dim(`and ${names.length - mostShown} more`)] : [];
  return `${[colour(message), ...columns(head), "", ...columns(shown), ...rest].join("\n")}\n`;
}

const mostShown = 20;

export function timeText(seconds: number): string {
  return seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms` : `${seconds.toFixed(1)} s`;
}

/** Several runs in a table, the best marked. */
export function runsText(titles: readonly string[], outcomes: readonly Outcome[], best: Outcome, style: Style): string {
  const rows = outcomes.map((outcome, k) => [
    outcome === best ? style.green("*") : " ",
    titles[k]!,
    String(Number(outcome.loss.toPrecision(10))),
    `${outcome.iterations} iterations`,
    `${outcome.evaluations.value} losses`,
    `${outcome.evaluations.gradient} gradients`,
    `${outcome.evaluations.hvp} products`,
    timeText(outcome.seconds),
    outcome.message,
  ]);
  return `${columns(rows).join("\n")}\n`;
}
