import { describe, expect, it } from "vitest";
import { lookupsOf } from "../../src/compile/derive.ts";
import { checkedRanges } from "../../src/compile/inputs/verify.ts";
import { Integer } from "../../src/ir/integer.ts";
import { reachableIds } from "../../src/ir/walks/traverse.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

const rows = "param a: [k], b: [k]\ndata item: int[n] within 0..k, y: [n]\n";

/** How many functions that take long the loss computes for each row. */
function functionsOfRows(text: string, rows = Integer.named("n")): number {
  const model = loadModel({ name: "tables", text });
  const { graph } = model;
  const lookups = lookupsOf(model, checkedRanges(model.requirements));
  const [loss] = simplify([simplify([model.loss!])[0]!], { last: true, lookups });
  const isLong = (id: number) =>
    graph.kindOf(id) === "map" && graph.primitiveOf(id).cost >= 10 && graph.shapeOf(id)[0]?.equals(rows);
  return reachableIds(graph, [loss!.id]).filter(isLong).length;
}

/** Functions of all items, looked up a row; the logarithms and complements that rules find are functions of items too. */
const ofItems = [
  "let p = sigmoid(a)\nloss = -sum(i: y[i] * log(p[item[i]]) + (1 - y[i]) * log(1 - p[item[i]]))",
  "let p = normalCdf(a - b)\nloss = sum(i: y[i] * log(1 - p[item[i]]))",
  "let s = exp(a)\nloss = sum(i: (y[i] - b[item[i]])^2 / s[item[i]]^2 + 2 * log(s[item[i]]))",
  "let c = sigmoid(a)\nlet q = [i in 0..n: c[item[i]] + (1 - c[item[i]]) * y[i]]\nloss = sum(q^2)",
  "let s = softplus(a + 3)\nloss = sum(i: log1p(s[item[i]]^2) * y[i])",
];

/** Where only rows have functions, and where positions may be outside or are fewer than items. */
const ofRows = [
  "loss = -sum(i: y[i] * log(sigmoid(a[item[i]])))",
  "let p = sigmoid(a)\nloss = -sum(i: y[i] * log(sigmoid(b[item[i]]) * p[0]))",
];

describe("functions of what is looked up", () => {
  it.each(ofItems)("are computed once for each item: %s", (text) => {
    expect(functionsOfRows(rows + text)).toBe(0);
  });

  it.each(ofRows)("stay with the rows: %s", (text) => {
    expect(functionsOfRows(rows + text)).toBeGreaterThan(0);
  });

  it("stay with the rows that are fewer than the items", () => {
    const text = `size k = 50\nsize n = 3\n${rows}${ofItems[0]}`;
    expect(functionsOfRows(text, Integer.constant(3))).toBeGreaterThan(0);
  });

  it.each([...ofItems, ...ofRows])("have the values and derivatives of the model as written: %s", (text) => {
    const inputs = {
      a: [0.3, -1.2, 0.7, 1.9],
      b: [-0.4, 0.2, 1.1, 0],
      item: [2, 0, 2, 1, 0, 2, 2],
      y: [1, 0.5, 0, 1, 1, 0.25, 2],
    };
    const along = { a: [1, -0.5, 0.25, 2], b: [0.5, 1, -1, 3] };
    const [made, written] = (["all", "none"] as const).map((rewrites) => {
      const compiled = compileText(rows + text, { rewrites });
      return [compiled.loss(inputs), compiled.gradient(inputs), compiled.hvp(inputs, along)];
    });
    expect(flat(made)).toHaveLength(17);
    for (const [k, value] of flat(made).entries()) expect(value).toBeCloseTo(flat(written)[k]!, 11);
  });

  it("need no value for items that no row has", () => {
    const { gradient, loss } = compileText(`${rows}let s = log(a)\nloss = sum(i: y[i] * exp(s[item[i]])^2)`);
    const inputs = { a: [2, 3, -1], b: [0, 0, 0], item: [1, 0, 1], y: [1, 1, 0.5] };
    expect(loss(inputs)).toBeCloseTo(17.5, 12);
    const [first, second] = gradient(inputs).a!;
    expect(first).toBeCloseTo(4, 12);
    expect(second).toBeCloseTo(9, 12);
  });
});

const flat = (value: unknown): number[] =>
  typeof value === "number"
    ? [value]
    : ArrayBuffer.isView(value)
      ? Array.from(value as Float64Array)
      : Object.entries(value as object).flatMap(([name, each]) => (name === "shape" ? [] : flat(each)));
