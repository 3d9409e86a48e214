import { readFileSync } from "node:fs";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { realField } from "../../src/interpreter/field.ts";
import { evaluateShape, interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { graphHeader, showGraph } from "../../src/ir/show.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg } from "../../src/ops/elementary/algebra.ts";
import { not } from "../../src/ops/elementary/comparison.ts";
import { routineKernel } from "../../src/ops/linear-algebra/registry.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { variablesOf } from "../../src/rewrite/pattern.ts";
import { rewrite } from "../../src/rewrite/rewrite.ts";
import { type ListName, type Pair, type Rule, type Rules, rule } from "../../src/rewrite/rule.ts";
import { nameOf } from "../../src/rewrite/rule-name.ts";
import { parseGraph } from "../ir/parse-graph.ts";
import { isPair, type PairRule, samplesOf } from "../rewrite/both-sides.ts";
import { catalogue } from "../rewrite/catalogue.ts";
import type { Mutant } from "./mutant.ts";

// Rewrite rules with their right side broken, and the tests that each rule must pass.

/** A rule and the list that says how much of the bits it keeps. */
export interface Row {
  readonly list: ListName;
  readonly rule: Rule;
}

const lists: readonly ListName[] = ["exact", "stable", "real"];
export const rows: readonly Row[] = lists.flatMap((list) =>
  Object.values<Rules>(catalogue).flatMap((rules) => (rules[list] ?? []).map((each) => ({ list, rule: each }))),
);

/** A right side changed; undefined where this change does not apply. */
type Change = (right: Expr, left: Expr) => Expr | undefined;

const tiny = 2 ** -16;
const isZero = (x: Expr) => x.kind === "constant" && x.graph.constantOf(x.id) === 0;
const isNaNConstant = (x: Expr) => Number.isNaN(x.constant);
const isMapOf = (node: Expr, ...names: readonly string[]) =>
  node.kind === "map" && names.includes(node.graph.primitiveOf(node.id).name);
/** What neither a factor nor its sign changes. */
const isUnmoved = (x: Expr) => x.dtype !== "real" || isZero(x) || isNaNConstant(x);
/** The operand that is left when the other of two is dropped. */
const operandLeft = (node: Expr, position: number) =>
  isMapOf(node, "add", "sub", "mul") && node.operands.length === 2 ? node.operands[position] : undefined;

/** Another value of the same type. */
const spoiled: Change = (right) => {
  if (isNaNConstant(right)) return right.graph.constantLike(1, right);
  return right.dtype === "bool" ? not(right) : add(right, right.dtype === "int" ? 1 : tiny);
};

const changes: Readonly<Record<string, Change>> = {
  "wrong value": spoiled,
  "perturbed factor": (right) => (isUnmoved(right) ? undefined : mul(right, 1 + tiny)),
  "swapped sign": (right) => (isUnmoved(right) ? undefined : neg(right)),
  "first term dropped": (right) => operandLeft(right, 1),
  "second term dropped": (right) => operandLeft(right, 0),
  // a choice of x or NaN is x to rules that may put a number in the place of NaN
  "a variable in its place": (right, left) =>
    isMapOf(right, "select") ? undefined : variablesOf(left).find((x) => x !== right && x.dtype === right.dtype),
};

/** Every way in which a rule is broken; a right side that is computed gives a wrong value. */
export function ruleMutants(): Mutant<Row>[] {
  return rows.flatMap((row) => {
    const { list, rule: whole } = row;
    const mutant = (what: string, broken: Rule): Mutant<Row> => ({
      name: `${nameOf(whole)} (${list}): ${what}`,
      row,
      broken: { list, rule: broken },
    });
    const { pair } = whole;
    if (!pair || typeof pair.right === "function") return [mutant("wrong value", withSpoiledResults(whole))];
    return Object.entries(changes).flatMap(([what, change]) => {
      const right = change(pair.right as Expr, pair.left);
      return right ? [mutant(what, withRight(whole, pair, right))] : [];
    });
  });
}

function withRight({ name, phase }: Rule, { left, where }: Pair, right: Pair["right"]): Rule {
  return rule(left, right, { name, phase, ...(where ? { where } : {}) });
}

function withSpoiledResults(whole: Rule): Rule {
  const spoil = (right: Expr | undefined) => right && spoiled(right, right);
  const { pair } = whole;
  if (pair) return withRight(whole, pair, (bindings) => spoil((pair.right as ComputedRight)(bindings)));
  return { ...whole, apply: (node, context) => spoil(whole.apply(node, context)) };
}

type ComputedRight = Extract<Pair["right"], (...all: never[]) => unknown>;

/** The row's own tests: equal sides of a pair, the expected graph and values of a function. The faults, as text. */
export function ruleFaults({ list, rule: whole }: Row): string[] {
  return isPair(whole) ? pairFaults(whole, list) : caseFaults({ list, rule: whole });
}

/** Left sides cancel; their error is a few roundings of numbers up to e^8, which the right sides do not share. */
const isClose = (a: number, b: number) => a === b || Math.abs(a - b) <= 2e-9 * (1 + Math.abs(a));

function pairFaults(rule: PairRule, list: ListName): string[] {
  return samplesOf(rule, list).flatMap(({ point, left, right, slopes }) => {
    const agrees = list === "exact" ? Object.is(left, right) : Number.isNaN(left) || isClose(left, right);
    if (!agrees) return [`${right} for ${left} at ${point}`];
    const isPlain = point.every((value) => value === 0 || (Math.abs(value) < 1e3 && Math.abs(value) > 1e-3));
    if (!isPlain || !Number.isFinite(left)) return [];
    return slopes.flatMap(([a, b]) => (Number.isNaN(a) || isClose(a, b) ? [] : [`slope ${b} for ${a} at ${point}`]));
  });
}

/** Graphs before and after each rule written as a function, from the table of its tests. */
const cases = readFileSync(new URL("../rewrite/cases.txt", import.meta.url), "utf8")
  .split(/^# /m)
  .slice(1)
  .map((entry) => {
    const [name, ...lines] = entry.trim().split("\n") as [string, ...string[]];
    const [before = "", after = ""] = lines.join("\n").split("\n=>\n");
    return { name, before, after };
  });

const sizes = new Map([
  ["n", 3],
  ["d", 2],
  ["m", 4],
]);

function caseFaults({ list, rule: whole }: Row): string[] {
  const own = cases.filter(({ name }) => name === nameOf(whole));
  return own.flatMap(({ before, after }) => {
    const text = `${graphHeader}\n${before}\nroots %${before.split("\n").length - 1}\n`;
    const [root] = parseGraph({ name: "case", text }, primitiveNamed, new Graph(allExtensions), routineKernel)
      .roots as [Expr];
    const isEarly = whole.phase === "early";
    const pass = { name: "single", rules: [{ [list]: [whole] }], isSweptOnce: isEarly };
    const [result] = rewrite([root], [pass], { phase: isEarly ? "anytime" : "last" }) as [Expr];
    const shown = showGraph([result]).split("\n").slice(1, -2).join("\n");
    const isExpected = shown === after;
    return isExpected && hasValueOf(root, result) ? [] : [shown];
  });
}

/** True when a graph and what a rule made of it have equal values and gradients. */
function hasValueOf(before: Expr, after: Expr): boolean {
  const leaves = topologicalOrder([before]).filter(({ kind }) => kind === "leaf");
  const parameters = leaves.filter(({ dtype }) => dtype === "real");
  const values = new Map(leaves.map((leaf) => [leaf, numbersFor(leaf)]));
  const evaluate = (output: Expr) => {
    const slopes = output.dtype === "real" ? gradient(sum(output), parameters) : [];
    return interpret([output, ...slopes], { sizes, values }, realField).flat();
  };
  const [left, right] = [evaluate(before), evaluate(after)];
  return left.every((value, k) => isClose(value, right[k]!) || Number.isNaN(value));
}

/** Quarters, so that sums and products of a few are exact; ints count 0, 1, 0, ... */
function numbersFor(leaf: Expr): number[] {
  const count = evaluateShape(leaf.shape, sizes).reduce((product, size) => product * size, 1);
  const value = (k: number) => (leaf.dtype === "int" ? k % 2 : (((leaf.id * 3 + k * 7) % 13) - 6) / 4 + 1 / 8);
  return Array.from({ length: count }, (_, k) => value(k));
}
