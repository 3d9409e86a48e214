import { join } from "node:path";
import type { ElaboratedModel } from "../../build/model.ts";
import { readArguments } from "../arguments.ts";
import { readData } from "../data/read.ts";
import { fitCommand } from "../fit/command.ts";
import type { FitFile } from "../fit/fit-file.ts";
import { dataRequest, type FitOptions } from "../fit/options.ts";
import { neededData } from "../fit/problem.ts";
import type { Io } from "../io.ts";
import { packageFile } from "../package.ts";
import type { Progress } from "../progress.ts";
import type { Style } from "../style.ts";
import type { Problem } from "./problems.ts";

/** What came of fitting one problem. */
export interface Fitted {
  /** The command, as a user would write it. */
  readonly command: string;
  readonly file: string;
  readonly report: string;
  readonly fit: Pick<FitFile, "status" | "method" | "loss" | "iterations" | "evaluations">;
}

/** The options of `nabla fit` for a problem. */
function fitWords({ model, file, data, fit }: Problem): string[] {
  const path = packageFile(`grammar/examples/${file}`);
  return [packageFile(`grammar/examples/${model}`), ...data.map((word) => word.replace("FILE", path)), ...fit];
}

/** The problem's data, read as `nabla fit` reads them. */
export async function dataOf(
  problem: Problem,
  model: ElaboratedModel,
  io: Io,
): Promise<Readonly<Record<string, unknown>>> {
  const { options } = readArguments(fitWords(problem), fitCommand);
  const request = dataRequest(options as FitOptions);
  const { filled } = await readData(model, { ...request, needed: neededData(model, undefined), given: new Set() }, io);
  return Object.fromEntries(filled.map(({ name, data, shape }) => [name, { data, shape }]));
}

/** Runs `nabla fit` on a problem, with a report. */
export async function fitProblem(
  problem: Problem,
  folder: string,
  { io, style, progress }: { readonly io: Io; readonly style: Style; readonly progress: Progress },
): Promise<Fitted> {
  const name = problem.model.replace(/\.nabla$/, "");
  const [file, report] = [join(folder, `${name}.fit.json`), join(folder, `${name}.html`)];
  const words = [...fitWords(problem), "--output", file, "--report", report];
  let text = "";
  const output = {
    ...io.output,
    write: async (piece: string) => {
      text += piece;
    },
  };
  const { options, operands } = readArguments([...words, "--json"], fitCommand);
  await fitCommand.run({ io: { ...io, output }, style, progress, options, operands });
  const { status, method, loss, iterations, evaluations } = JSON.parse(text) as FitFile;
  const shown = [problem.model, ...problem.data.map((word) => word.replace("FILE", problem.file)), ...problem.fit];
  const command = ["nabla fit", ...shown.map((word) => word.replace("=", " ")), "--report", `${name}.html`].join(" ");
  return { command, file, report, fit: { status, method, loss, iterations, evaluations } };
}
