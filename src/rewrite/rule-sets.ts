import { type Extension, howTo } from "../ir/extension.ts";
import type { Expr } from "../ir/graph.ts";
import type { Pass } from "./passes.ts";
import type { Level, ListName, Phase, Rule, RulePhase, Rules } from "./rule.ts";
import { type Member, RuleTable } from "./sweeps/rule-table.ts";

// The rules of passes as one table. A pass in a phase is a set of rules, and has a bit: of each rule the table has the sets it is in.

const listsOf: Readonly<Record<Level, readonly ListName[]>> = {
  none: [],
  exact: ["exact"],
  all: ["exact", "stable", "real"],
};

/** The rules of a pass in a phase as a set of a table: a bit of their own. */
export const setOf = (place: number, phase: Phase): number => 1 << (2 * place + (phase === "last" ? 1 : 0));

/** The sets of the passes that a rule joins in its phase, from the bits of their sets before the last derivative. */
const setsIn: Readonly<Record<RulePhase, (passes: number) => number>> = {
  anytime: (passes) => passes | (passes << 1),
  early: (passes) => passes,
  last: (passes) => passes << 1,
};

/** The subjects of passes, in one order that is the order of each. */
function inOneOrder(lists: readonly (readonly Rules[])[]): Rules[] {
  const ordered: Rules[] = [];
  for (const list of lists) {
    let place = 0;
    for (const subject of list) {
      if (!ordered.includes(subject)) ordered.splice(place, 0, subject);
      place = ordered.indexOf(subject) + 1;
    }
  }
  return ordered;
}

/** The rules of passes at a level and the sets that have them, exact ones first. */
function membersOf(passes: readonly Pass[], level: Level, extensions: readonly Extension[]): Member[] {
  const subjects = passes.map(({ joinedBy, rules }) => [
    ...(joinedBy ? extensions.flatMap((extension) => howTo(joinedBy, extension) ?? []) : []),
    ...rules,
  ]);
  const joined = new Map(inOneOrder(subjects).map((subject) => [subject, 0]));
  for (const [place, list] of subjects.entries()) {
    for (const subject of list) joined.set(subject, joined.get(subject)! | setOf(place, "anytime"));
  }
  const members = new Map<Rule, number>();
  const unasked = new Map<Expr, Rule[]>();
  for (const name of listsOf[level]) {
    for (const [subject, bits] of joined) {
      for (const rule of subject[name] ?? []) {
        members.set(rule, (members.get(rule) ?? 0) | setsIn[rule.phase](bits));
        const { pair } = rule;
        if (pair && !pair.where && !pair.once) unasked.set(pair.left, [...(unasked.get(pair.left) ?? []), rule]);
      }
    }
  }
  // what another rule does without a condition needs no question: facts of a sum are found in all that is below it
  const saidElse = ({ name, pair }: Rule) =>
    name && pair?.where ? (unasked.get(pair.left) ?? []).filter((other) => other.pair?.right === pair.right) : [];
  return [...members].map(([rule, sets]) => [
    rule,
    saidElse(rule).reduce((left, other) => left & ~members.get(other)!, sets),
  ]);
}

const tables = new WeakMap<readonly Pass[], Map<string, RuleTable>>();

/** The rules of passes, 15 at most, that a level allows; made once. */
export function tableOf(passes: readonly Pass[], level: Level, extensions: readonly Extension[]): RuleTable {
  const ofPasses = tables.get(passes) ?? new Map<string, RuleTable>();
  tables.set(passes, ofPasses);
  const key = [level, ...extensions.map(({ name }) => name)].join();
  const known = ofPasses.get(key) ?? new RuleTable(membersOf(passes, level, extensions));
  ofPasses.set(key, known);
  return known;
}
