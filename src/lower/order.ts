import { NodeNumbers } from "../rewrite/node-numbers.ts";
import type { Statement, Value } from "./loops.ts";
import { visitStatement } from "./rewrite-statements.ts";
import { type Name, type Plain, surveyOf, writeStretch } from "./stretch.ts";

/** Statements without a loop from which on their order counts: fewer have their values in registers as they come. */
const fewest = 64;

/**
 * Long stretches of statements without loops in an order in which values die soon. A result is asked for, and what it
 * needs is computed just before; whatever can then take up a value for the last time follows at once. Sums collect terms
 * as they come, unless they are to keep the order: otherwise all terms of a gradient wait for each other.
 */
export function inShortLives(body: readonly Statement[], name: Name, keepsSums: boolean): Statement[] {
  let uses: NodeNumbers | undefined;
  const result: Statement[] = [];
  let stretch: Plain[] = [];
  const end = () => {
    const survey = stretch.length < fewest ? undefined : surveyOf(stretch);
    if (survey?.tellsApart) {
      uses ??= stretch.length === body.length ? survey.uses : usesIn(body);
      writeStretch(survey, uses, name, keepsSums, result);
    } else for (const each of stretch) result.push(each);
    stretch = [];
  };
  for (const statement of body) {
    const { kind } = statement;
    if (kind === "let" || kind === "store" || kind === "accumulate") stretch.push(statement);
    else {
      end();
      result.push(statement);
    }
  }
  end();
  return result;
}

/** How often temporaries are read, by their numbers. */
function usesIn(statements: readonly Statement[]): NodeNumbers {
  const uses = new NodeNumbers();
  const visit = {
    value: (value: Value) => {
      if (value.kind === "temporary") uses.set(value.temporary.id, uses.at(value.temporary.id) + 1);
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  return uses;
}
