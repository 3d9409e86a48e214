import { bin, deviation, mean } from "d3-array";
import { counted } from "../../ir/counted.ts";
import type { Filled } from "../data/read.ts";
import type { Diagnosis } from "../fit/diagnosis/diagnosis.ts";
import type { Outcome } from "../fit/run/runs.ts";
import {
  briefNumber,
  conditionText,
  directionText,
  endlessText,
  scaledConditionText,
  timeText,
  valueText,
} from "../fit/wording.ts";
import { escaped } from "../graph/svg.ts";
import { type Chart, chartSvg, correlationsSvg, histogramSvg, intervalsSvg } from "./chart.ts";
import { pageHtml, type Section, tableHtml } from "./page.ts";

/** Everything that a report shows. */
export interface ReportInput {
  readonly model: string;
  readonly method: string;
  readonly why: string | undefined;
  readonly outcome: Outcome;
  /** What each coordinate is, for people. */
  readonly labels: readonly string[];
  readonly start: Float64Array;
  readonly diagnosis: Diagnosis;
  readonly filled: readonly Filled[];
  /** Runs beside the best one: other starts or other methods. */
  readonly others:
    | { readonly kind: "starts" | "methods"; readonly titles: readonly string[]; readonly outcomes: readonly Outcome[] }
    | undefined;
  /** The residuals at the point; absent where the loss is no sum of squares. */
  readonly residuals: Float64Array | undefined;
  readonly isStochastic: boolean;
}

/** A fit as one HTML file: how it went, what it found, how sure that is. */
export function reportHtml(input: ReportInput): string {
  const sections = [convergence, parameters, intervals, curvature, correlations, residuals, runs, data];
  return pageHtml(
    `${input.model}: fit`,
    header(input),
    sections.flatMap((section) => section(input)),
  );
}

function header({ model, method, why, outcome, diagnosis }: ReportInput): string {
  const { status, message, loss, gradientNorm, metricNorm, iterations, evaluations, seconds } = outcome;
  const isMinimum = diagnosis.curvature?.isIndefinite !== true;
  const tone = status.kind === "failed" ? "bad" : status.kind === "converged" && isMinimum ? "good" : "warn";
  const facts: [string, string][] = [
    ["loss", String(loss)],
    ["norm of the gradient", briefNumber(gradientNorm)],
    ...(Number.isNaN(metricNorm) ? [] : [["in the method's metric", briefNumber(metricNorm)] as [string, string]]),
    ["iterations", String(iterations)],
    ["losses, gradients, products", `${evaluations.value}, ${evaluations.gradient}, ${evaluations.hvp}`],
    ["time", timeText(seconds)],
  ];
  return [
    `<h1>${escaped(model)}</h1>`,
    `<p class="status ${tone}">${escaped(message)}</p>`,
    `<p>${escaped(method)}${why ? `: ${escaped(why)}` : ""}</p>`,
    `<dl>${facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join("")}</dl>`,
  ].join("\n");
}

/** Loss and gradient by iteration; of several runs by what they cost. */
function convergence({ outcome, others, isStochastic }: ReportInput): Section[] {
  const shown = others
    ? others.outcomes.map((each, k) => ({ name: others.titles[k]!, outcome: each })).slice(0, 8)
    : [{ name: "", outcome }];
  const losses = shown.flatMap(({ outcome }) => outcome.history.map(({ loss }) => loss)).filter(Number.isFinite);
  const lowest = losses.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY);
  const isRace = others !== undefined;
  const costOf = ({ evaluations, iteration }: Outcome["history"][number]) =>
    isRace ? evaluations[0] + evaluations[1] + evaluations[2] : iteration;
  const label = isRace ? "evaluations: losses, gradients and products" : "iteration";
  const curves = (value: (point: Outcome["history"][number]) => number) =>
    shown.map(({ name, outcome }) => ({
      ...(name && { name }),
      points: outcome.history.map((point) => [costOf(point), value(point)] as const),
      marks: "line" as const,
    }));
  const highest = losses.reduce((most, loss) => Math.max(most, loss), Number.NEGATIVE_INFINITY);
  const costs = shown.map(({ outcome }) => outcome.history.at(-1)).map((last) => (last ? costOf(last) : 1));
  // methods that need a hundred evaluations beside others that need ten thousand
  const isLog = isRace && Math.max(...costs) > 8 * Math.min(...costs);
  const x = { label, isLog, isCount: true };
  const batch = isStochastic ? " of each batch" : "";
  const loss: Chart = isStochastic
    ? {
        title: "loss",
        x,
        y: { label: `loss${batch}`, isLog: lowest > 0 && highest > 30 * lowest },
        series: curves((point) => point.loss),
      }
    : {
        title: "loss above the lowest",
        x,
        y: { label: "loss above the lowest", isLog: true },
        series: curves((point) => point.loss - lowest),
      };
  const slope: Chart = {
    title: "norm of the gradient",
    x,
    y: { label: `norm of the gradient${batch}`, isLog: true },
    series: curves((point) => point.gradientNorm),
  };
  return [
    { title: "Loss", content: chartSvg(loss) },
    { title: "Gradient", content: chartSvg(slope) },
  ];
}

