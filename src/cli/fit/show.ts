import { counted } from "../../ir/counted.ts";
import type { Encoding } from "../data/encoding.ts";
import { columns, type Style } from "../terminal/style.ts";
import type { Diagnosis } from "./diagnosis/diagnosis.ts";
import type { Plan } from "./plan/plan.ts";
import type { Runs } from "./run/execute.ts";
import type { Outcome } from "./run/runs.ts";
import { briefNumber, directionText, endlessText, scaledConditionText, timeText, valueText } from "./wording.ts";

/** What was bound to what, before the fit begins. */
export function previewText({ problem, read, set, ways, batches }: Plan, style: Style): string {
  const { names, drawn, leastSquares } = problem;
  const rows: string[][] = read.filled.map(({ name, shape, from, encoding }) => [
    "data",
    `${name} [${shape.join(", ")}]`,
    from + labelsText(encoding),
  ]);
  for (const [name, value] of set) rows.push(["set", name, JSON.stringify(value)]);
  const sizes = Object.entries(problem.bound.sizes).map(([name, size]) => `${name} = ${size}`);
  if (sizes.length > 0) rows.push(["sizes", sizes.join(", ")]);
  const many = drawn.length > 1;
  const where =
    drawn.length > 0
      ? `${drawn.join(", ")} ${many ? "begin" : "begins"} at random: the model gives no start`
      : "from the start of the model, or of --start";
  rows.push(["fit", counted(names.length, "number"), where]);
  const held = Object.keys(problem.held);
  if (held.length > 0) rows.push(["held", held.join(", "), "at the start"]);
  const residuals = leastSquares && !batches ? counted(leastSquares.residualCount, "residual") : undefined;
  for (const { method, why } of ways) {
    const reasons = ways.length === 1 ? [why, residuals].filter((part) => part !== undefined) : [];
    rows.push([ways.length > 1 ? "methods" : "method", method, ...(reasons.length > 0 ? [reasons.join(": ")] : [])]);
  }
  if (batches)
    rows.push([
      "batches",
      `${batches.batch} of ${counted(batches.rows, "row")}`,
      `${counted(batches.stepsPerEpoch, "step")} an epoch`,
    ]);
  return `${alignedRows(rows, style)}\n`;
}

function labelsText({ labels = {} }: Encoding): string {
  const codes = Object.entries(labels);
  if (codes.length === 0) return "";
  const shown = codes.slice(0, 8).map(([label, code]) => `${label} = ${code}`);
  const more = codes.length > shown.length ? `, and ${codes.length - shown.length} more` : "";
  return `; ${shown.join(", ")}${more}`;
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
  labels,
  diagnosis,
  style,
}: {
  readonly outcome: Outcome;
  readonly labels: readonly string[];
  readonly diagnosis: Diagnosis;
  readonly style: Style;
}): string {
  const { method, status, message, loss, gradientNorm, metricNorm, iterations, evaluations, seconds, point } = outcome;
  const colour = status.kind === "converged" ? style.green : status.kind === "failed" ? style.red : style.yellow;
  const counts = [
    counted(iterations, "iteration"),
    counted(evaluations.value, "loss", "losses"),
    counted(evaluations.gradient, "gradient"),
    ...(evaluations.hvp > 0 ? [counted(evaluations.hvp, "product")] : []),
  ];
  const metric = Number.isNaN(metricNorm) ? "" : `, ${briefNumber(metricNorm)} in the metric of ${method}`;
  const head = [
    [style.dim("loss"), style.bold(String(loss))],
    [style.dim("|gradient|"), briefNumber(gradientNorm) + metric],
    [style.dim("work"), `${counts.join(", ")}, ${timeText(seconds)}`],
  ];
  const errors = diagnosis.uncertainty?.standardErrors;
  const bounds = new Map(diagnosis.atBounds.map(({ coordinate, side }) => [coordinate, side]));
  const shown = labels.slice(0, mostShown).map((label, i) => {
    const side = bounds.get(i);
    const error =
      errors && !Number.isNaN(errors[i]!) ? `± ${briefNumber(errors[i]!)}` : side ? `at its ${side} bound` : "";
    return [style.bold(label), valueText(point[i]!), style.dim(error)];
  });
  const rest = labels.length > mostShown ? [style.dim(`and ${labels.length - mostShown} more`)] : [];
  return `${[colour(message), ...columns(head), "", ...columns(shown), ...rest].join("\n")}\n`;
}

/** What can be said of the loss around the point: directions without curvature, the reason for missing errors. */
export function diagnosisText({ curvature, noErrors }: Diagnosis, labels: readonly string[], style: Style): string {
  const lines: string[] = [];
  if (curvature) {
    const { flat, endless } = curvature;
    lines.push(`${style.dim("condition")}  ${scaledConditionText(curvature)}`);
    for (const direction of flat.slice(0, 5)) {
      const what = direction.falls
        ? "no minimum: the loss falls along"
        : "not determined: the loss does not change along";
      lines.push(`${style.yellow(what)} ${directionText(direction, labels)}`);
    }
    for (const direction of endless.slice(0, 5))
      lines.push(`${style.yellow(endlessText)} ${directionText(direction, labels)}`);
    if (flat.length > 5) lines.push(style.dim(`and along ${counted(flat.length - 5, "more direction")}`));
  }
  if (noErrors) lines.push(style.dim(`no standard errors: ${noErrors}`));
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

const mostShown = 20;

/** Several runs in a table, the best marked. */
export function runsText({ titles, outcomes }: Runs, best: Outcome, style: Style): string {
  const rows = outcomes.map((outcome, k) => [
    outcome.point === best.point ? style.green("*") : " ",
    titles[k]!,
    String(Number(outcome.loss.toPrecision(10))),
    counted(outcome.iterations, "iteration"),
    counted(outcome.evaluations.value, "loss", "losses"),
    counted(outcome.evaluations.gradient, "gradient"),
    counted(outcome.evaluations.hvp, "product"),
    timeText(outcome.seconds),
    outcome.status.kind,
  ]);
  return `${columns(rows).join("\n")}\n`;
}
