import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as arrays from "../../src/arrays.ts";
import * as core from "../../src/index.ts";
import { compile, loadModel } from "../../src/language/all.ts";
import * as linearAlgebra from "../../src/linear-algebra.ts";
import { wholeLanguage } from "../../src/model/load.ts";
import { operations } from "../../src/ops/registry.ts";
import * as special from "../../src/special.ts";
import * as windows from "../../src/windows.ts";
import { blocksOf } from "./blocks.ts";

// The expression tables have three columns: another system, the language, TypeScript. The last two are built over the
// names that the page declares, and must be the same node of one graph, or give the same numbers.

const page = readFileSync(new URL("../../docs/coming-from.md", import.meta.url), "utf8");
const names = blocksOf(page).find(({ file }) => file === "names.nabla")!.text;

interface Row {
  readonly there: string;
  readonly language: string;
  readonly typescript: string;
}

const rows: readonly Row[] = page.split("\n").flatMap((line) => {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const [there, language, typescript] = cells.slice(1, -1);
  const code = (cell: string | undefined) => /^`([^`]*)`$/.exec(cell ?? "")?.[1];
  const [inLanguage, inTypeScript] = [code(language), code(typescript)];
  return cells.length === 5 && inLanguage && inTypeScript
    ? [{ there: there!, language: inLanguage, typescript: inTypeScript }]
    : [];
});

const { bool, data, int, mat, param, tensor, vec } = core;
const leaves = {
  w: param(["d"]),
  b: param(),
  X: mat("n", "d"),
  A: mat("n", "n"),
  B: mat("n", "n"),
  x: vec("n"),
  y: vec("n"),
  v: data(["d"]),
  label: int(["n"], { within: [0, "d"] }),
  mask: bool(["n"]),
  image: tensor(["m", "rows", "columns", "c"]),
  filter: tensor([3, 3, "c", "k"]),
} as const;

const shapes: Readonly<Record<string, readonly number[]>> = {
  ...{ w: [3], b: [], X: [4, 3], A: [4, 4], B: [4, 4], x: [4], y: [4], v: [3] },
  ...{ image: [1, 5, 6, 2], filter: [3, 3, 2, 1] },
};
const reals = Object.entries(shapes).map(([name, shape], seed) => {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length }, (_, k) => 0.2 + Math.abs(Math.sin(7 * seed + 3 * k)) / 2);
  return [name, { data: values, shape }] as const;
});
const inputs = { ...Object.fromEntries(reals), label: [0, 2, 1, 2], mask: [1, 0, 0, 1] };

function inLanguage(expression: string): Float64Array {
  const model = loadModel({ name: "row.nabla", text: `${names}\noutput answer = ${expression}\n` });
  return compile(model, { wrt: [] }).outputs(inputs, ["answer"]).answer!;
}

/** The TypeScript cell as the body of a model's callback; methods of tensors need no import, functions come from the entries. */
function inTypeScript(expression: string): Float64Array {
  const build = new Function("exported", "leaves", `with (exported) with (leaves) return (${expression});`) as (
    exported: object,
    leaves: object,
  ) => core.Tensor;
  const model = core.model(leaves, ({ ...all }) => {
    const { X, w, b, y } = all;
    const loss = X.matmul(w).add(b).sub(y).square().mean();
    return { loss, answer: build({ ...arrays, ...linearAlgebra, ...special, ...windows, ...core }, { ...all, loss }) };
  });
  return compile(model, { wrt: [] }).outputs(inputs, ["answer"]).answer;
}

describe("docs/coming-from.md", () => {
  it("has tables", () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows)("says the same twice: $there", ({ language, typescript }) => {
    const [first, second] = [inLanguage(language), inTypeScript(typescript)];
    expect(first.length).toBeGreaterThan(0);
    expect(first.every((value) => !Number.isNaN(value))).toBe(true);
    expect(Array.from(second)).toEqual(Array.from(first));
  });

  it("has densities that integrate to one", () => {
    const definition = /def normal_lpdf\(x, m, s\) = [^`]*/.exec(page)![0];
    const { language } = rows.find(({ there }) => there.startsWith("`normal_lpdf("))!;
    const over = (density: string) => `sum(exp([k in 0..200: ${density}])) / 10`;
    // y of one element goes over a grid, the mean and the deviation stay
    const row = `(${over(language.replaceAll("y", "[k / 10 - 10]").replaceAll(/\bx\b/g, "[0.3]").replace("n *", "1 *"))})`;
    const model = loadModel({
      name: "densities.nabla",
      text: `${definition}\nparam b\noutput first = ${over("normal_lpdf(k / 10 - 10, 0.3, b)")}\noutput second = ${row}\n`,
    });
    const { first, second } = compile(model, { wrt: [] }).outputs({ b: 0.7 }, ["first", "second"]);
    expect([first![0], second![0]]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  });

  it("speaks of functions that exist", () => {
    const called = rows.flatMap(({ language }) => [...language.matchAll(/([a-z]\w*)\(/gi)].map((match) => match[1]!));
    for (const name of called)
      expect(operations.has(name) || wholeLanguage.vocabulary.functions.has(name), name).toBe(true);
  });
});
