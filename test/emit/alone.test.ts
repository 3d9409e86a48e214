import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project } from "ts-morph";
import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { emitModule, withoutTypes } from "../../src/emit.ts";
import { loadModel } from "../../src/language/all.ts";
import { examples as models } from "../model/examples.ts";

vi.setConfig({ testTimeout: 60_000 });

const numbers = (count: number, phase: number) => Array.from({ length: count }, (_, k) => Math.sin(phase + 1.7 * k));
const matrix = (rows: number, columns: number, phase: number) =>
  Array.from({ length: rows }, (_, k) => numbers(columns, phase + k));

/** Every number in a value. */
function flat(value: unknown): number[] {
  return typeof value === "object" ? Object.values(value!).flatMap(flat) : [value as number];
}

const examples = fileURLToPath(new URL("../../grammar/examples/", import.meta.url));
const example = (name: string) => readFileSync(join(examples, `${name}.nabla`), "utf8");

/** Models whose functions share loops, and names that are no identifiers of JavaScript. */
const cases = {
  lstm: {
    text: example("lstm"),
    data: { xs: matrix(5, 2, 1), next: [0, 2, 1, 1, 0] },
    params: { W: matrix(12, 2, 2), U: matrix(12, 3, 3), b: numbers(12, 4), V: matrix(3, 3, 5) },
  },
  names: {
    text: "model eval\nparam Ω: [n, n], await: [n, n]\ndata naïve: [n, n]\nlet Function = Ω @ await\nlet größe = Function @ naïve\nloss = sum((größe @ Ω)^2) + sum(naïve @ await @ Ω)",
    data: { naïve: matrix(5, 5, 1) },
    params: { Ω: matrix(5, 5, 2), await: matrix(5, 5, 3) },
  },
};

/** Of what some of these compute nothing is read: a sign of a determinant, carries that each step sets anew, parameters. */
const inPart = [
  "param w: [n], b: []\ndata y: [n]\nloss = sum(w * y) + 3*b\noutput total = sum(y)\noutput three = 3\noutput copy = b",
  "param w: [n], b\ndata y: [k]\nloss = if b > 0 then max(y) else sum(w)",
  "param A: [n, n], b: [n]\nloss = sum(solve(A, b))",
  "param w: [n], b\nloss = sum(w) * scan(i in 0..n, h = b: 0)",
  "param w: [n], b\ndata y: [k]\nloss = b * variance(y) + reverseScan(x in y, h = b: 2)",
  "param E: [v, d]\ndata t: int[n] within 0..v\nloss = sum(E[t]^2)",
  "param a, b\nlet r = while(w = a, c = 1, test = w > 1, limit = 60: { w = w / 2; c = c * w })\nloss = r.w * r.c / b",
  "param A: [n, m]\nloss = sum(i in n-1..n: A[i, 0]^2) + prod(i in 2..2: A[i, 0])",
].map((text, k) => ({ name: `part${k}`, text }));

describe("an emitted file", () => {
  it.each([false, true])("holds nothing that is not used, WebAssembly: %s", (webAssembly) => {
    const compilerOptions = { strict: true, noUnusedLocals: true, noUnusedParameters: true, lib: ["lib.es2022.d.ts"] };
    const project = new Project({ useInMemoryFileSystem: true, compilerOptions });
    for (const { name, text } of [...models, ...inPart])
      project.createSourceFile(`/${name}.ts`, emitModule(loadModel({ name, text }), { webAssembly }));
    const choices = webAssembly ? [] : ([["loss"], ["gradient"], ["hvp"], ["lossGradientHvp", "hessian"]] as const);
    for (const { name, text } of inPart)
      for (const functions of choices)
        project.createSourceFile(
          `/${name}.${functions[0]}.ts`,
          emitModule(loadModel({ name, text }), { webAssembly, functions }),
        );
    expect(project.formatDiagnosticsWithColorAndContext(project.getPreEmitDiagnostics())).toBe("");
  });

  it("is below 60 kB for the LSTM with loss, gradient and product", () => {
    const module = emitModule(loadModel({ name: "lstm.nabla", text: cases.lstm.text }), { webAssembly: false });
    expect(module).toMatch(/ hvpFlat\(/);
    expect(new TextEncoder().encode(module).length).toBeLessThan(60_000);
  });

  it.each(Object.entries(cases))(
    "runs alone in a folder where code from strings is forbidden, with the bits of functions in memory: %s",
    async (name, { text, data, params }) => {
      const model = loadModel({ name: `${name}.nabla`, text });
      const bound = compileModel(model).bind(data);
      const folder = mkdtempSync(join(tmpdir(), "nabla-alone-"));
      try {
        for (const webAssembly of [false, true]) {
          const module = emitModule(model, { webAssembly });
          expect(module).toBe(emitModule(loadModel({ name: `${name}.nabla`, text }), { webAssembly }));
          expect(module).not.toMatch(/^import |\bimport\(|\brequire\(|\beval\(|new Function/m);
          writeFileSync(join(folder, "model.mjs"), await withoutTypes(module));
          const program = `import { bind } from "./model.mjs";
const { data, params } = JSON.parse(process.argv[2]);
const bound = bind(data);
const { loss, gradient } = bound.lossAndGradient(params);
const lists = (record) => Object.fromEntries(Object.entries(record).map(([name, values]) => [name, Array.from(values)]));
console.log(JSON.stringify([bound.loss(params), loss, lists(gradient), lists(bound.hvp(params, params))]));`;
          writeFileSync(join(folder, "run.mjs"), program);
          const words = ["--disallow-code-generation-from-strings", "run.mjs", JSON.stringify({ data, params })];
          const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", env: {} });
          expect(stderr).toBe("");
          const lists = (record: object) =>
            Object.fromEntries(
              Object.entries(record).map(([key, values]) => [key, Array.from(values as Float64Array)]),
            );
          const { loss, gradient } = bound.lossAndGradient(params);
          const expected = [bound.loss(params), loss, lists(gradient), lists(bound.hvp(params, params))];
          const got = JSON.parse(stdout) as typeof expected;
          if (!webAssembly) expect(got).toEqual(expected);
          // sums in another order: a few roundings of the largest number
          const [all, wanted] = [flat(got), flat(expected)];
          const largest = Math.max(...wanted.map(Math.abs));
          expect(all).toHaveLength(wanted.length);
          for (const [k, value] of wanted.entries()) expect(Math.abs(all[k]! - value)).toBeLessThan(1e-13 * largest);
        }
        expect(readdirSync(folder).sort()).toEqual(["model.mjs", "run.mjs"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
