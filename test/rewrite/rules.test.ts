import { describe, expect, it } from "vitest";
import { catalogue } from "../../src/rewrite/catalogue.ts";
import { passes } from "../../src/rewrite/passes.ts";
import type { ListName, Rules } from "../../src/rewrite/rule.ts";
import { type Sample, samplesOf } from "./both-sides.ts";

const lists: readonly ListName[] = ["exact", "stable", "real"];
const listed = lists.flatMap((list) =>
  Object.entries<Rules>(catalogue).flatMap(([subject, rules]) =>
    (rules[list] ?? []).map((rule) => ({ list, subject, rule, title: `${rule.name} (${list})` })),
  ),
);

const text = ({ point }: Sample) => `at ${point.join(", ")}`;

/** Left sides cancel; their error is a few roundings of numbers up to e^8, which the right sides do not share. */
const isClose = (a: number, b: number) => Object.is(a, b) || a === b || Math.abs(a - b) <= 2e-9 * (1 + Math.abs(a));

/** Derivatives of the two sides are other expressions, equal to a few roundings; a NaN on the left may become a number. */
function expectSlopes(sample: Sample): void {
  // at a pole neither side has a derivative
  if (!Number.isFinite(sample.left)) return;
  for (const [left, right] of sample.slopes) {
    // overflow on the way is no convention: huge points are compared by value only
    if (
      Number.isNaN(left) ||
      sample.point.some((value) => !(Math.abs(value) < 1e3) || (value !== 0 && Math.abs(value) < 1e-3))
    )
      continue;
    expect(isClose(left, right), `slope ${right} for ${left} ${text(sample)}`).toBe(true);
  }
}

describe("a rule", () => {
  it("has a name of its own", () => {
    const names = listed.map(({ rule }) => rule.name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("belongs to a pass", () => {
    const used = new Set(
      passes.flatMap((pass) => pass.rules.flatMap((rules) => lists.flatMap((list) => rules[list] ?? []))),
    );
    expect(listed.filter(({ rule }) => !used.has(rule))).toEqual([]);
  });
});

describe("a rule written as a pair", () => {
  const pairs = listed.flatMap(({ list, rule, title }) => (rule.pair ? [{ list, title, rule, pair: rule.pair }] : []));

  it.each(pairs.filter(({ list }) => list === "exact"))(
    "$title gives the same bits on both sides",
    ({ rule, pair }) => {
      const samples = samplesOf(pair, "exact", rule.phase);
      expect(samples.length).toBeGreaterThan(0);
      for (const sample of samples) {
        expect(Object.is(sample.left, sample.right), `${sample.right} for ${sample.left} ${text(sample)}`).toBe(true);
        expectSlopes(sample);
      }
    },
  );

  it.each(pairs.filter(({ list }) => list !== "exact"))(
    "$title gives the same reals on both sides",
    ({ rule, list, pair }) => {
      const samples = samplesOf(pair, list, rule.phase);
      expect(samples.filter(({ left }) => Number.isFinite(left)).length).toBeGreaterThan(20);
      for (const sample of samples) {
        if (Number.isNaN(sample.left)) continue;
        expect(isClose(sample.left, sample.right), `${sample.right} for ${sample.left} ${text(sample)}`).toBe(true);
        expectSlopes(sample);
      }
    },
  );
});
