import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { realField } from "../../src/interpreter/field.ts";
import { evaluateShape, interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { graphHeader, showGraph } from "../../src/ir/show.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { routineKernel } from "../../src/ops/linear-algebra/registry.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { rewrite } from "../../src/rewrite/rewrite.ts";
import type { ListName, Rule, Rules } from "../../src/rewrite/rule.ts";
import { nameOf } from "../../src/rewrite/rule-name.ts";
import { parseGraph } from "../ir/parse-graph.ts";
import { catalogue } from "./catalogue.ts";

const file = new URL("cases.txt", import.meta.url);
const lists: readonly ListName[] = ["exact", "stable", "real"];
const allRules = lists.flatMap((list) =>
  Object.values<Rules>(catalogue).flatMap((rules) => (rules[list] ?? []).map((rule) => ({ list, rule }))),
);
const findRule = (name: string) => allRules.find(({ rule }) => nameOf(rule) === name);

/** Rule name, graph before, graph after; the last node is the root. */
const cases = readFileSync(file, "utf8")
  .split(/^# /m)
  .slice(1)
  .map((entry) => {
    const [name, ...lines] = entry.trim().split("\n") as [string, ...string[]];
    const [before = "", after = ""] = lines.join("\n").split("\n=>\n");
    return { name, before, after };
  });

function parse(text: string, graph: Graph): Expr {
  const count = text.split("\n").length;
  const whole = `${graphHeader}\n${text}\nroots %${count - 1}\n`;
  return parseGraph({ name: "case", text: whole }, primitiveNamed, graph, routineKernel).roots[0]!;
}

function show(root: Expr): string {
  return showGraph([root]).split("\n").slice(1, -2).join("\n");
}

function applied({ list, rule }: { list: ListName; rule: Rule }, root: Expr): Expr {
  const isEarly = rule.phase === "early";
  const pass = { name: "single", rules: [{ [list]: [rule] }], isSweptOnce: isEarly };
  return rewrite([root], [pass], { phase: isEarly ? "anytime" : "last" })[0]!;
}

const sizes = new Map([
  ["n", 3],
  ["d", 2],
  ["m", 4],
]);

/** Quarters, so that sums and products of a few are exact; ints count 0, 1, 0, ... */
function bindings(roots: readonly Expr[]) {
  const values = new Map<Expr, number[]>();
  for (const node of topologicalOrder(roots)) {
    if (node.kind !== "leaf") continue;
    const count = evaluateShape(node.shape, sizes).reduce((product, size) => product * size, 1);
    const value = (k: number) => (node.dtype === "int" ? k % 2 : (((node.id * 3 + k * 7) % 13) - 6) / 4 + 1 / 8);
    values.set(
      node,
      Array.from({ length: count }, (_, k) => value(k)),
    );
  }
  return { sizes, values };
}

if (process.env.UPDATE_CASES) {
  const text = cases.map(
    ({ name, before }) =>
      `# ${name}\n${before}\n=>\n${show(applied(findRule(name)!, parse(before, new Graph(allExtensions))))}\n`,
  );
  writeFileSync(file, text.join("\n"));
}

describe("a rule written as a function", () => {
  it("has a case", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect(
      allRules.filter(({ rule }) => !rule.pair && !names.has(nameOf(rule))).map(({ rule }) => nameOf(rule)),
    ).toEqual([]);
  });

  it.each(cases)("$name: gives the expected graph", ({ name, before, after }) => {
    expect(show(applied(findRule(name)!, parse(before, new Graph(allExtensions))))).toBe(after);
  });

  it.each(cases)("$name: keeps value and gradient", ({ name, before }) => {
    const graph = new Graph(allExtensions);
    const root = parse(before, graph);
    const rule = findRule(name)!;
    const after = applied(rule, root);
    const parameters = topologicalOrder([root]).filter(({ kind, dtype }) => kind === "leaf" && dtype === "real");
    const slopes = (output: Expr) => (output.dtype === "real" ? gradient(sum(output), parameters) : []);
    const sides = [root, after].map((side) => [side, ...slopes(side)]);
    const [left, right] = sides.map((roots) => interpret(roots, bindings([root]), realField)) as [
      number[][],
      number[][],
    ];
    if (rule.list === "exact") expect(right[0]).toEqual(left[0]);
    for (const [k, expected] of left.entries()) {
      for (const [at, value] of expected.entries()) expect(right[k]![at]).toBeCloseTo(value, 9);
    }
  });
});