function parameters({ labels, outcome, start, diagnosis }: ReportInput): Section[] {
  const errors = diagnosis.uncertainty?.standardErrors;
  const bounds = new Map(diagnosis.atBounds.map((each) => [each.coordinate, each]));
  const rows = labels.slice(0, mostRows).map((label, i) => {
    const bound = bounds.get(i);
    const error = errors?.[i];
    const value = outcome.point[i]!;
    return [
      `<code>${escaped(label)}</code>`,
      valueText(value),
      ...(errors
        ? [error === undefined || Number.isNaN(error) ? "" : briefNumber(error), ratioText(value, error)]
        : []),
      briefNumber(start[i]!),
      bound ? `at its ${bound.side} bound ${briefNumber(bound.bound)}` : "",
    ];
  });
  const head = ["parameter", "value", ...(errors ? ["standard error", "value / error"] : []), "start", ""];
  const more =
    labels.length > mostRows ? `<p class="note">and ${labels.length - mostRows} more, in the file of the fit.</p>` : "";
  return [
    {
      title: "Parameters",
      content: tableHtml(head, rows, errors ? [1, 2, 3, 4] : [1, 2]) + more + errorNote(diagnosis),
      isWide: true,
    },
  ];
}

const mostRows = 200;

const ratioText = (value: number, error: number | undefined) =>
  error && Number.isFinite(error) ? (value / error).toPrecision(3) : "";

function errorNote({ uncertainty, noErrors, atBounds }: Diagnosis): string {
  const held = atBounds.length > 0 ? " Parameters at bounds count as fixed." : "";
  if (!uncertainty) return `<p class="note">No standard errors: ${escaped(noErrors ?? "")}</p>`;
  if (!uncertainty.residuals)
    return `<p class="note">Standard errors from the inverse Hessian of the negative log-likelihood.${held}</p>`;
  const { deviation: sigma, degreesOfFreedom } = uncertainty.residuals;
  return `<p class="note">Standard errors from s² (J′J)⁻¹, with s = ${briefNumber(sigma)} the deviation of the residuals on ${counted(degreesOfFreedom, "degree")} of freedom.${held}</p>`;
}

/** Values with two standard errors to each side, where one axis can show them. */
function intervals({ labels, outcome, diagnosis }: ReportInput): Section[] {
  const errors = diagnosis.uncertainty?.standardErrors;
  if (!errors || labels.length < 2 || labels.length > 60) return [];
  const sizes = Array.from(outcome.point, (value, i) => Math.abs(value) + (errors[i]! || 0));
  const largest = Math.max(...sizes);
  // parameters of very different size do not share an axis: there each is shown beside its own value
  const isRelative = sizes.filter((each) => each < largest / 100).length > labels.length / 3;
  const rows = labels.map((name, i) => {
    const scale = isRelative ? Math.abs(outcome.point[i]!) || 1 : 1;
    return { name, value: outcome.point[i]! / scale, half: (2 * errors[i]!) / scale };
  });
  const label = isRelative ? "value beside its size, ± 2 standard errors" : "value ± 2 standard errors";
  return [{ title: "Intervals", content: intervalsSvg("intervals", label, rows) }];
}

