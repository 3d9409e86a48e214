import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Statement, Value } from "../program/loops.ts";
import { visitStatement } from "../program/rewrite-statements.ts";
import { type Name, type Plain, type Survey, surveyOf, writeStretch } from "./stretch.ts";

/** Statements without a loop from which on their order counts: fewer have their values in registers as they come. */
const fewest = 64;

/**
 * Long stretches of statements without loops in an order in which values die soon. A result is asked for, and what it
 * needs is computed just before; whatever can then take up a value for the last time follows at once. Sums collect terms
 * as they come, unless they are to keep the order: otherwise all terms of a gradient wait for each other.
 */
export function inShortLives(body: readonly Statement[], name: Name, keepsSums: boolean): readonly Statement[] {
  const runs = runsOf(body);
  if (runs.every(({ survey }) => !survey)) return body;
  const uses = usesIn(runs);
  const result: Statement[] = [];
  for (const { statements, survey } of runs) {
    if (survey) writeStretch(survey, uses, name, keepsSums, result);
    else for (const statement of statements) result.push(statement);
  }
  return result;
}

/** Statements in a row; those that get an order of their own have been surveyed. */
interface Run {
  readonly statements: readonly Statement[];
  readonly survey: Survey | undefined;
}

function runsOf(body: readonly Statement[]): Run[] {
  const runs: Run[] = [];
  const end = (statements: readonly Plain[]) => {
    if (statements.length === 0) return;
    const survey = statements.length < fewest ? undefined : surveyOf(statements);
    runs.push({ statements, survey: survey?.tellsApart ? survey : undefined });
  };
  let stretch: Plain[] = [];
  for (let k = 0; k < body.length; k++) {
    const statement = body[k]!;
    const { kind } = statement;
    if (kind === "let" || kind === "store" || kind === "accumulate") {
      stretch.push(statement);
      continue;
    }
    end(stretch);
    stretch = [];
    runs.push({ statements: [statement], survey: undefined });
  }
  end(stretch);
  return runs;
}

/** How often temporaries are read, by their numbers. */
function usesIn(runs: readonly Run[]): NodeNumbers {
  if (runs.length === 1) return runs[0]!.survey!.uses;
  const uses = new NodeNumbers();
  const visit = {
    value: (value: Value) => {
      if (value.kind === "temporary") uses.set(value.id, uses.at(value.id) + 1);
    },
  };
  for (const { statements } of runs) for (const statement of statements) visitStatement(statement, visit);
  return uses;
}
