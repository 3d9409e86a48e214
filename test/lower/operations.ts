import type { Combine } from "../../src/ir/contraction.ts";
import type { Integer } from "../../src/ir/integer.ts";
import type { Program, Statement, Value } from "../../src/lower/program/loops.ts";

/** What a program does for given sizes. */
export interface Work {
  /**
   * Add, multiply and compare count 1, a primitive what its record says, a term of a sum 1 for the addition. Loads,
   * stores and addresses count nothing.
   */
  readonly operations: number;
  /** Statements run, each time that they are; filling an array counts as a statement for each element. */
  readonly statements: number;
}

/** The work of a program, by walking its loops. */
export function workOf(program: Program, sizes: ReadonlyMap<string, number>): Work {
  let statements = 0;
  const variables = new Map<number, number>();
  const evaluated = (integer: Integer): number =>
    integer.evaluate((atom) => {
      if (atom.kind === "name") return sizes.get(atom.name)!;
      return atom.kind === "iterator" ? (variables.get(atom.iterator) ?? Number.NaN) : Number.NaN;
    });
  const isPresent = (guards: readonly { readonly index: Integer; readonly extent: Integer | undefined }[]) =>
    guards.every(({ index, extent }) => {
      const at = evaluated(index);
      return !(at < 0) && !(extent && at >= evaluated(extent));
    });

  function cost(value: Value): number {
    if (value.kind === "guarded") return isPresent(value.guards) ? cost(value.value) : 0;
    if (value.kind !== "apply") return 0;
    const { primitive, operands } = value;
    const times = primitive.arity === "variadic" ? operands.length - 1 : 1;
    return operands.reduce((sum, operand) => sum + cost(operand), primitive.cost * times);
  }

  const meeting: Readonly<Record<Combine, number>> = { sum: 1, prod: 1, max: 1, min: 1 };

  function run(body: readonly Statement[]): number {
    let count = 0;
    for (const statement of body) {
      statements++;
      switch (statement.kind) {
        case "for": {
          const from = Math.max(...statement.from.map(evaluated));
          const to = Math.min(...statement.to.map(evaluated));
          for (let i = from; i < to; i += statement.step) {
            variables.set(statement.variable, i);
            count += run(statement.body);
          }
          break;
        }
        case "index":
          if (statement.value.kind === "integer") variables.set(statement.variable, evaluated(statement.value.integer));
          break;
        case "let":
        case "start":
        case "assign":
        case "store":
          count += cost(statement.value);
          break;
        case "combine":
        case "accumulate":
          count += cost(statement.value) + meeting[statement.combine];
          break;
        case "when":
          if (isPresent(statement.guards)) count += run(statement.body);
          break;
        case "call":
          for (const part of program.routines[statement.routine]!.parts) count += run(part);
          break;
        case "fill":
          statements += statement.buffer.shape.map(evaluated).reduce((product, size) => product * size, 1);
          break;
      }
    }
    return count;
  }

  const operations = program.parts.reduce((sum, part) => sum + run(part), 0);
  return { operations, statements };
}
