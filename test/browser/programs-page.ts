import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";
import { dataFor, deviation, type ProgramRow, packedFor } from "../cases/program-rows.ts";

// The script of a page: evaluates programs with both engines, and posts how far the results are from those of their rows, as JSON.

/** How far the results of a program are off, or what went wrong. */
export interface Judged {
  readonly name: string;
  readonly gradient: number;
  readonly hvp: number;
  readonly error?: string;
}

const engines = { JavaScript: undefined, WebAssembly: webAssembly({ use: "always" }) };

const rows = (await (await fetch("/programs.json")).json()) as readonly ProgramRow[];
const judged = rows.flatMap((row) =>
  row.texts.flatMap((text, k) =>
    Object.entries(engines).map(([name, engine]): Judged => {
      const label = `${row.name}, as written ${k + 1}, ${name}`;
      try {
        return { name: label, ...judge(row, text, engine === undefined ? {} : { engine }) };
      } catch (error) {
        return { name: label, gradient: Number.NaN, hvp: Number.NaN, error: String(error) };
      }
    }),
  ),
);
await fetch("/result", { method: "POST", body: JSON.stringify(judged) });

function judge(row: ProgramRow, text: string, options: CompileOptions): Pick<Judged, "gradient" | "hvp"> {
  const model = loadModel({ name: "program.nabla", text });
  const data = dataFor(
    row,
    model.data.map((leaf) => leaf.name),
  );
  const bound = compileModel(model, options).bind(data);
  const names = bound.layout().map((part) => part.name);
  const { direction, ...wanted } = packedFor(row, names);
  const x = bound.pack(row.params);
  const [gradient, hvp] = [new Float64Array(x.length), new Float64Array(x.length)];
  bound.flat.lossGradientHvp(x, direction, gradient, hvp);
  return { gradient: deviation(gradient, wanted.gradient), hvp: deviation(hvp, wanted.hvp) };
}
