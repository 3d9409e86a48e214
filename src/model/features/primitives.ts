import { UsageError } from "../../ir/errors.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { ownOperation } from "../../ops/define.ts";
import { Operations } from "../../ops/operations.ts";
import type { Dialect } from "../dialect.ts";
import { isBuiltIn } from "../elaborate/names.ts";
import { reserved } from "../syntax/parser.generated.js";
import { name as namePattern } from "../syntax/words.ts";

const isName = new RegExp(`^${namePattern}$`, "u");

/** The dialect with primitives of the user's own, which a text calls by their names. Throws UsageError for a name that no text can have. */
export function withOwnPrimitives(dialect: Dialect, records: readonly Primitive[]): Dialect {
  const operations = records.map(ownOperation);
  for (const { name } of records) {
    if (!isName.test(name) || reserved.has(name)) {
      throw new UsageError(`a primitive that texts call has a name for its name, got "${name}".`);
    }
    // beside a function of the language it would be whichever of the two a form looks up
    if (isBuiltIn(dialect, name)) {
      throw new UsageError(`"${name}" is in the language: a primitive that texts call needs another name.`);
    }
  }
  return dialect.with({ functions: { operations: new Operations(operations) } });
}
