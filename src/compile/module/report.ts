import { requireModel } from "../../build/require-model.ts";
import { reportEngines } from "../../emit/report/engine-times.ts";
import { type FunctionReport, reportLoops } from "../../emit/report/loop-report.ts";
import { meant, needs, requireOptions } from "../../ir/arguments/arguments.ts";
import { DataError } from "../../ir/errors.ts";
import type { CompilableModel } from "../compile.ts";
import { contentOf, copyOf, hintsOf } from "./content.ts";
import { type EmitOptions, emitNeeds } from "./options.ts";

export interface ReportOptions extends EmitOptions {
  /** What sizes are taken to be. Default: what the model hints at, else 1000 for sizes of data and 100 for those of parameters. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** What the functions of a module cost, loop by loop. */
export interface ModelReport {
  /** What sizes were taken to be. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionReport[];
}

/** What each loop of a model's functions and outputs costs, how it was laid out and why. Throws DataError for unknown sizes. */
export function reportModel(model: CompilableModel, options: ReportOptions = {}): ModelReport {
  requireModel("reportModel", model);
  requireOptions<ReportOptions>("reportModel", options, { ...emitNeeds, sizes: needs.record });
  const content = contentOf(copyOf(model), options);
  const hints = hintsOf(model);
  const { sizes: given = {} } = options;
  for (const [name, value] of Object.entries(given)) {
    if (!content.sizes.includes(name))
      throw new DataError(`the model has no size "${name}". ${meant(name, content.sizes)}`);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new DataError(`the size "${name}" needs a whole number, got ${value}.`);
  }
  const sizes = new Map(content.sizes.map((name) => [name, given[name] ?? hints(name)]));
  const programs = [
    ...[...content.functions].map(([name, code]) => [name, code] as const),
    ...content.outputs.map(({ name, code }) => [`output ${name}`, code] as const),
  ];
  return {
    sizes: Object.fromEntries(sizes),
    functions: programs.map(([name, code]) =>
      reportLoops(name, { code: code.wasm ?? code, engines: reportEngines(code, sizes) }, sizes),
    ),
  };
}
