import { NameError, nearestName, UsageError } from "../ir/errors.ts";
import type { Expression, Model, NumberLiteral, Statement } from "./syntax/syntax.ts";

/** What a text calls a name whose value can be given from outside. */
export type Overridable = "const" | "size";

/** The constants of a model's text and the sizes that it gives a value, by name. */
export function overridable(model: Model): Map<string, Overridable> {
  return new Map(
    model.statements.flatMap((statement): (readonly [string, Overridable])[] => {
      if (statement.kind === "definitions" && statement.keyword === "const")
        return statement.definitions.map(({ name }) => [name.name, "const"]);
      if (statement.kind === "sizes")
        return statement.sizes.flatMap(({ name, value }) => (value ? [[name.name, "size"] as const] : []));
      return [];
    }),
  );
}

/** The model with other numbers for some of its constants and sizes. Throws NameError, or UsageError for a size that is none. */
export function withValues(model: Model, values: ReadonlyMap<string, number>): Model {
  const known = overridable(model);
  for (const [name, value] of values) {
    if (!known.has(name)) {
      const near = nearestName(name, known.keys());
      throw new NameError(`the model has no constant "${name}".`, { notes: near ? [`Did you mean "${near}"?`] : [] });
    }
    if (known.get(name) === "size" && !(Number.isSafeInteger(value) && value >= 0))
      throw new UsageError(`the size "${name}" needs a whole number, got ${value}.`);
  }
  return { ...model, statements: model.statements.map((statement) => replaced(statement, values)) };
}

function replaced(statement: Statement, values: ReadonlyMap<string, number>): Statement {
  const newValue = (name: string, written: Expression) => {
    const value = values.get(name);
    return value === undefined ? written : literal(value, written);
  };
  if (statement.kind === "definitions" && statement.keyword === "const") {
    const definitions = statement.definitions.map((each) => ({ ...each, value: newValue(each.name.name, each.value) }));
    return { ...statement, definitions };
  }
  if (statement.kind === "sizes") {
    const sizes = statement.sizes.map((each) => ({
      ...each,
      value: each.value && newValue(each.name.name, each.value),
    }));
    return { ...statement, sizes };
  }
  return statement;
}

/** A number in the place of what was written. */
function literal(value: number, { span }: Expression): Expression {
  const number: NumberLiteral = { kind: "number", text: String(Math.abs(value)), value: Math.abs(value), span };
  return value < 0 ? { kind: "unary", operator: "-", operand: number, span } : number;
}
