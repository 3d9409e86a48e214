import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Statement, Value } from "../program/loops.ts";
import { visitStatement } from "../program/rewrite-statements.ts";
import { perform } from "./perform-steps.ts";
import { type Name, type Plain, type Stretch, stretchOf } from "./stretch.ts";
import { stepsOf } from "./stretch-steps.ts";

/** Statements without a loop from which on their order counts: fewer have their values in registers as they come. */
const fewest = 64;

/**
 * Long stretches of statements without loops in an order in which values die soon. A result is asked for, and what it
 * needs is computed just before; whatever can then take up a value for the last time follows at once. Sums collect terms
 * as they come, unless they are to keep the order: otherwise all terms of a gradient wait for each other.
 */
export function inShortLives(body: readonly Statement[], name: Name, keepsSums: boolean): readonly Statement[] {
  const runs = runsOf(body);
  if (runs.every(({ stretch }) => !stretch)) return body;
  const uses = usesIn(runs);
  const result: Statement[] = [];
  for (const { statements, stretch } of runs) {
    if (stretch) perform(stepsOf(stretch, uses, name, keepsSums), name, result);
    else for (const statement of statements) result.push(statement);
  }
  return result;
}

/** Statements in a row; those that get an order of their own are a stretch. */
interface Run {
  readonly statements: readonly Statement[];
  readonly stretch: Stretch | undefined;
}

function runsOf(body: readonly Statement[]): Run[] {
  const runs: Run[] = [];
  const end = (statements: readonly Plain[]) => {
    if (statements.length === 0) return;
    const stretch = statements.length < fewest ? undefined : stretchOf(statements);
    runs.push({ statements, stretch: stretch?.tellsApart ? stretch : undefined });
  };
  let plain: Plain[] = [];
  for (let k = 0; k < body.length; k++) {
    const statement = body[k]!;
    const { kind } = statement;
    if (kind === "let" || kind === "store" || kind === "accumulate") {
      plain.push(statement);
      continue;
    }
    end(plain);
    plain = [];
    runs.push({ statements: [statement], stretch: undefined });
  }
  end(plain);
  return runs;
}

/** How often temporaries are read, by their numbers. */
function usesIn(runs: readonly Run[]): NodeNumbers {
  if (runs.length === 1) return runs[0]!.stretch!.uses;
  const uses = new NodeNumbers();
  const visit = {
    value: (value: Value) => {
      if (value.kind === "temporary") uses.set(value.id, uses.at(value.id) + 1);
    },
  };
  for (const { statements } of runs) for (const statement of statements) visitStatement(statement, visit);
  return uses;
}
