import { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import type { Loop, Statement, Temporary, Value } from "./loops.ts";
import { mapBodies, openGuards, valueMapping } from "./rewrite-statements.ts";

/** Where names of numbers and variables of whole numbers come from that nothing else has. */
export interface Fresh {
  temporary(dtype: DType): Temporary;
  loopVariable(): number;
}

/** Statements once more, with names and variables of their own for what they define. */
export class Copy {
  protected readonly fresh: Fresh;
  private readonly temporaries = new Map<Temporary, Temporary>();
  private readonly variables = new Map<number, Integer>();

  constructor(fresh: Fresh) {
    this.fresh = fresh;
  }

  /** Gives a variable of the original a place. */
  place(variable: number, position: Integer): void {
    this.variables.set(variable, position);
  }

  /** Puts a variable of numbers in the place of one of the original. */
  replace(temporary: Temporary, other: Temporary): void {
    this.temporaries.set(temporary, other);
  }

  statements(body: readonly Statement[]): Statement[] {
    return body.flatMap((statement) => this.statement(statement));
  }

  protected statement(statement: Statement): Statement[] {
    switch (statement.kind) {
      case "let":
      case "start": {
        const value = this.value(statement.value);
        const temporary = this.fresh.temporary(statement.temporary.dtype);
        this.replace(statement.temporary, temporary);
        return [{ ...statement, temporary, value }];
      }
      case "assign":
      case "combine": {
        const temporary = this.temporaries.get(statement.temporary) ?? statement.temporary;
        return [{ ...statement, temporary, value: this.value(statement.value) }];
      }
      case "store":
      case "accumulate":
        return [{ ...statement, address: this.integer(statement.address), value: this.value(statement.value) }];
      case "index": {
        const value = this.value(statement.value);
        return [{ ...statement, variable: this.variable(statement.variable), value }];
      }
      case "for":
        return [this.loop(statement)];
      case "when": {
        const guards = openGuards(statement.guards, (integer) => this.integer(integer));
        const body = guards ? this.statements(statement.body) : [];
        return guards && guards.length > 0 ? [{ ...statement, guards, body }] : body;
      }
      case "if":
      case "while": {
        const condition = this.value(statement.condition);
        return [{ ...mapBodies(statement, (body) => this.statements(body)), condition }];
      }
      case "fill":
        return [statement];
      default:
        throw new Error(`internal: cannot copy ${statement.kind}`);
    }
  }

  protected loop(loop: Loop): Loop {
    const [from, to] = [loop.from, loop.to].map((limits) => limits.map((limit) => this.integer(limit)));
    return { ...loop, from: from!, to: to!, variable: this.variable(loop.variable), body: this.statements(loop.body) };
  }

  private variable(variable: number): number {
    const own = this.fresh.loopVariable();
    this.place(variable, Integer.iterator(own));
    return own;
  }

  protected integer(integer: Integer): Integer {
    return integer.substitute((atom) => (atom.kind === "iterator" ? this.variables.get(atom.iterator) : undefined));
  }

  private readonly value: (value: Value) => Value = valueMapping(
    (temporary) => this.temporaries.get(temporary),
    (integer) => this.integer(integer),
  );
}
