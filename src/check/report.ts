import { record } from "../compile/inputs/inputs.ts";
import { isRecord, requireThat } from "../ir/arguments/arguments.ts";
import { counted } from "../ir/counted.ts";
import type { Sample } from "./arbitraries.ts";
import type { Comparison } from "./laws.ts";

type Values<T = readonly number[]> = Readonly<Record<string, T>>;

/** The smallest failure found: where, along what, and which numbers disagree. */
export interface Counterexample extends Comparison {
  readonly sizes: Values<number>;
  readonly point: Values;
  readonly v: Values;
  /** The second direction, for laws that have two. */
  readonly u: Values;
  /** Where fast-check found it: with the seed, enough to run it again. */
  readonly path: string;
}

/** What was found of one law. */
export interface LawReport {
  readonly name: string;
  readonly statement: string;
  readonly comparisons: number;
  /** The largest deviation met, in units of the tolerance. */
  readonly largest: number;
  readonly passed: boolean;
  readonly counterexample?: Counterexample | undefined;
}

export interface CheckReport {
  readonly model: string;
  readonly passed: boolean;
  readonly seed: number;
  /** At how many points the laws were to be tried. */
  readonly points: number;
  /** Further points that were drawn and left out, because the loss or the data there is not valid. */
  readonly skipped: number;
  /** Why points were left out, the first reason met. */
  readonly skipReason?: string | undefined;
  readonly laws: readonly LawReport[];
  /** What could not be checked, and why. */
  readonly notes: readonly string[];
}

const widest = 12;

/** A comparison that failed, with the point where it did and the path to draw it again. */
export function counterexampleOf(comparison: Comparison, sample: Sample, path: string): Counterexample {
  const { sizes, values, v, u } = sample;
  return { ...comparison, sizes: record(sizes), point: record(values), v: record(v), u: record(u), path };
}

/** The report as a person reads it. */
export function formatReport(report: CheckReport): string {
  requireThat(isRecord(report) && Array.isArray(report.laws), "formatReport", "a report of checkModel", report);
  const { model, passed, points, skipped, skipReason, seed, laws, notes } = report;
  const width = Math.max(...laws.map(({ name }) => name.length));
  const left = skipped > 0 ? `, ${skipped} more left out (${skipReason})` : "";
  return [
    `${model}: ${passed ? "derivatives are correct" : "DERIVATIVES ARE NOT TRUSTED"}`,
    `  ${counted(points, "point")}, seed ${seed}${left}`,
    "",
    `  ${"".padEnd(width)}  comparisons  largest deviation (1 = the tolerance)`,
    ...laws.map(
      ({ name, comparisons, largest, passed: holds }) =>
        `  ${name.padEnd(width)}  ${String(comparisons).padStart(11)}  ${showDeviation(largest)}${holds ? "" : "  FAILED"}`,
    ),
    ...laws.flatMap((law) => (law.counterexample ? ["", ...explain(law, law.counterexample, seed)] : [])),
    ...notes.map((note) => `\n  ${note}`),
    "",
  ].join("\n");
}

function explain(law: LawReport, found: Counterexample, seed: number): string[] {
  const { where, got, expected, tolerance, point, v, u } = found;
  const sizes = Object.entries(found.sizes)
    .map(([name, size]) => `${name} = ${size}`)
    .join(", ");
  return [
    `  ${law.name} FAILED: not always true that ${law.statement}.`,
    `    ${where}: got ${got}, expected ${expected} (tolerance ${tolerance.toPrecision(2)})`,
    ...(sizes ? [`    sizes   ${sizes}`] : []),
    `    at      ${showValues(point)}`,
    `    along v ${showValues(v)}`,
    ...(law.name === "symmetry" ? [`    and u   ${showValues(u)}`] : []),
    `    again   seed ${seed}`,
  ];
}

function showValues(values: Values): string {
  return Object.entries(values)
    .map(([name, list]) => {
      const shown = list.slice(0, widest).map((value) => String(Number(value.toPrecision(8))));
      const rest = list.length > widest ? [`... ${list.length} elements`] : [];
      return `${name} = ${list.length === 1 ? shown[0] : `[${[...shown, ...rest].join(", ")}]`}`;
    })
    .join(", ");
}

function showDeviation(deviation: number): string {
  if (deviation === 0) return "none";
  return deviation < 1e-3 || deviation >= 1e4 ? deviation.toExponential(1) : deviation.toPrecision(2);
}
