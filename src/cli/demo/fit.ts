import { join, relative } from "node:path";
import type { ElaboratedModel } from "../../build/model.ts";
import { readArguments } from "../arguments.ts";
import { readData } from "../data/read.ts";
import { fitCommand } from "../fit/command.ts";
import type { FitFile } from "../fit/fit-file.ts";
import { dataRequest, type FitOptions } from "../fit/options.ts";
import { neededData } from "../fit/plan/problem.ts";
import { packageFile } from "../package.ts";
import type { Io } from "../terminal/io.ts";
import type { Progress } from "../terminal/progress.ts";
import { shellWord } from "../terminal/shell.ts";
import type { Style } from "../terminal/style.ts";
import type { Problem } from "./problems.ts";

/** What came of fitting one problem. */
export interface Fitted {
  /** The command, as a user would write it. */
  readonly command: string;
  readonly file: string;
  readonly report: string;
  readonly fit: Pick<FitFile, "status" | "method" | "loss" | "iterations" | "evaluations">;
}

/** The words behind `nabla fit` for a problem, with files as seen from where the user is. */
function fitWords({ model, file, data, fit }: Problem, { folder }: Pick<Io, "folder">): string[] {
  const seen = (name: string) => relative(folder, packageFile(`grammar/examples/${name}`));
  return [seen(model), ...data.map((word) => word.replace("FILE", seen(file))), ...fit];
}

/** The problem's data, read as `nabla fit` reads them. */
export async function dataOf(
  problem: Problem,
  model: ElaboratedModel,
  io: Io,
): Promise<Readonly<Record<string, unknown>>> {
  const { options } = readArguments(fitWords(problem, io), "fit", fitCommand);
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
  const words = [...fitWords(problem, io), "--output", file, "--report", report];
  let text = "";
  const output = {
    ...io.output,
    write: async (piece: string) => {
      text += piece;
    },
  };
  const { options, operands } = readArguments([...words, "--json"], "fit", fitCommand);
  await fitCommand.run({ io: { ...io, output }, style, progress, options, operands });
  const { status, method, loss, iterations, evaluations } = JSON.parse(text) as FitFile;
  // an option and its value as two words, as people write them
  const shown = fitWords(problem, io).flatMap((word) => /^(--\w+)=(.*)$/.exec(word)?.slice(1) ?? [word]);
  const command = ["nabla", "fit", ...shown, "--report", report].map(shellWord).join(" ");
  return { command, file, report, fit: { status, method, loss, iterations, evaluations } };
}
