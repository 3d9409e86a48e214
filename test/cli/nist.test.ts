import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FitFile } from "../../src/cli/fit/fit-file.ts";
import { type Tree, textOf } from "../cases/text.ts";
import { folderWith, run } from "./run.ts";

interface Regression {
  readonly name: string;
  readonly response: string;
  readonly model_ast: Tree;
  readonly parameters: readonly string[];
  readonly columns: readonly string[];
  readonly data: readonly (readonly number[])[];
  readonly start1: readonly string[];
  readonly start2: readonly string[];
  readonly certified: { readonly params: readonly string[]; readonly std_errors: readonly string[] };
}

const folder = new URL("../cases/nist/", import.meta.url);
const regressions = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Regression,
);

/** The regression as a user has it: a model with its first start, a CSV file, the second start as a file. */
function filesOf({ response, model_ast, parameters, columns, data, start1, start2 }: Regression) {
  const starts = parameters.map((name, i) => `${name} = ${start1[i]}`);
  return {
    "model.nabla": [
      `param ${starts.join(", ")}`,
      `data ${columns.map((column) => `${column}: [n]`).join(", ")}`,
      `loss = sum((${response} - ${textOf(model_ast)})^2)`,
    ].join("\n"),
    "data.csv": [columns, ...data].map((row) => `${row.join(",")}\n`).join(""),
    "start.json": JSON.stringify(Object.fromEntries(parameters.map((name, i) => [name, Number(start2[i])]))),
  };
}

const digits = (got: readonly number[], wanted: readonly string[]) =>
  Math.min(...wanted.map((value, i) => -Math.log10(Math.abs(got[i]! / Number(value) - 1))));

describe("nabla fit on NIST's regressions", () => {
  it.each(regressions.map((each) => [each.name, each] as const))(
    "%s: nine digits of the parameters and five of the standard errors, from both starts",
    async (name, regression) => {
      const { parameters, certified } = regression;
      for (const words of [[], ["--start", "start.json"]]) {
        const setting = { folder: folderWith(filesOf(regression)) };
        const { code, output } = await run(["fit", "model.nabla", "--data", "data.csv", ...words, "--json"], setting);
        const fit = JSON.parse(output) as FitFile & { standardErrors: Record<string, number> };
        expect([code, fit.status.kind]).toEqual([0, "converged"]);
        expect(fit.diagnosis).toMatchObject({ endless: [] });
        const valuesOf = (from: Readonly<Record<string, unknown>>) => parameters.map((each) => from[each] as number);
        expect(digits(valuesOf(fit.parameters), certified.params)).toBeGreaterThan(9);
        // the residuals of Lanczos1 are rounding: so are its standard errors
        if (name !== "Lanczos1") expect(digits(valuesOf(fit.standardErrors), certified.std_errors)).toBeGreaterThan(5);
      }
    },
  );
});
