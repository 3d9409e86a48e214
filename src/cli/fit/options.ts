import { UsageError } from "../../ir/errors.ts";
import type { Limits } from "../../optimize/driver/counted.ts";
import type { Tolerances } from "../../optimize/driver/tolerances.ts";
import { givenOnce, namesIn, positive, wholeNumber } from "../arguments.ts";
import type { Values } from "../command.ts";
import { shared } from "../command.ts";
import type { DataRequest } from "../data/read.ts";

/** How data files are read; `nabla fit` and `nabla predict` share it. */
export const dataOptions = {
  data: {
    type: "texts",
    short: "d",
    value: "[NAME=]FILE[:COLUMNS]",
    help: "data: CSV, JSON or .npy; may be repeated",
  },
  set: {
    type: "texts",
    short: "s",
    value: "NAME=VALUE",
    help: "a constant, data or size of the model; may be repeated",
  },
  "drop-missing": { type: "flag", help: "leave out rows that lack a value" },
  missing: {
    type: "text",
    value: "WORDS",
    help: "words for a missing value, beside the usual NA, NaN, null, ? and nothing",
  },
  separator: { type: "text", value: "SIGN", help: "what stands between cells (default: found from the rows)" },
  header: { type: "text", choices: ["yes", "no"], help: "is the first row a header? (default: unless it has numbers)" },
  "decimal-comma": { type: "flag", help: "a comma stands before the fraction: 1,5" },
} as const;

export const fitOptions = {
  ...dataOptions,
  standardise: {
    type: "texts",
    value: "NAME",
    help: "give the columns of NAME mean 0 and deviation 1; may be repeated",
  },
  labels: {
    type: "texts",
    value: "COLUMN[=LABEL:NUMBER,...]",
    help: "a column of labels, and the numbers that stand for them (default: 0, 1, ... in order)",
  },
  method: { type: "text", short: "m", value: "NAME", help: "how to minimise (default: by the problem)" },
  methods: { type: "flag", help: "list the methods, what they are for, and their options" },
  option: { type: "texts", value: "NAME=VALUE", help: "an option of the method; may be repeated" },
  compare: { type: "text", value: "METHODS", help: "race methods, separated by commas, from the same start" },
  start: { type: "text", value: "FILE.json", help: "where to begin: values by parameter, or an earlier fit" },
  starts: { type: "text", value: "N", help: "begin at N points, N-1 of them random, and keep the best" },
  seed: { type: "text", value: "S", help: "the same seed draws the same numbers (default: 1)" },
  wrt: { ...shared.wrt, help: "parameters to fit, separated by commas; the others stay at their start (default: all)" },
  residual: { type: "text", value: "NAMES", help: "outputs that are the residuals, where the loss does not show them" },
  batch: { type: "text", value: "N", help: "draw N rows for each step" },
  iterations: { type: "text", value: "N", help: "at most so many steps" },
  seconds: { type: "text", value: "S", help: "at most so long" },
  tolerance: {
    type: "texts",
    value: "[TEST=]SIZE",
    help: "converged when gradient (default), relativeGradient, metric, step or value is at most SIZE",
  },
  likelihood: {
    type: "text",
    choices: ["total", "mean"],
    help: "the loss is a negative log-likelihood: gives standard errors",
  },
  report: { type: "text", value: "FILE.html", help: "draw curves, errors, curvature and residuals" },
  checkpoint: { type: "text", value: "FILE", help: "save the state there every other second" },
  resume: { type: "flag", help: "go on from the checkpoint" },
  output: {
    type: "text",
    short: "o",
    value: "FILE",
    help: "where the fit goes, as JSON (default: MODEL.fit.json; - for standard output)",
  },
  json: { ...shared.json, help: "print the fit as JSON, errors too" },
} as const;

export type FitOptions = Values<typeof fitOptions>;

const separators: Readonly<Record<string, string>> = {
  tab: "\t",
  "\\t": "\t",
  comma: ",",
  semicolon: ";",
  space: " ",
  pipe: "|",
};

/** What the options say of data. Throws UsageError for a separator of several signs. */
export function dataRequest(
  options: Values<typeof dataOptions> & {
    readonly standardise?: readonly string[];
    readonly labels?: readonly string[];
  },
): Omit<DataRequest, "needed" | "given"> {
  const separator = options.separator === undefined ? undefined : (separators[options.separator] ?? options.separator);
  if (separator !== undefined && separator.length !== 1)
    throw new UsageError(`--separator needs one sign, or tab, got "${options.separator}".`);
  return {
    sources: options.data,
    labels: options.labels ?? [],
    standardise: (options.standardise ?? []).flatMap(namesIn),
    dropMissing: options["drop-missing"],
    cells: { missing: new Set(namesIn(options.missing ?? "")), decimalComma: options["decimal-comma"] },
    separator,
    header: options.header as "yes" | "no" | undefined,
  };
}

/** What ends a run, of the options. Throws UsageError. */
export function limitsIn({ iterations, seconds }: Pick<FitOptions, "iterations" | "seconds">): Limits {
  return {
    ...(iterations !== undefined && { iterations: wholeNumber("--iterations", iterations, 0) }),
    ...(seconds !== undefined && { seconds: positive("--seconds", seconds) }),
  };
}

/** Tolerances by criterion; a number alone is that of the gradient. Throws UsageError. */
export function tolerancesIn(texts: readonly string[]): Tolerances {
  const tolerances = texts.map((text) => {
    const at = text.indexOf("=");
    const name = at < 0 ? "gradient" : text.slice(0, at);
    return [name, positive(`--tolerance ${name}`, text.slice(at + 1))] as const;
  });
  return Object.fromEntries(givenOnce("--tolerance", tolerances));
}
