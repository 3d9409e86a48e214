import { describe, expect, it } from "vitest";
import { allExtensions } from "../../src/extensions/all.ts";
import { type Extension, howTo } from "../../src/ir/extension.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { add, mul, sub } from "../../src/ops/elementary/algebra.ts";
import { not } from "../../src/ops/elementary/comparison.ts";
import { Facts } from "../../src/rewrite/facts/facts.ts";
import { passes } from "../../src/rewrite/passes.ts";
import { c, y } from "../../src/rewrite/pattern.ts";
import { type Level, type ListName, type Phase, type Rules, rule } from "../../src/rewrite/rule.ts";
import { nameOf } from "../../src/rewrite/rule-name.ts";
import { setOf, tableOf } from "../../src/rewrite/rule-sets.ts";
import { answersItself, isPair, meetsItself, type PairRule, type Sample, samplesOf } from "./both-sides.ts";
import { catalogue } from "./catalogue.ts";
import { alone } from "./context.ts";
import { domains } from "./domains.ts";

const lists: readonly ListName[] = ["exact", "stable", "real"];
const listed = lists.flatMap((list) =>
  Object.entries<Rules>(catalogue).flatMap(([subject, rules]) =>
    (rules[list] ?? []).map((rule) => ({ list, subject, rule, title: `${nameOf(rule)} (${list})` })),
  ),
);

/** The rules of a pass, by its place, in the order in which they are tried. */
const rulesOf = (place: number, level: Level, phase: Phase, extensions: readonly Extension[] = []) =>
  tableOf(passes, level, extensions).members.flatMap(([rule, sets]) => (sets & setOf(place, phase) ? [rule] : []));

const text = ({ point }: Sample) => `at ${point.join(", ")}`;

/** Left sides cancel; their error is a few roundings of numbers up to e^8, which the right sides do not share. */
const isClose = (a: number, b: number) => Object.is(a, b) || a === b || Math.abs(a - b) <= 2e-9 * (1 + Math.abs(a));

/** Derivatives of the two sides are other expressions, equal to a few roundings; a NaN on the left may become a number. */
function slopeFaults(sample: Sample): string[] {
  // overflow on the way is no convention: huge and tiny points are compared by value only, and a pole has no derivative
  const isPlain = sample.point.every((value) => value === 0 || (Math.abs(value) < 1e3 && Math.abs(value) > 1e-3));
  if (!isPlain || !Number.isFinite(sample.left)) return [];
  return sample.slopes.flatMap(([left, right]) =>
    Number.isNaN(left) || isClose(left, right) ? [] : [`slope ${right} for ${left} ${text(sample)}`],
  );
}

describe("a rule", () => {
  it("has a name of its own", () => {
    const names = listed.map(({ rule }) => nameOf(rule));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("belongs to a pass", () => {
    const phases = ["anytime", "last"] as const;
    const levels = ["exact", "all"] as const;
    const used = new Set(
      passes.flatMap((_, place) =>
        levels.flatMap((level) => phases.flatMap((phase) => rulesOf(place, level, phase, allExtensions))),
      ),
    );
    expect(listed.filter(({ rule }) => !used.has(rule))).toEqual([]);
  });

  it("is tried in the order of its pass, behind those that keep more of the bits", () => {
    for (const [place, { rules: own, joinedBy }] of passes.entries()) {
      const further = joinedBy ? allExtensions.flatMap((extension) => howTo(joinedBy, extension) ?? []) : [];
      const inPass = lists.flatMap((list) => [...further, ...own].flatMap((subject) => subject[list] ?? []));
      const tried = rulesOf(place, "all", "last", allExtensions);
      expect(tried).toEqual(inPass.filter((rule) => tried.includes(rule)));
    }
  });

  it("is not asked where another one makes the same without its condition", () => {
    const namesAt = (level: "exact" | "all") => rulesOf(0, level, "last").map(nameOf);
    expect(namesAt("exact")).toContain("x plus zero");
    expect(namesAt("all")).not.toContain("x plus zero");
    expect(namesAt("all").length).toBeGreaterThan(namesAt("exact").length);
  });
});

describe("a rule written as a pair", () => {
  it("computes what its right side makes of constants", () => {
    const graph = new Graph();
    const [x, seven] = [graph.param("x", []), graph.constant(7, [])];
    const split = rule(mul(y, c), add(mul(y, sub(c, 2)), sub(c, 5)));
    const context = alone(graph, new Facts(graph));
    expect(split.apply(mul(x, seven), context)).toBe(add(mul(x, 5), 2));
  });

  const pairs = listed.flatMap(({ list, rule, title }) => (isPair(rule) ? [{ list, title, rule }] : []));

  it("meets its own left side before another rule does, in some pass", () => {
    const orders = [[], allExtensions].flatMap((extensions) =>
      (["exact", "all"] as const).flatMap((level) =>
        (["anytime", "last"] as const).flatMap((phase) =>
          passes.map((_, place) => rulesOf(place, level, phase, extensions)),
        ),
      ),
    );
    const isMet = (rule: PairRule) =>
      orders.some((rules) => rules.includes(rule) && meetsItself(rule, rules.slice(0, rules.indexOf(rule))));
    const hidden = pairs.filter(({ rule }) => !isMet(rule)).map(({ rule }) => nameOf(rule));
    // x is a choice, or y is a constant
    const special = ["pow(add(x, 1), reciprocal(x))", "div(x, expm1(mul(x, y)))", "div(x, expm1(neg(mul(x, y))))"];
    expect(hidden.filter((name) => !special.includes(name))).toEqual([]);
  });

  it("is drawn from where a row of the table says", () => {
    const names = new Set(pairs.map(({ rule }) => nameOf(rule)));
    expect(Object.keys(domains).filter((name) => !names.has(name))).toEqual([]);
  });

  it.each(pairs.filter(({ list }) => list === "exact"))("$title gives the same bits on both sides", ({ rule }) => {
    expect(faultsOf(rule, "exact")).toEqual([]);
  });

  it.each(pairs.filter(({ list }) => list !== "exact"))(
    "$title gives the same reals on both sides",
    ({ rule, list }) => {
      const samples = samplesOf(rule, list);
      expect(samples.filter(({ left }) => Number.isFinite(left)).length).toBeGreaterThan(20);
      expect(faultsOf(rule, list)).toEqual([]);
    },
  );

  it.each(pairs)("$title answers its own left side", ({ rule }) => {
    expect(answersItself(rule)).toBe(true);
  });

  it.each(pairs)("$title would be caught with a slightly wrong right side", ({ rule, list }) => {
    const { pair } = rule;
    const { right } = pair;
    const wrong = (side: Expr): Expr => {
      if (Number.isNaN(side.constant)) return side.graph.constantLike(1, side);
      return side.dtype === "bool" ? not(side) : add(mul(side, 1 + 2 ** -16), 2 ** -16);
    };
    const spoiled: typeof right =
      typeof right === "function" ? (bindings) => ((side) => side && wrong(side))(right(bindings)) : wrong(right);
    expect(faultsOf({ ...rule, pair: { ...pair, right: spoiled } }, list).length).toBeGreaterThan(0);
  });
});

/** Where the two sides of a pair differ, as text. */
function faultsOf(rule: PairRule, list: ListName): string[] {
  const samples = samplesOf(rule, list);
  return samples.flatMap((sample) => {
    const { left, right } = sample;
    // a stable or real rule may put a number in the place of NaN
    const agrees = list === "exact" ? Object.is(left, right) : Number.isNaN(left) || isClose(left, right);
    return agrees ? slopeFaults(sample) : [`${right} for ${left} ${text(sample)}`];
  });
}