function curvature({ labels, diagnosis, outcome }: ReportInput): Section[] {
  const { curvature: found, noCurvature } = diagnosis;
  if (!found) return [{ title: "Curvature", content: `<p class="note">No Hessian: ${escaped(noCurvature ?? "")}</p>` }];
  const { eigenvalues, unscaledCondition, isIndefinite, flat, endless, products } = found;
  const points = Array.from(eigenvalues, (value, k) => [k + 1, value] as const);
  const chart: Chart = {
    title: "eigenvalues",
    x: { label: "eigenvalues of the Hessian, diagonal scaled to 1", isCount: true },
    y: { label: "size", isLog: true },
    series: [
      {
        points: points.filter(([, value]) => value > 0),
        marks: "dots",
        colour: 0,
        ...(isIndefinite && { name: "positive" }),
      },
      ...(isIndefinite
        ? [
            {
              points: points.filter(([, value]) => value < 0).map(([k, value]) => [k, -value] as const),
              marks: "dots" as const,
              colour: 1,
              name: "negative",
            },
          ]
        : []),
    ],
  };
  const isSeen = products === undefined ? "" : ", as far as products see";
  const verdict = isIndefinite
    ? '<p class="status bad">No minimum: the loss falls along some direction.</p>'
    : flat.length > 0
      ? `<p class="status warn">${flat.length === 1 ? "One direction is" : `${flat.length} directions are`} not determined: the loss does not change along ${flat.length === 1 ? "it" : "them"}.</p>`
      : endless.length > 0
        ? ""
        : outcome.status.kind === "converged"
          ? `<p class="status good">A minimum, determined in every direction${isSeen}.</p>`
          : '<p class="status">The loss curves upwards in every direction, and has not reached its minimum.</p>';
  const goingOn = endless
    .slice(0, 12)
    .map((direction) => {
      const text = `${escaped(endlessText.replace(/^n/, "N"))} <code>${escaped(directionText(direction, labels))}</code>.`;
      return `<p class="status warn">${text}</p>`;
    })
    .join("");
  const rows = flat
    .slice(0, 12)
    .map((direction) => [
      `<code>${escaped(directionText(direction, labels))}</code>`,
      briefNumber(direction.curvature),
    ]);
  const directions = rows.length > 0 ? tableHtml(["direction", "curvature beside the largest"], rows, [1]) : "";
  const unscaled =
    unscaledCondition === undefined ? "" : `; ${conditionText(unscaledCondition)} in the parameters’ own units`;
  const numbers = `<p class="note">Condition number ${scaledConditionText(found)}${unscaled}.</p>`;
  // two ends make no spectrum
  const picture = products === undefined ? chartSvg(chart) : "";
  return [{ title: "Curvature", content: verdict + goingOn + directions + picture + numbers }];
}

function correlations({ labels, diagnosis }: ReportInput): Section[] {
  const { uncertainty } = diagnosis;
  const n = labels.length;
  if (!uncertainty || n < 2) return [];
  const entries = uncertainty.correlations;
  const pairs: { i: number; j: number; value: number }[] = [];
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) pairs.push({ i, j, value: entries[i * n + j]! });
  const strong = pairs
    .filter(({ value }) => Math.abs(value) > 0.9)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rows = strong
    .slice(0, 8)
    .map(({ i, j, value }) => [
      `<code>${escaped(labels[j]!)}</code>`,
      `<code>${escaped(labels[i]!)}</code>`,
      value.toFixed(4),
    ]);
  const picture = n <= 40 ? correlationsSvg("correlations", labels, entries) : "";
  const table =
    rows.length > 0
      ? `<p class="note">The strongest:</p>${tableHtml(["", "", "correlation"], rows, [2])}`
      : '<p class="note">No two parameters are correlated beyond 0.9.</p>';
  return [{ title: "Correlations of the parameters", content: picture + table }];
}

