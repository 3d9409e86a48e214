import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Statement, Value } from "../program/loops.ts";
import { isNest, ownValue, visitStatement } from "../program/rewrite-statements.ts";

/**
 * Operations in one printed function. V8 optimises no function above 61,440 bytes of bytecode; straight-line code of
 * about this many operations stays well below.
 */
export const largestPart = 1000;

/**
 * The statements and the applied primitives in statements, counted until there are more than `most`. Shared loops and parts stand
 * elsewhere, and count as the statements that they are.
 */
export function operationsOf(statements: readonly Statement[], most = Number.POSITIVE_INFINITY): number {
  let count = 0;
  for (let k = 0; k < statements.length && count <= most; k++) {
    const statement = statements[k]!;
    const value = ownValue(statement);
    count += 1 + (value ? appliedIn(value) : 0);
    if (!isNest(statement) || statement.kind === "part") continue;
    count += operationsOf(statement.body, most - count);
    if (statement.kind === "if") count += operationsOf(statement.otherwise, most - count);
  }
  return count;
}

function appliedIn(value: Value): number {
  if (value.kind === "guarded") return appliedIn(value.value);
  if (value.kind !== "apply") return 0;
  let count = 1;
  for (let k = 0; k < value.operands.length; k++) count += appliedIn(value.operands[k]!);
  return count;
}

/** What statements hold, inner ones included. */
export interface Survey {
  /** The operations of each. */
  readonly operations: Int32Array;
  /** The numbers of the temporaries that statement k reads: from `starts[k]` to `starts[k + 1]`. */
  readonly reads: readonly number[];
  readonly starts: Int32Array;
  /** By the numbers of variables: one more than the position of the last statement that changes it. */
  readonly lastChange: NodeNumbers;
}

/** Finds it in one walk over the values. */
export function surveyOf(statements: readonly Statement[]): Survey {
  const operations = new Int32Array(statements.length);
  const starts = new Int32Array(statements.length + 1);
  const reads: number[] = [];
  const lastChange = new NodeNumbers();
  let count = 0;
  let position = 0;
  const visitValue = (value: Value): void => {
    if (value.kind === "temporary") reads.push(value.id);
    else if (value.kind === "guarded") visitValue(value.value);
    else if (value.kind === "apply") {
      count++;
      for (let k = 0; k < value.operands.length; k++) visitValue(value.operands[k]!);
    }
  };
  const visitStatements = {
    statement: (statement: Statement) => {
      count++;
      const { kind } = statement;
      // shared loops and parts stand elsewhere, but what loops read is an argument
      if (kind === "shared") count -= operationsOf([statement.loop]);
      else if (kind === "part") count -= operationsOf(statement.body);
      else if (kind === "start" || kind === "assign" || kind === "combine")
        lastChange.set(statement.temporary.id, position + 1);
      const value = ownValue(statement);
      if (value) visitValue(value);
    },
  };
  for (; position < statements.length; position++) {
    count = 0;
    visitStatement(statements[position]!, visitStatements);
    operations[position] = count;
    starts[position + 1] = reads.length;
  }
  return { operations, reads, starts, lastChange };
}

/** Cuts of a range of statements after about `largestPart` operations, never while a variable is still being combined into. */
export function cutPositions(
  body: readonly Statement[],
  { operations: sizes, lastChange }: Survey,
  [from, to]: readonly [from: number, to: number],
): number[] {
  const cuts: number[] = [];
  let inPart = 0;
  let openUntil = -1;
  for (let position = from; position < to; position++) {
    const statement = body[position]!;
    if (inPart > 0 && inPart + sizes[position]! > largestPart && position > openUntil) {
      cuts.push(position);
      inPart = 0;
    }
    if (statement.kind === "start") openUntil = Math.max(openUntil, lastChange.at(statement.temporary.id) - 1);
    inPart += sizes[position]!;
  }
  return cuts;
}
