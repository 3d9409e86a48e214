import { Integer } from "../ir/integer.ts";
import type { Program, Statement, Value } from "./loops.ts";
import { isNest, ownValues } from "./rewrite-statements.ts";

/** How often a loop steered by values is taken to run. */
const turnsOfWhile = 10;

/**
 * About how many operations a call of the program takes, with these values of its sizes: additions count as 1, other
 * primitives as their records say, and a loop whose limits move as it runs in the middle of its range.
 */
export function estimateOperations(program: Program, sizes: readonly number[]): number {
  const sizeOf = new Map(program.sizes.map((name, k) => [name, sizes[k]!]));
  const middle = new Map<number, number>();
  const numberOf = (integer: Integer) =>
    integer.evaluate((atom) =>
      atom.kind === "name" ? sizeOf.get(atom.name)! : atom.kind === "iterator" ? (middle.get(atom.iterator) ?? 0) : 0,
    );
  const ofBlock = (statements: readonly Statement[]): number =>
    statements.reduce((sum, statement) => sum + ofStatement(statement), 0);
  const ofStatement = (statement: Statement): number => {
    const own = ownValues(statement).reduce((sum, value) => sum + operationsIn(value), 0);
    if (statement.kind === "fill") return numberOf(Integer.product(statement.buffer.shape)) / 8;
    if (!isNest(statement)) return own + 1;
    if (statement.kind === "while") return turnsOfWhile * (own + ofBlock(statement.body));
    if (statement.kind === "if") return own + (ofBlock(statement.body) + ofBlock(statement.otherwise)) / 2;
    if (statement.kind === "when") return statement.guards.length + ofBlock(statement.body);
    const from = Math.max(...statement.from.map(numberOf));
    const to = Math.min(...statement.to.map(numberOf));
    middle.set(statement.variable, (from + to) / 2);
    return Math.max(0, Math.ceil((to - from) / statement.step)) * ofBlock(statement.body);
  };
  return program.parts.reduce((sum, part) => sum + ofBlock(part), 0);
}

/** About how many operations a value takes where it is computed. */
export function operationsIn(value: Value): number {
  if (value.kind === "guarded") return value.guards.length + operationsIn(value.value);
  if (value.kind !== "apply") return 0;
  return value.operands.reduce((sum, operand) => sum + operationsIn(operand), value.primitive.cost);
}
