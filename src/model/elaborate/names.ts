import { boolTerm, realTerm, type Term } from "../../build/terms/term.ts";
import { NameError, UsageError } from "../../ir/errors.ts";
import type { Dialect } from "../dialect.ts";
import type { Name } from "../syntax/syntax.ts";
import { lineAndColumn, suggestion } from "./blame.ts";
import type { Context } from "./context.ts";
import type { Scope, Value } from "./values.ts";

/** Constants that every model knows. */
const constants: ReadonlyMap<string, (context: Context) => Term> = new Map([
  ["pi", ({ builder }) => realTerm(builder, Math.PI)],
  ["inf", ({ builder }) => realTerm(builder, Number.POSITIVE_INFINITY)],
  ["nan", ({ builder }) => realTerm(builder, Number.NaN)],
  ["true", ({ builder }) => boolTerm(builder, true)],
  ["false", ({ builder }) => boolTerm(builder, false)],
]);

/** Names that a model should leave alone; what functions are called elsewhere is free. */
export function isBuiltIn({ constructs, vocabulary }: Dialect, name: string): boolean {
  return constants.has(name) || constructs.has(name) || vocabulary.isOwnName(name);
}

function* builtInNames({ constructs, vocabulary }: Dialect): Iterable<string> {
  yield* constants.keys();
  yield* constructs.keys();
  yield* vocabulary.names();
}

/** What a name stands for. Throws NameError with the nearest known name. */
export function lookUp(context: Context, { name, span }: Name, scope: Scope): Value {
  const entry = scope.find(name);
  if (entry && entry.role !== "function") return entry.value;
  const constant = constants.get(context.dialect.constantNamed(name));
  if (constant && !entry) return constant(context);
  if (entry || context.dialect.vocabulary.isCallable(name)) {
    throw new UsageError(`"${name}" is a function and needs its operands.`, { notes: [`Write "${name}(...)".`] });
  }
  throw new NameError(`unknown name "${name}".`, { span, notes: wayOut(context, { name, span }, scope) });
}

function wayOut(context: Context, { name, span }: Pick<Name, "name" | "span">, scope: Scope): readonly string[] {
  const later = context.declared.get(name);
  if (later) {
    const where = `"${name}" is declared at ${lineAndColumn(later)}, below`;
    return [`${where}: move its declaration above this use, or give one of the two another name.`];
  }
  const glued = gluedCall(context.dialect, name, scope);
  if (glued) return [`Did you mean "${glued}"?`];
  const advice = context.dialect.adviceOnNumber(name) ?? context.dialect.help?.unknown(span);
  const isShort = name.length <= 2;
  if (context.indexDepth > 0 && (name.length === 1 || (isShort && !advice))) {
    return [`An index belongs to a binder: "sum(${name}: ...)" or "[${name}: ...]" runs over all positions.`];
  }
  if (advice) return [advice];
  return suggestion(
    name,
    [...scope.all()].filter((entry) => !isShort || entry.name.length > 1),
    name.length === 1 ? [] : builtInNames(context.dialect),
  );
}

/** "log10x" as log10(x): a function whose operand lost its brackets. */
function gluedCall({ vocabulary }: Dialect, name: string, scope: Scope): string | undefined {
  for (const entry of scope.all()) {
    const callee = name.endsWith(entry.name) ? name.slice(0, -entry.name.length) : "";
    if (callee.length > 1 && vocabulary.isCallable(callee)) return `${callee}(${entry.name})`;
  }
  return undefined;
}