/** Residuals in their order, over data of the same length, and how they are spread. */
function residuals({ residuals: r, filled, diagnosis }: ReportInput): Section[] {
  if (!r || r.length < 2) return [];
  const over = filled
    .filter(({ data, shape, encoding }) => shape.length === 1 && data.length === r.length && !encoding.labels)
    .slice(0, 2);
  const axes =
    over.length > 0
      ? over.map(({ name, data }) => ({ label: name, data }))
      : [{ label: "in their order", data: r.map((_, k) => k) }];
  const every = Math.ceil(r.length / mostDots);
  const charts = axes.map(({ label, data }): Section => {
    const points = Array.from(r.keys())
      .filter((k) => k % every === 0)
      .map((k) => [data[k]!, r[k]!] as const);
    const note = every > 1 ? `<p class="note">One of ${every} is drawn.</p>` : "";
    return {
      title: `Residuals ${over.length > 0 ? `over ${label}` : label}`,
      content:
        chartSvg({
          title: `residuals over ${label}`,
          x: { label },
          y: { label: "residual" },
          series: [{ points, marks: "dots" }],
          hasZero: true,
        }) + note,
    };
  });
  const values = Array.from(r);
  const [center, spread] = [mean(values) ?? 0, diagnosis.uncertainty?.residuals?.deviation ?? deviation(values) ?? 0];
  const bins = bin().thresholds(Math.min(40, Math.ceil(Math.sqrt(r.length))))(values);
  const bars = bins.flatMap(({ x0, x1, length }) =>
    x0 !== undefined && x1 !== undefined && x1 > x0 ? [{ from: x0, to: x1, count: length }] : [],
  );
  if (bars.length < 2 || !(spread > 0)) return charts;
  const width = bars[0]!.to - bars[0]!.from;
  const normal = Array.from({ length: 121 }, (_, k) => {
    const x = center + spread * (k / 15 - 4);
    return [
      x,
      (r.length * width * Math.exp(-0.5 * ((x - center) / spread) ** 2)) / (spread * Math.sqrt(2 * Math.PI)),
    ] as const;
  });
  const note = '<p class="note">The curve is a normal distribution of the same deviation.</p>';
  return [
    ...charts,
    { title: "Spread of the residuals", content: histogramSvg("residuals", "residual", bars, normal) + note },
  ];
}

const mostDots = 4000;

function runs({ others, outcome }: ReportInput): Section[] {
  if (!others) return [];
  const rows = others.outcomes.map((each, k) => [
    each === outcome || each.point === outcome.point
      ? `<b>${escaped(others.titles[k]!)}</b>`
      : escaped(others.titles[k]!),
    String(Number(each.loss.toPrecision(12))),
    briefNumber(each.gradientNorm),
    String(each.iterations),
    `${each.evaluations.value}, ${each.evaluations.gradient}, ${each.evaluations.hvp}`,
    timeText(each.seconds),
    escaped(each.message),
  ]);
  const head = [
    others.kind === "starts" ? "start" : "method",
    "loss",
    "|gradient|",
    "iterations",
    "losses, gradients, products",
    "time",
    "end",
  ];
  return [
    {
      title: others.kind === "starts" ? "Starts" : "Methods",
      content: tableHtml(head, rows, [1, 2, 3, 4, 5]),
      isWide: true,
    },
  ];
}

function data({ filled }: ReportInput): Section[] {
  if (filled.length === 0) return [];
  const hasLabels = filled.some(({ encoding }) => encoding.labels);
  const rows = filled.map(({ name, shape, from, encoding }) => [
    `<code>${escaped(name)}</code>`,
    `[${shape.join(", ")}]`,
    escaped(from),
    ...(hasLabels ? [labelsText(encoding)] : []),
  ]);
  const head = ["data", "shape", "from", ...(hasLabels ? ["labels"] : [])];
  return [{ title: "Data", content: tableHtml(head, rows), isWide: true }];
}

function labelsText({ labels = {} }: Filled["encoding"]): string {
  const shown = Object.entries(labels).slice(0, 12);
  return escaped(shown.map(([label, code]) => `${label} = ${code}`).join(", "));
}
