import fc from "fast-check";
import { programs } from "../../src/check/arbitraries.ts";
import { codeLaw, deviationOf, graphLaws } from "../../src/check/laws.ts";
import type { RandomProgram } from "../../src/check/programs/programs.ts";
import { howTo } from "../../src/ir/extension.ts";
import type { Graph } from "../../src/ir/graph.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { type Pass, passes } from "../../src/rewrite/passes.ts";
import { rewrite } from "../../src/rewrite/rewrite.ts";
import type { ListName, Rule } from "../../src/rewrite/rule.ts";
import { type Subject, seed, subjectOf } from "../properties/subject.ts";
import type { Mutant } from "./mutant.ts";
import type { Row } from "./rules.ts";
import { withPrimitive } from "./transplant.ts";

// Mutants meet the properties of whole programs.

/** Programs that a mutant meets before it counts as unnoticed. */
const mostMeetings = 60;

/** `npm run mutate` takes all; the suite a part of them, which reaches fewer rows. */
const numRuns = process.env.MODE === "mutate" ? 4000 : 1000;

export const corpus: readonly RandomProgram[] = fc.sample(programs(), { numRuns, seed });

/** The programs whose loss uses each primitive. */
const programsWith = new Map<Primitive, RandomProgram[]>();
for (const program of corpus) {
  const used = topologicalOrder([program.output]).filter(({ kind }) => kind === "map");
  for (const primitive of new Set(used.map(({ graph, id }) => graph.primitiveOf(id)))) {
    programsWith.set(primitive, [...(programsWith.get(primitive) ?? []), program]);
  }
}

export const isReached = ({ row }: Mutant<Primitive>) => programsWith.has(row);

/** True when some law of derivatives fails for a program over the broken primitive. */
export function isCaughtByLaws({ row, broken }: Mutant<Primitive>): boolean {
  return programsWith
    .get(row)!
    .slice(0, mostMeetings)
    .some((program) => {
      const { derivatives, at } = subjectOf(withPrimitive(program, row, broken));
      return graphLaws.some(({ compare }) =>
        compare(derivatives, at).some((comparison) => !(deviationOf(comparison) <= 1)),
      );
    });
}

/** The programs whose derivatives each rule rewrites. */
export function programsByRule(): Map<Rule, Subject[]> {
  const found = new Map<Rule, Subject[]>();
  for (const program of corpus) {
    const subject = subjectOf(program);
    const fired = new Set<Rule>();
    const record = {
      pass: (_name: string, rewrites: readonly { readonly rule: Rule }[]) => {
        for (const { rule } of rewrites) fired.add(rule);
      },
    };
    rewrite(subject.derivatives.all, passes, { phase: "last", record });
    for (const rule of fired) {
      const known = found.get(rule) ?? [];
      if (known.length < mostMeetings) found.set(rule, [...known, subject]);
    }
  }
  return found;
}

/** True when derivatives rewritten with the broken rule leave the interpreter's values. */
export function isCaughtByValues({ row, broken }: Mutant<Row>, subjects: readonly Subject[]): boolean {
  const law = codeLaw("", "", ({ all }, at) => {
    const wrong = passesWith(row.rule, broken.rule, all[0]!.graph);
    return at.real(rewrite(all, wrong, { phase: "last" }));
  });
  return subjects.some(({ derivatives, at }) =>
    law.compare(derivatives, at).some((comparison) => !(deviationOf(comparison) <= 1)),
  );
}

/** The passes of a graph with one rule in the place of another, its extensions' among them. */
function passesWith(rule: Rule, by: Rule, { extensions }: Graph): Pass[] {
  const lists: readonly ListName[] = ["exact", "stable", "real"];
  return passes.map(({ joinedBy, rules: own, ...pass }) => {
    const further = joinedBy ? extensions.flatMap((extension) => howTo(joinedBy, extension) ?? []) : [];
    const rules = [...further, ...own].map((each) =>
      Object.fromEntries(lists.map((list) => [list, (each[list] ?? []).map((old) => (old === rule ? by : old))])),
    );
    return { ...pass, rules };
  });
}
